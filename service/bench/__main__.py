"""``python -m service.bench``: the comparison, as a table and as JSON."""

import sys
import tempfile
from pathlib import Path

import click
import msgspec

from service.bench.machine import busy_with_other_work, describe_machine
from service.bench.material import FEWEST, read_material
from service.bench.report import report, table
from service.bench.rounds import Effort, measure, measure_client
from service.bench.systems import loccit, plain, txtai
from service.bench.txtai_environment import install_txtai
from service.reporting import reporting

__all__ = ["main"]

_DATA = Path("../shared/data/pubmedqa")
_TXTAI = Path(".bench/txtai")
_OUT = Path(".bench/result.json")
_QUICK = Effort(builds=1, rounds=1, pause=0.2, idle=0.5)
_QUICK_DOCUMENTS, _QUICK_QUESTIONS = 60, 50


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path), default=_DATA, show_default=True, help="A BEIR dataset.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=_OUT, show_default=True, help="The file of all figures."
)
@click.option(
    "--txtai", "given", type=click.Path(path_type=Path), help=f"An environment with txtai, in place of {_TXTAI}."
)
@click.option("--without-txtai", is_flag=True, help="Compare with the plain stack alone.")
@click.option("--questions", type=click.IntRange(FEWEST), default=1000, show_default=True, help="How many at most.")
@click.option(
    "--builds", type=click.IntRange(1), default=Effort().builds, show_default=True, help="Builds of each index."
)
@click.option(
    "--rounds", type=click.IntRange(1), default=Effort().rounds, show_default=True, help="Lives of each server."
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
    quick: bool,
) -> None:
    """Measure loccit beside txtai and beside the plain stack of most tutorials.

    The first run installs txtai into an environment of its own. Exits with 1 if any request failed.
    """
    effort = _QUICK if quick else Effort(builds=builds, rounds=rounds)
    environment = None if without_txtai else given or _TXTAI
    with tempfile.TemporaryDirectory() as aside:
        work = Path(aside)
        most = _QUICK_DOCUMENTS if quick else None
        material = read_material(
            data, work / "documents.jsonl", documents=most, questions=_QUICK_QUESTIONS if quick else questions
        )
        if environment is not None and given is None:
            _tell(f"txtai's environment in {environment}")
            install_txtai(environment)
        systems = [loccit(), *([] if environment is None else [txtai(environment)]), plain()]
        other_work = busy_with_other_work()
        measured = measure(systems, material, effort, work, _tell)
        _tell("the client alone")
        alone = measure_client(systems[0], material, effort, work)
        run = report(
            measured,
            machine=describe_machine(environment),
            other_work=other_work(),
            documents=material.count,
            passages=sum(1 for _ in (work / "passages.jsonl").open("rb")),
            questions=len(material.questions),
            effort=effort,
            client_alone=alone,
        )
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
