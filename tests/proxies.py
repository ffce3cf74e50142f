"""The real service on a real socket, behind a proxy that serves it below a prefix."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, cast

import uvicorn
from litestar.types import Receive, Scope, Send

from service import Settings, create_app

__all__ = ["prefixed"]


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

    server = uvicorn.Server(uvicorn.Config(proxy, port=0, log_level="warning"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        yield "http://{}:{}".format(*server.servers[0].sockets[0].getsockname()[:2]) + prefix
    finally:
        server.should_exit = True
        thread.join()
