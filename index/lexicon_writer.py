"""The lexicon as it is written: which passages have a term, and what it adds to their scores."""

import math
from array import array
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from index.terms import terms
from index.texts import Rows

__all__ = ["LEXICON_FILES", "LexiconFiles", "LexiconWriter", "inverse_frequency"]

_K1, _B = 0.9, 0.4


class LexiconFiles(msgspec.Struct, frozen=True):
    """The names of its files."""

    vocabulary: str = "vocabulary.json"
    starts: str = "starts.npy"
    rows: str = "rows.npy"
    scores: str = "scores.npy"


LEXICON_FILES = LexiconFiles()


class LexiconWriter:
    """Takes the texts of passages one after the other, and writes their lexicon into a new folder.

    Of their postings, `sorted_at_once` are in memory when they are sorted.
    """

    def __init__(self, folder: Path, *, sorted_at_once: int = 1 << 22) -> None:
        folder.mkdir()
        self._step = sorted_at_once
        self._folder = folder
        # Pairs of a term's number and how often a passage has it, passage by passage.
        self._pairs = (folder / "pairs").open("w+b")
        self._counts = array("q")
        self._lengths = array("q")
        # The empty term, which no question holds, stands in for passages without any.
        self._vocabulary = {"": 0}

    def add(self, text: str) -> None:
        """Adds the text of the next passage."""
        numbers = [self._vocabulary.setdefault(term, len(self._vocabulary)) for term in terms(text)] or [0]
        found = Counter(numbers)
        np.array(list(found.items()), dtype=np.int32).tofile(self._pairs)
        self._counts.append(len(found))
        self._lengths.append(len(numbers))

    def release(self) -> None:
        """Closes the file of pairs, complete or not."""
        self._pairs.close()

    def close(self) -> None:
        """Completes the lexicon."""
        self._pairs.flush()
        path = self._folder / "pairs"
        pairs = np.memmap(path, dtype=np.int32, mode="r").reshape(-1, 2)
        having = np.zeros(len(self._vocabulary), dtype=np.int64)
        for at in range(0, len(pairs), self._step):
            having += np.bincount(pairs[at : at + self._step, 0], minlength=len(having))
        starts = np.concatenate([[0], np.cumsum(having)])
        np.save(self._folder / LEXICON_FILES.starts, starts)
        (self._folder / LEXICON_FILES.vocabulary).write_bytes(msgspec.json.encode(self._vocabulary))
        self._write_postings(pairs, having, starts[:-1].copy())
        self.release()
        path.unlink()

    def _write_postings(self, pairs: npt.NDArray[np.int32], having: Rows, free: Rows) -> None:
        """Sorts the pairs by their terms; the next posting of a term stands at its `free` place."""
        rows, scores = (
            np.lib.format.open_memmap(self._folder / name, mode="w+", dtype=kind, shape=(len(pairs),))
            for name, kind in ((LEXICON_FILES.rows, np.int32), (LEXICON_FILES.scores, np.float32))
        )
        idf = self._idf(having)
        counts, lengths = (np.frombuffer(each, dtype=np.int64) for each in (self._counts, self._lengths))
        of_pair = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        norms = _K1 * ((1 - _B) + _B * lengths / lengths.mean())
        for at in range(0, len(pairs), self._step):
            chunk, of_chunk = pairs[at : at + self._step], of_pair[at : at + self._step]
            order = np.argsort(chunk[:, 0], kind="stable")
            numbers, frequencies = chunk[order].T
            found, first, several = np.unique(numbers, return_index=True, return_counts=True)
            places = np.repeat(free[found] - first, several) + np.arange(len(numbers))
            rows[places] = of_chunk[order]
            scores[places] = idf[numbers] * (frequencies / (norms[of_chunk[order]] + frequencies))
            free[found] += several

    def _idf(self, having: Rows) -> Vectors:
        return np.array([inverse_frequency(len(self._counts), n) for n in having.tolist()], dtype=np.float32)


def inverse_frequency(passages: int, having: int) -> float:
    """The inverse document frequency of a term that so many of all passages have."""
    return math.log(1 + (passages - having + 0.5) / (having + 0.5))
