"""What a document says nearest to a quotation that does not stand in it, word by word."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec
from rapidfuzz.distance import Indel

from corpus.documents import Document
from corpus.folding import Folded, fold, marked_spans, plain
from corpus.quotations import without_marks
from corpus.spans import Span

__all__ = ["Alignment", "Piece", "Probe", "align", "align_at", "is_near_copy", "probe"]

_WORD = re.compile(r"\w+|[^\w\s\x00]")
_PROBE, _SHORTEST_PROBE, _PROBES = 24, 8, 8
"""Folded characters of a probe, about four words, fewer for a short quotation, and how many of them are looked for."""
NEAR_COPY = 0.8
"""The similarity from which on other words may be the quotation, of which a copy was made before it was changed."""

_MOST_PLACES = 20
"""A probe that stands at more places of a document says little of where the quotation was."""
_GAP = 0.5
"""What a character between matches costs, of what a matching character brings: a sentence that was put
into a quotation keeps its halves together, a word that matches by chance far away is not reached."""


Kind = Literal["equal", "insert", "delete"]
_KINDS: dict[str, Kind] = {"equal": "equal", "insert": "insert", "delete": "delete"}


class Piece(msgspec.Struct, frozen=True):
    """A run of words that are in both texts, only in the document (`insert`), or only in the quotation (`delete`).

    `span` is its place in the document's text, and is null for what is deleted.
    """

    kind: Kind
    text: str
    span: Span | None


class Alignment(msgspec.Struct, frozen=True):
    """The text of a document that is nearest to a quotation.

    `similarity` is twice the number of characters in words that both have in the same order, over the
    number of characters in all words of both: 1 where all words are equal, 0 where none is.
    """

    document: str
    span: Span
    similarity: float
    diff: tuple[Piece, ...]


class Probe(NamedTuple):
    """An offset in a folded text, and how many parts of a quotation speak for it."""

    start: int
    votes: int


class _Word(NamedTuple):
    folded: str
    start: int
    end: int


class _Op(NamedTuple):
    kind: Kind
    quoted: range
    found: range


def probe(exact: str, folded: Folded, *, bare: bool = False) -> list[Probe]:
    """Where in a folded text a quotation that was edited may begin, at most three places, the likeliest first."""
    text = fold(exact if bare else without_marks(exact))
    length = min(_PROBE, max(_SHORTEST_PROBE, len(text) // 4))
    starts = range(0, max(1, len(text) - length // 2), length)
    step = max(1, len(starts) // _PROBES)
    votes: Counter[int] = Counter()
    width = max(_PROBE, len(text) // 2)
    for start in starts[::step]:
        for at in _places(text[start : start + length], folded.text):
            votes[max(0, at - start) // width] += 1
    return [Probe(bucket * width, count) for bucket, count in votes.most_common(3)]


def align_at(
    exact: str, document: Document, folded: Folded, start: int, end: int, *, bare: bool = False
) -> list[Alignment]:
    """The alignment with a window of a folded document, which may reach beyond its ends; none if it holds nothing."""
    start, end = max(0, start), min(len(folded.text), end)
    aligned = align(exact, document, folded.span(start, end), bare=bare) if start < end else None
    return [aligned] if aligned else []


def is_near_copy(
    exact: str, document: Document, folded: Folded, start: int, own: Span | None, *, bare: bool = False
) -> bool:
    """Whether much the same words, and not the very same, stand about an offset, apart from their `own` place."""
    width = len(exact)
    for found in align_at(exact, document, folded, start - width // 2, start + 2 * width, bare=bare):
        apart = own is None or found.span.end <= own.start or own.end <= found.span.start
        if apart and NEAR_COPY <= found.similarity < 1:
            return True
    return False


def _places(words: str, text: str) -> list[int]:
    places: list[int] = []
    at = text.find(words)
    while at >= 0:
        if len(places) == _MOST_PLACES:
            return []
        places.append(at)
        at = text.find(words, at + 1)
    return places


def align(exact: str, document: Document, window: Span, *, bare: bool = False) -> Alignment | None:
    """The part of a window of a document that is nearest to a quotation, if they share a word.

    A `bare` quotation has no marks that would be left out.

    >>> from corpus.sources import read_text
    >>> page = read_text("Pain eased. It rose to eight. Then it fell.", identity="page")
    >>> found = align("It rose to nine.", page, Span(0, 43))
    >>> found.span, found.similarity
    (Span(start=12, end=29), 0.6667)
    >>> [(piece.kind, piece.text) for piece in found.diff]
    [('equal', 'It rose to '), ('delete', 'nine'), ('insert', 'eight'), ('equal', '.')]
    """
    quotation = exact if bare else without_marks(exact)
    quoted = _words(quotation, 0)
    found = _words(_bare(document, window), window.start)
    kept = _nearest(quoted, found)
    if kept is None:
        return None
    found = found[_extended(document, found, kept)]
    ops = _ops(quoted, found)
    equal = 2 * sum(_length(found[op.found.start : op.found.stop]) for op in ops if op.kind == "equal")
    span = Span(found[0].start, found[-1].end)
    diff = tuple(_pieces(ops, quotation, quoted, document.text, found))
    return Alignment(document.id, span, round(equal / (_length(quoted) + _length(found)), 4), diff)


def _words(text: str, offset: int) -> list[_Word]:
    return [_Word(plain(word.group()), offset + word.start(), offset + word.end()) for word in _WORD.finditer(text)]


def _bare(document: Document, window: Span) -> str:
    """The text of a window, each marker blanked, so that offsets stay."""
    text, at, parts = document.text, window.start, []
    for marker in marked_spans(text, document.markers, window.start, window.end):
        parts += [text[at : marker.start], "\x00" * (marker.end - marker.start)]
        at = marker.end
    return "".join([*parts, text[at : window.end]])


def _length(words: Iterable[_Word]) -> int:
    return sum(len(word.folded) for word in words)


def _ops(quoted: Sequence[_Word], found: Sequence[_Word]) -> list[_Op]:
    """The runs of both, what was deleted before what was inserted in its stead."""
    ops: list[_Op] = []
    for op in Indel.opcodes([word.folded for word in quoted], [word.folded for word in found]):
        each = _Op(_KINDS[op.tag], range(op.src_start, op.src_end), range(op.dest_start, op.dest_end))
        before = each.kind == "delete" and ops and ops[-1].kind == "insert"
        ops.insert(len(ops) - bool(before), each)
    return ops


class _Kept(NamedTuple):
    """The words of a window that were kept, and how many of the quotation's stand before and after them."""

    found: slice
    before: int
    after: int


