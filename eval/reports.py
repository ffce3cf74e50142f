"""What a run found: every measure with its interval, by kind and by question.

Aggregates are taken over the questions in the order of their ids, so that the order of a question set
changes no figure, not even the ends of a bootstrap interval.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from eval.abstention import BrierScore, ReliabilityBin, RiskCoverage, auroc, brier, reliability, risk_coverage
from eval.citations import CitationReport, citation_report
from eval.faults import Fault, find_faults
from eval.intervals import Estimate, mean_interval, rate_interval
from eval.measures import DOCUMENT_MEASURES, MEASURES, SPAN_MEASURES
from eval.questions import Question
from eval.responses import Response
from eval.scoring import Judged, cited_passage, first_answers, score
from eval.targets import Asked
from eval.wording import wording_overlap
from index.answers import Status

__all__ = [
    "Abstention",
    "Group",
    "Machine",
    "QuestionResult",
    "Report",
    "Settings",
    "SignalQuality",
    "Speed",
    "leading",
    "make_report",
    "telling",
]


class Machine(msgspec.Struct, frozen=True):
    """On what the run was made; `cores` are those that the process may use."""

    system: str
    processor: str
    cores: int


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of whom: all that is needed to make the run again.

    `documents` are how many the target has, if it tells; `versions` those of loccit and of what it measures with.
    """

    questions: str
    questions_sha256: str
    split: str | None
    k: int
    asked: Asked
    documents: int | None
    versions: dict[str, str | None]
    machine: Machine


class Group(msgspec.Struct, frozen=True):
    """The measures of some of the questions: `n` of them, of which `answerable` have evidence and so are ranked."""

    n: int
    answerable: int
    measures: dict[str, Estimate]


class SignalQuality(msgspec.Struct, frozen=True):
    """How well a signal tells what is right; `signal` is where it was read.

    `brier` and `reliability` are there where the signal is a probability.
    """

    signal: Literal["confidence", "answerable", "score"]
    n: int
    right: int
    auroc: Estimate
    brier: BrierScore | None
    reliability: tuple[ReliabilityBin, ...]


class Abstention(msgspec.Struct, frozen=True):
    """Whether the service knows when it does not know.

    Two things are kept apart. `passage`: the first passage answers, told by its confidence. `anything`: the
    source holds an answer at all. Where there is no probability the score of the first passage stands in, which
    can order the questions but is no probability. `risk_coverage` follows the signal of `passage`: a wrong first
    passage is a risk, whether the question was answerable or not.
    """

    n: int
    unanswerable: float
    passage: SignalQuality
    anything: SignalQuality
    risk_coverage: RiskCoverage


class Speed(msgspec.Struct, frozen=True):
    """Times in milliseconds that the asker waited for an answer, one question after the other."""

    n: int
    p50: float
    p95: float
    p99: float
    questions_per_second: float


