"""What a signal is worth, against values worked by hand and against scikit-learn."""

from itertools import permutations
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from eval.abstention import (
    RISKS,
    ReliabilityBin,
    RiskCoverage,
    RiskCoveragePoint,
    auroc,
    brier,
    calibration_error,
    reliability,
    risk_coverage,
)
from eval.intervals import Estimate, rate_interval

NONE = Estimate(None, None, None, 0)

Case = list[tuple[float, bool]]
cases = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 1.0]), st.booleans()), min_size=1, max_size=12)
"""Probabilities and outcomes of some questions, with many ties."""


def split(case: Case) -> tuple[list[float], list[bool]]:
    """The probabilities and the outcomes."""
    return [probability for probability, _ in case], [outcome for _, outcome in case]


def calibrated(n: int, *, seed: int = 1) -> tuple[list[float], list[bool]]:
    """Probabilities to two places, and outcomes that are as probable as they say."""
    generator = np.random.default_rng(seed)
    probability = generator.random(n).round(2)
    return probability.tolist(), (generator.random(n) < probability).tolist()


@pytest.mark.parametrize(
    ("signal", "correct", "value"),
    [
        ([3, 2, 1], [True, False, False], 1.0),
        ([1, 2, 3], [True, False, False], 0.0),
        ([1, 1, 1], [True, False, False], 0.5),
        # of four pairs, 4 > 3, 4 > 1 and 2 > 1 but not 2 > 3
        ([4, 3, 2, 1], [True, False, True, False], 0.75),
        # 2 against 2 is half a pair, 2 against 1 a whole one
        ([2, 2, 1], [True, False, False], 0.75),
        ([float("inf"), 0, -float("inf")], [True, True, False], 1.0),
    ],
)
def test_auroc(signal: list[float], correct: list[bool], value: float) -> None:
    """It is the share of pairs of right and wrong in which the right one has the higher signal."""
    assert auroc(signal, correct).value == value


@pytest.mark.parametrize("correct", [[], [True, True], [False, False]])
def test_auroc_of_one_kind_is_not_defined(correct: list[bool]) -> None:
    """Without a right and a wrong answer there is no pair, so there is no value rather than a half."""
    assert auroc([0.5] * len(correct), correct) == Estimate(None, None, None, len(correct))


@settings(deadline=None)
@given(cases)
def test_auroc_agrees_with_scikit_learn(case: Case) -> None:
    """The value is scikit-learn's area, and the interval lies from 0 to 1."""
    signal, correct = split(case)
    estimate = auroc(signal, correct)
    if all(correct) or not any(correct):
        assert estimate.value is None
        return
    assert estimate.value == pytest.approx(roc_auc_score(correct, signal))
    assert estimate.low is not None
    assert estimate.high is not None
    assert 0 <= estimate.low <= estimate.high <= 1


def test_interval_of_auroc_agrees_with_scipy() -> None:
    """Resampling by weights gives what resampling the questions and ranking them anew gives."""
    signal, correct = calibrated(80)
    expected = stats.bootstrap(
        (signal, correct),
        lambda s, c: roc_auc_score(c, s),
        paired=True,
        vectorized=False,
        n_resamples=1_500,
        method="percentile",
        rng=1,
    ).confidence_interval
    estimate = auroc(signal, correct)
    assert [estimate.low, estimate.high] == pytest.approx([expected.low, expected.high], abs=0.015)


def test_brier() -> None:
    """Four questions by hand: the score, and what its parts leave of it."""
    # Errors .04, .04, .04, .64. Relabelled as 0 and 1/2: 0, 0, 1/4, 1/4. The base rate is 1/4.
    score = brier([0.2, 0.2, 0.8, 0.8], [False, False, True, False])
    values = [score.score.value, score.miscalibration.value, score.discrimination.value, score.uncertainty.value]
    assert values == pytest.approx([0.19, 0.19 - 0.125, 0.1875 - 0.125, 0.1875])


@pytest.mark.parametrize(
    ("probability", "outcome", "miscalibration", "discrimination"),
    [
        ([0.0, 1.0], [False, True], 0.0, 0.25),  # perfect: all of the uncertainty is gone
        ([0.5, 0.5], [False, True], 0.0, 0.0),  # the base rate, always: calibrated and worth nothing
        ([1.0, 0.0], [False, True], 0.75, 0.0),  # upside down: score 1, uncertainty 1/4
    ],
)
def test_parts_of_the_brier_score(
    probability: list[float], outcome: list[bool], miscalibration: float, discrimination: float
) -> None:
    """The two parts tell a wrong label from a label that tells nothing."""
    score = brier(probability, outcome)
    assert (score.miscalibration.value, score.discrimination.value) == (miscalibration, discrimination)


