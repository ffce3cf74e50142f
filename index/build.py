"""Documents into a published snapshot."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from corpus import Document, Finding, Passage, PieceLimit, audit_documents, chunk
from corpus.errors import SnapshotError, SourceError
from index.calibration import Calibration
from index.dense import DenseIndex
from index.encoder import ENCODER_FILES, Encoder, Encoding, Vectors
from index.facets import Facets
from index.fields import Fields, fields
from index.late import LateInteraction, States, quantized
from index.lexicon import Lexicon
from index.models import fingerprint, model_folder
from index.snapshot import Snapshot, write_lines
from index.store import FORMAT, LAYOUT, BuildSettings, Manifest, Store, read_manifest

__all__ = ["Build", "Known", "Progress", "VectorCache", "build_snapshot"]

_DEFAULTS = BuildSettings()

Progress = Callable[[str, int, int], None]
"""Called with the stage of a build, how much of it is done, and how much there is."""


class Known(msgspec.Struct):
    """What one encoder made of texts: the vector of each, and of those searched as sentences the states."""

    vectors: dict[str, Vectors] = msgspec.field(default_factory=dict)
    states: dict[str, States] = msgspec.field(default_factory=dict)

    def lacks(self, text: str, *, sentence: bool) -> bool:
        """Whether a text must still be encoded."""
        return text not in self.vectors or (sentence and text not in self.states)

    def add(self, text: str, encoding: Encoding, *, sentence: bool) -> None:
        """Keeps what is searched of a text."""
        self.vectors[text] = encoding.vector
        if sentence:
            self.states[text] = quantized(encoding.states)


VectorCache = dict[str, Known]
"""What encoders made of texts, by the encoder's fingerprint: builds that share one encode no text twice."""


class Build(msgspec.Struct, frozen=True):
    """What a build did: `encoded` of its texts were new, and `reused` tells that the same snapshot lay ready.

    `findings` are what the audit found in the documents, beside what their readers noticed.
    """

    manifest: Manifest
    folder: Path
    findings: tuple[Finding, ...]
    encoded: int
    reused: bool


