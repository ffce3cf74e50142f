"""What is measured of each system, and in which order: round after round, in each one system after the other.

So a disturbance hits all alike. No two servers ever run at once, and no server is asked a question twice.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from eval.measures import over_documents
from service.bench.load import Asked, Check, Load, ask_all
from service.bench.material import Judged, Material, Texts, write_passages
from service.bench.processes import Memory, Run, Server, cpu_seconds, free_port, memory, run, serving
from service.bench.systems import System, noop

__all__ = ["CLIENTS", "QUICK", "Block", "Effort", "Measured", "measure", "measure_client"]

CLIENTS = (1, 8, 32)
"""So many ask at once, one after the other."""

_SHARES = (0, 0.04, 0.2, 0.5, 1)
"""Where the questions are parted: those that warm a server up, then those for each number of clients."""


class Effort(msgspec.Struct, frozen=True):
    """How often, how long and how deep it is measured, on how much, by how many workers; times in seconds."""

    documents: int | None = None
    questions: int = 1000
    builds: int = 2
    rounds: int = 5
    k: int = 10
    pause: float = 2
    idle: float = 5
    workers: int = 1


QUICK = Effort(documents=60, questions=50, builds=1, rounds=1, pause=0.2, idle=0.5)
"""Tells whether all runs, not how fast."""


class Block(msgspec.Struct, frozen=True):
    """One life of a server.

    The seconds from the start of its process to the end of its first answer, the loads, its memory after them, and
    then its CPU in percent of a core without any load.
    """

    cold_start: float
    loads: tuple[Load, ...]
    memory: Memory
    idle_cpu_percent: float
    ndcg_10: float
    failures: tuple[str, ...]
    rankings: tuple[list[str], ...] = ()


class Measured(msgspec.Struct):
    """All that was measured of a system."""

    builds: list[Run] = []
    index_mib: float = 0
    blocks: list[Block] = []

    @property
    def changed(self) -> int:
        """The questions that were not answered with the same passages, in their order, in all blocks."""
        return sum(any(one != answers[0] for one in answers) for answers in zip(*self._rankings, strict=True))

    @property
    def _rankings(self) -> Iterator[tuple[list[str], ...]]:
        return (block.rankings for block in self.blocks)


class _Session(msgspec.Struct, frozen=True):
    """What all measurements of a run share."""

    material: Material
    effort: Effort
    work: Path
    tell: Callable[[str], None]


def measure(
    systems: Sequence[System], material: Material, effort: Effort, work: Path, tell: Callable[[str], None]
) -> dict[str, Measured]:
    """Everything, by the names of the systems; the first one cuts the passages that the others are given.

    `work` is an empty folder for indexes and logs, and `tell` is called with what is done next.
    Raises `TargetError` for a system that cannot be built or does not answer.
    """
    session = _Session(material, effort, work, tell)
    measured = {system.name: Measured() for system in systems}
    texts = _index(session, systems, measured)
    for number in range(effort.rounds):
        for system in systems:
            tell(f"load, round {number + 1} of {effort.rounds}: {system.name}")
            measured[system.name].blocks.append(_block(session, system, texts, number))
    return measured


def _index(session: _Session, systems: Sequence[System], measured: dict[str, Measured]) -> Texts:
    texts: Texts | None = None
    for number in range(session.effort.builds):
        for system in systems:
            session.tell(f"index {number + 1} of {session.effort.builds}: {system.name}")
            folder = _folder(session, system)
            shutil.rmtree(folder, ignore_errors=True)
            source = session.material.documents if texts is None or system.cuts else texts.file
            took = run(system.build(source, folder), folder.with_suffix(".log"))
            measured[system.name].builds.append(took)
            measured[system.name].index_mib = _size(folder)
            texts = texts or write_passages(folder, session.work / "passages.jsonl")
    if texts is None:
        raise ValueError("No system was indexed.")
    return texts


def _size(folder: Path) -> float:
    """The size of all files of a folder in MiB."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


def _folder(session: _Session, system: System) -> Path:
    return session.work / system.name


def _block(session: _Session, system: System, texts: Texts, number: int) -> Block:
    """One life of a server. The questions of each round begin elsewhere, so that each meets all loads."""
    effort, questions = session.effort, session.material.questions
    begin = number * len(questions) // effort.rounds
    turned = (*questions[begin:], *questions[:begin])
    port, folder = free_port(), _folder(session, system)
    first = system.ask(turned[0].question, effort.k)
    check = _check(system, texts, min(effort.k, len(texts.documents)))
    with serving(system.serve(folder, port), port, first, folder.with_suffix(".log")) as server:
        asked = _loads(server, system, turned, effort, check)
        used = memory(server.process)
        time.sleep(effort.pause)
        idle = _idle(server.process, effort.idle)
    rankings = [ranking for each in asked for ranking in each.rankings]
    back = len(questions) - begin
    in_order = (*rankings[back:], *rankings[:back])
    return Block(
        cold_start=server.cold_start,
        loads=tuple(each.load for each in asked[1:]),
        memory=used,
        idle_cpu_percent=idle,
        ndcg_10=_ndcg(questions, in_order, texts),
        failures=tuple(failure for each in asked for failure in each.failures),
        rankings=in_order,
    )


def _loads(server: Server, system: System, questions: Sequence[Judged], effort: Effort, check: Check) -> list[Asked]:
    """The questions in their parts: warming up by as many clients as ever, then each number of clients."""
    requests = [system.ask(each.question, effort.k) for each in questions]
    cuts = [round(share * len(requests)) for share in _SHARES]
    parts = [requests[start:end] for start, end in pairwise(cuts)]
    return [
        ask_all(server, part, clients=clients, check=check)
        for part, clients in zip(parts, (CLIENTS[-1], *CLIENTS), strict=True)
    ]


def _check(system: System, texts: Texts, expected: int) -> Check:
    def check(body: str) -> list[str]:
        passages = system.passages(body)
        known = sum(each in texts.documents for each in set(passages))
        if not len(passages) == known == expected:
            raise ValueError(f"an answer of {len(passages)} passages, {known} of them known, in place of {expected}")
        return passages

    return check


def _ndcg(questions: Sequence[Judged], rankings: Sequence[list[str]], texts: Texts) -> float:
    """By document, each at the place of its first passage; the mean over questions."""
    grades = {each.id: each.grades for each in questions}
    ranked = {
        each.id: [texts.documents[passage] for passage in ranking]
        for each, ranking in zip(questions, rankings, strict=True)
    }
    values = over_documents(grades, ranked).values()
    return sum(each["document nDCG@10"] for each in values) / len(values)


def _idle(process: int, seconds: float) -> float:
    """The CPU that a process uses without being asked anything, in percent of a core."""
    before, start = cpu_seconds(process), time.perf_counter()
    time.sleep(seconds)
    return 100 * (cpu_seconds(process) - before) / (time.perf_counter() - start)


def measure_client(system: System, material: Material, effort: Effort, work: Path) -> tuple[Load, ...]:
    """The same loads on a server that does nothing, asked as a system is: what the client and HTTP cost.

    Raises `TargetError` if a request fails even there.
    """
    port = free_port()
    first = system.ask(material.questions[0].question, effort.k)
    with serving(noop(port), port, first, work / "noop.log") as server:
        asked = _loads(server, system, material.questions, effort, lambda body: [])
    return tuple(each.load for each in asked[1:])
