"""Which references support which stretch of a document.

A marker covers its own sentence and the unmarked sentences before it in the same block. In a footnote
source, a marker group that stands alone at the end of a prose paragraph closes a study, and covers the
whole of it. Nothing is guessed past an edge: a wrong reference is worse than none.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from corpus.authors import family_key, find_namings
from corpus.documents import Block, Document, Marker, Work, markers_within
from corpus.passages import Basis, Citation
from corpus.sentences import sentence_spans
from corpus.spans import Span

__all__ = ["Study", "Support", "cite", "find_studies", "find_supports"]

_CLOSING = re.compile(r"[\s.,;:!?)\]\"'”’»]*")
_BETWEEN = re.compile(r"[\s,;]*")
_STRENGTH: dict[Basis, int] = {"marked": 0, "named": 1, "inherited": 2}


class Study(msgspec.Struct, frozen=True):
    """A run of consecutive paragraphs that one marker group closes; `lead` is its first sentence."""

    start: int
    end: int
    lead: Span


class Support(msgspec.Struct, frozen=True):
    """A stretch of text that a marker supports, the marker's end included, by one work."""

    start: int
    end: int
    marker: Marker
    number: int
    work: Work


class _Run(NamedTuple):
    """The first and the last paragraph of a study."""

    first: Block
    last: Block


def find_studies(document: Document) -> tuple[Study, ...]:
    """The studies of a document, in its order. They do not overlap."""
    studies = []
    for first, last in _runs(document):
        lead = sentence_spans(document.text, first.start, first.end, document.markers)[0]
        studies.append(Study(first.start, last.end, lead))
    return tuple(studies)


def find_supports(document: Document) -> tuple[Support, ...]:
    """What the markers of a document support, in their order; both starts and ends ascend."""
    works = document.works
    study_starts = {last.start: first.start for first, last in _runs(document)}
    supports: list[Support] = []
    for block in document.blocks:
        groups = _groups(document, block)
        study_start = study_starts.get(block.start)
        starts = _support_starts(document, block, groups) if study_start is None else [study_start]
        for group, start in zip(groups, starts, strict=True):
            supports.extend(
                Support(start, marker.end, marker, number, works[number])
                for marker in group
                for number in marker.numbers
                if number in works
            )
    return tuple(supports)


def cite(document: Document, supports: Sequence[Support], start: int, end: int) -> tuple[Citation, ...]:
    """The citations of the passage ``[start, end)``: one for each work, by its strongest basis."""
    first = bisect_right(supports, start, key=lambda support: support.end)
    last = bisect_left(supports, end, key=lambda support: support.start)
    named = _named_families(document.text[start:end])
    best: dict[str, Citation] = {}
    for support in supports[first:last]:
        citation = Citation(
            reference=support.work.id,
            number=support.number,
            basis=_basis(support, named, marked=start <= support.marker.start < end),
            marker=Span(support.marker.start, support.marker.end),
        )
        known = best.get(citation.reference)
        if known is None or _STRENGTH[citation.basis] < _STRENGTH[known.basis]:
            best[citation.reference] = citation
    return tuple(sorted(best.values(), key=lambda citation: citation.marker.start))


def _basis(support: Support, named: set[str], *, marked: bool) -> Basis:
    return "marked" if marked else "named" if _author_keys([support.work]) & named else "inherited"


def _author_keys(works: Iterable[Work]) -> set[str]:
    return {family_key(work.first_author) for work in works if work.first_author}


def _named_families(text: str) -> set[str]:
    return {family for naming in find_namings(text) for family in naming.families}


def _groups(document: Document, block: Block) -> list[list[Marker]]:
    """The markers of a block; those with nothing but commas and space between them form one group."""
    groups: list[list[Marker]] = []
    for marker in markers_within(document.markers, block.start, block.end):
        if groups and _BETWEEN.fullmatch(document.text, groups[-1][-1].end, marker.start):
            groups[-1].append(marker)
        else:
            groups.append([marker])
    return groups


def _support_starts(document: Document, block: Block, groups: Sequence[Sequence[Marker]]) -> list[int]:
    """Where the support of each group begins: at the sentence after that of the group before it."""
    if not groups:
        return []
    sentences = sentence_spans(document.text, block.start, block.end, document.markers)
    starts = [sentence.start for sentence in sentences]
    own = [bisect_right(starts, group[0].start) - 1 for group in groups]
    return [block.start, *(starts[min(before + 1, at)] for before, at in pairwise(own))]


def _runs(document: Document) -> Iterator[_Run]:
    """The studies of a document as runs of blocks."""
    works = document.works
    known = _author_keys(works.values())
    for i, block in enumerate(document.blocks):
        groups = _groups(document, block)
        if _closes_study(document, block, groups):
            cited = [works[number] for marker in groups[0] for number in marker.numbers if number in works]
            first = _first_of_study(document, i, _author_keys(cited), known)
            yield _Run(document.blocks[first], block)


def _closes_study(document: Document, block: Block, groups: Sequence[Sequence[Marker]]) -> bool:
    return (
        document.footnotes
        and block.kind == "paragraph"
        and len(groups) == 1
        and _CLOSING.fullmatch(document.text, groups[0][-1].end, block.end) is not None
    )


def _first_of_study(document: Document, closing: int, own: set[str], known: set[str]) -> int:
    """The index of the block with which the study begins that the block `closing` ends.

    It goes back over unmarked paragraphs to the nearest that names an author. If that is not the first
    author of a work that closes the study, the run tells of somebody else's work, and nothing is inherited.
    """
    for i in range(closing, -1, -1):
        block = document.blocks[i]
        if i < closing and (block.kind != "paragraph" or _groups(document, block)):
            return i + 1
        namings = find_namings(document.text[block.start : block.end])
        if any(naming.families & own for naming in namings):
            return i
        if any(naming.surely or naming.families & known for naming in namings):
            return closing
    return 0
