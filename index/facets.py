"""By what passages are filtered: their headings, and year and type of the works that they cite.

For each heading, year and type there is one list of all rows of passages that have it, so that a filter reads few
records however many passages it leaves.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from corpus import Document, Passage, Work

__all__ = ["FacetRows", "FacetWriter", "cited", "folded", "publication_types", "read_rows", "under"]

FacetRows = npt.NDArray[np.int32]
"""Rows of passages, ascending."""

_TABLES = """
CREATE TABLE headings (heading TEXT PRIMARY KEY, rows BLOB);
CREATE TABLE years (year INTEGER PRIMARY KEY, rows BLOB);
CREATE TABLE types (type TEXT, year INTEGER, rows BLOB);
CREATE TEMP TABLE under (heading TEXT, passage INTEGER);
CREATE TEMP TABLE cited (type TEXT, year INTEGER, passage INTEGER);
"""

_HEADINGS = "SELECT DISTINCT heading, passage FROM under ORDER BY heading, passage"
_YEARS = "SELECT DISTINCT year, passage FROM cited WHERE year IS NOT NULL ORDER BY year, passage"
_TYPES = "SELECT DISTINCT type, year, passage FROM cited WHERE type IS NOT NULL ORDER BY type, year, passage"


class FacetWriter:
    """Gathers what passages are filtered by, on disk, and writes the lists of rows once all are known."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(_TABLES)

    def add(self, rows: Sequence[tuple[int, Passage]], document: Document) -> None:
        """Adds passages of a document, with their rows."""
        headings = [(heading, row) for row, passage in rows for heading in under(passage)]
        self._connection.executemany("INSERT INTO under VALUES (?, ?)", headings)
        works = [(kind, year, row) for row, passage in rows for year, kind in cited(passage, document)]
        self._connection.executemany("INSERT INTO cited VALUES (?, ?, ?)", works)

    def close(self) -> None:
        """Writes the lists."""
        for query, insert in (
            (_HEADINGS, "INSERT INTO headings VALUES (?, ?)"),
            (_YEARS, "INSERT INTO years VALUES (?, ?)"),
            (_TYPES, "INSERT INTO types VALUES (?, ?, ?)"),
        ):
            found = groupby(self._connection.execute(query), key=lambda each: each[:-1])
            lists = ((*names, np.array([each[-1] for each in group], "<i4").tobytes()) for names, group in found)
            self._connection.executemany(insert, lists)


def read_rows(rows: bytes) -> FacetRows:
    """One of the lists."""
    found: FacetRows = np.frombuffer(rows, "<i4")
    return found


def under(passage: Passage) -> Iterator[str]:
    """The headings of a passage, folded."""
    return map(folded, passage.headings)


def cited(passage: Passage, document: Document) -> Iterator[tuple[int | None, str | None]]:
    """Year and folded type of the works that a passage of a document cites, one of each type that a work has."""
    works = {document.works[citation.number].id: document.works[citation.number] for citation in passage.citations}
    for work in works.values():
        for kind in publication_types(work) or (None,):
            yield work.year, kind and folded(kind)


def publication_types(work: Work) -> tuple[str, ...]:
    """What kind of publication a work is: what the source itself calls it, and its type in CSL.

    >>> from corpus.csl import Item
    >>> publication_types(Work("pmid:1", "…", Item(type="article-journal", genre="Case Reports; Review")))
    ('Case Reports', 'Review', 'article-journal')
    """
    named = (each.strip() for each in (work.csl.genre or "").split(";"))
    return (*filter(None, named), *(() if work.csl.type == "document" else (work.csl.type,)))


def folded(name: str) -> str:
    """A name without differences of case and white space.

    >>> folded("Late  Pain ")
    'late pain'
    """
    return " ".join(name.casefold().split())
