"""The figures of the pages: what of a report is plotted, and the sentence beneath each plot."""

import math
from collections.abc import Iterator, Sequence

import msgspec
from markupsafe import Markup

from eval.abstention import RiskCoverage
from eval.comparisons import RunComparison
from eval.measures import CITATION_MEASURES, MEASURES
from eval.plots import Axis, Guide, Point, Row, Series, interval_plot, ticks, xy_plot
from eval.reading import recall_after
from eval.reports import Abstention, Report, SignalQuality, telling
from eval.responses import Retrieved
from eval.run_folder import Run
from eval.sweeps import Sweep, SweepPoint

__all__ = ["Figure", "comparison_figures", "run_figures", "sweep_figures", "weight"]

_BUDGETS = range(0, 5_001, 100)
_MEASURED = (500, 1_000)


class Figure(msgspec.Struct, frozen=True):
    """A plot and what it shows; without a plot the caption says why there is none."""

    title: str
    caption: str
    plot: Markup | None = None


def run_figures(run: Run, report: Report) -> tuple[Figure, ...]:
    """The figures of one run."""
    figures = [_measures(report), _reading(run, report), _latency(run, report)]
    if report.abstention is not None:
        figures += [_risk_coverage(report.abstention), *_reliability(report.abstention)]
    return tuple(figure for figure in figures if figure is not None)


def comparison_figures(comparison: RunComparison) -> tuple[Figure, ...]:
    """The differences of two runs."""
    limits = {gate.measure: _limit(gate.measure, gate.result.margin) for gate in comparison.gates}
    rows = tuple(
        Row(_directed(each.name), difference.value, difference.low, difference.high, limits.get(each.name))
        for each in comparison.measures
        if (difference := each.comparison.difference).value is not None and MEASURES[each.name].unit is None
    )
    if not rows:
        return ()
    reach = [value for row in rows for value in (row.value, row.low, row.high, row.limit) if value is not None]
    widest = max(0.01, *map(abs, reach))
    axis = Axis(label="B − A", low=-1.05 * widest, high=1.05 * widest)
    caption = (
        "Dots are mean differences, lines their 95% intervals. At zero the runs are alike; right of it B has more, "
        "which is worse where an arrow points down."
    )
    if any(row.limit is not None for row in rows):
        caption += " A short upright bar is the margin of a gate."
    title = "Differences of the measures"
    return (Figure(title, caption, interval_plot("differences", title, caption, rows, axis)),)


def sweep_figures(sweep: Sweep) -> tuple[Figure, ...]:
    """Quality against cost: one dot for each combination, numbered as in the table."""
    points = [(number, point) for number, point in enumerate(sweep.points, start=1) if _quality(sweep, point)]
    if not points:
        return ()
    estimates = [point.measures[sweep.leading] for _, point in points]
    ends = [end for each in estimates for end in (each.value, each.low, each.high) if end is not None]
    legs = dict.fromkeys(point.leg for _, point in points)
    series = tuple(
        Series(leg, tuple(_swept(sweep, number, point) for number, point in points if point.leg == leg)) for leg in legs
    )
    caption = (
        f"{sweep.leading} with its 95% interval against the median time of a question. "
        "The numbers are those of the table; the time axis is logarithmic."
    )
    plot = xy_plot(
        "sweep",
        f"{sweep.leading} against time",
        caption,
        _times("milliseconds a question (median)", [point.p50_ms for _, point in points]),
        _around(sweep.leading, ends),
        series,
        height=340,
    )
    return (Figure("Quality against cost", caption, plot),)


def weight(point: SweepPoint) -> str:
    """The weight of the words beside the meaning, or a dash for a leg that does not fuse."""
    return "–" if point.lexical_weight is None else f"{point.lexical_weight:g}"


