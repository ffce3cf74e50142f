"""BM25 over the words of passages."""

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
from index.lexicon_writer import LEXICON_FILES, LexiconWriter, inverse_frequency
from index.texts import Rows

__all__ = ["Lexicon"]

_ALTERNATIVE = np.float32(0.5)
"""What another way to say something counts, beside the question's own words for it."""


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
        content = (folder / LEXICON_FILES.vocabulary).read_bytes()
        self._vocabulary = msgspec.json.decode(content, type=dict[str, int])
        self._starts: Rows = np.load(folder / LEXICON_FILES.starts, mmap_mode="r").view(np.ndarray)
        self._rows: npt.NDArray[np.int32] = np.load(folder / LEXICON_FILES.rows, mmap_mode="r").view(np.ndarray)
        self._scores: Vectors = np.load(folder / LEXICON_FILES.scores, mmap_mode="r").view(np.ndarray)
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
        return inverse_frequency(self._passages, having)

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


def _clear(scores: Vectors, rows: npt.NDArray[np.int32]) -> None:
    scores[rows.astype(np.intp)] = 0  # twice as fast as with the rows as they are
