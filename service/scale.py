"""How a snapshot behaves as it grows: ``python -m service.scale STORE QUESTIONS --out DIR``.

For each size a synthetic snapshot is built out of a real STORE (see `index.synthetic`), without encoding, and a real
server of it is asked the QUESTIONS (a question set), each once and one after the other. Printed are, as a table in
Markdown: minutes to build; gigabytes on disk; seconds from the start of the server to its first answer; anonymous
memory after all questions, in MiB, which leaves out what is only mapped from files; the time of an answer in the
server, and how long its process computed for one, in milliseconds; how many of the ten nearest passages the dense
index finds. Each snapshot is deleted before the next is built. Times of one run on one machine; compare only runs made
side by side.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import faiss
import httpx
import msgspec
import numpy as np

from eval.questions import read_questions
from index import Snapshot, Store
from index.manifest import LAYOUT
from index.synthetic import build_synthetic
from service.bench.processes import cpu_seconds, free_port, memory, serving
from service.bench.systems import loccit
from service.reporting import reporting

__all__ = ["Served", "main", "recall", "serve_and_ask"]

_PASSAGES = 5
"""Of an answer."""
_SIZES = (1_000, 10_000, 100_000, 1_000_000)
_HEAD = "| passages | build, min | disk, GB | start, s | memory, MiB | p50, ms | p99, ms | computing, ms | recall@10 |"


class Served(msgspec.Struct, frozen=True):
    """What was seen of a server: seconds to its first answer, MiB of anonymous memory, and times in milliseconds."""

    start: float
    memory: float
    p50: float
    p99: float
    computing: float


@click.command()
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("questions", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A folder for the snapshots.")
@click.option("--size", "sizes", type=int, multiple=True, default=_SIZES, show_default=True, help="May be repeated.")
@click.option("--asked", default=300, show_default=True, help="So many of the questions are asked.")
@reporting
def main(store: Path, questions: Path, out: Path, sizes: Sequence[int], asked: int) -> None:
    """Build snapshots of several sizes, and measure each."""
    base = Snapshot.open(Store(store))
    texts = [question.question for question in read_questions(questions)][:asked]
    click.echo(f"{_HEAD}\n{'|---' * 9}|")
    for size in sizes:
        grown = Store(out / str(size))
        times = build_synthetic(base, grown, size)
        minutes = (times.texts + times.vectors + times.index + times.publishing) / 60
        click.echo(f"{size}: {times}", err=True)
        disk = sum(path.stat().st_size for path in grown.current().rglob("*")) / 1e9
        served = serve_and_ask(grown.root, texts)
        cells = (f"{size:,}", f"{minutes:.1f}", f"{disk:.2f}", f"{served.start:.1f}", f"{served.memory:.0f}")
        figures = (f"{served.p50:.1f}", f"{served.p99:.1f}", f"{served.computing:.1f}", f"{recall(grown, texts):.3f}")
        click.echo(f"| {' | '.join(cells + figures)} |")
        shutil.rmtree(grown.root)


def serve_and_ask(store: Path, questions: Sequence[str]) -> Served:
    """Starts a server on a free port and asks it each question once."""
    system, port = loccit(), free_port()
    first = system.ask(questions[0], _PASSAGES)
    with (
        tempfile.TemporaryDirectory() as aside,
        serving(system.serve(store, port), port, first, Path(aside, "log")) as server,
    ):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            before = cpu_seconds(server.process)
            times = [_ask(client, question) for question in questions[1:]]
        computing = 1000 * (cpu_seconds(server.process) - before) / len(times)
        p50, p99 = np.percentile(times, [50, 99]).tolist()
        return Served(server.cold_start, memory(server.process).anonymous, p50, p99, computing)


def recall(store: Store, questions: Sequence[str]) -> float:
    """The share of the ten nearest passages that the dense index finds, in the mean."""
    snapshot = Snapshot.open(store)
    vectors = np.stack([encoding.vector for encoding in snapshot.encoder.encode_queries(questions)])
    known = np.load(snapshot.folder / LAYOUT.passages, mmap_mode="r").view(np.ndarray)
    _, exact = faiss.knn(vectors, known, 10, metric=faiss.METRIC_INNER_PRODUCT)
    found = [snapshot.dense.top(vector, 50)[:10] for vector in vectors]
    return float(np.mean([np.isin(one, other).mean() for one, other in zip(exact, found, strict=True)]))


def _ask(client: httpx.Client, question: str) -> float:
    """The milliseconds that the server says it took for an answer."""
    answer = client.post("/v1/ask", json={"question": question}).raise_for_status().json()
    return float(answer["took_ms"])


if __name__ == "__main__":
    main()
