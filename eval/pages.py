"""The pages for a reader: a run, a comparison of two and a sweep, each one HTML file that needs nothing else.

Texts of sources and questions are escaped by Jinja2. The security policy of a page lets its own style and
script run, known by their hashes, and nothing be loaded. The same records give the same bytes.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.abstention import calibration_error
from eval.charts import comparison_figures, run_figures, sweep_figures, weight
from eval.comparisons import Changed, MeasureComparison, RunComparison
from eval.faults import FAULTS, FaultKind
from eval.intervals import Estimate
from eval.measures import CITATION_MEASURES, MEASURES
from eval.reports import QuestionResult, Report, telling
from eval.run_folder import Run
from eval.summaries import gate_line
from eval.sweeps import Sweep
from eval.views import QuestionView, question_views

__all__ = ["comparison_page", "run_page", "sweep_page"]

COMPARED = 3
"""So many passages of each run are shown of a question that changed."""

_TEMPLATES = Path(__file__).parent / "templates"
_LEADING = ("nDCG@10", "R@5", "P@1")
_KEY = (*_LEADING, "RR@10", "recall after 500 characters", "citation F1", "highlight hit@1")


class Headline(msgspec.Struct, frozen=True):
    """A figure at the head of a report; `better` is lower for those that count errors."""

    name: str
    estimate: Estimate
    share: bool
    lower: bool = False


class FaultCount(msgspec.Struct, frozen=True):
    """How many questions have a fault of that kind, and what it means."""

    kind: FaultKind
    told: str
    n: int


_FAULTS: dict[FaultKind, str] = {
    "no response": "nothing came back",
    "not in the index": "no passage of the index has the evidence",
    "split": "the evidence is cut apart by the edges of passages",
    "below k": "the evidence was not among what came back",
    "not first": "the evidence was found, but not by the first passage",
    "refused": "answerable, and refused",
    "answered": "unanswerable, and answered",
    "wrong reference": "the right passage with a work too many or too few",
}


def run_page(run: Run, report: Report) -> str:
    """The report of a run: what it found, what went wrong, and every question with its passages."""
    of_each = telling(report)
    names = [name for name in of_each if name not in CITATION_MEASURES]
    lead = [*_lead(names), "wrong refusal", "wrong answer"]
    return _rendered(
        "run.html",
        report=report,
        headlines=_headlines(report),
        figures=run_figures(run, report),
        names=names,
        by_kind=[name for name in lead if any(name in group.measures for group in report.by_kind.values())],
        faults=_fault_counts(report),
        sound=sum(not result.faults for result in report.questions),
        questions=question_views(report.questions, run),
        key=_key(of_each),
        sortable=of_each,
        calibration_error=calibration_error,
    )


def comparison_page(comparison: RunComparison, a: Run | None, b: Run | None) -> str:
    """Two runs beside each other; the passages of a run are shown where it is given."""
    return _rendered(
        "comparison.html",
        comparison=comparison,
        figures=comparison_figures(comparison),
        gates=[gate_line(gate).replace("-", "−") for gate in comparison.gates],
        changed=_side_by_side(comparison.changed, comparison.leading, a, b),
        verdict=_verdict,
    )


def sweep_page(sweep: Sweep) -> str:
    """Every combination of settings in one table and one plot."""
    found = {name for point in sweep.points for name in point.measures}
    names = [sweep.leading, *(name for name in MEASURES if name in found and name != sweep.leading)]
    return _rendered(
        "sweep.html", sweep=sweep, figures=sweep_figures(sweep), names=_key(names, sweep.leading)[:6], weight=weight
    )


def _rendered(template: str, **data: object) -> str:
    style, script = Markup(_asset("page.css")), Markup(_asset("page.js"))  # noqa: S704  # our own files
    policy = (
        f"default-src 'none'; style-src {_hashed(style)}; script-src {_hashed(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return _environment().get_template(template).render(style=style, script=script, policy=policy, **data)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        figure=figure, signed=signed, interval=interval, signed_interval=signed_interval, count=count, p_value=p_value
    )
    environment.globals.update(MEASURES=MEASURES)
    return environment


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text("utf-8")


def _hashed(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def figure(value: float | None, unit: str | None = None) -> str:
    """A value as tables write it: three decimals from 0 to 1, one in a unit, a dash where it is not defined.

    >>> figure(0.91397), figure(56.28, "characters"), figure(None)
    ('0.914', '56.3', '–')
    """
    if value is None:
        return "–"
    return f"{value:.3f}" if unit is None else f"{value:,.1f}"


def signed(value: float | None, unit: str | None = None) -> str:
    """A difference, always with its sign unless it is nothing.

    >>> signed(0.25), signed(-0.0401), signed(-0.00001)
    ('+0.250', '−0.040', '0.000')
    """
    if value is None:
        return "–"
    told = figure(abs(value), unit)
    if not float(told.replace(",", "")):
        return told
    return ("+" if value > 0 else "−") + told


def interval(estimate: Estimate, unit: str | None = None) -> str:
    """Both ends of an interval, or a dash.

    >>> interval(Estimate(0.9, 0.862, 0.958, 57))
    '0.862 to 0.958'
    """
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{figure(estimate.low, unit)} to {figure(estimate.high, unit)}"


def signed_interval(estimate: Estimate, unit: str | None = None) -> str:
    """Both ends of the interval of a difference, or a dash."""
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{signed(estimate.low, unit)} to {signed(estimate.high, unit)}"


def count(number: int | None, noun: str = "") -> str:
    """A whole number with its noun.

    >>> count(1045), count(1, "question"), count(0, "question")
    ('1,045', '1 question', '0 questions')
    """
    if number is None:
        return "–"
    return f"{number:,}" + (f" {noun}{'' if number == 1 else 's'}" if noun else "")


def p_value(value: float) -> str:
    """A p value.

    >>> p_value(0.0451), p_value(0.0001)
    ('0.045', '< 0.001')
    """
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _headlines(report: Report) -> tuple[Headline, ...]:
    measures = report.overall.measures
    lead = _lead(measures)
    headlines = [Headline(name, measures[name], share=False) for name in lead if name in measures]
    if report.citations.f1.value is not None:
        headlines.append(Headline("citation F1", report.citations.f1, share=False))
    errors = [name for name in ("wrong refusal", "wrong answer") if name in measures]
    return (*headlines, *(Headline(name, measures[name], share=True, lower=True) for name in errors))


def _lead(measures: Mapping[str, object] | Sequence[str]) -> tuple[str, ...]:
    return _LEADING if _LEADING[0] in measures else tuple(f"document {name}" for name in _LEADING)


def _key(names: Sequence[str], *first: str) -> list[str]:
    """The measures told of one question or kind: those that lead, then what was read, cited and highlighted."""
    wanted = _KEY if _LEADING[0] in names else (*(f"document {name}" for name in _KEY[:4]), *_KEY[4:])
    return [name for name in dict.fromkeys((*first, *wanted)) if name in names]


def _fault_counts(report: Report) -> tuple[FaultCount, ...]:
    kinds = [{fault.kind for fault in result.faults} for result in report.questions]
    counts = (FaultCount(kind, _FAULTS[kind], sum(kind in of for of in kinds)) for kind in FAULTS)
    return tuple(each for each in counts if each.n)


class _Pair(msgspec.Struct, frozen=True):
    """A question that changed, as both runs show it; null where the run is not there."""

    changed: Changed
    verdict: str
    sides: tuple[QuestionView | None, QuestionView | None]


def _side_by_side(changed: Sequence[Changed], leading: str, a: Run | None, b: Run | None) -> tuple[_Pair, ...]:
    ours, theirs = _viewed([each.a for each in changed], a), _viewed([each.b for each in changed], b)
    return tuple(
        _Pair(each, "better" if _gain(each, leading) > 0 else "worse", (ours.get(each.a.id), theirs.get(each.b.id)))
        for each in changed
    )


def _viewed(results: Sequence[QuestionResult], run: Run | None) -> dict[str, QuestionView]:
    return {view.result.id: view for view in question_views(results, run, COMPARED)} if run is not None else {}


def _gain(changed: Changed, leading: str) -> float:
    return changed.difference if MEASURES[leading].better == "higher" else -changed.difference


def _verdict(measure: MeasureComparison) -> str:
    """What a difference says, in words; the adjusted p value decides."""
    difference = measure.comparison.difference
    if difference.value is None or measure.p_adjusted >= 0.05:
        return "no clear difference"
    higher = MEASURES[measure.name].better == "higher"
    return "B is better" if (difference.value > 0) == higher else "B is worse"
