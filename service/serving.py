"""``loccit serve``: the service on a socket of its own."""

import socket
from contextlib import suppress

import uvicorn

from corpus.errors import SettingsError
from index.store import Store
from service.app import create_app
from service.settings import Settings

__all__ = ["serve_settings"]

_PATIENCE = 3
"""Seconds for which a server that is told to end waits for requests that are under way."""


def serve_settings(settings: Settings) -> None:
    """Serves until it is told to stop, after printing its address and a question to try.

    Raises `SnapshotError` if there is no sound snapshot, `SettingsError` if the address is taken.
    """
    Store(settings.store).current()
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"loccit is at {address}\nTry: {_example(address)}", flush=True)
    config = uvicorn.Config(
        create_app(settings), log_level="warning", access_log=False, timeout_graceful_shutdown=_PATIENCE
    )
    # uvicorn raises the interrupt again after it has shut down.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"{host}:{port} cannot be listened at ({error.strerror}). Choose another with --host and --port."
        ) from error


def _example(address: str) -> str:
    question = '{"question": "What was the median survival after palliative surgery?", "k": 1}'
    return f"curl -s {address}/v1/ask -H 'content-type: application/json' -d '{question}'"
