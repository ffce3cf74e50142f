"""The numbers behind confidence: fitted on questions whose answers are known, and reported on others.

Each answerable question is asked twice: as the corpus is, and with every passage left out that answers it or repeats
its evidence. Questions that the corpus never answered come as they are. Every corpus weighs the same.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from corpus.errors import QueryError, QuestionSetError
from eval.abstention import (
    BrierScore,
    ReliabilityBin,
    RiskCoverage,
    auroc,
    brier,
    calibration_error,
    reliability,
    risk_coverage,
)
from eval.intervals import Estimate, rate_interval
from eval.questions import Question
from eval.removal import PassageRemoval
from index.calibration import Calibration, Features, Logistic
from index.searcher import Searcher

__all__ = ["CalibrationReport", "Example", "examples", "fit", "half_of", "judge"]

SHOWN = 5
"""So many of the best passages of a question are examples."""
REFUSED = 0.05
"""The share of the answerable questions of a corpus that may be refused, of those on which the numbers are fitted."""
STRENGTH = 0.1
"""The inverse strength of the regularisation (scikit-learn's `C`), on standardised features."""

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


class Example(msgspec.Struct, frozen=True):
    """A question asked of a corpus, with the features of its best passages and which of them answer.

    `kind` is that of the question, or ``removed`` where its answers were left out.
    """

    corpus: str
    kind: str
    answerable: bool
    features: Features
    answering: Flags


class CalibrationReport(msgspec.Struct, frozen=True):
    """How well the probabilities hold on some questions.

    `anything` and `passage` are AUROCs: does anything answer, does the first passage. `by_kind` is the former for the
    answerable questions against one kind of unanswerable ones. `base_rate` is the Brier score of always giving the
    share of answerable questions. `coverage` asks that the first passage be right.
    """

    corpus: str
    n: int
    answerable: int
    anything: Estimate
    passage: Estimate
    by_kind: dict[str, Estimate]
    brier: BrierScore
    base_rate: float
    bins: tuple[ReliabilityBin, ...]
    error: float | None
    coverage: RiskCoverage
    wrong_refusal: Estimate
    wrong_answer: Estimate


def half_of(question: Question) -> str:
    """The split of a question: its own, else ``development`` or ``test`` by a hash of its first document.

    >>> half_of(Question("q1", "Why?", (), answerable=False, split="test"))
    'test'
    """
    if question.split is not None:
        return question.split
    name = question.evidence[0].document if question.evidence else question.id
    return "development" if int(hashlib.sha256(name.encode()).hexdigest()[0], 16) % 2 == 0 else "test"


def examples(
    corpus: str, searcher: Searcher, questions: Sequence[Question], progress: Callable[[int, int], None]
) -> Iterator[Example]:
    """Each question as an example, and each answerable one again without its answers.

    Questions that the encoder does not take, or whose evidence no passage holds, are passed over.
    """
    removal = PassageRemoval(list(searcher.passages), dict(searcher.documents))
    for done, question in enumerate(questions, start=1):
        progress(done, len(questions))
        gold = removal.gold(question)
        if question.answerable and not gold.answering:
            continue
        try:
            found = searcher.evidence(question.question)
        except QueryError:
            continue
        answering = np.array([row in gold.answering for row in found.rows.tolist()], dtype=np.bool_)
        kind = question.kind or ("answerable" if question.answerable else "unanswerable")
        yield Example(corpus, kind, question.answerable, found.features, answering)
        if question.answerable:
            left = searcher.evidence(question.question, without=gold.removed)
            yield Example(corpus, "removed", False, left.features, np.zeros(len(left.rows), dtype=np.bool_))


def fit(found: Sequence[Example]) -> Calibration:
    """The calibration that some examples give, answering from where at most `REFUSED` of any corpus is refused.

    Raises `QuestionSetError` unless some passage answers, and some question has no answer.
    """
    if not any(example.answering[:SHOWN].any() for example in found) or all(example.answerable for example in found):
        raise QuestionSetError(
            f"Of {len(found)} questions none has its answer among the first {SHOWN} passages, or all have. Name "
            "question sets on the documents of their stores, with evidence for what they answer."
        )
    weights = _weights(found)
    shown = [example.features[:SHOWN] for example in found]
    passage = _logistic(
        np.concatenate(shown),
        np.concatenate([example.answering[:SHOWN] for example in found]),
        np.repeat(weights, [len(each) for each in shown]),
    )
    partly = Calibration(passage=passage)
    greatest = np.array([[_greatest(partly, example)] for example in found])
    anything = _logistic(greatest, np.array([example.answerable for example in found]), weights)
    whole = Calibration(passage=passage, anything=anything)
    return msgspec.structs.replace(whole, answered_from=_threshold(whole, found))


def judge(corpus: str, calibration: Calibration, found: Sequence[Example]) -> CalibrationReport:
    """How well a calibration holds on examples on which it was not fitted.

    Raises `QuestionSetError` without examples.
    """
    if not found:
        raise QuestionSetError(
            f"There is no question to report on for {corpus}: none is in the test half, or all are on documents on "
            "which was fitted."
        )
    probability = np.array([calibration.answerable(example.features) or 0.0 for example in found])
    answerable = np.array([example.answerable for example in found])
    first = [(calibration.confidences(example.features[:1]), example) for example in found]
    confidence = np.array([float(each[0]) if each is not None and len(each) else 0.0 for each, _ in first])
    right = np.array([bool(len(example.answering) and example.answering[0]) for example in found])
    kinds = np.array([example.kind for example in found])
    bins = reliability(probability, answerable)
    refused = probability < calibration.answered_from
    return CalibrationReport(
        corpus=corpus,
        n=len(found),
        answerable=int(answerable.sum()),
        anything=auroc(probability, answerable),
        passage=auroc(confidence, right),
        by_kind={
            kind: auroc(probability[chosen], answerable[chosen])
            for kind in sorted(set(kinds[~answerable]))
            if (chosen := answerable | (kinds == kind)).any()
        },
        brier=brier(probability, answerable),
        base_rate=float(answerable.mean() * (1 - answerable.mean())),
        bins=bins,
        error=calibration_error(bins),
        coverage=risk_coverage(confidence, right),
        wrong_refusal=rate_interval(int((refused & answerable).sum()), int(answerable.sum())),
        wrong_answer=rate_interval(int((~refused & ~answerable).sum()), int((~answerable).sum())),
    )


def _weights(found: Iterable[Example]) -> Numbers:
    """Weights by which each corpus counts the same; 1 on average."""
    _, corpus, sizes = np.unique([example.corpus for example in found], return_inverse=True, return_counts=True)
    weights: Numbers = len(corpus) / len(sizes) / sizes[corpus]
    return weights


def _logistic(features: Features, outcome: Flags, weights: Numbers) -> Logistic:
    """A logistic regression on standardised features, told for features as they are."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    model.fit((features - mean) / spread, outcome, sample_weight=weights)
    own = model.coef_[0] / spread
    return Logistic(tuple(own.round(6).tolist()), round(float(model.intercept_[0] - own @ mean), 6))


def _greatest(calibration: Calibration, example: Example) -> float:
    if calibration.passage is None or not len(example.features):
        return 0.0
    return float(calibration.passage.logits(example.features).max())


def _threshold(calibration: Calibration, found: Sequence[Example]) -> float:
    """From where a question counts as answered: the corpus whose answerable ones are least sure decides."""
    least = [
        np.quantile(
            [
                calibration.answerable(each.features) or 0.0
                for each in found
                if each.corpus == corpus and each.answerable
            ],
            REFUSED,
        )
        for corpus in {example.corpus for example in found if example.answerable}
    ]
    return round(float(min(least)), 3)
