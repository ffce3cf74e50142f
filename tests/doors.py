"""The real service on a real socket, behind a door: one that asks for a key, or a proxy's prefix."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, cast

import uvicorn
from litestar.types import ASGIApp, Receive, Scope, Send

from service import Settings, create_app

__all__ = ["guarded", "prefixed"]


@contextmanager
def guarded(store: Path, key: str) -> Iterator[str]:
    """The address of a service whose API asks for a key."""
    app = create_app(Settings(store=store))

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope.get("path", "").startswith("/v1/")
        if not asked or (b"authorization", f"Bearer {key}".encode()) in scope["headers"]:
            await app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/problem+json"), (b"www-authenticate", b"Bearer")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"title": "Unauthorized"}', "more_body": False})

    with _served(door) as address:
        yield address


@contextmanager
def prefixed(store: Path, prefix: str) -> Iterator[str]:
    """The address of a service below a prefix, which is taken off as proxies do it."""
    app = create_app(Settings(store=store))

    async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":  # type: ignore[comparison-overlap]
            assert scope["path"].startswith(prefix)
            passed: dict[str, Any] = {**scope, "path": scope["path"].removeprefix(prefix)}
            passed["raw_path"] = scope["raw_path"].removeprefix(prefix.encode())
            scope = cast("Scope", passed)
        await app(scope, receive, send)

    with _served(proxy) as address:
        yield address + prefix


@contextmanager
def _served(app: ASGIApp) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        yield "http://{}:{}".format(*server.servers[0].sockets[0].getsockname()[:2])
    finally:
        server.should_exit = True
        thread.join()
