"""Scores of a question and a passage read together, by a cross-encoder exported to ONNX. torch is not imported here."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import tokenizers

from index.encoder import Vectors, open_session

__all__ = ["RERANKER_FILES", "Activation", "Reranker", "RerankerFiles", "RerankerSettings", "read_reranker_settings"]

Activation = Literal["sigmoid", "identity"]
"""What a cross-encoder makes of its logit."""


class RerankerFiles(msgspec.Struct, frozen=True):
    """The names of an exported cross-encoder's files."""

    model: str = "model.onnx"
    tokenizer: str = "tokenizer.json"
    settings: str = "reranker.json"


RERANKER_FILES = RerankerFiles()


class RerankerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known of an exported cross-encoder to run it as it was trained.

    `max_pieces` counts the word pieces of a pair with the special ones; `inputs` are the tensors of the model.
    """

    fingerprint: str
    max_pieces: int
    inputs: tuple[str, ...]
    activation: Activation


def read_reranker_settings(folder: Path) -> RerankerSettings:
    """The settings of the cross-encoder in a folder."""
    return msgspec.json.decode((folder / RERANKER_FILES.settings).read_bytes(), type=RerankerSettings)


class Reranker:
    """An exported cross-encoder, run in a pool of workers of one thread each.

    Every pair is read alone, so that a score never depends on the load. Of a pair that is too long the end of the
    passage is left out, never anything of the question, which has at most half of the room.
    """

    def __init__(self, folder: Path, *, workers: int | None = None) -> None:
        self.settings = read_reranker_settings(folder)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / RERANKER_FILES.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._special = self._tokenizer.num_special_tokens_to_add(is_pair=True)
        self._session = open_session(folder / RERANKER_FILES.model)
        self._pool = ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)), "reranker")

    @property
    def most_of_question(self) -> int:
        """How many word pieces a question may have, without the special ones."""
        return (self.settings.max_pieces - self._special) // 2

    def count(self, question: str) -> int:
        """The word pieces of a question, without the special ones."""
        return len(self._tokenizer.encode(question, add_special_tokens=False))

    def logits(self, question: str, passages: Sequence[str]) -> Vectors:
        """How well each passage answers, as the order tells it: float32 of shape ``(passages,)``.

        The question has at most `most_of_question` word pieces.
        """
        found = self._pool.map(lambda passage: self._logit(question, passage), passages)
        return np.array(list(found), dtype=np.float32)

    def scores(self, logits: Vectors) -> Vectors:
        """Logits as the cross-encoder itself tells them; with a sigmoid the greatest may become equal."""
        if self.settings.activation == "identity":
            return logits
        # The logistic function, in a form that no logit overflows.
        scores: Vectors = (0.5 * (1 + np.tanh(logits.astype(np.float64) / 2))).astype(np.float32)
        return scores

    def _logit(self, question: str, passage: str) -> float:
        pair = self._tokenizer.encode(question, passage)
        kept = _kept(pair, self.settings.max_pieces)
        tensors = {"input_ids": pair.ids, "token_type_ids": pair.type_ids}
        inputs = {name: np.array([tensors[name]], dtype=np.int64)[:, kept] for name in self.settings.inputs}
        (logits,) = self._session.run(None, inputs)
        return float(logits[0, 0])


def _kept(pair: tokenizers.Encoding, most: int) -> npt.NDArray[np.bool_]:
    """Which word pieces of a pair are read: all, or at most so many, the last of the passage left out."""
    kept = np.ones(len(pair), dtype=np.bool_)
    of_passage = np.flatnonzero(np.array(pair.sequence_ids) == 1)
    excess = max(0, len(pair) - most)
    kept[of_passage[len(of_passage) - excess :]] = False
    return kept
