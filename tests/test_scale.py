"""Synthetic snapshots: as large as asked, whole and searchable, and measured on a real server."""

from pathlib import Path

import numpy as np
import pytest

from index import Query, Searcher, Snapshot, Store
from index.synthetic import build_synthetic
from service.scale import recall, serve_and_ask
from service.vector_indexes import Kind, measure

QUESTIONS = ("What was the median survival?", "Which drug was given?", "Who was operated on in two stages?")


@pytest.fixture(scope="module")
def grown(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with 100 passages or more, made of the 16 of the embedded page."""
    store = Store(tmp_path_factory.mktemp("grown") / "store")
    timings = build_synthetic(Snapshot.open(Store(embedded_store)), store, 100)
    assert min(timings.texts, timings.vectors, timings.index, timings.publishing) >= 0
    return store


def test_synthetic_snapshot_is_whole(grown: Store) -> None:
    """Texts, vectors and states stand where they belong, and a question is answered out of them."""
    grown.current(thorough=True)
    snapshot = Snapshot.open(grown)
    assert 100 <= len(snapshot.passages) < 120
    for passage in snapshot.passages:
        text = snapshot.documents[passage.document_id].text
        assert text[passage.start : passage.end] == passage.text
        assert all(passage.start <= span.start < span.end <= passage.end for span in passage.sentences)
    vectors = snapshot.dense.vectors(np.arange(len(snapshot.passages)))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.tril(vectors @ vectors.T, -1).max() < 0.95
    assert np.linalg.norm(snapshot.sentence_vectors, axis=1) == pytest.approx(1, abs=1e-5)
    (answer,) = Searcher(snapshot).search([Query(question=QUESTIONS[0], min_confidence=0)])
    assert len(answer.passages) == 5
    assert answer.references


def test_figures_of_a_server(grown: Store) -> None:
    """A server is measured from its start to its answers, and exact search misses nothing."""
    served = serve_and_ask(grown.root, QUESTIONS)
    assert 0 < served.p50 <= served.p99 < 1000 * served.start
    assert 20 < served.memory < 1024
    assert served.computing > 0
    assert recall(grown, QUESTIONS) == 1


def test_indexes_are_measured() -> None:
    """Comparing all misses nothing, lists that are not looked through hold some of the nearest."""
    vectors = np.random.default_rng(1).standard_normal((3000, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = [
        Kind("Flat", ""),
        Kind("IVF64,SQ4", "nprobe=1"),
        Kind("IVF64,SQ4", "nprobe=64"),
        Kind("HNSW16", "efSearch=200"),
    ]
    found = dict(measure(vectors, vectors[:50] * np.float32(0.5) + vectors[50:100] * np.float32(0.5), chosen))
    assert list(found) == chosen
    flat, few, every, graph = found.values()
    assert flat.recall == 1
    assert few.recall < 0.5 < every.recall
    assert graph.recall > 0.9
    assert every.megabytes < flat.megabytes < graph.megabytes
    assert all(0 < each.p50 <= each.p99 for each in found.values())
