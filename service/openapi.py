"""The description of the API, and a page for it whose scripts are served from here."""

from importlib.metadata import version
from typing import Any

from litestar import Request, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from corpus.bibliography import FORMATS
from service.exposure import OPEN

__all__ = ["openapi_config"]

_Schema = dict[str, Any]

_METHODS = {"get", "put", "post", "delete", "patch"}

_PROBLEM: _Schema = {
    "description": "What is wrong and how to mend it (RFC 9457).",
    "headers": {"Retry-After": {"description": "With 429 and 503, in seconds.", "schema": {"type": "integer"}}},
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["status", "title", "detail"],
                "properties": {
                    "type": {"type": "string", "format": "uri-reference"},
                    "status": {"type": "integer"},
                    "title": {"type": "string"},
                    "detail": {"type": "string"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["field", "message"],
                            "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                        },
                    },
                },
            }
        }
    },
}


def openapi_config(*, with_key: bool) -> OpenAPIConfig:
    """Where the description is served, as JSON and as a page that works without any network.

    A key is needed `with_key`, else it may be sent.
    """
    page = _Page(
        js_url="/swagger-ui/swagger-ui-bundle.js",
        css_url="/swagger-ui/swagger-ui.css",
        standalone_preset_js_url="/swagger-ui/swagger-ui-standalone-preset.js",
        favicon="<link rel='icon' href='data:,'>",
        path="/",
    )
    return OpenAPIConfig(
        title="loccit",
        version=version("loccit"),
        openapi_router=Router("/docs", route_handlers=[], include_in_schema=False, opt=OPEN),
        render_plugins=[page, _Json()],
        components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"key": []}] if with_key else [{}, {"key": []}],
        use_handler_docstrings=True,
    )


class _Json(JsonRenderPlugin):
    _rendered = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: _Schema) -> bytes:
        self._rendered = self._rendered or super().render(request, _completed(openapi_schema))
        return self._rendered


class _Page(SwaggerRenderPlugin):
    _rendered = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: _Schema) -> bytes:
        self._rendered = self._rendered or super().render(request, _completed(openapi_schema))
        return self._rendered


def _completed(schema: _Schema) -> _Schema:
    """The description that follows from the handlers, with what all of them have: problems, and forms of records."""
    schema.setdefault("components", {}).setdefault("responses", {})["Problem"] = _PROBLEM
    for path in schema["paths"].values():
        for method in _METHODS & path.keys():
            _complete(path[method])
    return schema


def _complete(operation: _Schema) -> None:
    responses = operation["responses"]
    problem = {"$ref": "#/components/responses/Problem"}
    # A route whose errors are of another form describes them itself.
    if "4XX" not in responses:
        for status in [status for status in responses if status >= "400"]:
            responses[status] = problem
        responses |= {"4XX": problem, "5XX": problem}
    if any(each.get("name") == "format" for each in operation.get("parameters", ())):
        kinds = {each.media_type: {"type": "array" if name == "csl" else "string"} for name, each in FORMATS.items()}
        responses["200"]["content"] |= {media_type: {"schema": kind} for media_type, kind in kinds.items()}
