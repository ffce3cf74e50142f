"""The order of passages, from what the two legs say of each."""

import msgspec
import numpy as np

from index.answers import Leg
from index.dense import Rows
from index.encoder import Vectors
from index.snapshot import Snapshot

__all__ = ["LEXICAL_WEIGHT", "Ranking", "rank"]

LEXICAL_WEIGHT = 0.35
"""The weight of the lexical leg beside the cosine; the best lexical hit of a question gets all of it."""

_CANDIDATES = 100
"""At least so many passages of each leg's top are candidates."""


class Ranking(msgspec.Struct, frozen=True):
    """Passages, best first: their rows, their scores, and the cosine of each one's best sentence, all ``(n,)``.

    `sentences` are the places of these best sentences within their passages.
    """

    rows: Rows
    scores: Vectors
    best: Vectors
    sentences: Rows


def rank(
    snapshot: Snapshot,
    *,
    question: str,
    vector: Vectors,
    leg: Leg,
    most: int,
    within: Rows | None,
    lexical_weight: float = LEXICAL_WEIGHT,
) -> Ranking:
    """The best passages for a question, at most `most`, of those `within` if given.

    The dense leg is the mean of two cosines with the question, the passage's and that of its best sentence;
    ``score = dense + 0.35 · bm25 / (best bm25 of this question)``. Candidates are the union of both legs'
    tops, each with its true score in both. What `within` leaves out still counts for the best BM25, so
    that a filter never changes the order of what remains. Equal scores keep the order of the passages.
    """
    lexical = snapshot.lexicon.scores(question)
    candidates = max(_CANDIDATES, most)
    rows: Rows = np.array([], dtype=np.int64)
    if leg != "lexical":
        rows = snapshot.dense.top(vector, candidates, within)
    if leg != "dense":
        rows = np.union1d(rows, _lexical_top(lexical, candidates, within))
    best, sentences = _best_sentences(snapshot, rows, vector)
    dense = (_cosines(snapshot.dense.vectors(rows), vector) + best) * np.float32(0.5)
    weight = lexical_weight / highest if (highest := float(lexical.max())) else 0.0
    scores = _scores(leg, dense, lexical[rows], weight)
    order = np.lexsort((rows, -scores))[:most]
    return Ranking(rows[order], scores[order], best[order], sentences[order])


def _cosines(vectors: Vectors, vector: Vectors) -> Vectors:
    """The cosine of each of some unit vectors with one more, the same whatever the others are.

    A matrix product is not: BLAS adds up the last rows of a matrix in another order than the first.
    """
    cosines: Vectors = np.einsum("ij,j->i", vectors, vector)
    return cosines


def _scores(leg: Leg, dense: Vectors, lexical: Vectors, weight: float) -> Vectors:
    if leg == "lexical":
        return lexical
    if leg == "dense":
        return dense
    fused: Vectors = dense + lexical * np.float32(weight)
    return fused


def _best_sentences(snapshot: Snapshot, rows: Rows, vector: Vectors) -> tuple[Vectors, Rows]:
    """For each passage the highest cosine of a sentence, and which sentence has it."""
    similarities = [_cosines(snapshot.vectors_of_sentences(row), vector) for row in rows]
    best = np.array([each.max() for each in similarities], dtype=np.float32)
    return best, np.array([each.argmax() for each in similarities], dtype=np.int64)


def _lexical_top(scores: Vectors, most: int, within: Rows | None) -> Rows:
    """The rows of the `most` passages with the highest scores above 0."""
    rows = np.flatnonzero(scores) if within is None else within[scores[within] > 0]
    return rows[np.argsort(-scores[rows], kind="stable")[:most]]
