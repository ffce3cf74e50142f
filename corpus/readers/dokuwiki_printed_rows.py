"""The rows of numbers in DokuWiki's XHTML: its own footnotes, and the namespaces of the plug-in RefNotes.

A mark of RefNotes leads to ``#refnotes:namespace:1:note2``: the second note of the namespace's first row. It may show
the number of the note, that of the mark, letters or a name. A document has one row: as in the reader of the markup,
the row whose mark comes first keeps its numbers, and each row after it goes on from there.

Source: what the plug-in prints, run over pages of our own.
"""

import re
from typing import NamedTuple

from corpus.documents import Reference
from corpus.findings import Finding
from corpus.notes import Note, cited_works
from corpus.readers.block_writer import Mark
from corpus.readers.dokuwiki_notes import row_findings
from corpus.readers.dokuwiki_page import is_chrome
from corpus.readers.dokuwiki_printed import number, read_note, shown_note
from corpus.readers.html_events import Page

__all__ = ["PrintedNotes", "read_notes"]

_ROW = r"(?P<row>refnotes(?P<namespace>:(?:[^#]*:)?)\d{1,6})"
_TARGET = re.compile(rf"#{_ROW}:note(?P<note>\d{{1,6}})")
_TEXT = re.compile(rf"{_ROW}:note(?P<note>\d{{1,6}}):text")
_NAME = re.compile(rf"{_ROW}:ref(?P<own>\d{{1,6}})")
_LABEL = re.compile(r"\W*(\d{1,6})\W*")


class PrintedNotes(NamedTuple):
    """The marks of a page by the places of their links, the references, and where the wiki prints something else."""

    marks: dict[int, Mark]
    references: tuple[Reference, ...]
    findings: tuple[Finding, ...]


def read_notes(page: Page, start: int, end: int) -> PrintedNotes:
    """The marks and notes between two places of a page.

    >>> from corpus.readers.html_events import parse
    >>> mark = '<a class="refnotes-ref" href="#refnotes:cite:1:note1" name="refnotes:cite:1:ref1">[1]</a>'
    >>> note = '<div class="refnotes"><span id="refnotes:cite:1:note1:text">Smith A.</span></div>'
    >>> notes = read_notes(parsed := parse(mark + note), 0, len(parsed.events))
    >>> [mark.text for mark in notes.marks.values()], notes.references[0].work.text
    (['1)'], 'Smith A.')
    """
    found = _rows(page, start, end)
    marks: dict[int, Mark] = {}
    references: list[Reference] = []
    findings: list[Finding] = []
    offset = 0
    for row in sorted(found, key=lambda row: row.marks[0].place if row.marks else end):
        for mark, own in zip(row.marks, row.numbers(), strict=True):
            marks[mark.place] = Mark(f"{offset + own})", offset + own)
        noted = {offset + own: note for own, note in row.noted().items()}
        works = cited_works(noted.values())
        references += [Reference(number, work) for number, work in zip(noted, works, strict=True) if work]
        if row.marks:
            findings += row_findings(row.namespace, tuple(noted), again=offset > 0, shown=row.shows_numbers)
        offset = max(noted, default=offset)
    return PrintedNotes(marks, tuple(references), tuple(findings))


class _PrintedMark(NamedTuple):
    """A mark: its place, the number of its note, its own number in the row, and what it shows."""

    place: int
    note: int
    own: int
    label: str | int


class _PrintedRow:
    """The marks and notes of one row; a footnote and its mark have the same number."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.marks: list[_PrintedMark] = []
        self.notes: dict[int, Note] = {}

    @property
    def shows_numbers(self) -> bool:
        """Whether all marks show numbers, and not letters or names."""
        return all(isinstance(mark.label, int) for mark in self.marks)

    def numbers(self) -> list[int]:
        """The number of each mark within the row: that of its note, or its own where the marks show that."""
        by_note = self._is_by_note()
        return [mark.note if by_note else mark.own for mark in self.marks]

    def noted(self) -> dict[int, Note]:
        """The note behind each number, in their order. A note without a mark has a number after those that have one."""
        if self._is_by_note():
            found = {mark.note: Note() for mark in self.marks} | self.notes
        else:
            found = {mark.own: self.notes.get(mark.note, Note()) for mark in self.marks}
            unmarked = sorted(self.notes.keys() - {mark.note for mark in self.marks})
            found |= {at: self.notes[note] for at, note in enumerate(unmarked, max(found) + 1)}
        return dict(sorted(found.items()))

    def _is_by_note(self) -> bool:
        """Whether all marks of a note show the same, unless what each shows is its own number."""
        alike = len({(mark.note, mark.label) for mark in self.marks}) == len({mark.note for mark in self.marks})
        shown = [mark for mark in self.marks if isinstance(mark.label, int)]
        own = bool(shown) and all(mark.label == mark.own for mark in shown)
        return alike and (not own or all(mark.label == mark.note for mark in shown))


def _rows(page: Page, start: int, end: int) -> list[_PrintedRow]:
    """All rows between two places."""
    rows: dict[str, _PrintedRow] = {}
    i = start
    while i < end:
        event = page.events[i]
        past = i
        if event.kind == "start":
            if i > start and is_chrome(event):
                past = page.ends[i]
            elif event.name == "div" and "fn" in event.classes:
                past = _add_footnote(rows, page, i)
            elif event.name == "span":
                past = _add_note(rows, page, i)
            elif event.name == "a":
                past = _add_mark(rows, page, i)
        i = past + 1
    return list(rows.values())


def _add_footnote(rows: dict[str, _PrintedRow], page: Page, place: int) -> int:
    """Adds a footnote; the place where it ends."""
    printed = read_note(page, place, page.ends[place])
    row = rows.setdefault("", _PrintedRow(""))
    for own in printed.numbers:
        row.notes.setdefault(own, printed.note)
    return page.ends[place]


def _add_note(rows: dict[str, _PrintedRow], page: Page, place: int) -> int:
    """Adds a note of RefNotes, if it is one, whose text has an element of its own behind the links back."""
    match = _TEXT.fullmatch(page.events[place].attributes.get("id", ""))
    if match is None:
        return place
    row = rows.setdefault(match["row"], _PrintedRow(match["namespace"]))
    row.notes.setdefault(int(match["note"]), shown_note(page, place, page.ends[place]))
    return page.ends[place]


def _add_mark(rows: dict[str, _PrintedRow], page: Page, place: int) -> int:
    """Adds a mark, if a link is one."""
    event, end = page.events[place], page.ends[place]
    printed = number(page, place, end) if "fn_top" in event.classes else None
    if printed is not None:
        rows.setdefault("", _PrintedRow("")).marks.append(_PrintedMark(place, printed, printed, printed))
        return end
    match = _TARGET.fullmatch(event.attributes.get("href", "")) if "refnotes-ref" in event.classes else None
    if match is None:
        return place
    row = rows.setdefault(match["row"], _PrintedRow(match["namespace"]))
    name = _NAME.fullmatch(event.attributes.get("name") or event.attributes.get("id", ""))
    own = int(name["own"]) if name else len(row.marks) + 1
    label = page.text(place, end).strip()
    digits = _LABEL.fullmatch(label)
    row.marks.append(_PrintedMark(place, int(match["note"]), own, int(digits[1]) if digits else label))
    return end
