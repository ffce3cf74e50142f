"""``loccit eval run``: a question set asked of a store's published snapshot."""

from pathlib import Path

from eval.runs import run
from eval.summaries import summary
from index import Leg, Searcher, Snapshot, Store

__all__ = ["evaluate_store"]


def evaluate_store(store: Path, questions: Path, *, split: str | None, leg: Leg, out: Path) -> str:
    """Writes the run folder, and returns its summary for a reader."""
    return summary(run(Searcher(Snapshot.open(Store(store))), questions, out=out, split=split, leg=leg))
