"""What a reader has to read, in characters, against values worked by hand and against sets of characters."""

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.spans import Span
from eval.reading import (
    first_sentence_hit,
    highlight_excess,
    highlight_hit,
    intersection_over_union,
    precision,
    recall_after,
)
from eval.responses import Retrieved
from eval.spans import GoldSpan


def passage(start: int, end: int, document: str = "page", highlights: tuple[tuple[int, int], ...] = ()) -> Retrieved:
    """A passage of which only the place and the highlights matter."""
    lit = tuple(Span(*highlight) for highlight in highlights)
    return Retrieved(document=document, start=start, end=end, score=0.0, highlights=lit)


ONE = GoldSpan("page", 110, 120)
FAR = GoldSpan("page", 300, 340, 2)
OTHER = GoldSpan("other", 0, 10)


@pytest.mark.parametrize(
    ("budget", "recall"),
    [
        (119, 0),  # the passage of 100 characters, and 19 of the one that covers ONE
        (120, 1 / 3),
        (219, 1 / 3),
        (220, 2 / 3),  # 100 + 50 + 50, and 20 of the 40 characters of two sentences
        (249, 2 / 3),
        (259, 2 / 3),
        (260, 1),  # 100 + 50 + 50 + 50, and OTHER
    ],
)
def test_recall_after_so_many_characters(budget: int, recall: float) -> None:
    """Passages are read whole, from the top, and a span counts once its end, or its half, has been read."""
    ranking = [passage(0, 100), passage(100, 150), passage(100, 150), passage(300, 350), passage(0, 10, "other")]
    assert recall_after(budget, [ONE, FAR, OTHER], ranking) == pytest.approx(recall)


def test_a_passage_must_be_read_before_the_next() -> None:
    """ONE stands late in the first passage, and the short one that holds nothing else comes only after it."""
    assert recall_after(40, [ONE], [passage(0, 200), passage(110, 120)]) == 0
    assert recall_after(120, [ONE], [passage(0, 200), passage(110, 120)]) == 1


def test_recall_after_of_no_passage_is_0() -> None:
    """Nothing read finds nothing."""
    assert recall_after(500, [ONE], []) == 0


@pytest.mark.parametrize(
    ("spans", "passages", "share", "union"),
    [
        ([ONE], [passage(110, 120)], 1, 1),
        ([ONE], [passage(100, 140)], 1 / 4, 1 / 4),
        ([ONE], [passage(115, 125)], 1 / 2, 5 / 15),
        # shown twice: the second time it counts as read, and not as evidence
        ([ONE], [passage(110, 120), passage(110, 120)], 1 / 2, 1 / 2),
        # two spans, one of them not shown: 10 of 20 read, 40 more of evidence
        ([ONE, FAR], [passage(100, 120)], 1 / 2, 10 / 60),
        # overlapping evidence counts once: 110 to 125 is 15 characters
        ([ONE, GoldSpan("page", 115, 125)], [passage(100, 130)], 15 / 30, 15 / 30),
        # the same places in another document are no evidence
        ([ONE, OTHER], [passage(0, 20, "other"), passage(0, 10)], 10 / 30, 10 / 40),
        ([ONE], [passage(0, 50)], 0, 0),
        ([ONE], [], 0, 0),
    ],
)
def test_precision_and_intersection_over_union(
    spans: list[GoldSpan], passages: list[Retrieved], share: float, union: float
) -> None:
    """Evidence shown over what is shown, and over what is shown or evidence, in characters."""
    assert precision(spans, passages) == pytest.approx(share)
    assert intersection_over_union(spans, passages) == pytest.approx(union)


@pytest.mark.parametrize(
    ("highlights", "hit", "excess"),
    [
        (((110, 120),), True, 0),
        (((112, 118),), True, 0),
        (((105, 125),), True, 10),
        (((100, 111), (119, 130)), True, 20),
        (((100, 110),), False, 10),
        (((100, 112), (105, 115)), True, 10),  # what is highlighted twice counts once
        ((), False, 0),
    ],
)
def test_highlights_against_the_evidence(highlights: tuple[tuple[int, int], ...], *, hit: bool, excess: int) -> None:
    """A highlight of 110 to 120 hits with any character, and exceeds by those that are no evidence."""
    one = passage(100, 200, highlights=highlights)
    assert highlight_hit([ONE], [one]) is hit
    assert highlight_excess([ONE], one) == excess


