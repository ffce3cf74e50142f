"""The searcher of the snapshot in force, which follows what is published in a store."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

import structlog
from litestar.datastructures import State

from corpus.errors import LoccitError
from index import Searcher, Snapshot, Store
from service.metrics import SNAPSHOT
from service.problems import loading

__all__ = ["Current", "current_of"]

_log = structlog.get_logger(__name__)

_INTERVAL = 1.0
"""Seconds after which it is looked again what is published."""


class Current:
    """The searcher in force. What is published next is loaded beside it and takes its place between two requests.

    A request keeps the searcher with which it began, and the last one lets go of its snapshot. One that cannot be
    loaded changes nothing, is told in the log, and is not tried again until something else is published.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._searcher: Searcher | None = None
        self._tried = ""
        self._first = asyncio.Event()
        self._look = asyncio.Event()
        self._loading = asyncio.Lock()
        # Not a thread of those that answer, which would be missing there.
        self._loader = ThreadPoolExecutor(1, "loader")

    @property
    def searcher(self) -> Searcher:
        """The searcher in force. Raises the problem of a service that is loading before there is one."""
        if self._searcher is None:
            raise loading()
        return self._searcher

    async def get(self) -> Searcher:
        """The searcher in force; before there is one, it is waited for."""
        await self._first.wait()
        return self.searcher

    async def refresh(self, *, thorough: bool | None = None) -> None:
        """Loads what is published, if it is not in force or was tried in vain; its files are verified as by `Store`.

        Raises `LoccitError` if it cannot be loaded.
        """
        loop = asyncio.get_running_loop()
        async with self._loading:
            published = await loop.run_in_executor(self._loader, self._published)
            if published == self._tried:
                return
            self._tried = published
            start = time.perf_counter()
            searcher = await loop.run_in_executor(self._loader, self._open, thorough)
            self._searcher = searcher
            self._first.set()
        SNAPSHOT.clear()
        SNAPSHOT.labels(searcher.snapshot).set_to_current_time()
        _log.info("snapshot loaded", snapshot=searcher.snapshot, seconds=round(time.perf_counter() - start, 3))

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """While the block runs, what is published comes into force within about a second, at once on SIGHUP."""
        loop = asyncio.get_running_loop()
        # Only the main thread of a process takes signals, which is not where tests run a service.
        with suppress(RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGHUP, self._look.set)
        # `serve` has verified the first snapshot a moment ago.
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            self._loader.shutdown(wait=False, cancel_futures=True)

    async def _follow(self) -> None:
        thorough: bool | None = False
        while True:
            try:
                await self.refresh(thorough=thorough)
            except LoccitError as error:
                _log.error("snapshot not loaded", reason=str(error))
            thorough = None
            with suppress(TimeoutError):
                async with asyncio.timeout(_INTERVAL):
                    await self._look.wait()
            self._look.clear()

    def _published(self) -> str:
        return self._store.published()

    def _open(self, thorough: bool | None) -> Searcher:
        return Searcher(Snapshot.open(self._store, thorough=thorough))


def current_of(state: State) -> Current:
    """What an application keeps in its state while it runs."""
    current: Current = state.current
    return current
