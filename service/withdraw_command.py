"""``loccit withdraw`` and ``loccit lift``: a page taken out of every answer, and let in again."""

import sys
from pathlib import Path

import click

from corpus.errors import QueryError
from service.options import store_option, store_or_default
from service.reporting import reporting

__all__ = ["lift", "withdraw"]


@click.command()
@click.argument("page", required=False, metavar="[PAGE]")
@click.option("--reason", metavar="TEXT", help="Why, for the operator; no reader is told.")
@click.option("--force", is_flag=True, help="Withdraw it though the published snapshot has no such page.")
@click.option("--list", "listed", is_flag=True, help="Print what is withdrawn.")
@store_option("--index")
@reporting
def withdraw(page: str | None, reason: str | None, force: bool, listed: bool, store: Path | None) -> None:
    """Take a PAGE, named by its id, out of every answer, whichever snapshot is published, until it is lifted."""
    from index import Store
    from index.withdrawing import repeating
    from index.withdrawing import withdraw as withdraw_known

    if listed == (page is not None):
        raise click.UsageError("Name a PAGE, or give --list.")
    at = Store(store_or_default(store))
    if page is None:
        for each in at.withdrawals.read():
            click.echo("\t".join((each.document, each.since.isoformat(), each.reason or "")))
        return
    try:
        if force:
            at.withdrawals.add(page, reason)
        else:
            withdraw_known(at, page, reason)
    except QueryError as error:
        hint = {"document": "PAGE", "reason": "--reason"}[error.field]
        cure = " Give --force to withdraw it for when it comes." if error.field == "document" and not force else ""
        raise click.BadParameter(f"{error}{cure}", param_hint=hint) from error
    click.echo(f"{page} is withdrawn. Let it in again with: loccit lift {page}")
    if not force and (others := repeating(at, page)):
        click.echo(f"These have paragraphs of it, and are not withdrawn: {', '.join(others)}", err=True)


@click.command()
@click.argument("page")
@store_option("--index")
@reporting
def lift(page: str, store: Path | None) -> None:
    """Let a withdrawn PAGE be answered from again."""
    from index import Store

    at = Store(store_or_default(store))
    if not at.withdrawals.lift(page):
        names = ", ".join(sorted(at.withdrawn())) or "nothing"
        click.echo(f"loccit: {page} is not withdrawn from {at.root}. Withdrawn: {names}.", err=True)
        sys.exit(2)
    click.echo(f"{page} is in answers again, if the published snapshot has it.")
