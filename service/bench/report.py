"""What is said of the figures: medians, ratios, targets, and the table of them."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from service.bench.load import Load
from service.bench.machine import Machine
from service.bench.rounds import CLIENTS, Effort, Measured

__all__ = ["Report", "Target", "report", "table"]

Figures = Mapping[str, float]
"""Medians by the names in `ROWS`."""

_LOADS = {
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
    "per_second": "questions/s",
    "server_cpu_ms": "CPU of the server a question, ms",
}
"""What is told of each number of clients."""

ROWS = {
    "cold_start_s": "cold start to the first answer, s",
    "index_s": "index time, s",
    "index_cpu_s": "index CPU time, s",
    "index_mib": "index on disk, MiB",
    **{
        f"{name}_{clients}": f"{words}, {clients} client{'s' if clients > 1 else ''}"
        for name, words in _LOADS.items()
        for clients in CLIENTS
    },
    "resident_mib": "resident memory after load, MiB",
    "anonymous_mib": "of it anonymous, MiB",
    "idle_cpu_percent": "CPU while idle, % of a core",
    "ndcg_10": "nDCG@10 by document",
    "changed": "answers that another load changed",
    "failures": "failed requests",
}
"""Every figure and how it is called, in the order of the table."""

_SUBJECT = "loccit"


class Bound(msgspec.Struct, frozen=True):
    """What a ratio of a figure should be, at most or at least."""

    figure: str
    kind: Literal["at most", "at least"]
    ratio: float
    against: tuple[str, ...]


BOUNDS = (
    Bound("p50_ms_1", "at most", 1 / 5, ("txtai",)),
    Bound("per_second_32", "at least", 8, ("txtai",)),
    Bound("resident_mib", "at most", 1 / 4, ("txtai",)),
    Bound("index_s", "at most", 1 / 2, ("txtai",)),
    Bound("cold_start_s", "at most", 1 / 6, ("txtai",)),
    Bound("ndcg_10", "at least", 1, ("txtai", "plain")),
)
"""What loccit is to reach. The last is compared without any margin."""


class Target(msgspec.Struct, frozen=True):
    """What was to be reached beside another system, and what was; nothing if that was not measured."""

    figure: str
    against: str
    target: str
    ratio: float | None
    met: bool | None


class Report(msgspec.Struct, frozen=True):
    """A run: all figures, their medians, ratios such as ``loccit/txtai``, and targets.

    `other_work` counts the cores that other processes kept busy, on average.
    """

    machine: Machine
    other_work: float
    documents: int
    passages: int
    questions: int
    effort: Effort
    medians: Mapping[str, Figures]
    ratios: Mapping[str, Figures]
    targets: tuple[Target, ...]
    client_alone: tuple[Load, ...]
    measured: Mapping[str, Measured]

    @property
    def failures(self) -> tuple[str, ...]:
        """What failed, with the system it failed in."""
        return tuple(
            f"{name}: {failure}"
            for name, each in self.measured.items()
            for block in each.blocks
            for failure in block.failures
        )


def report(
    measured: Mapping[str, Measured],
    *,
    machine: Machine,
    other_work: float,
    documents: int,
    passages: int,
    questions: int,
    effort: Effort,
    client_alone: tuple[Load, ...],
) -> Report:
    """A run with all that follows from its figures."""
    medians = {name: _medians(each) for name, each in measured.items()}
    ratios = {
        f"{_SUBJECT}/{name}": {figure: _ratio(medians[_SUBJECT][figure], value) for figure, value in each.items()}
        for name, each in medians.items()
        if name != _SUBJECT
    }
    return Report(
        machine=machine,
        other_work=other_work,
        documents=documents,
        passages=passages,
        questions=questions,
        effort=effort,
        medians=medians,
        ratios={
            pair: {name: value for name, value in each.items() if value is not None} for pair, each in ratios.items()
        },
        targets=tuple(
            _target(bound, other, ratios.get(f"{_SUBJECT}/{other}")) for bound in BOUNDS for other in bound.against
        ),
        client_alone=client_alone,
        measured=measured,
    )


def _medians(measured: Measured) -> dict[str, float]:
    blocks = measured.blocks
    return {
        "cold_start_s": statistics.median(block.cold_start for block in blocks),
        "index_s": statistics.median(build.seconds for build in measured.builds),
        "index_cpu_s": statistics.median(build.cpu_seconds for build in measured.builds),
        "index_mib": measured.index_mib,
        **{
            f"{name}_{clients}": statistics.median(getattr(block.loads[at], name) for block in blocks)
            for name in _LOADS
            for at, clients in enumerate(CLIENTS)
        },
        "resident_mib": statistics.median(block.memory.resident for block in blocks),
        "anonymous_mib": statistics.median(block.memory.anonymous for block in blocks),
        "idle_cpu_percent": statistics.median(block.idle_cpu_percent for block in blocks),
        "ndcg_10": statistics.median(block.ndcg_10 for block in blocks),
        "changed": measured.changed,
        "failures": sum(len(block.failures) for block in blocks),
    }


def _ratio(one: float, other: float) -> float | None:
    return one / other if other else None


def _target(bound: Bound, other: str, ratios: Mapping[str, float | None] | None) -> Target:
    ratio = None if ratios is None else ratios[bound.figure]
    met = None if ratio is None else (ratio <= bound.ratio if bound.kind == "at most" else ratio >= bound.ratio)
    wanted = f"1/{round(1 / bound.ratio)}" if bound.ratio < 1 else f"{bound.ratio:g}"
    return Target(bound.figure, other, f"{bound.kind} {wanted}", ratio, met)


def table(run: Report) -> str:
    """The report as lines for the terminal, tables in Markdown."""
    effort = run.effort
    alone = [f"The client alone, {_alone(load)}" for load in run.client_alone]
    lines = [
        *_circumstances(run),
        f"{run.documents} documents, {run.passages} passages, {run.questions} questions, k {effort.k}; medians of"
        f" {effort.rounds} rounds and {effort.builds} builds; workers of {_SUBJECT}: {effort.workers}.",
    ]
    return "\n".join([*lines, "", *_figures(run), "", *_targets(run.targets), "", *alone, *run.failures[:20]])


def _circumstances(run: Report) -> list[str]:
    machine = run.machine
    versions = machine.versions.items()
    return [
        f"{machine.cores} cores of {machine.processor}, {machine.memory_mib} MiB, Python {machine.python},"
        f" {machine.date}; other processes kept {run.other_work:.1f} cores busy.",
        *(f"{name}: {', '.join(f'{package} {number}' for package, number in each.items())}" for name, each in versions),
    ]


def _figures(run: Report) -> list[str]:
    columns = [*run.medians.values(), *run.ratios.values()]
    rows = [[words, *(_told(each.get(figure)) for each in columns)] for figure, words in ROWS.items()]
    return _markdown(["", *run.medians, *run.ratios], rows)


def _targets(targets: Sequence[Target]) -> list[str]:
    rows = [[ROWS[each.figure], each.against, each.target, _told(each.ratio), _verdict(each.met)] for each in targets]
    return _markdown([f"{_SUBJECT}'s figure over another's", "whose", "target", "measured", ""], rows)


def _verdict(met: bool | None) -> str:
    return "not measured" if met is None else "met" if met else "not met"


def _alone(load: Load) -> str:
    return (
        f"{load.clients} at once: p50 {_told(load.p50_ms)} ms, {load.per_second:.0f} requests/s,"
        f" {_told(load.client_cpu_ms)} ms of its CPU a request"
    )


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return [f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines]


def _told(value: float | None) -> str:
    """A figure with three digits that tell, and no more.

    >>> _told(1234.5), _told(12.34), _told(0.98765), _told(0), _told(None)
    ('1234', '12.3', '0.988', '0', '')
    """
    if value is None:
        return ""
    return f"{value:.0f}" if value == 0 or abs(value) >= 100 else f"{value:.3g}"
