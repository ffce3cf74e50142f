"""``loccit serve``: the service on a socket of its own."""

import gc
import os
import resource
import signal
import socket
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from functools import partial
from http.client import HTTPException

import structlog
import uvicorn
from litestar import Litestar
from uvicorn.supervisors import Multiprocess

from corpus.errors import SettingsError
from index.store import Store
from service.app import create_app
from service.exposure import require_access
from service.logs import configure_logs
from service.metrics import SHARED
from service.protocol import BoundedProtocol
from service.settings import Settings

__all__ = ["serve_settings"]

_log = structlog.get_logger(__name__)

_PATIENCE = 5
"""Seconds for which a server that is told to end waits for requests that are under way."""

_UNRESPONSIVE = 30
"""Seconds after which a worker process that does not answer is replaced."""

_PAUSE, _LOOKS = 0.05, 12_000
"""Seconds between two looks whether the service is ready, and how many there are: ten minutes' worth."""

_MOST_CONNECTIONS = 1000
"""Beyond so many a worker process refuses what is asked on new ones."""


def serve_settings(settings: Settings) -> None:
    """Serves until it is told to stop, after printing its address and a question to try.

    Raises `SnapshotError` if there is no sound snapshot or it is not known what is withdrawn, `SettingsError` if the
    address is taken or nobody could ask.
    """
    # Until a server follows what is published, there is nothing to look for again.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    require_access(settings)
    Store(settings.store).current()
    Store(settings.store).withdrawn()
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    threading.Thread(target=_announce, args=(address,), daemon=True).start()
    _raise_file_limit()
    config = uvicorn.Config(
        partial(_application, settings),
        factory=True,
        http=BoundedProtocol,
        ws="none",
        # Otherwise uvicorn would believe whatever comes from a loopback address.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        log_config=None,
        access_log=False,
        server_header=False,
        workers=settings.workers,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_PATIENCE,
        timeout_worker_healthcheck=_UNRESPONSIVE,
    )
    if settings.workers > 1:
        with tempfile.TemporaryDirectory(prefix="loccit-metrics-") as shared:
            configure_logs(settings.log_level)
            os.environ[SHARED] = shared  # the worker processes inherit it
            _Workers(config, [listening]).run()
        return
    # uvicorn raises the interrupt again after it has shut down.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _announce(address: str) -> None:
    """Prints the address, and a question to try, once that would be answered."""
    # Not through a proxy, which does not reach what listens here.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(_LOOKS):
        with suppress(OSError, HTTPException), opener.open(f"{address}/health/ready", timeout=_PATIENCE):
            break
        time.sleep(_PAUSE)
    print(f"loccit is at {address}\nTry: {_example(address)}", flush=True)


class _Workers(Multiprocess):
    """Worker processes on one socket; one that dies is started again."""

    def keep_subprocess_alive(self) -> None:
        """Replaces the workers that have died, and tells of it."""
        before = {worker.pid for worker in self.processes}
        super().keep_subprocess_alive()
        for died in before - {worker.pid for worker in self.processes}:
            _log.warning("worker process replaced", process=died)

    def handle_hup(self) -> None:
        """Each worker looks for a new snapshot, instead of being started again."""
        for worker in self.processes:
            if worker.pid:
                os.kill(worker.pid, signal.SIGHUP)


def _application(settings: Settings) -> Litestar:
    """What each worker process serves."""
    configure_logs(settings.log_level)
    app = create_app(settings)
    # Modules and the application stay as long as the process: they need not be looked through for garbage.
    gc.freeze()
    return app


def _raise_file_limit() -> None:
    """A connection takes a file, and many systems allow a process few unless it asks for more."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


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
