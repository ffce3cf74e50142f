"""Comparing two runs question by question: whether they differ by more than chance, and bearably.

Everything starts from the differences ``B - A`` of a measure, shape (n,), one entry a question that both runs
have. Raised is ValueError where they are not one row of finite numbers. A difference below 1e-12 is a
rounding and counts as none.
"""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from eval.intervals import SEED, SLAB, Estimate, Floats, Values, Z, mean_interval

__all__ = ["Comparison", "NonInferiority", "Verdict", "compare", "holm", "non_inferiority", "randomization_test"]

ROUNDING = 1e-12

Verdict = Literal["passed", "failed", "too small"]


class Comparison(msgspec.Struct, frozen=True):
    """One measure of two runs over `n` questions: the mean of B - A, and how often B is better, equal and worse.

    `p_value` is that of `randomization_test`, null without questions. Where several measures are compared
    it is to be adjusted (`holm`).
    """

    n: int
    difference: Estimate
    p_value: float | None
    wins: int
    ties: int
    losses: int


class NonInferiority(msgspec.Struct, frozen=True):
    """Whether B is worse than A by less than the margin.

    `difference` has the guarded interval of `non_inferiority`, wider than that of `compare`. `needed` is
    given where the set is too small and the mean itself is above the margin: about how many questions
    would decide, if they were like these.
    """

    margin: float
    verdict: Verdict
    difference: Estimate
    needed: int | None


def compare(differences: Values) -> Comparison:
    """The comparison of two runs by one measure.

    >>> comparison = compare([0.5, 0.0, 0.0, -0.25])
    >>> comparison.difference.value, comparison.p_value, comparison.wins, comparison.ties, comparison.losses
    (0.0625, 1.0, 1, 2, 1)
    """
    values = _checked(differences)
    return Comparison(
        n=len(values),
        difference=mean_interval(values),
        p_value=randomization_test(values) if len(values) else None,
        wins=int((values > 0).sum()),
        ties=int((values == 0).sum()),
        losses=int((values < 0).sum()),
    )


