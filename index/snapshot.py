"""A published snapshot, opened: all that is needed to answer."""

import copy
from pathlib import Path

import msgspec

from corpus import Passage
from corpus.errors import SnapshotError
from index.calibration import Calibration
from index.dense import DenseIndex
from index.encoder import Encoder, Vectors
from index.late import LateInteraction
from index.lexicon import Lexicon
from index.manifest import LAYOUT, Manifest, cure, read_manifest
from index.mapped import fetch, mapped
from index.records import Documents, Passages, Records
from index.reranker import Reranker
from index.store import Store
from index.texts import Rows
from index.works import CitedWorks

__all__ = ["Snapshot"]


class Snapshot:
    """Documents, passages, vectors, lexicon, encoder, calibration and perhaps a reranker of one build.

    Row `i` of the dense index and of the lexicon is ``passages[i]``. The sentences of all passages stand
    in one array of shape ``(sentences, dimension)``, those of passage `i` from ``sentence_offsets[i]``.
    Arrays are memory-mapped, and records read when they are asked for. Of `withdrawn` documents no record is seen, and
    no row is found by `dense`; the lexicon still counts them.
    """

    def __init__(self, folder: Path, withdrawn: frozenset[str] = frozenset(), *, keep_questions: bool = True) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder)
        self.records = Records(folder / LAYOUT.records, withdrawn)
        self.dense = DenseIndex.load(folder / LAYOUT.passages, folder / LAYOUT.dense).without(self.records.hidden)
        self.lexicon = Lexicon(folder / LAYOUT.lexicon, self.manifest.passages)
        self.sentence_vectors: Vectors = mapped(folder / LAYOUT.sentences)
        self.sentence_offsets: Rows = mapped(folder / LAYOUT.sentence_offsets)
        self.late = LateInteraction(
            states=mapped(folder / LAYOUT.states),
            offsets=mapped(folder / LAYOUT.offsets),
            contexts=mapped(folder / LAYOUT.contexts),
            leads=mapped(folder / LAYOUT.leads),
            frequencies=mapped(folder / LAYOUT.frequencies),
            sentence_offsets=self.sentence_offsets,
        )
        self.encoder = Encoder(folder / LAYOUT.encoder, keep_questions=keep_questions)
        self.reranker = Reranker(folder / LAYOUT.reranker) if self.manifest.reranker else None
        self.calibration = msgspec.json.decode((folder / LAYOUT.calibration).read_bytes(), type=Calibration)

    @classmethod
    def open(cls, store: Store, *, thorough: bool | None = None, keep_questions: bool = True) -> "Snapshot":
        """The published snapshot of a store, its files verified as `Store.verify` does, without what is withdrawn.

        `keep_questions` is that of `Encoder`.

        Raises `SnapshotError` if there is none, if a file of it is missing, damaged or of another loccit, or if it
        cannot be known what is withdrawn.
        """
        folder = store.current(thorough=thorough)
        withdrawn = store.withdrawn()
        try:
            return cls(folder, withdrawn, keep_questions=keep_questions)
        except Exception as error:  # each library that reads a file raises classes of its own
            raise SnapshotError(f"{folder} cannot be opened ({error}). {cure(store.root)}") from error

    @staticmethod
    def read_records(store: Store) -> Records:
        """The records of the published snapshot, without what is needed to search in them.

        Raises `SnapshotError` as `open` does.
        """
        return Records(store.current() / LAYOUT.records, store.withdrawn())

    def without(self, withdrawn: frozenset[str]) -> "Snapshot":
        """The same snapshot, but that these documents are withdrawn and no others; all but records is shared."""
        other = copy.copy(self)
        other.records = Records(self.folder / LAYOUT.records, withdrawn)
        other.dense = self.dense.without(other.records.hidden)
        return other

    @property
    def id(self) -> str:
        """The id of the snapshot."""
        return self.manifest.id

    @property
    def documents(self) -> Documents:
        """The documents by their ids."""
        return self.records.documents

    @property
    def passages(self) -> Passages:
        """The passages by their rows."""
        return self.records.passages

    @property
    def works(self) -> CitedWorks:
        """The works that the documents cite."""
        return CitedWorks(self.records)

    def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, if there is one."""
        row = self.records.row_of(passage_id)
        return None if row is None else self.passages[row]

    def fetch_sentences(self, rows: Rows) -> None:
        """Has the vectors of some passages' sentences read from the disk, all at once."""
        fetch(self.sentence_vectors, self.sentence_offsets[rows], self.sentence_offsets[rows + 1])

    def vectors_of_sentences(self, row: int) -> Vectors:
        """The vectors of a passage's sentences, of shape ``(sentences, dimension)``."""
        vectors: Vectors = self.sentence_vectors[self.sentence_offsets[row] : self.sentence_offsets[row + 1]]
        return vectors
