"""How fast the service is on this machine: ``make bench``.

Starts a real server process on the embedded page and measures over HTTP on one kept-alive connection:
cold start (from the start of the process to the end of the first answer), resident memory, and the time
of ``POST /v1/ask``. Times of one run on one machine; compare only runs made side by side.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from corpus import EMBEDDED
from eval.questions import EMBEDDED_QUESTIONS, read_questions
from service.building import build_sources

__all__ = ["main"]

_COMMAND = "from service.command import main; main()"
_STARTS = 5
_ROUNDS = 5
_CLIENTS = 32


def main() -> None:
    """Prints the figures, one a line."""
    questions = [question.question for question in read_questions(EMBEDDED_QUESTIONS, "development")]
    with tempfile.TemporaryDirectory() as aside:
        store = Path(aside, "store")
        build_sources([EMBEDDED], store, form=None, settings={})
        starts = [_cold_start(store, questions[0]) for _ in range(_STARTS)]
        print(f"cold start to the first answer: median {statistics.median(starts):.2f} s of {_STARTS} starts")
        with _serving(store) as (process, address):
            connection = _connect(address)
            times = sorted(_ask(connection, question) for _ in range(_ROUNDS) for question in questions)
            _print_times(times)
            print(f"resident memory after {len(times)} questions: {_resident(process.pid):.0f} MiB")
            rate = _throughput(address, questions)
            print(f"{_CLIENTS} clients at once: {rate:.0f} questions/s on {os.cpu_count()} cores")


def _print_times(times: list[float]) -> None:
    cuts = statistics.quantiles(times, n=100)
    figures = ", ".join(f"p{at} {1000 * cuts[at - 1]:.1f} ms" for at in (50, 95, 99))
    print(f"POST /v1/ask, one client, {len(times)} questions: {figures}")


@contextmanager
def _serving(store: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process on a free port, and its address."""
    command = [sys.executable, "-c", _COMMAND, "serve", "--index", str(store), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield process, urlsplit(line.split()[-1]).netloc
        finally:
            process.terminate()


def _cold_start(store: Path, question: str) -> float:
    start = time.perf_counter()
    with _serving(store) as (_, address):
        _ask(_connect(address), question)
        return time.perf_counter() - start


def _connect(address: str) -> HTTPConnection:
    return HTTPConnection(address, timeout=30)


def _ask(connection: HTTPConnection, question: str) -> float:
    """Seconds for one answer."""
    start = time.perf_counter()
    connection.request("POST", "/v1/ask", json.dumps({"question": question}), {"content-type": "application/json"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {body.decode()}")
    return time.perf_counter() - start


def _throughput(address: str, questions: list[str]) -> float:
    """Questions per second with many clients, each asking all questions."""

    def client(_: int) -> int:
        connection = _connect(address)
        return sum(_ask(connection, question) > 0 for question in questions)

    start = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        answered = sum(pool.map(client, range(_CLIENTS)))
    return answered / (time.perf_counter() - start)


def _resident(process: int) -> float:
    """The resident memory of a process in MiB, from Linux's proc file system."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


if __name__ == "__main__":
    main()
