"""The threads on which questions are answered, and the queue before them."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import ParamSpec, TypeVar

from index.stages import count, current_stages
from service.metrics import WAITING
from service.problems import busy

__all__ = ["BoundedExecutor"]

P = ParamSpec("P")
T = TypeVar("T")


class BoundedExecutor(ThreadPoolExecutor):
    """Threads before which only so many calls wait; one more is refused at once, whatever else is under way.

    More threads than cores would only fight for them, and a longer queue only answer those who have given up. How
    long a call waited counts to the stage ``queue`` of the request that made it.
    """

    def __init__(self, threads: int, queue: int) -> None:
        super().__init__(threads, "answer")
        self._most = threads + queue
        self._under_way = 0
        self._counting = Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As `ThreadPoolExecutor.submit`. Raises the problem of a busy service where the queue is full."""
        with self._counting:
            if self._under_way >= self._most:
                raise busy()
            self._under_way += 1
        stages, since = current_stages(), time.perf_counter()
        WAITING.inc()

        def call() -> T:
            WAITING.dec()
            count(stages, "queue", since=since)
            return fn(*args, **kwargs)

        future = super().submit(call)
        future.add_done_callback(self._done)
        return future

    def _done(self, future: Future[T]) -> None:
        if future.cancelled():
            WAITING.dec()  # its deadline passed before a thread was free
        with self._counting:
            self._under_way -= 1
