"""A snapshot of the pages that a store keeps, whenever they are not those of the published one."""

import hashlib
from importlib.metadata import version

import msgspec

import index
from corpus import Finding, read_sources
from corpus.errors import SnapshotError, SourceError
from index import Build, BuildSettings, Store, build_snapshot
from index.store import FORMAT
from service.sync.addresses import PageAddresses
from service.sync.mirror import Built, Mirror

__all__ = ["Publication", "publish"]


class Publication(msgspec.Struct, frozen=True):
    """A snapshot that was built and published, and what was found in the pages, each by its id."""

    build: Build
    findings: tuple[Finding, ...]


def publish(
    mirror: Mirror,
    store: Store,
    settings: BuildSettings,
    *,
    addresses: PageAddresses | None,
    keep: int,
    closed: bool = False,
    progress: index.Progress = lambda stage, done, total: None,
) -> Publication | None:
    """Builds and publishes a snapshot, or nothing if the published one is of just these pages and settings.

    Of the snapshots made here the last `keep` stay in the store; once a page was `closed`, none of those that hold it
    outlasts the next look at the wiki, when a running service no longer needs them.

    Raises `SourceError` if there is no page with text.
    """
    pages = mirror.write_manifest(addresses)
    built = mirror.built = msgspec.structs.replace(mirror.built, closed=mirror.built.closed or closed)
    made_by = msgspec.json.encode((version("loccit"), FORMAT, settings))
    digest = hashlib.sha256(made_by + pages.encode()).hexdigest()
    if digest == built.digest and built.snapshots[-1:] == (_published(store),):
        if built.closed:
            mirror.built = Built(digest, _pruned(store, built.snapshots, 1))
        return None
    collection = read_sources([mirror.manifest])
    if not collection.documents:
        raise SourceError(
            "The wiki has no page with text that may be read, and a snapshot of none cannot be published. What was "
            "published before stays in force: end the service, or remove its store, if it should not."
        )
    build = build_snapshot(collection.documents, store, settings, progress=progress)
    snapshots = (*(snapshot for snapshot in built.snapshots if snapshot != build.manifest.id), build.manifest.id)
    # A running service may still need the one before.
    mirror.built = Built(digest, _pruned(store, snapshots, 2 if built.closed else max(2, keep)), built.closed)
    sources = {str(mirror.file(page)): page for page in mirror.pages}
    findings = (msgspec.structs.replace(each, source=sources.get(each.source or "")) for each in collection.findings)
    return Publication(build, tuple(findings))


def _published(store: Store) -> str | None:
    try:
        return store.current(thorough=False).name
    except SnapshotError:
        return None


def _pruned(store: Store, snapshots: tuple[str, ...], keep: int) -> tuple[str, ...]:
    """Those of some snapshots, the newest last, that stay; the others are removed."""
    for snapshot in snapshots[:-keep]:
        store.remove(snapshot)
    return snapshots[-keep:]
