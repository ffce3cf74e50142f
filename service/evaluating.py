"""``loccit eval``: who is asked, and what is said of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.console import Console

from corpus.errors import SettingsError, TargetError
from eval.adapters import CommandTarget
from eval.comparisons import RunComparison
from eval.pages import comparison_page, run_page
from eval.remote import UrlTarget
from eval.reports import Report
from eval.run_folder import RunFolder
from eval.runs import Progress
from eval.summaries import summary
from eval.targets import SearcherTarget, Target
from index import Leg, Searcher, Snapshot, Store
from service.building import counter, progress_bar

__all__ = ["MAX_DEPTH", "asking", "choose_target", "finish", "open_target", "write_comparison"]

MAX_DEPTH = 1000
"""The most passages that evaluation may ask a snapshot for."""


@contextmanager
def choose_target(
    store: Path | None, url: str | None, command: str | None, *, leg: Leg, timeout: float, default: Path
) -> Iterator[Target]:
    """Who is asked: an address, a command with the documents of a store if one is named, or else a store.

    Raises `SettingsError` where these contradict each other.
    """
    if url is not None and command is not None:
        raise SettingsError("Both --url and --command are given. Name one of them.")
    if (url is not None or command is not None) and leg != "hybrid":
        raise SettingsError(f"--leg {leg} is for a store; a running service ranks as it does. Leave it out.")
    if url is not None:
        if store is not None:
            raise SettingsError("Both --url and --index are given. Name one of them.")
        with UrlTarget(url, timeout=timeout) as target:
            yield target
    elif command is not None:
        if store is None:
            yield CommandTarget(command, documents={}, timeout=timeout)
        else:
            snapshot = Snapshot.open(Store(store))
            yield CommandTarget(command, documents=snapshot.documents, snapshot=snapshot.id, timeout=timeout)
    else:
        yield open_target(store or default, leg=leg)


def open_target(store: Path, *, leg: Leg) -> SearcherTarget:
    """The published snapshot of a store."""
    snapshot = Snapshot.open(Store(store))
    settings = msgspec.structs.asdict(snapshot.manifest.settings)
    return SearcherTarget(Searcher(snapshot, max_k=MAX_DEPTH), leg=leg, settings=settings)


@contextmanager
def asking() -> Iterator[Progress]:
    """A progress bar on standard error, and a word on what is kept if the target stops answering."""
    with progress_bar(Console(stderr=True, highlight=False)) as bar:
        try:
            yield counter(bar, "Asking")
        except TargetError as error:
            if not bar.tasks[0].completed:
                raise
            fault = f"{error} The {bar.tasks[0].completed:.0f} responses before are kept: go on with --resume."
            raise TargetError(fault) from error


def finish(out: Path, report: Report) -> int:
    """Write the page of a run and print its summary; 1 if a question has no response."""
    folder = RunFolder(out)
    folder.html.write_text(run_page(folder.read(), report), "utf-8")
    click.echo(summary(report))
    click.echo(f"\n{folder.html}")
    return 0 if report.complete else 1


def write_comparison(comparison: RunComparison, a: Path, b: Path, out: Path) -> None:
    """Write the page of a comparison, with the passages of the runs that have them."""
    runs = [RunFolder(path).read() if RunFolder(path).answers.exists() else None for path in (a, b)]
    try:
        out.write_text(comparison_page(comparison, *runs), "utf-8")
    except OSError as error:
        raise SettingsError(
            f"{out} cannot be written: {error.strerror}. Name a file in a folder that exists."
        ) from error
    click.echo(f"\n{out}")
