"""Arrays in files, memory-mapped, of which single stretches are read here and there."""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.texts import Rows

__all__ = ["fetch", "mapped"]

_SMALL = 64 << 20
"""Of an array of so many bytes all that is asked for is soon in memory: to ask the disk costs more than it saves."""


def mapped(path: Path) -> Any:
    """The array in a file, to be read: what is touched of it is read from the disk, and nothing around it."""
    array = np.load(path, mmap_mode="r")
    if array.size:
        array._mmap.madvise(mmap.MADV_RANDOM)
    return array.view(np.ndarray)


def fetch(array: npt.NDArray[Any], first: Rows, end: Rows) -> None:
    """Has some stretches of rows of a large mapped array read from the disk, all at once, where they are not in memory.

    Touching them would read page after page, each when the one before is there.
    """
    memory = getattr(array.base, "_mmap", None)
    if memory is None or array.nbytes <= _SMALL:
        return
    # The mapping begins at the last page boundary before the array.
    start: int = array.base.offset % mmap.ALLOCATIONGRANULARITY  # type: ignore[union-attr]
    row = array.strides[0]
    for begins, ends in zip((start + first * row).tolist(), (start + end * row).tolist(), strict=True):
        page = begins - begins % mmap.PAGESIZE
        memory.madvise(mmap.MADV_WILLNEED, page, ends - page)
