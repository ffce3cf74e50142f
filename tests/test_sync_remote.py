"""``loccit sync`` follows a real DokuWiki over its remote API, while people write in it.

Debian's release has XML-RPC alone. With the environment variable TEST_DOKUWIKI, the folder of another release, these
tests run with that one; releases since 2024 are asked by JSON-RPC.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.errors import SourceError
from index import Query, Searcher, Snapshot, Store
from service.command import main
from service.sync import Login, Mirror, RemoteWiki, follow
from tests.dokuwiki_renderer import need_dokuwiki
from tests.dokuwiki_sites import ADMINISTRATOR, PASSWORD, Pen, Site
from tests.stores import copied

SPINE = "====== The spine ======\n\nMedian survival after surgery was 9 months ((Alpha A. A work. 2001. PMID: 11.)).\n"
PAIN = "====== Pain ======\n\nPain was relieved in 21 of 24 patients within a week.\n"
ROTA = "====== Rota ======\n\nDoctor Grey is on call on Mondays.\n"
WRONG = "not " + PASSWORD
CLOSED = "clinic:* @ALL 0\n"

Sync = Callable[..., Result]


class Watched(RemoteWiki):
    """A remote wiki that notes which pages are fetched."""

    def __init__(self, address: str) -> None:
        super().__init__(address, rate=1000)
        self.fetched: list[str] = []

    def read(self, page: str) -> bytes:
        """The text of a page."""
        self.fetched.append(page)
        return super().read(page)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A wiki that closes the pages of the clinic."""
    need_dokuwiki()
    site = Site(tmp_path)
    site.rules(CLOSED)
    return site


@pytest.fixture
def written(site: Site) -> Iterator[tuple[str, Pen]]:
    """Its address, and who writes in it, with two open pages and one that is closed."""
    with site.written() as (address, pen):
        pen.write("spine", SPINE)
        pen.write("pain:relief", PAIN)
        pen.write("clinic:rota", ROTA)
        yield address, pen


def sync(address: str, store: Store, *arguments: str, password: str = "", user: str = ADMINISTRATOR) -> Result:
    """The outcome of `loccit sync`."""
    environment = {"LOCCIT_SYNC_USER": user, "LOCCIT_SYNC_PASSWORD": password} if password else {}
    given = ["sync", address, "--out", str(store.root), "--rate", "1000", *arguments]
    return CliRunner().invoke(main, given, env=environment)


def lines(result: Result) -> list[str]:
    """What a sync printed of changes."""
    assert result.exit_code == 0, result.output
    return [line for line in result.stdout.splitlines() if not line.startswith("Snapshot ")]


def test_only_what_changed_is_fetched(site: Site, written: tuple[str, Pen], tmp_path: Path) -> None:
    """Pages that are new or edited are fetched, others not; moved, deleted and closed ones are told apart."""
    address, pen = written
    with Watched(address) as wiki, Mirror.opened(tmp_path / "store", wiki.name) as mirror:
        assert follow(wiki, mirror).added == ("pain:relief", "spine")
        assert mirror.file("spine").read_text("utf-8").strip() == SPINE.strip()
        assert follow(wiki, mirror).fetched == frozenset()
        assert wiki.fetched == ["pain:relief", "spine"]
        wiki.fetched.clear()
        pen.write("spine", SPINE + "\nTwo lines that are new.\n")
        pen.delete("pain:relief")
        pen.write("symptoms:pain", PAIN)
        pen.write("ward:list", ROTA)
        changes = follow(wiki, mirror)
        assert list(changes.lines()) == ["+ ward:list", "~ spine", "> symptoms:pain (was pain:relief)"]
        assert wiki.fetched == ["spine", "symptoms:pain", "ward:list"]
        site.rules(CLOSED + "ward:* @ALL 0\n")
        pen.delete("symptoms:pain")
        assert list(follow(wiki, mirror).lines()) == ["- symptoms:pain", "x ward:list (closed)"]
        assert sorted(mirror.pages) == ["spine"]


def test_answers_lead_to_the_wiki(written: tuple[str, Pen], embedded_store: Path, tmp_path: Path) -> None:
    """A passage has the address of its page in the wiki and the day of its last change."""
    address, _ = written
    store = copied(embedded_store, tmp_path / "copy")
    assert lines(sync(address + "doku.php?id=start", store)) == ["+ pain:relief", "+ spine"]
    (answer,) = Searcher(Snapshot.open(store)).search([Query(question="What was the median survival?", k=1)])
    document = answer.passages[0].document
    assert document.url == f"{address}doku.php?id=spine"
    assert document.modified
    assert document.modified[:2] == "20"
    assert answer.passages[0].citations[0].reference == "pmid:11"


