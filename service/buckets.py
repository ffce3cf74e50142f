"""Rate limits: a bucket of tokens for each identity, in memory that is bounded."""

import threading
import time
from collections.abc import Callable

__all__ = ["Buckets"]

MOST = 50_000
"""Identities that are remembered, about 10 MiB; beyond that, the one unseen for longest is forgotten."""

_MINUTE = 60.0


class Buckets:
    """For each identity a bucket of `per_minute` tokens, refilled evenly in a minute; a request takes one.

    Of a bucket, only the time at which it will be full again is kept (the generic cell rate algorithm, ITU-T I.371).

    >>> buckets = Buckets(2, clock=iter([0.0, 0.0, 0.0, 30.0]).__next__)
    >>> [buckets.wait("a") for _ in range(4)]
    [0.0, 0.0, 30.0, 0.0]
    """

    def __init__(self, per_minute: int, *, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._most = most
        self._clock = clock
        self._full: dict[str, float] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._full)

    def wait(self, identity: str) -> float:
        """0 if a request may go on, which takes its token; else the seconds until one may. No limit at 0 a minute."""
        if not self.per_minute:
            return 0.0
        interval = _MINUTE / self.per_minute
        with self._lock:
            now = self._clock()
            full = max(self._full.pop(identity, now), now) + interval
            missing = full - now - _MINUTE
            allowed = missing < 1e-6
            # What was asked for last stands last, so that the first is the one unseen for longest.
            self._full[identity] = full if allowed else full - interval
            if len(self._full) > self._most:
                del self._full[next(iter(self._full))]
        return 0.0 if allowed else missing

    def take(self, identity: str, tokens: int) -> float:
        """Takes more tokens of a request that was let through, even those that are not there yet, and gives 0.

        Where it is overdrawn already it takes none, and gives the seconds until it is not, as `wait` does.
        """
        with self._lock:
            if not self.per_minute or identity not in self._full:
                return 0.0
            missing = self._full[identity] - self._clock() - _MINUTE
            if missing > 1e-6:
                return missing
            self._full[identity] += tokens * _MINUTE / self.per_minute
        return 0.0
