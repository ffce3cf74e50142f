"""Paragraphs that stand in a collection more than once, word for word or nearly so.

Two paragraphs are compared by their shingles, runs of `SHINGLE` words, of which a fixed part is kept by its hash
(Manber, Finding similar files in a large file system, 1994), so that the work stays in proportion to the text.
What seems to be repeated is then compared as a whole.
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from corpus.documents import Block, BlockKind, Document
from corpus.passages import without_markers
from corpus.spans import Span

__all__ = [
    "LEAST_WORDS",
    "SHINGLE",
    "SIMILAR",
    "Duplicate",
    "Place",
    "find_duplicates",
    "folded_words",
    "runs",
]

LEAST_WORDS = 20
"""Shorter paragraphs are alike by chance."""
SHINGLE = 4
"""Words in a run that is compared."""
SIMILAR = 0.7
"""The share of the shorter paragraph's shingles from which on the longer repeats it."""

_KEPT = 2
"""One shingle of so many is kept."""
_COMMON = 200
"""A shingle that stands in more paragraphs than this tells nothing of any."""
_COMPARED: frozenset[BlockKind] = frozenset({"paragraph", "list_item", "quotation"})
"""Rows of tables and captions of figures are alike by nature."""
_WORD = re.compile(r"\w+")


class Place(msgspec.Struct, frozen=True):
    """A paragraph of a document."""

    document: str
    span: Span


class Duplicate(msgspec.Struct, frozen=True):
    """A paragraph, one before it that it repeats, and the share of the shorter one's shingles that both have."""

    place: Place
    earlier: Place
    similarity: float


class _Paragraph(NamedTuple):
    """A paragraph that is long enough to be compared, and the part of its shingles that is kept."""

    document: Document
    block: Block
    kept: frozenset[int]

    @property
    def place(self) -> Place:
        return Place(self.document.id, Span(self.block.start, self.block.end))


def find_duplicates(documents: Iterable[Document]) -> tuple[Duplicate, ...]:
    """For each paragraph that repeats an earlier one, the earlier one that is most like it."""
    seen: list[_Paragraph] = []
    holders: dict[int, list[int]] = defaultdict(list)
    alike: dict[frozenset[int], int] = {}
    found = []
    for paragraph in _paragraphs(documents):
        own = paragraph.kept
        same = alike.get(own)
        best, similarity = (same, 1.0) if same is not None else _most_alike(own, seen, holders)
        if best is not None and similarity >= SIMILAR and (share := _share(paragraph, seen[best])) >= SIMILAR:
            found.append(Duplicate(paragraph.place, seen[best].place, round(share, 3)))
        if same is None:
            alike[own] = len(seen)
            for shingle in own:
                if len(holders[shingle]) <= _COMMON:
                    holders[shingle].append(len(seen))
            seen.append(paragraph)
    return tuple(found)


def _paragraphs(documents: Iterable[Document]) -> Iterator[_Paragraph]:
    for document in documents:
        for block in document.blocks:
            if block.kind not in _COMPARED:
                continue
            words = _words(document, block)
            kept = frozenset(each for each in _shingles(words) if each % _KEPT == 0)
            if len(words) >= LEAST_WORDS and kept:
                yield _Paragraph(document, block, kept)


def _words(document: Document, block: Block) -> list[str]:
    return folded_words(without_markers(document.text, block.start, block.end, document.markers))


def folded_words(text: str) -> list[str]:
    """The words of a text, without differences of case."""
    return _WORD.findall(text.casefold())


def runs(words: Sequence[str]) -> Iterator[str]:
    """The runs of `SHINGLE` words; of fewer words, all of them.

    >>> list(runs(["it", "rose", "and", "then", "fell"])), list(runs(["it", "fell"]))
    (['it rose and then', 'rose and then fell'], ['it fell'])
    """
    return (" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1)))


def _shingles(words: Sequence[str]) -> frozenset[int]:
    return frozenset(zlib.crc32(run.encode(errors="surrogatepass")) for run in runs(words))


def _share(paragraph: _Paragraph, earlier: _Paragraph) -> float:
    """The share of all shingles, since of a short paragraph few are kept."""
    own, other = (_shingles(_words(each.document, each.block)) for each in (paragraph, earlier))
    return len(own & other) / min(len(own), len(other))


def _most_alike(
    own: frozenset[int], seen: Sequence[_Paragraph], holders: dict[int, list[int]]
) -> tuple[int | None, float]:
    """The earlier paragraph that shares most with one, and how much."""
    shared = Counter(holder for each in own for holder in holders.get(each, ()) if len(holders[each]) <= _COMMON)
    return max(
        ((other, count / min(len(own), len(seen[other].kept))) for other, count in shared.items()),
        key=lambda pair: pair[1],
        default=(None, 0.0),
    )
