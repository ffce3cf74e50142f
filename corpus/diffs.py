"""Two texts as runs of words that both have, or that only one of them has."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec
from rapidfuzz.distance import Indel

from corpus.documents import Document
from corpus.folding import marked_spans, plain
from corpus.spans import Span

__all__ = ["Op", "Piece", "Word", "aligned_length", "blanked", "changes", "length", "pieces", "words"]

_WORD = re.compile(r"(?:(?<![\w.,])[.,])?\d+(?:[.,'’·٫٬]\d+)*\w*|\w+|[^\w\s\x00]")
"""A number with its separators and its decimal point, a word, or a sign. Half a number says something else."""

Kind = Literal["equal", "insert", "delete"]
_KINDS: dict[str, Kind] = {"equal": "equal", "insert": "insert", "delete": "delete"}


class Piece(msgspec.Struct, frozen=True):
    """A run of words that are in both texts, only in the document (`insert`), or only in the quotation (`delete`).

    `span` is its place in the document's text, and is null for what is deleted.
    """

    kind: Kind
    text: str
    span: Span | None


class Word(NamedTuple):
    """A word, number or sign with plain signs, and its place."""

    folded: str
    start: int
    end: int


class Op(NamedTuple):
    """A run of a diff: which words of the quotation and which of the document it takes."""

    kind: Kind
    quoted: range
    found: range


def words(text: str, offset: int) -> list[Word]:
    """The words, numbers and signs of a text that begins at an offset.

    >>> [word.folded for word in words("Of 1,200 rose .5 to 3.5mg, p<.01.", 0)]
    ['Of', '1,200', 'rose', '.5', 'to', '3.5mg', ',', 'p', '<', '.01', '.']
    """
    return [Word(plain(word.group()), offset + word.start(), offset + word.end()) for word in _WORD.finditer(text)]


def blanked(document: Document, window: Span) -> str:
    """The text of a window, each marker blanked, so that offsets stay."""
    text, at, parts = document.text, window.start, []
    for marker in marked_spans(text, document.markers, window.start, window.end):
        parts += [text[at : marker.start], "\x00" * (marker.end - marker.start)]
        at = marker.end
    return "".join([*parts, text[at : window.end]])


def length(words: Iterable[Word]) -> int:
    """The number of characters in words."""
    return sum(len(word.folded) for word in words)


def aligned_length(document: Document, diff: Iterable[Piece], span: Span) -> int:
    """How many characters of words that both texts have, in whatever case, stand within a span of the document."""
    before = Piece("equal", "", None)
    shared: list[Span] = []
    for piece in diff:
        same = piece.kind == "equal" or piece.text.strip().lower() == before.text.strip().lower()
        shared += [piece.span] if piece.span and same else []
        before = piece
    parts = (Span(max(each.start, span.start), min(each.end, span.end)) for each in shared)
    return sum(length(words(blanked(document, part), 0)) for part in parts if part.start < part.end)


def changes(quoted: Sequence[Word], found: Sequence[Word]) -> list[Op]:
    """The runs of both, what was deleted before what was inserted in its stead."""
    ops: list[Op] = []
    for op in Indel.opcodes([word.folded for word in quoted], [word.folded for word in found]):
        each = Op(_KINDS[op.tag], range(op.src_start, op.src_end), range(op.dest_start, op.dest_end))
        before = each.kind == "delete" and ops and ops[-1].kind == "insert"
        ops.insert(len(ops) - bool(before), each)
    return ops


def pieces(
    ops: Sequence[Op], quotation: str, quoted: Sequence[Word], text: str, found: Sequence[Word]
) -> Iterator[Piece]:
    """The runs with the white space behind them, so that they join to the whole."""
    quoted_ends = [*(b.start for _, b in pairwise(quoted)), quoted[-1].end]
    found_ends = [*(b.start for _, b in pairwise(found)), found[-1].end]
    for op in ops:
        if op.kind == "delete":
            yield Piece("delete", quotation[quoted[op.quoted.start].start : quoted_ends[op.quoted.stop - 1]], None)
        else:
            span = Span(found[op.found.start].start, found_ends[op.found.stop - 1])
            yield Piece(op.kind, text[span.start : span.end], span)
