"""``python -m service.bench``: the comparison, as a table and as JSON."""

import sys
import tempfile
from pathlib import Path

import click
import msgspec

from service.bench.comparison import compare
from service.bench.machine import describe_machine
from service.bench.material import FEWEST, check_dataset
from service.bench.report import table
from service.bench.rounds import QUICK, Effort
from service.bench.systems import loccit, plain, txtai
from service.bench.txtai_environment import install_txtai
from service.reporting import reporting

__all__ = ["main"]

_DATA = Path("../shared/data/pubmedqa")
_TXTAI = Path(".bench/txtai")
_OUT = Path(".bench/result.json")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path), default=_DATA, show_default=True, help="A BEIR dataset.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=_OUT, show_default=True, help="The file of all figures."
)
@click.option(
    "--txtai", "given", type=click.Path(path_type=Path), help=f"An environment with txtai, in place of {_TXTAI}."
)
@click.option("--without-txtai", is_flag=True, help="Compare with the plain stack alone.")
@click.option(
    "--questions", type=click.IntRange(FEWEST), default=Effort().questions, show_default=True, help="How many at most."
)
@click.option(
    "--builds", type=click.IntRange(1), default=Effort().builds, show_default=True, help="Builds of each index."
)
@click.option(
    "--rounds", type=click.IntRange(1), default=Effort().rounds, show_default=True, help="Lives of each server."
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes of loccit's server; memory that they share counts for each.",
)
@click.option("--quick", is_flag=True, help="Few documents, questions and rounds: whether it runs, not how fast.")
@reporting
def main(
    data: Path,
    out: Path,
    given: Path | None,
    without_txtai: bool,
    questions: int,
    builds: int,
    rounds: int,
    workers: int,
    quick: bool,
) -> None:
    """Measure loccit beside txtai and beside the plain stack of most tutorials.

    The first run installs txtai into an environment of its own. Exits with 1 if any request failed.
    """
    check_dataset(data)  # before minutes are spent on an installation
    chosen = Effort(questions=questions, builds=builds, rounds=rounds, workers=workers)
    effort = msgspec.structs.replace(QUICK, workers=workers) if quick else chosen
    systems = [loccit(effort.workers), plain()]
    environment = None if without_txtai else given or _TXTAI
    if environment is not None:
        if given is None:
            _tell(f"txtai's environment in {environment}")
            install_txtai(environment)
        systems.insert(1, txtai(environment))
    with tempfile.TemporaryDirectory() as aside:
        run = compare(systems, data, effort, machine=describe_machine(environment), work=Path(aside), tell=_tell)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
    click.echo(f"{table(run)}\n\n{out}")
    if run.failures:
        click.echo(f"{len(run.failures)} requests failed.", err=True)
        sys.exit(1)


def _tell(what: str) -> None:
    click.echo(what, err=True)


if __name__ == "__main__":
    main()
