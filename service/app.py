"""The Litestar application: everything is wired here."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.static_files import create_static_files_router

from index import Searcher, Snapshot, Store
from service.ask import ask_router
from service.documents import documents_router
from service.health import health_router
from service.locate import locate_router
from service.problems import problems_plugin
from service.settings import Settings, read_settings
from service.works import works_router

__all__ = ["create_app"]

STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings | None = None) -> Litestar:
    """The service for the published snapshot of the store that the settings name."""
    settings = settings or read_settings()
    return Litestar(
        route_handlers=[
            Router("/v1", route_handlers=[ask_router(), documents_router(), works_router()]),
            Router("/v1", route_handlers=[locate_router(Store(settings.store))]),
            health_router(),
            create_static_files_router("/", [STATIC], html_mode=True, name="pages"),
        ],
        lifespan=[_searcher_from(Store(settings.store))],
        dependencies={"searcher": Provide(_provide_searcher, sync_to_thread=False)},
        plugins=[problems_plugin()],
        cors_config=CORSConfig(allow_origins=list(settings.allow_origins), allow_methods=["GET", "POST"]),
        openapi_config=_openapi(),
    )


def _searcher_from(store: Store) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def load(app: Litestar) -> AsyncIterator[None]:
        app.state.searcher = Searcher(Snapshot.open(store))
        yield

    return load


def _provide_searcher(state: State) -> Searcher:
    searcher: Searcher = state.searcher
    return searcher


def _openapi() -> OpenAPIConfig:
    """The description of the API, and a page for it whose scripts are served from here."""
    page = SwaggerRenderPlugin(
        js_url="/swagger-ui/swagger-ui-bundle.js",
        css_url="/swagger-ui/swagger-ui.css",
        standalone_preset_js_url="/swagger-ui/swagger-ui-standalone-preset.js",
        favicon="<link rel='icon' href='data:,'>",
        path="/",
    )
    return OpenAPIConfig(
        title="loccit",
        version=version("loccit"),
        path="/docs",
        render_plugins=[page],
        use_handler_docstrings=True,
    )
