"""By what passages are filtered: their document, their headings, and year and type of the works that they cite."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from corpus import Document, Passage, Work
from corpus.errors import QueryError
from index.answers import Query
from index.dense import Rows

__all__ = ["Facets", "publication_types"]

Columns = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_UNTYPED = -1


class _Names(msgspec.Struct, frozen=True):
    """The names behind numbers; headings and types folded."""

    documents: tuple[str, ...]
    headings: tuple[str, ...]
    types: tuple[str, ...]


class Facets:
    """The facets of all passages, in columns.

    The passages of document `i` are the rows from ``starts[i]`` to ``starts[i + 1]``. `under` has a line
    ``(row, heading)`` for each heading of a passage, shape (n, 2). `cited` has a line ``(row, year, type)`` for each
    type of each work that a passage cites, shape (n, 3): the year is 0 where it is unknown, the type -1 without one.
    """

    def __init__(self, names: _Names, starts: Columns, under: Columns, cited: Columns) -> None:
        self._names = names
        self._starts = starts
        self._under = under
        self._cited = cited
        self._documents = {name: number for number, name in enumerate(names.documents)}

    @classmethod
    def build(cls, passages: Sequence[Passage], documents: Mapping[str, Document]) -> "Facets":
        """The facets of passages, those of one document next to each other."""
        own: dict[str, int] = {}
        headings: dict[str, int] = {}
        types: dict[str, int] = {}
        under, cited = [], []
        for row, passage in enumerate(passages):
            own.setdefault(passage.document_id, row)
            under += [(row, headings.setdefault(_folded(each), len(headings))) for each in passage.headings]
            for work in _works(passage, documents[passage.document_id]):
                of_work = [types.setdefault(_folded(each), len(types)) for each in publication_types(work)]
                cited += [(row, work.year or 0, kind) for kind in of_work or [_UNTYPED]]
        return cls(
            _Names(tuple(own), tuple(headings), tuple(types)),
            np.array([*own.values(), len(passages)], dtype=np.int32),
            np.array(under, dtype=np.int32).reshape(-1, 2),
            np.array(cited, dtype=np.int32).reshape(-1, 3),
        )

    @classmethod
    def load(cls, folder: Path) -> "Facets":
        """The facets that `save` wrote, their columns memory-mapped."""
        names = msgspec.json.decode((folder / "names.json").read_bytes(), type=_Names)
        starts, under, cited = (_mapped(folder / f"{name}.npy") for name in ("starts", "under", "cited"))
        return cls(names, starts, under, cited)

    def save(self, folder: Path) -> None:
        """Writes the facets into a folder."""
        folder.mkdir()
        (folder / "names.json").write_bytes(msgspec.json.encode(self._names))
        for name, columns in (("starts", self._starts), ("under", self._under), ("cited", self._cited)):
            np.save(folder / f"{name}.npy", columns)

    def rows_of(self, document: str) -> range:
        """The rows of the passages of a document; none for an unknown one."""
        number = self._documents.get(document)
        return range(0) if number is None else range(int(self._starts[number]), int(self._starts[number + 1]))

    def rows(self, query: Query) -> Rows | None:
        """The rows that a query's filters leave, ascending; None where it has none.

        A passage under a heading has it among its headings, at any level. One work must be of the years and of a
        type that are asked for. Raises `QueryError` for a heading or type that no passage has.
        """
        masks = list(self._masks(query))
        if not masks:
            return None
        rows: Rows = np.flatnonzero(np.logical_and.reduce(masks))
        return rows

    def _masks(self, query: Query) -> Iterator[Mask]:
        if query.documents is not None:
            mask = self._none()
            for document in query.documents:
                mask[self.rows_of(document)] = True
            yield mask
        if query.headings is not None:
            wanted = _numbers("headings", query.headings, self._names.headings)
            yield self._of(self._under[np.isin(self._under[:, 1], wanted), 0])
        if query.asks_for_works:
            yield self._of(self._cited[self._cited_as_asked(query), 0])

    def _cited_as_asked(self, query: Query) -> Mask:
        years = self._cited[:, 1]
        kept: Mask = np.ones(len(self._cited), dtype=np.bool_)
        if query.year_from is not None:
            kept &= years >= query.year_from
        if query.year_to is not None:
            kept &= (years <= query.year_to) & (years > 0)
        if query.publication_types is not None:
            wanted = _numbers("publication_types", query.publication_types, self._names.types)
            kept &= np.isin(self._cited[:, 2], wanted)
        return kept

    def _none(self) -> Mask:
        return np.zeros(int(self._starts[-1]), dtype=np.bool_)

    def _of(self, rows: Columns) -> Mask:
        mask = self._none()
        mask[rows] = True
        return mask


def publication_types(work: Work) -> tuple[str, ...]:
    """What kind of publication a work is: what the source itself calls it, and its type in CSL.

    >>> from corpus.csl import Item
    >>> publication_types(Work("pmid:1", "…", Item(type="article-journal", genre="Case Reports; Review")))
    ('Case Reports', 'Review', 'article-journal')
    """
    named = (each.strip() for each in (work.csl.genre or "").split(";"))
    return (*filter(None, named), *(() if work.csl.type == "document" else (work.csl.type,)))


def _works(passage: Passage, document: Document) -> Iterator[Work]:
    """The works that a passage cites, each once."""
    works = {document.works[citation.number].id: document.works[citation.number] for citation in passage.citations}
    yield from works.values()


def _folded(name: str) -> str:
    """A name without differences of case and white space."""
    return " ".join(name.casefold().split())


def _mapped(path: Path) -> Columns:
    columns: Columns = np.load(path, mmap_mode="r").view(np.ndarray)
    return columns


def _numbers(field: str, asked: Sequence[str], known: Sequence[str]) -> list[int]:
    """The numbers of names. Raises `QueryError` for one that is not known, naming those that are like it."""
    numbers = {name: number for number, name in enumerate(known)}
    for name in asked:
        if _folded(name) not in numbers:
            like = get_close_matches(_folded(name), known, n=5, cutoff=0.5) or list(known[:5])
            there = f"There are, among others: {', '.join(like)}." if like else "There are none."
            raise QueryError(field, f"No passage has {name!r}. {there}")
    return [numbers[_folded(name)] for name in asked]
