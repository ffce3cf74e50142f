"""The texts of a snapshot that are encoded, on disk until they are, and their hashes, which stay."""

import hashlib
import mmap
from array import array
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["Digests", "Rows", "TextFile", "TextWriter", "same_texts"]

Rows = npt.NDArray[np.int64]

Digests = npt.NDArray[np.uint64]
"""The first 128 bits of the SHA-256 of texts, of shape ``(texts, 2)``."""


class TextWriter:
    """Writes texts one after the other into a file, and the places where they end beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._ends = array("q", [0])
        self._digests = bytearray()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, text: str, *, kind: str = "") -> None:
        """Adds a text. Equal texts of different kinds have different hashes."""
        content = text.encode()
        self._file.write(content)
        self._ends.append(self._ends[-1] + len(content))
        self._digests += hashlib.sha256(content + (b"\0" + kind.encode() if kind else b"")).digest()[:16]

    def release(self) -> None:
        """Closes the file, complete or not."""
        self._file.close()

    def close(self) -> Digests:
        """Completes the file; returns the hashes of its texts."""
        self.release()
        np.save(self._path.with_suffix(".npy"), np.frombuffer(self._ends, dtype=np.int64))
        return np.frombuffer(self._digests, dtype=np.uint64).reshape(-1, 2)


class TextFile:
    """Texts that a `TextWriter` wrote, by their rows."""

    def __init__(self, path: Path) -> None:
        self._ends = np.load(path.with_suffix(".npy"), mmap_mode="r")
        with path.open("rb") as file:
            # An empty file cannot be mapped, and has no text but empty ones.
            self._content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if self._ends[-1] else b""

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, row: int) -> str:
        return self._content[self._ends[row] : self._ends[row + 1]].decode()


def same_texts(digests: Digests) -> Rows:
    """Numbers texts so that equal ones have equal numbers, of shape ``(texts,)``; numbers count from 0.

    >>> same_texts(np.array([[7, 1], [5, 0], [7, 1], [7, 2]], dtype=np.uint64)).tolist()
    [1, 0, 1, 2]
    """
    order = np.lexsort((digests[:, 1], digests[:, 0]))
    ordered = digests[order]
    differs = np.any(ordered[1:] != ordered[:-1], axis=1)
    numbers = np.empty(len(digests), dtype=np.int64)
    numbers[order] = np.concatenate([[0], np.cumsum(differs)])[: len(digests)]
    return numbers
