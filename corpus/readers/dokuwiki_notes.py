"""The numbers of a page's notes.

DokuWiki counts footnotes in one row. RefNotes counts each of its namespaces in a row of its own, which ends where
its notes are printed. In a document a number is one reference: so the row whose mark comes first keeps its numbers,
and each row after it goes on from there.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from corpus.documents import Reference, Work
from corpus.findings import Finding
from corpus.notes import Note, cited_works
from corpus.readers.block_writer import Mark
from corpus.readers.dokuwiki_blocks import Noted
from corpus.readers.dokuwiki_tokens import Token
from corpus.readers.refnotes import NotesBlock, parse_block, parse_name
from corpus.readers.refnotes_styles import Style, Styles

__all__ = ["Numbering", "number", "row_findings"]

_FOOTNOTES = ""
"""Stands for the namespace of DokuWiki's own footnotes, which have none."""


class Numbering(msgspec.Struct, frozen=True):
    """One mark for each note of a page in its order, the references, and what is to be said of whole rows.

    A mark is empty where nothing is printed.
    """

    marks: tuple[Mark, ...]
    references: tuple[Reference, ...]
    findings: tuple[Finding, ...]


def number(noted: Sequence[Noted]) -> Numbering:
    """Numbers the notes of a page, which are given in its order.

    >>> found = number([Noted(Token("note", note=Note(text)), False) for text in ("Smith A.", "Jones B.")])
    >>> [(mark.number, reference.work.text) for mark, reference in zip(found.marks, found.references)]
    [(1, 'Smith A.'), (2, 'Jones B.')]
    """
    counter = _Counter(noted)
    counted = [counter.count(place, item) for place, item in enumerate(noted)]
    before = 0
    for row in sorted(counter.rows, key=lambda row: len(noted) if row.first_mark is None else row.first_mark):
        row.settle(before)
        before += len(row.works)
    rows = sorted(counter.rows, key=lambda row: row.offset)
    return Numbering(
        marks=tuple(_mark(item.token, at) for item, at in zip(noted, counted, strict=True)),
        references=tuple(reference for row in rows for reference in row.references()),
        findings=tuple(finding for row in rows for finding in row.findings()),
    )


def row_findings(namespace: str, numbers: tuple[int, ...], *, again: bool, shown: bool) -> list[Finding]:
    """What is to be said of a row that has other numbers in the document than on the wiki.

    `numbers` are those in the document, of which there is one or more; `again` tells that the wiki counts from 1
    again, and `shown` that it shows numbers at all.
    """
    name = f"RefNotes of {namespace}" if namespace else "footnotes"
    found = []
    if again:
        message = f"counts its {name} from 1 again; here they are {numbers[0]} to {numbers[-1]}."
        found.append(Finding(kind="not-followed", severity="note", message=message, numbers=numbers))
    if not shown:
        message = f"marks its {name} with letters or names; here they have numbers."
        found.append(Finding(kind="not-followed", severity="note", message=message, numbers=numbers))
    return found


