"""What a source is once it has been read: a `Document` with blocks, markers and references.

Offsets count Unicode code points in the document's canonical text, half-open ``[start, end)``.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Literal
from urllib.parse import quote

import msgspec

from corpus.csl import Item
from corpus.findings import Finding

__all__ = [
    "Block",
    "BlockKind",
    "Document",
    "Form",
    "Marker",
    "Reference",
    "Work",
    "markers_within",
]

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "quotation", "caption", "code", "line"]
"""What a block is. A `line` is a short unfinished line of a text export, whose mark-up is lost:
it may have been a list item or a table row, and is treated with the caution that those need."""

Form = str
"""The form of a source, by the name that forces it; `corpus.readers` knows all."""


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
    `locator` is the place in the original (page of a PDF, section id of an article), if it has one. `apart` tells
    that a rule, or the edge of a box, stands between the block before and this one.
    """

    kind: BlockKind
    start: int
    end: int
    headings: tuple[str, ...] = ()
    locator: str | None = None
    apart: bool = False


class Work(msgspec.Struct, frozen=True):
    """The thing cited, the same across documents.

    `id` is ``pmid:…``, else ``doi:…``, else ``text:`` and a hash of the normalised note; `text` is
    the note word for word, and `csl` what could be read of it.
    """

    id: str
    text: str
    csl: Item = Item()

    @property
    def first_author(self) -> str | None:
        """The family name of the first author, or the name of the organisation that stands there."""
        return (self.csl.author[0].family or self.csl.author[0].literal) if self.csl.author else None

    @property
    def byline(self) -> str | None:
        """Who it is by, as short citations say it; `text` may tell of more authors than it names.

        >>> from corpus.references import parse_work
        >>> parse_work("Ash B, Elm C. On trees. J Bot. 2001;1:2.").byline
        'Ash & Elm'
        >>> parse_work("Ash B, et al. On trees. J Bot. 2001;1:2.").byline
        'Ash et al.'
        """
        names = [name for author in self.csl.author if (name := author.family or author.literal)]
        if not names:
            return None
        return f"{names[0]} et al." if len(names) > 2 or " et al" in self.text else " & ".join(names)

    @property
    def year(self) -> int | None:
        """The year of publication."""
        return self.csl.issued.date_parts[0][0] if self.csl.issued else None

    @property
    def doi(self) -> str | None:
        """The DOI, without the address of a resolver."""
        return self.csl.doi

    @property
    def pmid(self) -> str | None:
        """The number in PubMed."""
        return self.csl.pmid

    @property
    def pmcid(self) -> str | None:
        """The number in PubMed Central, ``PMC`` included."""
        return self.csl.pmcid

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Its PMID, DOI and PMCID, as far as known, each under its kind and in lower case: ``doi:10.1000/x``."""
        named = (("pmid", self.pmid), ("doi", self.doi), ("pmcid", self.pmcid))
        return tuple(f"{kind}:{value.lower()}" for kind, value in named if value)

    @property
    def url(self) -> str | None:
        """Where the work can be read: the link in the note, else that of its DOI, else that of its PMID."""
        if self.csl.url:
            return self.csl.url
        if self.doi:
            return f"https://doi.org/{quote(self.doi, safe='/:;()')}"
        return self.pmid and f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"


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
    findings: tuple[Finding, ...] = ()
    """What its reader noticed."""

    @cached_property
    def works(self) -> dict[int, Work]:
        """The work behind each number of this document; a number given to several works means none for certain."""
        found: dict[int, dict[str, Work]] = {}
        for reference in self.references:
            found.setdefault(reference.number, {}).setdefault(reference.work.id, reference.work)
        return {number: next(iter(works.values())) for number, works in found.items() if len(works) == 1}
