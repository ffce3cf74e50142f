"""A sentence-transformers model exported once to ONNX with int8 weights, or with fp32 ones where those cost too much.

Imported at build time only: this module brings torch with it.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer

from corpus.errors import EncoderError
from corpus.sentences import sentence_spans
from corpus.sources import EMBEDDED, read_sources
from index.encoder import Encoder, Vectors
from index.encoder_settings import ENCODER_FILES, EncoderSettings, Fidelity, Precision
from index.models import model_fingerprint
from index.onnx_files import PLAIN_ATTENTION, keep_quiet, taken_tensors, write_onnx

__all__ = ["LEAST_FIDELITY", "SAMPLE", "WIDTH", "export_encoder"]

_EXAMPLE = "An example of two words"
_QUERY_PROMPTS = ("query",)
_PASSAGE_PROMPTS = ("document", "passage", "corpus")
"""The names of prompts that sentence-transformers looks for, in its order."""

WIDTH = 128
"""The most numbers to which the state of a word piece is projected: a third of the default model's, as good."""


LEAST_FIDELITY = 0.98
"""Below this mean cosine with the model's own vectors, int8 weights are given up for fp32 ones."""

_SAME = 0.999
"""The least cosine of fp32 vectors with the model's own."""

SAMPLE = 64
"""So many texts of the sources measure what int8 weights cost."""


def export_encoder(
    model_folder: Path,
    folder: Path,
    *,
    name: str,
    fingerprint: str,
    sample: Sequence[str] = (),
    least: float = LEAST_FIDELITY,
) -> EncoderSettings:
    """Exports a sentence-transformers model into `folder`; errors call it by its `name`.

    Weights are quantized per output channel to 7 bits of an int8, so that processors with and without
    8-bit dot products give the same vectors. What that costs is measured on a `sample` of the sources' texts;
    where their mean cosine with the model's own vectors falls below `least`, the weights stay fp32.
    Raises `EncoderError` if the model cannot be loaded or exported.
    """
    keep_quiet()
    model = _loaded(model_folder, name)
    folder.mkdir(parents=True, exist_ok=True)
    exact = folder / "exact.onnx"
    settings = _settings(model, name, fingerprint, model_fingerprint(model_folder))
    try:
        write_onnx(
            model,
            model.tokenizer([_EXAMPLE], return_tensors="pt"),
            exact,
            inputs=settings.inputs,
            outputs=("sentence_embedding", "token_embeddings"),
        )
    except Exception as error:  # the exporter raises classes of its own for what it cannot express
        raise EncoderError(
            f"{name} cannot be exported to ONNX: {error}. Choose a model of a transformer, pooling and dense modules."
        ) from error
    _quantize(exact, folder / ENCODER_FILES.model)
    model.tokenizer.backend_tokenizer.save(str(folder / ENCODER_FILES.tokenizer))
    np.save(folder / ENCODER_FILES.projection, _projection(model))
    _write(settings, folder)
    if sample:
        fidelity = _fidelity(model, Encoder(folder), sample)
        precision: Precision = "int8" if fidelity.mean >= least else "fp32"
        settings = msgspec.structs.replace(settings, fidelity=fidelity, precision=precision)
        _write(settings, folder)
    if settings.precision == "fp32":
        exact.replace(folder / ENCODER_FILES.model)
        _check_exact(model, Encoder(folder), sample, name)
    exact.unlink(missing_ok=True)
    return settings


def _loaded(model_folder: Path, name: str) -> SentenceTransformer:
    try:
        model = SentenceTransformer(
            str(model_folder), device="cpu", local_files_only=True, model_kwargs=dict(PLAIN_ATTENTION)
        )
    except Exception as error:  # each library that reads a file of the model raises classes of its own
        raise EncoderError(f"{name} is no sentence-transformers model: {error}") from error
    prompted = _prompt(model, _QUERY_PROMPTS) or _prompt(model, _PASSAGE_PROMPTS)
    if prompted and not all(getattr(module, "include_prompt", True) for module in model):
        raise EncoderError(f"{name} leaves its prompts out of its pooling, which is not supported. Choose another.")
    return model


def _settings(model: SentenceTransformer, name: str, fingerprint: str, of_model: str) -> EncoderSettings:
    dimension = model.get_embedding_dimension()
    if dimension is None or model.max_seq_length is None:
        raise EncoderError(f"{name} states no dimension or no maximum length. Choose another model.")
    example = model.tokenizer([_EXAMPLE], return_tensors="pt")
    return EncoderSettings(
        fingerprint=fingerprint,
        model=of_model,
        dimension=dimension,
        max_pieces=model.max_seq_length,
        inputs=taken_tensors(example),
        query_prompt=_prompt(model, _QUERY_PROMPTS),
        passage_prompt=_prompt(model, _PASSAGE_PROMPTS),
    )


def _prompt(model: SentenceTransformer, names: Sequence[str]) -> str:
    """The prompt that sentence-transformers takes: the first of these that the model has, else its default one."""
    chosen = next((name for name in names if name in model.prompts), model.default_prompt_name)
    return (model.prompts.get(chosen) if chosen else None) or ""


def _fidelity(model: SentenceTransformer, encoder: Encoder, sample: Sequence[str]) -> Fidelity:
    """The cosines of an encoder's vectors with those of the model, of texts cut to what it takes."""
    texts = [_fitting(text, encoder) for text in sample]
    exact = model.encode_document(texts, normalize_embeddings=True, show_progress_bar=False)
    ours = np.stack([encoding.vector for encoding in encoder.encode_passages(texts)])
    cosines = np.einsum("ij,ij->i", ours, exact)
    return Fidelity(len(texts), round(float(cosines.mean()), 4), round(float(cosines.min()), 4))


def _check_exact(model: SentenceTransformer, encoder: Encoder, sample: Sequence[str], name: str) -> None:
    """Raises `EncoderError` where even fp32 weights do not give the model's own vectors."""
    found = _fidelity(model, encoder, sample)
    if found.least < _SAME:
        raise EncoderError(
            f"{name} makes other vectors than what was exported of it (least cosine {found.least}): it reads "
            "texts in a way of its own. Choose another model."
        )


def _fitting(text: str, encoder: Encoder) -> str:
    while encoder.count(text) > encoder.settings.max_pieces:
        text = text[: len(text) * 3 // 4]
    return text


def _write(settings: EncoderSettings, folder: Path) -> None:
    (folder / ENCODER_FILES.settings).write_bytes(msgspec.json.format(msgspec.json.encode(settings)) + b"\n")


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


def _quantize(exact: Path, target: Path) -> None:
    quantize_dynamic(exact, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
