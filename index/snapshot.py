"""A published snapshot, opened: all that is needed to answer."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from corpus import Document, Finding, Passage
from corpus.errors import SnapshotError
from index.calibration import Calibration
from index.dense import DenseIndex, Rows
from index.encoder import Encoder, Vectors
from index.facets import Facets
from index.late import LateInteraction
from index.lexicon import Lexicon
from index.store import LAYOUT, Manifest, Store, cure, read_manifest
from index.works import CitedWorks

__all__ = ["Snapshot", "read_lines", "write_lines"]

_Record = TypeVar("_Record")


class Snapshot:
    """Documents, passages, vectors, lexicon, encoder and calibration of one build.

    Row `i` of the dense index and of the lexicon is ``passages[i]``. The sentences of all passages stand
    in one array of shape ``(sentences, dimension)``, those of passage `i` from ``sentence_offsets[i]``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder)
        self.documents = _read_documents(folder)
        self.passages = read_lines(folder / LAYOUT.passages, Passage)
        self.findings = read_lines(folder / LAYOUT.findings, Finding)
        self.facets = Facets.load(folder / LAYOUT.facets)
        self.dense = DenseIndex.load(folder / LAYOUT.dense)
        self.lexicon = Lexicon.load(folder / LAYOUT.lexicon, len(self.passages))
        self.sentence_vectors: Vectors = np.load(folder / LAYOUT.sentences, mmap_mode="r").view(np.ndarray)
        counts = [len(passage.sentences) for passage in self.passages]
        self.sentence_offsets: Rows = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.late = LateInteraction.load(folder / LAYOUT.late, self.sentence_offsets)
        self.encoder = Encoder(folder / LAYOUT.encoder)
        self.calibration = msgspec.json.decode((folder / LAYOUT.calibration).read_bytes(), type=Calibration)
        self._rows = {passage.id: row for row, passage in enumerate(self.passages)}

    @classmethod
    def open(cls, store: Store) -> "Snapshot":
        """The published snapshot of a store, its files verified.

        Raises `SnapshotError` if there is none, or if a file of it is missing, damaged or of another loccit.
        """
        folder = store.current()
        try:
            return cls(folder)
        except Exception as error:  # each library that reads a file raises classes of its own
            raise SnapshotError(f"{folder} cannot be opened ({error}). {cure(store.root)}") from error

    @staticmethod
    def read_documents(store: Store) -> dict[str, Document]:
        """The documents of the published snapshot by their ids, without what is needed to search in them.

        Raises `SnapshotError` as `open` does.
        """
        return _read_documents(store.current())

    @property
    def id(self) -> str:
        """The id of the snapshot."""
        return self.manifest.id

    @cached_property
    def works(self) -> CitedWorks:
        """The works that the documents cite; gathered when they are first asked for."""
        return CitedWorks(self.documents.values(), self.passages)

    def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, if there is one."""
        row = self._rows.get(passage_id)
        return None if row is None else self.passages[row]

    def vectors_of_sentences(self, row: int) -> Vectors:
        """The vectors of a passage's sentences, of shape ``(sentences, dimension)``."""
        vectors: Vectors = self.sentence_vectors[self.sentence_offsets[row] : self.sentence_offsets[row + 1]]
        return vectors


def _read_documents(folder: Path) -> dict[str, Document]:
    return {document.id: document for document in read_lines(folder / LAYOUT.documents, Document)}


def read_lines(path: Path, record: type[_Record]) -> tuple[_Record, ...]:
    """The records of a JSON Lines file."""
    return tuple(msgspec.json.Decoder(record).decode_lines(path.read_bytes()))


def write_lines(path: Path, records: Sequence[msgspec.Struct]) -> None:
    """Writes records as JSON Lines."""
    path.write_bytes(msgspec.json.Encoder().encode_lines(records))