def _measures(report: Report) -> Figure | None:
    names = [name for name in telling(report) if name not in CITATION_MEASURES and MEASURES[name].unit is None]
    found = {name: report.overall.measures[name] for name in names}
    rows = tuple(
        Row(_directed(name), each.value, each.low, each.high) for name, each in found.items() if each.value is not None
    )
    if not rows:
        return None
    title = "All measures"
    caption = (
        "Dots are means over the questions, lines their 95% intervals; where an arrow points down, less is better."
    )
    return Figure(title, caption, interval_plot("measures", title, caption, rows, Axis(label="value")))


def _reading(run: Run, report: Report) -> Figure | None:
    """Recall against characters read, with the estimates of the report where it has them."""
    spanned = [(each.spans, _passages(run, each.question.id)) for each in run.judged if each.spans]
    if not spanned:
        return None
    curve = tuple(
        Point(budget, sum(recall_after(budget, *each) for each in spanned) / len(spanned)) for budget in _BUDGETS
    )
    measured = [(budget, report.overall.measures.get(f"recall after {budget} characters")) for budget in _MEASURED]
    dots = tuple(
        Point(budget, of.value, of.low, of.high) for budget, of in measured if of is not None and of.value is not None
    )
    caption = (
        f"Share of the evidence found once so many characters were read from the top, over {len(spanned)} questions; "
        "dots have their 95% intervals."
    )
    series = Series("mean of the questions", curve, "line"), Series("measured", dots)
    title = "Evidence found by reading"
    x, y = Axis(label="characters read", high=_BUDGETS[-1]), Axis(label="evidence found", percent=True)
    return Figure(title, caption, xy_plot("reading", title, caption, x, y, series))


def _passages(run: Run, identity: str) -> tuple[Retrieved, ...]:
    response = run.responses.get(identity)
    return response.passages if response else ()


def _risk_coverage(abstention: Abstention) -> Figure:
    risks = abstention.risk_coverage
    curve = tuple(Point(point.coverage, point.risk) for point in risks.points)
    highest = max((point.risk for point in risks.points), default=0.0)
    shared = f"{abstention.unanswerable:.0%} of the {abstention.n} questions are unanswerable"
    told = ", ".join(f"{at.coverage.value or 0:.0%} at {at.risk:.0%} risk" for at in risks.coverage_at)
    caption = (
        f"If only the questions with the highest {abstention.passage.signal} were answered: the share answered and, of "
        f"these, the share whose first passage is wrong. {shared}, and every answer to one of them is wrong. "
        f"Can be answered: {told}."
    )
    guides = [Guide("y", abstention.unanswerable, f"{abstention.unanswerable:.0%} unanswerable")]
    plot = xy_plot(
        "risk",
        "Risk and coverage",
        caption,
        Axis(label="coverage: share answered", percent=True),
        Axis(label="risk: share of these wrong", high=_round_up(max(highest, 0.1)), percent=True),
        [Series("curve", curve, "line"), Series("at 1, 5 and 10% risk", tuple(_marks(risks)))],
        guides=guides if abstention.unanswerable else (),
    )
    return Figure("Risk and coverage", caption, plot)


def _marks(risks: RiskCoverage) -> Iterator[Point]:
    """Where the curve last keeps to each risk; risks that allow the same coverage share a mark."""
    allowed: dict[float, list[float]] = {}
    for at in risks.coverage_at:
        if at.coverage.value:
            allowed.setdefault(at.coverage.value, []).append(at.risk)
    reached = {point.coverage: point.risk for point in risks.points}
    for coverage, limits in allowed.items():
        tag = ", ".join(f"{100 * limit:.0f}" for limit in limits) + "%"
        yield Point(coverage, reached.get(coverage, limits[0]), tag=tag)


def _reliability(abstention: Abstention) -> list[Figure]:
    """A diagram for each signal that is a probability; one sentence where neither is."""
    signals = (
        ("passage", "the first passage answers", abstention.passage),
        ("anything", "anything answers", abstention.anything),
    )
    figures = [_reliable(name, event, quality) for name, event, quality in signals if quality.reliability]
    without = [event for _, event, quality in signals if not quality.reliability]
    if without:
        caption = (
            f"The target gives no probability that {' or that '.join(without)}. The score of the first passage stands "
            "in for it: it can order the questions, but is no probability, so there is nothing to hold it against."
        )
        figures.append(Figure("Reliability", caption))
    return figures


