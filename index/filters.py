"""Which passages a query's filters leave."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

import msgspec
import numpy as np

from corpus.errors import QueryError
from index.answers import Query
from index.facets import folded
from index.records import Records
from index.texts import Rows

__all__ = ["filtered"]

_UNDER = "SELECT passage FROM headings WHERE heading IN (SELECT value FROM json_each(?))"
_CITING = """
SELECT passage FROM cited
WHERE (?1 IS NULL OR year >= ?1) AND (?2 IS NULL OR year <= ?2)
  AND (?3 IS NULL OR type IN (SELECT value FROM json_each(?3)))
"""
_KNOWN = {
    "headings": "SELECT DISTINCT heading FROM headings",
    "publication_types": "SELECT DISTINCT type FROM cited WHERE type IS NOT NULL ORDER BY type",
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
        yield _rows(records.select(_UNDER, _names(records, "headings", query.headings)))
    if query.asks_for_works:
        types = query.publication_types
        names = None if types is None else _names(records, "publication_types", types)
        yield _rows(records.select(_CITING, query.year_from, query.year_to, names))


def _rows(found: Sequence[tuple[int]]) -> Rows:
    rows: Rows = np.unique(np.array([row for (row,) in found], dtype=np.int64))
    return rows


def _names(records: Records, field: str, asked: Sequence[str]) -> str:
    """Names, folded, as a JSON array. Raises `QueryError` for one that no passage has, naming those most like it."""
    names = [folded(name) for name in asked]
    known = [name for (name,) in records.select(_KNOWN[field])]
    for name, given in zip(names, asked, strict=True):
        if name not in known:
            like = get_close_matches(name, known, n=_SUGGESTED, cutoff=0.5) or known[:_SUGGESTED]
            told = f"There are, among others: {', '.join(like)}." if like else "There are none."
            raise QueryError(field, f"No passage has {given!r}. {told}")
    return msgspec.json.encode(names).decode()
