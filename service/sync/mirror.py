"""What a store keeps of the wiki that it follows: a copy of each page, and what was known when it was fetched.

::

    STORE/sync/state.json       the wiki, its pages with their revisions, the snapshot built of them
    STORE/sync/manifest.jsonl   the pages as `corpus` reads them, with addresses and dates
    STORE/sync/pages/           the copies, a folder for each namespace
    STORE/sync/lock             held while the wiki is followed
"""

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from corpus.errors import SettingsError, SnapshotError, SourceError
from corpus.sources import document_id
from service.sync.addresses import PageAddresses
from service.sync.wikis import ListedPage

__all__ = ["Built", "KeptPage", "Mirror"]


class KeptPage(msgspec.Struct, frozen=True):
    """A page whose copy lies here."""

    revision: str
    modified: str | None
    sha256: str


class Built(msgspec.Struct, frozen=True):
    """The last snapshot that was built here, and a hash of all that it was built of.

    `closed` tells that a page was closed and older snapshots may still hold its words.
    """

    digest: str = ""
    snapshot: str = ""
    closed: bool = False


class _State(msgspec.Struct, frozen=True):
    """The content of ``state.json``."""

    wiki: str
    pages: dict[str, KeptPage]
    built: Built


class _Entry(msgspec.Struct, omit_defaults=True):
    """A line of the manifest."""

    file: str
    id: str
    form: str
    url: str | None = None
    modified: str | None = None


class Mirror:
    """The copy of one wiki in a store. Get one from `Mirror.opened`."""

    def __init__(self, root: Path, state: _State) -> None:
        self._root = root
        self.wiki = state.wiki
        # A page whose copy is lost is fetched again.
        self._pages = {page: kept for page, kept in state.pages.items() if self.file(page).is_file()}
        self.built = state.built

    @classmethod
    @contextmanager
    def opened(cls, store: Path, wiki: str) -> Iterator["Mirror"]:
        """The copy of a wiki in a store, for one process at a time; what was changed is kept when the block ends.

        Raises `SettingsError` if the store follows another wiki, `SnapshotError` if another process has it open.
        """
        root = store / "sync"
        root.mkdir(parents=True, exist_ok=True)
        with (root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SnapshotError(f"Another loccit sync is at work in {store}. Wait for it to end.") from None
            mirror = cls(root, _read_state(root / "state.json", wiki))
            try:
                yield mirror
            finally:
                mirror.save()

    @property
    def pages(self) -> Mapping[str, KeptPage]:
        """The pages whose copies lie here."""
        return self._pages

    @property
    def manifest(self) -> Path:
        """The manifest that `write_manifest` wrote."""
        return self._root / "manifest.jsonl"

    def keep(self, page: str, listed: ListedPage, text: bytes) -> None:
        """Keeps the text of a page."""
        path = self.file(page)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
        except OSError as error:
            raise SourceError(f"cannot be kept: {error.strerror}.") from error
        self._pages[page] = KeptPage(listed.revision, listed.modified, hashlib.sha256(text).hexdigest())

    def drop(self, page: str, *, closed: bool = False) -> None:
        """Removes the copy of a page; that it was closed is noted until a snapshot without it is published."""
        if closed:
            self.built = msgspec.structs.replace(self.built, closed=True)
        del self._pages[page]
        self.file(page).unlink(missing_ok=True)

    def write_manifest(self, addresses: PageAddresses | None) -> str:
        """Writes the manifest of all pages; returns a hash of it and of their texts."""
        lines = [
            msgspec.json.encode(
                _Entry(
                    file=str(self.file(page).relative_to(self._root)),
                    id=identity,
                    form="dokuwiki",
                    url=addresses.of(page) if addresses else None,
                    modified=self._pages[page].modified,
                )
            )
            for page, identity in _identities(self._pages).items()
        ]
        _replace(self.manifest, b"".join(line + b"\n" for line in lines))
        texts = (f"{page} {self._pages[page].sha256}\n" for page in sorted(self._pages))
        return hashlib.sha256(b"\n".join(lines) + "".join(texts).encode()).hexdigest()

    def save(self) -> None:
        """Writes down what is known."""
        state = _State(self.wiki, dict(sorted(self._pages.items())), self.built)
        _replace(self._root / "state.json", msgspec.json.format(msgspec.json.encode(state)) + b"\n")

    def file(self, page: str) -> Path:
        """Where the copy of a page lies, or would lie."""
        return self._root / "pages" / f"{page.replace(':', '/')}.txt"


def _read_state(path: Path, wiki: str) -> _State:
    try:
        state = msgspec.json.decode(path.read_bytes(), type=_State)
    except FileNotFoundError:
        return _State(wiki, {}, Built())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} is damaged ({error}). Remove {path.parent}, and all pages are fetched again."
        ) from error
    if state.wiki != wiki:
        raise SettingsError(
            f"{path.parent.parent} follows {state.wiki}, not {wiki}. Name another store with --out, or remove "
            f"{path.parent} to follow {wiki} from now on."
        )
    return state


def _identities(pages: Mapping[str, KeptPage]) -> dict[str, str]:
    """The name from which each page's document gets its id: where two would get the same, the later has its hash."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for page in sorted(pages):
        name = page.replace(":", "/")
        if document_id(Path(f"{name}.txt")) in taken:
            name += "-" + hashlib.sha256(page.encode()).hexdigest()[:8]
        taken.add(document_id(Path(f"{name}.txt")))
        found[page] = name
    return found


def _replace(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    # No page's copy has this ending.
    aside = path.with_name(f"{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
