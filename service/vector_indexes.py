"""Kinds of FAISS indexes side by side: ``python -m service.vector_indexes STORE QUESTIONS --size 100000``.

Vectors are synthetic ones between those of a real STORE (see `index.synthetic`), questions those of a question set. As
a snapshot does it, each index chooses `CHOSEN` vectors, which are then compared exactly. Printed are, as a table in
Markdown: the share of the ten nearest that is found; the time of the processor for one question on one core, in
milliseconds; megabytes of the index; and the minutes of the processor that making it took.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import faiss
import numpy as np

from eval.questions import read_questions
from index import Snapshot, Store
from index.encoder import Vectors
from index.synthetic import fill_between
from index.texts import Rows
from service.reporting import reporting

__all__ = ["CHOSEN", "Kind", "Measured", "kinds", "main", "measure"]

CHOSEN = 100
"""So many are compared exactly."""

_HEAD = "| | @10 | p50 | p99 | MB | built, min |"


class Kind(NamedTuple):
    """An index by its name for FAISS's factory, with the parameters of a search."""

    factory: str
    parameters: str


class Measured(NamedTuple):
    """The recall of an index, milliseconds of questions, its megabytes, and the minutes that making it took."""

    recall: float
    p50: float
    p99: float
    megabytes: float
    minutes: float


def kinds(size: int) -> list[Kind]:
    """What is worth comparing for so many vectors."""
    lists = int(4 * size**0.5)
    searches = [Kind(f"IVF{lists},SQ4", f"nprobe={probed}") for probed in (64, 128, 256)]
    graphs = [Kind("HNSW32_SQ8", f"efSearch={wide}") for wide in (100, 200, 400)]
    return [Kind("Flat", ""), *searches, Kind(f"IVF{lists},SQ8", "nprobe=128"), *graphs]


@click.command()
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("questions", type=click.Path(path_type=Path))
@click.option("--size", default=100_000, show_default=True, help="How many vectors.")
@click.option("--asked", default=200, show_default=True, help="So many of the questions are asked.")
@reporting
def main(store: Path, questions: Path, size: int, asked: int) -> None:
    """Measure kinds of indexes on synthetic vectors."""
    base = Snapshot.open(Store(store))
    texts = [question.question for question in read_questions(questions)][:asked]
    queries = np.stack([encoding.vector for encoding in base.encoder.encode_queries(texts)])
    click.echo(f"{_HEAD}\n{'|---' * 6}|")
    for kind, found in measure(_vectors(base, size), queries, kinds(size)):
        figures = (f"{found.recall:.3f}", f"{found.p50:.1f}", f"{found.p99:.1f}", f"{found.megabytes:.0f}")
        click.echo(f"| {' | '.join((' '.join(kind), *figures, f'{found.minutes:.1f}'))} |")


def measure(vectors: Vectors, queries: Vectors, chosen: list[Kind]) -> Iterator[tuple[Kind, Measured]]:
    """Makes each index once, one after the other, and asks it every question under each of its parameters.

    `vectors` and `queries` have unit rows. Kinds of one factory stand together.
    """
    _, nearest = faiss.knn(queries, vectors, 10, metric=faiss.METRIC_INNER_PRODUCT)
    factory, minutes = "", 0.0
    for kind in chosen:
        if kind.factory != factory:
            start = time.process_time()
            index = _made(kind.factory, vectors)
            factory, minutes = kind.factory, (time.process_time() - start) / 60
            megabytes = len(faiss.serialize_index(index)) / 1e6
        if kind.parameters:
            settings: Any = faiss.ParameterSpace()  # the types of FAISS know another form of the next
            settings.set_index_parameters(index, kind.parameters)
        recalls, times = zip(
            *(_asked(index, vectors, query, exact) for query, exact in zip(queries, nearest, strict=True)), strict=True
        )
        p50, p99 = np.percentile(times, [50, 99]).tolist()
        yield kind, Measured(float(np.mean(recalls)), p50, p99, megabytes, minutes)


def _vectors(base: Snapshot, size: int) -> Vectors:
    choice = np.random.default_rng(0)
    parents = choice.integers(len(base.passages), size=(size, 2))
    vectors = np.empty((size, base.encoder.dimension), dtype=np.float32)
    fill_between(vectors, base.dense.vectors, parents, choice)
    return vectors


def _made(factory: str, vectors: Vectors) -> faiss.Index:
    index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(0).choice(len(vectors), min(len(vectors), 200_000), replace=False)
    index.train(vectors[np.sort(sample)])
    index.add(vectors)
    made: faiss.Index = index
    return made


def _asked(index: faiss.Index, vectors: Vectors, query: Vectors, exact: Rows) -> tuple[float, float]:
    """The share of the ten nearest that is found, and the milliseconds that it took."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    start = time.thread_time()
    _, found = index.search(query[None], CHOSEN)
    rows = found[0][found[0] >= 0]
    best = rows[np.argsort(-(vectors[rows] @ query))[:10]]
    took = 1000 * (time.thread_time() - start)
    faiss.omp_set_num_threads(threads)
    return float(np.isin(exact, best).mean()), took


if __name__ == "__main__":
    main()
