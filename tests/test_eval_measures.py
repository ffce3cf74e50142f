"""The ranking measures over spans and over documents, and the intervals, against values worked by hand."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.intervals import Estimate, mean_interval, rate_interval, ratio_interval
from eval.measures import (
    CITATION_MEASURES,
    DOCUMENT_MEASURES,
    MEASURES,
    SPAN_MEASURES,
    over_documents,
    over_spans,
    places,
)


@pytest.mark.parametrize(
    ("ranking", "items"),
    [
        ([], ()),
        ([[], [0]], ("passage:1", "span:0")),
        # The second span of the first passage takes the place of the passage that credits nothing.
        ([[0, 1], [], [2]], ("span:0", "span:1", "span:2")),
        # No crediting passage gives way: span 1 waits until the fourth place.
        ([[0, 1], [2], [3], []], ("span:0", "span:2", "span:3", "span:1")),
        # With no place left, the waiting spans follow the end.
        ([[], [0, 1, 2]], ("passage:1", "span:0", "span:1", "span:2")),
    ],
)
def test_places(ranking: list[list[int]], items: tuple[str, ...]) -> None:
    """Each span has a place of its own, never before its passage's, and no crediting passage moves."""
    assert places(ranking) == items


LOG3, LOG11 = math.log2(3), math.log2(11)
TWO = 1 + 1 / LOG3
"""The best gain of two items, at ranks 1 and 2."""


@pytest.mark.parametrize(
    ("spans", "ranking", "ndcg", "recall5", "recall10", "reciprocal_rank", "precision", "average", "success"),
    [
        # one span at rank 1, 2, 6, 10 and 11
        (1, [[0]], 1, 1, 1, 1, 1, 1, 1),
        (1, [[], [0]], 1 / LOG3, 1, 1, 1 / 2, 0, 1 / 2, 1),
        (1, [[]] * 5 + [[0]], 1 / math.log2(7), 0, 1, 1 / 6, 0, 1 / 6, 0),
        (1, [[]] * 9 + [[0]], 1 / LOG11, 0, 1, 1 / 10, 0, 1 / 10, 0),
        (1, [[]] * 10 + [[0]], 0, 0, 0, 0, 0, 0, 0),
        # two spans, one found at rank 1
        (2, [[0], []], 1 / TWO, 1 / 2, 1 / 2, 1, 1, 1 / 2, 1),
        # ranks 1 and 3: DCG 1 + 1/log2(4), precision 1/1 and 2/3 at these ranks
        (2, [[0], [], [1]], (1 + 1 / 2) / TWO, 1, 1, 1, 1, (1 + 2 / 3) / 2, 1),
        # both at rank 1: places 1 and 2, as good as can be
        (2, [[0, 1], []], 1, 1, 1, 1, 1, 1, 1),
        # both at rank 2: places 2 and 3, DCG 1/log2(3) + 1/log2(4), precision 1/2 and 2/3
        (2, [[], [0, 1]], (1 / LOG3 + 1 / 2) / TWO, 1, 1, 1 / 2, 0, (1 / 2 + 2 / 3) / 2, 1),
        # both at rank 5: places 5 and 6 for nDCG, yet both are within five passages
        (
            2,
            [[]] * 4 + [[0, 1]],
            (1 / math.log2(6) + 1 / math.log2(7)) / TWO,
            *(1, 1, 1 / 5, 0, (1 / 5 + 2 / 6) / 2, 1),
        ),
        # both at rank 10: the second has the eleventh place and is beyond the cut
        (2, [[]] * 9 + [[0, 1]], (1 / LOG11) / TWO, 0, 1, 1 / 10, 0, (1 / 10) / 2, 0),
        # ranks 5 and 6
        (
            2,
            [[]] * 4 + [[0], [1]],
            (1 / math.log2(6) + 1 / math.log2(7)) / TWO,
            *(1 / 2, 1, 1 / 5, 0, (1 / 5 + 2 / 6) / 2, 1),
        ),
        # two at rank 1, a third at rank 2: places 1, 2, 3
        (3, [[0, 1], [2], []], 1, 1, 1, 1, 1, 1, 1),
        # six at rank 1: recall counts passages, not places
        (6, [[0, 1, 2, 3, 4, 5]], 1, 1, 1, 1, 1, 1, 1),
    ],
)
def test_measures_over_spans(
    spans: int,
    ranking: list[list[int]],
    ndcg: float,
    recall5: float,
    recall10: float,
    reciprocal_rank: float,
    precision: float,
    average: float,
    success: float,
) -> None:
    """Each measure has the value that its definition gives by hand."""
    values = over_spans({"q": spans}, {"q": ranking})["q"]
    assert tuple(values) == SPAN_MEASURES == ("nDCG@10", "R@5", "R@10", "RR@10", "P@1", "AP@10", "Success@5")
    expected = [ndcg, recall5, recall10, reciprocal_rank, precision, average, success]
    assert list(values.values()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranking", "ndcg", "recall5", "recall10", "reciprocal_rank", "precision", "average", "success"),
    [
        # best possible gain of a (1) and b (2): 2 + 1/log2(3)
        ("ba", 1, 1, 1, 1, 1, 1, 1),
        ("ab", (1 + 2 / LOG3) / (2 + 1 / LOG3), 1, 1, 1, 1, 1, 1),
        ("cb", (2 / LOG3) / (2 + 1 / LOG3), 1 / 2, 1 / 2, 1 / 2, 0, (1 / 2) / 2, 1),
        # the second passage of c takes no rank, so b has the second and a the third
        ("ccba", (2 / LOG3 + 1 / 2) / (2 + 1 / LOG3), 1, 1, 1 / 2, 0, (1 / 2 + 2 / 3) / 2, 1),
        # b at rank 6, a at rank 11
        ("cdefgbhijka", (2 / math.log2(7)) / (2 + 1 / LOG3), 0, 1 / 2, 1 / 6, 0, (1 / 6) / 2, 0),
        ("cd", 0, 0, 0, 0, 0, 0, 0),
        ("", 0, 0, 0, 0, 0, 0, 0),
    ],
)
def test_measures_over_documents(
    ranking: str,
    ndcg: float,
    recall5: float,
    recall10: float,
    reciprocal_rank: float,
    precision: float,
    average: float,
    success: float,
) -> None:
    """Grades are gains of nDCG and nothing else; a document has the rank of its first passage among documents."""
    values = over_documents({"q": {"a": 1, "b": 2}}, {"q": list(ranking)})["q"]
    assert tuple(values) == DOCUMENT_MEASURES == tuple(f"document {name}" for name in SPAN_MEASURES)
    expected = [ndcg, recall5, recall10, reciprocal_rank, precision, average, success]
    assert list(values.values()) == pytest.approx(expected)


