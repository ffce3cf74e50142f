"""Which stretches of a block are marks: the callouts of an article, grouped, with their brackets and ranges.

A mark is what can go without harm to the sentence: numbers, and brackets that hold nothing but callouts. Of a callout
that names authors within the sentence (``Smith et al. (2010)``) only the year is the mark.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from corpus.documents import Marker

__all__ = ["Callout", "ReferenceOrder", "find_markers"]

_DASHES = "[-‐‑‒–−]"
"""Those of a range. An em dash is none: between callouts it is punctuation."""
_DASH = re.compile(rf"\s*{_DASHES}\s*")
_COMMA = re.compile(r"\s*[,;]?\s*")
_NUMBER = re.compile(r"[\[(]?\s*(\d{1,4})([a-z]?)\s*[\])]?[.,;]?")
_RANGE = re.compile(rf"(?<![\w.])(\d{{1,4}}[a-z]?)\s*{_DASHES}\s*(\d{{1,4}}[a-z]?)(?![\w.])")
_YEAR = re.compile(r"(?:,\s*)?(?:[\[(]|\b)(?:1[89]|20)\d\d[a-z]?[\])]?$")
_LEAD = (
    r"(?:(?:see|e\.g\.|i\.e\.|cf\.|viz\.|also|reviewed\s(?:in|by)|for\s(?:a\s)?reviews?|[Rr]efs?\.?|[Rr]eferences?|as\sin|in)"
    r",?\s+){0,4}"
)
_AUTHORS = r"(?:[^\W\d_a-z][\w'’-]{1,40}(?:\s(?:and|&)\s[^\W\d_a-z][\w'’-]{1,40}|\set\sal\.?)?,?\s+)?"
_OPENING = re.compile(rf"[\[(]\s*{_LEAD}{_AUTHORS}$")
_BETWEEN_IN_BRACKETS = re.compile(rf"\s*[,;—]?\s*(?:(?:and|&)\s+)?{_LEAD}{_AUTHORS}")
_CLOSING = re.compile(
    r"(?:,\s*(?:pp?\.|pages?|[Cc]h(?:apter|\.)|[Ff]igs?(?:ures?|\.)|[Tt]ables?)\s*[\w–-]{1,20})?\s*[\])]"
)
_PAIRS = frozenset({"[]", "()"})
_BEFORE = 100
"""Characters before a callout in which its bracket may open."""


class Callout(NamedTuple):
    """The text of a callout in a block, and the numbers of the references to which it points."""

    start: int
    end: int
    numbers: tuple[int, ...]


class ReferenceOrder:
    """The reference list as ranges see it: numbers in its order, with the label that each shows."""

    def __init__(self, labels: Mapping[int, str]) -> None:
        self._numbers = tuple(labels)
        self._places = {number: place for place, number in enumerate(self._numbers)}
        self._labels = labels

    def shows(self, number: int, text: str) -> bool:
        """Whether a text is the label of a reference or, where that has no figures, its number."""
        match = _NUMBER.fullmatch(text.strip())
        return match is not None and match[1] == (re.sub(r"\D", "", self._labels.get(number, "")) or str(number))

    def printed(self, number: int) -> str:
        """The figures by which the list shows a reference: those of its label, else its number."""
        return self.figures(self._labels.get(number, "")) or str(number)

    @staticmethod
    def figures(text: str) -> str:
        """The number that a label or a callout is, brackets aside; empty where it shows anything else."""
        match = _NUMBER.fullmatch(text.strip())
        return match[1] + match[2] if match else ""

    def between(self, first: int, last: int) -> tuple[int, ...]:
        """All numbers from the first to the last, both included; none where they do not ascend."""
        start, end = self._places.get(first), self._places.get(last)
        return self._numbers[start : end + 1] if start is not None and end is not None and start < end else ()

    def after(self, first: int, count: int) -> int | None:
        """The number that stands so many places behind another."""
        place = self._places.get(first, len(self._numbers)) + count
        return self._numbers[place] if place < len(self._numbers) else None


def find_markers(text: str, callouts: Sequence[Callout], order: ReferenceOrder) -> list[Marker]:
    """The marks of a block, in its order.

    >>> order = ReferenceOrder({n: str(n) for n in range(1, 10)})
    >>> find_markers("It rose [3–5,7].", [Callout(9, 10, (3,)), Callout(11, 12, (5,)), Callout(13, 14, (7,))], order)
    [Marker(start=8, end=15, numbers=(3, 4, 5, 7))]
    >>> find_markers("Smith (2010) fell.", [Callout(0, 12, (2,))], order)
    [Marker(start=6, end=12, numbers=(2,))]
    """
    found: list[Marker] = []
    at = 0
    for group in _groups(text, callouts, _in_one_bracket):
        first, last = group[0].start, group[-1].end
        opening = _OPENING.search(text, max(at, first - _BEFORE), first)
        closing = _CLOSING.match(text, last)
        if opening and closing and text[opening.start()] + closing[0][-1] in _PAIRS:
            found.append(Marker(opening.start(), closing.end(), _numbers(text, group, order)))
        else:
            found += _bare(text, group, order)
        at = found[-1].end
    return found


def _bare(text: str, group: Sequence[Callout], order: ReferenceOrder) -> Iterator[Marker]:
    """The marks of callouts that have no brackets to themselves."""
    for part in _groups(text, group, _in_one_row):
        start, end = part[0].start, part[-1].end
        year = _YEAR.search(text, start, end)
        yield Marker(year.start() if year and year.start() > start else start, end, _numbers(text, part, order))


def _groups(
    text: str, callouts: Sequence[Callout], joined: Callable[[str, Callout, Callout], bool]
) -> Iterator[list[Callout]]:
    group: list[Callout] = []
    for callout in callouts:
        if group and not joined(text, group[-1], callout):
            yield group
            group = []
        group.append(callout)
    if group:
        yield group


def _in_one_bracket(text: str, before: Callout, after: Callout) -> bool:
    separators = _BETWEEN_IN_BRACKETS, _DASH
    return after.start - before.end <= _BEFORE and any(s.fullmatch(text, before.end, after.start) for s in separators)


def _in_one_row(text: str, before: Callout, after: Callout) -> bool:
    numeric = all(_NUMBER.fullmatch(text[each.start : each.end]) for each in (before, after))
    return numeric and any(between.fullmatch(text, before.end, after.start) for between in (_COMMA, _DASH))


def _numbers(text: str, group: Sequence[Callout], order: ReferenceOrder) -> tuple[int, ...]:
    """The numbers that some callouts name, with those that a dash between them leaves out."""
    named = [*_spelled(text, group[0], order)]
    for before, after in pairwise(group):
        if _DASH.fullmatch(text, before.end, after.start):
            ends = text[before.start : before.end], text[after.start : after.end]
            named += _range(before.numbers[-1], after.numbers[0], ends, order)
        named += _spelled(text, after, order)
    return tuple(dict.fromkeys(named))


def _spelled(text: str, callout: Callout, order: ReferenceOrder) -> Iterator[int]:
    """The numbers of one callout, with those within ranges that its own text spells out."""
    ranges = {}
    for match in _RANGE.finditer(text, callout.start, callout.end):
        first = next((number for number in callout.numbers if order.shows(number, match[1])), None)
        last = next((number for number in callout.numbers if order.shows(number, match[2])), None)
        if first is not None and last is None and match[1].isdigit() and match[2].isdigit():
            last = order.after(first, int(match[2]) - int(match[1]))
        if first is not None and last is not None:
            ranges[first] = _range(first, last, (match[1], match[2]), order)
    for number in callout.numbers:
        yield number
        yield from ranges.get(number, ())


def _range(first: int, last: int, ends: tuple[str, str], order: ReferenceOrder) -> tuple[int, ...]:
    """What stands from one number to another, if both are shown and the list holds as many as the figures say."""
    shown = [match for end in ends if (match := _NUMBER.fullmatch(end.strip()))]
    if len(shown) < 2 or not (order.shows(first, ends[0]) and order.shows(last, ends[1])):
        return ()
    between = order.between(first, last)
    plain = not any(match[2] for match in shown)
    return () if plain and len(between) != int(shown[1][1]) - int(shown[0][1]) + 1 else between
