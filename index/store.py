"""A store of snapshots on disk: built aside, verified, published by one rename.

::

    STORE/CURRENT                     the id of the published snapshot
    STORE/build.lock                  held while a build runs
    STORE/withdrawn.json              documents that are in no answer (`index.withdrawals`)
    STORE/snapshots/.building/        a build that cuts passages
    STORE/snapshots/.building-<id>/   a build that encodes them; one that was killed goes on here
    STORE/snapshots/<id>/             immutable
        manifest.json                 format, settings, and size and SHA-256 of every other file
        records.db                    documents, passages, findings and works
        passages.npy sentences.npy    vectors; dense.faiss beside many
        states.npy offsets.npy        states of word pieces, and where those of each sentence begin
        sentence_offsets.npy          where the sentences of each passage begin
        contexts.npy leads.npy frequencies.npy digests.npy
        lexicon/ encoder/ calibration.json
        reranker/                     if there is one
"""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from corpus.errors import SnapshotError
from index.durable import replace, sync
from index.manifest import LAYOUT, FileRecord, Manifest, cure, read_manifest
from index.withdrawals import Withdrawals

__all__ = ["Store"]

MOST_HASHED = 1 << 30
"""Up to so many bytes in all, the files of a snapshot are hashed whenever it is opened, which takes half a second."""

KEPT = 8
"""So many snapshots a build leaves in a store, to go back to and to take vectors over from."""

_BUILDING = ".building"


