"""Comparing two runs, against values worked by hand, full enumeration and scipy."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eval.intervals import Estimate, mean_interval
from eval.significance import Comparison, compare, holm, non_inferiority, randomization_test

eighths = st.integers(-8, 8).map(lambda number: number / 8)
"""Differences that floating point has exactly, many of them 0 or equal."""


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([], 1.0),
        ([0.0, 0.0], 1.0),
        ([0.5], 1.0),
        ([0.5, -0.5], 1.0),
        ([0.5, 0.5, 0.5], 2 / 8),
        ([0.1, 0.2, 0.3], 2 / 8),
        # sums of 4, 2 and 1 with all signs: 7, 5, 3, 1 and their mirrors; 5 or more are 4 of 8
        ([4, 2, -1], 4 / 8),
        ([-1] * 10, 2 / 1024),
    ],
)
def test_randomization_test_of_few_differences(differences: list[float], p: float) -> None:
    """It is the share of all signs with which the mean is as far from 0."""
    assert randomization_test(differences) == p


def test_rounding_does_not_break_a_tie() -> None:
    """The sums .1 + .2 - .3 and -.1 - .2 + .3 differ by a rounding, and both are as far as 0 is."""
    assert randomization_test([0.1, 0.2, -0.3]) == 1.0
    assert randomization_test([0.3, 0.6, 0.1, 0.2]) == randomization_test([3, 6, 1, 2])


@settings(deadline=None)
@given(st.lists(eighths, max_size=8))
def test_exact_p_value_is_that_of_full_enumeration(differences: list[float]) -> None:
    """All signs of all differences, zeros too, give the same p value."""
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    assert randomization_test(differences) == sum(one >= abs(sum(differences)) for one in sums) / len(sums)


@settings(deadline=None)
@given(st.lists(eighths, max_size=8), st.integers(0, 5))
def test_zeros_and_the_direction_change_nothing(differences: list[float], zeros: int) -> None:
    """Equal questions hold no evidence, and it does not matter which run is called A."""
    p = randomization_test(differences)
    assert randomization_test([*differences, *[0.0] * zeros]) == p
    assert randomization_test([-one for one in differences]) == p


def test_exact_p_value_agrees_with_scipy() -> None:
    """Up to 16 differences, the p value is that of scipy's exact permutation test of paired samples."""
    differences = np.random.default_rng(1).normal(0.3, 1, size=12)
    expected = stats.permutation_test(
        (differences,),
        lambda x, axis: x.mean(axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    ).pvalue
    assert randomization_test(differences) == pytest.approx(expected)


def test_drawn_p_value_is_near_the_exact_one() -> None:
    """With fewer draws than signs it is estimated, here of 2 to the 15th signs."""
    differences = np.random.default_rng(3).normal(0.8, 1, size=15)
    exact = randomization_test(differences)
    assert 0.01 < exact < 0.5
    assert randomization_test(differences, draws=30_000) == pytest.approx(exact, abs=0.01)
    assert randomization_test(differences, draws=30_000) != exact


def test_drawn_p_value_agrees_with_scipy() -> None:
    """Of more differences than can be enumerated, it is scipy's but for other draws."""
    differences = np.random.default_rng(5).normal(0.1, 1, size=200)
    expected = stats.permutation_test(
        (differences,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", n_resamples=20_000, rng=1
    ).pvalue
    assert randomization_test(differences) == pytest.approx(expected, abs=0.01)


def test_drawn_p_value_is_never_0_and_follows_its_seed() -> None:
    """The observed signs count as one draw, so the least p value is one more than the draws below 1."""
    assert randomization_test([1.0] * 40, draws=999) == 1 / 1000
    differences = np.random.default_rng(5).normal(0.1, 1, size=40)
    assert randomization_test(differences, draws=999) == randomization_test(differences, draws=999)
    assert randomization_test(differences, draws=999) != randomization_test(differences, draws=999, seed=1)


def test_draws_are_counted_over_all_slabs() -> None:
    """Draws that take several slabs of memory are all made, and each counts once."""
    assert randomization_test([1.0] * 3_000, draws=1_500) == 1 / 1501


def test_holm() -> None:
    """The example of four tests: .005 * 4, .01 * 3, .03 * 2, .04 * 1 which may not be below .06."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


@pytest.mark.parametrize(
    ("given_values", "adjusted"),
    [
        ([], ()),
        ([None], (None,)),
        ([0.25], (0.25,)),
        ([0.75, 0.5], (1.0, 1.0)),
        ([None, 0.25, 0.25], (None, 0.5, 0.5)),
    ],
)
def test_holm_of_few(given_values: list[float | None], adjusted: tuple[float | None, ...]) -> None:
    """One test stays as it is, none is above 1, and what has no data is not counted."""
    assert holm(given_values) == adjusted


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_holm_is_between_the_p_value_and_bonferroni(p_values: list[float]) -> None:
    """It never claims more than the single tests, never less than Bonferroni, and keeps their order."""
    adjusted = [one for one in holm(p_values) if one is not None]
    for p, one in zip(p_values, adjusted, strict=True):
        assert p <= one <= min(1.0, p * len(p_values))
    for (p, one), (q, other) in permutations(zip(p_values, adjusted, strict=True), 2):
        assert p > q or one <= other


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    """The message has the place and the value."""
    with pytest.raises(ValueError, match=f"The p value at place 1 is {p}"):
        holm([0.5, p])


def test_compare() -> None:
    """The mean with its bootstrap interval, the p value, and the questions counted by the sign."""
    differences = [0.5, 0.25, 0.0, -0.125, 0.5]
    assert compare(differences) == Comparison(
        n=5,
        difference=mean_interval(differences),
        p_value=randomization_test(differences),
        wins=3,
        ties=1,
        losses=1,
    )


def test_a_difference_by_rounding_is_a_tie() -> None:
    """What floating point leaves of two equal values is neither a win nor evidence."""
    comparison = compare([0.1 + 0.2 - 0.3] * 20)
    assert (comparison.ties, comparison.p_value, comparison.difference.value) == (20, 1.0, 0.0)


def test_compare_nothing() -> None:
    """Without questions there is neither a difference nor a p value."""
    assert compare([]) == Comparison(0, Estimate(None, None, None, 0), None, 0, 0, 0)


@pytest.mark.parametrize("n", [1, 5, 1000])
@pytest.mark.parametrize("margin", [-0.01, 0.0])
def test_a_system_that_did_the_same_passes(n: int, margin: float) -> None:
    """Without any change the verdict does not depend on the number of questions."""
    result = non_inferiority([0.0] * n, margin)
    assert (result.verdict, result.needed, result.difference) == ("passed", None, Estimate(0.0, 0.0, 0.0, n))


@pytest.mark.parametrize("differences", [[0.5], [0, 0, 0, 0, 0.5], [0.0] * 99 + [1.0], [-1.0], [-0.5, -0.5]])
def test_few_questions_of_which_some_changed_are_too_small(differences: list[float]) -> None:
    """Not to have seen a loss, or a win, among few questions does not show that there is none."""
    assert non_inferiority(differences, -0.01).verdict == "too small"


@pytest.mark.parametrize(
    ("n", "losses", "highest"),
    [
        # 97.5% limits of Garwood for 0, 1, 2, 5 and 10 events
        (1000, 1, 5.572),
        (1000, 2, 7.225),
        (1000, 5, 11.668),
        (1000, 10, 18.390),
    ],
)
def test_lower_end_of_rare_losses_is_near_the_exact_limit(n: int, losses: int, highest: float) -> None:
    """For a few losses of 1 in many questions, it is the exact limit of a rare event within one question."""
    low = non_inferiority([-1.0] * losses + [0.0] * (n - losses), -0.01).difference.low
    assert low is not None
    assert -low * n == pytest.approx(highest, abs=1)


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [(0.02, "passed"), (0.0, "passed"), (-0.01, "too small"), (-0.03, "failed")],
)
def test_verdict_of_many_questions(mean: float, verdict: str) -> None:
    """Half of 2,000 questions each .1 above and below the mean: the ends are about .0045 from it."""
    result = non_inferiority([mean + 0.1, mean - 0.1] * 1000, -0.01)
    assert result.verdict == verdict
    assert [result.difference.low, result.difference.high] == pytest.approx([mean - 0.0045, mean + 0.0045], abs=0.0005)


def test_guard_does_not_show_in_many_questions() -> None:
    """With thousands of questions the guarded interval is the bootstrap interval."""
    differences = np.random.default_rng(1).normal(0, 0.2, size=4000).clip(-1, 1)
    guarded, plain = non_inferiority(differences, -0.01).difference, mean_interval(differences)
    assert guarded.value == pytest.approx(plain.value)
    assert [guarded.low, guarded.high] == pytest.approx([plain.low, plain.high], abs=0.0005)


@settings(deadline=None)
@given(st.lists(eighths, min_size=1, max_size=20))
def test_guarded_interval_holds_its_value(differences: list[float]) -> None:
    """The value is the mean itself, and wherever a question changed, the interval has a width."""
    guarded = non_inferiority(differences, -0.01).difference
    ends = (guarded.low, guarded.value, guarded.high)
    low, value, high = (end for end in ends if end is not None)
    assert value == pytest.approx(np.mean(differences))
    assert low - 1e-12 <= value <= high + 1e-12
    assert (high > low) == any(differences)


def test_needed_is_about_where_the_same_questions_pass() -> None:
    """Repeated until they are as many as needed they pass, and with a fifth fewer they do not."""
    differences = [0.3, -0.3, 0.1, -0.1, 0.0] * 20
    needed = non_inferiority(differences, -0.01).needed
    # without the guard: (1.96 / .01) ** 2 times the variance .04
    assert needed is not None
    assert (1.96 / 0.01) ** 2 * 0.04 < needed < 1700
    assert non_inferiority((differences * 20)[: math.ceil(needed * 1.05)], -0.01).verdict == "passed"
    assert non_inferiority((differences * 20)[: math.floor(needed * 0.8)], -0.01).verdict == "too small"


def test_needed_is_more_than_there_are() -> None:
    """A set that is too small is never told that it is large enough."""
    result = non_inferiority([0.0] * 289 + [1.0], -0.01)
    assert result.verdict == "too small"
    assert result.needed is not None
    assert result.needed > 290


def test_no_number_of_questions_lifts_a_mean_that_is_too_low() -> None:
    """With the mean at the margin or below it, more questions like these would not pass."""
    assert non_inferiority([0.0, -0.02] * 5, -0.01).needed is None
    assert non_inferiority([0.1, -0.2] * 5, -0.01).needed is None


def test_no_questions_are_too_few() -> None:
    """Without data nothing has passed, and nothing can be said of what is needed."""
    result = non_inferiority([], -0.01)
    assert (result.verdict, result.needed, result.difference) == ("too small", None, Estimate(None, None, None, 0))


@pytest.mark.parametrize("margin", [0.01, float("nan")])
def test_a_margin_is_at_most_0(margin: float) -> None:
    """A positive margin would ask for more than not being worse."""
    with pytest.raises(ValueError, match=f"The margin is {margin}"):
        non_inferiority([0.0], margin)


@pytest.mark.parametrize(
    ("differences", "message"),
    [([0.5, float("nan")], "1 of 2 differences are not finite"), ([[0.5]], r"shape \(1, 1\)")],
)
def test_what_is_no_difference_is_refused(differences: list[float], message: str) -> None:
    """The message has the shape, or how many are not numbers."""
    for function in (compare, randomization_test):
        with pytest.raises(ValueError, match=message):
            function(differences)
