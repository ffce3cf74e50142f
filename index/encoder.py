"""Texts into vectors, with an encoder exported to ONNX. torch is never imported here."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import onnxruntime
import tokenizers

from corpus.errors import TextTooLongError

__all__ = ["ENCODER_FILES", "Encoder", "EncoderFiles", "EncoderSettings", "Vectors", "read_settings"]

Vectors = npt.NDArray[np.float32]


class EncoderFiles(msgspec.Struct, frozen=True):
    """The names of an exported encoder's files."""

    model: str = "model.onnx"
    tokenizer: str = "tokenizer.json"
    settings: str = "encoder.json"


ENCODER_FILES = EncoderFiles()


class EncoderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known of an exported encoder to run it as it was trained.

    `max_pieces` counts word pieces with the special ones; `inputs` are the tensors of the model.
    """

    fingerprint: str
    dimension: int
    max_pieces: int
    inputs: tuple[str, ...]
    lowercase: bool = False
    query_prompt: str = ""
    passage_prompt: str = ""


def read_settings(folder: Path) -> EncoderSettings:
    """The settings of the encoder in a folder."""
    return msgspec.json.decode((folder / ENCODER_FILES.settings).read_bytes(), type=EncoderSettings)


class Encoder:
    """An exported sentence encoder, run in a pool of workers of one thread each.

    Every text is encoded alone. Dynamic int8 quantization scales activations by the whole batch, so in
    a batch the vector of a text would depend on its neighbours, and an answer on the load.
    """

    def __init__(self, folder: Path, *, workers: int | None = None) -> None:
        self.settings = read_settings(folder)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / ENCODER_FILES.tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._session = _session(folder / ENCODER_FILES.model)
        self._pool = ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)), "encoder")

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.settings.dimension

    def count(self, text: str) -> int:
        """The word pieces of a passage, special ones and prompt included."""
        return len(self._pieces(self.settings.passage_prompt + text))

    def count_query(self, text: str) -> int:
        """The word pieces of a question, special ones and prompt included."""
        return len(self._pieces(self.settings.query_prompt + text))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, float32 of shape ``(len(texts), dimension)``, each of length 1.

        Raises `TextTooLongError` for a text of more word pieces than the encoder takes.
        """
        return self._encode([self.settings.query_prompt + text for text in texts])

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[], None] = lambda: None) -> Vectors:
        """Vectors of passages or sentences, as `encode_queries` gives them; `progress` is called after each."""
        return self._encode([self.settings.passage_prompt + text for text in texts], progress)

    def _encode(self, texts: Sequence[str], progress: Callable[[], None] = lambda: None) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, vector in enumerate(self._pool.map(self._encode_one, texts)):
            vectors[row] = vector
            progress()
        return vectors

    def _pieces(self, text: str) -> list[int]:
        lowered = text.lower() if self.settings.lowercase else text
        return list(self._tokenizer.encode(lowered).ids)

    def _encode_one(self, text: str) -> Vectors:
        pieces = self._pieces(text)
        if len(pieces) > self.settings.max_pieces:
            raise TextTooLongError(
                f"A text has {len(pieces)} word pieces, the encoder takes {self.settings.max_pieces}. Shorten it."
            )
        ids = np.array([pieces], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (output,) = self._session.run(None, {name: inputs[name] for name in self.settings.inputs})
        vector: Vectors = output[0]
        return vector / np.linalg.norm(vector)


def _session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
