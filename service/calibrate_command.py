"""``loccit eval calibrate``."""

from pathlib import Path

import click

from service.reporting import reporting

__all__ = ["calibrate"]

_PATH = click.Path(path_type=Path)


@click.command("calibrate")
@click.option("--fit", "fitted", type=(_PATH, _PATH), multiple=True, metavar="STORE QUESTIONS", help="Fit on these.")
@click.option(
    "--report", "reported", type=(_PATH, _PATH), multiple=True, metavar="STORE QUESTIONS", help="Judge on these."
)
@click.option("--calibration", "given", type=_PATH, metavar="FILE", help="Judge this one, and fit none.")
@click.option("--out", type=_PATH, metavar="FILE", help="Write what was fitted, for loccit build --calibration.")
@reporting
def calibrate(
    fitted: tuple[tuple[Path, Path], ...], reported: tuple[tuple[Path, Path], ...], given: Path | None, out: Path | None
) -> None:
    """Fit the probabilities of answers, and judge them.

    Fitted is on the development split of each question set, judged on the test split. Questions without a split are
    parted by the document of their evidence. Both options may be repeated.
    """
    from service.calibrating import calibrate as run

    run(fitted, reported, given=given, out=out)
