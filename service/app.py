"""The Litestar application: everything is wired here."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

from index import Searcher, Store
from service.access import Access
from service.admin import admin_router
from service.ask import ask_router
from service.cors import origin_headers
from service.current import Current, current_of
from service.documents import documents_router
from service.executor import BoundedExecutor
from service.feedback import feedback_router
from service.feedback_store import FeedbackStore
from service.health import health_router
from service.locate import locate_router
from service.metrics import metrics
from service.observing import observed
from service.openapi import openapi_config
from service.pages import pages_router
from service.problems import problems_plugin
from service.projections import projection_routers
from service.recording import provide_recorder, recording
from service.revalidation import Revalidation
from service.settings import Settings, read_settings
from service.widget import widget_router
from service.works import works_router

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Litestar:
    """The service for the published snapshot of the store that the settings name."""
    settings = settings or read_settings()
    store = Store(settings.store)
    current = Current(store, keep_questions=settings.log_questions)
    access = Access(settings)
    feedback = FeedbackStore.of(settings)
    app = _Application(
        route_handlers=[
            Router("/v1", route_handlers=[ask_router(access.by_address), locate_router(store), feedback_router()]),
            Router("/v1", route_handlers=[documents_router(), works_router()], middleware=[Revalidation()]),
            Router("/v1", route_handlers=[admin_router(store, feedback)]),
            *projection_routers(),
            health_router(),
            metrics,
            widget_router(),
            pages_router(),
        ],
        lifespan=[recording(feedback), _answering(settings, current)],
        dependencies={
            "searcher": Provide(_provide_searcher),
            "recorder": Provide(provide_recorder, sync_to_thread=False),
        },
        plugins=[problems_plugin()],
        middleware=[access],
        before_send=[origin_headers(access.reads)],
        request_max_body_size=settings.max_body,
        compression_config=CompressionConfig(
            "gzip", minimum_size=1000, gzip_compress_level=5, exclude=["^/swagger-ui/", "^/docs"]
        ),
        openapi_config=openapi_config(with_key=access.mode == "keys"),
        logging_config=None,
    )
    app.asgi_handler = observed(app.asgi_handler, deadline=settings.deadline)
    return app


class _Application(Litestar):
    """Without Litestar's plugins for types of pydantic and attrs, which no handler has and which take long to import.

    The hook is private to Litestar (2.25). Were it renamed, the plugins would be back, and nothing else change.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def _answering(settings: Settings, current: Current) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """While the service runs: the threads that answer, and the snapshot that is followed."""

    @asynccontextmanager
    async def answering(app: Litestar) -> AsyncIterator[None]:
        app.state.current = current
        # As many in each process: connections are not shared evenly among processes, and one may have to do it all.
        threads = settings.threads or len(os.sched_getaffinity(0))
        with BoundedExecutor(threads, settings.queue) as executor:
            # Handlers that compute run there.
            asyncio.get_running_loop().set_default_executor(executor)
            async with current.following():
                yield

    return answering


async def _provide_searcher(state: State) -> Searcher:
    return await current_of(state).get()
