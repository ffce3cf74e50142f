"""How well a signal tells which answers are right, so that the others can be held back.

A signal is one number a question, higher where the system is surer: a score, a margin, a probability.
`auroc` asks whether it ranks right above wrong, `risk_coverage` what is gained by answering only where it is
high, and `brier` and `reliability`, for probabilities, whether they mean what they say. All take arrays or
sequences of shape (n,), one entry a question. Raised is ValueError where their lengths differ, where a
signal is nan, where a probability is not from 0 to 1 or where an outcome is neither false nor true.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from eval.intervals import Estimate, Floats, Values, bootstrap, joint_bootstrap, quotient, rate_interval

__all__ = [
    "RISKS",
    "BrierScore",
    "CoverageAtRisk",
    "ReliabilityBin",
    "RiskCoverage",
    "RiskCoveragePoint",
    "auroc",
    "brier",
    "calibration_error",
    "reliability",
    "risk_coverage",
]

RISKS = (0.01, 0.05, 0.10)
"""The risks at which `risk_coverage` gives the coverage."""

BRIER_RESAMPLES = 1_000
"""Fewer than elsewhere: each needs an isotonic regression of its own."""

ROUNDING = 1e-9

Booleans = NDArray[np.bool_]
Outcome = Sequence[bool] | Booleans


class BrierScore(msgspec.Struct, frozen=True):
    """The Brier score and its parts: ``score = miscalibration - discrimination + uncertainty``.

    `score` is the mean squared error of the probabilities, 0 at best. `miscalibration` is what the best
    monotone relabelling of them would save, `discrimination` what they then save over always giving the
    base rate, and `uncertainty` the score of the base rate.
    """

    score: Estimate
    miscalibration: Estimate
    discrimination: Estimate
    uncertainty: Estimate


class ReliabilityBin(msgspec.Struct, frozen=True):
    """Some `n` questions with probabilities close together: their mean, and how often the outcome was true."""

    n: int
    probability: float
    observed: Estimate


class RiskCoveragePoint(msgspec.Struct, frozen=True):
    """What one threshold gives: the share of all questions answered, and of these the share that is wrong."""

    coverage: float
    risk: float


class CoverageAtRisk(msgspec.Struct, frozen=True):
    """The greatest coverage whose risk is at most `risk`; 0 where no threshold has so small a risk."""

    risk: float
    coverage: Estimate


class RiskCoverage(msgspec.Struct, frozen=True):
    """The risk-coverage curve: one point a distinct signal, by rising coverage, and what it comes to.

    `area` is the mean of the risks over answering the best 1, 2, …, n questions (AURC); within a tie every
    order counts alike. It is 0 where all is right, and the share of wrong answers where the signal says nothing.
    """

    points: tuple[RiskCoveragePoint, ...]
    area: Estimate
    coverage_at: tuple[CoverageAtRisk, ...]


def auroc(signal: Values, correct: Outcome) -> Estimate:
    """How often a right answer has a higher signal than a wrong one, over all such pairs; a tie is half.

    The Mann-Whitney form of the area under the ROC curve (Hanley and McNeil 1982, Radiology 143:29-36). Not
    defined unless some answers are right and some wrong.

    >>> auroc([0.9, 0.8, 0.3, 0.3], [True, True, True, False]).value
    0.8333333333333334
    """
    judged = _judged(signal, correct)
    by_signal = _summed_by(judged.signal)

    def statistic(weights: Floats) -> Floats:
        right, wrong = by_signal(weights * judged.right), by_signal(weights * ~judged.right)
        wrong_below = np.cumsum(wrong, axis=1) - wrong / 2
        return quotient((right * wrong_below).sum(axis=1), right.sum(axis=1) * wrong.sum(axis=1))

    return bootstrap(statistic, len(judged.signal))


def brier(probability: Values, outcome: Outcome) -> BrierScore:
    """The Brier score (Brier 1950) with its CORP decomposition, which is exact but for rounding.

    The probabilities are relabelled by isotonic regression of the outcomes on them, equal probabilities
    together (Dimitriadis, Gneiting and Jordan 2021, PNAS 118(8):e2016191118). The regression follows noise,
    so `miscalibration` and `discrimination` are too high in small sets. In a resample, where questions stand
    several times, it follows more, and percentiles would often lie above the value itself. Both have the
    basic interval instead (Davison and Hinkley 1997, *Bootstrap Methods and their Application*, section 5.2),
    which takes the bias of the resamples for that of the sample: it reaches further down than up. A lower end
    close to 0 shows no miscalibration. There are 1,000 resamples.

    >>> brier([0.2, 0.2, 0.8, 0.8], [False, False, True, False]).score.value
    0.19000000000000003
    """
    judged = _judged(probability, outcome, low=0, high=1)
    by_probability = _summed_by(judged.signal)
    errors = (judged.signal - judged.right) ** 2

    def statistics(weights: Floats) -> Floats:
        n = weights.sum(axis=1)
        rate = quotient(weights @ judged.right, n)
        counts, trues = by_probability(weights), by_probability(weights * judged.right)
        relabelled = np.array([_relabelled_score(*groups) for groups in zip(counts, trues, strict=True)])
        score, uncertainty = quotient(weights @ errors, n), rate * (1 - rate)
        # Neither part is negative, but either may be by a rounding.
        parts = np.maximum(score - relabelled, 0), np.maximum(uncertainty - relabelled, 0)
        return np.column_stack([score, *parts, uncertainty])

    estimates = joint_bootstrap(statistics, len(errors), resamples=BRIER_RESAMPLES)
    score, miscalibration, discrimination, uncertainty = estimates
    return BrierScore(score, _reflected(miscalibration), _reflected(discrimination), uncertainty)


def _relabelled_score(counts: Floats, trues: Floats) -> float:
    """The Brier score after isotonic regression, of groups of equal probability in rising order."""
    from scipy.optimize import isotonic_regression

    drawn = counts > 0
    if not drawn.any():
        return float("nan")
    counts, trues = counts[drawn], trues[drawn]
    label = isotonic_regression(trues / counts, weights=counts).x
    return float((trues * (1 - label) ** 2 + (counts - trues) * label**2).sum() / counts.sum())


def _reflected(estimate: Estimate) -> Estimate:
    """The basic interval, the percentiles reflected at the value, from 0 up and never without the value."""
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        return estimate
    return Estimate(value, min(value, max(0.0, 2 * value - high)), max(value, 2 * value - low), estimate.n)


def reliability(probability: Values, outcome: Outcome, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """The observed rate of the outcome where the probability is lowest, and so on up to where it is highest.

    The bins hold as many questions each as ties allow. Equal probabilities share the bin in which their
    middle one falls, so there may be fewer bins than asked for. Raises ValueError where `bins` is below 1.

    >>> [(bin.n, bin.observed.value) for bin in reliability([0.1, 0.1, 0.1, 0.7], [False] * 3 + [True], bins=2)]
    [(3, 0.0), (1, 1.0)]
    """
    if bins < 1:
        raise ValueError(f"There are {bins} bins. Ask for at least 1.")
    judged = _judged(probability, outcome, low=0, high=1)
    _, group, sizes = np.unique(judged.signal, return_inverse=True, return_counts=True)
    middles = np.cumsum(sizes) - sizes / 2
    bin_of = (middles * bins // len(group)).astype(int)[group]
    return tuple(_bin(judged.signal[bin_of == one], judged.right[bin_of == one]) for one in np.unique(bin_of))


def _bin(probability: Floats, outcome: Booleans) -> ReliabilityBin:
    n = len(outcome)
    return ReliabilityBin(n, float(probability.mean()), rate_interval(int(outcome.sum()), n))


def calibration_error(bins: Sequence[ReliabilityBin]) -> float | None:
    """The mean distance of probability and observed rate over questions, each taken at its bin.

    The expected calibration error (Naeini, Cooper and Hauskrecht 2015, AAAI), null without questions. It
    depends on the bins and is above 0 by chance even for perfect probabilities.

    >>> calibration_error(reliability([0.25] * 4, [True, True, False, False]))
    0.25
    """
    gaps = [one.n * abs(one.probability - one.observed.value) for one in bins if one.observed.value is not None]
    return sum(gaps) / sum(one.n for one in bins) if bins else None


def risk_coverage(signal: Values, correct: Outcome) -> RiskCoverage:
    """What answering only the questions with the highest signals gives, for every threshold.

    Coverage and risk are those of El-Yaniv and Wiener 2010 (JMLR 11:1605-1641) and Geifman and El-Yaniv 2017
    (NeurIPS). `correct` is false for every question that has no answer. The greatest coverage is chosen on
    the questions on which its risk is measured, so on others the risk is a little higher: no guarantee.
    Where no answer is wrong, its interval has no width, yet n questions cannot show risks below about 3 / n.

    >>> risk_coverage([0.9, 0.7, 0.5, 0.3], [True, True, False, True]).points[2]
    RiskCoveragePoint(coverage=0.75, risk=0.3333333333333333)
    """
    judged = _judged(signal, correct)
    n = len(judged.signal)
    by_falling_signal = _summed_by(-judged.signal)

    def cumulated(weights: Floats) -> Floats:
        return np.cumsum(by_falling_signal(weights), axis=1)

    def statistics(weights: Floats) -> Floats:
        answered, wrong = cumulated(weights), cumulated(weights * ~judged.right)
        greatest = (_greatest(answered, wrong, risk) / max(n, 1) for risk in RISKS)
        return np.column_stack([_area(answered, wrong, n), *greatest])

    sample = np.ones((1, n))
    answered, wrong = cumulated(sample)[0], cumulated(sample * ~judged.right)[0]
    area, *coverages = joint_bootstrap(statistics, n)
    return RiskCoverage(
        points=tuple(RiskCoveragePoint(float(a / n), float(w / a)) for a, w in zip(answered, wrong, strict=True)),
        area=area,
        coverage_at=tuple(CoverageAtRisk(*pair) for pair in zip(RISKS, coverages, strict=True)),
    )


def _greatest(answered: Floats, wrong: Floats, risk: float) -> Floats:
    """The most questions that can be answered at a risk; both counts cumulated, shape (resamples, groups)."""
    bearable = wrong <= risk * answered + ROUNDING
    return np.asarray(np.where(bearable, answered, 0).max(axis=1, initial=0))


def _area(answered: Floats, wrong: Floats, n: int) -> Floats:
    """The mean risk of answering the best 1 to `n`, from both counts cumulated, shape (resamples, groups).

    Within a tie of t questions, w of them wrong, the order is by chance. After a answers with b wrong, the
    k-th then has the risk ``(b + (k - a) w / t) / k``, whose sum over k from a + 1 to a + t is
    ``w + (b - a w / t) (H(a + t) - H(a))`` with the harmonic numbers H.
    """
    harmonic = np.cumsum([0.0, *(1 / np.arange(1, n + 1))])
    tied, tied_wrong = np.diff(answered, axis=1, prepend=0), np.diff(wrong, axis=1, prepend=0)
    before, wrong_before = answered - tied, wrong - tied_wrong
    excess = wrong_before - before * tied_wrong / np.maximum(tied, 1)
    risks = tied_wrong + excess * (harmonic[answered.astype(int)] - harmonic[before.astype(int)])
    return np.asarray(risks.sum(axis=1) / max(n, 1))


def _summed_by(signal: Floats) -> Callable[[Floats], Floats]:
    """What sums an array of shape (resamples, n) over questions of equal signal, in the order of rising signal."""
    order = np.argsort(signal, kind="stable")
    _, starts = np.unique(signal[order], return_index=True)

    def sums(weights: Floats) -> Floats:
        return np.asarray(np.add.reduceat(weights[:, order], starts, axis=1))

    return sums


class _Judged(NamedTuple):
    signal: Floats
    right: Booleans


def _judged(signal: Values, outcome: Outcome, *, low: float = -np.inf, high: float = np.inf) -> _Judged:
    """Both as arrays of shape (n,), checked as the docstring of the module says."""
    values, flags = np.asarray(signal, dtype=np.float64), np.asarray(outcome)
    if values.ndim != 1 or values.shape != flags.shape:
        raise ValueError(
            f"The signal has shape {values.shape}, the outcome {flags.shape}. Give one of each a question."
        )
    wrong = np.flatnonzero(~((values >= low) & (values <= high)))
    if len(wrong):
        raise ValueError(
            f"Number {wrong[0]} is {values[wrong[0]]} and {len(wrong)} of {len(values)} are not from {low} to {high}."
        )
    if not np.isin(flags, (0, 1)).all():
        raise ValueError(
            f"Outcomes are false or true, and {(~np.isin(flags, (0, 1))).sum()} of {len(flags)} are neither."
        )
    return _Judged(values, flags.astype(np.bool_))
