"""Paragraphs that stand in a collection more than once, word for word or nearly so.

Two paragraphs are compared by their shingles, runs of `SHINGLE` words, of which a fixed part is kept by its hash
(Manber, Finding similar files in a large file system, 1994), so that the work stays in proportion to the text.
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from corpus.documents import BlockKind, Document
from corpus.passages import without_markers
from corpus.spans import Span

__all__ = ["LEAST_WORDS", "SHINGLE", "SIMILAR", "Duplicate", "Place", "find_duplicates"]

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


def find_duplicates(documents: Iterable[Document]) -> tuple[Duplicate, ...]:
    """For each paragraph that repeats an earlier one, the earlier one that is most like it."""
    places: list[Place] = []
    shingles: list[frozenset[int]] = []
    holders: dict[int, list[int]] = defaultdict(list)
    alike: dict[frozenset[int], int] = {}
    found = []
    for place, own in _paragraphs(documents):
        same = alike.get(own)
        best, similarity = (same, 1.0) if same is not None else _most_alike(own, shingles, holders)
        if best is not None and similarity >= SIMILAR:
            found.append(Duplicate(place, places[best], round(similarity, 3)))
        if same is None:
            alike[own] = len(places)
            for shingle in own:
                if len(holders[shingle]) <= _COMMON:
                    holders[shingle].append(len(places))
            places.append(place)
            shingles.append(own)
    return tuple(found)


def _paragraphs(documents: Iterable[Document]) -> Iterator[tuple[Place, frozenset[int]]]:
    for document in documents:
        for block in document.blocks:
            if block.kind not in _COMPARED:
                continue
            content = without_markers(document.text, block.start, block.end, document.markers)
            words = _WORD.findall(content.casefold())
            if len(words) >= LEAST_WORDS and (own := _shingles(words)):
                yield Place(document.id, Span(block.start, block.end)), own


def _shingles(words: Sequence[str]) -> frozenset[int]:
    runs = (" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))
    hashes = (zlib.crc32(run.encode(errors="surrogatepass")) for run in runs)
    return frozenset(each for each in hashes if each % _KEPT == 0)


def _most_alike(
    own: frozenset[int], shingles: Sequence[frozenset[int]], holders: dict[int, list[int]]
) -> tuple[int | None, float]:
    """The earlier paragraph that shares most with one, and how much."""
    shared = Counter(holder for each in own for holder in holders.get(each, ()) if len(holders[each]) <= _COMMON)
    return max(
        ((other, count / min(len(own), len(shingles[other]))) for other, count in shared.items()),
        key=lambda pair: pair[1],
        default=(None, 0.0),
    )
