"""``loccit sync`` follows a DokuWiki in its folder."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.errors import SourceError
from index import Query, Searcher, Snapshot, Store
from service.command import main
from service.sync import Mirror, PageAddresses, follow
from service.sync.wikis import ListedPage
from tests.servers import LOCCIT
from tests.stores import copied

SPINE = "====== The spine ======\n\nMedian survival after surgery was 9 months ((Alpha A. A work. 2001. PMID: 11.)).\n"
PAIN = "====== Pain ======\n\nPain was relieved in 21 of 24 patients within a week of the operation.\n"
ROTA = "====== Rota ======\n\nDoctor Grey is on call on Mondays and answers under extension 55.\n"

Sync = Callable[..., Result]


class Folder:
    """The folder of a wiki without its program, as an administrator has it, with a log of changes for its pages."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("data/pages", "data/meta", "conf"):
            (root / name).mkdir(parents=True)
        self.configure()
        self.rules("* @ALL 1\nclinic:* @ALL 0\n")

    def configure(self, **settings: object) -> None:
        """Writes the configuration."""
        lines = [f"$conf['{name}'] = {value!r};" for name, value in {"useacl": 1, **settings}.items()]
        (self.root / "conf" / "local.php").write_text("\n".join(["<?php", *lines]), "utf-8")

    def rules(self, text: str) -> None:
        """Writes the access rules."""
        (self.root / "conf" / "acl.auth.php").write_text(text, "utf-8")

    def write(self, page: str, text: str) -> None:
        """Writes a page."""
        path = self._path(page)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        changes = self.root / "data" / "meta" / f"{page.replace(':', '/')}.changes"
        changes.parent.mkdir(parents=True, exist_ok=True)
        changes.write_text("1747094400\t127.0.0.1\tE\tpage\tada\t\n")

    def delete(self, page: str) -> None:
        """Deletes a page."""
        self._path(page).unlink()

    def _path(self, page: str) -> Path:
        return self.root / "data" / "pages" / f"{page.replace(':', '/')}.txt"


@pytest.fixture
def wiki(tmp_path: Path) -> Folder:
    """A wiki of two open pages and one that is closed."""
    folder = Folder(tmp_path / "wiki")
    folder.write("spine", SPINE)
    folder.write("pain:relief", PAIN)
    folder.write("clinic:rota", ROTA)
    return folder


@pytest.fixture
def store(embedded_store: Path, tmp_path: Path) -> Store:
    """A store whose encoder is exported already."""
    return copied(embedded_store, tmp_path / "store")


@pytest.fixture
def sync(wiki: Folder, store: Store, monkeypatch: pytest.MonkeyPatch) -> Sync:
    """Runs `loccit sync` on the wiki and the store."""
    for name in [name for name in os.environ if name.startswith("LOCCIT_")]:
        monkeypatch.delenv(name)

    def run(*arguments: object, source: object = wiki.root) -> Result:
        given = ["sync", source, "--out", store.root, *arguments]
        return CliRunner().invoke(main, [str(each) for each in given])

    return run


def lines(result: Result, *, code: int = 0) -> list[str]:
    """What a sync printed of changes, without the line on the snapshot."""
    assert result.exit_code == code, result.output
    return [line for line in result.stdout.splitlines() if not line.startswith("Snapshot ")]


def encoded(result: Result) -> int:
    """How many texts were encoded."""
    return int(result.stdout.split(" texts encoded")[0].split()[-1])


def documents(store: Store) -> dict[str, str | None]:
    """The documents of the published snapshot, with their addresses."""
    snapshot = Snapshot.open(store)
    return {document.id: document.url for document in snapshot.documents.values()}


def test_pages_are_published_once(wiki: Folder, store: Store, sync: Sync) -> None:
    """Open pages are published with address and date under the ids that a build gives; nothing new, nothing built."""
    first = sync("--url", "https://wiki.example")
    assert lines(first) == ["+ pain:relief", "+ spine"]
    searcher = Searcher(Snapshot.open(store))
    (answer,) = searcher.search([Query(question="What was the median survival after surgery?", k=1)])
    passage = answer.passages[0]
    assert passage.document.id == "spine"
    assert passage.document.title == "The spine"
    assert passage.document.url == "https://wiki.example/doku.php?id=spine"
    assert passage.document.modified == "2025-05-13"
    assert passage.citations[0].reference == "pmid:11"
    published = store.current()
    again = sync("--url", "https://wiki.example")
    assert again.exit_code == 0
    assert again.output == ""
    assert store.current() == published
    wiki.write("spine", SPINE)  # saved without a change
    assert sync("--url", "https://wiki.example").output == ""


