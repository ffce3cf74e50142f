"""What a run found: every measure with its interval, by kind and by question."""

from collections.abc import Sequence

import msgspec

from eval.asking import Asked
from eval.citations import CitationReport, CitedPassage, citation_report
from eval.intervals import Estimate, mean_interval
from eval.measures import MEASURES, measure
from eval.refusals import Refusals, refusals
from eval.wording import wording_overlap
from index.answers import Leg, Status

__all__ = ["Group", "QuestionResult", "Report", "Settings", "Versions", "make_report"]


class Versions(msgspec.Struct, frozen=True):
    """What the run was made with; `loccit` is null where it runs from a checkout that is not installed."""

    loccit: str | None
    python: str
    ir_measures: str


class Settings(msgspec.Struct, frozen=True):
    """What was asked of what: all that is needed to make the run again."""

    questions: str
    questions_sha256: str
    split: str | None
    leg: Leg
    k: int
    snapshot: str
    versions: Versions


class Group(msgspec.Struct, frozen=True):
    """The measures of some of the questions: `n` of them, of which `judged` are answerable and so ranked."""

    n: int
    judged: int
    measures: dict[str, Estimate]
    refusals: Refusals


class QuestionResult(msgspec.Struct, frozen=True):
    """One question. An unanswerable one has no evidence, so its `measures` and `wording_overlap` are null."""

    id: str
    kind: str | None
    answerable: bool
    status: Status
    measures: dict[str, float] | None
    wording_overlap: float | None


class Report(msgspec.Struct, frozen=True):
    """What ``measures.json`` holds. `by_kind` leaves out the questions that name no kind."""

    settings: Settings
    overall: Group
    by_kind: dict[str, Group]
    citations: CitationReport
    wording_overlap: Estimate
    questions: tuple[QuestionResult, ...]


def make_report(settings: Settings, asked: Sequence[Asked]) -> Report:
    """Every measure of the questions asked."""
    values = _measure(asked)
    results = tuple(_result(one, values.get(one.question.id)) for one in asked)
    kinds = sorted({one.question.kind for one in asked if one.question.kind is not None})
    overlaps = [result.wording_overlap for result in results if result.wording_overlap is not None]
    return Report(
        settings=settings,
        overall=_group(asked, values),
        by_kind={kind: _group([one for one in asked if one.question.kind == kind], values) for kind in kinds},
        citations=citation_report(_cited(asked)),
        wording_overlap=mean_interval(overlaps),
        questions=results,
    )


def _measure(asked: Sequence[Asked]) -> dict[str, dict[str, float]]:
    """The ranking measures of the answerable questions, by the question's id."""
    judged = [one for one in asked if one.question.answerable]
    spans = {one.question.id: len(one.spans) for one in judged}
    return measure(spans, {one.question.id: one.credits for one in judged})


def _group(asked: Sequence[Asked], values: dict[str, dict[str, float]]) -> Group:
    judged = [values[one.question.id] for one in asked if one.question.id in values]
    return Group(
        n=len(asked),
        judged=len(judged),
        measures={name: mean_interval([value[name] for value in judged]) for name in MEASURES},
        refusals=refusals([one.question for one in asked], {one.question.id: one.status for one in asked}),
    )


def _cited(asked: Sequence[Asked]) -> list[CitedPassage]:
    """The passages that answer the questions with references, where their evidence was found."""
    found = ((one.answering, one.question.references) for one in asked)
    return [
        CitedPassage(passage.citations, references)
        for passage, references in found
        if passage is not None and references is not None
    ]


def _result(one: Asked, measures: dict[str, float] | None) -> QuestionResult:
    question = one.question
    overlap = wording_overlap(question.question, [evidence.quote for evidence in question.evidence])
    return QuestionResult(
        id=question.id,
        kind=question.kind,
        answerable=question.answerable,
        status=one.status,
        measures=measures,
        wording_overlap=overlap if question.answerable else None,
    )
