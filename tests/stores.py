"""Stores and pages that tests of the index and the service build in sight."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizer

from corpus import Document, read_sources
from index import Searcher, Snapshot, Store, build_snapshot

__all__ = ["copied", "read_pages", "searcher_of", "tiny_model"]

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


def searcher_of(documents: Sequence[Document], store: Path, folder: Path) -> Searcher:
    """A searcher of some documents, with the encoder of a store that is built already."""
    own = copied(store, folder)
    build_snapshot(documents, own)
    return Searcher(Snapshot.open(own))


def tiny_model(folder: Path, *, pooling: str = "mean", pieces: int = 32) -> Path:
    """A sentence-transformers model of two small layers with random weights, saved in a folder."""
    folder.mkdir()
    words = folder / "words.txt"
    words.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]), "utf-8")
    torch.manual_seed(2)
    shape = BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.2,  # so large that texts differ
    )
    BertModel(shape).save_pretrained(folder / "bert")
    BertTokenizer(vocab=str(words)).save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert"), max_seq_length=pieces), Pooling(32, pooling_mode=pooling)]
    model = SentenceTransformer(modules=modules, device="cpu", prompts={"query": "pain ", "document": "the tumor "})
    model.save(str(folder / "model"))
    return folder / "model"
