"""Which of several reference lists of a text its marks mean.

A list serves the stretch of text above it, up to the list before. A number that two lists give to different works means
none for certain, and a mark whose number the lists of its stretch do not have does not mean another chapter's.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from corpus.documents import Marker
from corpus.findings import Finding
from corpus.reference_lists import ReferenceList, find_reference_lists
from corpus.reference_marks import find_reference_marks
from corpus.spans import Span

__all__ = ["find_serving_lists", "marks_out_of_reach", "stretches"]

_LEAST_SERVED = 0.5
"""The least share of the numbers named in a stretch that its list has."""


def find_serving_lists(text: str) -> tuple[ReferenceList, ...]:
    r"""The reference lists that the marks of a text can mean, in its order.

    Of several, one is left out that has fewer than half of the numbers named above it, such as the notes of a table,
    unless the numbers begin anew around it. What is named above a list that follows another at once is the same.

    >>> note = "Smith A. On rising. J Rise. 2001;1:1-9."
    >>> text = f"Rose [1], fell [2, 3].\n\nNotes\n1. {note}\n\nStayed [4].\n\nReferences\n"
    >>> text += "\n".join(f"{number}. {note}" for number in range(1, 5))
    >>> [len(each.entries) for each in find_serving_lists(text)]
    [4]
    """
    lists = find_reference_lists(text)
    if len(lists) < 2:
        return lists
    named = _named(text, lists)
    found = tuple(each for each, serves in zip(lists, _serve(lists, named), strict=True) if serves)
    return found or (max(lists, key=lambda each: (len(each.entries), each.start)),)


def stretches(text: str, lists: Sequence[ReferenceList]) -> list[str]:
    """The text above each list, up to the list before."""
    starts = [0, *(each.end for each in lists)]
    return [text[start : each.start] for start, each in zip(starts, lists, strict=False)]


def marks_out_of_reach(
    markers: Sequence[Marker], lists: Sequence[ReferenceList], ends: Sequence[int]
) -> Iterator[Finding]:
    """The marks with numbers that only lists of other stretches have; stretches end at `ends` in the canonical text.

    Lists that are numbered through serve the whole text.
    """
    numbers = [_numbers(each) for each in lists]
    all_numbers = frozenset[int]().union(*numbers)
    if len(all_numbers) == sum(map(len, numbers)):
        return
    places = [min(bisect_right(ends, marker.start), len(lists) - 1) for marker in markers]
    reached = _reached(numbers, set(places))
    for place, marker in zip(places, markers, strict=True):
        if missing := tuple(
            number for number in marker.numbers if number in all_numbers and number not in reached[place]
        ):
            listed = ", ".join(map(str, missing))
            message = (
                f"marks reference {listed}, which the list of references below it does not have, while another"
                " has; such numbers cite nothing. Add it, or number the lists through."
            )
            yield Finding(
                kind="marker-without-reference",
                severity="error",
                message=message,
                span=Span(marker.start, marker.end),
                numbers=missing,
            )


def _reached(numbers: Sequence[frozenset[int]], marked: set[int]) -> list[frozenset[int]]:
    """For each stretch the numbers of the list below it, and of those that follow it without a mark between."""
    reached = list(numbers)
    for i in reversed(range(len(numbers) - 1)):
        if i + 1 not in marked:
            reached[i] |= reached[i + 1]
    return reached


def _numbers(listed: ReferenceList) -> frozenset[int]:
    return frozenset(entry.number for entry in listed.entries)


def _named(text: str, lists: Sequence[ReferenceList]) -> list[list[int]]:
    """For each list the numbers that are named above it, in their order."""
    parts = stretches(text, lists)
    known = frozenset[int]().union(*map(_numbers, lists))
    ends = list(accumulate(map(len, parts)))
    found: list[list[int]] = [[] for _ in lists]
    for marker in find_reference_marks("".join(parts), known).markers:
        place = min(bisect_right(ends, marker.start), len(lists) - 1)
        found[place] += (number for number in marker.numbers if number in known)
    return found


def _serve(lists: Sequence[ReferenceList], named: Sequence[Sequence[int]]) -> Iterator[bool]:
    """For each list whether the marks above it mean it, or at least no other list has one of its numbers."""
    counts = Counter(number for each in lists for number in _numbers(each))
    marked = [i for i, numbers in enumerate(named) if numbers]
    for i, each in enumerate(lists):
        own = _numbers(each)
        following = bisect_right(marked, i)
        above = set(named[marked[following - 1]]) if following else set[int]()
        around = [j for j in marked[max(1, following - 1) : following + 1] if j >= i]
        begins_anew = bool(above) and any(named[j][0] == 1 for j in around)
        served = bool(above) and len(own & above) >= _LEAST_SERVED * len(above)
        yield served or begins_anew or all(counts[number] == 1 for number in own)
