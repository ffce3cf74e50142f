"""A model of torch written to a file of ONNX.

Imported at build time only: this module brings torch with it.
"""

import logging
import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from onnxruntime.quantization.shape_inference import quant_pre_process
from transformers.utils.logging import disable_progress_bar

__all__ = ["PLAIN_ATTENTION", "keep_quiet", "taken_tensors", "write_onnx"]

PLAIN_ATTENTION = MappingProxyType({"attn_implementation": "eager"})
"""How a model is loaded that is to be written: a third of the nodes, and of the time, of a fused attention go into
shapes and masks."""


class _Single(torch.nn.Module):
    """The modules of a model, one behind the other, for a single text: none of its word pieces is padding."""

    def __init__(self, modules: Iterable[torch.nn.Module], inputs: Sequence[str], outputs: Sequence[str]) -> None:
        super().__init__()
        self.first, *others = modules
        self.others = torch.nn.ModuleList(others)
        self.inputs, self.outputs = inputs, outputs

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        features = self.first(dict(zip(self.inputs, tensors, strict=True)))
        features["attention_mask"] = torch.ones_like(tensors[0])
        for module in self.others:
            features = module(features)
        return tuple(features[each] for each in self.outputs)


def taken_tensors(example: Mapping[str, Any]) -> tuple[str, ...]:
    """Which tensors a model takes of a single text, by what its tokenizer makes of an example."""
    return tuple(each for each in ("input_ids", "token_type_ids") if each in example)


def write_onnx(
    modules: Iterable[torch.nn.Module],
    example: Mapping[str, torch.Tensor],
    target: Path,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> None:
    """Writes a model with fp32 weights, its constants folded, for one text of any number of word pieces.

    `outputs` are features that its modules make; every word piece is attended to.
    """
    with tempfile.TemporaryDirectory() as aside, warnings.catch_warnings():
        # torch's exporter warns of a deprecated call inside torch itself.
        warnings.filterwarnings("ignore", category=FutureWarning, message=".*LeafSpec.*")
        exported = Path(aside, "exported.onnx")
        torch.onnx.export(
            _Single(modules, inputs, outputs).eval(),
            tuple(example[each] for each in inputs),
            exported,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=(tuple({1: torch.export.Dim.DYNAMIC} for _ in inputs),),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        quant_pre_process(str(exported), str(target), skip_symbolic_shape=True)


def keep_quiet() -> None:
    """Keeps notices off the terminal that say nothing of the model: a build draws its own progress."""
    disable_progress_bar()  # type: ignore[no-untyped-call]
    # The exporter tells that torchvision, which no text model needs, is not installed.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
