"""A snapshot of the pages that a store keeps, whenever they are not those of the published one."""

import hashlib
from importlib.metadata import version

import msgspec

from corpus import Finding
from corpus.errors import SourceError
from corpus.sources import read_sources
from index import BuildSettings, Store
from index.build import Build, Progress, build_snapshot
from index.manifest import FORMAT
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
    progress: Progress = lambda stage, done, total: None,
) -> Publication | None:
    """Builds and publishes a snapshot, or nothing where one was built of just these pages and settings.

    So a rollback holds until something changes. Where a page was closed, the older snapshots are removed, which hold
    its words and to which nobody may go back.

    Raises `SourceError` if there is no page with text.
    """
    pages = mirror.write_manifest(addresses)
    made_by = msgspec.json.encode((version("loccit"), FORMAT, settings))
    digest = hashlib.sha256(made_by + pages.encode()).hexdigest()
    if digest == mirror.built.digest and store.folder(mirror.built.snapshot).is_dir():
        return None
    collection = read_sources([mirror.manifest])
    if not collection.documents:
        raise SourceError(
            "The wiki has no page with text that may be read, and a snapshot of none cannot be published. What was "
            "published before stays in force: end the service, or remove its store, if it should not."
        )
    build = build_snapshot(collection.documents, store, settings, progress=progress)
    if mirror.built.closed:
        store.prune(keep=1)
    mirror.built = Built(digest, build.manifest.id)
    sources = {str(mirror.file(page)): page for page in mirror.pages}
    findings = (msgspec.structs.replace(each, source=sources.get(each.source or "")) for each in collection.findings)
    return Publication(build, tuple(findings))
