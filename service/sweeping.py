"""``loccit eval sweep``: sources read, settings swept, and the table and page of what came of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from corpus.errors import SourceError
from corpus.sources import read_sources
from eval.pages import sweep_page
from eval.summaries import swept
from eval.sweeps import Grid, sweep
from service.building import counter, progress_bar, report_findings

__all__ = ["sweep_sources"]


def sweep_sources(
    sources: Sequence[Path], questions: Path, grid: dict[str, Any], *, split: str | None, out: Path
) -> None:
    """Writes ``sweep.json`` and ``sweep.html`` into `out`, and prints the table.

    Raises `SourceError` if no source could be read.
    """
    console = Console(stderr=True, highlight=False)
    collection = read_sources(sources)
    report_findings(console, collection)
    if not collection.documents:
        raise SourceError("No source could be read, so there is nothing to sweep.")
    with progress_bar(console) as bar:
        show = counter(bar, "Sweeping")
        found = sweep(collection.documents, questions, msgspec.convert(grid, Grid), out=out, split=split, progress=show)
    (out / "sweep.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    (out / "sweep.html").write_text(sweep_page(found), "utf-8")
    click.echo(swept(found))
    click.echo(f"\n{out / 'sweep.html'}")
