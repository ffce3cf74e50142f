"""The searcher of the snapshot in force, which follows what is published in a store and what is withdrawn from it."""

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
from service.problems import loading, unsure

__all__ = ["Current", "current_of"]

_log = structlog.get_logger(__name__)

_INTERVAL = 1.0
"""Seconds after which it is looked again what is published."""


class Current:
    """The searcher in force. What is published next is loaded beside it and takes its place between two requests.

    A request keeps the searcher with which it began, and the last one lets go of its snapshot. One that cannot be
    loaded changes nothing, is told in the log, and is not tried again until something else is published.

    What is withdrawn is left out as soon as it is seen, whatever is being loaded. While that cannot be known, nothing
    is answered.
    """

    def __init__(self, store: Store, *, keep_questions: bool = False) -> None:
        self._store = store
        self._keep_questions = keep_questions
        self._searcher: Searcher | None = None
        self._unsure = False
        self._tried = ""
        self._first = asyncio.Event()
        self._look = asyncio.Event()
        self._loading = asyncio.Lock()
        # No threads of those that answer, which would be missing there; one loads, and one looks what is withdrawn.
        self._loader = ThreadPoolExecutor(2, "loader")

    @property
    def searcher(self) -> Searcher:
        """The searcher in force. Raises the problem of a service that has none yet, or may not use it."""
        if self._searcher is None:
            raise loading()
        if self._unsure:
            raise unsure()
        return self._searcher

    async def get(self) -> Searcher:
        """The searcher in force; before there is one, it is waited for."""
        await self._first.wait()
        return self.searcher

    async def refresh(self, *, thorough: bool | None = None, again: bool = False) -> None:
        """Loads what is published, unless it is in force or was tried in vain; its files are verified as by `Store`.

        What was tried in vain is only tried once more if `again` is said.

        Raises `LoccitError` if it cannot be loaded.
        """
        loop = asyncio.get_running_loop()
        async with self._loading:
            published = await loop.run_in_executor(self._loader, self._store.published)
            in_force = self._searcher is not None and self._searcher.snapshot == published
            if in_force or (published == self._tried and not again):
                return
            # What cannot be loaded for this reason alone is tried again.
            await loop.run_in_executor(self._loader, self._store.withdrawn)
            self._tried = published
            start = time.perf_counter()
            searcher = await loop.run_in_executor(self._loader, self._open, thorough)
            self._searcher = searcher
            self._first.set()
        SNAPSHOT.set_to_current_time()
        _log.info("snapshot loaded", snapshot=searcher.snapshot, seconds=round(time.perf_counter() - start, 3))

    async def withdraw(self) -> None:
        """Leaves out what is withdrawn now, and lets in what was lifted."""
        before = self._searcher
        if before is None:
            return
        loop = asyncio.get_running_loop()
        try:
            after = await loop.run_in_executor(self._loader, lambda: before.without(self._store.withdrawn()))
        except Exception as error:
            if not self._unsure:
                reason = str(error) if isinstance(error, LoccitError) else type(error).__name__
                _log.error("nothing is answered", reason=reason)
            self._unsure = True
            return
        self._unsure = False
        if self._searcher is before and after is not before:
            self._searcher = after
            _log.info("withdrawals changed", snapshot=after.snapshot, documents=len(after.withdrawn))

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """While the block runs, what is published comes into force within about a second, at once on SIGHUP.

        So does what is withdrawn, which waits for no snapshot to be loaded.
        """
        loop = asyncio.get_running_loop()
        # Only the main thread of a process takes signals, which is not where tests run a service.
        with suppress(RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGHUP, self._look.set)
        # `serve` has verified the first snapshot a moment ago.
        tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._follow_withdrawals())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            self._loader.shutdown(wait=False, cancel_futures=True)

    async def _follow(self) -> None:
        thorough: bool | None = False
        while True:
            try:
                await self.refresh(thorough=thorough)
            except LoccitError as error:
                _log.error("snapshot not loaded", reason=str(error))
            except Exception as error:
                # Whatever it is, what is published next may be sound.
                _log.error("snapshot not loaded", exc_info=error)
            thorough = None
            with suppress(TimeoutError):
                async with asyncio.timeout(_INTERVAL):
                    await self._look.wait()
            self._look.clear()

    async def _follow_withdrawals(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL)
            await self.withdraw()

    def _open(self, thorough: bool | None) -> Searcher:
        return Searcher(Snapshot.open(self._store, thorough=thorough, keep_questions=self._keep_questions))


def current_of(state: State) -> Current:
    """What an application keeps in its state while it runs."""
    current: Current = state.current
    return current
