"""DokuWiki markup with ``((footnotes))``, read as DokuWiki's own renderer would show it.

Each footnote becomes the next number, a repeated one too; its note is the reference of that number. Notes of the
plug-in RefNotes are numbered with them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import msgspec

from corpus.documents import Block, Marker
from corpus.findings import Finding
from corpus.notes import cites
from corpus.readers import refnotes
from corpus.readers.dokuwiki_blocks import Draft, gather, noted
from corpus.readers.dokuwiki_lexer import tokenize
from corpus.readers.dokuwiki_notes import Mark, number
from corpus.readers.dokuwiki_tokens import Token
from corpus.readers.reading import Reader, Reading
from corpus.spans import Span

__all__ = ["READER"]

_SECTION_HEADING = re.compile(r"^[ \t]*={2,6}[ \t]*[^\s=][^\n]*={2,6}[ \t]*$", re.MULTILINE)
_NOTE_LENGTH = 2_000


def _recognises(text: str) -> bool:
    return bool(_SECTION_HEADING.search(text)) or _has_citing_note(text) or refnotes.is_used(text)


def _has_citing_note(text: str) -> bool:
    seen: set[str] = set()
    start = text.find("((")
    while start >= 0:
        end = text.find("))", start, start + _NOTE_LENGTH)
        note = text[start + 2 : max(start, end)]
        if note not in seen and _is_balanced(note) and cites(note):
            return True
        seen.add(note)
        start = text.find("((", max(start, end) + 2)
    return False


def _is_balanced(note: str) -> bool:
    """Whether brackets within a note are closed: double brackets also stand where brackets hold others."""
    depths = list(accumulate((character == "(") - (character == ")") for character in note))
    return min(depths, default=0) >= 0 and depths[-1:] == [0]


def _read(text: str) -> Reading:
    drafts = gather(tokenize(text))
    numbering = number(list(noted(drafts)))
    writer = _Writer(numbering.marks)
    for draft in drafts:
        writer.write(draft)
    reading = writer.reading()
    return msgspec.structs.replace(
        reading, references=numbering.references, findings=(*reading.findings, *numbering.findings)
    )


class _Writer:
    """Writes blocks out as a canonical text, with the marks that were counted for their notes."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks: Iterator[Mark] = iter(marks)
        self._texts: list[str] = []
        self._length = 0
        self._title: str | None = None
        self._headings: list[tuple[int, str]] = []
        self._blocks: list[Block] = []
        self._markers: list[Marker] = []
        self._places: dict[Finding, Span] = {}
        self._times: Counter[Finding] = Counter()
        self._item_before: int | None = None
        """The level of the block before, if that was a list item."""

    def write(self, draft: Draft) -> None:
        """Writes a block, if it has any text."""
        nested = draft.kind == "list_item" and self._item_before is not None and draft.level > self._item_before
        separator = ("\n" if nested else "\n\n") if self._texts else ""
        start = self._length + len(separator)
        text = self._joined(draft.cells, start)
        if not text:
            return
        if draft.kind == "heading":
            self._enter_section(draft.level, text)
        headings = () if draft.kind == "heading" else tuple(heading for _, heading in self._headings)
        self._texts += [separator, text]
        self._length = start + len(text)
        self._blocks.append(Block(draft.kind, start, self._length, headings))
        self._item_before = draft.level if draft.kind == "list_item" else None

    def reading(self) -> Reading:
        """What has been written."""
        return Reading(
            text="".join(self._texts),
            title=self._title,
            footnotes=True,
            blocks=tuple(self._blocks),
            markers=tuple(self._markers),
            findings=tuple(self._findings()),
        )

    def _enter_section(self, level: int, heading: str) -> None:
        """The first heading of the page is its title, and stands above all others."""
        if not self._blocks:
            self._title = heading
            return
        self._headings = [(above, text) for above, text in self._headings if above < level]
        self._headings.append((level, heading))

    def _joined(self, cells: Iterable[Sequence[Token]], start: int) -> str:
        texts: list[str] = []
        for cell in cells:
            text = self._cell(cell, start)
            if text and text != ":::":
                texts.append(text)
                start += len(text) + 1
        return " ".join(texts)

    def _cell(self, pieces: Sequence[Token], start: int) -> str:
        """The text of some pieces, which will stand at `start`, without the white space around it."""
        marks = [next(self._marks) if piece.kind in {"note", "refnote", "notes"} else None for piece in pieces]
        texts = [_written(piece, mark) for piece, mark in zip(pieces, marks, strict=True)]
        text = "".join(texts)
        end = start - (len(text) - len(text.lstrip()))
        for piece, mark, written in zip(pieces, marks, texts, strict=True):
            place = Span(max(start, end), max(start, end + len(written)))
            if mark and mark.number:
                self._markers.append(Marker(end, end + len(written), (mark.number,)))
            if mark and mark.finding:
                self._tell(mark.finding, place, mark.number)
            if piece.finding:
                self._tell(piece.finding, place)
            end += len(written)
        return text.strip()

    def _tell(self, finding: Finding, place: Span, number: int | None = None) -> None:
        """Something that was found; the same at many places is told once, at the first."""
        finding = msgspec.structs.replace(finding, numbers=(number,) if number else ())
        self._places.setdefault(finding, place)
        self._times[finding] += 1

    def _findings(self) -> Iterator[Finding]:
        for finding, place in self._places.items():
            times = self._times[finding]
            message = finding.message if times == 1 else f"{finding.message} So at {times} places; this is the first."
            start, end = min(place.start, self._length), min(place.end, self._length)
            yield msgspec.structs.replace(finding, message=message, span=Span(start, end))


def _written(piece: Token, mark: Mark | None) -> str:
    return piece.text if mark is None else f"{mark.number})" if mark.number else ""


READER = Reader(form="dokuwiki", recognises=_recognises, read=_read)
