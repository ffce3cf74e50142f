"""A sentence-transformers model exported once to ONNX with int8 weights.

Imported at build time only: this module brings torch with it.
"""

import logging
import tempfile
import warnings
from pathlib import Path

import msgspec
import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from corpus import EMBEDDED, read_sources, sentence_spans
from corpus.errors import EncoderError
from index.encoder import ENCODER_FILES, EncoderSettings, Vectors

__all__ = ["WIDTH", "export_encoder"]

WIDTH = 128
"""The most numbers to which the state of a word piece is projected: a third of the default model's, as good."""


class _Pipeline(torch.nn.Module):
    """The whole model from word pieces to the sentence's vector, its own pooling included, and to their states."""

    def __init__(self, model: SentenceTransformer, names: tuple[str, ...]) -> None:
        super().__init__()
        self.model = model
        self.names = names

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = dict(zip(self.names, tensors, strict=True))
        for module in self.model:
            features = module(features)
        return features["sentence_embedding"], features["token_embeddings"]


def export_encoder(model_folder: Path, folder: Path, *, name: str, fingerprint: str) -> None:
    """Exports a sentence-transformers model into `folder`; errors call it by its `name`.

    Weights are quantized per output channel to 7 bits of an int8, so that processors with and without
    8-bit dot products give the same vectors. Raises `EncoderError` if the model cannot be loaded.
    """
    _quiet()
    try:
        model = SentenceTransformer(str(model_folder), device="cpu", local_files_only=True)
    except Exception as error:  # each library that reads a file of the model raises classes of its own
        raise EncoderError(f"{name} is no sentence-transformers model: {error}") from error
    example = model.tokenizer(["An example of two words"], return_tensors="pt")
    inputs = tuple(each for each in ("input_ids", "attention_mask", "token_type_ids") if each in example)
    folder.mkdir(parents=True, exist_ok=True)
    _export(_Pipeline(model, inputs), tuple(example[each] for each in inputs), inputs, folder / ENCODER_FILES.model)
    model.tokenizer.backend_tokenizer.save(str(folder / ENCODER_FILES.tokenizer))
    np.save(folder / ENCODER_FILES.projection, _projection(model))
    settings = _settings(model, inputs, name, fingerprint)
    (folder / ENCODER_FILES.settings).write_bytes(msgspec.json.format(msgspec.json.encode(settings)) + b"\n")


def _settings(model: SentenceTransformer, inputs: tuple[str, ...], name: str, fingerprint: str) -> EncoderSettings:
    dimension = model.get_embedding_dimension()
    if dimension is None or model.max_seq_length is None:
        raise EncoderError(f"{name} states no dimension or no maximum length. Choose another model.")
    prompts = model.prompts
    return EncoderSettings(
        fingerprint=fingerprint,
        dimension=dimension,
        max_pieces=model.max_seq_length,
        inputs=inputs,
        lowercase=bool(getattr(model[0], "do_lower_case", False)),
        query_prompt=prompts.get("query") or "",
        passage_prompt=prompts.get("document") or prompts.get("passage") or "",
    )


def _projection(model: SentenceTransformer) -> Vectors:
    """The `WIDTH` directions in which the states of word pieces vary most, float32 of shape (state, width).

    They are taken from the sentences of the page that comes with loccit, and serve other texts as well.
    """
    texts = [
        document.text[span.start : span.end]
        for document in read_sources([EMBEDDED]).documents
        for span in sentence_spans(document.text, markers=document.markers)
    ]
    states = np.concatenate([each.numpy() for each in model.encode(texts, output_value="token_embeddings")])
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    # Ascending eigenvalues of the second moments; not centred, since cosines are to be kept.
    _, directions = np.linalg.eigh(states.T @ states)
    return np.ascontiguousarray(directions[:, -WIDTH:], dtype=np.float32)


def _export(pipeline: _Pipeline, example: tuple[torch.Tensor, ...], names: tuple[str, ...], target: Path) -> None:
    with tempfile.TemporaryDirectory() as aside, warnings.catch_warnings():
        # torch's exporter warns of a deprecated call inside torch itself.
        warnings.filterwarnings("ignore", category=FutureWarning, message=".*LeafSpec.*")
        exact, prepared = Path(aside, "exact.onnx"), Path(aside, "prepared.onnx")
        torch.onnx.export(
            pipeline.eval(),
            example,
            exact,
            input_names=list(names),
            output_names=["sentence_embedding", "token_embeddings"],
            dynamic_shapes=(tuple({1: torch.export.Dim.DYNAMIC} for _ in names),),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        quant_pre_process(str(exact), str(prepared), skip_symbolic_shape=True)
        quantize_dynamic(prepared, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def _quiet() -> None:
    """Keeps notices off the terminal that say nothing of the model: a build draws its own progress."""
    disable_progress_bar()  # type: ignore[no-untyped-call]
    # The exporter tells that torchvision, which no text model needs, is not installed.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
