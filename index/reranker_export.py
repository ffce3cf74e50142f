"""A sentence-transformers cross-encoder exported once to ONNX, with its own fp32 weights.

Imported at build time only: this module brings torch with it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import torch
from sentence_transformers import CrossEncoder

from corpus.errors import EncoderError
from index.onnx_files import PLAIN_ATTENTION, keep_quiet, taken_tensors, write_onnx
from index.reranker import RERANKER_FILES, Activation, Reranker, RerankerSettings

__all__ = ["export_reranker"]

_QUESTION = "Which of two words is an example?"
_PASSAGES = ("An example of two words", "An example of many words, read as far as there is room for it. " * 40)
"""What is read by the model and by what was exported of it; the second is longer than most models take."""

_TOLERANCE = 1e-3
"""By so much their logits may differ."""

_MOST = 1 << 16
"""A greater maximum length stands for none."""

_ACTIVATIONS: dict[object, Activation] = {torch.nn.Sigmoid: "sigmoid", torch.nn.Identity: "identity"}


def export_reranker(model_folder: Path, folder: Path, *, name: str, fingerprint: str) -> RerankerSettings:
    """Exports a sentence-transformers cross-encoder into `folder`; errors call it by its `name`.

    Raises `EncoderError` if the model cannot be loaded or exported, or if what was exported scores otherwise.
    """
    keep_quiet()
    model = _loaded(model_folder, name)
    settings = _settings(model, name, fingerprint)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        example = model.preprocess([(_QUESTION, _PASSAGES[0])])
        write_onnx(
            model,
            example,
            folder / RERANKER_FILES.model,
            inputs=settings.inputs,
            outputs=("scores",),
        )
        model.tokenizer.backend_tokenizer.save(str(folder / RERANKER_FILES.tokenizer))
    except Exception as error:  # the exporter raises classes of its own for what it cannot express
        raise EncoderError(
            f"{name} cannot be exported to ONNX: {error}. Choose a cross-encoder of one transformer."
        ) from error
    content = msgspec.json.format(msgspec.json.encode(settings))
    (folder / RERANKER_FILES.settings).write_bytes(content + b"\n")
    _check_scores(model, Reranker(folder), name)
    return settings


def _loaded(model_folder: Path, name: str) -> CrossEncoder:
    try:
        with _unheard():
            model: CrossEncoder = CrossEncoder(
                str(model_folder), device="cpu", local_files_only=True, model_kwargs=dict(PLAIN_ATTENTION)
            )
    except Exception as error:  # each library that reads a file of the model raises classes of its own
        raise EncoderError(f"{name} is no sentence-transformers cross-encoder: {error}") from error
    # Another model is given a head of random numbers, which would be exported without a word.
    named = getattr(model.config, "architectures", None) or ["unknown"]
    if len(model) == 1 and not named[0].endswith("ForSequenceClassification"):
        raise EncoderError(
            f"{name} is no cross-encoder: its architecture is {named[0]}, which scores no pairs. Name the folder of a "
            "sentence-transformers CrossEncoder."
        )
    model.float()
    return model


def _settings(model: CrossEncoder, name: str, fingerprint: str) -> RerankerSettings:
    if model.num_labels != 1:
        raise EncoderError(f"{name} gives {model.num_labels} labels to a pair, not one score. Choose a reranker.")
    activation = _ACTIVATIONS.get(type(model.activation_fn))
    if activation is None:
        raise EncoderError(
            f"{name} ends in {type(model.activation_fn).__name__}; only Sigmoid and Identity are supported. "
            "Choose another reranker."
        )
    if model.max_seq_length is None or model.max_seq_length > _MOST:
        raise EncoderError(f"{name} states no maximum length. Set model_max_length in its tokenizer_config.json.")
    return RerankerSettings(
        fingerprint=fingerprint,
        max_pieces=model.max_seq_length,
        inputs=taken_tensors(model.preprocess([(_QUESTION, _PASSAGES[0])])),
        activation=activation,
    )


def _check_scores(model: CrossEncoder, reranker: Reranker, name: str) -> None:
    """Raises `EncoderError` where the model scores otherwise than what was exported of it."""
    ours = reranker.logits(_QUESTION, _PASSAGES)
    pairs = [(_QUESTION, passage) for passage in _PASSAGES]
    theirs = model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
    if not np.allclose(ours, theirs, rtol=_TOLERANCE, atol=_TOLERANCE):
        raise EncoderError(
            f"{name} scores pairs as {theirs.tolist()}, what was exported of it as {ours.tolist()}: it reads them in a "
            "way of its own. Choose another reranker."
        )


@contextmanager
def _unheard() -> Iterator[None]:
    """Keeps off the terminal what is logged of a model that is no cross-encoder, which an error tells."""
    logs = [logging.getLogger(name) for name in ("transformers", "sentence_transformers")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
