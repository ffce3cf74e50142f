"""Questions and feedback on their way to the disk, on a thread of their own, so that no answer waits or fails by it."""

import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from queue import Empty, Full, Queue
from threading import Thread

from litestar import Litestar
from litestar.datastructures import State

from index import Answer
from service.feedback_store import Asked, FeedbackStore, Given

__all__ = ["Recorder", "provide_recorder", "recording"]

_log = logging.getLogger(__name__)

SWEPT_EVERY = 3600
"""Seconds from one deletion of what is too old to the next."""

_MOST_WAITING = 10_000
_WRITTEN_AT_ONCE = 500

_PATIENCE = 10
"""Seconds for which a service that ends waits for its records."""


class Recorder:
    """Writes what it is given, in its order, and deletes what is too old, when it starts and then by the clock.

    What cannot be written is given up, and so are questions where too many wait. No question stands in the log.
    """

    def __init__(self, store: FeedbackStore, *, swept_every: float = SWEPT_EVERY) -> None:
        self._store = store
        self._swept_every = swept_every
        self._waiting: Queue[Asked | Given | None] = Queue(_MOST_WAITING)
        self._thread = Thread(target=self._run, name="recorder", daemon=True)

    def asked(self, answer: Answer) -> None:
        """Takes the question of an answer, if questions are logged. It costs microseconds."""
        if self._store.log_questions:
            self._put(Asked.of(answer))

    def given(self, feedback: Given) -> bool:
        """Takes feedback; tells whether there was room for it."""
        return self._put(feedback)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    def stop(self) -> None:
        """Writes what waits, and ends; what a locked file keeps from being written by then is given up."""
        with suppress(Full):
            self._waiting.put(None, timeout=_PATIENCE)
        self._thread.join(_PATIENCE)

    def _put(self, record: Asked | Given) -> bool:
        try:
            self._waiting.put_nowait(record)
        except Full:
            return False
        return True

    def _run(self) -> None:
        due = time.monotonic()
        ended = False
        while not ended:
            if time.monotonic() >= due:
                due = time.monotonic() + self._swept_every
                self._attempt("What is too old could not be deleted", self._store.sweep)
            taken = list(self._taken(due))
            ended = None in taken
            records = [each for each in taken if each is not None]
            if records:
                self._attempt(f"{len(records)} records are lost", lambda: self._store.write(records))  # noqa: B023

    def _taken(self, due: float) -> Iterator[Asked | Given | None]:
        """What waits, once there is anything, or nothing when the time has come to sweep."""
        try:
            yield self._waiting.get(timeout=max(0, due - time.monotonic()))
            for _ in range(_WRITTEN_AT_ONCE):
                yield self._waiting.get_nowait()
        except Empty:
            return

    def _attempt(self, failure: str, task: Callable[[], None]) -> None:
        try:
            task()
        except (sqlite3.Error, OSError, ValueError) as error:
            _log.warning("%s: %s (%s).", failure, type(error).__name__, error)


def recording(store: FeedbackStore) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Records while the service runs."""

    @asynccontextmanager
    async def run(app: Litestar) -> AsyncIterator[None]:
        recorder = Recorder(store)
        recorder.start()
        app.state.recorder = recorder
        try:
            yield
        finally:
            recorder.stop()  # no request is left that would wait

    return run


def provide_recorder(state: State) -> Recorder:
    """The recorder of a service that runs."""
    recorder: Recorder = state.recorder
    return recorder
