"""The order of passages, from what the two legs say of each."""

import msgspec
import numpy as np

from index.answers import Leg
from index.encoder import Encoding, Vectors
from index.late import BestSentences
from index.snapshot import Snapshot
from index.texts import Rows

__all__ = ["LATE_WEIGHT", "LEXICAL_WEIGHT", "Ranking", "cosines", "rank"]

LEXICAL_WEIGHT = 0.35
"""The weight of the lexical leg beside the cosine; the best lexical hit of a question gets all of it."""

LATE_WEIGHT = 4.0
"""The weight of the match of single word pieces beside the cosines of whole texts."""

_STRETCH = 256
"""The best score of so many passages in a row is found at once."""

_CANDIDATES = 50
"""At least so many passages of each leg's top are candidates."""


class Ranking(msgspec.Struct, frozen=True):
    """Passages, best first: their rows, their scores, and the highest cosine of a sentence of each, all ``(n,)``.

    `matches` ``(n, pieces)`` tell how well each piece of the question is matched in each passage; `sentences` are
    those of each passage whose word pieces match the question best.
    """

    rows: Rows
    scores: Vectors
    best: Vectors
    matches: Vectors
    sentences: BestSentences

    def reordered(self, order: Rows, scores: Vectors) -> "Ranking":
        """The same passages in another order, with other scores."""
        sentences = BestSentences(self.sentences.places[order], self.sentences.matches[order])
        return Ranking(self.rows[order], scores, self.best[order], self.matches[order], sentences)


def rank(
    snapshot: Snapshot,
    *,
    question: str,
    encoding: Encoding,
    leg: Leg,
    most: int,
    within: Rows | None,
    lexical_weight: float = LEXICAL_WEIGHT,
) -> Ranking:
    """The best passages for a question, at most `most`, of those `within` if given.

    ``score = dense + 0.35 · bm25 / (best bm25 of this question)``, where the dense leg is the mean of two cosines
    with the question, the passage's and that of its best sentence, and 4 times how their word pieces match.
    Candidates are the union of both legs' tops by the passage's cosine and by BM25, the same for any `most` up to
    50, each with its true score. What `within` leaves out, and what is hidden since its document is withdrawn, still
    counts for the best BM25, so that neither changes a score or the order of the others; they may let in passages that
    were no candidates before. Equal scores keep the
    order of the passages.
    """
    lexical = snapshot.lexicon.scores(question)
    candidates = max(_CANDIDATES, most)
    rows: Rows = np.array([], dtype=np.int64)
    if leg != "lexical":
        rows = snapshot.dense.top(encoding.vector, candidates, within)
    if leg != "dense":
        rows = np.union1d(rows, _lexical_top(_shown(lexical, snapshot.records.hidden), candidates, within))
    best = _best_cosines(snapshot, rows, encoding.vector)
    matches = snapshot.late.matches(encoding, rows)
    scores = lexical[rows] if leg == "lexical" else _dense(snapshot, rows, encoding, best, matches)
    if leg == "hybrid" and (highest := float(lexical.max())):
        scores = scores + lexical[rows] * np.float32(lexical_weight / highest)
    order = np.lexsort((rows, -scores))[:most]
    first = rows[order]
    sentences = snapshot.late.best_sentences(encoding, first)
    return Ranking(first, scores[order], best[order], matches[order], sentences)


def _dense(snapshot: Snapshot, rows: Rows, encoding: Encoding, best: Vectors, matches: Vectors) -> Vectors:
    of_passage = cosines(snapshot.dense.vectors(rows), encoding.vector)
    late = snapshot.late.scores(encoding, matches)
    scores: Vectors = (of_passage + best) * np.float32(0.5) + np.float32(LATE_WEIGHT) * late
    return scores


def cosines(vectors: Vectors, vector: Vectors) -> Vectors:
    """The cosine of each of some unit vectors with one more, the same whatever the others are.

    A matrix product is not: BLAS adds up the last rows of a matrix in another order than the first.
    """
    found: Vectors = np.einsum("ij,j->i", vectors, vector)
    return found


def _best_cosines(snapshot: Snapshot, rows: Rows, vector: Vectors) -> Vectors:
    """For each passage the highest cosine of a sentence."""
    if not len(rows):
        return np.zeros(0, dtype=np.float32)
    snapshot.fetch_sentences(rows)
    sentences = [snapshot.vectors_of_sentences(row) for row in rows]
    counts = np.array([len(each) for each in sentences])
    best: Vectors = np.maximum.reduceat(cosines(np.concatenate(sentences), vector), np.cumsum(counts) - counts)
    return best


def _shown(scores: Vectors, hidden: Rows | None) -> Vectors:
    """The scores, with 0 in the rows that are hidden."""
    if hidden is None:
        return scores
    shown = scores.copy()
    shown[hidden] = 0
    return shown


def _lexical_top(scores: Vectors, most: int, within: Rows | None) -> Rows:
    """The rows of the `most` passages with the highest scores above 0, of equal ones the first."""
    if within is not None:
        rows = within[scores[within] > 0]
    else:
        # As many stretches as are wanted have their best score from here on, so no lower one can be among them.
        highest = np.maximum.reduceat(scores, np.arange(0, len(scores), _STRETCH))
        least = np.sort(highest)[-most] if most < len(highest) else 0
        rows = np.flatnonzero(scores >= least if least > 0 else scores)
    return rows[np.argsort(-scores[rows], kind="stable")[:most]]
