"""Withdrawn pages over HTTP and at the command line."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import Store
from index.build import build_snapshot
from tests.servers import LOCCIT, Server, serving
from tests.stores import copied, read_pages

SHARED = "Pain eased in most of the patients who were irradiated within a week, and it came back in few of them"
ALPHA = f"""====== Alpha ======

The drug was quinoxaline ((Beta B. Second work. J Two. 2002. PMID: 222.)).

{SHARED} ((Alpha A. First work. J One. 2001. PMID: 111.)).
"""
BETA = "====== Beta ======\n\nNeck pain returned in 3 patients ((Alpha A. First work. J One. 2001. PMID: 111.)).\n"
GAMMA = f"====== Gamma ======\n\n{SHARED}.\n"
QUESTION = "Which drug was given, quinoxaline?"


@pytest.fixture(scope="module")
def built(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of three pages, from which nothing is withdrawn."""
    folder = tmp_path_factory.mktemp("withdrawn")
    store = copied(embedded_store, folder / "store")
    build_snapshot(read_pages(folder / "pages", alpha=ALPHA, beta=BETA, gamma=GAMMA), store)
    return store


@pytest.fixture
def store(built: Store, tmp_path: Path) -> Store:
    """A copy of it, to be changed."""
    return copied(built.root, tmp_path / "store")


