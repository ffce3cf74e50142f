"""The ``loccit`` command.

Exit codes: 0 success (``no_match`` too), 1 a finding or a failed gate, 2 bad usage or bad input.
"""

import sys
from pathlib import Path

import click
import msgspec

from corpus.documents import Form
from corpus.errors import SnapshotError
from index.answers import Leg
from service.audit_command import audit
from service.eval_commands import evaluate
from service.export_command import export
from service.feedback_command import feedback
from service.keys_command import keys
from service.locate_command import locate
from service.options import building_options, form_option, leg_option, store_option, store_or_default
from service.reporting import reporting
from service.rollback_command import rollback
from service.settings import effective_settings
from service.sync_command import sync
from service.withdraw_command import lift, withdraw

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="loccit")
def main() -> None:
    """Passages that answer, word for word, with their numbered references."""


@main.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@store_option("--out")
@click.option("--embedded", is_flag=True, help="Build the page that comes with loccit.")
@form_option
@building_options
@reporting
def build(
    sources: tuple[Path, ...],
    store: Path | None,
    embedded: bool,
    form: Form | None,
    model: str | None,
    chunk_tokens: int | None,
    calibration: Path | None,
    reranker: str | None,
) -> None:
    """Build a snapshot of SOURCES, files or folders, and publish it in a store."""
    from corpus.sources import EMBEDDED
    from service.building import build_sources

    if embedded == bool(sources):
        raise click.UsageError("Name sources, or give --embedded for the page that comes with loccit.")
    chosen = {"model": model, "chunk_tokens": chunk_tokens, "calibration": calibration, "reranker": reranker}
    build_sources(
        sources or (EMBEDDED,),
        store_or_default(store),
        form=form,
        settings={key: value for key, value in chosen.items() if value is not None},
    )


@main.command()
@click.argument("question")
@store_option("--index")
@click.option("-k", default=5, show_default=True, help="How many passages at most.")
@leg_option
@click.option("--document", "documents", multiple=True, metavar="ID", help="Look in this document; may be repeated.")
@click.option("--heading", "headings", multiple=True, metavar="TEXT", help="Only under this heading; may be repeated.")
@click.option("--year-from", type=int, help="Only what cites a work of this year or later.")
@click.option("--year-to", type=int, help="Only what cites a work of this year or earlier.")
@click.option(
    "--type", "publication_types", multiple=True, metavar="TYPE", help="Only what cites such a work, such as Review."
)
@click.option("--min-confidence", type=float, help="0 never refuses.")
@click.option("--json", "as_json", is_flag=True, help="Print the body that POST /v1/ask answers with.")
@reporting
def ask(
    question: str,
    store: Path | None,
    k: int,
    leg: Leg,
    documents: tuple[str, ...],
    headings: tuple[str, ...],
    year_from: int | None,
    year_to: int | None,
    publication_types: tuple[str, ...],
    min_confidence: float | None,
    as_json: bool,
) -> None:
    """Answer a QUESTION from the published snapshot."""
    from index import Query, Searcher, Snapshot, Store

    query = Query(
        question=question,
        k=k,
        documents=documents or None,
        headings=headings or None,
        year_from=year_from,
        year_to=year_to,
        publication_types=publication_types or None,
        min_confidence=min_confidence,
        leg=leg,
    )
    searcher = Searcher(Snapshot.open(Store(store_or_default(store))))
    (answer,) = searcher.search([query])
    if as_json:
        click.echo(msgspec.json.encode(answer).decode())
        return
    from rich.console import Console

    from service.terminal import print_answer

    print_answer(answer, Console(highlight=False), searcher.findings_of, filtered=query.has_filters)


@main.command()
@store_option("--index")
@click.option("--host", help="The address to listen at; by default 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen at; by default 8000, 0 for a free one.")
@click.option("--check", "check_only", is_flag=True, help="Print the settings in force and who may ask, and end.")
@reporting
def serve(store: Path | None, host: str | None, port: int | None, check_only: bool) -> None:
    """Serve the published snapshot over HTTP."""
    effective = effective_settings({"store": store, "host": host, "port": port})
    if check_only:
        from service.settings_report import settings_report

        click.echo(settings_report(effective))
        return
    from service.serving import serve_settings

    serve_settings(effective.settings)


@main.command()
@store_option("--index")
@reporting
def check(store: Path | None) -> None:
    """Check the published snapshot's files against their hashes."""
    from index.store import Store

    try:
        folder = Store(store_or_default(store)).current(thorough=True)
    except SnapshotError as error:
        click.echo(f"loccit: {error}", err=True)
        sys.exit(1)
    click.echo(f"{folder} is sound.")


main.add_command(evaluate)
main.add_command(audit)
main.add_command(export)
main.add_command(locate)
main.add_command(rollback)
main.add_command(withdraw)
main.add_command(feedback)
main.add_command(lift)
main.add_command(keys)
main.add_command(sync)
