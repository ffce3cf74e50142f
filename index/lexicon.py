"""BM25 over the words of passages."""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from index.lay_words import concepts
from index.terms import terms
from index.texts import Rows

__all__ = ["Lexicon", "LexiconFiles", "LexiconWriter"]

_K1, _B = 0.9, 0.4

_ALTERNATIVE = np.float32(0.5)
"""What another way to say something counts, beside the question's own words for it."""


class LexiconFiles(msgspec.Struct, frozen=True):
    """The names of its files."""

    vocabulary: str = "vocabulary.json"
    starts: str = "starts.npy"
    rows: str = "rows.npy"
    scores: str = "scores.npy"


FILES = LexiconFiles()


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
        np.save(self._folder / FILES.starts, starts)
        (self._folder / FILES.vocabulary).write_bytes(msgspec.json.encode(self._vocabulary))
        self._write_postings(pairs, having, starts[:-1].copy())
        self.release()
        path.unlink()

    def _write_postings(self, pairs: npt.NDArray[np.int32], having: Rows, free: Rows) -> None:
        """Sorts the pairs by their terms; the next posting of a term stands at its `free` place."""
        rows, scores = (
            np.lib.format.open_memmap(self._folder / name, mode="w+", dtype=kind, shape=(len(pairs),))
            for name, kind in ((FILES.rows, np.int32), (FILES.scores, np.float32))
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
        return np.array([_idf(len(self._counts), n) for n in having.tolist()], dtype=np.float32)


class Lexicon:
    """BM25 scores of all passages for a question.

    Lucene's variant: S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework (2009); what a term adds
    to a passage is computed at build time, after X. Lù, BM25S (2024). ``k1=0.9, b=0.4`` are the defaults of
    Anserini, and better here too on both development sets than 1.5 and 0.75: passages are short, and their lengths
    say little.

    The postings of term `t` stand from ``starts[t]`` on, memory-mapped: the rows of its passages, int32, and what
    it adds to their scores, float32.
    """

    def __init__(self, folder: Path, passages: int) -> None:
        self._passages = passages
        content = (folder / FILES.vocabulary).read_bytes()
        self._vocabulary = msgspec.json.decode(content, type=dict[str, int])
        self._starts: Rows = np.load(folder / FILES.starts, mmap_mode="r").view(np.ndarray)
        self._rows: npt.NDArray[np.int32] = np.load(folder / FILES.rows, mmap_mode="r").view(np.ndarray)
        self._scores: Vectors = np.load(folder / FILES.scores, mmap_mode="r").view(np.ndarray)
        # Between questions they hold zeros alone, so that only what a question touches has to be cleared again.
        self._best, self._sum = (np.zeros(passages, dtype=np.float32) for _ in range(2))
        self._lock = Lock()

    @classmethod
    def build(cls, texts: Iterable[str], folder: Path) -> "Lexicon":
        """The lexicon of passages' texts, in a new folder."""
        writer = LexiconWriter(folder)
        passages = 0
        for passages, text in enumerate(texts, start=1):  # noqa: B007 - counts them
            writer.add(text)
        writer.close()
        return cls(folder, passages)

    def knows(self, term: str) -> bool:
        """Whether some passage has a term."""
        return term in self._vocabulary

    def having(self, term: str, without: Rows | None = None) -> int:
        """How many passages have a term, some rows left out."""
        left_out = 0 if without is None else int(self.holding(term, without).sum())
        return sum(len(postings.rows) for postings in self._postings((term,))) - left_out

    def idf(self, having: int) -> float:
        """The inverse document frequency of a term that so many passages have."""
        return _idf(self._passages, having)

    def holding(self, term: str, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which of some passages have a term, of shape ``(len(rows),)``."""
        found: npt.NDArray[np.bool_] = np.zeros(len(rows), dtype=np.bool_)
        for having, _ in self._postings((term,)):
            found = having[np.minimum(np.searchsorted(having, rows.astype(having.dtype)), len(having) - 1)] == rows
        return found

    def scores(self, question: str) -> Vectors:
        """The BM25 score of every passage, float32 of shape ``(passages,)``; 0 where no term is shared.

        Each concept of the question scores by its own terms or by the best other way to say it at half
        weight, whichever is more, so that a concept with many names counts once.
        """
        total = np.zeros(self._passages, dtype=np.float32)
        for concept in concepts(question):
            phrases = [self._postings(phrase) for phrase in (concept.own, *concept.alternatives)]
            if len(phrases[0]) == 1 and not any(phrases[1:]):
                phrases[0][0].add_to(total)
            else:
                self._add_best(phrases, total)
        return total

    def _add_best(self, phrases: "Sequence[Sequence[_Postings]]", total: Vectors) -> None:
        """Adds for each passage the best of what several phrases score, all but the first at half weight."""
        own, *others = phrases
        with self._lock, self._left_clean():
            best = self._best
            for postings in own:
                postings.add_to(best)
            for rows, scores in chain.from_iterable(map(self._sums, others)):
                np.maximum.at(best, rows, scores * _ALTERNATIVE)
            for rows, _ in chain.from_iterable(phrases):
                # A row that several postings have is added once: from then on it is 0 again.
                np.add.at(total, rows, best.take(rows))
                _clear(best, rows)

    @contextmanager
    def _left_clean(self) -> Iterator[None]:
        """Brings the shared arrays back to zeros where a question fails, so that no other is told what it left."""
        try:
            yield
        except BaseException:
            self._best.fill(0)
            self._sum.fill(0)
            raise

    def _sums(self, phrase: "Sequence[_Postings]") -> "Sequence[_Postings]":
        """The postings of a phrase's terms, each with what the whole phrase scores in its rows."""
        if len(phrase) == 1:
            return phrase
        for postings in phrase:
            postings.add_to(self._sum)
        sums = [_Postings(rows, self._sum.take(rows)) for rows, _ in phrase]
        for rows, _ in phrase:
            _clear(self._sum, rows)
        return sums

    def _postings(self, phrase: Sequence[str]) -> "list[_Postings]":
        """The postings of a phrase's terms that some passage has."""
        numbers = (number for term in phrase if (number := self._vocabulary.get(term)) is not None)
        stretches = (slice(self._starts[number], self._starts[number + 1]) for number in numbers)
        return [_Postings(self._rows[each], self._scores[each]) for each in stretches]


class _Postings(NamedTuple):
    """The rows of the passages that have a term, ascending, and what it adds to their scores."""

    rows: npt.NDArray[np.int32]
    scores: Vectors

    def add_to(self, total: Vectors) -> None:
        """Adds its scores to those of all passages."""
        # Three times as fast as ``total[self.rows] += self.scores``.
        np.add.at(total, self.rows, self.scores)


def _idf(passages: int, having: int) -> float:
    return math.log(1 + (passages - having + 0.5) / (having + 0.5))


def _clear(scores: Vectors, rows: npt.NDArray[np.int32]) -> None:
    scores[rows.astype(np.intp)] = 0  # twice as fast as with the rows as they are