def test_a_login_is_no_way_around_the_rules(
    site: Site, written: tuple[str, Pen], embedded_store: Path, tmp_path: Path
) -> None:
    """With a login pages that visitors may not read are left out too, unless told otherwise; a wrong one is told."""
    address, pen = written
    pen.write("ward:list", ROTA)
    store = copied(embedded_store, tmp_path / "copy")
    assert "--include-private needs a login" in sync(address, store, "--include-private").stderr
    site.configure(address.rstrip("/"), remoteuser="@admin")
    refused = sync(address, store)
    assert refused.exit_code == 2
    assert "lets nobody list its pages without a login" in refused.stderr
    wrong = sync(address, store, password=WRONG)
    assert wrong.exit_code == 2
    assert "refuses the login" in wrong.stderr
    assert lines(sync(address, store, password=PASSWORD)) == ["+ pain:relief", "+ spine", "+ ward:list"]
    site.rules(CLOSED + "ward:* @ALL 0\n")
    assert lines(sync(address, store, password=PASSWORD)) == ["x ward:list (closed)"]
    private = sync(address, store, "--include-private", password=PASSWORD)
    assert lines(private) == ["+ clinic:rota", "+ ward:list"]
    site.configure(address.rstrip("/"), remoteuser="")
    wrong = sync(address, store, "--include-private", password=WRONG)
    assert wrong.exit_code == 2
    assert "refuses the login" in wrong.stderr
    assert lines(sync(address, store)) == ["x clinic:rota (closed)", "x ward:list (closed)"]
    site.rules("spine @ALL 0\npain:* @ALL 0\nclinic:* @ALL 0\nward:* @ALL 0\n")
    site.configure(address.rstrip("/"), remoteuser="@admin")
    closed = sync(address, store, password=PASSWORD)
    assert closed.stdout.splitlines() == ["x pain:relief (closed)", "x spine (closed)"]
    assert closed.exit_code == 2
    assert "a snapshot of none cannot be published" in closed.stderr


def test_hidden_pages_are_left_out(site: Site, written: tuple[str, Pen], tmp_path: Path) -> None:
    """What the wiki hides from its own search is not followed."""
    address, pen = written
    pen.write("drafts:one", PAIN)
    site.configure(address.rstrip("/"), hidepages="^:drafts:")
    with Watched(address) as wiki, Mirror.opened(tmp_path / "store", wiki.name) as mirror:
        assert follow(wiki, mirror).added == ("pain:relief", "spine")


def test_a_wiki_that_does_not_answer_changes_nothing(
    site: Site, written: tuple[str, Pen], embedded_store: Path, tmp_path: Path
) -> None:
    """An API that is off and an address without a wiki are told with the cure, and the snapshot stays."""
    address, _ = written
    store = copied(embedded_store, tmp_path / "copy")
    sync(address, store)
    published = store.current()
    state = (store.root / "sync" / "state.json").read_bytes()
    site.configure(address.rstrip("/"), remote=0)
    off = sync(address, store)
    assert off.exit_code == 2
    assert "The wiki's remote API is off. Its administrator turns it on" in off.stderr
    elsewhere = copied(embedded_store, tmp_path / "elsewhere")
    nothing = sync(f"{address}lib/", elsewhere)
    assert nothing.exit_code == 2
    assert "gives no answer of a DokuWiki (status 404)" in nothing.stderr
    assert "is not named by a plain address" in sync("https://ada:secret@wiki.example/", elsewhere).stderr
    assert "secret" not in sync("https://ada:secret@wiki.example/", elsewhere).output
    assert store.current() == published
    assert (store.root / "sync" / "state.json").read_bytes() == state


def test_an_unreachable_wiki_changes_nothing(tmp_path: Path) -> None:
    """Where nothing listens, that is an error after some tries."""
    wiki = RemoteWiki("http://127.0.0.1:9/", login=Login("ada", "x"), rate=1000)
    with wiki, Mirror.opened(tmp_path, wiki.name) as mirror:
        with pytest.raises(SourceError, match=r"127\.0\.0\.1 cannot be asked: .*, after 4 tries"):
            follow(wiki, mirror)
        assert mirror.pages == {}
