"""The headers by which a browser is told whether a page may read a response (CORS, in the Fetch standard)."""

from collections.abc import Callable

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

__all__ = ["is_preflight", "origin_headers"]

_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match, X-Request-ID, "
    "Mcp-Method, Mcp-Protocol-Version",
    "Access-Control-Max-Age": "600",
}

_EXPOSED = "ETag, Retry-After, WWW-Authenticate, X-Request-ID"


def origin_headers(allowed: Callable[[str], bool]) -> BeforeMessageSendHookHandler:
    """A hook that tells browsers, with every response, whether the page that asked may read it.

    Litestar's own CORS takes one list for good, and replaces what a response says in ``Vary``.
    """

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        vary = [each for each in headers.getall("vary", []) if each]
        headers["Vary"] = ", ".join([*vary, "Origin"])
        asked = Headers.from_scope(scope)
        origin = asked.get("origin")
        if origin is None or not allowed(origin):
            return
        headers["Access-Control-Allow-Origin"] = origin
        if is_preflight(scope):
            headers.update(_ALLOWED)
        else:
            headers["Access-Control-Expose-Headers"] = _EXPOSED

    return add


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks beforehand if a page may send a request; it sends no key with that."""
    return scope.get("method") == "OPTIONS" and "access-control-request-method" in Headers.from_scope(scope)
