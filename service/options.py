"""Options that several commands have."""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, get_args

import click

from index.answers import Leg
from service.settings import read_settings

__all__ = ["building_options", "form_option", "leg_option", "store_option", "store_or_default"]

P = ParamSpec("P")


def store_option(*names: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """The store that a command reads or writes."""
    return click.option(
        *names, "store", type=click.Path(path_type=Path), metavar="STORE", help="The store; by default .loccit."
    )


leg_option = click.option(
    "--leg",
    type=click.Choice(get_args(Leg)),
    default="hybrid",
    show_default=True,
    help="Rank by vectors, by words, or by both.",
)


def store_or_default(given: Path | None) -> Path:
    """The store that was named, else that of the settings, which are checked in any case."""
    settings = read_settings()
    return given or settings.store


def _known_form(context: click.Context, parameter: click.Parameter, form: str | None) -> str | None:
    """The form, which must have a reader; readers are imported only when a form is asked for."""
    from corpus.errors import SourceError
    from corpus.readers import reader_of

    try:
        return form and reader_of(form).form
    except SourceError as error:
        raise click.BadParameter(str(error), context, parameter) from None


def building_options(command: Callable[P, None]) -> Callable[P, None]:
    """What a build depends on beside its sources."""
    calibration = click.option(
        "--calibration",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Probabilities of answers that eval calibrate fitted for this encoder.",
    )
    tokens = click.option("--chunk-tokens", type=click.IntRange(16, 2000), help="The most tokens of a passage.")
    model = click.option("--model", help="Encoder: a folder or name of a sentence-transformers model.")
    reranker = click.option(
        "--reranker", help="Reranker: a folder or name of a sentence-transformers CrossEncoder; by default none."
    )
    return model(tokens(calibration(reranker(command))))


form_option = click.option("--form", metavar="FORM", callback=_known_form, help="Force the form of all sources.")
