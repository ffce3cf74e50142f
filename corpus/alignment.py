"""What a document says nearest to a quotation that does not stand in it, word by word."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from corpus.diffs import Op, Piece, Word, blanked, changes, length, pieces, words
from corpus.documents import Document
from corpus.folding import Folded, fold
from corpus.quotations import without_marks
from corpus.spans import Span

__all__ = ["Alignment", "Probe", "align", "align_at", "is_near_copy", "probe", "recased"]

_PROBE, _SHORTEST_PROBE, _PROBES = 24, 8, 8
"""Folded characters of a probe, about four words, fewer for a short quotation, and how many of them are looked for."""
NEAR_COPY = 0.8
"""The similarity from which on other words may be the quotation, of which a copy was made before it was changed."""

_MOST_PLACES = 20
"""A probe that stands at more places of a document says little of where the quotation was."""
_GAP = 0.5
"""What a character between matches costs, of what a matching character brings: a sentence that was put
into a quotation keeps its halves together, a word that matches by chance far away is not reached."""
_EDGE = 12
"""What an edge between two blocks costs where the quotation has no line break: a word or two that match by chance
beyond it are not reached, the other part of a paragraph that was cut in two is."""


class Alignment(msgspec.Struct, frozen=True):
    """The text of a document that is nearest to a quotation.

    `similarity` is twice the number of characters in words that both have in the same order, over the
    number of characters in all words of both: 1 where all words are equal or differ by case alone, 0 where none is.
    """

    document: str
    span: Span
    similarity: float
    diff: tuple[Piece, ...]


class Probe(NamedTuple):
    """An offset in a folded text, and how many parts of a quotation speak for it."""

    start: int
    votes: int


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


def recased(exact: str, document: Document, span: Span, *, bare: bool = False) -> Alignment:
    """The alignment with a span that has the words in another case, which the similarity passes over."""
    quotation = exact if bare else without_marks(exact)
    quoted, found = words(quotation, 0), words(blanked(document, span), span.start)
    diff = pieces(changes(quoted, found), quotation, quoted, document.text, found)
    return Alignment(document.id, span, 1.0, tuple(diff))


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
    quoted = words(quotation, 0)
    found = words(blanked(document, window), window.start)
    kept = _nearest(_Texts(quotation, quoted, document, found))
    if kept is None:
        return None
    found = found[_extended(document, found, kept)]
    ops = changes(quoted, found)
    equal = 2 * sum(length(found[op.found.start : op.found.stop]) for op in ops if op.kind == "equal")
    span = Span(found[0].start, found[-1].end)
    diff = tuple(pieces(ops, quotation, quoted, document.text, found))
    return Alignment(document.id, span, round(equal / (length(quoted) + length(found)), 4), diff)


class _Texts(NamedTuple):
    """A quotation and a window of a document, with their words."""

    quotation: str
    quoted: Sequence[Word]
    document: Document
    found: Sequence[Word]

    def matches(self) -> Iterator[Op]:
        """The runs of equal words, cut at the edges of blocks."""
        for op in changes(self.quoted, self.found):
            if op.kind != "equal":
                continue
            cuts = [at for at in op.found[1:] if self._parted(at - 1, at)]
            for start, stop in pairwise([op.found.start, *cuts, op.found.stop]):
                shift = op.quoted.start - op.found.start
                yield Op("equal", range(start + shift, stop + shift), range(start, stop))

    def gap(self, left: Op, right: Op) -> float:
        """What stands against joining two runs: the words between them, and an edge that the quotation has not."""
        cost = _GAP * length(self.found[left.found.stop : right.found.start])
        between = self.quotation[self.quoted[left.quoted.stop - 1].end : self.quoted[right.quoted.start].start]
        return cost + _EDGE * ("\n" not in between and self._parted(left.found.stop - 1, right.found.start))

    def _parted(self, left: int, right: int) -> bool:
        """Whether two words of the window stand in different blocks."""
        return _stretch(self.document, self.found[left].start) != _stretch(self.document, self.found[right].start)


class _Kept(NamedTuple):
    """The words of a window that were kept, and how many of the quotation's stand before and after them."""

    found: slice
    before: int
    after: int


def _nearest(texts: _Texts) -> _Kept | None:
    """The run of matches with the greatest worth: their characters less what stands between them."""
    best, worth, first, last = 0.0, 0.0, None, None
    kept = None
    for op in texts.matches():
        gap = texts.gap(last, op) if last else 0.0
        if first is None or worth - gap <= 0:
            first, worth, gap = op, 0.0, 0.0
        worth += length(texts.found[op.found.start : op.found.stop]) - gap
        last = op
        if worth > best:
            best = worth
            after = len(texts.quoted) - op.quoted.stop
            kept = _Kept(slice(first.found.start, op.found.stop), first.quoted.start, after)
    return kept


def _extended(document: Document, found: Sequence[Word], kept: _Kept) -> slice:
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
    at, beyond = _stretch(document, place)
    return Span(place, place) if beyond else Span(document.blocks[at].start, document.blocks[at].end)


class _Stretch(NamedTuple):
    """A block, or what stands `beyond` it and before the next: headings."""

    block: int
    beyond: bool


def _stretch(document: Document, place: int) -> _Stretch:
    at = bisect_right(document.blocks, place, key=lambda block: block.start) - 1
    return _Stretch(at, at < 0 or place >= document.blocks[at].end)
