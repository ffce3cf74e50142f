"""The folder in which a DokuWiki keeps its pages: ``data/pages`` with a folder for each namespace, ``data/meta``.

Source: https://www.dokuwiki.org/devel:dirlayout and https://www.dokuwiki.org/changelog.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from corpus.source_files import SourceFile

__all__ = ["list_wiki", "wiki_folder"]


def wiki_folder(source: Path) -> Path | None:
    """The data folder of a wiki, where `source` is the wiki's own folder, its data folder or its pages.

    It is known by ``pages`` beside ``meta`` or ``attic``, which DokuWiki makes on installation.
    """
    for folder in (source, source / "data", source.parent if source.name == "pages" else None):
        if folder and (folder / "pages").is_dir() and ((folder / "meta").is_dir() or (folder / "attic").is_dir()):
            return folder
    return None


def list_wiki(folder: Path) -> Iterator[SourceFile]:
    """The pages of a wiki's data folder, each with the day of its last change where the wiki has recorded it."""
    pages = folder / "pages"
    for path in sorted(pages.rglob("*.txt")):
        name = path.relative_to(pages)
        # Templates of new pages begin with a line, which no name of a page does.
        if path.is_file() and not any(part.startswith((".", "_")) for part in name.parts):
            changes = folder / "meta" / name.with_suffix(".changes")
            yield SourceFile(path=path, name=Path(unquote(str(name))), form="dokuwiki", modified=_last_change(changes))


def _last_change(changes: Path) -> str | None:
    """The day, in UTC, of the last line of a page's log of changes: a time, an address, what was done, and more.

    The time of the file itself tells nothing: a copy or a checkout changes it.
    """
    try:
        lines = changes.read_bytes().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        time = line.partition(b"\t")[0]
        if time.isdigit() and len(time) <= 11:
            return datetime.fromtimestamp(int(time), UTC).date().isoformat()
    return None
