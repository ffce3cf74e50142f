"""``loccit keys``: making, listing and revoking the keys of a service."""

from pathlib import Path
from typing import Any

import click
import msgspec

from service.keys import Key, KeyFile, Scope
from service.options import store_option, store_or_default
from service.origins import check_origin
from service.reporting import reporting

__all__ = ["keys"]


@click.group()
def keys() -> None:
    """Make, list and revoke the keys of a service; one that runs sees it at once."""


@keys.command()
@store_option("--index")
@click.option("--name", default="", help="What the key is for, to tell it from others.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(["ask", "admin"]),
    multiple=True,
    default=("ask",),
    show_default=True,
    help="What it may do; may be repeated.",
)
@click.option(
    "--origin",
    "origins",
    metavar="ORIGIN",
    multiple=True,
    help="Make a publishable key for pages of this origin, such as https://wiki.example.org; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the key and what is kept of it as JSON.")
@reporting
def create(store: Path | None, name: str, scopes: tuple[Scope, ...], origins: tuple[str, ...], as_json: bool) -> None:
    """Make a key, and print it: it is kept by its hash alone, and cannot be shown again."""
    for origin in origins:
        check_origin(origin, "--origin")
    made = KeyFile(store_or_default(store)).create(name, scopes, origins)
    if as_json:
        click.echo(msgspec.json.encode({**_shown(made.key), "key": made.words}))
        return
    click.echo(f"{_line(made.key)}\nSend it as the header: Authorization: Bearer KEY. It is shown this once:", err=True)
    click.echo(made.words)


@keys.command("list")
@store_option("--index")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@reporting
def list_keys(store: Path | None, as_json: bool) -> None:
    """List the keys in force, without what is kept secret."""
    known = KeyFile(store_or_default(store)).read()
    click.echo(
        msgspec.json.encode([_shown(key) for key in known])
        if as_json
        else "\n".join(map(_line, known)) or "There is no key."
    )


@keys.command()
@click.argument("identity", metavar="ID")
@store_option("--index")
@reporting
def revoke(identity: str, store: Path | None) -> None:
    """Take the key ID out of force."""
    KeyFile(store_or_default(store)).revoke(identity)
    click.echo(f"The key {identity} is no longer in force.")


def _shown(key: Key) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(key).items() if name != "sha256"}


def _line(key: Key) -> str:
    kind = f"publishable for {', '.join(key.origins)}" if key.publishable else f"secret, {' and '.join(key.scopes)}"
    return f"{key.id}  {key.created:%Y-%m-%d}  {kind}  {key.name}".rstrip()
