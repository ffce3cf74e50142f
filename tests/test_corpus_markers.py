"""Footnote marks told from look-alikes in text whose mark-up is lost."""

import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Marker, markers_within
from corpus.markers import find_marks


def shown(text: str, *numbers: int) -> str:
    """A text with each mark that is found shown as ``[n]``."""
    for mark in reversed(find_marks(text, set(numbers))):
        text = f"{text[: mark.start]}{list(mark.numbers)}{text[mark.end :]}"
    return text


def test_a_mark_is_its_number_and_bracket() -> None:
    """The span holds the mark alone, without the space before it."""
    assert find_marks("It rose 1). It fell 2).", {1, 2}) == (Marker(8, 10, (1,)), Marker(20, 22, (2,)))


@pytest.mark.parametrize(
    "look_alike",
    [
        "14 months (range 1-42 months)",
        "6.0 (range 3-8) preoperatively",
        "2.9 after surgery (range 0-5), and more",
        "3.6% (range 0%-18%)",
        "[14 men; mean age, 71 years (range 54-89 years)], with metastases",
        "a list such as a) b) or (2)",
        "two patients (8) and others (n = 5)",
        "values (1, 2, 3) of (see 4)",
        "an interval [0,5) and 1,008)",
        "a ratio of 1/8) and p<5) and n=3)",
        "18%) and 89 years)]",
        "C1-2) and T3–4)",
    ],
)
def test_look_alikes_are_no_marks(look_alike: str) -> None:
    """Closing brackets of ranges, lists, values and intervals are passed over, the real marks are found."""
    text = f"The mean was {look_alike}. It rose 1). Also {look_alike}. It fell 2)."
    expected = f"The mean was {look_alike}. It rose [1]. Also {look_alike}. It fell [2]."
    assert shown(text, 1, 2, 3, 4, 5, 8, 18, 42, 89) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a disorder1). Next", "a disorder[1]. Next"),
        ("after the stop.1) Next", "after the stop.[1] Next"),
        ("after the stop. 1) Next", "after the stop. [1] Next"),
        ("“quoted.”1) Next", "“quoted.”[1] Next"),
        ("before a word 1) goes on", "before a word [1] goes on"),
        ("glued to the next1)Word", "glued to the next[1]Word"),
        ("in 20171) and", "in 2017[1] and"),
        ("at the end 1)", "at the end [1]"),
        ("broken off\n1).", "broken off\n[1]."),
        ("(as shown 1))", "(as shown [1])"),
        ("grew by 121) to", "grew by 121) to"),
    ],
)
def test_where_a_mark_may_stand(text: str, expected: str) -> None:
    """Before or after the full stop, glued to a word or a year, but not to any other figure."""
    assert shown(text, 1) == expected


def test_adjacent_marks() -> None:
    """Marks side by side, with or without space or comma, are marks each."""
    text = "Side by side 10) 11) end, 12), 13), and 14)15)."
    assert shown(text, 10, 11, 12, 13, 14, 15) == "Side by side [10] [11] end, [12], [13], and [14][15]."


@pytest.mark.parametrize(
    "enumeration",
    [
        "Options were 1) surgery 2) radiation 3) both.",
        "Options were: 1) surgery; 2) radiation; 3) both.",
        "Options were 1) surgery, 2) radiation, and 3) both.",
        "Options.\n1) Surgery.\n2) Radiation.\n3) Both.",
        "1) Surgery.\n\n2) Radiation.\n\n3) Both.",
    ],
)
@pytest.mark.parametrize("place", ["before", "between", "after"])
def test_enumerations_are_no_marks(enumeration: str, place: str) -> None:
    """Where real marks stand, numbered items before, between or after them are none."""
    rose, fell, stayed = "It rose 1).", "It fell 2).", "It stayed 3)."
    orders = {
        "before": [enumeration, rose, fell, stayed],
        "between": [rose, enumeration, fell, stayed],
        "after": [rose, fell, stayed, enumeration],
    }
    text = "\n\n".join(orders[place])
    expected = text.replace("rose 1)", "rose [1]").replace("fell 2)", "fell [2]").replace("stayed 3)", "stayed [3]")
    assert shown(text, 1, 2, 3) == expected


def test_a_number_with_two_equal_places_gets_no_mark() -> None:
    """What is ambiguous is left alone; what is certain around it is kept."""
    assert shown("Rose 1). Fell 2). Fell 2). Stayed 3).", 1, 2, 3) == "Rose [1]. Fell 2). Fell 2). Stayed [3]."


def test_two_equal_chains_leave_no_mark() -> None:
    """Where numbers 1 and 2 stand twice alike, neither the first nor the second pair is taken."""
    assert shown("Rose 1). Fell 2). Rose 1). Fell 2).", 1, 2) == "Rose 1). Fell 2). Rose 1). Fell 2)."


def test_a_mark_out_of_order_is_none() -> None:
    """Marks ascend; a stray number between them does not fit."""
    text = "Rose 1). Gone 3). Fell 2). Stayed 3). End 4)."
    assert shown(text, 1, 2, 3, 4) == "Rose [1]. Gone 3). Fell [2]. Stayed [3]. End [4]."


def test_only_numbers_of_the_reference_list_count() -> None:
    """A number without a reference is no mark."""
    assert shown("Rose 1). Fell 7).", 1, 2) == "Rose [1]. Fell 7)."
    assert shown("Rose 1).") == "Rose 1)."
    assert shown("", 1) == ""


def test_a_bracket_left_open_costs_one_mark_only() -> None:
    """The first mark behind it may close it; those that follow are found."""
    assert shown("Open (here. Rose 1). Fell 2).", 1, 2) == "Open (here. Rose 1). Fell [2]."


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=9))
def test_marks_belong_to_every_strongest_chain(places: list[tuple[int, bool]]) -> None:
    """What is found equals what trying all chains finds: members of each of the strongest ones."""
    text = "".join(f"word {number})" + (". " if closes else " ") for number, closes in places) + "end"
    strengths = [2 if closes else 1 for _, closes in places]
    strongest: list[tuple[int, ...]] = [()]
    best = 0
    for size in range(1, len(places) + 1):
        for chain in combinations(range(len(places)), size):
            if any(places[a][0] >= places[b][0] for a, b in pairwise(chain)):
                continue
            strength = sum(strengths[i] for i in chain)
            strongest = [*(strongest if strength == best else []), chain] if strength >= best else strongest
            best = max(best, strength)
    certain = [places[i][0] for i in range(len(places)) if all(i in chain for chain in strongest)]
    # A mark is followed by a mark only through "word", so each place has the strength that was meant.
    assert [mark.numbers[0] for mark in find_marks(text, range(1, 6))] == certain


@pytest.mark.parametrize(
    "text",
    ["1) " * 100_000, "word 1). " * 50_000, "(" * 300_000, "(a 1) b " * 40_000, "1)" + " " * 300_000, "9" * 300_000],
)
def test_long_texts_take_no_time(text: str) -> None:
    """The work grows with the length of the text, not with its square."""
    start = time.perf_counter()
    find_marks(text, range(1, 10_000))
    assert time.perf_counter() - start < 10


def test_markers_within() -> None:
    """Only markers that lie in the stretch whole are given."""
    markers = [Marker(2, 4, (1,)), Marker(8, 10, (2,)), Marker(20, 22, (3,))]
    assert markers_within(markers, 0, 30) == markers
    assert markers_within(markers, 2, 10) == markers[:2]
    assert markers_within(markers, 3, 9) == []
    assert markers_within(markers, 10, 20) == []
