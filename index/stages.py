"""How long the stages of answering take, told to whoever asked for it beforehand.

>>> with recorded() as seconds:
...     with stage("encode"):
...         pass
>>> list(seconds)
['encode']
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Seconds", "count", "current_stages", "recorded", "stage"]

Seconds = dict[str, float]
"""Stages in the order in which they were first entered, and the seconds spent in each."""

_current: ContextVar[Seconds | None] = ContextVar("stages", default=None)


@contextmanager
def recorded() -> Iterator[Seconds]:
    """The seconds of the stages entered within the block, on this thread or in a copy of its context."""
    seconds: Seconds = {}
    token = _current.set(seconds)
    try:
        yield seconds
    finally:
        _current.reset(token)


def current_stages() -> Seconds | None:
    """What is being recorded here, if anything is."""
    return _current.get()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Counts the block's time to a stage, where that is recorded."""
    start = time.perf_counter()
    try:
        yield
    finally:
        count(_current.get(), name, since=start)


def count(seconds: Seconds | None, name: str, *, since: float) -> None:
    """Counts the time since a reading of `time.perf_counter` to a stage of what is being recorded, if anything is."""
    if seconds is not None:
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - since