def test_a_highlight_of_any_of_the_passages_hits_any_of_the_evidence() -> None:
    """The second passage hits the second span; in another document it would not."""
    first = passage(0, 100, highlights=((0, 9),))
    assert highlight_hit([ONE, FAR], [first, passage(300, 400, highlights=((330, 350),))])
    assert not highlight_hit([ONE, FAR], [first, passage(300, 400, "other", ((330, 350),))])
    assert not highlight_hit([ONE], [])


def test_the_first_sentence_is_what_highlights_are_held_against() -> None:
    """Of a passage from 100 on, the first sentence ends at 108; a passage without a text has none."""
    told = msgspec.structs.replace(passage(100, 200), text="It rose. Then it fell again.")
    assert first_sentence_hit([GoldSpan("page", 107, 120)], [told])
    assert not first_sentence_hit([GoldSpan("page", 108, 120), GoldSpan("other", 100, 108)], [told])
    assert not first_sentence_hit([GoldSpan("page", 100, 200)], [passage(100, 200)])


PLACES = st.tuples(st.integers(0, 30), st.integers(1, 20), st.sampled_from(["page", "other"]))
SPANS = st.builds(
    lambda place, sentences: GoldSpan(place[2], place[0], place[0] + place[1], sentences), PLACES, st.integers(1, 2)
)
PASSAGES = st.builds(lambda place: passage(place[0], place[0] + place[1], place[2]), PLACES)
SOME_SPANS = st.lists(SPANS, min_size=1, max_size=4)
RANKINGS = st.lists(PASSAGES, max_size=5)


@given(SOME_SPANS, RANKINGS, st.integers(0, 120), st.integers(0, 120))
def test_reading_more_never_finds_less(
    spans: list[GoldSpan], passages: list[Retrieved], budget: int, more: int
) -> None:
    """Recall is monotone in the budget, and after the whole ranking it is that of all its passages."""
    assert 0 <= recall_after(budget, spans, passages) <= recall_after(budget + more, spans, passages) <= 1


def characters(stretches: list[GoldSpan] | list[Retrieved]) -> set[tuple[str, int]]:
    """Every character of some stretches, one by one."""
    return {(each.document, at) for each in stretches for at in range(each.start, each.end)}


@given(SOME_SPANS, RANKINGS)
def test_characters_are_counted_as_sets_of_them(spans: list[GoldSpan], passages: list[Retrieved]) -> None:
    """Precision and IoU are those of sets of characters, with all that is read again added, and lie from 0 to 1."""
    both = len(characters(spans) & characters(passages))
    read = sum(each.end - each.start for each in passages)
    assert precision(spans, passages) == (both / read if read else 0)
    assert intersection_over_union(spans, passages) == both / (read + len(characters(spans)) - both)
    assert 0 <= intersection_over_union(spans, passages) <= precision(spans, passages) <= 1


@given(SOME_SPANS, st.lists(PASSAGES, min_size=1, max_size=5), st.data())
def test_padding_a_passage_never_helps(spans: list[GoldSpan], passages: list[Retrieved], data: st.DataObject) -> None:
    """Characters that are no evidence, added at a passage's end, raise neither precision nor IoU.

    Padding that is itself evidence is left out, for that shows the reader more of it and rightly raises both.
    """
    at = data.draw(st.integers(0, len(passages) - 1))
    end = passages[at].end + data.draw(st.integers(1, 20))
    padding = passage(passages[at].end, end, passages[at].document)
    assume(not characters([padding]) & characters(spans))
    padded = [*passages[:at], msgspec.structs.replace(passages[at], end=end), *passages[at + 1 :]]
    assert precision(spans, padded) <= precision(spans, passages)
    assert intersection_over_union(spans, padded) <= intersection_over_union(spans, passages)


@given(SOME_SPANS)
def test_a_highlight_that_is_the_evidence_has_no_excess(spans: list[GoldSpan]) -> None:
    """Highlighting just the spans of a document hits them and highlights nothing else."""
    document = spans[0].document
    exact = tuple((span.start, span.end) for span in spans if span.document == document)
    one = passage(0, 60, document, exact)
    assert highlight_hit(spans, [one])
    assert highlight_excess(spans, one) == 0


def test_a_passage_of_any_length_is_counted_at_once() -> None:
    """Counting does not visit each character: a billion of them take no longer than ten."""
    huge = passage(0, 10**9, highlights=((0, 10**9),))
    assert precision([ONE], [huge]) == pytest.approx(10 / 10**9)
    assert highlight_excess([ONE], huge) == 10**9 - 10
