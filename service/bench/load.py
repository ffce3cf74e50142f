"""Clients at once against a server, and what became of their requests."""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from service.bench.processes import Server, cpu_seconds
from service.bench.requests import Outcome, Plan, Reply, Request

__all__ = ["Asked", "Load", "ask_all"]

Check = Callable[[str], list[str]]
"""The ids of the passages in a body; raises `ValueError` or `msgspec.DecodeError` for a body that is no full answer."""


class Load(msgspec.Struct, frozen=True):
    """So many clients at once: times of an answer in ms, questions/s, and CPU in ms a question."""

    clients: int
    questions: int
    seconds: float
    p50_ms: float
    p99_ms: float
    per_second: float
    server_cpu_ms: float
    client_cpu_ms: float


class Asked(msgspec.Struct, frozen=True):
    """A load, the ids of passages in each answer (none in a failed one), and what failed."""

    load: Load
    rankings: tuple[list[str], ...]
    failures: tuple[str, ...]


def ask_all(server: Server, requests: Sequence[Request], *, clients: int, check: Check) -> Asked:
    """All requests, by clients in a process of their own."""
    with tempfile.TemporaryDirectory() as aside:
        plan, end = Path(aside, "plan.json"), Path(aside, "outcome.json")
        plan.write_bytes(msgspec.json.encode(Plan(server.port, clients, tuple(requests))))
        before = cpu_seconds(server.process)
        subprocess.run([sys.executable, "-m", "service.bench.client", plan, end], check=True)  # noqa: S603 - our own
        used = cpu_seconds(server.process) - before
        outcome = msgspec.json.decode(end.read_bytes(), type=Outcome)
    checked = [_checked(reply, check) for reply in outcome.replies]
    return Asked(
        load=_load(clients, outcome, used),
        rankings=tuple([] if isinstance(each, str) else each for each in checked),
        failures=tuple(each for each in checked if isinstance(each, str)),
    )


def _checked(reply: Reply, check: Check) -> list[str] | str:
    """The passages of an answer, or what is wrong with it."""
    if reply.status != 200:
        return f"status {reply.status}: {reply.body[:300]}"
    try:
        return check(reply.body)
    except (ValueError, msgspec.DecodeError) as error:
        return f"{error}: {reply.body[:300]}"


def _load(clients: int, outcome: Outcome, used: float) -> Load:
    times = sorted(1000 * reply.seconds for reply in outcome.replies)
    count = len(times)
    return Load(
        clients=clients,
        questions=count,
        seconds=outcome.seconds,
        p50_ms=statistics.median(times),
        p99_ms=percentile(times, 99),
        per_second=count / outcome.seconds,
        server_cpu_ms=1000 * used / count,
        client_cpu_ms=1000 * outcome.cpu_seconds / count,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """The least of some sorted values that so many percent do not exceed.

    >>> percentile([1, 2, 3, 4], 50)
    2
    >>> percentile([1, 2, 3, 4], 99)
    4
    """
    return values[max(0, -(-len(values) * percent // 100) - 1)]
