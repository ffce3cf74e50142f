"""Two runs of the same questions, compared question by question."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from corpus.errors import RunError, SettingsError
from eval.measures import MEASURES
from eval.reports import QuestionResult, Report, leading, telling
from eval.run_folder import RunFolder
from eval.significance import Comparison, NonInferiority, compare, holm, non_inferiority

__all__ = ["Changed", "Gate", "GateResult", "MeasureComparison", "RunComparison", "Side", "compare_runs", "read_gate"]

CHANGED = 20
"""So many of the questions that changed most are told."""


class Gate(msgspec.Struct, frozen=True):
    """By how much, as a negative number, a measure may be worse in B: -0.01 lets it lose a hundredth."""

    measure: str
    margin: float


class GateResult(msgspec.Struct, frozen=True):
    """What came of a gate."""

    measure: str
    result: NonInferiority


class Side(msgspec.Struct, frozen=True):
    """One of the two runs, by its folder, and its report."""

    name: str
    report: Report


class MeasureComparison(msgspec.Struct, frozen=True):
    """A measure of two runs, over the questions that have it in both: means, difference, p value adjusted by Holm."""

    name: str
    a: float
    b: float
    comparison: Comparison
    p_adjusted: float


class Changed(msgspec.Struct, frozen=True):
    """A question whose leading measure changed, as it stands in both runs."""

    a: QuestionResult
    b: QuestionResult
    difference: float


class RunComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is told of two runs; `changed` by how much the measure `leading` changed, the most first."""

    a: Side
    b: Side
    warnings: tuple[str, ...]
    measures: tuple[MeasureComparison, ...]
    gates: tuple[GateResult, ...]
    leading: str
    changed: tuple[Changed, ...]


def read_gate(text: str) -> Gate:
    """A gate as it is written on a command line.

    Raises `SettingsError` for an unknown measure or a margin above 0.

    >>> read_gate("nDCG@10=-0.01")
    Gate(measure='nDCG@10', margin=-0.01)
    """
    measure, _, margin = text.rpartition("=")
    try:
        gate = Gate(measure.strip(), float(margin))
    except ValueError:
        raise SettingsError(f"The gate {text!r} is none. Write a measure and a margin, as nDCG@10=-0.01.") from None
    if gate.measure not in MEASURES:
        raise SettingsError(f"The gate {text!r} names no measure. The measures are: {', '.join(MEASURES)}.")
    if not -1e9 < gate.margin <= 0:
        raise SettingsError(f"The margin of {text!r} is {gate.margin:g}. Give how much may be lost, such as -0.01.")
    return gate


def compare_runs(a: Path, b: Path, gates: Sequence[Gate] = ()) -> RunComparison:
    """The run in folder `b` against that in `a`.

    A difference is B - A. A win is a question on which B is better, which for a measure such as `wrong answer`
    is less. Gates are of non-inferiority: they ask whether B can be worse than A by more than the margin.

    Raises `RunError` if a run is unreadable, is empty, or is of other questions than the other, and
    `SettingsError` for a gate on a measure that the runs do not have.
    """
    sides = Side(str(a), _report(a)), Side(str(b), _report(b))
    _check_same_questions(*sides)
    for side in sides:
        if gates and not side.report.complete:
            raise RunError(
                f"{side.name} is partial, and a gate would not see what is missing. Finish it with --resume."
            )
    values = [{each.id: each.measures for each in side.report.questions} for side in sides]
    pairs = {name: _pairs(name, *values) for name in telling(sides[0].report)}
    found = {name: of for name, of in pairs.items() if of}
    comparisons = {name: _compare(name, of) for name, of in found.items()}
    adjusted = holm([comparison.p_value for comparison in comparisons.values()])
    if not found:
        raise RunError(f"{a} and {b} have no measure in common. Run a set with evidence, against what answers it.")
    return RunComparison(
        a=sides[0],
        b=sides[1],
        warnings=tuple(_warnings(*sides)),
        measures=tuple(
            MeasureComparison(name, _mean(found[name], 0), _mean(found[name], 1), comparison, p)
            for (name, comparison), p in zip(comparisons.items(), adjusted, strict=True)
            if p is not None
        ),
        gates=tuple(_gate(gate, found) for gate in gates),
        leading=leading(found),
        changed=_changed(*sides, leading(found)),
    )


def _report(path: Path) -> Report:
    report = RunFolder(path).read_report()
    if report.missing == report.overall.n:
        raise RunError(f"{path} is empty: none of its {report.missing} questions has a response. Run them again.")
    return report


def _check_same_questions(a: Side, b: Side) -> None:
    ours, theirs = a.report.settings, b.report.settings
    if (ours.questions_sha256, ours.split) != (theirs.questions_sha256, theirs.split):
        raise RunError(
            f"{a.name} and {b.name} asked other questions: {_asked(a)} and {_asked(b)}. "
            "Only runs of the same file and split can be compared; run one of them again."
        )


def _asked(side: Side) -> str:
    settings = side.report.settings
    split = f", split {settings.split}" if settings.split else ""
    return f"{settings.questions}{split} (SHA-256 {settings.questions_sha256[:8]}…)"


def _warnings(a: Side, b: Side) -> Iterator[str]:
    for side in (a, b):
        if not side.report.complete:
            yield f"{side.name} is partial: {side.report.missing} questions have no response, and score 0."
    if a.report.settings.k != b.report.settings.k:
        yield f"The runs asked for {a.report.settings.k} and {b.report.settings.k} passages."


_Values = Mapping[str, Mapping[str, float]]


def _pairs(name: str, a: _Values, b: _Values) -> list[tuple[float, float]]:
    """The values of the questions that have the measure in both runs, in the order of their ids."""
    both = sorted(identity for identity in a.keys() & b.keys() if name in a[identity] and name in b[identity])
    return [(a[identity][name], b[identity][name]) for identity in both]


def _compare(name: str, pairs: Sequence[tuple[float, float]]) -> Comparison:
    comparison = compare([b - a for a, b in pairs])
    if MEASURES[name].better == "higher":
        return comparison
    return msgspec.structs.replace(comparison, wins=comparison.losses, losses=comparison.wins)


def _gate(gate: Gate, found: Mapping[str, Sequence[tuple[float, float]]]) -> GateResult:
    if gate.measure not in found:
        raise SettingsError(f"The runs have no {gate.measure}. They have: {', '.join(found)}.")
    sign = 1 if MEASURES[gate.measure].better == "higher" else -1
    return GateResult(gate.measure, non_inferiority([sign * (b - a) for a, b in found[gate.measure]], gate.margin))


def _mean(pairs: Sequence[tuple[float, float]], side: int) -> float:
    return sum(pair[side] for pair in pairs) / len(pairs)


def _changed(a: Side, b: Side, leading: str) -> tuple[Changed, ...]:
    theirs = {each.id: each for each in b.report.questions}
    changed = [
        Changed(each, theirs[each.id], theirs[each.id].measures[leading] - each.measures[leading])
        for each in a.report.questions
        if leading in each.measures and leading in theirs[each.id].measures
    ]
    moved = sorted((each for each in changed if each.difference), key=lambda each: (-abs(each.difference), each.a.id))
    return tuple(moved[:CHANGED])