@settings(deadline=None, max_examples=25)
@given(cases)
def test_brier_agrees_with_scikit_learn(case: Case) -> None:
    """The score, and the score after isotonic regression, are scikit-learn's, and the parts add up."""
    probability, outcome = split(case)
    score = brier(probability, outcome)
    relabelled = IsotonicRegression().fit(probability, outcome).predict(probability)
    after = mean((label - true) ** 2 for label, true in zip(relabelled, outcome, strict=True))
    assert score.score.value == pytest.approx(brier_score_loss(outcome, probability, labels=[False, True]))
    assert score.score.value is not None
    assert score.miscalibration.value == pytest.approx(score.score.value - after)
    assert score.uncertainty.value == pytest.approx(mean(outcome) * (1 - mean(outcome)))
    assert score.discrimination.value is not None
    assert score.miscalibration.value is not None
    assert score.uncertainty.value is not None
    parts = score.miscalibration.value - score.discrimination.value + score.uncertainty.value
    assert score.score.value == pytest.approx(parts)


@pytest.mark.parametrize("n", [20, 200, 1000])
def test_intervals_of_the_brier_score_hold_their_values(n: int) -> None:
    """No interval lies beside its value, though the regression of a resample follows more noise."""
    score = brier(*calibrated(n))
    for part in (score.score, score.miscalibration, score.discrimination, score.uncertainty):
        assert part.value is not None
        assert part.low is not None
        assert part.high is not None
        assert 0 <= part.low <= part.value <= part.high


def test_probabilities_that_mean_what_they_say_show_no_miscalibration() -> None:
    """The lower end is near 0 for calibrated probabilities, and far from it for their squares."""
    probability, outcome = calibrated(1000)
    assert brier(probability, outcome).miscalibration.low == pytest.approx(0, abs=0.002)
    # The mean of (p - p ** 2) ** 2 is 1/30 for p from 0 to 1.
    squared = brier([one**2 for one in probability], outcome).miscalibration
    assert [squared.low, squared.high] == pytest.approx([1 / 30] * 2, abs=0.02)
    assert squared.low is not None
    assert squared.low > 0.01


def test_reliability_has_bins_of_equal_mass() -> None:
    """Ten questions in five bins are two each, with the mean probability and Wilson's interval."""
    probability = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]
    bins = reliability(probability[::-1], [True] * 5 + [False] * 5, bins=5)
    assert [one.n for one in bins] == [2, 2, 2, 2, 2]
    assert [one.probability for one in bins] == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])
    assert [one.observed for one in bins] == [rate_interval(hits, 2) for hits in (0, 0, 1, 2, 2)]


def test_reliability_never_splits_a_tie() -> None:
    """Equal probabilities share one bin, at the cost of the bins between."""
    bins = reliability([0.1] + [0.5] * 8 + [0.9], [True] * 10, bins=5)
    assert [(one.n, one.probability) for one in bins] == [(1, 0.1), (8, 0.5), (1, 0.9)]


@given(cases, st.integers(1, 15))
def test_reliability_bins_hold_every_question_once(case: Case, bins: int) -> None:
    """Their sizes sum to n, their probabilities rise, and there are at most as many as asked for."""
    found = reliability(*split(case), bins=bins)
    assert 1 <= len(found) <= bins
    assert sum(one.n for one in found) == len(case)
    assert [one.probability for one in found] == sorted({one.probability for one in found})


def test_calibration_error_weighs_bins_by_their_questions() -> None:
    """One of 3 questions off by .1 and one of 1 off by .5: (3 * .1 + .5) / 4."""
    bins = (ReliabilityBin(3, 0.1, rate_interval(0, 3)), ReliabilityBin(1, 0.5, rate_interval(1, 1)))
    assert calibration_error(bins) == pytest.approx(0.2)
    assert calibration_error(()) is None


def at(curve: RiskCoverage, risk: float) -> float | None:
    """The coverage at one risk."""
    return next(one.coverage.value for one in curve.coverage_at if one.risk == risk)


def test_risk_coverage() -> None:
    """Right, right, wrong, right by falling signal: risks 0, 0, 1/3 and 1/4."""
    curve = risk_coverage([0.3, 0.9, 0.5, 0.7], [True, True, False, True])
    assert curve.points == (
        RiskCoveragePoint(0.25, 0.0),
        RiskCoveragePoint(0.5, 0.0),
        RiskCoveragePoint(0.75, 1 / 3),
        RiskCoveragePoint(1.0, 0.25),
    )
    assert curve.area.value == pytest.approx((1 / 3 + 1 / 4) / 4)
    assert [one.risk for one in curve.coverage_at] == list(RISKS) == [0.01, 0.05, 0.1]
    assert [at(curve, risk) for risk in RISKS] == [0.5, 0.5, 0.5]