def test_only_what_changed_is_embedded(wiki: Folder, store: Store, sync: Sync) -> None:
    """A new page, an edit, a move and a deletion are told, and only what is new in them is encoded."""
    wiki.write("gone", "====== Gone ======\n\nThis page tells of nothing that anybody would look for.\n")
    assert encoded(sync()) > 0
    wiki.write("spine", SPINE + "\nNobody was lost to follow-up.\n")
    wiki.delete("pain:relief")
    wiki.write("symptoms:pain", PAIN)
    wiki.delete("gone")
    second = sync()
    assert lines(second) == ["~ spine", "> symptoms:pain (was pain:relief)", "- gone"]
    assert set(documents(store)) == {"spine", "symptoms-pain"}
    wiki.delete("symptoms:pain")
    wiki.write("signs:pain", PAIN)
    moved = sync()
    assert lines(moved) == ["> signs:pain (was symptoms:pain)"]
    assert encoded(moved) == 0
    assert set(documents(store)) == {"spine", "signs-pain"}


def test_closed_pages_leave_with_the_snapshots_that_hold_them(wiki: Folder, store: Store, sync: Sync) -> None:
    """A page that the rules close goes at once, and with it the older snapshots, so that no rollback brings it back."""
    wiki.rules("* @ALL 1\n")
    assert lines(sync()) == ["+ clinic:rota", "+ pain:relief", "+ spine"]
    assert len(store.others("")) == 2
    wiki.rules("* @ALL 1\nclinic:* @ALL 0\n")
    with store.building():  # another build is under way
        late = sync()
    assert late.exit_code == 2
    assert late.stdout == "x clinic:rota (closed)\n"
    assert lines(sync()) == []
    assert set(documents(store)) == {"spine", "pain-relief"}
    assert store.others("") == [store.current()]
    assert not list(store.root.glob("sync/pages/clinic/*"))
    wiki.rules("* @ALL 1\n")
    assert lines(sync()) == ["+ clinic:rota"]


def test_a_rollback_holds_until_something_changes(wiki: Folder, store: Store, sync: Sync) -> None:
    """A snapshot that was published otherwise stays in force until the wiki changes."""
    sync()
    first = store.current()
    wiki.write("spine", SPINE + "\nNobody was lost to follow-up.\n")
    sync()
    store.rolled_back(first.name)
    assert sync().output == ""
    assert store.current() == first
    wiki.write("spine", SPINE + "\nOne patient was lost to follow-up.\n")
    assert lines(sync()) == ["~ spine"]
    assert store.current() != first


def test_private_pages_are_taken_in_when_told(wiki: Folder, store: Store, sync: Sync) -> None:
    """`--include-private` takes all pages, and without it the closed ones go again."""
    assert lines(sync("--include-private")) == ["+ clinic:rota", "+ pain:relief", "+ spine"]
    assert "clinic-rota" in documents(store)
    assert lines(sync()) == ["x clinic:rota (closed)"]
    wiki.configure(useacl=0)
    assert lines(sync()) == ["+ clinic:rota"]


def test_who_may_read_must_be_known(wiki: Folder, sync: Sync, store: Store) -> None:
    """Without the configuration nothing is taken in; `--conf` names it where it lies elsewhere."""
    (wiki.root / "conf").rename(wiki.root / "elsewhere")
    refused = sync()
    assert refused.exit_code == 2
    assert "it is not known who may read the wiki. Name its folder of configuration with --conf" in refused.stderr
    assert lines(sync("--conf", wiki.root / "elsewhere", source=wiki.root / "data")) == ["+ pain:relief", "+ spine"]
    (wiki.root / "elsewhere" / "acl.auth.php").unlink()
    refused = sync("--conf", wiki.root / "elsewhere")
    assert refused.exit_code == 2
    assert "acl.auth.php cannot be read (No such file or directory)" in refused.stderr
    assert set(documents(store)) == {"spine", "pain-relief"}
    nothing = sync(source=store.root)
    assert nothing.exit_code == 2
    assert "is no folder of a DokuWiki" in nothing.stderr


