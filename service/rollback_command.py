"""``loccit rollback``: an earlier snapshot is published again."""

from pathlib import Path

import click

from service.options import store_option, store_or_default
from service.reporting import reporting

__all__ = ["rollback"]


@click.command()
@click.argument("snapshot", required=False)
@store_option("--index")
@reporting
def rollback(snapshot: str | None, store: Path | None) -> None:
    """Publish an earlier SNAPSHOT again, by default the newest of those that are not published."""
    from index.store import Store

    chosen = Store(store_or_default(store)).rolled_back(snapshot)
    click.echo(f"Snapshot {chosen} is published.")
