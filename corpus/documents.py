"""What a source is once it has been read: a `Document` with blocks, markers and references.

Offsets count Unicode code points in the document's canonical text, half-open ``[start, end)``.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import msgspec

__all__ = [
    "Block",
    "BlockKind",
    "Document",
    "Form",
    "Marker",
    "Reference",
    "Span",
    "Work",
    "markers_within",
]

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "quotation", "caption", "code", "line"]
"""What a block is. A `line` is a short unfinished line of a text export, whose mark-up is lost:
it may have been a list item or a table row, and is treated with the caution that those need."""

Form = Literal["dokuwiki-export", "dokuwiki", "text"]
"""The form of a source, by the name that forces it."""


class Span(msgspec.Struct, frozen=True):
    """A half-open range of code points in a document's canonical text."""

    start: int
    end: int


class Marker(msgspec.Struct, frozen=True):
    """A mark in the text, such as ``3)``, and the reference numbers that it names.

    The span holds the mark alone, without the space before it.
    """

    start: int
    end: int
    numbers: tuple[int, ...]


def markers_within(markers: Sequence[Marker], start: int, end: int) -> Sequence[Marker]:
    """Those of some markers, given in the order of the text, that lie in ``[start, end)`` whole."""
    first = bisect_left(markers, start, key=lambda marker: marker.start)
    last = bisect_left(markers, end, key=lambda marker: marker.start)
    if first < last and markers[last - 1].end > end:
        last -= 1
    return markers[first:last]


class Block(msgspec.Struct, frozen=True):
    """A paragraph, list item, table row and so on.

    `headings` are the headings above the block, outermost first, without the document's title.
    `locator` is the place in the original (page of a PDF, section id of an article), if it has one.
    """

    kind: BlockKind
    start: int
    end: int
    headings: tuple[str, ...] = ()
    locator: str | None = None


class Work(msgspec.Struct, frozen=True):
    """The thing cited, the same across documents.

    `id` is ``pmid:…``, else ``doi:…``, else ``text:`` and a hash of the normalised note; `text` is
    the note word for word. A field that the note does not carry is None.
    """

    id: str
    text: str
    first_author: str | None = None
    year: int | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    url: str | None = None


class Reference(msgspec.Struct, frozen=True):
    """A number of a document, and the work to which it points. Several numbers may point to one."""

    number: int
    work: Work


class Document(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One source, read: the canonical text and where its blocks, markers and references stand.

    `text` is what a reader sees, markers included; `sha256` is that of `text` in UTF-8, and
    `source_sha256` that of the original bytes. `footnotes` tells whether the numbers are footnote
    marks, each standing at the end of what it supports; only those are inherited by earlier paragraphs.
    """

    id: str
    title: str
    form: Form
    text: str
    sha256: str
    source_sha256: str
    footnotes: bool = False
    url: str | None = None
    modified: str | None = None
    blocks: tuple[Block, ...] = ()
    markers: tuple[Marker, ...] = ()
    references: tuple[Reference, ...] = ()

    @cached_property
    def works(self) -> dict[int, Work]:
        """The work behind each number of this document."""
        return {reference.number: reference.work for reference in self.references}
