"""``loccit eval calibrate``: probabilities fitted on some corpora, and how well they hold on others."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from corpus.errors import QuestionSetError, SettingsError
from eval.calibrating import CalibrationReport, Example, examples, fit, half_of, judge
from eval.intervals import Estimate
from eval.questions import Question, read_questions
from index import Searcher, Snapshot, Store
from index.calibration import calibration_of, read_calibration
from index.encoder_settings import read_settings
from index.manifest import LAYOUT
from service.building import counter, progress_bar

__all__ = ["calibrate"]

Asked = Sequence[tuple[Path, Path]]
"""Stores, each with a question set on its documents."""


def calibrate(fitted: Asked, reported: Asked, *, given: Path | None, out: Path | None) -> None:
    """Fits on the development halves of `fitted`, or takes what is `given`, and reports on the test halves of others.

    Nothing is reported on a document on which was fitted. Raises `QuestionSetError` where there is nothing to fit on,
    and `SettingsError` where the stores are of several encoders, or of another than what is given was fitted on.
    """
    developed = _half_by_store(fitted, "development")
    seen = {evidence.document for questions in developed.values() for each in questions for evidence in each.evidence}
    if out is not None and not out.resolve().parent.is_dir():
        raise SettingsError(f"{out.parent} is no folder. Make it, or name another file with --out.")
    tested = _half_by_store(reported, "test")
    encoder = _encoder_of([*developed, *tested])
    found = (
        [] if given else [example for store, questions in developed.items() for example in _examples(store, questions)]
    )
    if given is None and not found:
        raise QuestionSetError("There is no question to fit on. Name a store and its questions with --fit.")
    if given is None:
        calibration = msgspec.structs.replace(fit(found), encoder=encoder)
    else:
        calibration = calibration_of(encoder, given) if encoder else read_calibration(given)
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(calibration)) + b"\n")
    console = Console(highlight=False)
    if found:
        corpora = sorted({example.corpus for example in found})
        console.print(f"Fitted on {len(found)} questions on {', '.join(corpora)}.", soft_wrap=True)
    console.print(f"Answered from a probability of {calibration.answered_from}.")
    for store, questions in tested.items():
        new = [each for each in questions if seen.isdisjoint(evidence.document for evidence in each.evidence)]
        console.print(_table(judge(str(store), calibration, list(_examples(store, new)))))


def _encoder_of(stores: Sequence[Path]) -> str | None:
    """The fingerprint of the model by which all stores are encoded, none without stores."""
    found = {store: read_settings(Store(store).current() / LAYOUT.encoder).model for store in stores}
    if len(set(found.values())) > 1:
        told = ", ".join(f"{store} by {model}" for store, model in found.items())
        raise SettingsError(f"The stores are encoded by several models ({told}). Name stores of one encoder.")
    return next(iter(found.values()), None)


def _half_by_store(asked: Asked, split: str) -> dict[Path, list[Question]]:
    """One half of the questions on each store; of questions without a split, that on half of their documents."""
    halves: dict[Path, list[Question]] = {}
    for store, path in asked:
        halves.setdefault(store, []).extend(each for each in read_questions(path) if half_of(each) == split)
    return halves


def _examples(store: Path, questions: Sequence[Question]) -> Iterator[Example]:
    searcher = Searcher(Snapshot.open(Store(store)))
    with progress_bar(Console(stderr=True, highlight=False)) as bar:
        yield from examples(str(store), searcher, questions, counter(bar, f"Asking {store.name}"))


def _table(report: CalibrationReport) -> Table:
    table = Table(
        "measure",
        "value",
        "95% interval",
        title=f"{report.corpus}: {report.n} questions, {report.answerable} with an answer",
        title_justify="left",
    )
    rows = {
        "AUROC, anything answers": report.anything,
        **{f"  against {kind}": each for kind, each in report.by_kind.items()},
        "AUROC, first passage answers": report.passage,
        "Brier, anything answers": report.brier.score,
        **{f"coverage at {at.risk:.0%} risk": at.coverage for at in report.coverage.coverage_at},
        "wrong refusals": report.wrong_refusal,
        "wrong answers": report.wrong_answer,
    }
    for name, estimate in rows.items():
        table.add_row(name, *_shown(estimate))
    table.add_row("Brier of the base rate", f"{report.base_rate:.3f}", "")
    table.add_row("calibration error", "-" if report.error is None else f"{report.error:.3f}", "")
    return table


def _shown(estimate: Estimate) -> tuple[str, str]:
    value = "-" if estimate.value is None else f"{estimate.value:.3f}"
    undefined = estimate.low is None or estimate.high is None
    return value, "" if undefined else f"{estimate.low:.3f} to {estimate.high:.3f}"
