"""Which references support which stretch of a document.

A marker covers its own sentence and the unmarked sentences before it in the same block. In a footnote
source, a marker group that stands alone at the end of a prose paragraph closes a study, and covers the
whole of it. Nothing is guessed past an edge: a wrong reference is worse than none.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec

from corpus.documents import Block, Document, Marker, Span, Work
from corpus.passages import Basis, Citation
from corpus.sentences import sentence_spans

__all__ = ["Support", "cite", "find_studies", "find_supports"]

_CLOSING = re.compile(r"[\s.,;:!?)\]\"'”’»]*")
_BETWEEN = re.compile(r"[\s,;]*")
_ET_AL = re.compile(r"\b([A-Z]\w+(?:[-'’]\w+)*)(?:,? [A-Z]{1,3})?,? et al\b")
_STRENGTH: dict[Basis, int] = {"marked": 0, "named": 1, "inherited": 2}


class Support(msgspec.Struct, frozen=True):
    """A stretch of text that a marker supports, the marker's end included."""

    start: int
    end: int
    marker: Marker


def find_supports(document: Document) -> tuple[Support, ...]:
    """What each marker of a document supports, in the order of the markers."""
    supports: list[Support] = []
    for i, block in enumerate(document.blocks):
        groups = _groups(document, block)
        starts = _support_starts(document, block, groups)
        if _closes_study(document, block, groups):
            starts = [document.blocks[_study_start(document, i, groups[0])].start]
        for group, start in zip(groups, starts, strict=True):
            supports.extend(Support(start, marker.end, marker) for marker in group)
    return tuple(supports)


def find_studies(document: Document) -> tuple[Span, ...]:
    """The studies of a document: runs of consecutive paragraphs that one marker group closes."""
    studies: list[Span] = []
    for i, block in enumerate(document.blocks):
        groups = _groups(document, block)
        if _closes_study(document, block, groups):
            first = document.blocks[_study_start(document, i, groups[0])]
            studies.append(Span(first.start, block.end))
    return tuple(studies)


def cite(document: Document, supports: Sequence[Support], start: int, end: int) -> tuple[Citation, ...]:
    """The citations of the passage ``[start, end)``: one for each work, by its strongest basis."""
    works = document.works
    best: dict[str, Citation] = {}
    for support in supports:
        if support.start >= end or support.end <= start:
            continue
        for number in support.marker.numbers:
            work = works.get(number)
            if work is None:
                continue
            citation = Citation(
                reference=work.id,
                number=number,
                basis=_basis(document.text[start:end], work, start <= support.marker.start < end),
                marker=Span(support.marker.start, support.marker.end),
            )
            known = best.get(work.id)
            if known is None or _STRENGTH[citation.basis] < _STRENGTH[known.basis]:
                best[work.id] = citation
    return tuple(sorted(best.values(), key=lambda citation: citation.marker.start))


def _basis(text: str, work: Work, marked: bool) -> Basis:
    return "marked" if marked else "named" if _names(text, work) else "inherited"


def _groups(document: Document, block: Block) -> list[list[Marker]]:
    """The markers of a block; those with nothing but commas and space between them form one group."""
    groups: list[list[Marker]] = []
    for marker in document.markers:
        if not block.start <= marker.start < block.end:
            continue
        last = groups[-1][-1].end if groups else None
        if last is not None and _BETWEEN.fullmatch(document.text, last, marker.start):
            groups[-1].append(marker)
        else:
            groups.append([marker])
    return groups


def _support_starts(document: Document, block: Block, groups: list[list[Marker]]) -> list[int]:
    """Where the support of each group begins: after the sentence of the group before it."""
    if not groups:
        return []
    sentences = sentence_spans(document.text, block.start, block.end, document.markers)
    own = [next(s for s in sentences if s.start <= group[0].start < s.end) for group in groups]
    starts = [block.start]
    for before, sentence in pairwise(own):
        following = [s.start for s in sentences if s.start >= before.end]
        starts.append(sentence.start if sentence == before else min(following))
    return starts


def _closes_study(document: Document, block: Block, groups: list[list[Marker]]) -> bool:
    return (
        document.footnotes
        and block.kind == "paragraph"
        and len(groups) == 1
        and _CLOSING.fullmatch(document.text, groups[0][-1].end, block.end) is not None
    )


def _study_start(document: Document, closing: int, group: list[Marker]) -> int:
    """The index of the block with which the study begins that the block `closing` ends.

    It goes back over unmarked paragraphs to the nearest that names an author. If that is not the first
    author of a work that closes the study, the run tells of somebody else's work, and nothing is inherited.
    """
    works = [work for marker in group for number in marker.numbers if (work := document.works.get(number))]
    for i in range(closing, -1, -1):
        block = document.blocks[i]
        if i < closing and (block.kind != "paragraph" or _groups(document, block)):
            return i + 1
        text = document.text[block.start : block.end]
        if any(_names(text, work) for work in works):
            return i
        if _names_somebody(text, document):
            return closing
    return 0


def _names_somebody(text: str, document: Document) -> bool:
    return bool(_ET_AL.search(text)) or any(_names(text, work) for work in document.works.values())


def _names(text: str, work: Work) -> bool:
    """Whether a text names the first author of a work as the one who did it.

    A family name alone may be a word or a place, so it must be followed by what follows an author:
    ``et al.``, ``and colleagues``, a year in brackets, a possessive.
    """
    pattern = work.first_author and _author_pattern(_plain(work.first_author))
    return bool(pattern and pattern.search(_plain(text)))


@lru_cache(maxsize=4096)
def _author_pattern(family: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){re.escape(family)}(?: [A-Z]{{1,3}})?"
        r"(?:,? et al\b|,? (?:and|&) (?:colleagues|co-?workers|co-?authors|associates)\b"
        r"|(?: (?:and|&) [A-Z][\w-]+)? ?\(?(?:19|20)\d\d\b|['’]s? (?:group|team|study|series|trial|report)\b)"
    )


def _plain(text: str) -> str:
    """Without accents, which wikis often drop from names."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
