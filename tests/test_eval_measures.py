"""Spans against passages, the ranking measures and the intervals, all against values worked by hand."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.passages import Anchor
from eval.intervals import Estimate, mean_interval, rate_interval, ratio_interval
from eval.measures import MEASURES, measure, places
from eval.spans import GoldSpan, covers, credit
from index.answers import AnswerPassage, DocumentSummary


def passage(start: int, end: int, document: str = "page") -> AnswerPassage:
    """A passage of which only the place matters."""
    return AnswerPassage(
        rank=1,
        id=f"{document}-{start}",
        confidence=None,
        score=0.0,
        text="",
        document=DocumentSummary(document, "", None, None),
        headings=(),
        lead=None,
        anchor=Anchor("", start, end, "", "", "", None),
        highlights=(),
        citations=(),
    )


@pytest.mark.parametrize(
    ("start", "end", "sentences", "covered"),
    [
        (0, 30, 1, True),
        (10, 20, 1, True),
        (10, 19, 1, False),
        (11, 30, 1, False),
        (0, 15, 2, True),  # 5 of 10 characters are half
        (0, 14, 2, False),  # 4 of 10 are not
        (12, 17, 2, True),
        (20, 30, 2, False),
    ],
)
def test_a_span_is_covered_whole_or_by_half_if_it_has_several_sentences(
    start: int, end: int, sentences: int, *, covered: bool
) -> None:
    """The span 10 to 20 is covered whole, or by 5 of its characters where it has two sentences."""
    assert covers(passage(start, end), GoldSpan("page", 10, 20, sentences)) is covered


def test_a_passage_of_another_document_covers_nothing() -> None:
    """The same offsets in another document are another place."""
    assert not covers(passage(0, 30, "other"), GoldSpan("page", 10, 20))


def test_a_span_is_credited_once_to_the_first_passage_that_covers_it() -> None:
    """The second passage covers both spans but is credited with the one that is new."""
    spans = [GoldSpan("page", 0, 10), GoldSpan("page", 20, 30)]
    ranked = [passage(0, 15), passage(0, 40), passage(0, 40)]
    assert credit(spans, ranked) == ((0,), (1,), ())


def test_a_passage_that_covers_two_spans_is_credited_with_both() -> None:
    """Both spans are new at the first passage."""
    spans = [GoldSpan("page", 0, 10), GoldSpan("page", 20, 30)]
    assert credit(spans, [passage(0, 40)]) == ((0, 1),)


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


@pytest.mark.parametrize(
    ("spans", "ranking", "ndcg", "recall", "reciprocal_rank", "precision"),
    [
        # one span at rank 1, 2, 6, 10 and 11
        (1, [[0]], 1.0, 1.0, 1.0, 1.0),
        (1, [[], [0]], 1 / LOG3, 1.0, 1 / 2, 0.0),
        (1, [[]] * 5 + [[0]], 1 / math.log2(7), 0.0, 1 / 6, 0.0),
        (1, [[]] * 9 + [[0]], 1 / LOG11, 0.0, 1 / 10, 0.0),
        (1, [[]] * 10 + [[0]], 0.0, 0.0, 0.0, 0.0),
        # two spans, one found at rank 1: DCG 1, ideal 1 + 1/log2(3)
        (2, [[0], []], 1 / (1 + 1 / LOG3), 1 / 2, 1.0, 1.0),
        # ranks 1 and 3: DCG 1 + 1/log2(4)
        (2, [[0], [], [1]], (1 + 1 / 2) / (1 + 1 / LOG3), 1.0, 1.0, 1.0),
        # both at rank 1: places 1 and 2, as good as can be
        (2, [[0, 1], []], 1.0, 1.0, 1.0, 1.0),
        # both at rank 2: places 2 and 3, DCG 1/log2(3) + 1/log2(4)
        (2, [[], [0, 1]], (1 / LOG3 + 1 / 2) / (1 + 1 / LOG3), 1.0, 1 / 2, 0.0),
        # both at rank 5: places 5 and 6 for nDCG, yet both are within five passages
        (2, [[]] * 4 + [[0, 1]], (1 / math.log2(6) + 1 / math.log2(7)) / (1 + 1 / LOG3), 1.0, 1 / 5, 0.0),
        # both at rank 10: the second has the eleventh place and is beyond the cut
        (2, [[]] * 9 + [[0, 1]], (1 / LOG11) / (1 + 1 / LOG3), 0.0, 1 / 10, 0.0),
        # two at rank 1, a third at rank 2: places 1, 2, 3
        (3, [[0, 1], [2], []], 1.0, 1.0, 1.0, 1.0),
        # six at rank 1: recall counts passages, not places
        (6, [[0, 1, 2, 3, 4, 5]], 1.0, 1.0, 1.0, 1.0),
    ],
)
def test_measures(
    spans: int,
    ranking: list[list[int]],
    ndcg: float,
    recall: float,
    reciprocal_rank: float,
    precision: float,
) -> None:
    """Each measure has the value that its definition gives by hand."""
    values = measure({"q": spans}, {"q": ranking})["q"]
    assert tuple(values) == MEASURES == ("nDCG@10", "R@5", "RR@10", "P@1")
    assert list(values.values()) == pytest.approx([ndcg, recall, reciprocal_rank, precision])


@pytest.mark.parametrize("rankings", [{"other": [[0]]}, {"q": [], "other": [[0]]}, {}])
def test_a_judged_question_without_a_ranking_scores_0(rankings: dict[str, list[list[int]]]) -> None:
    """Missing or empty, it counts as 0 in every measure, and what is not judged is left out."""
    assert measure({"q": 1}, rankings) == {"q": dict.fromkeys(MEASURES, 0.0)}


@st.composite
def rankings(draw: st.DrawFn) -> tuple[int, list[list[int]]]:
    """The number of gold spans, and a ranking of 1 to 14 passages that finds some of them."""
    length = draw(st.integers(1, 14))
    found = draw(st.lists(st.none() | st.integers(0, length - 1), min_size=1, max_size=6))
    return len(found), [[span for span, at in enumerate(found) if at == rank] for rank in range(length)]


@settings(deadline=None)  # the first call of ir_measures loads its providers
@given(rankings())
def test_measures_agree_with_their_definitions(case: tuple[int, list[list[int]]]) -> None:
    """RR@10, P@1 and R@5 are what counting passages gives, and nDCG@10 stays from 0 to 1."""
    spans, ranking = case
    values = measure({"q": spans}, {"q": ranking})["q"]
    first = next((rank for rank, credited in enumerate(ranking, start=1) if credited), math.inf)
    assert values["RR@10"] == pytest.approx(1 / first if first <= 10 else 0)
    assert values["P@1"] == (first == 1)
    assert values["R@5"] == pytest.approx(sum(map(len, ranking[:5])) / spans)
    assert 0 <= values["nDCG@10"] <= 1 + 1e-12


@settings(deadline=None)  # the first call of ir_measures loads its providers
@given(rankings())
def test_finding_a_span_earlier_never_costs(case: tuple[int, list[list[int]]]) -> None:
    """No measure falls when the last span found is found one passage earlier."""
    spans, ranking = case
    before = measure({"q": spans}, {"q": ranking})["q"]
    last = max((rank for rank, credited in enumerate(ranking) if credited), default=0)
    if last == 0:
        return
    earlier = [list(credited) for credited in ranking]
    earlier[last - 1].append(earlier[last].pop())
    after = measure({"q": spans}, {"q": earlier})["q"]
    assert all(after[name] >= before[name] - 1e-12 for name in MEASURES)


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
