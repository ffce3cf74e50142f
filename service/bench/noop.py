"""A server that answers every request with the same bytes at once: what is left is HTTP and the client."""

import sys
from typing import Any

import uvicorn

__all__ = ["main"]

_SIZE = 16 * 1024
_BODY = b'"' + b"x" * (_SIZE - 2) + b'"'


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(_SIZE).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})


def main() -> None:
    """Serves at the port that is the only argument."""
    uvicorn.run(answer, port=int(sys.argv[1]), lifespan="off", log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
