r"""Lines numbered 1, 2, 3 and so on, as runs of heads that may be the entries of one list.

A line of a hard-wrapped entry may begin with a number too, as ``2017. 27:1-9`` does. So a head goes on with a run if it
is next in order; out of order, where an editor left a number out, moved an entry or gave a number twice, it does only
directly below the run, and if what stands before it is a closed entry and what it begins a citation.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corpus.documents import Work
from corpus.notes import cites
from corpus.reference_headings import Headings
from corpus.references import parse_work

__all__ = ["BLANK_LINE", "LONGEST_NOTE", "Head", "find_runs"]

BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
LONGEST_NOTE = 3_000
_HEADS = tuple(
    re.compile(rf"^(?P<indent>[ \t]*)(?:[-*•][ \t]+)?{head}", re.MULTILINE)
    for head in (
        r"\[(?P<number>\d{1,4})\][:.]?[ \t]*(?=\S)",
        r"(?P<number>\d{1,4})\.(?!\d)[ \t]*(?=\S)",
        r"(?P<number>\d{1,4})\)[:.]?[ \t]*(?=\S)",
        r"\((?P<number>\d{1,4})\)[:.]?[ \t]*(?=\S)",
        r"(?P<number>\d{1,4})[ \t]+(?=[^\W\d_])",
    )
)
"""How the entries of a list begin: ``[3] Smith``, ``3. Smith``, ``3) Smith``, ``(3) Smith``, ``3 Smith``."""
_SAMPLE, _AHEAD = 500, 8
"""How far an entry is read to judge it, in characters and in heads."""
_CLOSED = re.compile(r"(?:[.!?)\]”’\"»>]|(?<!\S)(?=\S*[\d/])\S*[^\s,:;(–—-])\Z")
"""How an entry ends: an entry that goes on in the next line may end in anything."""
_MAY_CITE = re.compile(r"\d{4}|10\.|PMC|PMID", re.IGNORECASE)
_TAIL = 200
_MOST_LINES = 20
"""Lines of one entry that begin with a number."""
_YEARS = range(1900, 2100)


class Head(NamedTuple):
    """The head of an entry in the line at `start`, whose note begins at `note`."""

    number: int
    start: int
    note: int
    indent: int


def find_runs(text: str, headings: Headings) -> Iterator[list[Head]]:
    r"""The runs of each kind of head, all of which begin with a 1.

    >>> text = "1. Smith A. One. 2001.\n2. Doe B. Two, in\n2017. 3:4.\n9. Roe C. Nine. 2009."
    >>> [[head.number for head in run] for run in find_runs(text, Headings(text))]
    [[1, 2, 9]]
    """
    for kind in _HEADS:
        heads = [
            Head(int(match["number"]), match.start(), match.end(), len(match["indent"]))
            for match in kind.finditer(text)
        ]
        yield from _Walk(text, heads, headings).runs()


class _Run:
    """The heads of a run; it goes on with the number after its last, or after its highest."""

    def __init__(self) -> None:
        self.heads: list[Head] = []
        self.highest = 0

    def add(self, head: Head) -> None:
        self.heads.append(head)
        self.highest = max(self.highest, head.number)

    def awaits(self, number: int) -> bool:
        return bool(self.heads) and number in {self.heads[-1].number + 1, self.highest + 1}


class _Walk:
    """Goes through the heads of one kind, and gives each to the run that it belongs to."""

    def __init__(self, text: str, heads: Sequence[Head], headings: Headings) -> None:
        self._text = text
        self._heads = heads
        self._headings = headings
        self._current = _Run()
        self._place = 0
        """That of the last head of the current run."""
        self._waiting: dict[int, _Run] = {}
        """By the number after the highest; of two runs that wait for one number the later goes on."""

    def runs(self) -> list[list[Head]]:
        """All runs in the order in which they begin."""
        found: list[_Run] = []
        for i, head in enumerate(self._heads):
            run = self._run_of(i)
            if run is None:
                continue
            if not run.heads:
                found.append(run)
            elif self._waiting.get(run.highest + 1) is run:
                del self._waiting[run.highest + 1]
            run.add(head)
            self._waiting[run.highest + 1] = run
            self._current, self._place = run, i
        return [run.heads for run in found]

    def _run_of(self, i: int) -> _Run | None:
        """The run that a head goes on with, a new one, or None for a line that only begins with a number."""
        number, run = self._heads[i].number, self._current
        if run.awaits(number):
            return run
        near = bool(run.heads) and i - self._place <= _MOST_LINES
        before = self._between(run.heads[-1], self._heads[i]) if near else None
        if before is not None:
            work = self._begun(i) if _is_closed(before) else None
            if self._may_be_out_of_order(i) and (
                (work and (work.csl.author[0].family or cites(before))) or self._leads_on(i)
            ):
                return run
            if work is None and not BLANK_LINE.search(before):
                return None
        return _Run() if number == 1 else self._waiting.get(number)

    def _between(self, above: Head, head: Head) -> str | None:
        """The note of the head above, or None if the other does not stand directly below it."""
        if head.start - above.note > LONGEST_NOTE or self._headings.first_within(above.note, head.start) is not None:
            return None
        before = self._text[above.note : head.start]
        blank = BLANK_LINE.search(before)
        return before if blank is None or not before[blank.end() :].strip() else None

    def _may_be_out_of_order(self, i: int) -> bool:
        """Not a year, nor what is set in as a line that goes on with an entry is."""
        head = self._heads[i]
        return head.number not in _YEARS and head.indent <= self._current.heads[0].indent

    def _begun(self, i: int) -> Work | None:
        """The work of a citation that begins at a head: names first, then a year or an identifier."""
        head = self._heads[i]
        following = (each.start for each in self._heads[i + 1 : i + _AHEAD] if each.number not in _YEARS)
        note = self._text[head.note : min(next(following, len(self._text)), head.note + _SAMPLE)]
        blank = BLANK_LINE.search(note)
        note = note[: blank.start()] if blank else note
        work = parse_work(note) if _MAY_CITE.search(note) else None
        return work if work and work.first_author and (work.year or work.identifiers) else None

    def _leads_on(self, i: int) -> bool:
        """Whether a head is above all numbers of the run, and the next in order stands directly below it."""
        head, after = self._heads[i], self._heads[i + 1 : i + 2]
        return (
            head.number > self._current.highest
            and head.number not in self._waiting
            and bool(after)
            and after[0].number == head.number + 1
            and self._between(head, after[0]) is not None
        )


def _is_closed(note: str) -> bool:
    """Whether a note ends as an entry does."""
    return _CLOSED.search(note[-_TAIL:].rstrip()) is not None
