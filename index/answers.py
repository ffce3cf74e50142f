"""What is asked and what is answered: `Query` and `Answer`, the same for every interface."""

from typing import Literal

import msgspec

from corpus import Anchor, Citation, Span

__all__ = [
    "Answer",
    "AnswerPassage",
    "AnswerReference",
    "DocumentSummary",
    "Leg",
    "NumberInDocument",
    "Query",
    "Quotation",
    "Status",
]

Leg = Literal["hybrid", "dense", "lexical"]
Status = Literal["answered", "no_match"]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A question and its options. `min_confidence` decides the status alone and never the order; 0 never refuses.

    The others are filters: they leave passages of some documents, under some heading, or citing a work of some
    years, both included, and of some type of publication; and never change the order of what they leave.
    """

    question: str
    k: int = 5
    documents: tuple[str, ...] | None = None
    headings: tuple[str, ...] | None = None
    year_from: int | None = None
    year_to: int | None = None
    publication_types: tuple[str, ...] | None = None
    min_confidence: float | None = None
    leg: Leg = "hybrid"

    @property
    def has_filters(self) -> bool:
        """Whether any filter was given."""
        return self.asks_for_works or self.documents is not None or self.headings is not None

    @property
    def asks_for_works(self) -> bool:
        """Whether the works that a passage cites are filtered."""
        return any(each is not None for each in (self.year_from, self.year_to, self.publication_types))


class DocumentSummary(msgspec.Struct, frozen=True):
    """A document, without its text."""

    id: str
    title: str
    url: str | None
    modified: str | None


class Quotation(msgspec.Struct, frozen=True):
    """A span of the document together with its words."""

    start: int
    end: int
    text: str


class NumberInDocument(msgspec.Struct, frozen=True):
    """The number that a document gives to a reference."""

    document: str
    number: int


class AnswerReference(msgspec.Struct, frozen=True):
    """A work that a passage cites, with its numbers in the documents of this answer.

    `byline` says who it is by, in short: ``Vazifehdan et al.``
    """

    id: str
    numbers: tuple[NumberInDocument, ...]
    text: str
    byline: str | None
    year: int | None
    doi: str | None
    pmid: str | None
    pmcid: str | None
    url: str | None


class AnswerPassage(msgspec.Struct, frozen=True):
    """A passage of an answer. Every offset counts code points in the document's text."""

    rank: int
    id: str
    confidence: float | None
    score: float
    text: str
    document: DocumentSummary
    headings: tuple[str, ...]
    lead: Quotation | None
    anchor: Anchor
    highlights: tuple[Span, ...]
    citations: tuple[Citation, ...]


class Answer(msgspec.Struct, frozen=True):
    """The passages that answer a question, best first, and the references they cite.

    With status ``no_match`` there are no passages, and `nearest` is the best near miss. `answerable` is the
    probability that any passage answers, null where it is not calibrated.
    """

    id: str
    status: Status
    question: str
    snapshot: str
    took_ms: float
    passages: tuple[AnswerPassage, ...]
    references: tuple[AnswerReference, ...]
    nearest: AnswerPassage | None
    answerable: float | None = None
