"""What a snapshot states of itself: its format, its settings, its files."""

from pathlib import Path

import msgspec

from corpus.errors import SnapshotError
from index.encoder_settings import Fidelity, Precision
from index.models import DEFAULT_MODEL

__all__ = ["FORMAT", "LAYOUT", "BuildSettings", "FileRecord", "Layout", "Manifest", "cure", "read_manifest"]

FORMAT = 11
"""Raised whenever a snapshot of the format before cannot be read, or would answer otherwise."""


class BuildSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a build depends on beside its sources.

    `model` is the name of an encoder package, a folder or a name of a sentence-transformers model;
    `chunk_tokens` the most tiktoken tokens of a passage; `calibration` a file of the probabilities of answers, by
    default that of the default model; `reranker` a folder or a name of a sentence-transformers cross-encoder, by
    default none.
    """

    model: str = DEFAULT_MODEL
    chunk_tokens: int = 200
    calibration: Path | None = None
    reranker: str | None = None


class FileRecord(msgspec.Struct, frozen=True):
    """Size in bytes and SHA-256 of a file."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is made of."""

    format: int
    id: str
    settings: BuildSettings
    encoder: str
    """Fingerprint of the encoder."""
    precision: Precision
    """The numbers in which the encoder keeps its weights."""
    fidelity: Fidelity | None
    """What int8 weights cost, as measured when the encoder was exported."""
    reranker: str | None
    """Fingerprint of the reranker, if there is one."""
    documents: int
    passages: int
    sentences: int
    works: int
    files: dict[str, FileRecord]


class _Format(msgspec.Struct, frozen=True):
    """All that is read of a manifest before its format is known."""

    format: int


class Layout(msgspec.Struct, frozen=True):
    """The names of a snapshot's files."""

    manifest: str = "manifest.json"
    records: str = "records.db"
    passages: str = "passages.npy"
    sentences: str = "sentences.npy"
    states: str = "states.npy"
    offsets: str = "offsets.npy"
    sentence_offsets: str = "sentence_offsets.npy"
    contexts: str = "contexts.npy"
    leads: str = "leads.npy"
    frequencies: str = "frequencies.npy"
    digests: str = "digests.npy"
    dense: str = "dense.faiss"
    lexicon: str = "lexicon"
    encoder: str = "encoder"
    calibration: str = "calibration.json"
    reranker: str = "reranker"
    work: str = "work"
    """What a build needs until it is done, and no snapshot holds."""
    own_texts: str = "work/own.txt"
    sentence_texts: str = "work/sentences.txt"
    done: str = "work/done.npy"


LAYOUT = Layout()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot. Raises `SnapshotError` if it is missing, damaged or of another format."""
    path = folder / LAYOUT.manifest
    store = folder.parent.parent
    try:
        content = path.read_bytes()
        stated = msgspec.json.decode(content, type=_Format).format
        if stated != FORMAT:
            raise SnapshotError(f"{path} states the format {stated}; this loccit reads {FORMAT}. {cure(store)}")
        return msgspec.json.decode(content, type=Manifest)
    except FileNotFoundError:
        raise SnapshotError(f"{path} is missing. {cure(store)}") from None
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise SnapshotError(f"{path} is damaged ({error}). {cure(store)}") from error


def cure(store: Path) -> str:
    """What to do about a snapshot that cannot be read."""
    return f"Build one with: loccit build SOURCE --out {store}"
