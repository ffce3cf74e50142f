"""Which passages a query's filters leave."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

import numpy as np

from corpus.errors import QueryError
from index.answers import Query
from index.facets import folded
from index.records import Records
from index.texts import Rows

__all__ = ["LATEST_YEAR", "filtered"]

LATEST_YEAR = 9999

_UNDER = "SELECT passage FROM headings WHERE heading = ?"
_OF_TYPE = "SELECT passage FROM cited WHERE type = ? AND year BETWEEN ? AND ?"
_OF_TYPE_IN_ANY_YEAR = "SELECT passage FROM cited WHERE type = ?"
_OF_YEARS = "SELECT passage FROM cited WHERE year BETWEEN ? AND ?"
_HAS = {
    "headings": "SELECT 1 FROM headings WHERE heading = ? LIMIT 1",
    "publication_types": "SELECT 1 FROM cited WHERE type = ? LIMIT 1",
}
_ALL = {
    "headings": "SELECT DISTINCT heading FROM headings LIMIT 5000",
    "publication_types": "SELECT DISTINCT type FROM cited WHERE type IS NOT NULL ORDER BY type LIMIT 5000",
}

_SUGGESTED = 5
"""So many names that there are, at most, stand in an error on one that is not there."""


def filtered(records: Records, query: Query) -> Rows | None:
    """The rows of the passages that a query's filters leave, ascending; None where it has none.

    A passage under a heading has it among its headings, at any level. One work must be of the years and of a type
    that are asked for. Raises `QueryError` for a heading or a type that no passage has.
    """
    found = list(_each(records, query))
    if not found:
        return None
    rows = found[0]
    for others in found[1:]:
        rows = np.intersect1d(rows, others)
    return rows


def _each(records: Records, query: Query) -> Iterator[Rows]:
    if query.documents is not None:
        yield np.unique(np.concatenate([np.arange(0), *map(records.rows_of, query.documents)])).astype(np.int64)
    if query.headings is not None:
        names = _names(records, "headings", query.headings)
        yield _rows(row for name in names for row in records.select(_UNDER, name))
    if query.asks_for_works:
        yield _rows(_citing(records, query))


def _citing(records: Records, query: Query) -> Iterator[tuple[int]]:
    """The rows of passages that cite a work as it is asked for; one whose year is unknown is of no year."""
    years = (query.year_from or 0, query.year_to or LATEST_YEAR)
    if query.publication_types is None:
        yield from records.select(_OF_YEARS, *years)
        return
    for name in _names(records, "publication_types", query.publication_types):
        if query.year_from is query.year_to is None:
            yield from records.select(_OF_TYPE_IN_ANY_YEAR, name)
        else:
            yield from records.select(_OF_TYPE, name, *years)


def _rows(found: Iterable[tuple[int]]) -> Rows:
    rows: Rows = np.unique(np.fromiter((row for (row,) in found), dtype=np.int64))
    return rows


def _names(records: Records, field: str, asked: Sequence[str]) -> list[str]:
    """Names, folded. Raises `QueryError` for one that no passage has, naming those most like it."""
    names = [folded(name) for name in asked]
    for name, given in zip(names, asked, strict=True):
        if not records.select(_HAS[field], name):
            known = [each for (each,) in records.select(_ALL[field])]
            like = get_close_matches(name, known, n=_SUGGESTED, cutoff=0.5) or known[:_SUGGESTED]
            told = f"There are, among others: {', '.join(like)}." if like else "There are none."
            raise QueryError(field, f"No passage has {given!r}. {told}")
    return names
