"""The vectors and states of all texts of a snapshot under way, in memory-mapped files.

They are as large as they will be from the beginning, so that a build of any size needs little memory, and a full
disk is told before anything is encoded. A row is marked as done once what was written of it is on the disk: a
build that was killed goes on with the rows that are not marked.
"""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from corpus.errors import SnapshotError
from index.encoder import Encoder, Encoding
from index.late import quantized
from index.manifest import LAYOUT
from index.texts import Digests, Rows, TextFile, same_texts

__all__ = ["TextVectors", "reserve"]

_SYNCED = 512
"""So many texts are encoded between two syncs: what a killed build loses at most."""

_COPIED = 1 << 14
"""So many rows are copied at once."""


class TextVectors:
    """What is known of the texts of a snapshot: first come the passages' own texts, then all sentences.

    `passages` has shape ``(passages, dimension)`` and `sentences` ``(sentences, dimension)``, float32, the states
    int8 ``(pieces, width)``; those of sentence `i`, the last of its text, begin at ``offsets[i]``. `digests`
    ``(texts, 2)`` are the hashes of the texts, `done` ``(texts,)`` tells which are encoded.
    """

    def __init__(self, folder: Path, mode: Literal["r", "r+"] = "r") -> None:
        def opened(name: str) -> Any:
            return np.load(folder / name, mmap_mode=mode)

        self.passages: np.memmap[Any, np.dtype[np.float32]] = opened(LAYOUT.passages)
        self.sentences: np.memmap[Any, np.dtype[np.float32]] = opened(LAYOUT.sentences)
        self.states: np.memmap[Any, np.dtype[np.int8]] = opened(LAYOUT.states)
        self.offsets: Rows = np.load(folder / LAYOUT.offsets)
        self.digests: Digests = np.load(folder / LAYOUT.digests)
        self.done: np.memmap[Any, np.dtype[np.bool_]] | None = opened(LAYOUT.done) if mode == "r+" else None

    @classmethod
    def create(cls, folder: Path, *, dimension: int, width: int, offsets: Rows, digests: Digests) -> None:
        """Makes the files, without any vector in them. Raises `SnapshotError` if the disk is too small."""
        np.save(folder / LAYOUT.offsets, offsets)
        np.save(folder / LAYOUT.digests, digests)
        sentences = len(offsets) - 1
        reserve(folder / LAYOUT.passages, np.float32, (len(digests) - sentences, dimension))
        reserve(folder / LAYOUT.sentences, np.float32, (sentences, dimension))
        reserve(folder / LAYOUT.states, np.int8, (int(offsets[-1]), width))
        reserve(folder / LAYOUT.done, np.bool_, (len(digests),))

    def missing(self) -> int:
        """How many texts are not encoded yet, equal ones counted once."""
        return len(self._tasks(same_texts(self.digests)))

    def take_over(self, other: "TextVectors") -> None:
        """Copies what another snapshot, of the same encoder, has of texts that are not encoded yet."""
        numbers = same_texts(np.concatenate([other.digests, self.digests]))
        theirs, ours = np.split(numbers, [len(other.digests)])
        here, there = len(self.passages), len(other.passages)
        of_any = _found(ours[:here], theirs)
        self._copy(other, np.flatnonzero((of_any >= 0) & ~self.marks[:here]), of_any)
        of_sentences = _found(ours[here:], theirs[there:])
        self._copy_sentences(other, np.flatnonzero((of_sentences >= 0) & ~self.marks[here:]), of_sentences)

    def encode(self, own: TextFile, sentences: TextFile, encoder: Encoder, progress: Callable[[int, int], None]) -> int:
        """Encodes the texts that are not yet, each once; returns how many they were."""
        numbers = same_texts(self.digests)
        tasks = self._tasks(numbers)
        order = np.argsort(numbers, kind="stable")
        starts = np.searchsorted(numbers[order], np.arange(numbers.max(initial=-1) + 2))
        texts = (own[row] if row < len(own) else sentences[row - len(own)] for row in tasks.tolist())
        written: list[Rows] = []
        encoded = zip(tasks.tolist(), encoder.encode_passages(texts), strict=True)
        for done, (row, encoding) in enumerate(encoded, start=1):
            number = numbers[row]
            written.append(order[starts[number] : starts[number + 1]])
            self._put(written[-1], encoding)
            if done % _SYNCED == 0 or done == len(tasks):
                self.mark(np.concatenate(written))
                written.clear()
            progress(done, len(tasks))
        return len(tasks)

    @property
    def marks(self) -> np.memmap[Any, np.dtype[np.bool_]]:
        """The marks of texts that are done."""
        if self.done is None:
            raise ValueError("These vectors were opened to be read.")
        return self.done

    def mark(self, rows: Rows) -> None:
        """Marks texts as done, once all that was written is on the disk."""
        self.passages.flush()
        self.sentences.flush()
        self.states.flush()
        self.marks[rows] = True
        self.marks.flush()

    def _tasks(self, numbers: Rows) -> Rows:
        """The first row of each text of which some row is not done."""
        waiting = np.zeros(numbers.max(initial=-1) + 1, dtype=np.bool_)
        waiting[numbers[~self.marks]] = True
        _, first = np.unique(numbers, return_index=True)
        return np.sort(first[waiting])

    def _put(self, rows: Rows, encoding: Encoding) -> None:
        """Writes an encoding to all rows of its text."""
        states = None
        for row in rows.tolist():
            if row < len(self.passages):
                self.passages[row] = encoding.vector
                continue
            sentence = row - len(self.passages)
            self.sentences[sentence] = encoding.vector
            states = quantized(encoding.states) if states is None else states
            kept = states[-int(self.offsets[sentence + 1] - self.offsets[sentence]) :]
            start = self.offsets[sentence]
            self.states[start : start + len(kept)] = kept

    def _copy(self, other: "TextVectors", rows: Rows, found: Rows) -> None:
        """Copies vectors of passages' own texts, which may be sentences there."""
        there = len(other.passages)
        for chunk in _chunks(rows):
            source = found[chunk]
            in_passages = source < there
            self.passages[chunk[in_passages]] = other.passages[source[in_passages]]
            self.passages[chunk[~in_passages]] = other.sentences[source[~in_passages] - there]
        self.mark(rows)

    def _copy_sentences(self, other: "TextVectors", rows: Rows, found: Rows) -> None:
        """Copies vectors and states of sentences, in runs that stand together in both."""
        source = found[rows]
        breaks = np.flatnonzero((np.diff(rows) != 1) | (np.diff(source) != 1)) + 1
        for here, there in zip(np.split(rows, breaks), np.split(source, breaks), strict=True):
            for chunk, origin in zip(_chunks(here), _chunks(there), strict=True):
                own, others = slice(chunk[0], chunk[-1] + 1), slice(origin[0], origin[-1] + 1)
                self.sentences[own] = other.sentences[others]
                first = other.offsets[others.start]
                self.states[self.offsets[own.start] : self.offsets[own.stop]] = other.states[
                    first : other.offsets[others.stop]
                ]
        self.mark(rows + len(self.passages))


def reserve(path: Path, kind: npt.DTypeLike, shape: tuple[int, ...]) -> None:
    """Makes an array of zeros whose place on the disk is sure. Raises `SnapshotError` if there is none."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    free = shutil.disk_usage(path.parent).free
    if size > free:
        raise SnapshotError(
            f"{path.name} needs {size / 1e9:.1f} GB, and {path.parent.parent} has {free / 1e9:.1f} GB left. Make "
            "room, or name a store on another disk with --out."
        )
    array = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    array.flush()
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _found(wanted: Rows, numbers: Rows) -> Rows:
    """For each number that is wanted the first row that has it, or -1."""
    of_number = np.full(max(wanted.max(initial=-1), numbers.max(initial=-1)) + 1, -1, dtype=np.int64)
    of_number[numbers[::-1]] = np.arange(len(numbers))[::-1]
    found: Rows = of_number[wanted]
    return found


def _chunks(rows: Rows) -> Iterator[Rows]:
    return (rows[at : at + _COPIED] for at in range(0, len(rows), _COPIED))
