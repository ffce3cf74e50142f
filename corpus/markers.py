"""Footnote marks in text whose mark-up is lost, told from look-alikes such as ``(range 3-8)``.

A wiki numbers its footnote marks from 1 in the order of the text, each once. So the marks of a page are
an ascending chain of ``n)``, one for each number of the reference list, and anything that fits the chain
badly is no mark. What cannot be decided is left alone.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from corpus.documents import Marker

__all__ = ["find_marks"]

_CANDIDATE = re.compile(
    # Not glued to a figure, unless that figure is a year: "in 2017" and mark 3 read "in 20173)".
    r"(?:(?<![\d/(\[{–−-])(?<!\d,)|(?<=\b(?:19|20)\d\d))(\d{1,4})\)"
    r"(?=[\s.,;:!?)\]}\"'”’»\d|]|[A-Z]|$)"
)
_CLOSES_SENTENCE = re.compile(r"\s*(?:\d{1,4}\)\s*)*(?:[.,;:!?]|$|\n\s*\n)")
_FOLLOWS_SENTENCE = re.compile(r"[.!?,;:][\"'”’)\]]*\s?$")


class _Candidate(NamedTuple):
    start: int
    end: int
    number: int
    strength: int
    """2 where it stands at the end of a clause, as footnote marks do; else 1."""


def find_marks(text: str, numbers: Collection[int]) -> tuple[Marker, ...]:
    """The footnote marks ``n)`` of a text, for the `numbers` of its reference list.

    A number with two equally good places gets none.

    >>> [m.numbers for m in find_marks("A score of 6 (range 3-8) rose 1). It fell (by 2) again 2).", [1, 2])]
    [(1,), (2,)]
    """
    candidates = [candidate for candidate in _candidates(text) if candidate.number in numbers]
    chain = _best_chain(candidates)
    return tuple(
        Marker(mark.start, mark.end, (mark.number,))
        for i, mark in enumerate(chain)
        if not _ambiguous(mark, candidates, chain[i - 1].end if i else 0, _next_start(chain, i, len(text)))
    )


def _candidates(text: str) -> list[_Candidate]:
    found = []
    for block in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text):
        for match in _CANDIDATE.finditer(text, block.start(), block.end()):
            if match.start() == block.start() or _inside_brackets(text, block.start(), match):
                continue
            found.append(_Candidate(match.start(), match.end(), int(match[1]), _strength(text, match)))
    return found


def _inside_brackets(text: str, block_start: int, match: re.Match[str]) -> bool:
    """Whether the closing bracket of a candidate closes one that was opened before it."""
    depth = 0
    for character in text[block_start : match.start()]:
        depth = max(0, depth + {"(": 1, ")": -1}.get(character, 0))
    return depth > 0 and not text.startswith(")", match.end())


def _strength(text: str, match: re.Match[str]) -> int:
    before = text[max(0, match.start() - 4) : match.start()]
    closes = _CLOSES_SENTENCE.match(text, match.end()) or _FOLLOWS_SENTENCE.search(before)
    return 2 if closes else 1


def _best_chain(candidates: list[_Candidate]) -> list[_Candidate]:
    """The strongest chain of candidates that ascends in position and in number."""
    best: list[tuple[int, int | None]] = []
    for i, candidate in enumerate(candidates):
        earlier = [(best[j][0], j) for j in range(i) if candidates[j].number < candidate.number]
        strength, previous = max(earlier, key=lambda item: item[0], default=(0, None))
        best.append((strength + candidate.strength, previous))
    chain: list[_Candidate] = []
    at = max(range(len(best)), key=lambda i: best[i][0], default=None)
    while at is not None:
        chain.append(candidates[at])
        at = best[at][1]
    return chain[::-1]


def _next_start(chain: list[_Candidate], i: int, default: int) -> int:
    return chain[i + 1].start if i + 1 < len(chain) else default


def _ambiguous(mark: _Candidate, candidates: list[_Candidate], after: int, before: int) -> bool:
    """Whether the same number has another place, as good, between the neighbours in the chain."""
    return any(
        other.number == mark.number
        and other.start != mark.start
        and other.strength >= mark.strength
        and after <= other.start
        and other.end <= before
        for other in candidates
    )
