"""How a command ends that cannot go on: with the message of the error, and exit code 2."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from corpus.errors import LoccitError

__all__ = ["reporting"]

P = ParamSpec("P")


def reporting(command: Callable[P, None]) -> Callable[P, None]:
    """Turns an error of loccit, or of the disk, into its message and exit code 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (LoccitError, OSError) as error:
            click.echo(f"loccit: {error}", err=True)
            sys.exit(2)

    return run
