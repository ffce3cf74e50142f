"""What an exported encoder states of itself."""

from pathlib import Path
from typing import Literal

import msgspec

__all__ = ["ENCODER_FILES", "EncoderFiles", "EncoderSettings", "Fidelity", "Precision", "read_settings"]


class EncoderFiles(msgspec.Struct, frozen=True):
    """The names of an exported encoder's files."""

    model: str = "model.onnx"
    tokenizer: str = "tokenizer.json"
    projection: str = "projection.npy"
    settings: str = "encoder.json"


ENCODER_FILES = EncoderFiles()


Precision = Literal["int8", "fp32"]
"""The numbers in which an exported encoder keeps its weights."""


class Fidelity(msgspec.Struct, frozen=True):
    """What int8 weights cost: the cosines of their vectors with the model's own, of so many texts of the sources."""

    texts: int
    mean: float
    least: float


class EncoderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known of an exported encoder to run it as it was trained.

    `fingerprint` tells the export from others, `model` the model from others however it is exported. `max_pieces`
    counts word pieces with the special ones; `inputs` are the tensors of the model. `fidelity` is that of int8
    weights, also where it was so low that fp32 ones were kept; null if there was no text to measure it with.
    """

    fingerprint: str
    model: str
    dimension: int
    max_pieces: int
    inputs: tuple[str, ...]
    query_prompt: str = ""
    passage_prompt: str = ""
    precision: Precision = "int8"
    fidelity: Fidelity | None = None


def read_settings(folder: Path) -> EncoderSettings:
    """The settings of the encoder in a folder."""
    return msgspec.json.decode((folder / ENCODER_FILES.settings).read_bytes(), type=EncoderSettings)