def build_snapshot(
    documents: Sequence[Document],
    store: Store,
    settings: BuildSettings = _DEFAULTS,
    *,
    cache: VectorCache | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Build:
    """Builds and publishes the snapshot of some documents.

    The same documents and settings give the same snapshot; if it lies in the store undamaged, it is only
    published. Vectors and the encoder of the snapshot published before are taken over where they fit, and vectors
    of `cache`, which is filled.

    Raises `SourceError` if there is no passage to index.
    """
    with store.building() as aside:
        before = _published(store)
        model = model_folder(settings.model)
        print_of_model = fingerprint(model)
        _put_encoder(aside / LAYOUT.encoder, model, settings, print_of_model, before, progress)
        encoder = Encoder(aside / LAYOUT.encoder)
        passages = _passages(documents, encoder, settings, progress)
        searched = _fields(documents, passages, encoder)
        write_lines(aside / LAYOUT.documents, documents)
        write_lines(aside / LAYOUT.passages, passages)
        Facets.build(passages, {document.id: document for document in documents}).save(aside / LAYOUT.facets)
        findings = audit_documents(documents)
        write_lines(aside / LAYOUT.findings, findings)
        (aside / LAYOUT.calibration).write_bytes(msgspec.json.encode(Calibration()) + b"\n")
        manifest = Manifest(
            format=FORMAT,
            id=_snapshot_id(aside, settings, print_of_model, searched),
            settings=settings,
            encoder=print_of_model,
            documents=len(documents),
            passages=len(passages),
            sentences=sum(len(passage.sentences) for passage in passages),
            works=len({work.id for document in documents for work in document.works.values()}),
            files={},
        )
        folder = store.folder(manifest.id)
        if store.holds(manifest.id):
            store.point_to(manifest.id)
            return Build(read_manifest(folder), folder, findings, encoded=0, reused=True)
        cache = {} if cache is None else cache
        if print_of_model not in cache:
            cache[print_of_model] = _known(before, encoder)
        encoded = _write_index(aside, searched, encoder, cache[print_of_model], progress)
        store.publish(aside, manifest)
        return Build(read_manifest(folder), folder, findings, encoded, reused=False)


def _published(store: Store) -> Snapshot | None:
    """The snapshot published before, if one can be read."""
    try:
        return Snapshot.open(store)
    except SnapshotError:
        return None


def _put_encoder(
    folder: Path, model: Path, settings: BuildSettings, print_of_model: str, before: Snapshot | None, progress: Progress
) -> None:
    """The encoder taken over from the snapshot before if it is the same, else exported."""
    progress("encoder", 0, 1)
    if before is not None and before.encoder.settings.fingerprint == print_of_model:
        shutil.copytree(before.folder / LAYOUT.encoder, folder)
    else:
        # torch takes seconds to import, and only an export needs it.
        from index.export import export_encoder

        export_encoder(model, folder, name=settings.model, fingerprint=print_of_model)
    progress("encoder", 1, 1)


def _passages(
    documents: Sequence[Document], encoder: Encoder, settings: BuildSettings, progress: Progress
) -> list[Passage]:
    limit = PieceLimit(encoder.count, encoder.settings.max_pieces)
    passages: list[Passage] = []
    for done, document in enumerate(documents, 1):
        passages.extend(chunk(document, chunk_tokens=settings.chunk_tokens, limit=limit))
        progress("passages", done, len(documents))
    if not passages:
        raise SourceError("The sources hold no passage to index. Name sources with text.")
    return passages


def _snapshot_id(aside: Path, settings: BuildSettings, print_of_model: str, searched: Sequence[Fields]) -> str:
    """From all that the content of a snapshot follows from."""
    digest = hashlib.sha256(f"{FORMAT} {print_of_model} ".encode() + msgspec.json.encode(settings))
    projection = f"{LAYOUT.encoder}/{ENCODER_FILES.projection}"
    for name in (LAYOUT.documents, LAYOUT.passages, LAYOUT.calibration, projection):
        digest.update(hashlib.sha256((aside / name).read_bytes()).digest())
    digest.update(msgspec.json.encode(searched))
    return digest.hexdigest()[:16]


def _fields(documents: Iterable[Document], passages: Sequence[Passage], encoder: Encoder) -> list[Fields]:
    by_id = {document.id: document for document in documents}

    def fits(text: str) -> bool:
        return encoder.count(text) <= encoder.settings.max_pieces

    return [fields(passage, by_id[passage.document_id], fits) for passage in passages]


def _write_index(aside: Path, found: Sequence[Fields], encoder: Encoder, known: Known, progress: Progress) -> int:
    """Writes vectors, states and lexicon; returns how many texts had to be encoded, which are then known too."""
    own = [each.own for each in found]
    sentences = [sentence for each in found for sentence in each.sentences]
    encoded = _encode(own, sentences, encoder, known, progress)
    DenseIndex.build(np.stack([known.vectors[text] for text in own])).save(aside / LAYOUT.dense)
    np.save(aside / LAYOUT.sentences, np.stack([known.vectors[text] for text in sentences]))
    _late(found, sentences, encoder, known).save(aside / LAYOUT.late)
    Lexicon.build([each.lexical for each in found]).save(aside / LAYOUT.lexicon)
    return encoded


def _encode(own: Sequence[str], sentences: Sequence[str], encoder: Encoder, known: Known, progress: Progress) -> int:
    as_sentence = set(sentences)
    new = [text for text in dict.fromkeys([*own, *sentences]) if known.lacks(text, sentence=text in as_sentence)]
    for done, (text, encoding) in enumerate(zip(new, encoder.encode_passages(new), strict=True), start=1):
        known.add(text, encoding, sentence=text in as_sentence)
        progress("vectors", done, len(new))
    return len(new)


def _late(found: Sequence[Fields], sentences: Sequence[str], encoder: Encoder, known: Known) -> LateInteraction:
    """A lead is matched through the states of the sentence that it is; one that was cut in pieces is none."""
    rows = {sentence: row for row, sentence in enumerate(sentences)}
    return LateInteraction.build(
        states=[known.states[sentence] for sentence in sentences],
        pieces=[encoder.pieces(sentence) for sentence in sentences],
        leads=[-1 if each.lead is None else rows.get(each.lead, -1) for each in found],
        sentence_offsets=np.concatenate([[0], np.cumsum([len(each.sentences) for each in found])]).astype(np.int64),
        vocabulary=encoder.vocabulary,
    )


def _known(before: Snapshot | None, encoder: Encoder) -> Known:
    """What the snapshot before holds, if the same encoder made it."""
    if before is None or before.encoder.settings != encoder.settings:
        return Known()
    found = _fields(before.documents.values(), before.passages, encoder)
    own = before.dense.vectors(np.arange(len(found), dtype=np.int64))
    sentences = [sentence for each in found for sentence in each.sentences]
    return Known(
        vectors={
            **dict(zip(sentences, before.sentence_vectors, strict=True)),
            **dict(zip([each.own for each in found], own, strict=True)),
        },
        states={sentence: before.late.states_of_sentence(row) for row, sentence in enumerate(sentences)},
    )
