"""BM25 over the words of passages.

Terms are stemmed words. A compound with hyphens, slashes or points, such as ``C1-C2``, ``AQP4-IgG`` or
``14.8``, is a term as a whole; a hyphenated one also gives its parts, so that either spelling is found.
"""

import logging
import re
import threading
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN

from index.encoder import Vectors

__all__ = ["Lexicon", "terms"]

_WORD = re.compile(r"[^\W_]+(?:[-‐‑–/.'’][^\W_]+)*")
_PARTS = re.compile(r"[-‐‑–/'’]")
_STOP_WORDS = frozenset(STOPWORDS_EN) | frozenset(
    {"what", "which", "who", "whom", "whose", "when", "where", "why", "how", "did", "do", "does", "has", "have", "had",
     "were", "can", "could", "should", "would", "been", "being", "its", "from", "than", "there", "about", "after"}
)  # fmt: skip
logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs each step of an index at DEBUG
_stemmers = threading.local()


def terms(text: str) -> list[str]:
    """The terms of a text, in its order.

    >>> terms("The C1-C2 metastases, 14.8 months")
    ['c1-c2', 'c1', 'c2', 'metastas', '14.8', 'month']
    """
    found: list[str] = []
    for word in _WORD.findall(text.casefold()):
        parts = [part for part in _PARTS.split(word) if part]
        found.extend([word.replace("–", "-").replace("‑", "-").replace("‐", "-"), *parts] if len(parts) > 1 else parts)
    stemmed: list[str] = _stemmer().stemWords([word for word in found if word not in _STOP_WORDS])
    return stemmed


def _stemmer() -> Stemmer.Stemmer:
    """One stemmer a thread: a Snowball stemmer keeps a buffer of its own."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _stemmers.english
    return stemmer


class Lexicon:
    """BM25 scores of all passages for a question.

    Lucene's variant with ``k1=1.5, b=0.75``: S. Robertson and H. Zaragoza, The Probabilistic Relevance
    Framework (2009); X. Lù, BM25S (2024).
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
        engine = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        engine.index((numbers, vocabulary), show_progress=False)
        return cls(engine, len(texts))

    @classmethod
    def load(cls, folder: Path, passages: int) -> "Lexicon":
        """The lexicon that `save` wrote."""
        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False), passages)

    def save(self, folder: Path) -> None:
        """Writes the lexicon into a folder."""
        self._engine.save(folder, show_progress=False)

    def scores(self, question: str) -> Vectors:
        """The BM25 score of every passage, float32 of shape ``(passages,)``; 0 where no term is shared."""
        known = [term for term in terms(question) if term in self._engine.vocab_dict]
        if not known:
            return np.zeros(self._passages, dtype=np.float32)
        scores: Vectors = self._engine.get_scores(known)
        return scores
