"""Documents into a published snapshot."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from corpus import Document, Finding, PieceLimit, audit_documents, chunk, without_markers
from corpus.errors import SnapshotError, SourceError
from index.calibration import DEFAULT_CALIBRATION, UNCALIBRATED, Calibration, read_calibration
from index.dense import DenseIndex
from index.draft import Draft, Drafted
from index.encoder import ENCODER_FILES, Encoder, read_settings
from index.models import DEFAULT_MODEL, fingerprint, model_folder
from index.store import FORMAT, LAYOUT, BuildSettings, Manifest, Store, read_manifest
from index.vectors import TextVectors

__all__ = ["Build", "Progress", "build_snapshot", "manifest_of"]

_DEFAULTS = BuildSettings()

_SAMPLE = 64
"""So many paragraphs of the sources measure what int8 weights cost."""

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
        encoder = _put_encoder(aside / LAYOUT.encoder, documents, store, settings, progress)
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


def _put_encoder(
    folder: Path, documents: Sequence[Document], store: Store, settings: BuildSettings, progress: Progress
) -> Encoder:
    """The encoder taken over from a snapshot or an interrupted build if it is the same, else exported."""
    progress("encoder", 0, 1)
    model = model_folder(settings.model)
    print_of_model = fingerprint(model)
    for before in [*_published(store), *store.unfinished()]:
        if _is_from(before / LAYOUT.encoder, print_of_model):
            shutil.copytree(before / LAYOUT.encoder, folder)
            break
    else:
        # torch takes seconds to import, and only an export needs it.
        from index.export import export_encoder

        sample = _paragraphs(documents)
        export_encoder(model, folder, name=settings.model, fingerprint=print_of_model, sample=sample)
    progress("encoder", 1, 1)
    return Encoder(folder)


def _published(store: Store) -> list[Path]:
    """The folder of the snapshot published before, if one can be read."""
    try:
        return [store.current()]
    except SnapshotError:
        return []


def _is_from(encoder: Path, print_of_model: str) -> bool:
    try:
        return read_settings(encoder).fingerprint == print_of_model
    except (OSError, msgspec.MsgspecError):
        return False


def _paragraphs(documents: Sequence[Document]) -> list[str]:
    """Paragraphs of the documents, or other blocks where there are none, as far apart as possible."""
    blocks = [(document, block) for document in documents for block in document.blocks]
    chosen = [(document, block) for document, block in blocks if block.kind == "paragraph"] or blocks
    places = sorted({at * len(chosen) // _SAMPLE for at in range(_SAMPLE)}) if chosen else []
    found = (
        without_markers(document.text, block.start, block.end, document.markers)
        for document, block in (chosen[place] for place in places)
    )
    return [text for text in found if text]


def _calibration(settings: BuildSettings) -> Calibration:
    """The calibration that was given, else that of the default encoder, if that is the one."""
    if settings.calibration is not None:
        return read_calibration(settings.calibration)
    return read_calibration(DEFAULT_CALIBRATION) if settings.model == DEFAULT_MODEL else UNCALIBRATED


def _draft(
    aside: Path,
    documents: Sequence[Document],
    findings: Sequence[Finding],
    encoder: Encoder,
    settings: BuildSettings,
    progress: Progress,
) -> Drafted:
    """All but the vectors of a snapshot."""
    (aside / LAYOUT.calibration).write_bytes(msgspec.json.encode(_calibration(settings)) + b"\n")
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
    digest.update(msgspec.json.encode((settings, encoder.settings)))
    for name in (LAYOUT.calibration, f"{LAYOUT.encoder}/{ENCODER_FILES.projection}"):
        digest.update(hashlib.sha256((aside / name).read_bytes()).digest())
    return Manifest(
        format=FORMAT,
        id=digest.hexdigest()[:16],
        settings=settings,
        encoder=encoder.settings.fingerprint,
        precision=encoder.settings.precision,
        fidelity=encoder.settings.fidelity,
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
    published = _published(store)
    others = store.others(published[0].name if published else "")
    for folder in [*published, *others]:
        try:
            if read_manifest(folder).encoder == encoder.settings.fingerprint:
                store.verify(folder, thorough=True)
                if read_settings(folder / LAYOUT.encoder) == encoder.settings:
                    yield TextVectors(folder)
        except (SnapshotError, OSError, ValueError):
            # It is damaged, or of another format.
            continue
