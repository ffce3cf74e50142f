"""The tokens of a page in DokuWiki markup, gathered into blocks."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from corpus.documents import BlockKind
from corpus.readers.dokuwiki_tokens import HIDDEN, Token

__all__ = ["Draft", "Noted", "gather", "noted"]

_NEW_LINE = Token("text", "\n")


class Draft(NamedTuple):
    """A block in the making: its cells, each of pieces of text and of notes. Only a table row has several cells.

    `apart` tells that a rule or the edge of a box stands before it; a rule or an edge is an empty block itself.
    """

    kind: BlockKind
    level: int
    cells: list[list[Token]]
    apart: bool = False

    @property
    def only_defines(self) -> bool:
        """Whether a paragraph holds notes of RefNotes and nothing else: it defines them, and shows no marks."""
        pieces = [piece for cell in self.cells for piece in cell if piece.text.strip() or piece.kind != "text"]
        return self.kind == "paragraph" and all(piece.kind in {"refnote", "notes", "edge"} for piece in pieces)


class Noted(NamedTuple):
    """A note of a page, or a block that prints notes; a `hidden` note is defined but has no mark there."""

    token: Token
    hidden: bool


def gather(tokens: Iterable[Token]) -> list[Draft]:
    """The blocks that some tokens make, in their order.

    >>> [draft.apart for draft in gather([Token("text", "a"), Token("rule"), Token("text", "b")])]
    [False, True, False]
    """
    gatherer = _Gatherer()
    for token in tokens:
        gatherer.take(token)
    return gatherer.drafts()


def noted(drafts: Iterable[Draft]) -> Iterator[Noted]:
    """All notes, and the blocks that print notes, in the order of the page."""
    for draft in drafts:
        hidden = draft.only_defines
        for cell in draft.cells:
            for piece in cell:
                if piece.kind in {"note", "refnote", "notes"}:
                    yield Noted(piece, hidden and piece.kind == "refnote")


class _Gatherer:
    """Takes tokens one by one."""

    def __init__(self) -> None:
        self._drafts: list[Draft] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._cells: list[list[Token]] = [[]]
        self._at_line_start = True
        self._below_item = False

    def take(self, token: Token) -> None:
        """Adds a token to the block at hand, or begins another with it."""
        match token.kind:
            case "line":
                self._end_line()
            case "cell":
                self._cells.append([])
            case "rule":
                self._end()
                self._drafts.append(Draft("paragraph", 0, [[]], apart=True))
            case "edge" | "notes":
                self._part(token)
            case "heading" | "code" as kind:
                self._add_alone(kind, token)
            case "list_item" | "table_row" | "quotation" as kind:
                self._begin(kind, token.level)
            case _:
                self._add(token)

    def drafts(self) -> list[Draft]:
        """All blocks."""
        self._end()
        return self._drafts

    def _add(self, token: Token) -> None:
        if token is HIDDEN or token == HIDDEN:
            return
        if self._kind == "quotation" and self._at_line_start:
            self._end()
        self._at_line_start = False
        if token.kind == "break":
            self._strip()
        elif token.kind == "text" and self._ends_line():
            token = token._replace(text=token.text.lstrip(" \t\n"))
        self._cells[-1].append(token)

    def _ends_line(self) -> bool:
        return any(piece.text.endswith("\n") for piece in self._cells[-1][-1:])

    def _strip(self) -> None:
        """Takes the white space from the end of the line, which may stand before something that is not shown."""
        pieces = self._cells[-1]
        for i in range(len(pieces) - 1, -1, -1):
            if pieces[i].kind not in {"text", "format"}:
                return
            pieces[i] = pieces[i]._replace(text=pieces[i].text.rstrip(" \t"))
            if pieces[i].text:
                return

    def _part(self, token: Token) -> None:
        """What stands between paragraphs parts them; within an item or a cell it changes nothing."""
        if self._kind in {"list_item", "table_row"}:
            self._cells[-1].append(token)
            return
        self._end()
        self._drafts.append(Draft("paragraph", 0, [[token]], apart=token.kind == "edge"))

    def _end_line(self) -> None:
        if self._kind == "table_row" and not self._below_item:
            # What follows the last bar of a row is not shown, and its footnotes are not counted.
            self._cells.pop()
        if self._at_line_start or self._kind in {"list_item", "table_row"}:
            self._end()
        elif not self._ends_line():
            self._strip()
            self._cells[-1].append(_NEW_LINE)
        self._at_line_start = True

    def _begin(self, kind: BlockKind, level: int) -> None:
        # To DokuWiki a row right below a list item is no row, and it shows the whole of it.
        self._below_item = kind == "table_row" and bool(self._drafts) and self._drafts[-1].kind == "list_item"
        if not kind == self._kind == "quotation":
            self._end()
        self._kind, self._level = kind, level
        self._at_line_start = False

    def _add_alone(self, kind: BlockKind, token: Token) -> None:
        """A block of one token. Code may stand within an item, which then goes on."""
        around = self._kind, self._level
        self._end()
        self._drafts.append(Draft(kind, token.level, [[Token("text", token.text)]]))
        if kind == "code":
            self._kind, self._level = around

    def _end(self) -> None:
        cells, self._cells = self._cells, [[]]
        self._drafts.append(Draft(self._kind, self._level, cells))
        self._kind, self._level = "paragraph", 0
