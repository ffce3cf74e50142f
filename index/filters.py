"""Which passages a query's filters leave."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from corpus.errors import QueryError
from index.answers import Query
from index.facets import FacetRows, folded, read_rows
from index.records import Records
from index.texts import Rows

__all__ = ["LATEST_YEAR", "filtered"]

LATEST_YEAR = 9999

_UNDER = "SELECT rows FROM headings WHERE heading = ?"
_OF_TYPE = "SELECT rows FROM types WHERE type = ? AND year BETWEEN ? AND ?"
_OF_TYPE_IN_ANY_YEAR = "SELECT rows FROM types WHERE type = ?"
_OF_YEARS = "SELECT rows FROM years WHERE year BETWEEN ? AND ?"
_HAVING = {"headings": _UNDER, "publication_types": _OF_TYPE_IN_ANY_YEAR}
_ALL = {
    "headings": "SELECT heading FROM headings LIMIT 5000",
    "publication_types": "SELECT DISTINCT type FROM types ORDER BY type LIMIT 5000",
}

Mask = npt.NDArray[np.bool_]
"""Which passages are left, of shape ``(passages,)``."""

_SUGGESTED = 5
"""So many names that there are, at most, stand in an error on one that is not there."""


def filtered(records: Records, query: Query) -> Rows | None:
    """The rows of the passages that a query's filters leave, ascending; None where it has none.

    A passage under a heading has it among its headings, at any level. One work must be of the years and of a type
    that are asked for. Raises `QueryError` for a heading or a type that no passage has.
    """
    left: Mask | None = None
    for mask in _each(records, query):
        left = mask if left is None else left & mask
    return None if left is None else np.flatnonzero(left)


def _each(records: Records, query: Query) -> Iterator[Mask]:
    if query.documents is not None:
        yield _marked(records, map(records.rows_of, query.documents))
    if query.headings is not None:
        names = _names(records, "headings", query.headings)
        yield _marked(records, (rows for name in names for rows in _lists(records, _UNDER, name)))
    if query.asks_for_works:
        yield _marked(records, _citing(records, query))


def _citing(records: Records, query: Query) -> Iterator[FacetRows]:
    """The rows of passages that cite a work as it is asked for; one whose year is unknown is of no year."""
    years = (query.year_from or 0, query.year_to or LATEST_YEAR)
    if query.publication_types is None:
        yield from _lists(records, _OF_YEARS, *years)
        return
    for name in _names(records, "publication_types", query.publication_types):
        if query.year_from is query.year_to is None:
            yield from _lists(records, _OF_TYPE_IN_ANY_YEAR, name)
        else:
            yield from _lists(records, _OF_TYPE, name, *years)


def _lists(records: Records, query: str, *values: str | int) -> list[FacetRows]:
    """The lists of rows that a query gives."""
    return [read_rows(rows) for (rows,) in records.select(query, *values)]


def _marked(records: Records, lists: Iterable[FacetRows | range]) -> Mask:
    """Which passages stand in any of some lists."""
    mask = np.zeros(len(records.passages), dtype=np.bool_)
    for rows in lists:
        mask[rows] = True
    return mask


def _names(records: Records, field: str, asked: Sequence[str]) -> list[str]:
    """Names, folded. Raises `QueryError` for one that no passage has, naming those most like it."""
    names = [folded(name) for name in asked]
    for name, given in zip(names, asked, strict=True):
        if not _lists(records, _HAVING[field], name):
            known = [each for (each,) in records.select(_ALL[field])]
            like = get_close_matches(name, known, n=_SUGGESTED, cutoff=0.5) or known[:_SUGGESTED]
            told = f"There are, among others: {', '.join(like)}." if like else "There are none."
            raise QueryError(field, f"No passage has {given!r}. {told}")
    return names
