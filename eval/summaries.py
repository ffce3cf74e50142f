"""A report as lines for the terminal."""

from eval.intervals import Estimate
from eval.reports import Group, Report

__all__ = ["summary"]

WIDTH = 24


def summary(report: Report) -> str:
    """Each measure with its value, 95% interval and number of questions, as plain text lines."""
    settings = report.settings
    split = f", split {settings.split}" if settings.split is not None else ""
    lines = [
        f"{settings.questions}{split}: {report.overall.n} questions, {report.overall.judged} answerable",
        f"snapshot {settings.snapshot}, leg {settings.leg}, k {settings.k}",
        "",
        f"{'':<{WIDTH}}{'value':>7}   {'95% interval':<14}{'n':>6}",
        *_group(report.overall),
        *_citations(report),
        _line("wording overlap", report.wording_overlap),
    ]
    for kind, group in report.by_kind.items():
        lines += ["", f"kind {kind}", *_group(group)]
    return "\n".join(lines)


def _group(group: Group) -> list[str]:
    """The ranking measures and the refusals; what no question of the group could have is left out."""
    estimates = {
        **group.measures,
        "wrong refusals": group.refusals.wrong_refusals,
        "wrong answers": group.refusals.wrong_answers,
    }
    return [_line(name, estimate) for name, estimate in estimates.items() if estimate.n]


def _citations(report: Report) -> list[str]:
    citations = report.citations
    return [
        _line("citation precision", citations.precision),
        *(_line(f"  {basis}", of.precision) for basis, of in citations.by_basis.items() if of.predicted),
        _line("citation recall", citations.recall),
        _line("citation F1", citations.f1),
    ]


def _line(name: str, estimate: Estimate) -> str:
    """One row; a dash where the value is not defined."""
    value = "-" if estimate.value is None else f"{estimate.value:.3f}"
    undefined = estimate.low is None or estimate.high is None
    interval = "" if undefined else f"{estimate.low:.3f} to {estimate.high:.3f}"
    return f"{name:<{WIDTH}}{value:>7}   {interval:<14}{estimate.n:>6}"
