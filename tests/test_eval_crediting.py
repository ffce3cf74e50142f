"""Which passage covers which span, how far it must be read for that, and how an index holds a span."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.crediting import Indexed, covers, credit, indexed, read_to_find, shared
from eval.responses import Retrieved
from eval.spans import GoldSpan


def passage(start: int, end: int, document: str = "page", identity: str | None = None) -> Retrieved:
    """A passage of which only the place matters."""
    return Retrieved(document=document, start=start, end=end, score=0.0, id=identity)


@pytest.mark.parametrize(
    ("start", "end", "count"), [(0, 30, 10), (12, 14, 2), (5, 15, 5), (0, 10, 0), (20, 30, 0), (0, 5, 0), (25, 30, 0)]
)
def test_what_a_passage_shares_with_a_span(start: int, end: int, count: int) -> None:
    """Code points in common with the span 10 to 20; the end of a passage is the first one not in it."""
    assert shared(passage(start, end), GoldSpan("page", 10, 20)) == count
    assert shared(passage(start, end, "other"), GoldSpan("page", 10, 20)) == 0


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


@pytest.mark.parametrize(("end", "covered"), [(14, False), (15, True)])
def test_half_of_an_odd_number_of_characters_is_rounded_up(end: int, *, covered: bool) -> None:
    """Of the 9 characters 10 to 19, half are 5: 4 are fewer than half."""
    assert covers(passage(0, end), GoldSpan("page", 10, 19, 3)) is covered


def test_a_passage_of_another_document_covers_nothing() -> None:
    """The same offsets in another document are another place."""
    assert not covers(passage(0, 30, "other"), GoldSpan("page", 10, 20))


@pytest.mark.parametrize(
    ("start", "end", "sentences", "read"),
    [
        (0, 30, 1, 20),  # up to the end of the span
        (10, 20, 1, 10),
        (0, 30, 2, 15),  # up to its half
        (12, 30, 2, 5),  # 5 of its characters from the start of the passage
        (0, 16, 2, 15),
    ],
)
def test_a_passage_is_read_until_the_span_is_found(start: int, end: int, sentences: int, read: int) -> None:
    """Counted from the passage's start, through what stands before the span 10 to 20."""
    assert read_to_find(passage(start, end), GoldSpan("page", 10, 20, sentences)) == read


def test_a_span_is_credited_once_to_the_first_passage_that_covers_it() -> None:
    """The second passage covers both spans but is credited with the one that is new."""
    spans = [GoldSpan("page", 0, 10), GoldSpan("page", 20, 30)]
    assert credit(spans, [passage(0, 15), passage(0, 40), passage(0, 41)]) == ((0,), (1,), ())


def test_a_passage_that_covers_two_spans_is_credited_with_both() -> None:
    """Both spans are new at the first passage."""
    spans = [GoldSpan("page", 0, 10), GoldSpan("page", 20, 30)]
    assert credit(spans, [passage(0, 40)]) == ((0, 1),)


@pytest.mark.parametrize(
    ("places", "held"),
    [
        ([(0, 40)], "whole"),
        ([(0, 12), (10, 20)], "whole"),
        ([(0, 15), (15, 40)], "split"),
        ([(0, 14), (15, 40)], "split"),  # passages need not hold the white space between them
        ([(0, 12), (12, 18), (18, 20)], "split"),
        ([(0, 15)], "partly"),
        ([(12, 18)], "partly"),
        ([(0, 12), (8, 15)], "partly"),  # two passages, but its end is in neither
        ([(11, 15), (15, 30)], "partly"),
        ([(0, 10), (20, 30)], "absent"),
        ([], "absent"),
    ],
)
def test_how_an_index_holds_a_span(places: list[tuple[int, int]], held: Indexed) -> None:
    """The span 10 to 20 is in one passage, over several from end to end, in part, or nowhere."""
    assert indexed(GoldSpan("page", 10, 20), [passage(start, end) for start, end in places]) == held


def test_half_of_several_sentences_in_one_passage_is_whole() -> None:
    """What the index is asked for is what a ranking is asked for."""
    assert indexed(GoldSpan("page", 10, 20, 2), [passage(0, 15)]) == "whole"


PLACES = st.builds(
    lambda start, length, document: (start, start + length, document),
    st.integers(0, 30),
    st.integers(1, 20),
    st.sampled_from(["page", "other"]),
)
SPANS = st.builds(lambda place, sentences: GoldSpan(place[2], place[0], place[1], sentences), PLACES, st.integers(1, 3))


@given(st.lists(SPANS, max_size=4), st.lists(PLACES, max_size=8))
def test_each_span_is_credited_at_most_once_and_where_it_is_covered_first(
    spans: list[GoldSpan], places: list[tuple[int, int, str]]
) -> None:
    """Each span that any passage covers is credited to the earliest of them, whatever the passages are called."""
    passages = [passage(*place) for place in places]
    expected: list[list[int]] = [[] for _ in passages]
    for position, span in enumerate(spans):
        rank = next((rank for rank, each in enumerate(passages) if covers(each, span)), None)
        if rank is not None:
            expected[rank].append(position)
    assert credit(spans, passages) == tuple(map(tuple, expected))
    renamed = [passage(*place, identity=f"p{number}") for number, place in enumerate(places)]
    assert credit(spans, renamed) == credit(spans, passages)


@given(SPANS, PLACES)
def test_what_is_read_to_find_a_span_lies_within_the_passage(span: GoldSpan, place: tuple[int, int, str]) -> None:
    """A covering passage is read by at least a character and never beyond its end."""
    one = passage(*place)
    if covers(one, span):
        assert 0 < read_to_find(one, span) <= one.end - one.start
        assert indexed(span, [one]) == "whole"
