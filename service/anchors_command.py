"""``loccit eval anchors``: how well anchors last when pages are edited."""

import sys
from pathlib import Path

import click
import msgspec

from service.reporting import reporting

__all__ = ["anchors"]

LEAST_FOUND = 0.98
"""The share of untouched passages that must be found."""


@click.command("anchors")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--edits", type=click.IntRange(1, 100_000), default=570, show_default=True, help="How many edits.")
@click.option("--seed", default=1, show_default=True, help="Another seed makes other edits.")
@click.option("--passages", type=click.IntRange(1), default=12, show_default=True, help="How many are asked per edit.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@reporting
def anchors(sources: tuple[Path, ...], edits: int, seed: int, passages: int, as_json: bool) -> None:
    """Edit the pages in SOURCES, and count what is said of their passages afterwards.

    Exit code 1 if a link is silently wrong, or if fewer than 98% of the untouched passages are found: with an
    older snapshot at hand of all, with an anchor alone of those whose words stand once.
    """
    from rich.console import Console

    from eval.anchor_tables import anchor_table
    from eval.anchors import measure_anchors
    from eval.edited_pages import read_pages
    from service.building import counter, progress_bar

    with progress_bar(Console(stderr=True, highlight=False)) as bar:
        report = measure_anchors(
            read_pages(sources), edits=edits, seed=seed, passages=passages, progress=counter(bar, "Editing")
        )
    click.echo(msgspec.json.encode(report).decode() if as_json else anchor_table(report))
    anchor, older = report.modes[0], report.modes[-1]
    enough = anchor.once_found >= LEAST_FOUND * anchor.once and older.found >= LEAST_FOUND * older.untouched
    sys.exit(0 if enough and not report.wrong else 1)
