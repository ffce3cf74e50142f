"""DokuWiki markup with ``((footnotes))``, read as DokuWiki's own renderer would show it.

Each footnote becomes the next number, a repeated one too; its note is the reference of that number.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from corpus.documents import Block, BlockKind, Marker, Reference
from corpus.readers.dokuwiki_lexer import Token, tokenize
from corpus.readers.reading import Reader, Reading
from corpus.references import parse_work

__all__ = ["READER"]

_SECTION_HEADING = re.compile(r"^[ \t]*={2,6}[ \t]*[^\s=][^\n]*={2,6}[ \t]*$", re.MULTILINE)
_NOTE_LENGTH = 2_000


def _recognises(text: str) -> bool:
    return bool(_SECTION_HEADING.search(text)) or _has_citing_note(text)


def _has_citing_note(text: str) -> bool:
    start = text.find("((")
    while start >= 0:
        end = text.find("))", start, start + _NOTE_LENGTH)
        if end >= 0 and _cites(text[start + 2 : end]):
            return True
        start = text.find("((", max(start, end) + 2)
    return False


def _cites(note: str) -> bool:
    """Whether a footnote cites: double brackets also stand in formulas, and where brackets hold others."""
    depths = list(accumulate((character == "(") - (character == ")") for character in note))
    if min(depths, default=0) < 0 or depths[-1:] != [0]:
        return False
    work = parse_work(note)
    return bool(work.doi or work.pmid or work.pmcid or work.url or (work.first_author and work.year))


def _read(text: str) -> Reading:
    writer = _Writer()
    for token in tokenize(text):
        writer.write(token)
    return writer.reading()


class _Writer:
    """Writes tokens out as the blocks of a canonical text, numbering footnotes on the way."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._length = 0
        self._title: str | None = None
        self._headings: list[tuple[int, str]] = []
        self._blocks: list[Block] = []
        self._markers: list[Marker] = []
        self._references: list[Reference] = []
        self._notes = 0
        self._item_before: int | None = None
        """The level of the block before, if that was a list item."""
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._cells: list[list[Token]] = [[]]
        """The block in the making: pieces of text and notes. Only a table row has several cells."""
        self._at_line_start = True

    def write(self, token: Token) -> None:
        match token.kind:
            case "line":
                self._end_line()
            case "cell":
                self._cells.append([])
            case "rule":
                self._end_block()
            case "heading" | "code" as kind:
                self._write_alone(kind, token)
            case "list_item" | "table_row" | "quotation" as kind:
                self._begin(kind, token.level)
            case _:
                self._add(token)

    def reading(self) -> Reading:
        self._end_block()
        return Reading(
            text="".join(self._texts),
            title=self._title,
            footnotes=True,
            blocks=tuple(self._blocks),
            markers=tuple(self._markers),
            references=tuple(self._references),
        )

    def _add(self, token: Token) -> None:
        if token == Token("text"):
            return
        if self._kind == "quotation" and self._at_line_start:
            self._end_block()
        self._at_line_start = False
        self._cells[-1].append(Token("text", "\n") if token.kind == "break" else token)

    def _end_line(self) -> None:
        if self._kind == "table_row":
            # What follows the last bar of a row is not shown, and its footnotes are not counted.
            self._cells.pop()
        if self._at_line_start or self._kind in {"list_item", "table_row"}:
            self._end_block()
        elif self._cells[-1][-1:] != [Token("text", "\n")]:
            self._cells[-1].append(Token("text", "\n"))
        self._at_line_start = True

    def _begin(self, kind: BlockKind, level: int) -> None:
        if not kind == self._kind == "quotation":
            self._end_block()
        self._kind, self._level = kind, level
        self._at_line_start = False

    def _write_alone(self, kind: BlockKind, token: Token) -> None:
        """A block of one token. Code may stand within an item, which then goes on."""
        around = self._kind, self._level
        self._end_block()
        self._write_block(kind, token.level, [[Token("text", token.text)]])
        if kind == "code":
            self._kind, self._level = around

    def _end_block(self) -> None:
        cells, self._cells = self._cells, [[]]
        self._write_block(self._kind, self._level, cells)
        self._kind, self._level = "paragraph", 0

    def _write_block(self, kind: BlockKind, level: int, cells: Sequence[Sequence[Token]]) -> None:
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
        self._blocks.append(Block(kind, start, self._length, headings))
        self._item_before = level if kind == "list_item" else None

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
        texts = [self._mark(piece.text) if piece.kind == "note" else piece.text for piece in pieces]
        text = "".join(texts)
        end = start - (len(text) - len(text.lstrip()))
        for piece, written in zip(pieces, texts, strict=True):
            if piece.kind == "note":
                self._markers.append(Marker(end, end + len(written), (int(written[:-1]),)))
            end += len(written)
        return text.strip()

    def _mark(self, note: str) -> str:
        """The mark of the next footnote; an empty one is numbered but refers to nothing."""
        self._notes += 1
        if note:
            self._references.append(Reference(self._notes, parse_work(note)))
        return f"{self._notes})"


READER = Reader(form="dokuwiki", recognises=_recognises, read=_read)
