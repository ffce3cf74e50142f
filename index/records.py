"""Documents, passages, findings and works of a snapshot in one SQLite file, read one by one.

::

    documents    row, id, sha256, the row of its first passage and how many it has, title, url, modified, body
    passages     row, id, body
    findings     row, document, body
    notes        row, work, document, number, body    (the work as the document has it)
    citations    work, passage                        (the rows of passages that cite a work)
    identifiers  identifier, work                     (a DOI, PMID or PMCID, and a work whose note carries it)
    headings     heading, rows                        (folded, and the rows of passages under it, at any level)
    years        year, rows                           (and those of passages that cite a work of it)
    types        type, year, rows                     (folded, and those of passages that cite such a work of the year)

A body is the record in JSON. Rows count from 0 in the order of the documents. What belongs to withdrawn documents is
hidden (`index.hiding`).
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, overload

import msgspec

from corpus import Document, Finding, Passage
from corpus.errors import SnapshotError
from index.facets import FacetWriter
from index.hiding import hide
from index.recent import Recent

__all__ = ["Documents", "Passages", "RecordWriter", "Records", "named", "open_records"]

_TABLES = """
CREATE TABLE documents (
    row INTEGER PRIMARY KEY, id TEXT, sha256 TEXT, first INTEGER, passages INTEGER,
    title TEXT, url TEXT, modified TEXT, body BLOB
);
CREATE TABLE passages (row INTEGER PRIMARY KEY, id TEXT, body BLOB);
CREATE TABLE findings (row INTEGER PRIMARY KEY, document TEXT, body BLOB);
CREATE TABLE notes (row INTEGER PRIMARY KEY, work TEXT, document TEXT, number INTEGER, body BLOB);
CREATE TABLE citations (work TEXT, passage INTEGER, PRIMARY KEY (work, passage)) WITHOUT ROWID;
CREATE TABLE identifiers (identifier TEXT, work TEXT, PRIMARY KEY (identifier, work)) WITHOUT ROWID;
"""

_INDEXES = """
CREATE INDEX documents_by_id ON documents (id);
CREATE INDEX documents_by_sha256 ON documents (sha256);
CREATE INDEX passages_by_id ON passages (id);
CREATE INDEX findings_by_document ON findings (document);
CREATE INDEX notes_by_work ON notes (work);
CREATE INDEX types_by_year ON types (type, year);
CREATE INDEX notes_by_document ON notes (document);
"""

_KEPT_DOCUMENTS = 16 << 20
"""Bytes of the bodies of documents that are kept decoded, which takes about three times as much memory."""

_KEPT_PASSAGES = 4 << 20
"""The same for passages."""


class RecordWriter:
    """Writes a new file of records. The same records give the same bytes."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        # The file is built aside and synced as a whole before it is published.
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_TABLES)
        self._facets = FacetWriter(self._connection)
        self._connection.execute("BEGIN")
        self._documents = 0
        self._passages = 0

    def add(self, document: Document, passages: Sequence[Passage]) -> None:
        """Adds a document with its passages, and the works that it cites."""
        execute, many = self._connection.execute, self._connection.executemany
        row = (self._documents, document.id, document.sha256, self._passages, len(passages))
        told = (document.title, document.url, document.modified)
        execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *told, msgspec.json.encode(document))
        )
        rows = list(enumerate(passages, start=self._passages))
        many("INSERT INTO passages VALUES (?, ?, ?)", [(row, each.id, msgspec.json.encode(each)) for row, each in rows])
        citing = [(citation.reference, row) for row, passage in rows for citation in passage.citations]
        many("INSERT OR IGNORE INTO citations VALUES (?, ?)", citing)
        self._facets.add(rows, document)
        works = [(each.work, each.number) for each in document.references]
        many(
            "INSERT INTO notes VALUES (NULL, ?, ?, ?, ?)",
            [(work.id, document.id, number, msgspec.json.encode(work)) for work, number in works],
        )
        carried = [(identifier, work.id) for work, _ in works for identifier in work.identifiers]
        many("INSERT OR IGNORE INTO identifiers VALUES (?, ?)", carried)
        self._documents += 1
        self._passages += len(passages)

    def add_findings(self, findings: Sequence[Finding]) -> None:
        """Adds what an audit found."""
        self._connection.executemany(
            "INSERT INTO findings VALUES (NULL, ?, ?)",
            [(finding.document, msgspec.json.encode(finding)) for finding in findings],
        )

    def release(self) -> None:
        """Closes the file, complete or not."""
        self._connection.close()

    def close(self) -> int:
        """Completes the file; returns how many works are cited."""
        self._facets.close()
        self._connection.execute("COMMIT")
        self._connection.executescript(_INDEXES)
        works: int = self._connection.execute("SELECT count(DISTINCT work) FROM notes").fetchone()[0]
        self.release()
        return works


