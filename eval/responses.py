"""What came back for a question, whoever was asked: a snapshot, a running service, or another program."""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from corpus.passages import Basis
from corpus.spans import Span
from index.answers import Answer, AnswerPassage, Status

__all__ = ["Cited", "Response", "Retrieved", "faults", "from_answers"]

MOST = 1e30
"""The greatest score, which single precision still holds with room for ties to be parted."""


class Cited(msgspec.Struct, frozen=True, omit_defaults=True):
    """A work that a passage is said to rest on; `basis` and `number` where the service gives them."""

    reference: str
    basis: Basis | None = None
    number: int | None = None


class Retrieved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A passage of a ranking: a span of a document, in code points, and its score, higher being better.

    `confidence` is the probability that this passage answers. `citations` are null where the service
    gives none at all, and empty where it says that nothing is cited.
    """

    document: str
    start: int
    end: int
    score: float
    id: str | None = None
    text: str | None = None
    confidence: float | None = None
    highlights: tuple[Span, ...] = ()
    citations: tuple[Cited, ...] | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What came back for the question of that id, best passage first.

    `status` is what a user gets, null where the service never refuses; the passages are what it finds when
    it may not refuse. `answerable` is the probability that anything answers. `took_ms` is the time that the
    asker waited. `failure` tells why nothing came back.

    >>> line = b'{"id": "q1", "status": "no_match", "passages": [{"document": "d", "start": 0, "end": 9, "score": 1}]}'
    >>> msgspec.json.decode(line, type=Response).passages[0].end
    9
    """

    id: str
    status: Status | None = None
    passages: tuple[Retrieved, ...] = ()
    answerable: float | None = None
    took_ms: float | None = None
    failure: str | None = None


def from_answers(identity: str, user: Answer, ranking: Answer, took_ms: float) -> Response:
    """The response to a question asked twice: as a user asks, and with ``min_confidence=0`` for the ranking."""
    return Response(
        id=identity,
        status=user.status,
        passages=tuple(map(_retrieved, ranking.passages)),
        answerable=user.answerable,
        took_ms=round(took_ms, 3),
    )


def _retrieved(passage: AnswerPassage) -> Retrieved:
    return Retrieved(
        document=passage.document.id,
        start=passage.anchor.start,
        end=passage.anchor.end,
        score=passage.score,
        id=passage.id,
        text=passage.text,
        confidence=passage.confidence,
        highlights=passage.highlights,
        citations=tuple(Cited(each.reference, each.basis, each.number) for each in passage.citations),
    )


def faults(response: Response) -> Iterator[str]:
    """What makes a response unfit to be scored, each with its cure."""
    places = [(passage.document, passage.start, passage.end) for passage in response.passages]
    for (document, start, end), passage in zip(places, response.passages, strict=True):
        if not 0 <= start < end:
            yield f"a passage of {document!r} goes from {start} to {end}. Give 0 <= start < end."
        if document.split() != [document]:
            yield f"the document {document!r} has white space in its id or is empty, which a TREC run cannot carry."
        if not abs(passage.score) <= MOST:
            yield f"the score of {document!r}, {start} to {end}, is {passage.score}. Give -{MOST:g} to {MOST:g}."
        if not _is_probability(passage.confidence):
            yield f"the confidence of {document!r}, {start} to {end}, is {passage.confidence}. Give 0 to 1, or none."
    if not _is_probability(response.answerable):
        yield f"answerable is {response.answerable}. Give a probability from 0 to 1, or none."
    if response.took_ms is not None and response.took_ms < 0:
        yield f"took_ms is {response.took_ms}. Give milliseconds from 0 up, or none."
    if len(set(places)) < len(places):
        document, start, end = next(place for place in places if places.count(place) > 1)
        yield f"the passage of {document!r} from {start} to {end} stands there twice. Give each passage once."
    scores = [passage.score for passage in response.passages]
    if any(later > earlier for earlier, later in pairwise(scores)):
        yield "the scores rise down the list. Give the best passage first."


def _is_probability(value: float | None) -> bool:
    return value is None or 0 <= value <= 1
