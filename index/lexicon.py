"""BM25 over the words of passages."""

import logging
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import bm25s
import numpy as np

from index.encoder import Vectors
from index.lay_words import concepts
from index.terms import terms

__all__ = ["Lexicon"]

_ALTERNATIVE = 0.5
"""What another way to say something counts, beside the question's own words for it."""

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs each step of an index at DEBUG


class Lexicon:
    """BM25 scores of all passages for a question.

    Lucene's variant: S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework (2009); X. Lù,
    BM25S (2024). ``k1=0.9, b=0.4`` are the defaults of Anserini, and better here too on both development
    sets than 1.5 and 0.75: passages are short, and their lengths say little.
    """

    def __init__(self, engine: bm25s.BM25, passages: int) -> None:
        self._engine = engine
        self._passages = passages

    @classmethod
    def build(cls, texts: Sequence[str]) -> "Lexicon":
        """The lexicon of passages' texts."""
        found = [terms(text) for text in texts]
        # bm25s would number terms in the order of a set, which is another in each process. The empty term,
        # which no question holds, stands in for passages without any.
        vocabulary = {term: number for number, term in enumerate(dict.fromkeys(["", *chain.from_iterable(found)]))}
        numbers = [[vocabulary[term] for term in each] or [0] for each in found]
        engine = bm25s.BM25(method="lucene", k1=0.9, b=0.4)
        engine.index((numbers, vocabulary), show_progress=False)
        return cls(engine, len(texts))

    @classmethod
    def load(cls, folder: Path, passages: int) -> "Lexicon":
        """The lexicon that `save` wrote."""
        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False), passages)

    def save(self, folder: Path) -> None:
        """Writes the lexicon into a folder."""
        self._engine.save(folder, show_progress=False)

    def knows(self, term: str) -> bool:
        """Whether some passage has a term."""
        return term in self._engine.vocab_dict

    def scores(self, question: str) -> Vectors:
        """The BM25 score of every passage, float32 of shape ``(passages,)``; 0 where no term is shared.

        Each concept of the question scores by its own terms or by the best other way to say it at half
        weight, whichever is more, so that a concept with many names counts once.
        """
        total = np.zeros(self._passages, dtype=np.float32)
        for concept in concepts(question):
            best = self._sum(concept.own)
            for alternative in concept.alternatives:
                best = np.maximum(best, self._sum(alternative) * np.float32(_ALTERNATIVE))
            total += best
        return total

    def _sum(self, phrase: Sequence[str]) -> Vectors:
        known = [term for term in phrase if self.knows(term)]
        if not known:
            return np.zeros(self._passages, dtype=np.float32)
        scores: Vectors = self._engine.get_scores(known)
        return scores
