"""Each question for itself: what it asks for, what came back, and every measure that applies to it."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from eval.citations import CitedPassage, citation_measures
from eval.crediting import Indexed, covers, credit
from eval.measures import over_documents, over_spans
from eval.questions import Question
from eval.reading import (
    first_sentence_hit,
    highlight_excess,
    highlight_hit,
    intersection_over_union,
    precision,
    recall_after,
)
from eval.responses import Response, Retrieved
from eval.spans import GoldSpan

__all__ = ["Judged", "answering", "cited_passage", "first_answers", "score"]

SHOWN = 5
"""So many passages a user is shown by default."""

_BUDGETS = (500, 1000)


class Judged(msgspec.Struct, frozen=True):
    """A question with the places of its evidence, and how the index holds each, where that is known."""

    question: Question
    spans: tuple[GoldSpan, ...] = ()
    indexed: tuple[Indexed, ...] | None = None

    @property
    def grades(self) -> dict[str, int]:
        """The documents that hold evidence, each with its highest grade."""
        grades: dict[str, int] = {}
        for evidence in self.question.evidence:
            grades[evidence.document] = max(evidence.grade, grades.get(evidence.document, 0))
        return grades


def score(judged: Sequence[Judged], responses: Mapping[str, Response]) -> dict[str, dict[str, float]]:
    """Every measure that applies: question id → name of the measure → value.

    A question without a response, or with one that failed, scores 0 wherever ranking or reading is measured.
    Whether highlights are hit is measured of all questions, or of none where the service highlights nothing.
    """
    responses = {identity: response for identity, response in responses.items() if response.failure is None}
    highlighting = _may_highlight(responses.values())
    answerable = {each.question.id: each for each in judged if each.question.answerable}
    spanned = {identity: each for identity, each in answerable.items() if each.spans}
    passages = {identity: response.passages for identity, response in responses.items()}
    documents = over_documents(
        {identity: each.grades for identity, each in answerable.items()},
        {identity: [passage.document for passage in passages.get(identity, ())] for identity in answerable},
    )
    spans = over_spans(
        {identity: len(each.spans) for identity, each in spanned.items()},
        {identity: credit(each.spans, passages.get(identity, ())) for identity, each in spanned.items()},
    )
    return {
        each.question.id: {
            **spans.get(each.question.id, {}),
            **documents.get(each.question.id, {}),
            **_of_one(each, responses.get(each.question.id) or Response(id=each.question.id), highlighting),
        }
        for each in judged
    }


def answering(judged: Judged, response: Response) -> Retrieved | None:
    """The first passage that covers any of the evidence."""
    covering = (each for each in response.passages if any(covers(each, span) for span in judged.spans))
    return next(covering, None)


def cited_passage(judged: Judged, response: Response) -> CitedPassage | None:
    """The passage that answers with the references that it should have, where both are known."""
    passage, references = answering(judged, response), judged.question.references
    if passage is None or passage.citations is None or references is None:
        return None
    return CitedPassage(passage.citations, references)


def first_answers(judged: Judged, response: Response) -> bool:
    """Whether the first passage covers evidence; where whole documents are judged, whether its document is relevant."""
    if not response.passages:
        return False
    first = response.passages[0]
    if judged.spans:
        return any(covers(first, span) for span in judged.spans)
    return first.document in judged.grades


def _may_highlight(responses: Collection[Response]) -> bool:
    """Whether any passage is highlighted, or none came back that could tell."""
    passages = [passage for response in responses for passage in response.passages]
    return not passages or any(passage.highlights for passage in passages)


def _of_one(judged: Judged, response: Response, highlighting: bool) -> dict[str, float]:
    """The measures that need no ranking tool."""
    measures: dict[str, float] = {}
    if judged.spans:
        measures |= _reading(judged, response, highlighting)
    cited = cited_passage(judged, response)
    if cited is not None:
        measures |= citation_measures(cited)
    if response.status is not None and judged.question.answerable:
        measures["wrong refusal"] = float(response.status == "no_match")
    if response.status is not None and not judged.question.answerable:
        measures["wrong answer"] = float(response.status == "answered")
    return measures


def _reading(judged: Judged, response: Response, highlighting: bool) -> dict[str, float]:
    spans, passages = judged.spans, response.passages
    shown = passages[:SHOWN]
    measures = {f"recall after {budget} characters": recall_after(budget, spans, passages) for budget in _BUDGETS}
    measures["character precision@5"] = precision(spans, shown)
    measures["character IoU@5"] = intersection_over_union(spans, shown)
    if highlighting:
        measures["highlight hit@1"] = float(highlight_hit(spans, passages[:1]))
        measures["highlight hit@3"] = float(highlight_hit(spans, passages[:3]))
        measures["first sentence hit@1"] = float(first_sentence_hit(spans, passages[:1]))
        measures["first sentence hit@3"] = float(first_sentence_hit(spans, passages[:3]))
    covering = answering(judged, response)
    if covering is not None and covering.highlights:
        measures["highlight excess"] = float(highlight_excess(spans, covering))
    return measures