def _reliable(name: str, event: str, quality: SignalQuality) -> Figure:
    points = tuple(
        Point(one.probability, one.observed.value, one.observed.low, one.observed.high, tooltip=f"{one.n} questions")
        for one in quality.reliability
        if one.observed.value is not None
    )
    caption = (
        f"How often {event}, against the probability that the target gives ({quality.signal}), in "
        f"{len(points)} groups of about {round(quality.n / max(len(points), 1))} questions with 95% intervals. "
        "On the dashed line the probabilities mean what they say; below it they promise too much."
    )
    title = f"Reliability: {event}"
    x, y = Axis(label="probability given", percent=True), Axis(label="share observed", percent=True)
    plot = xy_plot(f"reliability-{name}", title, caption, x, y, [Series("groups", points)], diagonal=True)
    return Figure(title, caption, plot)


def _latency(run: Run, report: Report) -> Figure | None:
    responses = [run.responses[each.question.id] for each in run.judged if each.question.id in run.responses]
    times = sorted(each.took_ms for each in responses if each.failure is None and each.took_ms is not None)
    if report.speed is None or times[-1:] == [0]:
        return None
    speed = report.speed
    axis = _times("milliseconds, logarithmic", times)
    points = tuple(Point(took, rank / len(times)) for rank, took in enumerate(times, start=1))
    told = {"p50": speed.p50, "p95": speed.p95, "p99": speed.p99}
    guides = [Guide("x", took, f"{name} {took:.1f} ms") for name, took in told.items()]
    caption = f"Share of the {speed.n} questions answered within so many milliseconds, asked one after the other."
    title = "Time a question takes"
    y = Axis(label="share of the questions", percent=True)
    start = Point(axis.low, 0)
    series = [Series("times", (start, *points), "step")]
    return Figure(title, caption, xy_plot("latency", title, caption, axis, y, series, guides=guides))


def _quality(sweep: Sweep, point: SweepPoint) -> bool:
    return sweep.leading in point.measures and point.measures[sweep.leading].value is not None


def _swept(sweep: Sweep, number: int, point: SweepPoint) -> Point:
    estimate = point.measures[sweep.leading]
    tooltip = (
        f"{number}: {point.model}, {point.leg}, {point.chunk_tokens} tokens, weight {weight(point)}; "
        f"{estimate.value or 0:.3f} in {point.p50_ms:.1f} ms"
    )
    return Point(point.p50_ms, estimate.value or 0, estimate.low, estimate.high, tag=str(number), tooltip=tooltip)


def _times(label: str, times: Sequence[float]) -> Axis:
    """A logarithmic axis from one round time to another that has all of them between."""
    round_times = [float(f"{factor}e{power}") for power in range(-4, 9) for factor in (1, 2, 5)]
    low = max((each for each in round_times if each <= min(times)), default=round_times[0])
    return Axis(label=label, low=low, high=min(each for each in round_times if each > max(times)), log=True)


def _around(label: str, values: Sequence[float]) -> Axis:
    """An axis between round values that has all of these between."""
    marks = ticks(min(values), max(values))
    step = marks[1] - marks[0] if len(marks) > 1 else 0.1
    low, high = math.floor(min(values) / step) * step, math.ceil(max(values) / step) * step
    # Values are at most 1, and so is the axis.
    return Axis(label=label, low=low if high > low else low - step, high=high)


def _round_up(share: float) -> float:
    return min(1.0, math.ceil(10 * share - 1e-9) / 10)


def _limit(measure: str, margin: float) -> float:
    """Where the margin of a gate lies among differences: above zero where less is better."""
    return margin if MEASURES[measure].better == "higher" else -margin


def _directed(name: str) -> str:
    return name if MEASURES[name].better == "higher" else f"{name} ↓"
