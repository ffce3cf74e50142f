"""Works in RIS, which reference managers read. Written by rispy.

Source of the tags: the RIS format specification of Research Information Systems, as reference managers use it.
"""

import re
from collections.abc import Sequence

import rispy

from corpus.bibliography.records import Record, record, year_month_day
from corpus.csl import ItemType, Name
from corpus.documents import Work

__all__ = ["ris"]

_TYPES: dict[ItemType, str] = {
    "article-journal": "JOUR",
    "article": "UNPB",
    "book": "BOOK",
    "chapter": "CHAP",
    "paper-conference": "CPAPER",
    "report": "RPRT",
    "thesis": "THES",
    "webpage": "ELEC",
    "document": "GEN",
}
_PAGES = re.compile(r"([^\s-]+)-([^\s-]+)")


class _Writer(rispy.RisWriter):  # type: ignore[misc] # rispy carries no types
    """As rispy writes, but without a number above each record, which the format does not have."""

    def set_header(self, count: int) -> str:  # noqa: ARG002 - rispy's own signature
        return ""


def ris(works: Sequence[Work]) -> str:
    """Some works in RIS.

    >>> from corpus.csl import Item
    >>> item = Item(type="article-journal", author=(Name(family="Ash", given="B"),), title="Trees", page="45-9")
    >>> print(ris([Work(id="pmid:7", text="…", csl=item)]).strip())
    TY  - JOUR
    ID  - pmid:7
    AU  - Ash, B
    TI  - Trees
    SP  - 45
    EP  - 9
    ER  -
    """
    written: str = rispy.dumps([_fields(record(work)) for work in works], implementation=_Writer)
    return written


def _fields(of: Record) -> dict[str, str | list[str]]:
    pages = _PAGES.fullmatch((of.page or "").replace("–", "-"))
    fields: dict[str, str | list[str] | None] = {
        "type_of_reference": _TYPES[of.type],
        "id": of.id,
        "authors": [_name(name) for name in of.author],
        "secondary_authors": [_name(name) for name in of.editor],
        "title": of.title,
        "secondary_title": of.container_title,
        "year": "".join(f"{part:04}" for part in year_month_day(of)[:1]),
        "date": "/".join(f"{part:02}" for part in year_month_day(of)),
        "volume": of.volume,
        "number": of.issue,
        "note": of.number,
        "start_page": pages[1] if pages else of.page,
        "end_page": pages and pages[2],
        "edition": of.edition,
        "publisher": of.publisher,
        "place_published": of.publisher_place,
        "language": of.language,
        "type_of_work": of.genre,
        "doi": of.doi,
        "accession_number": of.pmid,
        "name_of_database": of.pmid and "PubMed",
        "custom2": of.pmcid,
        "issn": of.isbn,
        "urls": [of.url] if of.url else None,
        "notes": [of.note] if of.note else None,
    }
    return {tag: _one_line(value) for tag, value in fields.items() if value}


def _name(name: Name) -> str:
    """A person as ``Family, Given, Suffix``; a comma behind a whole name keeps it from being taken apart."""
    if name.literal or not name.given:
        whole = name.literal or " ".join(filter(None, [name.family, name.suffix]))
        return f"{whole.replace(',', ' ')},"
    return ", ".join(filter(None, [name.family or "", name.given, name.suffix]))


def _one_line(value: str | list[str]) -> str | list[str]:
    """A line of RIS holds one value, and ends at any break."""
    return " ".join(value.split()) if isinstance(value, str) else [" ".join(each.split()) for each in value]
