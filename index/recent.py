"""What was asked for most recently, kept within a stated size."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Recent"]

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Recent(Generic[_Key, _Value]):
    """Values by their keys, those asked for longest ago given up first. Several threads may use it at once.

    The sizes of all that is kept add up to at most `most`, in whatever unit they are given; what is larger than
    that is not kept.

    >>> recent = Recent[str, int](most=2)
    >>> for key in "abac": recent.put(key, ord(key), size=1)
    >>> [recent.get(key) for key in "abc"]
    [97, None, 99]
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[_Key, tuple[_Value, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key) -> _Value | None:
        """The value of a key, if it is kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: _Key, value: _Value, *, size: int) -> None:
        """Keeps a value."""
        if size > self._most:
            return
        with self._lock:
            self._size += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (value, size)
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1][1]
