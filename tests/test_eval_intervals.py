"""The bootstrap: its weights, its percentiles against scipy, and what it does where there is no value."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from eval.intervals import SLAB, Estimate, Floats, bootstrap, joint_bootstrap, mean_interval, quotient, ratio_interval


def test_a_statistic_is_asked_for_the_sample_first_and_then_for_its_resamples() -> None:
    """The row of ones comes first, and every row of weights has whole numbers that sum to n."""
    calls: list[Floats] = []

    def statistic(weights: Floats) -> Floats:
        calls.append(weights)
        return weights[:, 0]

    assert bootstrap(statistic, 4, resamples=50).value == 1.0
    sample, resamples = calls
    assert sample.tolist() == [[1.0, 1.0, 1.0, 1.0]]
    assert resamples.shape == (50, 4)
    assert (resamples.sum(axis=1) == 4).all()
    assert (resamples == np.floor(resamples)).all()


def test_weights_are_those_of_drawing_questions_with_replacement() -> None:
    """Of two questions, both are drawn once in half of the resamples, and each twice in a quarter."""
    firsts = collected(2, resamples=40_000)[:, 0]
    assert [(firsts == times).mean() for times in (0, 1, 2)] == pytest.approx([0.25, 0.5, 0.25], abs=0.01)


def test_statistics_of_one_size_see_the_same_resamples() -> None:
    """The weights follow from n and the seed alone, so two measures are compared on the same draws."""
    assert (collected(30) == collected(30)).all()
    assert (collected(30) != collected(30, seed=1)).any()


def test_slabs_bound_memory_and_change_nothing() -> None:
    """No call has more than a slab of weights, and its rows are those of one generator throughout."""
    n, resamples = 3_001, 1_500
    sizes: list[int] = []

    def statistic(weights: Floats) -> Floats:
        sizes.append(weights.size)
        return weights[:, 0]

    bootstrap(statistic, n, resamples=resamples, seed=3)
    assert len(sizes) > 3
    assert max(sizes) <= SLAB
    draws = np.random.default_rng(3).integers(n, size=(resamples, n), dtype=np.int32)
    assert (collected(n, resamples=resamples, seed=3)[:, 0] == (draws == 0).sum(axis=1)).all()


def collected(n: int, *, resamples: int = 100, seed: int = 5) -> Floats:
    """The weights of all resamples, shape (resamples, n)."""
    calls: list[Floats] = []

    def statistic(weights: Floats) -> Floats:
        calls.append(weights)
        return weights[:, 0]

    bootstrap(statistic, n, resamples=resamples, seed=seed)
    return np.concatenate(calls[1:])


def test_interval_of_a_mean_agrees_with_scipy() -> None:
    """The percentile interval of scipy is the same but for its other random draws."""
    values = np.random.default_rng(2).exponential(size=60)
    estimate = mean_interval(values, resamples=20_000)
    expected = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    assert estimate.value == pytest.approx(values.mean())
    assert [estimate.low, estimate.high] == pytest.approx([expected.low, expected.high], abs=0.01)


def test_interval_of_a_ratio_agrees_with_scipy() -> None:
    """Numerator and denominator of a question are drawn together, as in scipy's paired bootstrap."""
    generator = np.random.default_rng(4)
    below = generator.integers(1, 6, size=50)
    above = generator.binomial(below, 0.7)
    estimate = ratio_interval(above, below, resamples=20_000)
    expected = stats.bootstrap(
        (above, below),
        lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        n_resamples=20_000,
        method="percentile",
        rng=1,
    ).confidence_interval
    assert [estimate.low, estimate.high] == pytest.approx([expected.low, expected.high], abs=0.01)


def test_interval_of_a_largest_value_is_that_of_all_possible_resamples() -> None:
    """A statistic that is no mean: of 3 questions the largest is drawn in 19 of 27 resamples, never the ends."""
    values = np.array([1.0, 2.0, 3.0])
    maxima = [max(drawn) for drawn in product(values, repeat=3)]
    assert (maxima.count(1.0), maxima.count(3.0)) == (1, 19)
    estimate = bootstrap(lambda weights: np.where(weights > 0, values, 0).max(axis=1), 3)
    assert estimate == Estimate(3.0, 1.0, 3.0, 3)  # 1 of 27 is .037, so it is within 95%


def test_joint_statistics_have_one_estimate_each() -> None:
    """The columns come back in order, each with the interval that it has alone."""
    values = np.array([0.0, 1.0, 4.0])
    mean, largest = joint_bootstrap(lambda w: np.column_stack([w @ values / 3, (w * values).max(axis=1)]), 3)
    assert mean == bootstrap(lambda weights: weights @ values / 3, 3)
    assert largest == bootstrap(lambda weights: (weights * values).max(axis=1), 3)


def test_resamples_without_a_value_are_left_out() -> None:
    """A nan is no value; without it every resample gives 7."""
    assert bootstrap(lambda weights: np.where(weights[:, 0] == 1, 7.0, np.nan), 2) == Estimate(7.0, 7.0, 7.0, 2)


def test_a_value_without_resamples_has_no_interval() -> None:
    """Where only the sample itself has a value, it stands alone."""
    estimate = bootstrap(lambda weights: np.where((weights == 1).all(axis=1), 7.0, np.nan), 60)
    assert estimate == Estimate(7.0, None, None, 60)


def test_a_sample_without_a_value_has_none() -> None:
    """Values of some resamples alone are no estimate."""
    assert bootstrap(lambda weights: np.where(weights[:, 0] == 2, 7.0, np.nan), 2) == Estimate(None, None, None, 2)


def test_no_questions_have_no_value() -> None:
    """With n = 0 every statistic is null, whatever it gives."""
    assert bootstrap(lambda weights: weights.sum(axis=1), 0) == Estimate(None, None, None, 0)
    assert joint_bootstrap(lambda weights: np.zeros((1, 2)), 0) == (Estimate(None, None, None, 0),) * 2


def test_a_quotient_by_0_is_nan() -> None:
    """Neither 0 / 0 nor 1 / 0 is a value, and neither warns."""
    assert str(quotient(np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.0, 4.0])).tolist()) == "[nan, nan, 0.25]"
