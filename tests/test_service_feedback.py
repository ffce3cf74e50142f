"""Feedback and unanswered questions over HTTP and at the command line, and what is left of them on the disk."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from eval.questions import read_questions
from index import Store
from index.build import build_snapshot
from service import Settings, create_app
from service.keys import KeyFile, Scope
from tests.servers import LOCCIT, Server, serving
from tests.stores import copied, read_pages

MEDIAN = "What was the median survival after palliative surgery?"
PENICILLIN = "Who discovered penicillin?"
PAGE = "cervical_spinal_metastases"

Client = TestClient[Litestar]


@pytest.fixture
def store(embedded_store: Path, tmp_path: Path) -> Store:
    """A copy of the store of the embedded page."""
    return copied(embedded_store, tmp_path / "store")


def operated(settings: Settings) -> Client:
    """A client of the service with the routes for operators, whose key it has."""
    client = TestClient(create_app(settings))
    client.headers.update(key(Store(settings.store), "ask", "admin"))
    return client


def key(store: Store, *scopes: Scope) -> dict[str, str]:
    """The header with a new secret key."""
    return {"authorization": f"Bearer {KeyFile(store.root).create('test', scopes, ()).words}"}


@pytest.fixture
def client(store: Store) -> Iterator[Client]:
    """A client of the service with logging on."""
    with operated(Settings(store=store.root, log_questions=True, log_retention_days=7)) as client:
        yield client


def eventually(is_so: Callable[[], bool]) -> bool:
    """Whether something comes true within ten seconds."""
    waited = threading.Event()
    return any(is_so() or waited.wait(0.05) for _ in range(200))


def ask(asked: Client, question: str) -> Any:
    """The answer to a question."""
    return asked.post("/v1/ask", json={"question": question}).json()


def passage_id(store: Store) -> str:
    """The id of a passage of the store."""
    with TestClient(create_app(Settings(store=store.root))) as client:
        passage: str = client.get(f"/v1/documents/{PAGE}/passages").json()[0]["id"]
    return passage


# Feedback


def test_feedback_is_taken_and_listed(client: Client) -> None:
    """Feedback on a passage and on a whole answer is accepted, and told with the question that was asked."""
    answer = ask(client, MEDIAN)
    passage = answer["passages"][0]["id"]
    body = {"answer": answer["id"], "passage": passage, "helpful": True, "comment": "Just so."}
    accepted = client.post("/v1/feedback", json=body)
    assert (accepted.status_code, accepted.content) == (204, b"")
    again = {"answer": answer["id"], "helpful": False, "comment": ""}
    assert client.post("/v1/feedback", json=again).status_code == 204
    assert eventually(lambda: client.get("/v1/admin/feedback").json()["total"] == 2)
    assert client.get("/v1/admin/feedback").json()["feedback"][0]["comment"] is None
    listed = client.get("/v1/admin/feedback", params={"limit": 1, "offset": 1}).json()
    (first,) = listed["feedback"]
    assert (listed["total"], listed["offset"]) == (2, 1)
    assert first.pop("at").endswith("Z")
    assert first == {**body, "question": MEDIAN}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"passage": "no-such"}, "passage"),
        ({"passage": ""}, "passage"),
        ({"passage": "\ud800"}, "body"),
        ({"comment": "a" * 1001}, "comment"),
        ({"comment": "\ud800"}, "body"),
        ({"answer": "not an id"}, "answer"),
        ({"answer": ""}, "answer"),
        ({"helpful": "yes"}, "helpful"),
        ({"name": "me"}, "name"),
    ],
)
def test_wrong_feedback_is_refused(client: Client, wrong: Mapping[str, Any], field: str) -> None:
    """A problem names the field, and nothing is kept."""
    body = {"answer": "9c1f0a2b3c4d5e6f", "helpful": True, **wrong}
    reply = client.post("/v1/feedback", content=json.dumps(body), headers={"content-type": "application/json"})
    assert (reply.status_code, reply.headers["content-type"]) == (400, "application/problem+json")
    assert [error["field"] for error in reply.json()["errors"]] == [field]
    assert client.get("/v1/admin/feedback").json()["total"] == 0


def test_a_comment_of_the_greatest_length(client: Client) -> None:
    """A thousand signs of any kind are kept as they were written."""
    comment = "🦴" * 1000
    assert client.post("/v1/feedback", json={"answer": "a", "helpful": True, "comment": comment}).status_code == 204
    assert eventually(lambda: client.get("/v1/admin/feedback").json()["total"] == 1)
    assert client.get("/v1/admin/feedback").json()["feedback"][0]["comment"] == comment


def test_withdrawn_passages_take_no_feedback(store: Store) -> None:
    """Of a passage that is withdrawn that is said."""
    passage = passage_id(store)
    store.withdrawals.add(PAGE)
    with TestClient(create_app(Settings(store=store.root))) as client:
        reply = client.post("/v1/feedback", json={"answer": "a", "passage": passage, "helpful": True})
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["message"] == f"The passage {passage!r} is withdrawn."


# What people ask


def test_unanswered_questions(client: Client) -> None:
    """Questions without an answer are counted in whatever wording; those with one are not there."""
    assert ask(client, "who discovered  PENICILLIN")["status"] == "no_match"
    answer = client.get("/v1/ask", params={"question": PENICILLIN}).json()
    assert ask(client, MEDIAN)["status"] == "answered"
    assert eventually(lambda: count_unanswered(client) == 2)
    page = client.get("/v1/admin/unanswered").json()
    assert (page["total"], page["offset"], page["note"]) == (1, 0, None)
    (only,) = page["questions"]
    assert (only["question"], only["count"], only["nearest"]) == (PENICILLIN, 2, answer["nearest"]["id"])
    assert 0 < only["answerable"] < 0.16


def count_unanswered(client: Client) -> int:
    """How often a question had no answer."""
    return sum(each["count"] for each in client.get("/v1/admin/unanswered").json()["questions"])


def test_every_way_to_ask_is_counted(client: Client) -> None:
    """Questions that come through another product's interface, or in a batch, are kept as others are."""
    arguments = {"name": "ask", "arguments": {"question": PENICILLIN}}
    called = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": arguments}
    for path, body in (
        ("/v1/ask/batch", {"queries": [{"question": PENICILLIN}, {"question": PENICILLIN}]}),
        ("/deep-chat", {"messages": [{"role": "user", "text": PENICILLIN}]}),
        ("/dify/retrieval", {"knowledge_id": "loccit", "query": PENICILLIN, "retrieval_setting": {"top_k": 2}}),
        ("/openwebui/search", {"query": PENICILLIN, "count": 2}),
        ("/v1/vector_stores/loccit/search", {"query": PENICILLIN}),
        ("/mcp", called),
    ):
        headers = {"accept": "application/json, text/event-stream"}
        assert client.post(path, json=body, headers=headers).status_code == 200, path
    assert eventually(lambda: count_unanswered(client) == 7)