def test_what_is_not_followed(wiki: Folder, sync: Sync) -> None:
    """Hidden pages, sidebars, templates, DokuWiki's own pages and what --exclude names are left out."""
    for page in ("drafts:one", "sidebar", "pain:sidebar", "wiki:syntax", "user:ada", "_template", "Not Clean"):
        wiki.write(page, f"====== {page} ======\n\nSome words that stand on this page.\n")
    wiki.configure(hidepages="^:drafts:")
    assert lines(sync("--exclude", "user:*")) == ["+ pain:relief", "+ spine"]
    wiki.configure(hidepages="(")
    assert "hidepages'] is '(', which loccit cannot read" in sync().stderr
    wiki.configure(fnencode="safe")
    assert "Follow it by its address instead" in sync().stderr


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, None),
        ({"baseurl": "https://w.example"}, "https://w.example/doku.php?id=pain:relief"),
        ({"baseurl": "https://w.example", "basedir": "/dw/", "userewrite": 1}, "https://w.example/dw/pain:relief"),
        ({"baseurl": "https://w.example", "userewrite": 2, "useslash": 1}, "https://w.example/doku.php/pain/relief"),
    ],
)
def test_addresses_are_those_of_the_wiki(wiki: Folder, settings: dict[str, object], address: str | None) -> None:
    """The address of a page follows from the configuration; unknown it stays unknown."""
    from service.sync import FolderWiki

    wiki.configure(**settings)
    addresses = FolderWiki(wiki.root).addresses
    assert (addresses and addresses.of("pain:relief")) == address


def test_address_is_given(store: Store, sync: Sync) -> None:
    """`--url` gives the address, with the place of the id where it is not the usual one; a new one is published."""
    sync()
    assert documents(store)["pain-relief"] is None
    assert lines(sync("--url", "https://wiki.example/{id}")) == []
    assert documents(store)["pain-relief"] == "https://wiki.example/pain:relief"
    refused = sync("--url", "javascript:alert(1)")
    assert refused.exit_code == 2
    assert "is no web address" in refused.stderr


def test_many_pages_gone_at_once_are_held(wiki: Folder, store: Store, sync: Sync) -> None:
    """More than half of the pages gone at once, or all, stay until --allow-shrink; what else changed goes through."""
    wiki.write("third", "====== Third ======\n\nA third page, with words of its own to find.\n")
    sync()
    wiki.delete("spine")
    wiki.delete("pain:relief")
    wiki.write("third", "====== Third ======\n\nOther words stand here since the last look.\n")
    held = sync()
    assert lines(held, code=1) == ["~ third"]
    assert "2 of 3 pages are gone from the wiki at once, such as pain:relief" in held.stderr
    assert set(documents(store)) == {"spine", "pain-relief", "third"}
    wiki.delete("third")
    empty = sync()
    assert lines(empty, code=1) == []
    assert set(documents(store)) == {"spine", "pain-relief", "third"}
    wiki.write("third", "====== Third ======\n\nIt is back with yet other words.\n")
    assert lines(sync("--allow-shrink")) == ["~ third", "- pain:relief", "- spine"]
    assert set(documents(store)) == {"third"}


def test_a_wiki_that_closes_all_is_told(wiki: Folder, store: Store, sync: Sync) -> None:
    """Where no page may be read any more, that is an error which says what is still published."""
    sync()
    wiki.rules("* @ALL 0\n")
    closed = sync()
    assert closed.exit_code == 2
    assert closed.stdout.splitlines() == ["x pain:relief (closed)", "x spine (closed)"]
    assert "a snapshot of none cannot be published" in closed.stderr
    assert not list(store.root.glob("sync/pages/**/*.txt"))
    wiki.rules("* @ALL 1\n")
    assert lines(sync()) == ["+ clinic:rota", "+ pain:relief", "+ spine"]


