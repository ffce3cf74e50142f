"""Footnote marks in text whose mark-up is lost, told from look-alikes such as ``(range 3-8)``.

A wiki numbers its footnote marks from 1 in the order of the text, each once. So the marks of a page are
an ascending chain of ``n)``, one for each number of the reference list, and anything that fits the chain
badly is no mark. What cannot be decided is left alone.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from corpus.documents import Marker

__all__ = ["find_marks"]

_BLOCK = re.compile(r"\S[^\n]*(?:\n(?![^\S\n]*\n)[^\n]+)*")
_BRACKET_OR_CANDIDATE = re.compile(
    # Not glued to a figure, unless that figure is a year: "in 2017" and mark 3 read "in 20173)".
    r"(?:(?<![\d/(\[{–−=<>≤≥±×~#$-])(?<!\d,)|(?<=\b(?:19|20)\d\d))(?P<number>\d{1,4})\)"
    r"(?=[\s.,;:!?)\]}\"'”’»\d|(\[–—]|[A-Z]|$)"
    r"|[()]"
)
_CLOSES_CLAUSE = re.compile(r"\s*(?:\d{1,4}\)\s*){0,9}(?:[.,;:!?]|$|\n\s*\n)")
_FOLLOWS_CLAUSE = re.compile(r"[.!?,;:][\"'”’»)\]]{0,3}$")
_LINE_START = re.compile(r"\n[ \t]*$")


class _Candidate(NamedTuple):
    start: int
    end: int
    number: int
    strength: int
    """2 where it closes a clause or is glued to what closes one, as footnote marks are; else 1."""


def find_marks(text: str, numbers: Collection[int]) -> tuple[Marker, ...]:
    """The footnote marks ``n)`` of a text, for the `numbers` of its reference list.

    They are those that belong to every strongest chain of candidates that ascends in position and in
    number; a number that could as well stand elsewhere gets no mark.

    >>> [m.numbers for m in find_marks("A score of 6 (range 3-8) rose 1). It fell (by 2) again 2).", [1, 2])]
    [(1,), (2,)]
    """
    candidates = [candidate for candidate in _candidates(text) if candidate.number in numbers]
    return tuple(Marker(found.start, found.end, (found.number,)) for found in _certain(candidates))


def _candidates(text: str) -> Iterator[_Candidate]:
    for block in _BLOCK.finditer(text):
        depth = 0
        for match in _BRACKET_OR_CANDIDATE.finditer(text, block.start(), block.end()):
            if match["number"] is None:
                depth = depth + 1 if match.group() == "(" else max(0, depth - 1)
            elif depth and not text.startswith(")", match.end()):
                depth -= 1
            elif strength := _strength(text, match, block.start()):
                yield _Candidate(match.start(), match.end(), int(match["number"]), strength)


def _strength(text: str, match: re.Match[str], block_start: int) -> int:
    """The strength of a candidate; 0 where it begins a line, as the number of an item does."""
    before = text[max(block_start, match.start() - 4) : match.start()]
    closes = _CLOSES_CLAUSE.match(text, match.end())
    if not before or (_LINE_START.search(before) and not closes):
        return 0
    return 2 if closes or _FOLLOWS_CLAUSE.search(before) else 1


def _certain(candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """The candidates that belong to every strongest chain, in order.

    A strongest chain adds up strength from nothing to the greatest sum, and each member takes it from the
    sum before it to the sum with it. Where no other possible member reaches into that stretch, no strongest
    chain can do without this one.
    """
    before = _strength_before([(candidate.number, candidate.strength) for candidate in candidates])
    after = _strength_before([(-candidate.number, candidate.strength) for candidate in reversed(candidates)])[::-1]
    sums = [(a, a + candidate.strength, candidate) for a, candidate in zip(before, candidates, strict=True)]
    greatest = max((to for _, to, _ in sums), default=0)
    members = sorted(item for item, b in zip(sums, after, strict=True) if item[1] + b == greatest)
    next_starts = [*(start for start, _, _ in members[1:]), greatest]
    reached = 0
    for (start, to, candidate), next_start in zip(members, next_starts, strict=False):
        if reached <= start and to <= next_start:
            yield candidate
        reached = max(reached, to)


def _strength_before(chain: Sequence[tuple[int, int]]) -> list[int]:
    """For each (number, strength), the greatest strength of an ascending chain that ends before it."""
    smallest_last: list[int] = []
    """At index i, the smallest number that ends a chain of more than i in strength; never descending."""
    found = []
    for number, strength in chain:
        before = bisect_left(smallest_last, number)
        smallest_last[before : before + strength] = [number] * strength
        found.append(before)
    return found
