"""``loccit eval attribution``: how well the references behind passages are told."""

from pathlib import Path

import click

from service.reporting import reporting

__all__ = ["eval_attribution"]

_FILE = click.Path(path_type=Path)


@click.command("attribution")
@click.argument("folder", type=_FILE)
@click.option(
    "--split",
    type=click.Choice(["development", "test"]),
    default="development",
    show_default=True,
    help="Which half of the articles: choose on the one, report the other.",
)
@click.option(
    "--pages", type=click.IntRange(1, 1000), default=8, show_default=True, help="Pages of an article and habit."
)
@click.option("--seed", type=int, default=20_250_513, show_default=True, help="What the pages are drawn by.")
@click.option("--out", type=_FILE, metavar="FILE", help="Write the report as JSON, too.")
@reporting
def eval_attribution(folder: Path, split: str, pages: int, seed: int, out: Path | None) -> None:
    """Make wiki-like pages of the articles in FOLDER, whose sentences tell what they cite, and score attribution.

    FOLDER has articles in JATS XML. Of each, pages of five habits are made, in markup and as text exports.
    """
    import msgspec
    from rich.console import Console

    from eval.attribution_report import Split, attribution_table, measure_attribution, split_articles
    from service.building import counter, progress_bar

    half = msgspec.convert(split, Split)
    paths = split_articles(folder, half)
    with progress_bar(Console(stderr=True, highlight=False)) as bar:
        report = measure_attribution(paths, half, pages=pages, seed=seed, progress=counter(bar, "Attributing"))
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    click.echo(attribution_table(report))
