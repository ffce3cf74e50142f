"""What an answer shows of passages, documents and works."""

from collections.abc import Mapping, Sequence

from corpus import Document, Span, Work, anchor
from index.answers import AnswerPassage, AnswerReference, DocumentSummary, NumberInDocument, Quotation
from index.calibration import Probabilities
from index.fusion import Ranking
from index.snapshot import Snapshot

__all__ = ["DECIMALS", "answer_passage", "answer_references", "describe_work", "summarise"]

DECIMALS = 4
"""To so many decimals probabilities are told."""


def answer_passage(snapshot: Snapshot, ranking: Ranking, at: int, confidences: Probabilities | None) -> AnswerPassage:
    """The passage at a place of a ranking, from 0 on, with its confidence among those of all."""
    passage = snapshot.passages[ranking.rows[at]]
    document = snapshot.documents[passage.document_id]
    lead = passage.lead
    return AnswerPassage(
        rank=at + 1,
        id=passage.id,
        confidence=None if confidences is None else round(float(confidences[at]), DECIMALS),
        score=round(float(ranking.scores[at]), 6),
        text=passage.text,
        document=summarise(document),
        headings=passage.headings,
        lead=lead and Quotation(lead.start, lead.end, document.text[lead.start : lead.end]),
        anchor=anchor(document, Span(passage.start, passage.end)),
        highlights=(passage.sentences[ranking.sentences.places[at]],),
        citations=passage.citations,
    )


def summarise(document: Document) -> DocumentSummary:
    """A document without its text."""
    return DocumentSummary(document.id, document.title, document.url, document.modified)


def answer_references(
    passages: Sequence[AnswerPassage], documents: Mapping[str, Document]
) -> tuple[AnswerReference, ...]:
    """The works that passages cite, in the order in which they are first cited.

    The text of a work is that of the document in which it is cited first, word for word.
    """
    shown = [documents[each] for each in dict.fromkeys(passage.document.id for passage in passages)]
    works: dict[str, Work] = {}
    for passage in passages:
        for citation in passage.citations:
            works.setdefault(citation.reference, documents[passage.document.id].works[citation.number])
    return tuple(describe_work(work, shown) for work in works.values())


def describe_work(work: Work, documents: Sequence[Document]) -> AnswerReference:
    """A work, with its numbers in some documents."""
    return AnswerReference(
        id=work.id,
        numbers=tuple(
            NumberInDocument(document.id, reference.number)
            for document in documents
            for reference in document.references
            if reference.work.id == work.id
        ),
        text=work.text,
        byline=work.byline,
        year=work.year,
        doi=work.doi,
        pmid=work.pmid,
        pmcid=work.pmcid,
        url=work.url,
    )
