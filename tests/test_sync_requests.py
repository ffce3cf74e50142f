"""How a wiki is asked: slowly, with patience, and by JSON-RPC where it speaks it, against a small real server."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from corpus.errors import SourceError
from service.sync import Login, RemoteWiki
from service.sync.polite import PoliteClient, Throttle
from service.sync.rpc import SwitchedOffError

LISTED = {
    "id": "spine",
    "revision": 1747094400,
    "size": 40,
    "title": "spine",
    "permission": 1,
    "hash": "",
    "author": "",
}
"""A page as the release of 2025-05-14 lists it; the other replies below are that release's too."""
DENIED = {"error": {"code": -32603, "message": "server error. not authorized to call method core.getPage"}}
MISSING = {"error": {"code": 121, "message": "The requested page (revision) does not exist"}}
OFF = {"error": {"code": -32605, "message": "JSON-RPC server not enabled"}}


class Sent(NamedTuple):
    """A reply that the server is to give."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def result(value: Any) -> Sent:
    """The reply with the result of a call."""
    return Sent(200, json.dumps({"id": 1, "jsonrpc": "2.0", "result": value}).encode())


def error(status: int, value: Any) -> Sent:
    """The reply with an error."""
    return Sent(status, json.dumps(value).encode())


class Replying(ThreadingHTTPServer):
    """A server that gives replies in turn, and remembers what was asked; what it has no reply for is 404."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Sent] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        """Its address, with a slash."""
        return f"http://127.0.0.1:{self.server_port}/"

    def calls(self) -> list[tuple[str, Any]]:
        """The methods called, with their parameters."""
        return [(call["method"], call["params"]) for call in (json.loads(body) for _, _, body in self.asked)]


class _Handler(BaseHTTPRequestHandler):
    server: Replying

    def _reply(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers, body))
        reply = self.server.replies.pop(0) if self.server.replies else Sent(404, b"<html>")
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = _reply  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def server() -> Iterator[Replying]:
    """A server, until the test ends."""
    with Replying() as replying:
        thread = threading.Thread(target=replying.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield replying
        replying.shutdown()
        thread.join()


def test_trouble_is_waited_out(server: Replying) -> None:
    """429 and 5xx are asked again, later each time and as late as Retry-After says; the agent names itself."""
    server.replies = [Sent(429, headers=(("retry-after", "7"),)), Sent(503), Sent(502), Sent(200, b"text")]
    waits: list[float] = []
    with PoliteClient(Throttle(1000), sleep=waits.append) as client:
        assert client.get(server.address, {"id": "a b"}).body == b"text"
        assert waits == [7.0, 2.0, 4.0]
        assert server.asked[0][0] == "/?id=a+b"
        assert server.asked[0][1]["user-agent"].startswith("loccit/")
        server.replies = [Sent(429, headers=(("retry-after", "86400"),)), *[Sent(500)] * 3]
        with pytest.raises(SourceError, match=r"127\.0\.0\.1 cannot be asked: it answers 500, after 4 tries\."):
            client.get(server.address, {})
        assert waits[3:] == [60.0, 2.0, 4.0]


def test_so_many_requests_a_second(server: Replying) -> None:
    """Requests keep to their rate."""
    server.replies = [Sent(200)] * 6
    began = time.monotonic()
    with PoliteClient(Throttle(20)) as client:
        for _ in range(6):
            client.get(server.address, {})
    assert 0.24 < time.monotonic() - began < 3


def test_a_reply_without_end_is_refused(server: Replying, monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer reply than is read is an error."""
    monkeypatch.setattr("service.sync.polite.MAX_BYTES", 1000)
    server.replies = [Sent(200, b"x" * 1001)]
    with PoliteClient(Throttle(1000)) as client, pytest.raises(SourceError, match="more than 1,000 bytes"):
        client.get(server.address, {})


def test_pages_are_asked_for_by_json(server: Replying) -> None:
    """A wiki that speaks JSON-RPC is asked by it, as a visitor."""
    server.replies = [result(14), result([LISTED, {**LISTED, "id": "Not/clean"}]), result("The text.\x0c")]
    with RemoteWiki(server.address, rate=1000) as wiki:
        (listed,) = wiki.pages().items()
        assert listed[0] == "spine"
        assert listed[1].modified == "2025-05-13"
        assert wiki.read("spine") == b"The text.\x0c"
        server.replies = [error(401, DENIED), error(400, MISSING), error(400, MISSING)]
        assert wiki.is_closed("secret")
        assert not wiki.is_closed("gone")
        with pytest.raises(SourceError, match="does not exist"):
            wiki.read("gone")
    assert server.calls()[:3] == [
        ("core.getAPIVersion", []),
        ("core.listPages", ["", 0, False]),
        ("core.getPage", ["spine"]),
    ]
    assert {path for path, _, _ in server.asked} == {"/lib/exe/jsonrpc.php"}
    assert all("authorization" not in headers for _, headers, _ in server.asked)


def test_a_token_is_sent(server: Replying) -> None:
    """A token goes with the calls that are made by it, and a refused one is told."""
    server.replies = [result(14), result({"login": "ada"}), result([LISTED])]
    login = Login(token="a.b.c")  # noqa: S106
    with RemoteWiki(server.address, login=login, include_private=True, rate=1000) as wiki:
        assert list(wiki.pages()) == ["spine"]
        assert [headers.get("authorization") for _, headers, _ in server.asked] == [None, *["Bearer a.b.c"] * 2]
        server.replies = [error(401, DENIED)]
        with pytest.raises(SourceError, match="refuses the login"):
            wiki.pages()


@pytest.mark.parametrize(
    ("replies", "told"),
    [
        ([error(404, OFF), error(404, OFF)], "remote API is off"),
        ([Sent(301, headers=(("location", "https://x.example/"),))] * 2, "redirects to 'https://x.example/'"),
        ([Sent(404), Sent(200, b"<html>Welcome</html>")], "gives no answer of a DokuWiki"),
        ([result(14), result([{"page": "spine"}])], "lists its pages in a form that is not known"),
        ([result(14), error(400, MISSING)], "The wiki answers with an error"),
    ],
)
def test_what_is_no_answer_is_told(server: Replying, replies: list[Sent], told: str) -> None:
    """What does not answer as a DokuWiki does is an error that names the cure."""
    server.replies = replies
    with RemoteWiki(server.address, rate=1000) as wiki, pytest.raises(SourceError, match=told):
        wiki.pages()


def test_an_api_that_is_off_is_told_apart(server: Replying) -> None:
    """An API that is switched off is no refusal of a page."""
    server.replies = [result(14), result([LISTED]), error(404, OFF)]
    with RemoteWiki(server.address, rate=1000) as wiki:
        wiki.pages()
        with pytest.raises(SwitchedOffError):
            wiki.is_closed("spine")
