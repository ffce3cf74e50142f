"""The dense index: exact for few vectors, and for many so near to it that little is missed."""

from pathlib import Path

import numpy as np
import pytest

from index.dense import DenseIndex
from index.encoder import Vectors


def unit(vectors: Vectors) -> Vectors:
    """Vectors brought to length 1."""
    shorter: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return shorter


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of 6,000 vectors of 32 numbers in 300 clusters."""
    choice = np.random.default_rng(1)
    centres = choice.normal(size=(300, 32))
    around = centres[choice.integers(300, size=6000)] + choice.normal(size=(6000, 32)) * 0.4
    path = tmp_path_factory.mktemp("dense") / "passages.npy"
    np.save(path, unit(around.astype(np.float32)))
    return path


@pytest.fixture(scope="module")
def questions(vectors: Path) -> Vectors:
    """100 vectors near to some of them."""
    choice = np.random.default_rng(2)
    near = np.load(vectors)[choice.integers(6000, size=100)] + choice.normal(size=(100, 32)) * 0.1
    return unit(near.astype(np.float32))


def exact_top(vectors: Path, question: Vectors, most: int) -> list[int]:
    """The nearest vectors of a file, by sorting all."""
    return exact_top_of(np.load(vectors), question, most)


def exact_top_of(vectors: Vectors, question: Vectors, most: int) -> list[int]:
    """The nearest of some vectors, by sorting all."""
    top: list[int] = np.argsort(-(vectors @ question), kind="stable")[:most].tolist()
    return top


def test_few_vectors_are_all_compared(vectors: Path, questions: Vectors, tmp_path: Path) -> None:
    """Up to the bound there is no index, and the nearest are found exactly."""
    DenseIndex.build(vectors, tmp_path / "dense.faiss", exact_up_to=6000)
    assert list(tmp_path.iterdir()) == []
    index = DenseIndex.load(vectors, tmp_path / "dense.faiss")
    for question in questions:
        assert index.top(question, 10).tolist() == exact_top(vectors, question, 10)
    assert sorted(index.top(questions[0], 10_000).tolist()) == list(range(6000))


def test_many_vectors_are_found_by_an_index(vectors: Path, questions: Vectors, tmp_path: Path) -> None:
    """Beyond the bound an index chooses, what it chooses stands in exact order, and .98 of the best ten are there."""
    DenseIndex.build(vectors, tmp_path / "dense.faiss", exact_up_to=5999)
    index = DenseIndex.load(vectors, tmp_path / "dense.faiss")
    known = np.load(vectors)
    found = []
    for question in questions:
        top = index.top(question, 10)
        cosines = known[top] @ question
        assert (np.diff(cosines) <= 1e-6).all()
        found.append(len({*top.tolist()} & {*exact_top(vectors, question, 10)}) / 10)
    assert np.mean(found) >= 0.98
    assert (index.vectors(np.array([5, 7])) == known[[5, 7]]).all()


def test_index_is_the_same_again(vectors: Path, tmp_path: Path) -> None:
    """The same vectors give the same file."""
    for name in ("one", "two"):
        DenseIndex.build(vectors, tmp_path / name, exact_up_to=10)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("exact_up_to", [6000, 10])
def test_within_some_rows_all_are_compared(vectors: Path, questions: Vectors, tmp_path: Path, exact_up_to: int) -> None:
    """Among some rows the nearest are found exactly, with an index and without."""
    DenseIndex.build(vectors, tmp_path / "dense.faiss", exact_up_to=exact_up_to)
    index = DenseIndex.load(vectors, tmp_path / "dense.faiss")
    within = np.arange(0, 6000, 7)
    for question in questions[:10]:
        expected = within[np.argsort(-(np.load(vectors)[within] @ question), kind="stable")[:5]]
        assert index.top(question, 5, within).tolist() == expected.tolist()
    assert index.top(questions[0], 5, within[:0]).tolist() == []


@pytest.mark.parametrize("exact_up_to", [6000, 5999])
def test_hidden_rows_are_never_found(vectors: Path, questions: Vectors, tmp_path: Path, exact_up_to: int) -> None:
    """Rows that are hidden leave room for the next ones, with an index and without; the whole still finds them."""
    DenseIndex.build(vectors, tmp_path / "dense.faiss", exact_up_to=exact_up_to)
    index = DenseIndex.load(vectors, tmp_path / "dense.faiss")
    hidden = np.unique([row for question in questions for row in exact_top(vectors, question, 5)])
    shown = index.without(hidden)
    left = np.setdiff1d(np.arange(6000), hidden)
    found = []
    for question in questions:
        expected = left[exact_top_of(np.load(vectors)[left], question, 10)].tolist()
        top = shown.top(question, 10).tolist()
        assert len(top) == 10
        assert set(top).isdisjoint(hidden.tolist())
        found.append(len(set(top) & set(expected)) / 10)
    assert np.mean(found) >= (0.98 if exact_up_to < 6000 else 1)
    assert index.top(questions[0], 1).tolist() == exact_top(vectors, questions[0], 1)
    assert index.without(np.arange(6000)).top(questions[0], 10).tolist() == []
