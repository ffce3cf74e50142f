"""A report, and a comparison of two, as lines for the terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator

from eval.citations import CitationReport
from eval.comparisons import GateResult, MeasureComparison, RunComparison
from eval.intervals import Estimate
from eval.measures import CITATION_MEASURES, DOCUMENT_MEASURES, SPAN_MEASURES
from eval.reports import Abstention, Group, Report, SignalQuality, telling
from eval.sweeps import Sweep, SweepPoint

__all__ = ["compared", "gate_line", "summary", "swept"]

WIDTH = 30
HEADLINES = {"nDCG@10", "R@5", "RR@10", "P@1", "wrong refusal", "wrong answer"}


def summary(report: Report) -> str:
    """Each measure with its value, 95% interval and number of questions, as plain text lines."""
    settings, asked = report.settings, report.settings.asked
    split = f", split {settings.split}" if settings.split is not None else ""
    leg = f", leg {asked.leg}" if asked.leg else ""
    lines = [
        f"{settings.questions}{split}: {report.overall.n} questions, {report.overall.answerable} answerable",
        f"{asked.kind} {asked.name}{leg}, k {settings.k}",
        *_partial(report),
        "",
        f"{'':<{WIDTH}}{'value':>8}   {'95% interval':<17}{'n':>6}",
        *_measures(report.overall, [name for name in telling(report) if name not in CITATION_MEASURES]),
        *(_citations(report.citations) if report.citations.n else ()),
        *(_abstention(report.abstention) if report.abstention else ()),
        *_speed(report),
        *([_line("wording overlap", report.wording_overlap)] if report.wording_overlap.n else ()),
    ]
    headlines = _headlines(telling(report))
    for kind, group in report.by_kind.items():
        lines += ["", f"kind {kind}", *_measures(group, headlines)]
    return "\n".join(lines)


def compared(comparison: RunComparison) -> str:
    """Each measure of two runs with its difference, interval and adjusted p value, then the gates."""
    counts = f"{'better':>8}{'same':>6}{'worse':>6}"
    header = f"{'':<{WIDTH}}{'A':>8}{'B':>8}{'B - A':>9}   {'95% interval':<19}{'p':>6}{counts}"
    lines = [f"A  {comparison.a.name}", f"B  {comparison.b.name}", *comparison.warnings, "", header]
    lines += [_compared(measure) for measure in comparison.measures]
    lines += ["", "p is of a paired randomization test, adjusted for all measures (Holm)."]
    lines += [gate_line(gate) for gate in comparison.gates]
    return "\n".join(lines)


def _headlines(names: Iterable[str]) -> list[str]:
    """The few measures that a short table shows: those over spans, or else those over documents."""
    few = [name for name in names if name.removeprefix("document ") in HEADLINES]
    spans = any(name in SPAN_MEASURES for name in few)
    return [name for name in few if not (spans and name in DOCUMENT_MEASURES)]


def swept(sweep: Sweep) -> str:
    """A row for each combination of settings, with the headline measures and the costs."""
    names = _headlines(sweep.points[0].measures)
    header = f"{'tokens':>7} {'leg':<8}{'weight':>7}" + "".join(f"{name:>14}" for name in names)
    split = f", split {sweep.split}" if sweep.split is not None else ""
    lines = [f"{sweep.questions}{split}: {sweep.n} questions, {sweep.answerable} answerable", ""]
    for model in dict.fromkeys(point.model for point in sweep.points):
        lines += [model, f"{header}{'passages':>10}{'MB':>7}{'ms':>7}"]
        lines += [_swept(point, names) for point in sweep.points if point.model == model]
    return "\n".join(lines)


def _swept(point: SweepPoint, names: Iterable[str]) -> str:
    weight = "-" if point.lexical_weight is None else f"{point.lexical_weight:g}"
    values = "".join(f"{point.measures[name].value or 0:14.3f}" for name in names)
    costs = f"{point.passages:>10}{point.index_bytes / 1e6:7.1f}{point.p50_ms:7.1f}"
    return f"{point.chunk_tokens:>7} {point.leg:<8}{weight:>7}{values}{costs}"


def gate_line(gate: GateResult) -> str:
    """What came of a gate, and why."""
    result = gate.result
    low = "undefined" if result.difference.low is None else f"{result.difference.low:+.4f}"
    changed = result.difference.low or result.difference.high
    told = {
        "passed": f"the guarded lower end {low} lies above the margin {result.margin:+g}"
        if changed
        else f"none of the {result.difference.n} questions changed",
        "failed": f"all of the guarded interval lies at or below the margin {result.margin:+g}",
        "too small": f"the guarded lower end {low} is not above the margin {result.margin:+g}, and "
        f"{result.difference.n} questions are too few to tell",
    }[result.verdict]
    more = f"; about {result.needed} would be needed" if result.needed else ""
    return f"gate {gate.measure}: {result.verdict}; {told}{more}"


def _compared(measure: MeasureComparison) -> str:
    found = measure.comparison
    difference = found.difference
    interval = f"{difference.low:+.3f} to {difference.high:+.3f}"
    counts = f"{found.wins:>6}{found.ties:>6}{found.losses:>6}"
    values = f"{measure.a:8.3f}{measure.b:8.3f}{difference.value:+9.3f}"
    return f"{measure.name:<{WIDTH}}{values}   {interval:<19}{measure.p_adjusted:6.3f}  {counts}"


def _partial(report: Report) -> Iterator[str]:
    if not report.complete:
        yield f"PARTIAL: {report.missing} questions have no response, and score 0. Go on with --resume."
        reasons = Counter(
            each.message for result in report.questions for each in result.faults if each.kind == "no response"
        )
        ((reason, count),) = reasons.most_common(1)
        yield f"{reason} ({count} times)"


def _measures(group: Group, names: Iterable[str]) -> list[str]:
    return [_line(name, group.measures[name]) for name in names if name in group.measures]


def _citations(citations: CitationReport) -> list[str]:
    return [
        _line("citations, all: precision", citations.precision),
        *(_line(f"  {basis}", of.precision) for basis, of in citations.by_basis.items() if of.predicted),
        _line("citations, all: recall", citations.recall),
        *(_line(f"  {basis}", of.recall) for basis, of in citations.by_basis.items() if of.predicted),
        _line("citations, all: F1", citations.f1),
    ]


def _abstention(abstention: Abstention) -> list[str]:
    risks = abstention.risk_coverage
    return [
        f"{abstention.unanswerable:.0%} of the questions are unanswerable; told by the {abstention.passage.signal}:",
        *_signal("first passage answers", abstention.passage),
        *_signal("anything answers", abstention.anything),
        _line("area under risk-coverage", risks.area),
        *(_line(f"coverage at {at.risk:.0%} risk", at.coverage) for at in risks.coverage_at),
    ]


def _signal(name: str, quality: SignalQuality) -> list[str]:
    if quality.auroc.value is None:
        return []
    lines = [_line(f"AUROC, {name}", quality.auroc)]
    if quality.brier is not None:
        lines.append(_line(f"Brier, {name}", quality.brier.score))
    return lines


def _speed(report: Report) -> Iterator[str]:
    if report.speed is not None:
        speed = report.speed
        yield (
            f"time a question: p50 {speed.p50:.1f} ms, p95 {speed.p95:.1f}, p99 {speed.p99:.1f}; "
            f"{speed.questions_per_second:.1f} questions/s, one after the other"
        )


def _line(name: str, estimate: Estimate) -> str:
    """One row; a dash where the value is not defined."""
    value = "-" if estimate.value is None else f"{estimate.value:.3f}"
    undefined = estimate.low is None or estimate.high is None
    interval = "" if undefined else f"{estimate.low:.3f} to {estimate.high:.3f}"
    return f"{name:<{WIDTH}}{value:>8}   {interval:<17}{estimate.n:>6}"