class _Note:
    """A note of a row, which may be defined before its first mark or after it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.note = Note()
        self.marked = False


class _Row:
    """Notes that are counted together."""

    def __init__(self, namespace: str, how: Style) -> None:
        self.namespace = namespace
        self.how = how
        self.first_mark: int | None = None
        """Which note of the page has the first mark of the row."""
        self.offset = 0
        self.works: list[Work | None] = []
        """What the numbers of the row, from 1, refer to."""
        self._notes: list[_Note] = []
        self._marks: list[_Note] = []
        self._named: dict[tuple[str, str], _Note] = {}

    def find(self, namespace: str, name: str) -> _Note | None:
        """The note of a name, or of a number within the row (``#1``)."""
        return self._named.get((namespace, name))

    def add(self, namespace: str, name: str) -> _Note:
        """The next note."""
        note = _Note(len(self._notes) + 1)
        self._notes.append(note)
        self._named[namespace, f"#{note.number}"] = note
        if name:
            self._named[namespace, name] = note
        return note

    def mark(self, note: _Note, place: int) -> int:
        """The number of a mark that is printed for a note."""
        if self.first_mark is None:
            self.first_mark = place
        self._marks.append(note)
        note.marked = True
        return note.number if self.how.by_note else len(self._marks)

    def settle(self, offset: int) -> None:
        """Gives the row its place after others. A note without a mark has a number after those that are printed."""
        self.offset = offset
        unmarked = (note for note in self._notes if not note.marked)
        numbered = self._notes if self.how.by_note else [*self._marks, *unmarked]
        self.works = cited_works(note.note for note in numbered)

    def references(self) -> list[Reference]:
        """The references of the row."""
        return [Reference(number, work) for number, work in enumerate(self.works, self.offset + 1) if work]

    def findings(self) -> list[Finding]:
        """Where the wiki prints something else than stands in the document."""
        if not self._marks:
            return []
        numbers = tuple(range(self.offset + 1, self.offset + len(self.works) + 1))
        return row_findings(self.namespace, numbers, again=self.offset > 0, shown=self.how.identifier == "1")


class _Counted(NamedTuple):
    """A note in its row, and the number within the row that its mark has, if there is one."""

    row: _Row
    note: _Note
    number: int | None


class _Counter:
    """Counts the notes of one page as they come."""

    def __init__(self, noted: Sequence[Noted]) -> None:
        self.rows: list[_Row] = []
        self._blocks = {
            place: parse_block(item.token.name, item.token.text)
            for place, item in enumerate(noted)
            if item.token.kind == "notes"
        }
        self._styles = Styles(
            {place: parse_name(item.token.name)[0] for place, item in enumerate(noted) if item.token.kind == "refnote"},
            self._blocks,
        )
        self._mappings = _mappings(self._blocks)
        self._into: dict[str, str] = {}
        """In whose row the notes of a namespace are counted, if not in its own."""
        self._open: dict[str, _Row] = {}

    def count(self, place: int, item: Noted) -> _Counted | None:
        """Counts one note; None for one that is referred to by a number that is not there, and for what is no note."""
        self._styles.reach(place)
        self._into |= self._mappings.get(place, {})
        token = item.token
        if block := self._blocks.get(place):
            self._close(block)
            return None
        namespace, name = (_FOOTNOTES, "") if token.kind == "note" else parse_name(token.name)
        row, note = self._find(namespace, name)
        if note is None:
            if name[:1] == "#" and name[1:].isdigit():
                return None
            note = row.add(namespace, name)
        if token.note != Note():
            note.note = token.note
        return _Counted(row, note, None if item.hidden else row.mark(note, place))

    def _find(self, namespace: str, name: str) -> tuple[_Row, _Note | None]:
        """The row in which a note stands or belongs."""
        row = self._row(namespace)
        note = row.find(namespace, name) if name else None
        if note is None and namespace in self._into:
            row = self._row(self._into[namespace])
            note = row.find(namespace, name) if name else None
        return row, note

    def _row(self, namespace: str) -> _Row:
        if namespace not in self._open:
            self._open[namespace] = _Row(namespace, self._styles.of(namespace) if namespace else Style())
            self.rows.append(self._open[namespace])
        return self._open[namespace]

    def _close(self, block: NotesBlock) -> None:
        """The notes of a namespace are printed; names are forgotten, and counting begins anew."""
        for namespace in block.mapped:
            self._into.pop(namespace, None)
        row = self._open.get(block.namespace)
        if row and not row.how.single:
            del self._open[block.namespace]


def _mappings(blocks: Mapping[int, NotesBlock]) -> dict[int, dict[str, str]]:
    """From which note on some namespaces are counted in the row of another: since that was last printed."""
    found: dict[int, dict[str, str]] = {}
    printed: dict[str, int] = {}
    for place, block in blocks.items():
        since = found.setdefault(printed.get(block.namespace, 0), {})
        since.update(dict.fromkeys(block.mapped, block.namespace))
        printed[block.namespace] = place + 1
    return found


def _mark(token: Token, counted: _Counted | None) -> Mark:
    if counted is None and token.kind == "refnote":
        return Mark("", findings=(_without_reference(f"refers to note {token.name!r}, which is not there."),))
    if counted is None or counted.number is None:
        return Mark("")
    number = counted.row.offset + counted.number
    lacks = counted.row.works[counted.number - 1] is None
    findings = (_unsupported(token, counted.note.note, number),) if lacks else ()
    return Mark(f"{number})", number, findings)


def _unsupported(token: Token, note: Note, number: int) -> Finding:
    if note.text:
        return _without_reference(f"{note.text!r} has no note before it. Write the reference out.", number)
    if token.name:
        return _without_reference(
            f"names the note {token.name!r}, which this page does not define. Define it here: "
            "a database of references or the settings of the wiki are not read.",
            number,
        )
    message = "is an empty note. Fill it, or take it out."
    return Finding(kind="malformed", severity="warning", message=message, numbers=(number,))


def _without_reference(message: str, *numbers: int) -> Finding:
    return Finding(kind="marker-without-reference", severity="warning", message=message, numbers=numbers)