def test_coverage_at_a_risk_is_the_greatest_that_keeps_it() -> None:
    """One wrong answer in the first place costs the top of the curve, but 1 of 20 has a risk of just .05."""
    curve = risk_coverage(range(30, 0, -1), [False] + [True] * 19 + [False] * 10)
    assert [at(curve, risk) for risk in RISKS] == pytest.approx([0, 20 / 30, 21 / 30])


def test_a_tie_is_answered_as_a_whole() -> None:
    """No threshold lies within a tie: four questions of one signal are one point."""
    curve = risk_coverage([0.5] * 4, [True, True, True, False])
    assert curve.points == (RiskCoveragePoint(1.0, 0.25),)
    assert curve.area.value == pytest.approx(0.25)
    assert [at(curve, risk) for risk in RISKS] == [0, 0, 0]


@pytest.mark.parametrize(("correct", "area", "coverage"), [(True, 0.0, 1.0), (False, 1.0, 0.0)])
def test_risk_coverage_where_all_is_alike(*, correct: bool, area: float, coverage: float) -> None:
    """All right may be answered without any risk; all wrong may never be answered."""
    curve = risk_coverage([0.1, 0.2, 0.3], [correct] * 3)
    assert curve.area == Estimate(area, area, area, 3)
    assert curve.coverage_at[0].coverage == Estimate(coverage, coverage, coverage, 3)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.booleans()), min_size=1, max_size=6))
def test_area_is_the_mean_over_all_orders_within_ties(case: Case) -> None:
    """The area is the mean risk of the best 1 to n, over every order that falls in signal."""
    orders = [order for order in permutations(case) if [s for s, _ in order] == sorted((s for s, _ in case))[::-1]]
    areas = [mean(mean(not right for _, right in order[:k]) for k in range(1, len(order) + 1)) for order in orders]
    assert risk_coverage(*split(case)).area.value == pytest.approx(mean(areas))


def test_interval_of_the_area_agrees_with_scipy() -> None:
    """Resampling by weights gives what resampling the questions and answering them anew gives."""
    signal, correct = calibrated(60)

    def area(signals: np.ndarray, corrects: np.ndarray) -> float:
        order = np.lexsort((np.random.default_rng(0).random(len(signals)), -signals))
        return float((np.cumsum(1 - corrects[order]) / np.arange(1, len(signals) + 1)).mean())

    expected = stats.bootstrap(
        (np.array(signal), np.array(correct)),
        area,
        paired=True,
        vectorized=False,
        n_resamples=5_000,
        method="percentile",
        rng=1,
    ).confidence_interval
    estimate = risk_coverage(signal, correct).area
    assert [estimate.low, estimate.high] == pytest.approx([expected.low, expected.high], abs=0.02)


def test_nothing_has_no_value() -> None:
    """Without questions everything is null or empty, and nothing is raised."""
    score = brier([], [])
    assert (score.score, score.miscalibration, score.discrimination, score.uncertainty) == (NONE,) * 4
    assert reliability([], []) == ()
    curve = risk_coverage([], [])
    assert (curve.points, curve.area) == ((), NONE)
    assert [one.coverage for one in curve.coverage_at] == [NONE] * 3


@pytest.mark.parametrize("measure", [auroc, brier, reliability, risk_coverage])
@pytest.mark.parametrize(
    ("signal", "outcome", "message"),
    [
        ([0.5, 0.5], [True], r"The signal has shape \(2,\), the outcome \(1,\)\."),
        ([[0.5]], [[True]], r"The signal has shape \(1, 1\)"),
        ([0.5, float("nan")], [True, False], r"Number 1 is nan and 1 of 2 are not from"),
        ([0.5, 0.5], [True, 0.5], r"1 of 2 are neither"),
        ([0.5, 0.5], [True, float("nan")], r"1 of 2 are neither"),
    ],
)
def test_what_is_no_signal_or_no_outcome_is_refused(
    measure: object, signal: list[float], outcome: list[bool], message: str
) -> None:
    """The message has the shapes, or what is wrong and how many are."""
    assert callable(measure)
    with pytest.raises(ValueError, match=message):
        measure(signal, outcome)


@pytest.mark.parametrize("probability", [-0.25, 1.5, float("inf")])
def test_what_is_no_probability_is_refused(probability: float) -> None:
    """A signal may be any number, a probability is from 0 to 1."""
    with pytest.raises(ValueError, match=f"Number 1 is {probability} and 1 of 2 are not from 0 to 1"):
        brier([0.5, probability], [True, False])
    with pytest.raises(ValueError, match=f"Number 1 is {probability} and 1 of 2 are not from 0 to 1"):
        reliability([0.5, probability], [True, False])
    assert auroc([0.5, probability], [True, False]).value is not None


def test_reliability_without_bins_is_refused() -> None:
    """At least one bin is needed."""
    with pytest.raises(ValueError, match="There are 0 bins"):
        reliability([0.5], [True], bins=0)
