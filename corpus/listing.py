"""Which files a source stands for: a file, a folder, the data folder of a DokuWiki, or a manifest."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus.errors import SourceError
from corpus.manifests import is_manifest, manifest_within, read_manifest
from corpus.source_files import Listing, SourceFile
from corpus.wiki_folders import list_wiki, wiki_folder

__all__ = ["list_files"]


def list_files(sources: Sequence[Path]) -> Listing:
    """The files of all sources; hidden ones are passed over, a file named twice comes once.

    Raises `SourceError` if a source does not exist.
    """
    listings = [_listing(source) for source in sources]
    seen: set[Path] = set()
    files = []
    for file in (file for listing in listings for file in listing.files):
        resolved = file.path.resolve()
        if resolved not in seen:
            seen.add(resolved)
            files.append(file)
    return Listing(tuple(files), tuple(finding for listing in listings for finding in listing.findings))


def _listing(source: Path) -> Listing:
    if not source.exists():
        raise SourceError(f"{source} does not exist. Name a file or a folder of sources.")
    if is_manifest(source):
        return read_manifest(source)
    if not source.is_dir():
        return Listing((SourceFile(path=source, name=Path(source.name)),))
    if folder := wiki_folder(source):
        return Listing(tuple(list_wiki(folder)))
    manifest = manifest_within(source)
    described = read_manifest(manifest) if manifest else Listing(())
    known = {file.path.resolve(): file for file in described.files}
    below = [
        known.pop(file.path.resolve(), file)
        for file in _below(source)
        if file.path != manifest and file.path.resolve() not in described.left_out
    ]
    return Listing((*below, *known.values()), described.findings)


def _below(folder: Path) -> Iterator[SourceFile]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield SourceFile(path=path, name=name)
