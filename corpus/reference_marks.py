"""Marks such as ``[3, 5–7]``, ``(3)``, ``word.³`` or ``word.3`` that a reference list proves.

A figure in brackets may be anything. So a text has marks of one style only, the one whose figures name most of the
list; the weaker the sign, the more must speak for it: above all that the numbers are first named in the order of the
list, as the Vancouver style asks. Of that style only figures count whose surroundings allow a mark. What cannot be
decided is left alone.

Source of the order: ICMJE Recommendations, section IV.A.3.g.
"""

from bisect import bisect_left
from collections.abc import Collection, Container, Mapping, Sequence
from typing import NamedTuple

import msgspec

from corpus.documents import Marker
from corpus.mark_candidates import STYLES, Candidate, MarkStyle, find_candidates
from corpus.spans import Span

__all__ = ["Marks", "find_reference_marks"]


_WEIGHTS: dict[MarkStyle, float] = {"brackets": 1, "signs": 1, "carets": 1, "parentheses": 0.9, "figures": 0.8}
"""Of two styles that could both be, the one whose sign means less else."""


class Marks(msgspec.Struct, frozen=True):
    """The marks of a text in its order, and their style. Without any, `doubt` says what was seen."""

    markers: tuple[Marker, ...] = ()
    style: MarkStyle | None = None
    doubt: str = ""


class _Evidence(NamedTuple):
    """What speaks for a style: the share of the list that it names, and of that how much in the list's order."""

    share: float
    order: float
    named: int
    candidates: Sequence[Candidate]


def find_reference_marks(text: str, numbers: Collection[int], spared: Sequence[Span] = ()) -> Marks:
    """The marks of a text for the `numbers` of its reference list; none begins in a `spared` stretch.

    A mark of a proven style may name a number that the list lacks; then it leads nowhere.

    >>> found = find_reference_marks("It rose (1). Of 24 (2%), 12 fell (2, 3).", [1, 2, 3])
    >>> found.style, [marker.numbers for marker in found.markers]
    ('parentheses', [(1,), (2, 3)])
    """
    known = frozenset(numbers)
    if not known:
        return Marks()
    by_style = {style: _evidence(find_candidates(style, text, known, spared), known) for style in STYLES}
    accepted = {style: evidence for style, evidence in by_style.items() if _accepts(style, evidence, len(known))}
    if not accepted:
        return Marks(doubt=_doubt(by_style, len(known)))
    style = max(accepted, key=lambda each: accepted[each].share * _WEIGHTS[each])
    evidence = accepted[style]
    tested = known if style == "brackets" else range(1, max(known) + 1)
    kept = _in_order(evidence.candidates, known, tested) if _is_ordered(evidence) else evidence.candidates
    return Marks(tuple(Marker(*candidate) for candidate in kept), style)


def _accepts(style: MarkStyle, evidence: _Evidence, length: int) -> bool:
    """Whether a style is proven: a sign that means little else needs less."""
    match style:
        case "brackets" | "signs" | "carets":
            return evidence.share >= 0.5 or (evidence.share >= 0.2 and evidence.order >= 0.8 and evidence.named >= 3)
        case "parentheses":
            return evidence.share >= 0.5 and (evidence.order >= 0.8 or (evidence.share >= 0.8 and length >= 10))
        case "figures":
            return (
                evidence.share >= 0.5
                and evidence.order >= (0.8 if length >= 10 else 0.9)
                and evidence.named >= min(3, length)
            )


def _doubt(by_style: Mapping[MarkStyle, _Evidence], length: int) -> str:
    style, evidence = max(by_style.items(), key=lambda each: each[1].share)
    if not evidence.named:
        return "no figure in the text stands like a mark"
    return f"the best are {style}, which name {evidence.named} of {length}"


def _evidence(candidates: Sequence[Candidate], known: frozenset[int]) -> _Evidence:
    first = _first_mentions(candidates, known)
    chain = _longest_ascent(list(first))
    return _Evidence(len(first) / len(known), len(chain) / len(first) if first else 0.0, len(first), candidates)


def _first_mentions(candidates: Sequence[Candidate], known: frozenset[int]) -> dict[int, int]:
    """For each known number, in the order of the text, the place of its first mention."""
    first: dict[int, int] = {}
    for candidate in candidates:
        for number in candidate.numbers:
            if number in known:
                first.setdefault(number, candidate.start)
    return first


def _is_ordered(evidence: _Evidence) -> bool:
    return evidence.order >= 0.8


def _longest_ascent(numbers: Sequence[int]) -> list[int]:
    """The longest ascending selection of some distinct numbers (patience sorting)."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(tails, number)
        before[number] = tails[at - 1] if at else None
        tails[at : at + 1] = [number]
    ascent: list[int] = []
    number_: int | None = tails[-1] if tails else None
    while number_ is not None:
        ascent.append(number_)
        number_ = before[number_]
    return ascent[::-1]


def _in_order(candidates: Sequence[Candidate], known: frozenset[int], tested: Container[int]) -> list[Candidate]:
    """Those that name no `tested` number before the numbers below it in the list have been named."""
    first = _first_mentions(candidates, known)
    ascent = _longest_ascent(list(first))
    kept = []
    for candidate in candidates:
        highest = max((number for number in candidate.numbers if number in tested), default=0)
        below = bisect_left(ascent, highest) - 1
        # Within one mark the numbers below are named with it.
        while below >= 0 and ascent[below] in candidate.numbers:
            below -= 1
        if below < 0 or first[ascent[below]] <= candidate.start:
            kept.append(candidate)
    return kept