def open_records(path: Path) -> sqlite3.Connection:
    """A file of records, to be read. Raises `sqlite3.Error` if there is none."""
    # The file never changes once it is published, so it needs no locks on disk.
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def named(find: str, *names: str) -> bool:
    """Whether each word that is looked for is part of one of some names. Queries have this function too.

    >>> named("spine META", "Metastases of the cervical spine", "PMC7")
    True
    """
    return all(any(word in name.casefold() for name in names) for word in find.casefold().split())


class Records:
    """The records of a snapshot. Several threads may read at once; only the most recent records are in memory.

    `hidden` are the rows of the passages of `withdrawn` documents, ascending, or None where there are none.
    """

    def __init__(self, path: Path, withdrawn: frozenset[str] = frozenset()) -> None:
        self._connection = open_records(path)
        self._connection.execute("PRAGMA mmap_size = 1099511627776")
        self._connection.execute("PRAGMA cache_size = -512")
        self._connection.create_function("named", 3, named, deterministic=True)
        self._lock = Lock()
        self.withdrawn = withdrawn
        hidden = hide(self._connection, withdrawn) if withdrawn else None
        self.hidden = hidden if hidden is not None and len(hidden) else None
        self.documents = Documents(self)
        self.passages = Passages(self)

    def select(self, query: str, *values: Any) -> list[Any]:
        """The rows that a query gives."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def rows_of(self, document: str) -> range:
        """The rows of the passages of a document; none for an unknown one."""
        found = self.select("SELECT first, passages FROM documents WHERE id = ?", document)
        return range(found[0][0], found[0][0] + found[0][1]) if found else range(0)

    def row_of(self, passage: str) -> int | None:
        """The row of the passage of an id, if there is one."""
        found = self.select("SELECT row FROM passages WHERE id = ? ORDER BY row LIMIT 1", passage)
        return found[0][0] if found else None

    def findings(self, document: str) -> tuple[Finding, ...]:
        """What an audit found in a document."""
        found = self.select("SELECT body FROM findings WHERE document = ? ORDER BY row", document)
        return tuple(msgspec.json.decode(body, type=Finding) for (body,) in found)


class Documents(Mapping[str, Document]):
    """Documents by their ids, in their order, each read when it is asked for."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._recent = Recent[str, Document](_KEPT_DOCUMENTS)
        self._count: int = records.select("SELECT count(*) FROM documents")[0][0]

    def __getitem__(self, key: str) -> Document:
        known = self._recent.get(key)
        if known is not None:
            return known
        found = self._records.select("SELECT body FROM documents WHERE id = ?", key)
        if not found:
            raise KeyError(key)
        document = msgspec.json.decode(found[0][0], type=Document)
        self._recent.put(key, document, size=len(found[0][0]))
        return document

    def __iter__(self) -> Iterator[str]:
        return (key for (key,) in self._records.select("SELECT id FROM documents ORDER BY row"))

    def __len__(self) -> int:
        return self._count


class Passages(Sequence[Passage]):
    """Passages by their rows, each read when it is asked for. Raises `SnapshotError` for a row that is hidden."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._recent = Recent[int, Passage](_KEPT_PASSAGES)
        self._count: int = records.select("SELECT count(*) FROM main.passages")[0][0]

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, index: int | slice) -> Passage | tuple[Passage, ...]:
        if isinstance(index, slice):
            return tuple(self[row] for row in range(*index.indices(self._count)))
        row = range(self._count)[index]
        known = self._recent.get(row)
        if known is not None:
            return known
        found = self._records.select("SELECT body FROM passages WHERE row = ?", row)
        if not found:
            # No IndexError: that would end an iteration as if there were no more.
            raise SnapshotError(
                f"Passage {row} belongs to a document that is withdrawn, and all passages are wanted. "
                "Use a store from which nothing is withdrawn."
            )
        ((body,),) = found
        passage = msgspec.json.decode(body, type=Passage)
        self._recent.put(row, passage, size=len(body))
        return passage

    def __len__(self) -> int:
        return self._count
