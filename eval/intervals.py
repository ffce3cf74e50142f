"""Estimates with 95% intervals, over questions.

Everything but a rate has a percentile bootstrap interval (Efron and Tibshirani 1993, *An Introduction to
the Bootstrap*, chapter 13), resampling questions with replacement: the questions are the sample, the
corpus is not. A resample is given by its weights, how often it drew each question, and the weights of as
many questions with the same seed are always the same: all measures of a run see the same resamples.

Rates have Wilson's score interval (Wilson 1927, J Am Stat Assoc 22:209-212), since the bootstrap of 0 in
15 would be [0, 0] and claim certainty.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Estimate",
    "Floats",
    "Statistic",
    "Values",
    "bootstrap",
    "joint_bootstrap",
    "mean_interval",
    "quotient",
    "rate_interval",
    "ratio_interval",
]

RESAMPLES = 5_000
SEED = 20_250_513
LEVEL = 0.95
Z = 1.959963984540054
"""The 97.5% point of the normal distribution, which goes with `LEVEL`."""

SLAB = 2_000_000
"""How many weights are held at a time: 16 MB."""

Floats = NDArray[np.float64]

Values = Sequence[float] | NDArray[np.floating] | NDArray[np.integer]
"""One number a question, shape (n,)."""

Statistic = Callable[[Floats], Floats]
"""From weights of shape (resamples, n) to one value a resample, nan where it is not defined.

Each row of the weights has whole numbers that sum to n. The row of ones is the sample itself.
"""


class Estimate(msgspec.Struct, frozen=True):
    """A value, its 95% interval and the number of questions behind it; null where it is not defined."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def bootstrap(statistic: Statistic, n: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """The value of a statistic of `n` questions, with the percentile interval over its resamples.

    Resamples where the statistic is not defined are left out. It is null where the sample itself has no
    value, and always for ``n = 0``.

    >>> ages = np.array([2.0, 4.0, 9.0])
    >>> bootstrap(lambda weights: weights @ ages / weights.sum(axis=1), 3)
    Estimate(value=5.0, low=2.0, high=9.0, n=3)
    """
    return joint_bootstrap(lambda weights: statistic(weights)[:, np.newaxis], n, resamples=resamples, seed=seed)[0]


def joint_bootstrap(
    statistics: Statistic, n: int, *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[Estimate, ...]:
    """Several statistics of the same resamples: `statistics` gives an array of shape (resamples, statistics).

    Memory does not grow with `resamples`. For ``n = 0`` it is called once, with weights of shape (1, 0).
    """
    sample = statistics(np.ones((1, n)))[0]
    if n == 0:
        return tuple(Estimate(None, None, None, 0) for _ in sample)
    slabs = [statistics(weights) for weights in _weights(n, resamples=resamples, seed=seed)]
    columns = np.concatenate(slabs).T
    return tuple(_estimate(float(value), column, n) for value, column in zip(sample, columns, strict=True))


def _weights(n: int, *, resamples: int, seed: int) -> Iterator[Floats]:
    """The weights of all resamples, some rows of shape (n,) at a time."""
    generator = np.random.default_rng(seed)
    slab = max(1, SLAB // n)
    for start in range(0, resamples, slab):
        rows = min(slab, resamples - start)
        draws = generator.integers(n, size=(rows, n), dtype=np.int32) + n * np.arange(rows)[:, np.newaxis]
        yield np.bincount(draws.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def _estimate(value: float, resampled: Floats, n: int) -> Estimate:
    """A value with the 2.5% and 97.5% points of its resampled values, shape (resamples,), that are defined."""
    defined = resampled[~np.isnan(resampled)]
    if math.isnan(value):
        return Estimate(None, None, None, n)
    if len(defined) == 0:
        return Estimate(value, None, None, n)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Estimate(value, float(low), float(high), n)


def quotient(above: Floats, below: Floats) -> Floats:
    """``above / below`` for two arrays of one shape, and nan where `below` is 0."""
    return np.divide(above, below, out=np.full_like(below, np.nan), where=below != 0)


def mean_interval(values: Values, *, resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """The mean of one value a question.

    >>> mean_interval([0.5, 0.5])
    Estimate(value=0.5, low=0.5, high=0.5, n=2)
    """
    return ratio_interval(values, np.ones(len(values)), resamples=resamples, seed=seed)


def ratio_interval(
    numerators: Values,
    denominators: Values,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Estimate:
    """The ratio of two sums over questions, one numerator and one denominator each (a micro average).

    A resample whose denominators sum to 0 has no ratio and is left out.
    """
    above = np.asarray(numerators, dtype=np.float64)
    below = np.asarray(denominators, dtype=np.float64)
    return bootstrap(
        lambda weights: quotient(weights @ above, weights @ below), len(above), resamples=resamples, seed=seed
    )


def rate_interval(hits: int, n: int) -> Estimate:
    """The rate `hits` / `n` with Wilson's interval.

    >>> rate_interval(0, 15).high < 0.21
    True
    """
    if n == 0:
        return Estimate(None, None, None, 0)
    rate = hits / n
    centre = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(rate * (1 - rate) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    # At the edges the formula gives 0 and 1 exactly; floating point may miss them by a rounding.
    return Estimate(rate, 0.0 if hits == 0 else centre - half, 1.0 if hits == n else centre + half, n)
