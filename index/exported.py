"""Encoder and reranker of a build: taken over from before if they are the same, else exported.

torch takes seconds to import, and only an export needs it.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from corpus import Document, without_markers
from corpus.errors import SnapshotError
from index.encoder import Encoder
from index.encoder_settings import EncoderSettings, read_settings
from index.manifest import LAYOUT
from index.models import RERANKER_EXPORT, fingerprint, model_folder
from index.reranker import RerankerSettings, read_reranker_settings
from index.store import Store

__all__ = ["exported_encoder", "exported_reranker", "published"]

_SAMPLE = 64
"""So many paragraphs of the sources measure what int8 weights cost."""


def exported_encoder(folder: Path, documents: Sequence[Document], store: Store, name: str) -> Encoder:
    """The encoder of that name, in a new folder. Raises `EncoderError` if there is none that can be exported."""
    model = model_folder(name)
    print_of_model = fingerprint(model)
    if not _taken_over(folder, store, LAYOUT.encoder, print_of_model, read_settings):
        from index.export import export_encoder

        sample = _paragraphs(documents)
        export_encoder(model, folder, name=name, fingerprint=print_of_model, sample=sample)
    return Encoder(folder)


def exported_reranker(folder: Path, store: Store, name: str) -> None:
    """Puts the reranker of that name into a new folder. Raises `EncoderError` as `exported_encoder` does."""
    model = model_folder(name)
    print_of_model = fingerprint(model, RERANKER_EXPORT)
    if not _taken_over(folder, store, LAYOUT.reranker, print_of_model, read_reranker_settings):
        from index.reranker_export import export_reranker

        export_reranker(model, folder, name=name, fingerprint=print_of_model)


def published(store: Store) -> list[Path]:
    """The folder of the snapshot published before, if one can be read."""
    try:
        return [store.current()]
    except SnapshotError:
        return []


def _taken_over(
    folder: Path,
    store: Store,
    part: str,
    print_of_model: str,
    read: Callable[[Path], EncoderSettings | RerankerSettings],
) -> bool:
    """Copies what the published snapshot or an interrupted build has of the same model."""
    for before in [*published(store), *store.unfinished()]:
        try:
            same = read(before / part).fingerprint == print_of_model
        except (OSError, msgspec.MsgspecError):
            continue
        if same:
            shutil.copytree(before / part, folder)
            return True
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
