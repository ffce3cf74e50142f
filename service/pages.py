"""The pages for a browser: the start page, the source reader, and the files from which they are made."""

from pathlib import Path

from litestar import Router, get
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException
from litestar.middleware import ASGIMiddleware
from litestar.response import File
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.exposure import OPEN

__all__ = ["POLICY", "pages_router"]

STATIC = Path(__file__).parent / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""What the pages may do: load what they are made of from here, ask here, and never make mark-up of a text."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


_LONGEST = 255
"""Bytes of a file's name."""


class _PageHeaders(ASGIMiddleware):
    """Gives every response the headers of a page, those apart that it has already."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """One request. What can be no name of a file is none."""
        if "\0" in scope["path"] or any(len(part.encode()) > _LONGEST for part in scope["path"].split("/")):
            raise NotFoundException

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await next_app(scope, receive, send_with_headers)


@get("/read/{document_id:str}", name="reader", sync_to_thread=False, include_in_schema=False)
def read_document() -> File:
    """The reader. It is the same for every document, which it asks for itself."""
    return File(STATIC / "reader" / "index.html", content_disposition_type="inline", media_type="text/html")


def pages_router() -> Router:
    """The routes for the pages and their files."""
    files = create_static_files_router("/", [STATIC], html_mode=True, name="pages")
    return Router("/", route_handlers=[read_document, files], middleware=[_PageHeaders()], opt=OPEN)