def randomization_test(differences: Values, *, draws: int = 100_000, seed: int = SEED) -> float:
    """The two-sided p value of the mean difference: how often chance signs make it as far from 0 as it is.

    If it does not matter which run is which, each difference could as well have had the other sign (Fisher's
    randomization test, for retrieval: Smucker, Allan and Carterette 2007, CIKM). All signs are tried where
    that takes at most `draws`, up to 16 differences that are not 0. Otherwise `draws` are drawn and the
    observed signs count as one more, which keeps the test valid (Phipson and Smyth 2010, Stat Appl Genet
    Mol Biol 9:39). Without any difference it is 1.

    >>> randomization_test([0.25, 0.5, 0.0, 0.125])  # of 8 signs, +++ and --- are as far
    0.25
    """
    values = _checked(differences)
    changed = values[values != 0]
    # What differs from the observed sum only by a rounding is as far as it.
    limit = abs(changed.sum()) - 1e-10 * np.abs(changed).sum()
    if 2 ** len(changed) <= draws:
        return float((np.abs(_all_sums(changed)) >= limit).mean())
    generator = np.random.default_rng(seed)
    rows = max(1, SLAB // len(changed))
    sizes = [min(rows, draws - start) for start in range(0, draws, rows)]
    as_far = sum(int((np.abs(_drawn_sums(changed, size, generator)) >= limit).sum()) for size in sizes)
    return (as_far + 1) / (draws + 1)


def _all_sums(values: Floats) -> Floats:
    """The sums of the values with all signs, shape (2 ** n,)."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return sums


def _drawn_sums(values: Floats, size: int, generator: np.random.Generator) -> Floats:
    """The sums of the values with random signs, shape (size,)."""
    kept = generator.integers(2, size=(size, len(values)), dtype=np.int8).astype(np.float64)
    return np.asarray(2 * (kept @ values) - values.sum())


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjusted p values in the order given: each may be held against 0.05 as if it were the only one.

    Holm's step-down procedure (Holm 1979, Scand J Stat 6:65-70) bounds the chance of any false claim, however
    the tests depend on each other. None, a test without data, stays None and does not count. Raises
    ValueError where a p value is not from 0 to 1.

    >>> holm([0.25, 0.01, None, 0.02])
    (0.25, 0.03, None, 0.04)
    """
    given = [(p, place) for place, p in enumerate(p_values) if p is not None]
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for step, (p, place) in enumerate(sorted(given)):
        if not 0 <= p <= 1:
            raise ValueError(f"The p value at place {place} is {p}, and p values are from 0 to 1.")
        largest = max(largest, min(1.0, (len(given) - step) * p))
        adjusted[place] = largest
    return tuple(adjusted)


def non_inferiority(differences: Values, margin: float) -> NonInferiority:
    """Whether the mean difference is above the margin, a number such as -0.01, at most 0.

    It has passed where the whole 95% interval lies above the margin, and failed where none of it does;
    otherwise the set is too small to tell. Raises ValueError where the margin is above 0.

    The bootstrap knows no losses but those it has seen: five questions, four unchanged and one won, would
    never give it a mean below 0. So the interval is guarded: its lower end is that with one more question,
    lost by as much as any question changed, and its upper end that with one more so won. For `k` losses
    of one size this comes close to the exact limits of a rare event, which are as if ``k + 1`` were
    expected (Garwood 1936, Biometrika 28:437-442): without any loss, 3 in n remain possible, so after one
    win of 1 it takes about 300 questions to exclude a mean loss of 0.01. In thousands the guard hardly shows.

    Where no question changed at all the guard is 0, and B has passed for any n above 0 and any margin: a
    system compared with itself must pass. For two systems this only says that the set did not tell them apart.

    >>> non_inferiority([0.0] * 5, -0.01).verdict
    'passed'
    >>> non_inferiority([0.0, 0.0, 0.0, 0.0, 0.5], -0.01).verdict
    'too small'
    """
    if not margin <= 0:
        raise ValueError(f"The margin is {margin}. Give the greatest loss to be borne, such as -0.01.")
    values = _checked(differences)
    difference = _guarded(values)
    verdict = _verdict(difference, margin)
    return NonInferiority(margin, verdict, difference, _needed(values, margin) if verdict == "too small" else None)


def _guarded(values: Floats) -> Estimate:
    """The mean difference with the guarded interval of `non_inferiority`."""
    if len(values) == 0:
        return Estimate(None, None, None, 0)
    change = np.abs(values).max()
    low, high = (mean_interval(np.append(values, guard)) for guard in (-change, change))
    return Estimate(float(values.mean()), low.low, high.high, len(values))


def _verdict(difference: Estimate, margin: float) -> Verdict:
    if difference.low is None or difference.high is None:
        return "too small"
    if difference.low > margin + ROUNDING or difference.low == difference.high == 0:
        return "passed"
    return "failed" if difference.high <= margin + ROUNDING else "too small"


def _needed(values: Floats, margin: float) -> int | None:
    """How many questions like these lift the guarded lower end above the margin, by normal approximation.

    With the mean m above the margin by g, the variance v and the guard c, that end is above the margin by
    ``(N g - c - Z sqrt(N v + c²)) / N``, and `needed` is the N where this is 0.
    """
    if len(values) == 0 or values.mean() <= margin + ROUNDING:
        return None
    above, change = float(values.mean()) - margin, float(np.abs(values).max())
    half = 2 * above * change + Z**2 * float(values.var())
    root = (half + math.sqrt(half**2 + 4 * (Z**2 - 1) * (above * change) ** 2)) / (2 * above**2)
    return max(math.ceil(root), len(values) + 1)


def _checked(differences: Values) -> Floats:
    """The differences as an array of shape (n,), without roundings."""
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"The differences have shape {values.shape}. Give one a question.")
    if not np.isfinite(values).all():
        raise ValueError(f"{(~np.isfinite(values)).sum()} of {len(values)} differences are not finite. Leave them out.")
    return np.where(np.abs(values) < ROUNDING, 0.0, values)
