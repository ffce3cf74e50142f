"""Bibliographic records in the fields of CSL-JSON.

Source: the Citation Style Language's schema ``csl-data.json``, of which this is the part that citation strings
and article XML fill. A field that the source does not carry is absent: nothing is invented.
"""

from typing import Literal

import msgspec

__all__ = ["Date", "Item", "ItemType", "Name"]

ItemType = Literal[
    "article-journal", "article", "book", "chapter", "paper-conference", "report", "thesis", "webpage", "document"
]


class Name(msgspec.Struct, frozen=True, omit_defaults=True, rename="kebab"):
    """A person by `family`, `given` (or initials) and `suffix`, or an organisation by its `literal` name."""

    family: str | None = None
    given: str | None = None
    suffix: str | None = None
    literal: str | None = None


class Date(msgspec.Struct, frozen=True, omit_defaults=True, rename="kebab"):
    """A date as year, or year and month, or year, month and day; a range is two of them.

    `season` counts from 1, spring, to 4, winter.

    >>> msgspec.json.encode(Date(((2021, 2),)))
    b'{"date-parts":[[2021,2]]}'
    """

    date_parts: tuple[tuple[int, ...], ...]
    season: int | None = None


class Item(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, rename="kebab"):
    """What is known of a work. CSL-JSON asks for an `id` too, which the work has.

    `genre` holds the publication types that the source itself names (``Review``), parted by semicolons.
    """

    type: ItemType = "document"
    author: tuple[Name, ...] = ()
    editor: tuple[Name, ...] = ()
    title: str | None = None
    container_title: str | None = None
    issued: Date | None = None
    accessed: Date | None = None
    volume: str | None = None
    issue: str | None = None
    page: str | None = None
    number: str | None = None
    edition: str | None = None
    publisher: str | None = None
    publisher_place: str | None = None
    language: str | None = None
    genre: str | None = None
    doi: str | None = msgspec.field(default=None, name="DOI")
    pmid: str | None = msgspec.field(default=None, name="PMID")
    pmcid: str | None = msgspec.field(default=None, name="PMCID")
    isbn: str | None = msgspec.field(default=None, name="ISBN")
    url: str | None = msgspec.field(default=None, name="URL")
