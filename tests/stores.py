"""Stores and pages that tests of the index and the service build in sight."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Dropout, Normalize, Pooling, Transformer
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizer

from corpus import Document
from corpus.sources import read_sources
from index import BuildSettings, Searcher, Snapshot, Store
from index.build import build_snapshot

__all__ = ["copied", "read_pages", "searcher_of", "tiny_cross_encoder", "tiny_model"]

WORDS = ("the", "spine", "tumor", "pain", "median", "survival", "surgery", "months", "patients", "##s", "14", ".", "8")


def copied(store: Path, folder: Path) -> Store:
    """A copy of a store, which a test may damage or build in without exporting the encoder again."""
    shutil.copytree(store, folder)
    return Store(folder)


def read_pages(folder: Path, **pages: str) -> tuple[Document, ...]:
    """The documents of some pages in DokuWiki markup, each under the name of its keyword."""
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    collection = read_sources([folder], form="dokuwiki")
    assert collection.findings == ()
    return collection.documents


def searcher_of(
    documents: Sequence[Document], store: Path, folder: Path, settings: BuildSettings | None = None
) -> Searcher:
    """A searcher of some documents, with the encoder of a store that is built already."""
    own = copied(store, folder)
    build_snapshot(documents, own, settings or BuildSettings())
    return Searcher(Snapshot.open(own))


def tiny_model(
    folder: Path,
    *,
    pooling: str = "mean",
    pieces: int = 32,
    dense: int | None = None,
    normalize: bool = False,
    dropout: float = 0.0,
    lowercase: bool = False,
    spread: float = 0.2,
    outlier: float = 1.0,
    prompts: Mapping[str, str] = MappingProxyType({"query": "pain ", "document": "the tumor "}),
    default_prompt_name: str | None = None,
) -> Path:
    """A sentence-transformers model of two small layers with random weights, saved in a folder.

    `spread` is that of its weights, so large by default that texts differ; one weight of each row is multiplied by
    `outlier`, which spoils a quantization by rows where it is great. `dense` is the length to which a module of
    that kind brings its vectors.
    """
    bert = BertModel(_tiny_bert(folder, spread=spread))
    with torch.no_grad():
        for name, weight in bert.named_parameters():
            if name.endswith(("intermediate.dense.weight", "output.dense.weight")) and "attention" not in name:
                weight[:, 0] *= outlier
    bert.save_pretrained(folder / "bert")
    modules: list[torch.nn.Module] = [
        Transformer(str(folder / "bert"), max_seq_length=pieces),
        Pooling(32, pooling_mode=pooling),
    ]
    if dense is not None:
        modules.append(Dense(32, dense))
    if dropout:
        modules.append(Dropout(dropout))
    if normalize:
        modules.append(Normalize())
    model = SentenceTransformer(
        modules=modules, device="cpu", prompts=dict(prompts), default_prompt_name=default_prompt_name
    )
    model.save(str(folder / "model"))
    if lowercase:
        # Only older versions of sentence-transformers write this, and all read it.
        settings = folder / "model" / "sentence_bert_config.json"
        settings.write_text(json.dumps({**json.loads(settings.read_text("utf-8")), "do_lower_case": True}), "utf-8")
    return folder / "model"


def tiny_cross_encoder(
    folder: Path,
    *,
    pieces: int = 48,
    labels: int = 1,
    activation: torch.nn.Module | None = None,
    reverse: bool = False,
) -> Path:
    """A sentence-transformers cross-encoder of two small layers with random weights, saved in a folder.

    With `reverse` its logits have the other sign.
    """
    shape = _tiny_bert(folder, spread=0.5)
    shape.num_labels = labels
    bert = BertForSequenceClassification(shape)
    if reverse:
        with torch.no_grad():
            bert.classifier.weight.neg_()
            bert.classifier.bias.neg_()
    bert.save_pretrained(folder / "bert")
    model = CrossEncoder(str(folder / "bert"), device="cpu", max_length=pieces, activation_fn=activation)
    model.save_pretrained(str(folder / "model"))
    return folder / "model"


def _tiny_bert(folder: Path, *, spread: float) -> BertConfig:
    """The shape of a small model whose weights will be the same ones again; its tokenizer is saved below a folder."""
    folder.mkdir()
    words = folder / "words.txt"
    words.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]), "utf-8")
    BertTokenizer(vocab=str(words), do_lower_case=False).save_pretrained(folder / "bert")
    torch.manual_seed(2)
    return BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=spread,
    )