class Store:
    """A folder of snapshots with a pointer to the published one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.snapshots = root / "snapshots"
        self.pointer = root / "CURRENT"
        self.withdrawals = Withdrawals(root)

    def __repr__(self) -> str:
        return f"Store({str(self.root)!r})"

    def withdrawn(self) -> frozenset[str]:
        """The ids of the documents that are in no answer. Raises `SnapshotError` if that cannot be known."""
        return self.withdrawals.documents()

    def folder(self, snapshot: str) -> Path:
        """Where the snapshot of that id lies, or would lie."""
        return self.snapshots / snapshot

    def published(self) -> str:
        """The id of the published snapshot, whatever its state. Raises `SnapshotError` if there is none."""
        try:
            return self.pointer.read_text("utf-8").strip()
        except FileNotFoundError:
            raise SnapshotError(
                f"{self.root} holds no snapshot: {self.pointer} is missing. {cure(self.root)}"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise SnapshotError(f"{self.pointer} cannot be read ({error}). {cure(self.root)}") from error

    def current(self, *, thorough: bool | None = None) -> Path:
        """The folder of the published snapshot, every file of it verified, as `verify` does.

        Raises `SnapshotError` if there is none, or if one of its files is missing or damaged.
        """
        snapshot = self.published()
        folder = self.folder(snapshot)
        if not snapshot or not folder.is_dir():
            raise SnapshotError(
                f"{self.pointer} names the snapshot {snapshot!r}, but {folder} is missing. {cure(self.root)}"
            )
        manifest = self.verify(folder, thorough=thorough)
        if manifest.id != snapshot:
            raise SnapshotError(f"{folder / LAYOUT.manifest} is that of {manifest.id!r}. {cure(self.root)}")
        return folder

    def verify(self, folder: Path, *, thorough: bool | None = None) -> Manifest:
        """The manifest of a snapshot whose files all have the size and SHA-256 that it states.

        By default those of more than a gigabyte in all are only asked for their sizes, so that a service starts soon.
        Raises `SnapshotError` naming the first file that is not as it should be.
        """
        manifest = read_manifest(folder)
        if thorough is None:
            thorough = sum(stated.size for stated in manifest.files.values()) <= MOST_HASHED
        for name, stated in manifest.files.items():
            path = folder / name
            try:
                if not path.is_file():
                    raise SnapshotError(f"{path} is missing. {cure(self.root)}")
                sound = path.stat().st_size == stated.size and (not thorough or _sha256(path) == stated.sha256)
            except OSError as error:
                raise SnapshotError(f"{path} cannot be read ({error.strerror}). {cure(self.root)}") from error
            if not sound:
                raise SnapshotError(f"{path} is damaged: it is not as {LAYOUT.manifest} states. {cure(self.root)}")
        return manifest

    def holds(self, snapshot: str) -> bool:
        """Whether a snapshot of that id lies here undamaged."""
        try:
            return self.verify(self.folder(snapshot), thorough=True).id == snapshot
        except SnapshotError:
            return False

    @contextmanager
    def building(self) -> Iterator[Path]:
        """An empty folder to build in, while no other build runs here; what is left of it is removed.

        `keep` gives it another name, under which it stays until it is published or another build takes its place.

        Raises `SnapshotError` if another build holds the store, or if it can hold none.
        """
        try:
            self.snapshots.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SnapshotError(
                f"{self.snapshots} cannot be made ({error.strerror}). Name another folder with --out."
            ) from error
        with (self.root / "build.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SnapshotError(f"Another build is running in {self.root}. Wait for it to end.") from None
            aside = self.snapshots / _BUILDING
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            try:
                yield aside
            finally:
                shutil.rmtree(aside, ignore_errors=True)

    def keep(self, aside: Path, snapshot: str) -> Path:
        """Where the build of a snapshot goes on: where one that was interrupted stood, else in what is built aside.

        Other interrupted builds are removed.
        """
        kept = self.snapshots / f"{_BUILDING}-{snapshot}"
        if not kept.exists():
            _sync_all(aside)
            aside.rename(kept)
        self.clear(kept)
        return kept

    def clear(self, kept: Path | None = None) -> None:
        """Removes what interrupted builds have left, but for one that goes on."""
        for other in self.unfinished():
            if other != kept:
                shutil.rmtree(other, ignore_errors=True)

    def unfinished(self) -> list[Path]:
        """The folders of builds that were interrupted while they encoded."""
        return sorted(self.snapshots.glob(f"{_BUILDING}-*"))

    def others(self, snapshot: str) -> list[Path]:
        """The folders of all snapshots but one, the newest first."""
        try:
            folders = [path for path in self.snapshots.iterdir() if path.is_dir() and path.name[:1] != "."]
            others = [path for path in folders if path.name != snapshot]
            return sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)
        except OSError:
            # There is no store, or a build takes a snapshot away at this moment.
            return []

    def rolled_back(self, snapshot: str | None = None) -> str:
        """Publishes an earlier snapshot, the newest of the others if none is named, verified; returns its id.

        Raises `SnapshotError` if there is none, or if it is damaged.
        """
        others = [folder.name for folder in self.others(self.published())]
        if not others:
            raise SnapshotError(f"{self.root} holds no other snapshot to go back to.")
        chosen = snapshot or others[0]
        if chosen not in others:
            raise SnapshotError(f"{chosen!r} is no other snapshot of {self.root}. There are: {', '.join(others)}.")
        self.verify(self.folder(chosen), thorough=True)
        self.point_to(chosen)
        return chosen

    def prune(self, keep: int = KEPT) -> None:
        """Removes all snapshots but the published one and the newest of the others, `keep` in all.

        Who has one of them open can go on reading it.
        """
        for folder in self.others(self.published())[max(0, keep - 1) :]:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, aside: Path, manifest: Manifest) -> None:
        """Completes the snapshot built in `aside` with its manifest, verifies and publishes it.

        What only the build needed stays until then, so that one that is killed here goes on too.
        """
        _sync_all(aside)
        built = (path for path in sorted(aside.rglob("*")) if aside / LAYOUT.work not in path.parents)
        files = {
            str(path.relative_to(aside)): FileRecord(path.stat().st_size, _sha256(path))
            for path in built
            if path.is_file() and path.name != LAYOUT.manifest
        }
        complete = msgspec.structs.replace(manifest, files=files)
        (aside / LAYOUT.manifest).write_bytes(msgspec.json.format(msgspec.json.encode(complete)) + b"\n")
        _sync_all(aside)
        self.verify(aside)
        folder = self.folder(manifest.id)
        # Only a damaged snapshot of the same id can stand in the way: a sound one is not built again.
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
        sync(self.snapshots)
        self.point_to(manifest.id)
        shutil.rmtree(folder / LAYOUT.work, ignore_errors=True)

    def point_to(self, snapshot: str) -> None:
        """Makes a snapshot the published one, by one atomic rename."""
        replace(self.pointer, f"{snapshot}\n".encode())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_all(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        sync(path)
