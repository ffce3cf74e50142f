"""What speaks for a passage answering a question, in numbers that mean the same in any corpus.

The features are those of `index.calibration`. Those of words tell whether the passage has what the
question names, those of scores how far it stands out among the passages found.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus import Passage
from index.calibration import Features
from index.encoder import Encoding, Vectors, Word
from index.fusion import Ranking, cosines
from index.lay_words import Concept, concepts
from index.snapshot import Snapshot
from index.terms import is_content
from index.texts import Rows

__all__ = ["STANDING", "features"]

Column = npt.NDArray[np.generic]
Mask = npt.NDArray[np.bool_]

STANDING = 10
"""With so many of the best passages a passage is compared."""

_MATCHED = 0.6
_MANY = 12
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|often|old|high|large|far|fast|big)\b|\b(?:what|which) (?:\w+ ){0,3}(?:percentage|percent|"
    r"proportion|number|rate|dose|dosage|age|year|size|share|fraction|level|frequency|incidence|prevalence|mortality|"
    r"duration|mean|median|range|odds|risk|ratio)\b|\bwhen (?:was|were|did)\b",
    re.IGNORECASE,
)


class _Named(NamedTuple):
    """A concept of the question by its idf, as a share of the greatest there can be, and who has it by name."""

    idf: float
    known: bool
    is_number: bool
    held: Mask


def features(
    snapshot: Snapshot,
    question: str,
    encoding: Encoding,
    ranking: Ranking,
    *,
    without: Rows | None = None,
) -> Features:
    """The features of each passage of a ranking, float64 of shape ``(passages, features)``.

    Passages of the rows `without` count as if they were not there, but for the idf of single word pieces. A passage's
    features do not depend on how many passages are ranked, from `STANDING` on.
    """
    rows = ranking.rows
    weights = snapshot.late.weights(encoding.pieces)
    content = [word for word in encoding.words if is_content(word.text)]
    named = [_named(snapshot, concept, rows, without) for concept in concepts(question) if concept.own]
    columns = (
        snapshot.late.scores(encoding, ranking.matches),
        ranking.sentences.matches,
        *_by_word(ranking.matches, weights, content),
        cosines(snapshot.dense.vectors(rows), encoding.vector),
        ranking.best,
        *_by_name(named, len(rows)),
        _lacks_number(snapshot, question, ranking),
        *_ahead(ranking.scores),
        np.full(len(rows), min(_MANY, len(content)) / _MANY),
    )
    return np.column_stack(columns).astype(np.float64)


def _by_word(matches: Vectors, weights: Vectors, content: Sequence[Word]) -> tuple[Column, Column, Column]:
    """How well the two content words that match least are matched, and the share of those hardly matched."""
    if not content:
        return (np.zeros(len(matches)),) * 3
    of_word = np.column_stack([matches[:, word.pieces].mean(axis=1) for word in content])
    least = np.sort(of_word, axis=1)
    idf = np.array([weights[word.pieces].max() for word in content])
    return (
        least[:, 0],
        least[:, min(1, len(content) - 1)],
        np.einsum("ij,j->i", (of_word < _MATCHED).astype(np.float64), idf) / idf.sum(),
    )


def _named(snapshot: Snapshot, concept: Concept, rows: Rows, without: Rows | None) -> _Named:
    """Who has a concept, by its own terms or by all terms of another name."""
    lexicon = snapshot.lexicon
    held = np.logical_or.reduce([lexicon.holding(term, rows) for term in concept.own])
    for other in concept.alternatives:
        if other:
            held |= np.logical_and.reduce([lexicon.holding(term, rows) for term in other])
    having = [lexicon.having(term, without) for term in concept.own]
    known = [lexicon.idf(passages) for passages in having if passages]
    most = lexicon.idf(0)
    return _Named(max(known, default=most) / most, bool(known), any(c.isdigit() for c in concept.own[0]), held)


def _by_name(named: Sequence[_Named], passages: int) -> tuple[Column, Column, Column, Column]:
    """Of the known concepts the share that each passage has, and the rarest that it lacks; numbers; what is unknown."""
    total = sum(each.idf for each in named) or 1.0
    of_known = sum(each.idf for each in named if each.known) or 1.0
    covered, missing, numbers = np.zeros(passages), np.zeros(passages), np.zeros(passages)
    for each in named:
        if each.known:
            covered += each.held * (each.idf / of_known)
            missing = np.maximum(missing, ~each.held * each.idf)
        if each.is_number:
            numbers += ~each.held
    unknown = sum(each.idf for each in named if not each.known) / total
    return covered, missing, np.minimum(numbers, 2), np.full(passages, unknown)


def _lacks_number(snapshot: Snapshot, question: str, ranking: Ranking) -> Column:
    """Whether a number is asked for, and the best sentence of a passage has none."""
    if not _ASKS_NUMBER.search(question):
        return np.zeros(len(ranking.rows))
    return np.array(
        [
            not any(map(str.isdigit, _sentence(snapshot.passages[row], place)))
            for row, place in zip(ranking.rows.tolist(), ranking.sentences.places.tolist(), strict=True)
        ]
    )


def _sentence(passage: Passage, place: int) -> str:
    span = passage.sentences[place]
    return passage.text[span.start - passage.start : span.end - passage.start]


def _ahead(scores: Vectors) -> tuple[Column, Column]:
    """How far the first passage is ahead of the second, and each passage of the mean of the first ones."""
    if not len(scores):
        return np.zeros(0), np.zeros(0)
    next_best = scores[min(1, len(scores) - 1)]
    return np.full(len(scores), scores[0] - next_best), scores - scores[:STANDING].mean()
