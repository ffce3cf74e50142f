"""What older snapshots of a store still tell of a passage or a document that the published one may no longer have.

They may be of an older format: only the fields that are needed are read, and what cannot be read is passed over.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import msgspec

from corpus import Document, Marker, Span
from index.manifest import LAYOUT
from index.records import open_records
from index.store import Store

__all__ = ["EarlierPassage", "EarlierSnapshots"]

MOST_SNAPSHOTS = 32
"""So many snapshots are looked through, the newest first."""

_Record = TypeVar("_Record")


class EarlierPassage(msgspec.Struct, frozen=True):
    """A passage as it stood in an older snapshot, with its document."""

    document: Document
    span: Span


class _Passage(msgspec.Struct, frozen=True):
    """All that is read of an older passage."""

    id: str
    document_id: str
    start: int
    end: int


class _Document(msgspec.Struct, frozen=True):
    """All that is read of an older document."""

    id: str
    text: str
    sha256: str
    markers: tuple[Marker, ...] = ()


class EarlierSnapshots:
    """The snapshots of a store beside one, which is the published one."""

    def __init__(self, store: Store, published: str) -> None:
        self._store = store
        self._published = published

    def passage(self, identity: str) -> EarlierPassage | None:
        """The newest passage of an id, with its document."""
        for folder in self._folders():
            passage = _read(folder, "SELECT body FROM passages WHERE id = ?", identity, _Passage)
            document = passage and _read(
                folder, "SELECT body FROM documents WHERE id = ?", passage.document_id, _Document
            )
            if passage and document and 0 <= passage.start < passage.end <= len(document.text):
                return EarlierPassage(_as_document(document), Span(passage.start, passage.end))
        return None

    def document(self, sha256: str) -> Document | None:
        """The newest document whose text has a hash."""
        for folder in self._folders():
            document = _read(folder, "SELECT body FROM documents WHERE sha256 = ?", sha256, _Document)
            if document:
                return _as_document(document)
        return None

    def _folders(self) -> list[Path]:
        return self._store.others(self._published)[:MOST_SNAPSHOTS]


def _as_document(found: _Document) -> Document:
    return Document(
        id=found.id,
        title="",
        form="",
        text=found.text,
        sha256=found.sha256,
        source_sha256="",
        markers=tuple(marker for marker in found.markers if 0 <= marker.start < marker.end <= len(found.text)),
    )


def _read(folder: Path, query: str, value: str, record: type[_Record]) -> _Record | None:
    """The record in the first body that a query gives for a value."""
    try:
        with closing(open_records(folder / LAYOUT.records)) as connection:
            found = connection.execute(query, (value,)).fetchone()
        return msgspec.json.decode(found[0], type=record) if found else None
    except (OSError, sqlite3.Error, UnicodeError, msgspec.MsgspecError):
        return None
