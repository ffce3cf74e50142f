"""``loccit sync``: the published snapshot follows a DokuWiki."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import LoccitError, SettingsError
from service.options import building_options, store_option
from service.reporting import reporting
from service.settings import Settings, read_settings

if TYPE_CHECKING:
    from index import BuildSettings, Store
    from index.build import Progress
    from service.sync import Changes, PageAddresses, Wiki

__all__ = ["sync"]


@click.command()
@click.argument("wiki")
@store_option("--out")
@click.option("--every", type=click.IntRange(1), metavar="SECONDS", help="Look again and again, until told to end.")
@click.option("--conf", type=click.Path(path_type=Path), help="The wiki's folder of configuration, if elsewhere.")
@click.option("--url", help="The wiki's address, for links to its pages; {id} in it stands for a page's id.")
@click.option(
    "--exclude", "excluded", multiple=True, metavar="PAGES", help="Not these, such as user:*; may be repeated."
)
@click.option("--include-private", is_flag=True, help="Pages too that anonymous visitors may not read.")
@click.option("--allow-shrink", is_flag=True, help="Let pages go even if more than half are gone at once.")
@click.option("--rate", default=5.0, show_default=True, type=click.FloatRange(0.1), help="Requests a second, at most.")
@building_options
@reporting
def sync(
    wiki: str,
    store: Path | None,
    every: int | None,
    conf: Path | None,
    url: str | None,
    excluded: tuple[str, ...],
    include_private: bool,
    allow_shrink: bool,
    rate: float,
    model: str | None,
    chunk_tokens: int | None,
    calibration: Path | None,
    reranker: str | None,
) -> None:
    """Follow a DokuWiki: WIKI is its folder or its address.

    New, changed, moved and deleted pages are brought into the published snapshot; pages that anonymous visitors may
    not read are left out. Exit code 1 tells of pages that could not be fetched, or that were held back.
    """
    import msgspec

    from index import BuildSettings, Store
    from service.sync import PageAddresses

    settings = read_settings()
    chosen = {"model": model, "chunk_tokens": chunk_tokens, "calibration": calibration, "reranker": reranker}
    built_with = msgspec.convert({key: value for key, value in chosen.items() if value is not None}, BuildSettings)
    kept_in = Store(store or settings.store)
    addresses = PageAddresses.parse(url) if url else None
    with _opened(wiki, settings, conf=conf, include_private=include_private, excluded=excluded, rate=rate) as source:

        def look() -> bool:
            return _look(source, kept_in, built_with, addresses=addresses, allow_shrink=allow_shrink)

        if every is None:
            sys.exit(not look())
        _again_and_again(look, every)


def _again_and_again(look: Callable[[], bool], every: int) -> None:
    """Looks, and looks again so many seconds after each end, until a signal ends it.

    What goes wrong at the first look ends the command; later it is told, and tried again.
    """
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    look()
    while True:
        time.sleep(every)
        try:
            look()
        except (LoccitError, OSError) as error:
            click.echo(f"loccit: {error}", err=True)


@contextmanager
def _opened(
    wiki: str, settings: Settings, *, conf: Path | None, include_private: bool, excluded: tuple[str, ...], rate: float
) -> Iterator["Wiki"]:
    """The wiki at an address or in a folder."""
    from service.sync import FolderWiki, Login, RemoteWiki

    if not wiki.startswith(("http://", "https://")):
        yield FolderWiki(Path(wiki), conf=conf, include_private=include_private, excluded=excluded)
        return
    if conf:
        raise SettingsError("--conf is for a wiki in a folder. At an address the wiki itself knows who may read it.")
    login = None
    if settings.sync_user or settings.sync_token:
        login = Login(user=settings.sync_user, password=settings.sync_password, token=settings.sync_token)
    elif include_private:
        raise SettingsError(
            "--include-private needs a login that may read private pages: set LOCCIT_SYNC_USER and "
            "LOCCIT_SYNC_PASSWORD, or LOCCIT_SYNC_TOKEN."
        )
    with RemoteWiki(wiki, login=login, include_private=include_private, excluded=excluded, rate=rate) as remote:
        yield remote


def _look(
    wiki: "Wiki",
    store: "Store",
    settings: "BuildSettings",
    *,
    addresses: "PageAddresses | None",
    allow_shrink: bool,
) -> bool:
    """Follows the wiki once, and tells what became of it; returns whether all of it could be followed."""
    from service.sync import Mirror, follow, publish

    with Mirror.opened(store.root, wiki.name) as mirror:
        changes = follow(wiki, mirror, allow_shrink=allow_shrink)
        _tell(changes, known=len(mirror.pages))
        # Now, and not only at the end: a build may be killed.
        mirror.save()
        with _stages() as progress:
            publication = publish(
                mirror,
                store,
                settings,
                addresses=addresses or wiki.addresses,
                progress=progress,
            )
    if publication:
        for finding in publication.findings:
            if finding.source in changes.fetched:
                label = "Left out" if finding.kind == "unreadable" else finding.severity.capitalize()
                click.echo(f"{label}: {finding.source} {finding.message}", err=True)
        manifest = publication.build.manifest
        click.echo(
            f"Snapshot {manifest.id} published: {manifest.documents} documents, {manifest.passages} passages; "
            f"{publication.build.encoded} texts encoded."
        )
    return not (changes.failed or changes.held)


def _tell(changes: "Changes", *, known: int) -> None:
    for line in changes.lines():
        click.echo(line)
    for page, reason in changes.failed.items():
        click.echo(f"! {page} {reason}", err=True)
    if changes.held:
        click.echo(
            f"loccit: {len(changes.held)} of {known} pages are gone from the wiki at once, such as {changes.held[0]}. "
            "They stay in the index. If it is right that they are gone, say so with --allow-shrink.",
            err=True,
        )


@contextmanager
def _stages() -> Iterator["Progress"]:
    """What shows the stages of a build, where somebody looks on."""
    from rich.console import Console

    from service.building import building_stages, progress_bar

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda stage, done, total: None
        return
    with progress_bar(console) as progress:
        yield building_stages(progress)
