"""Which references support which stretch of a document.

A marker covers its own sentence and the unmarked sentences before it in the same block, back to the marker before
or to the naming of somebody else. In a footnote source, a marker group that closes a study covers its paragraphs.
Nothing is guessed past an edge: a wrong reference is worse than none.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from corpus.authors import Naming, find_namings
from corpus.cited_authors import Cited
from corpus.documents import Block, Document, Marker, Work
from corpus.passages import Basis, Citation
from corpus.sentences import sentence_spans
from corpus.spans import Span
from corpus.studies import Page, Study, find_studies, marker_groups

__all__ = [
    "Attribution",
    "Doubt",
    "Study",
    "Support",
    "attribute",
    "cite",
    "find_doubts",
    "find_studies",
    "find_supports",
]

_STRENGTH: dict[Basis, int] = {"marked": 0, "named": 1, "inherited": 2}


class Support(msgspec.Struct, frozen=True):
    """A stretch of text that a marker supports by one work; the last one of a marker ends with the marker.

    `rivals` are the years, as far as known, of other works in the document whose first author has the same name.
    """

    start: int
    end: int
    marker: Marker
    number: int
    work: Work
    rivals: frozenset[int | None] = frozenset()


class Doubt(msgspec.Struct, frozen=True):
    """A paragraph without a marker before a study, which its `numbers` may be meant to cover; nothing tells so."""

    start: int
    end: int
    numbers: tuple[int, ...]


class Attribution(msgspec.Struct, frozen=True):
    """The supports and the studies of a document."""

    supports: tuple[Support, ...]
    studies: tuple[Study, ...]


def attribute(document: Document) -> Attribution:
    """What `find_supports` and `find_studies` find, in one reading of the document."""
    page = Page(document)
    return Attribution(_supports(document, page), page.studies())


def find_supports(document: Document) -> tuple[Support, ...]:
    """What the markers of a document support, in the order of the text; starts ascend, and so do ends."""
    return _supports(document, Page(document))


def _supports(document: Document, page: Page) -> tuple[Support, ...]:
    return tuple(support for block in document.blocks for support in _of_block(document, page, block))


def find_doubts(document: Document) -> tuple[Doubt, ...]:
    r"""The paragraphs that an author may have meant a later marker to cover, though no evidence binds them to it.

    >>> from corpus.sources import read_text
    >>> page = read_text("It rose.\n\nIt fell ((Alpha A. Title. 2001. PMID: 1.)).", identity="page", form="dokuwiki")
    >>> find_doubts(page)
    (Doubt(start=0, end=8, numbers=(1,)),)
    """
    page = Page(document)
    return tuple(
        Doubt(block.start, block.end, run.numbers)
        for run in page.runs.values()
        for block in map(document.blocks.__getitem__, run.doubtful)
    )


def cite(document: Document, supports: Sequence[Support], start: int, end: int) -> tuple[Citation, ...]:
    """The citations of the passage ``[start, end)``: one for each work, by its strongest basis."""
    first = bisect_right(supports, start, key=lambda support: support.end)
    last = bisect_left(supports, end, key=lambda support: support.start)
    namings = find_namings(document.text[start:end]) if first < last else []
    best: dict[str, Citation] = {}
    for support in supports[first:last]:
        citation = Citation(
            reference=support.work.id,
            number=support.number,
            basis=_basis(support, namings, marked=start <= support.marker.start < end),
            marker=Span(support.marker.start, support.marker.end),
        )
        known = best.get(citation.reference)
        if known is None or _STRENGTH[citation.basis] < _STRENGTH[known.basis]:
            best[citation.reference] = citation
    return tuple(sorted(best.values(), key=lambda citation: citation.marker.start))


def _basis(support: Support, namings: Sequence[Naming], *, marked: bool) -> Basis:
    if marked:
        return "marked"
    return "named" if any(naming.means(support.work, support.rivals) for naming in namings) else "inherited"


def _of_block(document: Document, page: Page, block: Block) -> Iterator[Support]:
    """The supports of the markers of a block, which may begin in paragraphs before it."""
    groups = marker_groups(document, block)
    run = page.runs.get(block.start)
    for group, start in zip(groups, _starts(document, page, block, groups), strict=True):
        works = [(marker, number) for marker in group for number in marker.numbers if number in document.works]
        *earlier, last = run.parts(document) if run else [Span(start, block.end)]
        for part in earlier:
            yield from (_support(document, page, part.start, part.end, *work) for work in works)
        first = start if last.start == block.start else last.start
        yield from (_support(document, page, first, marker.end, marker, number) for marker, number in works)


def _support(document: Document, page: Page, start: int, end: int, marker: Marker, number: int) -> Support:
    work = document.works[number]
    return Support(start, end, marker, number, work, page.authors.rivals(work))


def _starts(document: Document, page: Page, block: Block, groups: Sequence[Sequence[Marker]]) -> list[int]:
    """Where in the block the support of each group begins: at the sentence after that of the group before it."""
    if not groups:
        return []
    sentences = sentence_spans(document.text, block.start, block.end, document.markers)
    firsts = [sentence.start for sentence in sentences]
    own = [bisect_right(firsts, group[0].start) - 1 for group in groups]
    begins = [0, *(min(before + 1, at) for before, at in pairwise(own))]
    return [
        sentences[_after_others(page, sentences, begin, at, page.cited(group))].start
        for begin, at, group in zip(begins, own, groups, strict=True)
    ]


def _after_others(page: Page, sentences: Sequence[Span], begin: int, at: int, cited: Cited) -> int:
    """The sentence, from `begin` to that of the marker, with which a paragraph has turned from others to its works.

    It is the first that names their author after the last that names somebody else; without it, the marker's own.
    """
    others = False
    for i in range(begin, at):
        who = page.authors.who(sentences[i], cited)
        if who == "other":
            others = True
        elif who == "own" and others:
            begin, others = i, False
    return at if others else begin