@pytest.mark.parametrize("rankings", [{"other": [[0]]}, {"q": [], "other": [[0]]}, {}])
def test_a_judged_question_without_a_ranking_scores_0(rankings: dict[str, list[list[int]]]) -> None:
    """Missing or empty, it counts as 0 in every measure, and what is not judged is left out."""
    assert over_spans({"q": 1}, rankings) == {"q": dict.fromkeys(SPAN_MEASURES, 0.0)}
    assert over_documents({"q": {"a": 1}}, dict.fromkeys(rankings, "")) == {"q": dict.fromkeys(DOCUMENT_MEASURES, 0.0)}


def test_nothing_judged_gives_nothing() -> None:
    """Without a judged question there is no value, whatever was ranked."""
    assert over_spans({}, {"q": [[0]]}) == {}
    assert over_documents({}, {"q": ["a"]}) == {}


def test_every_measure_tells_what_it_is() -> None:
    """Each has its own name as its key, says in lower case what it tells, and lower is better where things go wrong."""
    assert [name for name, measure in MEASURES.items() if measure.name != name] == []
    assert all(measure.tells and measure.tells == measure.tells.strip(" .") for measure in MEASURES.values())
    assert {*SPAN_MEASURES, *DOCUMENT_MEASURES, *CITATION_MEASURES} < set(MEASURES)
    assert [name for name, measure in MEASURES.items() if measure.better == "lower"] == [
        "highlight excess",
        "wrong refusal",
        "wrong answer",
    ]
    assert {measure.unit for measure in MEASURES.values()} == {None, "characters"}
    assert (
        MEASURES["RR@10"].tells == "1 / rank of the first that is relevant, 0 beyond ten; items are spans of evidence"
    )
    assert MEASURES["document P@1"].tells == "whether the first is relevant; items are documents"


@st.composite
def rankings(draw: st.DrawFn) -> tuple[int, list[list[int]]]:
    """The number of gold spans, and a ranking of 1 to 14 passages that finds some of them."""
    length = draw(st.integers(1, 14))
    found = draw(st.lists(st.none() | st.integers(0, length - 1), min_size=1, max_size=6))
    return len(found), [[span for span, at in enumerate(found) if at == rank] for rank in range(length)]