def test_no_question_is_kept_by_default(store: Store) -> None:
    """Without the setting the list is empty and says why, and no file holds a word of the question."""
    with operated(Settings(store=store.root)) as client:
        answer = ask(client, PENICILLIN)
        client.post("/v1/feedback", json={"answer": answer["id"], "helpful": False, "comment": "Not found."})
        assert eventually(lambda: client.get("/v1/admin/feedback").json()["total"] == 1)
        page = client.get("/v1/admin/unanswered").json()
        assert page == {
            "total": 0,
            "offset": 0,
            "questions": [],
            "note": "Questions are not logged, so none is kept. Set log_questions to log those that come from then on.",
        }
        assert client.get("/v1/admin/feedback").json()["feedback"][0]["answer"] is None
        content = (store.root / "feedback.db-wal").read_bytes() if (store.root / "feedback.db-wal").exists() else b""
        content += (store.root / "feedback.db").read_bytes()
    assert b"Not found." in content
    assert b"penicillin" not in content.lower()
    assert answer["id"].encode() not in content


def test_nearest_is_not_told_of_a_withdrawn_page(store: Store) -> None:
    """A nearest passage that was withdrawn since is left out."""
    settings = Settings(store=store.root, log_questions=True)
    with operated(settings) as client:
        ask(client, PENICILLIN)
        assert eventually(lambda: client.get("/v1/admin/unanswered").json()["total"] == 1)
        assert client.get("/v1/admin/unanswered").json()["questions"][0]["nearest"]
        store.withdrawals.add(PAGE)
        assert eventually(lambda: client.get("/v1/admin/unanswered").json()["questions"][0]["nearest"] is None)


# Administration


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "unanswered"),
        ("GET", "feedback"),
        ("GET", "withdrawals"),
        ("POST", "withdrawals"),
        ("DELETE", f"withdrawals/{PAGE}"),
    ],
)
def test_admin_routes_need_a_key_of_their_scope(client: Client, store: Store, method: str, path: str) -> None:
    """Nobody without a secret key for it reads what was asked or withdraws anything, not even on the machine itself."""
    body = {"document": PAGE} if method == "POST" else None
    for headers, status in (({"authorization": ""}, 401), (key(store, "ask"), 403)):
        reply = client.request(method, f"/v1/admin/{path}", json=body, headers=headers)
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert store.withdrawn() == frozenset()