class QuestionResult(msgspec.Struct, frozen=True):
    """One question: its status, every measure that applies to it, and what went wrong."""

    id: str
    question: str
    kind: str | None
    answerable: bool
    status: Status | None
    measures: dict[str, float]
    faults: tuple[Fault, ...]
    wording_overlap: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What ``measures.json`` holds. `by_kind` leaves out the questions that name no kind.

    A run is `complete` if every question has a response that did not fail; `missing` counts those that have
    none or a failed one.
    """

    settings: Settings
    complete: bool
    missing: int
    overall: Group
    by_kind: dict[str, Group]
    citations: CitationReport
    abstention: Abstention | None
    speed: Speed | None
    wording_overlap: Estimate
    questions: tuple[QuestionResult, ...]


def make_report(settings: Settings, judged: Sequence[Judged], responses: Mapping[str, Response]) -> Report:
    """Every measure of the questions, each first for itself."""
    values = score(judged, responses)
    sound = {identity: response for identity, response in responses.items() if response.failure is None}
    ordered = sorted(judged, key=lambda each: each.question.id)
    results = tuple(_result(each, responses.get(each.question.id), values[each.question.id]) for each in judged)
    kinds = sorted({each.question.kind for each in judged if each.question.kind is not None})
    missing = sum(each.question.id not in sound for each in judged)
    return Report(
        settings=settings,
        complete=missing == 0,
        missing=missing,
        overall=_group(ordered, values),
        by_kind={kind: _group([each for each in ordered if each.question.kind == kind], values) for kind in kinds},
        citations=_citations(ordered, sound),
        abstention=_abstention(ordered, sound),
        speed=_speed([sound[each.question.id] for each in ordered if each.question.id in sound]),
        wording_overlap=_wording(ordered),
        questions=results,
    )


def telling(report: Report) -> list[str]:
    """The measures that tell something: where evidence is a span of the only document, its rank does not."""
    names = report.overall.measures
    alone = report.settings.documents == 1 and any(name in names for name in SPAN_MEASURES)
    return [name for name in names if not (alone and name in DOCUMENT_MEASURES)]


def leading(names: Collection[str]) -> str:
    """The measure by which runs are plotted and put in order: nDCG@10 if it is there, over spans before documents."""
    return next(name for name in ("nDCG@10", "document nDCG@10", *names) if name in names)


def _result(judged: Judged, response: Response | None, measures: dict[str, float]) -> QuestionResult:
    question = judged.question
    return QuestionResult(
        id=question.id,
        question=question.question,
        kind=question.kind,
        answerable=question.answerable,
        status=response.status if response else None,
        measures={name: measures[name] for name in MEASURES if name in measures},
        faults=find_faults(judged, response),
        wording_overlap=_overlap(question),
    )


def _overlap(question: Question) -> float | None:
    quotes = [evidence.quote for evidence in question.evidence if evidence.quote is not None]
    return wording_overlap(question.question, quotes) if quotes else None


def _wording(judged: Sequence[Judged]) -> Estimate:
    overlaps = [_overlap(each.question) for each in judged]
    return mean_interval([overlap for overlap in overlaps if overlap is not None])


def _group(judged: Sequence[Judged], values: Mapping[str, Mapping[str, float]]) -> Group:
    of_each = [values[each.question.id] for each in judged]
    return Group(
        n=len(judged),
        answerable=sum(each.question.answerable for each in judged),
        measures={
            name: _aggregate(name, [of[name] for of in of_each if name in of])
            for name in MEASURES
            if any(name in of for of in of_each)
        },
    )


def _aggregate(name: str, values: Sequence[float]) -> Estimate:
    """A mean with its bootstrap interval, or the rate of a yes or no with Wilson's."""
    if MEASURES[name].share:
        return rate_interval(round(sum(values)), len(values))
    return mean_interval(values)


def _citations(judged: Sequence[Judged], responses: Mapping[str, Response]) -> CitationReport:
    passages = [cited_passage(each, responses[each.question.id]) for each in judged if each.question.id in responses]
    return citation_report([passage for passage in passages if passage is not None])


def _abstention(judged: Sequence[Judged], responses: Mapping[str, Response]) -> Abstention | None:
    """None where no passage came back, so that nothing tells one question from another."""
    pairs = [(each, responses[each.question.id]) for each in judged if each.question.id in responses]
    ranked = [response for _, response in pairs if response.passages]
    if not ranked:
        return None
    first = np.array([first_answers(each, response) for each, response in pairs])
    answerable = np.array([each.question.answerable for each, _ in pairs])
    passage, passage_signal = _signal(pairs, lambda response: response.passages[0].confidence, "confidence")
    anything, anything_signal = _signal(pairs, lambda response: response.answerable, "answerable")
    return Abstention(
        n=len(pairs),
        unanswerable=float(1 - answerable.mean()),
        passage=_quality(passage, passage_signal, first),
        anything=_quality(anything, anything_signal, answerable),
        risk_coverage=risk_coverage(passage_signal, first),
    )


_Signal = Literal["confidence", "answerable", "score"]


def _signal(
    pairs: Sequence[tuple[Judged, Response]], read: Callable[[Response], float | None], name: _Signal
) -> tuple[_Signal, NDArray[np.float64]]:
    """A signal of each question, or the score of the first passage where any response lacks it.

    A response without passages is the least sure of all: 0 as a probability, else below every score.
    """
    given = [read(response) if response.passages else 0.0 for _, response in pairs]
    if all(value is not None for value in given):
        return name, np.array(given, dtype=np.float64)
    least = np.nextafter(min(response.passages[0].score for _, response in pairs if response.passages), -np.inf)
    scores = [response.passages[0].score if response.passages else least for _, response in pairs]
    return "score", np.array(scores)


def _quality(name: _Signal, signal: NDArray[np.float64], right: NDArray[np.bool_]) -> SignalQuality:
    probability = name != "score"
    return SignalQuality(
        signal=name,
        n=len(signal),
        right=int(right.sum()),
        auroc=auroc(signal, right),
        brier=brier(signal, right) if probability else None,
        reliability=reliability(signal, right) if probability else (),
    )


def _speed(responses: Sequence[Response]) -> Speed | None:
    times = np.array([response.took_ms for response in responses if response.took_ms is not None])
    if not times.size or not times.sum():
        return None
    p50, p95, p99 = (round(float(point), 3) for point in np.percentile(times, [50, 95, 99]))
    return Speed(len(times), p50, p95, p99, questions_per_second=round(1000 * len(times) / float(times.sum()), 2))