@settings(deadline=None)  # the first call of ir_measures loads its providers
@given(rankings())
def test_measures_agree_with_their_definitions(case: tuple[int, list[list[int]]]) -> None:
    """RR@10, P@1, Success@5 and recall are what counting passages gives, and all stay from 0 to 1."""
    spans, ranking = case
    values = over_spans({"q": spans}, {"q": ranking})["q"]
    first = next((rank for rank, credited in enumerate(ranking, start=1) if credited), math.inf)
    assert values["RR@10"] == pytest.approx(1 / first if first <= 10 else 0)
    assert values["P@1"] == (first == 1)
    assert values["Success@5"] == (first <= 5)
    assert values["R@5"] == pytest.approx(sum(map(len, ranking[:5])) / spans)
    assert values["R@10"] == pytest.approx(sum(map(len, ranking[:10])) / spans)
    assert all(0 <= value <= 1 + 1e-12 for value in values.values())


@settings(deadline=None)  # the first call of ir_measures loads its providers
@given(rankings())
def test_finding_a_span_earlier_never_costs(case: tuple[int, list[list[int]]]) -> None:
    """No measure falls when the last span found is found one passage earlier."""
    spans, ranking = case
    before = over_spans({"q": spans}, {"q": ranking})["q"]
    last = max((rank for rank, credited in enumerate(ranking) if credited), default=0)
    if last == 0:
        return
    earlier = [list(credited) for credited in ranking]
    earlier[last - 1].append(earlier[last].pop())
    after = over_spans({"q": spans}, {"q": earlier})["q"]
    assert all(after[name] >= before[name] - 1e-12 for name in SPAN_MEASURES)


@settings(deadline=None)  # the first call of ir_measures loads its providers
@given(rankings())
def test_every_span_found_has_one_place_and_crediting_passages_keep_theirs(
    case: tuple[int, list[list[int]]],
) -> None:
    """Items are distinct, no span stands before its passage, and each crediting passage holds its rank."""
    _, ranking = case
    items = places(ranking)
    assert len(set(items)) == len(items)
    for rank, credited in enumerate(ranking):
        assert all(items.index(f"span:{span}") >= rank for span in credited)
        assert not credited or items[rank] == f"span:{credited[0]}"


def test_bootstrap_interval_of_a_mean() -> None:
    """Of 0, 0, 0, 1 the resampled mean is Binomial(4, 1/4) / 4, whose 97.5% point is 3/4."""
    # P(4) = .004 and P(3 or 4) = .051, so the upper 2.5% begin at 3 of 4; P(0) = .316, so the lower end is 0.
    assert mean_interval([0, 0, 0, 1]) == Estimate(0.25, 0.0, 0.75, 4)


def test_bootstrap_interval_of_a_ratio_of_sums() -> None:
    """The ratio is of the sums, not the mean of the ratios, and questions are resampled whole."""
    # resamples: the first twice 1/1, one each 1/4, the second twice 0/3; each end has probability 1/4
    assert ratio_interval([1, 0], [1, 3]) == Estimate(0.25, 0.0, 1.0, 2)


def test_resamples_without_a_ratio_are_left_out() -> None:
    """Drawing only the question that counts nothing defines no ratio and does not widen the interval."""
    assert ratio_interval([1, 0], [1, 0]) == Estimate(1.0, 1.0, 1.0, 2)


def test_an_estimate_of_nothing_is_null() -> None:
    """Without questions, or without anything to divide by, there is no value rather than a 0."""
    assert mean_interval([]) == Estimate(None, None, None, 0)
    assert ratio_interval([0, 0], [0, 0]) == Estimate(None, None, None, 2)
    assert rate_interval(0, 0) == Estimate(None, None, None, 0)


def test_intervals_repeat_themselves_and_follow_their_seed() -> None:
    """The seed is fixed, so the same values have the same interval; another seed has another."""
    values = [(7 * i % 31) / 31 for i in range(40)]
    assert mean_interval(values) == mean_interval(values)
    assert mean_interval(values, seed=1) != mean_interval(values, seed=2)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe 1998 (Stat Med 17:857-872), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),  # the mirror of 0 in 20
    ],
)
def test_wilson_interval_of_a_rate(hits: int, n: int, low: float, high: float) -> None:
    """The score interval has the published values, and does not shrink to a point at 0 or 1."""
    estimate = rate_interval(hits, n)
    assert (estimate.value, estimate.n) == (hits / n, n)
    assert [estimate.low, estimate.high] == pytest.approx([low, high], abs=5e-5)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_an_interval_lies_around_its_mean_or_at_it(values: list[float]) -> None:
    """The ends stay within the values, in order, and a constant has no width."""
    estimate = mean_interval(values, resamples=200)
    assert estimate.low is not None
    assert estimate.high is not None
    ordered = [min(values), estimate.low, estimate.high, max(values)]
    assert all(low <= high + 1e-12 for low, high in pairwise(ordered))