def test_withdrawing_over_http(client: Client, store: Store) -> None:
    """A document is withdrawn, listed with its reason, and lifted; unknown ones are told."""
    reply = client.post("/v1/admin/withdrawals", json={"document": PAGE, "reason": "Wrong dose."})
    assert reply.status_code == 201
    withdrawal = reply.json()
    assert (withdrawal["document"], withdrawal["reason"]) == (PAGE, "Wrong dose.")
    assert client.get("/v1/admin/withdrawals").json() == [withdrawal]
    assert store.withdrawn() == {PAGE}
    assert client.delete(f"/v1/admin/withdrawals/{PAGE}").status_code == 204
    assert client.get("/v1/admin/withdrawals").json() == []
    again = client.delete(f"/v1/admin/withdrawals/{PAGE}")
    assert (again.status_code, again.json()["detail"]) == (404, f"The document '{PAGE}' is not withdrawn.")
    unknown = client.post("/v1/admin/withdrawals", json={"document": "cervical"})
    assert unknown.status_code == 400
    assert unknown.json()["errors"][0]["field"] == "document"
    assert f"Nearest: {PAGE}." in unknown.json()["errors"][0]["message"]


# Real servers


LOGGING = {"LOCCIT_LOG_QUESTIONS": "true", "LOCCIT_LOG_RETENTION_DAYS": "7"}


def post(server: Server, path: str, **body: Any) -> Any:
    """What a server answers to a body."""
    reply = server.post(path, json.dumps(body).encode())
    assert reply.status in {200, 204}, reply.body
    return json.loads(reply.body or "null")


def export(store: Store, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`loccit feedback export`."""
    command = [str(LOCCIT), "feedback", "export", "--index", str(store.root), "--out", str(out), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **LOGGING})


def test_two_servers_keep_what_the_operator_takes_out(store: Store, tmp_path: Path) -> None:
    """Servers over one store write what was asked into one file, all of it before they end, to be judged then."""
    with serving(store.root, environment=LOGGING) as one, serving(store.root, environment=LOGGING) as other:
        for server in (one, other):
            answer = post(server, "/v1/ask", question=MEDIAN)
            for rank, helpful in ((0, True), (1, False)):
                passage = answer["passages"][rank]["id"]
                post(server, "/v1/feedback", answer=answer["id"], passage=passage, helpful=helpful)
            post(server, "/v1/ask", question=PENICILLIN)
        for server in (one, other):
            server.process.terminate()
            assert server.process.wait(30) in {0, -15}
    done = export(store, tmp_path / "feedback.jsonl")
    assert (done.returncode, done.stdout) == (0, f"1 questions to judge in {tmp_path / 'feedback.jsonl'}\n")
    (question,) = read_questions(tmp_path / "feedback.jsonl")
    assert (question.question, question.kind, question.answerable) == (MEDIAN, "to judge", True)
    (evidence,) = question.evidence
    shown = answer["passages"][0]
    assert (evidence.document, evidence.quote) == (PAGE, shown["text"])
    assert (evidence.start, evidence.end) == (shown["anchor"]["start"], shown["anchor"]["end"])
    assert export(store, tmp_path / "unanswered.jsonl", "--unanswered").returncode == 0
    (unanswered,) = read_questions(tmp_path / "unanswered.jsonl")
    assert (unanswered.question, unanswered.kind, unanswered.answerable) == (PENICILLIN, "to judge", False)
    with serving(store.root) as quiet:  # a service that does not log deletes what another logged
        assert eventually(lambda: quiet.get("/health/ready").status == 200)
        assert eventually(lambda: export(store, tmp_path / "none.jsonl", "--unanswered").returncode == 2)
        files = [path.read_bytes() for path in store.root.glob("feedback.db*")]
        assert files
        assert b"penicillin" not in b"".join(files).lower()


def test_nothing_to_export(store: Store, tmp_path: Path) -> None:
    """Where no question was kept there is no file, and an error that says what to do."""
    done = export(store, tmp_path / "none.jsonl", "--unanswered")
    assert done.returncode == 2
    assert "Questions are kept only while log_questions is on, for 7 days." in done.stderr
    assert not (tmp_path / "none.jsonl").exists()


# Bringing a snapshot into force


def test_an_operator_has_what_is_published_loaded_at_once(store: Store, client: Client, tmp_path: Path) -> None:
    """The answer comes when the new snapshot is in force; a damaged one changes nothing."""
    built = build_snapshot(read_pages(tmp_path / "pages", other="Nothing."), store).manifest.id
    assert client.post("/v1/admin/refresh").json() == {"snapshot": built}
    assert client.get("/health/ready").json()["snapshot"] == built
    store.folder("0123456789abcdef").mkdir()
    store.point_to("0123456789abcdef")
    assert client.post("/v1/admin/refresh", headers={"authorization": ""}).status_code == 401
    assert eventually(lambda: client.get("/health/ready").json()["snapshot"] == built)
