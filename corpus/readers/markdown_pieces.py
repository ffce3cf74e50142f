"""The tokens of a Markdown text as pieces, one for each block that a reader sees, their inline mark-up flattened."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from markdown_it.token import Token

from corpus.documents import BlockKind, Marker
from corpus.spans import Span

__all__ = ["Link", "Piece", "pieces"]

_NUMBER = re.compile(r"\d{1,4}")
_NUMBERS_IN_BRACKETS = re.compile(r"\[[\d\s,;–—-]+\]")
_RAISED = str.maketrans("0123456789-–—", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻")
_RAISED_NUMBERS = re.compile(r"[\d\s,–—-]+")
_UNSHOWN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_BLOCK_END = re.compile(
    r"<(?:br|hr|/?(?:p|div|li|tr|h[1-6]|summary|details|table|ul|ol|blockquote))\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>")
_KINDS: dict[str, BlockKind] = {"blockquote_open": "quotation", "list_item_open": "list_item"}


class Link(NamedTuple):
    """An address behind words that begin at an offset."""

    at: int
    address: str


class Piece(msgspec.Struct, frozen=True):
    """A block: its text, and in it the marks of footnotes and the stretches where a number is no mark.

    `links` are the addresses behind its words; `level` is that of a heading, and `number` that of an item of an
    ordered list which lies within nothing else.
    """

    kind: BlockKind
    text: str
    marks: tuple[Marker, ...] = ()
    spared: tuple[Span, ...] = ()
    links: tuple[Link, ...] = ()
    level: int = 0
    number: int | None = None


def pieces(tokens: Sequence[Token], definitions: Mapping[str, str], *, note: str = "[{}]") -> Iterator[Piece]:
    r"""The pieces of some tokens in their order; `definitions` are the addresses behind the labels of links.

    `note` is how the mark of a footnote is shown.

    >>> from corpus.readers.markdown_tokens import parse
    >>> [(piece.kind, piece.text) for piece in pieces(parse("# On *rising*\n\n3. It `rose`.").tokens, {})]
    [('heading', 'On rising'), ('list_item', 'It rose.')]
    """
    walk = _Walk(definitions, note, _item_numbers(tokens))
    for token in tokens:
        yield from walk.take(token)


class _Walk:
    """Goes through block tokens and knows what is around each."""

    def __init__(self, definitions: Mapping[str, str], note: str, numbers: Iterable[int | None]) -> None:
        self._definitions = definitions
        self._labels = {address: label for label, address in definitions.items()}
        self._note = note
        self._numbers = iter(numbers)
        """Those of the items, in their order."""
        self._around: list[BlockKind] = []
        self._number: int | None = None
        self._heading = 0
        self._cells: list[Piece] | None = None

    def take(self, token: Token) -> Iterator[Piece]:
        """The pieces that are finished with a token."""
        match token.type:
            case "inline":
                yield from self._block(token.children or [])
            case "fence" | "code_block" if token.content.strip():
                yield Piece("code", token.content.strip())
            case "html_block":
                yield from _of_html(token.content, self._kind)
            case "tr_close":
                row, self._cells = _row(self._cells or []), None
                if row.text:
                    yield row
            case _:
                self._enter_or_leave(token)

    @property
    def _kind(self) -> BlockKind:
        return self._around[-1] if self._around else "paragraph"

    def _block(self, tokens: Sequence[Token]) -> Iterator[Piece]:
        kind: BlockKind = "heading" if self._heading else self._kind
        inline = _Inline(self._definitions, self._labels, self._note)
        piece = inline.piece(tokens, kind, level=self._heading, number=self._number)
        if self._cells is not None:
            self._cells.append(piece)
        elif piece.text:
            self._number = None
            yield piece

    def _enter_or_leave(self, token: Token) -> None:
        match token.type:
            case "heading_open" | "heading_close":
                self._heading = int(token.tag[1:]) if token.nesting > 0 else 0
            case "tr_open":
                self._cells = []
            case "blockquote_open" | "list_item_open":
                self._around.append(_KINDS[token.type])
                if token.type == "list_item_open":
                    number = next(self._numbers)
                    self._number = number if len(self._around) == 1 else None
            case "blockquote_close" | "list_item_close":
                self._around.pop()
                self._number = None


def _item_numbers(tokens: Sequence[Token]) -> list[int | None]:
    """The number of each item of a list, in the order of their beginnings; None of one without a number.

    What is typed counts, since marks are typed as well, and not what would be shown: CommonMark counts on from the
    first number. Only where all items have the same (``1. 1. 1.``) the counting is left to it.
    """
    numbers: list[int | None] = []
    open_lists: list[list[int]] = []
    for token in tokens:
        match token.type:
            case "ordered_list_open" | "bullet_list_open":
                open_lists.append([])
            case "ordered_list_close" | "bullet_list_close":
                places = open_lists.pop()
                typed = {numbers[place] for place in places}
                if len(typed) == 1 and (first := numbers[places[0]]) is not None:
                    for count, place in enumerate(places):
                        numbers[place] = first + count
            case "list_item_open":
                open_lists[-1].append(len(numbers))
                numbers.append(int(token.info) if token.info else None)
    return numbers


def _row(cells: Sequence[Piece]) -> Piece:
    """The cells of a row side by side."""
    shown = [cell for cell in cells if cell.text]
    starts = [0]
    for cell in shown:
        starts.append(starts[-1] + len(cell.text) + 1)
    placed = list(zip(starts, shown, strict=False))
    return Piece(
        "table_row",
        " ".join(cell.text for cell in shown),
        marks=tuple(Marker(at + m.start, at + m.end, m.numbers) for at, cell in placed for m in cell.marks),
        spared=tuple(Span(at + s.start, at + s.end) for at, cell in placed for s in cell.spared),
        links=tuple(Link(at + link.at, link.address) for at, cell in placed for link in cell.links),
    )


def _of_html(source: str, kind: BlockKind) -> Iterator[Piece]:
    """What is seen of HTML that stands in the text: its words, line by line."""
    words = _TAG.sub("", _BLOCK_END.sub("\n", _UNSHOWN.sub("", source)))
    for line in html.unescape(words).split("\n"):
        if line.strip():
            yield Piece(kind, " ".join(line.split()))


class _Inline:
    """Flattens the inline tokens of one block."""

    def __init__(self, definitions: Mapping[str, str], labels: Mapping[str, str], note: str) -> None:
        self._definitions = definitions
        self._labels = labels
        self._note_form = note
        self._texts: list[str] = []
        self._length = 0
        self._marks: list[Marker] = []
        self._spared: list[Span] = []
        self._links: list[Link] = []
        self._link: tuple[int, int, str] | None = None
        """Where the label of the open link begins, in the pieces and in the text, and its address."""
        self._raised = 0
        self._shows_text = False

    def piece(self, tokens: Sequence[Token], kind: BlockKind, *, level: int, number: int | None) -> Piece:
        images = sum(token.type == "image" for token in tokens)
        for token in tokens:
            self._write(token)
        text = "".join(self._texts)
        shift = len(text) - len(text.lstrip())
        return Piece(
            "caption" if images and not self._shows_text and kind == "paragraph" else kind,
            text.strip(),
            marks=tuple(Marker(mark.start - shift, mark.end - shift, mark.numbers) for mark in self._marks),
            spared=tuple(Span(max(0, span.start - shift), span.end - shift) for span in self._spared),
            links=tuple(Link(max(0, link.at - shift), link.address) for link in self._links),
            level=level,
            number=number,
        )

    def _write(self, token: Token) -> None:
        match token.type:
            case "text" | "text_special":
                self._shows_text = self._shows_text or bool(token.content.strip())
                self._add(self._as_raised(token.content) if self._raised and self._link is None else token.content)
            case "code_inline":
                self._shows_text = True
                self._spare(self._length, self._length + len(token.content))
                self._add(token.content)
            case "softbreak" | "hardbreak":
                self._add("\n")
            case "html_inline":
                self._tag(token.content)
            case "image":
                self._add(token.content if not token.children else _alternative(token.children))
            case "footnote_ref":
                self._note(token.meta["id"] + 1)
            case "link_open":
                self._link = (len(self._texts), self._length, str(token.attrs.get("href", "")))
            case "link_close":
                self._end_link()

    def _add(self, text: str) -> None:
        self._texts.append(text)
        self._length += len(text)

    def _spare(self, start: int, end: int) -> None:
        self._spared.append(Span(start, end))

    def _tag(self, tag: str) -> None:
        name = tag.strip("</> ").lower()
        if name == "sup":
            self._raised = max(0, self._raised + (-1 if tag.startswith("</") else 1))
        elif name in {"br", "br/"}:
            self._add("\n")

    def _as_raised(self, text: str) -> str:
        """Raised figures by the signs for them, so that 10³ is not 103."""
        return text.translate(_RAISED) if _RAISED_NUMBERS.fullmatch(text) else text

    def _note(self, number: int) -> None:
        start = self._length
        self._add(self._note_form.format(number))
        self._marks.append(Marker(start, self._length, (number,)))

    def _end_link(self) -> None:
        """A link from a number to a place in this text, or by a definition of that label, is shown in brackets."""
        if self._link is None:
            return
        index, start, address = self._link
        self._link = None
        label = "".join(self._texts[index:])
        if address and not address.startswith("#"):
            self._links.append(Link(start, address))
        if _NUMBER.fullmatch(label) and (address.startswith("#") or address in self._labels):
            self._rewrite(index, start, self._bracketed(label, address))
        elif not _NUMBERS_IN_BRACKETS.fullmatch(label):
            self._spare(start, self._length)

    def _bracketed(self, label: str, address: str) -> str:
        """A label in brackets. Of ``[3][5]`` with a definition of 5, Markdown makes a link of 3 to what 5 means."""
        own = self._definitions.get(label)
        if address.startswith("#") or own is None or own == address:
            return f"[{label}]"
        other = self._labels.get(address, "")
        return f"[{label}][{other}]" if _NUMBER.fullmatch(other) else label

    def _rewrite(self, index: int, start: int, text: str) -> None:
        del self._texts[index:]
        self._length = start
        self._add(text)


def _alternative(tokens: Sequence[Token]) -> str:
    """The words that stand for an image, without the marks of footnotes."""
    found: list[str] = []
    waiting = list(reversed(tokens))
    while waiting:
        token = waiting.pop()
        if token.type == "image" and token.children:
            waiting.extend(reversed(token.children))
        elif token.type in {"text", "text_special", "code_inline"}:
            found.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            found.append(" ")
    return "".join(found)