@pytest.fixture(scope="module")
def server(built: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that started when `alpha` was withdrawn."""
    store = copied(built.root, tmp_path_factory.mktemp("served") / "store")
    store.withdrawals.add("alpha", "A patient can be recognised.")
    with serving(store.root) as running:
        yield running


def loccit(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What the command prints and how it ends."""
    return subprocess.run([LOCCIT, *arguments], capture_output=True, text=True, check=False)


def ask(server: Server, **body: Any) -> Any:
    """The answer to a question that is never refused."""
    reply = server.post("/v1/ask", json.dumps({"question": QUESTION, "min_confidence": 0, "k": 50, **body}).encode())
    return json.loads(reply.body)


def passage_of(store: Store, document: str) -> str:
    """The id of the first passage of a document."""
    records = loccit("ask", "--index", store.root, QUESTION, "--document", document, "--min-confidence", "0", "--json")
    passage: str = json.loads(records.stdout)["passages"][0]["id"]
    return passage


# Over HTTP


def test_no_answer_has_it(server: Server) -> None:
    """No answer quotes it, though it would be the best, and no list counts it."""
    assert {passage["document"]["id"] for passage in ask(server)["passages"]} == {"beta", "gamma"}
    assert json.loads(server.get("/v1/documents").body)["total"] == 2
    assert [work["id"] for work in json.loads(server.get("/v1/works").body)["works"]] == ["pmid:111"]
    assert server.get("/v1/works/pmid:222").status == 404
    (note,) = json.loads(server.get("/v1/works/pmid:111").body)["notes"]
    assert note["numbers"] == [{"document": "beta", "number": 1}]


@pytest.mark.parametrize("below", ["", "/text", "/markers", "/passages", "/references"])
def test_its_addresses_are_gone(server: Server, below: str) -> None:
    """What belongs to it is gone, which is not the same as never there, and nobody is told why."""
    reply = server.get(f"/v1/documents/alpha{below}")
    assert (reply.status, reply.headers["content-type"]) == (410, "application/problem+json")
    problem = json.loads(reply.body)
    assert problem == {
        "status": 410,
        "type": "urn:loccit:problem:withdrawn",
        "title": "Withdrawn",
        "detail": "The document 'alpha' is withdrawn.",
    }
    assert server.get(f"/v1/documents/no-such{below}").status == 404


def test_its_passages_are_gone(server: Server, built: Store) -> None:
    """So are its passages, to be read, to be quoted and to be found again."""
    passage = passage_of(built, "alpha")
    for path in (f"/v1/passages/{passage}", f"/v1/passages/{passage}/quotation"):
        reply = server.get(path)
        assert (reply.status, json.loads(reply.body)["detail"]) == (410, f"The passage {passage!r} is withdrawn.")
    located = json.loads(server.post("/v1/locate", json.dumps({"passage": passage}).encode()).body)
    assert (located["verdict"], located["reason"]) == ("gone", "Its document is withdrawn.")
    assert "quinoxaline" not in json.dumps(located)


def test_asking_for_it_is_an_error_that_says_so(server: Server) -> None:
    """A question to a withdrawn document alone is refused with the word."""
    problem = ask(server, documents=["beta", "alpha"])
    assert problem["status"] == 400
    assert problem["errors"] == [{"field": "documents", "message": "The document 'alpha' is withdrawn. Leave it out."}]


def test_running_service_follows(store: Store) -> None:
    """A service that runs leaves out what is withdrawn within seconds, and lets it in when it is lifted."""
    with serving(store.root) as running:
        before = ask(running)["passages"]
        assert before[0]["document"]["id"] == "alpha"
        known = {"if-none-match": tag(running, "/v1/documents/alpha")}
        assert running.get("/v1/documents/alpha", known).status == 304
        assert loccit("withdraw", "alpha", "--index", store.root).returncode == 0
        assert soon(lambda: running.get("/v1/documents/alpha", known).status == 410)
        left = ask(running)["passages"]
        assert [each["id"] for each in left] == [each["id"] for each in before if each["document"]["id"] != "alpha"]
        assert loccit("lift", "alpha", "--index", store.root).returncode == 0
        assert soon(lambda: ask(running)["passages"] == before)
        assert running.get("/v1/documents/alpha", known).status == 304


def test_running_service_answers_nothing_where_it_cannot_know(store: Store) -> None:
    """While the file is damaged all is refused for now, and the service is not ready; once mended it goes on."""
    file = store.root / "withdrawn.json"
    with serving(store.root) as running:
        assert ask(running)["status"] == "answered"
        file.write_text("[{]")
        assert soon(lambda: ask(running).get("status") == 503)
        for path in ("/health/ready", "/v1/documents", "/v1/documents/alpha/text"):
            reply = running.get(path)
            assert (reply.status, reply.headers["retry-after"]) == (503, "1")
            assert "It cannot be known what is withdrawn" in json.loads(reply.body)["detail"]
        assert running.get("/health/live").status == 200
        file.unlink()
        assert soon(lambda: ask(running)["status"] == "answered")


def tag(server: Server, path: str) -> str:
    """The tag of what stands at an address."""
    headers = {name.lower(): value for name, value in server.get(path).headers.items()}
    return headers["etag"]


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether something comes true within five seconds of a machine that has them for itself."""
    waited = threading.Event()
    return any(is_so() or waited.wait(0.1) for _ in range(50))


# At the command line


def test_withdraw_and_lift(store: Store) -> None:
    """A page is withdrawn, listed, left out by every command that reads the store, and lifted."""
    done = loccit("withdraw", "alpha", "--reason", "Wrong dose.", "--index", store.root)
    assert (done.returncode, done.stdout) == (0, "alpha is withdrawn. Let it in again with: loccit lift alpha\n")
    assert done.stderr == "These have paragraphs of it, and are not withdrawn: gamma\n"
    (line,) = loccit("withdraw", "--list", "--index", store.root).stdout.splitlines()
    document, _, reason = line.split("\t")
    assert (document, reason) == ("alpha", "Wrong dose.")
    asked = loccit("ask", "--index", store.root, QUESTION, "--min-confidence", "0", "-k", "50")
    assert "Gamma" in asked.stdout
    assert "quinoxaline" not in asked.stdout
    assert (
        "The document 'alpha' is withdrawn"
        in loccit("ask", "--index", store.root, QUESTION, "--document", "alpha").stderr
    )
    works = json.loads(loccit("export", "--format", "csl", "--index", store.root).stdout)
    assert [work["id"] for work in works] == ["pmid:111"]
    assert loccit("lift", "alpha", "--index", store.root).returncode == 0
    assert "quinoxaline" in loccit("ask", "--index", store.root, QUESTION, "--min-confidence", "0").stdout
    again = loccit("lift", "alpha", "--index", store.root)
    assert (again.returncode, again.stderr) == (
        2,
        f"loccit: alpha is not withdrawn from {store.root}. Withdrawn: nothing.\n",
    )


def test_unknown_page(store: Store) -> None:
    """A misspelt page is an error that names the nearest, and can be forced where it is to come."""
    done = loccit("withdraw", "alpa", "--index", store.root)
    assert done.returncode == 2
    assert "There is no document 'alpa' in the published snapshot. Nearest: alpha" in done.stderr
    assert "--force" in done.stderr
    assert store.withdrawn() == frozenset()
    assert loccit("withdraw", "alpa", "--force", "--index", store.root).returncode == 0
    assert store.withdrawn() == {"alpa"}


def test_wrong_usage(store: Store, tmp_path: Path) -> None:
    """Neither a page nor --list, both, a store that is none, and a reason too long are errors."""
    for arguments, words in (
        (("--index", store.root), "Name a PAGE, or give --list."),
        (("alpha", "--list", "--index", store.root), "Name a PAGE, or give --list."),
        (("alpha", "--index", tmp_path / "none"), "holds no snapshot"),
        (("alpha", "--force", "--index", tmp_path / "none"), "is no store"),
        (("alpha", "--reason", "a" * 1001, "--index", store.root), "Invalid value for --reason: It has 1001"),
    ):
        done = loccit("withdraw", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
    assert store.withdrawn() == frozenset()


def test_build_tells_what_is_still_withdrawn(store: Store, tmp_path: Path) -> None:
    """A build of the same pages says which stay out of answers."""
    store.withdrawals.add("alpha")
    read_pages(tmp_path / "pages", alpha=ALPHA, beta=BETA)
    built = loccit("build", tmp_path / "pages", "--form", "dokuwiki", "--out", store.root)
    assert "Still withdrawn: alpha\n" in built.stderr
    assert list(Store(store.root).withdrawn()) == ["alpha"]


def test_damaged_file(store: Store) -> None:
    """A service does not start where it cannot be known what is withdrawn."""
    (store.root / "withdrawn.json").write_text("[{]")
    for command in ("serve", "ask"):
        done = loccit(command, "--index", store.root, *(["x"] if command == "ask" else ["--port", "0"]))
        assert done.returncode != 0
        assert "nothing is answered until it can" in done.stderr
