"""What older snapshots of a store still tell of a passage or a document that the published one may no longer have.

They may be of an older format: only the fields that are needed are read, and what cannot be read is passed over.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from corpus import Document, Marker, Span
from index.store import LAYOUT, Store

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
            passage = _read(folder / LAYOUT.passages, "id", identity, _Passage)
            document = passage and _read(folder / LAYOUT.documents, "id", passage.document_id, _Document)
            if passage and document and 0 <= passage.start < passage.end <= len(document.text):
                return EarlierPassage(_as_document(document), Span(passage.start, passage.end))
        return None

    def document(self, sha256: str) -> Document | None:
        """The newest document whose text has a hash."""
        for folder in self._folders():
            document = _read(folder / LAYOUT.documents, "sha256", sha256, _Document)
            if document:
                return _as_document(document)
        return None

    def _folders(self) -> list[Path]:
        try:
            folders = [path for path in self._store.snapshots.iterdir() if path.is_dir() and path.name[:1] != "."]
            others = [path for path in folders if path.name != self._published]
            return sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[:MOST_SNAPSHOTS]
        except OSError:
            # There is no store, or a build takes a snapshot away at this moment.
            return []


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


def _read(path: Path, field: str, value: str, record: type[_Record]) -> _Record | None:
    """The first record of a JSON Lines file whose field has a value."""
    for line in _lines_with(path, value):
        try:
            found = msgspec.json.decode(line, type=record)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        if getattr(found, field) == value:
            return found
    return None


def _lines_with(path: Path, value: str) -> Iterator[bytes]:
    try:
        wanted = msgspec.json.encode(value)
        with path.open("rb") as file:
            yield from (line for line in file if wanted in line)
    except (OSError, UnicodeEncodeError):
        return
