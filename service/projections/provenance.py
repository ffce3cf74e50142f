"""Where a passage is from and what it cites, which every projection carries: by it a client gets back to the source."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

import msgspec

from corpus import Anchor, Basis, Citation, Passage, Span, anchor
from index import Answer, AnswerPassage, AnswerReference, DocumentSummary, Searcher, describe_work, summarise

__all__ = ["CORPUS", "CitedWork", "Match", "Provenance", "matches", "of_passage"]

CORPUS = "loccit"
"""The id of the one knowledge or vector store that there is: all that is served."""


class CitedWork(msgspec.Struct, frozen=True):
    """A work that a passage cites: its number there, on what basis, its note word for word, and its identifiers."""

    number: int
    basis: Basis
    reference: str
    text: str
    year: int | None
    doi: str | None
    pmid: str | None
    pmcid: str | None


class Provenance(msgspec.Struct, frozen=True):
    """The ids of a passage and its document, the span in the document's text with its SHA-256, and the works cited.

    `link` leads to the place in the document, where that has an address. `lead` is the first sentence of the study
    where the passage itself does not say whose result it tells.
    """

    passage_id: str
    document_id: str
    title: str
    link: str | None
    modified: str | None
    sha256: str
    start: int
    end: int
    headings: tuple[str, ...]
    lead: str | None
    citations: tuple[CitedWork, ...]

    def address(self, base: str) -> str:
        """Where the passage can be read: in the document itself, else as the service at `base` has it."""
        return self.link or f"{base.rstrip('/')}/v1/passages/{quote(self.passage_id, safe='')}"

    @property
    def place(self) -> str:
        """The title of the document, and the heading nearest to the passage."""
        return " · ".join((self.title, *self.headings[-1:]))


class Match(msgspec.Struct, frozen=True):
    """A passage that answers.

    `score` is its confidence; where that is not calibrated, the score by which it is ranked, brought between 0 and 1.
    """

    passage: AnswerPassage
    score: float
    provenance: Provenance


def matches(answer: Answer, threshold: float = 0) -> tuple[Match, ...]:
    """The passages that answer, best first, with a score of at least the threshold; none where nothing was found."""
    references = {reference.id: reference for reference in answer.references}
    found = (Match(each, _score(each), _of_answer(each, references)) for each in answer.passages)
    return tuple(match for match in found if match.score >= threshold)


def of_passage(searcher: Searcher, passage: Passage) -> Provenance:
    """The provenance of a passage that is found by its id."""
    document = searcher.documents[passage.document_id]
    works = {document.works[citation.number].id: document.works[citation.number] for citation in passage.citations}
    return _provenance(
        passage.id,
        summarise(document),
        anchor(document, Span(passage.start, passage.end)),
        passage.headings,
        document.text[passage.lead.start : passage.lead.end] if passage.lead else None,
        passage.citations,
        {work.id: describe_work(work, [document]) for work in works.values()},
    )


def _of_answer(passage: AnswerPassage, references: Mapping[str, AnswerReference]) -> Provenance:
    return _provenance(
        passage.id,
        passage.document,
        passage.anchor,
        passage.headings,
        passage.lead.text if passage.lead else None,
        passage.citations,
        references,
    )


def _provenance(
    passage_id: str,
    document: DocumentSummary,
    place: Anchor,
    headings: tuple[str, ...],
    lead: str | None,
    citations: Iterable[Citation],
    references: Mapping[str, AnswerReference],
) -> Provenance:
    return Provenance(
        passage_id=passage_id,
        document_id=document.id,
        title=document.title,
        link=place.link,
        modified=document.modified,
        sha256=place.sha256,
        start=place.start,
        end=place.end,
        headings=headings,
        lead=lead,
        citations=tuple(_cited(citation, references[citation.reference]) for citation in citations),
    )


def _cited(citation: Citation, work: AnswerReference) -> CitedWork:
    return CitedWork(
        number=citation.number,
        basis=citation.basis,
        reference=work.id,
        text=work.text,
        year=work.year,
        doi=work.doi,
        pmid=work.pmid,
        pmcid=work.pmcid,
    )


def _score(passage: AnswerPassage) -> float:
    if passage.confidence is not None:
        return passage.confidence
    # It keeps the order and the bounds, and says nothing of how sure the passage is.
    positive = max(0.0, passage.score)
    return round(positive / (1 + positive), 6)