def test_ids_that_would_be_the_same(wiki: Folder, store: Store, sync: Sync) -> None:
    """Two pages whose documents would have one id are both published, the later one with a hash."""
    wiki.write("pain-relief", "====== Other ======\n\nThis page has nearly the name of another page.\n")
    sync()
    assert "pain-relief" in documents(store)
    (other,) = [each for each in documents(store) if each.startswith("pain-relief-")]
    assert len(other) == len("pain-relief-") + 8


def test_the_store_follows_one_wiki(wiki: Folder, store: Store, sync: Sync, tmp_path: Path) -> None:
    """Another wiki is refused; a page whose copy is lost is fetched again; a damaged state is told."""
    sync()
    other = Folder(tmp_path / "other")
    other.write("page", PAIN)
    refused = sync(source=other.root)
    assert refused.exit_code == 2
    assert f"follows {wiki.root / 'data'}, not {other.root / 'data'}" in refused.stderr
    (store.root / "sync" / "pages" / "spine.txt").unlink()
    assert lines(sync()) == ["+ spine"]
    (store.root / "sync" / "state.json").write_text("{")
    damaged = sync()
    assert damaged.exit_code == 2
    assert "state.json is damaged" in damaged.stderr


def test_it_looks_again_until_told_to_end(wiki: Folder, store: Store, sync: Sync) -> None:
    """With --every a later edit is published by the running command, trouble is told, and SIGTERM ends it cleanly."""
    sync()
    command = [str(LOCCIT), "sync", str(wiki.root), "--out", str(store.root), "--every", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stderr
        try:
            time.sleep(1)
            wiki.write("new", "====== New ======\n\nThis page was written while the command ran.\n")
            assert running.stdout.readline() == "+ new\n"
            assert running.stdout.readline().startswith("Snapshot ")
            assert "new" in documents(store)
            (wiki.root / "conf" / "local.php").rename(wiki.root / "local.php")
            assert "holds neither dokuwiki.php nor local.php" in running.stderr.readline()
            (wiki.root / "local.php").rename(wiki.root / "conf" / "local.php")
            wiki.delete("new")
            assert running.stdout.readline() == "- new\n"
            assert running.stdout.readline().startswith("Snapshot ")
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(30) == 0


class Ill:
    """A wiki of which some pages cannot be read."""

    name = "https://wiki.example/"
    addresses = PageAddresses.parse(name)

    def __init__(self) -> None:
        self.texts: dict[str, bytes | None] = {}
        self.asked: list[str] = []

    def pages(self) -> dict[str, ListedPage]:
        """Every page, in a new revision each time."""
        return {page: ListedPage(str(len(self.asked)), None) for page in self.texts}

    def is_closed(self, page: str) -> bool:
        """No page is."""
        return page == ""

    def read(self, page: str) -> bytes:
        """The text, where there is one."""
        self.asked.append(page)
        text = self.texts[page]
        if text is None:
            raise SourceError("cannot be read today.")
        return text


def test_a_page_that_fails_keeps_its_copy(tmp_path: Path) -> None:
    """The last copy of a page that cannot be fetched stays; after five in a row the rest waits for the next look."""
    wiki = Ill()
    wiki.texts = {"a": b"one", "b": b"two"}
    with Mirror.opened(tmp_path, wiki.name) as mirror:
        assert follow(wiki, mirror).added == ("a", "b")
        wiki.texts = {"a": None, "b": b"three", **{f"c{number}": None for number in range(8)}}
        changes = follow(wiki, mirror)
        assert mirror.file("a").read_bytes() == b"one"
        assert mirror.file("b").read_bytes() == b"three"
    assert changes.edited == ("b",)
    assert changes.added == ()
    assert changes.failed["a"] == "cannot be read today."
    assert changes.failed["c7"] == "was not asked for, after others had failed."
    assert len(wiki.asked) == 2 + 2 + 5


def test_every_option_is_documented() -> None:
    """The guide names every option of the command, and no other."""
    guide = (Path(__file__).parents[1] / "service" / "docs" / "sync.md").read_text("utf-8")
    known = {option for parameter in main.commands["sync"].params for option in parameter.opts if option[:2] == "--"}
    assert set(re.findall(r"(?<!-)--[a-z][a-z-]+", guide)) == known
