"""Documents into a published snapshot."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from corpus import Document, Finding
from corpus.audit import audit_documents
from corpus.chunking import PieceLimit, chunk
from corpus.errors import SnapshotError, SourceError
from index.calibration import calibration_of
from index.dense import DenseIndex
from index.draft import Draft, Drafted
from index.encoder import Encoder
from index.encoder_settings import ENCODER_FILES, read_settings
from index.exported import exported_encoder, exported_reranker, published
from index.manifest import FORMAT, LAYOUT, BuildSettings, Manifest, read_manifest
from index.reranker import read_reranker_settings
from index.store import Store
from index.vectors import TextVectors

__all__ = ["Build", "Progress", "build_snapshot", "manifest_of"]

_DEFAULTS = BuildSettings()

Progress = Callable[[str, int, int], None]
"""Called with the stage of a build, how much of it is done, and how much there is."""


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
    progress: Progress = lambda stage, done, total: None,
) -> Build:
    """Builds and publishes the snapshot of some documents.

    The same documents, settings and encoder give the same snapshot; if it lies in the store undamaged, it is only
    published. The encoder is taken over from the snapshot published before if it is of the same model, and vectors
    from any snapshot of that encoder, by the hashes of the texts. A build that was killed goes on where it was.

    Raises `SourceError` if there is no passage to index.
    """
    with store.building() as aside:
        progress("encoder", 0, 1)
        encoder = exported_encoder(aside / LAYOUT.encoder, documents, store, settings.model)
        if settings.reranker is not None:
            exported_reranker(aside / LAYOUT.reranker, store, settings.reranker)
        progress("encoder", 1, 1)
        findings = audit_documents(documents)
        drafted = _draft(aside, documents, findings, encoder, settings, progress)
        manifest = manifest_of(aside, drafted, encoder, settings)
        folder = store.folder(manifest.id)
        if store.holds(manifest.id):
            store.clear()
            store.point_to(manifest.id)
            return Build(read_manifest(folder), folder, findings, encoded=0, reused=True)
        kept = store.keep(aside, manifest.id)
        encoded = _encode(kept, store, encoder, progress)
        progress("index", 0, 1)
        DenseIndex.build(kept / LAYOUT.passages, kept / LAYOUT.dense)
        progress("index", 1, 1)
        store.publish(kept, manifest)
        store.prune()
        return Build(read_manifest(folder), folder, findings, encoded, reused=False)


def _draft(
    aside: Path,
    documents: Sequence[Document],
    findings: Sequence[Finding],
    encoder: Encoder,
    settings: BuildSettings,
    progress: Progress,
) -> Drafted:
    """All but the vectors of a snapshot."""
    calibration = calibration_of(encoder.settings.model, settings.calibration)
    (aside / LAYOUT.calibration).write_bytes(msgspec.json.encode(calibration) + b"\n")
    limit = PieceLimit(encoder.count, encoder.settings.max_pieces)
    with Draft(aside, encoder) as draft:
        for done, document in enumerate(documents, 1):
            draft.add(document, chunk(document, chunk_tokens=settings.chunk_tokens, limit=limit))
            progress("passages", done, len(documents))
        if not draft.passages:
            raise SourceError("The sources hold no passage to index. Name sources with text.")
        return draft.close(findings)


def manifest_of(aside: Path, drafted: Drafted, encoder: Encoder, settings: BuildSettings) -> Manifest:
    """The manifest but for the files. Its id comes from all that the content of a snapshot follows from."""
    settings = msgspec.structs.replace(settings, calibration=None)  # its content is a file of the snapshot
    digest = hashlib.sha256(f"{FORMAT} {drafted.sha256} ".encode())
    reranker = read_reranker_settings(aside / LAYOUT.reranker) if settings.reranker is not None else None
    digest.update(msgspec.json.encode((settings, encoder.settings, reranker)))
    for name in (LAYOUT.calibration, f"{LAYOUT.encoder}/{ENCODER_FILES.projection}"):
        digest.update(hashlib.sha256((aside / name).read_bytes()).digest())
    return Manifest(
        format=FORMAT,
        id=digest.hexdigest()[:16],
        settings=settings,
        encoder=encoder.settings.fingerprint,
        precision=encoder.settings.precision,
        fidelity=encoder.settings.fidelity,
        reranker=reranker.fingerprint if reranker else None,
        documents=drafted.documents,
        passages=drafted.passages,
        sentences=drafted.sentences,
        works=drafted.works,
        files={},
    )


def _encode(aside: Path, store: Store, encoder: Encoder, progress: Progress) -> int:
    """Fills in the vectors and states; returns how many texts had to be encoded."""
    vectors = TextVectors(aside, mode="r+")
    for earlier in _earlier(store, encoder):
        if not vectors.missing():
            break
        vectors.take_over(earlier)
    own, sentences = Draft.texts(aside)
    return vectors.encode(own, sentences, encoder, lambda done, total: progress("vectors", done, total))


def _earlier(store: Store, encoder: Encoder) -> Iterator[TextVectors]:
    """What the same encoder made for sound snapshots of the store: that published first, then the newest."""
    current = published(store)
    others = store.others(current[0].name if current else "")
    for folder in [*current, *others]:
        try:
            if read_manifest(folder).encoder == encoder.settings.fingerprint:
                store.verify(folder, thorough=True)
                if read_settings(folder / LAYOUT.encoder) == encoder.settings:
                    yield TextVectors(folder)
        except (SnapshotError, OSError, ValueError):
            # It is damaged, or of another format.
            continue