def _nearest(quoted: Sequence[_Word], found: Sequence[_Word]) -> _Kept | None:
    """The run of matches with the greatest worth: their characters less a share of those between them."""
    best, worth, reached, first = 0.0, 0.0, 0, None
    kept = None
    for op in _ops(quoted, found):
        if op.kind != "equal":
            continue
        between = _length(found[reached : op.found.start])
        if first is None or worth - _GAP * between <= 0:
            first, worth = op, 0.0
        else:
            worth -= _GAP * between
        worth += _length(found[op.found.start : op.found.stop])
        reached = op.found.stop
        if worth > best:
            best = worth
            kept = _Kept(slice(first.found.start, reached), first.quoted.start, len(quoted) - op.quoted.stop)
    return kept


def _extended(document: Document, found: Sequence[_Word], kept: _Kept) -> slice:
    """As many words more at each end as the quotation has there, within its block and its sentence."""
    block = _block(document, found[kept.found.start].start)
    start = kept.found.start
    while start and kept.found.start - start < kept.before:
        before = found[start - 1]
        if before.start < block.start or before.folded in {".", "!", "?"}:
            break
        start -= 1
    block = _block(document, found[kept.found.stop - 1].start)
    stop = kept.found.stop
    while stop < len(found) and stop - kept.found.stop < kept.after:
        if found[stop].end > block.end or found[stop - 1].folded in {".", "!", "?"}:
            break
        stop += 1
    return slice(start, stop)


def _block(document: Document, place: int) -> Span:
    at = bisect_right(document.blocks, place, key=lambda block: block.start) - 1
    if at < 0 or place >= document.blocks[at].end:
        return Span(place, place)
    return Span(document.blocks[at].start, document.blocks[at].end)


def _pieces(
    ops: Sequence[_Op], quotation: str, quoted: Sequence[_Word], text: str, found: Sequence[_Word]
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
