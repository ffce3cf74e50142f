"""The reference lists of a text: where they stand, and the note behind each number.

A list is taken for one of references only on evidence: its numbers go up from 1, some of them left out, given twice
or out of order at most, and its entries look like citations, more of them where no heading such as ``References``
stands above.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from corpus.list_runs import BLANK_LINE, LONGEST_NOTE, Head, find_runs
from corpus.notes import cites
from corpus.reference_headings import Headings
from corpus.references import parse_work

__all__ = ["Entry", "ReferenceList", "find_reference_lists"]

_SAMPLE = 100
_LEAST, _LEAST_WITH_SLIPS = 2, 4
"""Entries that a list has at least where no heading stands above it; more if it is not numbered in full."""
_CITING, _CITING_UNDER_HEADING = 0.8, 0.5
"""The least share of entries that look like citations."""


class Entry(msgspec.Struct, frozen=True):
    """One entry of a list: its number, and where its note stands in the text."""

    number: int
    start: int
    end: int


class ReferenceList(msgspec.Struct, frozen=True):
    """The list of references in ``text[start:end]``, its heading included if it is `headed`.

    A list without numbers has no `entries`: nothing can point to them.
    """

    start: int
    end: int
    entries: tuple[Entry, ...]
    headed: bool = False


def find_reference_lists(text: str) -> tuple[ReferenceList, ...]:
    r"""The reference lists of a text in its order; none where nothing proves to be one.

    Beside lists under headings one without a heading counts only if it is longer: else it is something that is told.

    >>> text = "It rose [1].\n\nReferences\n\n1. Smith A. On rising. J Rise. 2001;1:1-9."
    >>> (found,) = find_reference_lists(text)
    >>> text[: found.start], [(entry.number, text[entry.start : entry.end]) for entry in found.entries]
    ('It rose [1].\n\n', [(1, 'Smith A. On rising. J Rise. 2001;1:1-9.')])
    """
    headings = Headings(text)
    proven = [found for run in find_runs(text, headings) for found in _lists(text, run, headings)]
    longest = max((len(each.entries) for each in proven if each.headed), default=0)
    found = _apart([each for each in proven if each.headed or len(each.entries) > longest])
    return tuple(found) or _without_numbers(text, headings)


def _lists(text: str, run: Sequence[Head], headings: Headings) -> Iterator[ReferenceList]:
    """The list of a run, if its notes prove it, and below it those that go on with its numbers."""
    first: ReferenceList | None = None
    for heads in _parts(run, headings):
        found = _proven(text, heads, headings)
        if found is None and first is None:
            return
        if found is not None:
            first = first or found
            yield msgspec.structs.replace(found, headed=found.headed or first.headed)


def _parts(run: Sequence[Head], headings: Headings) -> Iterator[list[Head]]:
    """A run cut where a heading of references or a long text stands between two heads."""
    part: list[Head] = []
    for head in run:
        if part and (
            head.start - part[-1].note > 2 * LONGEST_NOTE
            or headings.first_within(part[-1].note, head.start) is not None
        ):
            yield part
            part = []
        part.append(head)
    yield part


def _proven(text: str, heads: Sequence[Head], headings: Headings) -> ReferenceList | None:
    """The list that begins with some heads, if its notes prove it."""
    heading = headings.above(heads[0].start)
    slips = any(head.number != before.number + 1 for before, head in pairwise(heads))
    if heading is None and len(heads) < (_LEAST_WITH_SLIPS if slips else _LEAST):
        return None
    ends = [*(head.start for head in heads[1:]), len(text)]
    entries = [_entry(text, head, end, headings) for head, end in zip(heads, ends, strict=True)]
    if not _look_like_citations([text[entry.start : entry.end] for entry in entries], headed=heading is not None):
        return None
    start = heads[0].start if heading is None else heading
    return ReferenceList(start, entries[-1].end, tuple(entries), headed=heading is not None)


def _entry(text: str, head: Head, end: int, headings: Headings) -> Entry:
    """An entry; what stands behind a blank line, such as the foot of a page, is no part of its note."""
    end = min(end, head.note + LONGEST_NOTE + 1)
    blank = BLANK_LINE.search(text, head.note, end)
    end = blank.start() if blank else end
    heading = headings.first_within(head.note, end)
    return Entry(head.number, head.note, end if heading is None else heading)


def _look_like_citations(notes: Sequence[str], *, headed: bool) -> bool:
    """Whether enough of some notes cite; of very many an even sample is asked.

    Under a heading a year is enough. Without one at least half must name an author or an identifier.
    """
    if any(len(note) > LONGEST_NOTE for note in notes):
        return False
    sample = [" ".join(note.split()) for note in notes[:: len(notes) // _SAMPLE + 1]]
    citing = [cites(note) for note in sample]
    dated = [cited or parse_work(note).year is not None for note, cited in zip(sample, citing, strict=True)]
    if headed:
        return sum(dated) >= _CITING_UNDER_HEADING * len(sample)
    return sum(dated) >= _CITING * len(sample) and 2 * sum(citing) >= len(sample)


def _apart(proven: Sequence[ReferenceList]) -> list[ReferenceList]:
    """Those of some lists that do not overlap, the longest first, in the order of the text."""
    kept: list[ReferenceList] = []
    for each in sorted(proven, key=lambda each: (len(each.entries), each.start), reverse=True):
        i = bisect_left(kept, each.start, key=lambda other: other.start)
        if (i == 0 or kept[i - 1].end <= each.start) and (i == len(kept) or each.end <= kept[i].start):
            kept.insert(i, each)
    return kept


def _without_numbers(text: str, headings: Headings) -> tuple[ReferenceList, ...]:
    """What stands below the last heading of references down to the end, if its lines cite."""
    if headings.last is None:
        return ()
    start, end = headings.last
    notes = [note for note in text[end:].splitlines() if note.strip()]
    sample = notes[:: len(notes) // _SAMPLE + 1]
    proven = sample and sum(len(note) <= LONGEST_NOTE and cites(note) for note in sample) >= _CITING * len(sample)
    return (ReferenceList(start, len(text), (), headed=True),) if proven else ()
