"""Blocks written one after the other into a canonical text, with the headings above each; and the lines of a block."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from corpus.documents import Block, BlockKind, Marker
from corpus.findings import Finding
from corpus.spans import Span

__all__ = ["BlockWriter", "Lines", "Mark", "Piece"]

_LINE_END = re.compile(r"[ \t]*\n[ \t\n]*")


class Mark(NamedTuple):
    """A mark such as ``3)`` and the number that it names; without a number, a place where something was found."""

    text: str
    number: int | None = None
    findings: tuple[Finding, ...] = ()


Piece = str | Mark
"""What stands in a line."""


class BlockWriter:
    r"""A canonical text in the making. Its first block, if a heading, is the title and stands above all others.

    >>> writer = BlockWriter()
    >>> writer.write("heading", [["Spine"]], level=1)
    >>> writer.write("paragraph", [[" It rose ", Mark("1)", 1), "."]])
    >>> writer.title, writer.text, writer.markers
    ('Spine', 'Spine\n\nIt rose 1).', [Marker(start=15, end=17, numbers=(1,))])
    """

    def __init__(self) -> None:
        self.title: str | None = None
        self.blocks: list[Block] = []
        self.markers: list[Marker] = []
        self._texts: list[str] = []
        self._length = 0
        self._headings: list[tuple[int, str]] = []
        self._item_before: int | None = None
        """The level of the block before, if that was a list item."""
        self._apart = False
        self._places: dict[Finding, Span] = {}
        self._times: Counter[Finding] = Counter()

    @property
    def text(self) -> str:
        """What has been written so far."""
        return "".join(self._texts)

    def part(self) -> None:
        """A rule or the edge of a box stands here: the next block is apart from the one before."""
        self._apart = bool(self.blocks)

    def findings(self) -> Iterator[Finding]:
        """What was found; the same at many places is told once, at the first."""
        for finding, place in self._places.items():
            times = self._times[finding]
            message = finding.message if times == 1 else f"{finding.message} So at {times} places; this is the first."
            start, end = min(place.start, self._length), min(place.end, self._length)
            yield msgspec.structs.replace(finding, message=message, span=Span(start, end))

    def write(self, kind: BlockKind, cells: Iterable[Sequence[Piece]], *, level: int = 0) -> None:
        """Writes a block, unless it is empty; `level` is that of a heading or list item. Only a table row has cells."""
        nested = kind == "list_item" and self._item_before is not None and level > self._item_before
        separator = ("\n" if nested else "\n\n") if self._texts else ""
        start = self._length + len(separator)
        text = self._joined(cells, start)
        if not text:
            return
        if kind == "heading":
            self._enter_section(level, text)
        headings = () if kind == "heading" else tuple(heading for _, heading in self._headings)
        self._texts += [separator, text]
        self._length = start + len(text)
        self.blocks.append(Block(kind, start, self._length, headings, apart=self._apart))
        self._apart = False
        self._item_before = level if kind == "list_item" else None

    def _enter_section(self, level: int, heading: str) -> None:
        if not self.blocks:
            self.title = heading
            return
        self._headings = [(above, text) for above, text in self._headings if above < level]
        self._headings.append((level, heading))

    def _joined(self, cells: Iterable[Sequence[Piece]], start: int) -> str:
        texts: list[str] = []
        for cell in cells:
            text = self._cell(cell, start)
            if text:
                texts.append(text)
                start += len(text) + 1
        return " ".join(texts)

    def _cell(self, pieces: Sequence[Piece], start: int) -> str:
        """The text of some pieces, which will stand at `start`, without the white space around it."""
        text = "".join(piece.text if isinstance(piece, Mark) else piece for piece in pieces)
        end = start - (len(text) - len(text.lstrip()))
        for piece in pieces:
            length = len(piece.text) if isinstance(piece, Mark) else len(piece)
            if isinstance(piece, Mark):
                self._mark(piece, Span(end, end + length), max(start, end))
            end += length
        return text.strip()

    def _mark(self, mark: Mark, span: Span, seen: int) -> None:
        if mark.number:
            self.markers.append(Marker(span.start, span.end, (mark.number,)))
        for finding in mark.findings:
            self._places.setdefault(finding, Span(seen, max(seen, span.end)))
            self._times[finding] += 1


class Lines:
    """The block in the making: its cells, and in them text and marks without white space at the ends of lines."""

    def __init__(self, writer: BlockWriter) -> None:
        self._writer = writer
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._cells: list[list[Piece]] = [[]]

    def add(self, text: str) -> None:
        """Adds some text; beside a line break, white space counts for nothing."""
        text = _LINE_END.sub("\n", text)
        if text.startswith("\n"):
            self._strip()
        if self._cells[-1][-1:] == ["\n"]:
            text = text.lstrip(" \t\n")
        *lines, last = text.split("\n")
        for line in lines:
            self._cells[-1] += [line, "\n"]
        self._cells[-1] += [last] if last else []

    def add_mark(self, mark: Mark) -> None:
        """Adds a mark."""
        self._cells[-1].append(mark)

    def add_break(self) -> None:
        """Begins another line, even after an empty one."""
        self._strip()
        self._cells[-1].append("\n")

    def end_line(self) -> None:
        """Begins another line, unless the one at hand is empty."""
        if self._cells[-1] and self._cells[-1][-1] != "\n":
            self.add_break()

    def begin_cell(self) -> None:
        """Begins another cell of a table row."""
        self._cells.append([])

    def begin(self, kind: BlockKind, level: int) -> None:
        """What the block at hand is; `level` is that of a list item."""
        self._kind, self._level = kind, level

    def end_block(self) -> None:
        """Writes the block, and begins a paragraph."""
        cells, self._cells = self._cells, [[]]
        self._writer.write(self._kind, cells, level=self._level)
        self._kind, self._level = "paragraph", 0

    def _strip(self) -> None:
        """Takes the white space from the end of the line."""
        pieces = self._cells[-1]
        while pieces and isinstance(pieces[-1], str) and not pieces[-1].strip(" \t"):
            pieces.pop()
        if pieces and isinstance(pieces[-1], str) and pieces[-1] != "\n":
            pieces[-1] = pieces[-1].rstrip(" \t")
