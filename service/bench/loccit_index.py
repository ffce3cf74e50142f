"""Builds loccit's snapshot of the documents in a JSON Lines file: ``python -m service.bench.loccit_index``."""

import sys
from pathlib import Path

import msgspec

from eval.questions import SourceText
from index import Store
from index.build import build_snapshot
from service.datasets import document_of

__all__ = ["main"]


def main() -> None:
    """Arguments: the file of documents, and the store."""
    documents, store = map(Path, sys.argv[1:])
    decoder = msgspec.json.Decoder(SourceText)
    build_snapshot([document_of(decoder.decode(line)) for line in documents.open("rb")], Store(store))


if __name__ == "__main__":
    main()
