"""``loccit export``: the works of a store for reference managers and other programs."""

from pathlib import Path
from typing import Any

import click

from service.options import store_option, store_or_default
from service.reporting import reporting

__all__ = ["export"]


@click.command()
@store_option("--index")
@click.option("--format", "form", type=click.Choice(["csl", "bibtex", "ris"]), required=True, help="The format.")
@click.option("--document", "documents", multiple=True, metavar="ID", help="Works of this document; may be repeated.")
@reporting
def export(store: Path | None, form: Any, documents: tuple[str, ...]) -> None:
    """Print the works that the documents of the published snapshot cite, each once."""
    from corpus.bibliography import bibliography, fullest
    from index import CitedWorks, Snapshot, Store

    records = Snapshot.read_records(Store(store_or_default(store)))
    known = records.documents
    if unknown := [identity for identity in documents if identity not in known]:
        raise click.UsageError(f"There is no document {unknown[0]!r} in this snapshot, which has {len(known)}.")
    cited = CitedWorks(records, documents or None)
    works = (fullest(cited.versions(work_id)) for work_id in cited.ids)
    # As bytes: a terminal or a pipe may have another encoding, which the formats do not.
    click.echo(bibliography(works, form).encode(), nl=False)
