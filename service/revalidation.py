"""Answers that need not be sent again: what follows from a snapshot, less what is withdrawn, is tagged with both.

ETags are those of RFC 9110, section 8.8.3.
"""

import hashlib
from importlib.metadata import version

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from service.current import current_of

__all__ = ["Revalidation"]

_VERSION = version("loccit").encode()

_OK, _NOT_MODIFIED = 200, 304

_CACHE = "private, no-cache"
"""May be kept, and is asked for again each time."""


class Revalidation(ASGIMiddleware):
    """Tags what a GET gives with the snapshot, and answers 304 to who has it already, without making it again.

    For routes whose answer depends on nothing but the snapshot, what is withdrawn, the address and what is accepted.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """One request."""
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("GET", "HEAD"):
            await next_app(scope, receive, send)
            return
        searcher = await current_of(scope["litestar_app"].state).get()
        headers = Headers.from_scope(scope)
        tag = _tag(searcher.edition, scope, headers.get("accept", ""))
        if _names(headers.get("if-none-match", ""), tag):
            known = [(b"etag", tag.encode()), (b"cache-control", _CACHE.encode()), (b"vary", b"Accept")]
            await send({"type": "http.response.start", "status": _NOT_MODIFIED, "headers": known})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _OK:
                given = MutableScopeHeaders.from_message(message)
                given["ETag"], given["Cache-Control"] = tag, _CACHE
                given.setdefault("Vary", "Accept")
            await send(message)

        await next_app(scope, receive, tagged)


def _tag(edition: str, scope: HTTPScope, accept: str) -> str:
    """A weak tag, as the body may be compressed. It differs by address, so only who has an answer can name it."""
    asked = b"\n".join((_VERSION, edition.encode(), scope["raw_path"], scope["query_string"], accept.encode()))
    return f'W/"{hashlib.blake2s(asked, digest_size=12).hexdigest()}"'


def _names(header: str, tag: str) -> bool:
    """Whether an ``If-None-Match`` names a tag, compared weakly as there it is."""
    return any(each.strip().removeprefix("W/") == tag.removeprefix("W/") for each in header.split(","))
