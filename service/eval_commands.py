"""``loccit eval``: questions asked, answers scored, runs compared."""

import sys
from pathlib import Path
from typing import get_args

import click

from index.answers import Leg
from service.anchors_command import anchors
from service.attribution_command import eval_attribution
from service.calibrate_command import calibrate
from service.options import leg_option, store_option, store_or_default
from service.reference_command import eval_references
from service.reporting import reporting
from service.set_commands import check, export, import_

__all__ = ["evaluate"]

_out_option = click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="RUN", help="The run folder to write."
)
_k_option = click.option("-k", default=10, show_default=True, help="How many passages to ask for, from 10 to 1,000.")
_resume_option = click.option("--resume", is_flag=True, help="Ask only what has no response yet, or a failed one.")


@click.group("eval")
def evaluate() -> None:
    """Score answers against a question set."""


for command in (check, import_, export, eval_references, anchors, eval_attribution, calibrate):
    evaluate.add_command(command)


@evaluate.command("run")
@click.option("--questions", type=click.Path(path_type=Path), help="A question set; by default the embedded page's.")
@click.option("--split", help="Only the questions of this split, such as development or test.")
@store_option("--index")
@click.option("--url", help="Ask a running loccit at this address instead of a store.")
@click.option("--command", help="Ask another service through this command, which speaks JSON Lines.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds for a reply of --url or --command.",
)
@leg_option
@_k_option
@_resume_option
@_out_option
@reporting
def eval_run(
    questions: Path | None,
    split: str | None,
    store: Path | None,
    url: str | None,
    command: str | None,
    timeout: float,
    leg: Leg,
    k: int,
    resume: bool,
    out: Path,
) -> None:
    """Ask every question of a set, and score the answers. Exit code 1 if some have no response."""
    from eval.questions import EMBEDDED_QUESTIONS
    from eval.runs import run
    from service.evaluating import asking, choose_target, finish

    default = store_or_default(None)
    with (
        choose_target(store, url, command, leg=leg, timeout=timeout, default=default) as target,
        asking() as progress,
    ):
        report = run(
            target, questions or EMBEDDED_QUESTIONS, out=out, split=split, k=k, resume=resume, progress=progress
        )
    sys.exit(finish(out, report))


@evaluate.command("report")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@reporting
def eval_report(run_folder: Path) -> None:
    """Score the answers of a RUN again, an unfinished one too, and write its page."""
    from eval.run_folder import RunFolder
    from service.evaluating import finish

    folder = RunFolder(run_folder)
    finish(run_folder, folder.derive(folder.read()))


@evaluate.command("compare")
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--gate",
    "gates",
    multiple=True,
    metavar="MEASURE=MARGIN",
    help="Pass only if B is surely not worse by more, such as nDCG@10=-0.01; may be repeated.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the comparison as a page, too.")
@reporting
def eval_compare(a: Path, b: Path, gates: tuple[str, ...], out: Path | None) -> None:
    """Compare run B with run A, question by question. Exit code 1 if a gate does not pass."""
    from eval.comparisons import compare_runs, read_gate
    from eval.summaries import compared
    from service.evaluating import write_comparison

    comparison = compare_runs(a, b, [read_gate(gate) for gate in gates])
    click.echo(compared(comparison))
    if out is not None:
        write_comparison(comparison, a, b, out)
    if any(gate.result.verdict != "passed" for gate in comparison.gates):
        sys.exit(1)


@evaluate.command("beir")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Which of the qrels.")
@store_option("--index")
@leg_option
@click.option("-k", default=50, show_default=True, help="How many passages to ask for, from 10 to 1,000.")
@_resume_option
@_out_option
@reporting
def eval_beir(dataset: Path, split: str, store: Path | None, leg: Leg, k: int, resume: bool, out: Path) -> None:
    """Build, ask and score a DATASET in BEIR form; its documents are ranked by their best passage."""
    from service.datasets import run_beir
    from service.evaluating import asking, finish

    with asking() as progress:
        report = run_beir(dataset, split, store=store, leg=leg, k=k, resume=resume, out=out, progress=progress)
    sys.exit(finish(out, report))


@evaluate.command("sweep")
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@click.option("--embedded", is_flag=True, help="Sweep over the page that comes with loccit.")
@click.option("--questions", type=click.Path(path_type=Path), help="A question set; by default the embedded page's.")
@click.option("--split", help="Only the questions of this split: choose on one, and report another.")
@click.option("--model", "models", multiple=True, help="An encoder; may be repeated, as may all that follow.")
@click.option("--chunk-tokens", multiple=True, type=click.IntRange(16, 2000), help="The most tokens of a passage.")
@click.option("--leg", "legs", multiple=True, type=click.Choice(get_args(Leg)), help="A way to rank.")
@click.option("--lexical-weight", "weights", multiple=True, type=click.FloatRange(0), help="The weight of words.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The folder to write.")
@reporting
def eval_sweep(
    sources: tuple[Path, ...],
    embedded: bool,
    questions: Path | None,
    split: str | None,
    models: tuple[str, ...],
    chunk_tokens: tuple[int, ...],
    legs: tuple[Leg, ...],
    weights: tuple[float, ...],
    out: Path,
) -> None:
    """Build, ask and score every combination of settings over SOURCES: one table, and one page with a plot."""
    from corpus.sources import EMBEDDED
    from eval.questions import EMBEDDED_QUESTIONS
    from service.sweeping import sweep_sources

    if embedded == bool(sources):
        raise click.UsageError("Name sources, or give --embedded for the page that comes with loccit.")
    given = {"models": models, "chunk_tokens": chunk_tokens, "legs": legs, "lexical_weights": weights}
    grid = {name: values for name, values in given.items() if values}
    sweep_sources(sources or (EMBEDDED,), questions or EMBEDDED_QUESTIONS, grid, split=split, out=out)
