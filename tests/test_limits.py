"""How much may be asked: rate limits, bodies, headers, and what forwarded addresses are worth."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service import Settings, create_app
from service.access import Access
from service.addresses import client_identity
from service.buckets import Buckets
from service.keys import KeyFile
from service.problems import problem_type
from tests.servers import Server, serving
from tests.stores import copied

MEDIAN = "What was the median survival after palliative surgery?"
ASK = {"question": MEDIAN, "k": 1}
WIKI = "https://wiki.example"
CLEAR = "/v1/documents?limit=1"


class Clock:
    """A clock that a test moves on."""

    now = 1000.0

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.now


def assert_limited(response: httpx.Response, per_minute: int, seconds: int) -> None:
    """The response says that too much was asked, and when to ask again."""
    assert (response.status_code, response.headers["content-type"]) == (429, "application/problem+json")
    assert response.json()["type"] == problem_type("rate-limited")
    assert f"At most {per_minute} requests a minute" in response.json()["detail"]
    assert 1 <= int(response.headers["retry-after"]) <= seconds


# Buckets


def test_a_bucket_is_emptied_and_refilled() -> None:
    """Three a minute: three at once, then one every twenty seconds, and three at once after a minute of rest."""
    clock = Clock()
    buckets = Buckets(3, clock=clock)
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, pytest.approx(20)]
    clock.now += 19.5
    assert buckets.wait("a") == pytest.approx(0.5)
    clock.now += 0.5
    assert [buckets.wait("a") for _ in range(2)] == [0, pytest.approx(20)]
    assert buckets.wait("b") == 0
    clock.now += 60
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, pytest.approx(20)]


@given(
    per_minute=st.integers(1, 1000),
    gaps=st.lists(st.sampled_from([0.0, 0.0, 0.01, 0.3, 1.0, 7.0, 59.0, 61.0]), min_size=1, max_size=300),
)
@example(per_minute=7, gaps=[0.0] * 20)
def test_no_minute_lets_through_more_than_twice_the_limit(per_minute: int, gaps: list[float]) -> None:
    """From any time on, t seconds let through at most the bucket and its refill; what waits as told is let through."""
    clock = Clock()
    buckets = Buckets(per_minute, clock=clock)
    passed = []
    for gap in gaps:
        clock.now += gap
        wait = buckets.wait("a")
        assert 0 <= wait <= 60 / per_minute + 1e-6
        if not wait:
            passed.append(clock.now)
    for first, start in enumerate(passed):
        for last, end in enumerate(passed[first:], 1):
            assert last <= per_minute * (1 + (end - start) / 60) + 1e-3
    clock.now += buckets.wait("a")
    assert buckets.wait("a") <= 60 / per_minute
    clock.now += 60
    assert [buckets.wait("a") for _ in range(per_minute)] == [0] * per_minute


def test_memory_is_bounded() -> None:
    """However many identities ask, only the last are remembered; one that keeps asking is not forgotten."""
    clock = Clock()
    buckets = Buckets(1, most=100, clock=clock)
    assert buckets.wait("busy") == 0
    for number in range(5000):
        assert buckets.wait(f"other {number}") == 0
        assert buckets.wait("busy") > 0
        assert len(buckets) <= 100
    assert buckets.wait("other 4950") > 0
    assert buckets.wait("other 0") == 0


def test_no_limit_remembers_nothing() -> None:
    """A limit of 0 is none."""
    buckets = Buckets(0)
    assert [buckets.wait("a") for _ in range(1000)] == [0] * 1000
    assert len(buckets) == 0


def test_what_is_taken_later_is_waited_for() -> None:
    """A request that turns out to be several leaves its bucket in debt, and those after it wait for all of them."""
    clock = Clock()
    buckets = Buckets(6, clock=clock)
    assert buckets.wait("a") == 0
    buckets.take("a", 8)
    assert buckets.wait("a") == pytest.approx(40)
    clock.now += 40
    assert [buckets.wait("a") for _ in range(2)] == [0, pytest.approx(10)]
    Buckets(0).take("a", 3)


# Rate limits over HTTP


class FromPeer:
    """An application whose requests come from the address in the header `x-peer`, and pass trusted proxies."""

    def __init__(self, app: Litestar, proxies: tuple[str, ...] = ()) -> None:
        self.app: Any = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies)) if proxies else app  # type: ignore[arg-type]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI call."""
        peers = [value.decode() for name, value in scope.get("headers", ()) if name == b"x-peer"]
        await self.app({**scope, "client": (peers[0], 5000)} if peers else scope, receive, send)


def client_of(settings: Settings) -> TestClient[Any]:
    """A client of the service, which may ask from any address, behind the proxies of the settings."""
    return TestClient(FromPeer(create_app(settings), settings.trusted_proxies))


def peer(address: str, **headers: str) -> dict[str, str]:
    """The headers of a request from an address."""
    return {"x-peer": address, **headers}


@pytest.fixture
def store(embedded_store: Path, tmp_path: Path) -> Path:
    """A store in which a test may make keys."""
    return copied(embedded_store, tmp_path / "store").root


def statuses(client: TestClient[Any], count: int, headers: dict[str, str], path: str = CLEAR) -> list[int]:
    """What a client gets who asks several times at once."""
    return [client.get(path, headers=headers).status_code for _ in range(count)]


def test_addresses_are_limited_each(store: Path) -> None:
    """An address that asks too much waits; others do not, and probes and pages are answered all the same."""
    with client_of(Settings(store=store, public=True, rate_limit=3)) as client:
        assert statuses(client, 5, peer("203.0.113.5")) == [200, 200, 200, 429, 429]
        assert_limited(client.post("/v1/ask", json=ASK, headers=peer("203.0.113.5")), 3, 20)
        assert statuses(client, 2, peer("203.0.113.6")) == [200, 200]
        for path in ("/health/live", "/health/ready", "/", "/docs"):
            assert statuses(client, 8, peer("203.0.113.5"), path) == [200] * 8, path


def test_a_batch_counts_for_its_questions(store: Path) -> None:
    """Many questions in one request are limited as they are in many."""
    with client_of(Settings(store=store, public=True, rate_limit=5)) as client:
        batch = {"queries": [ASK] * 4}
        assert client.post("/v1/ask/batch", json=batch, headers=peer("203.0.113.5")).status_code == 200
        assert statuses(client, 2, peer("203.0.113.5")) == [200, 429]
        assert client.post("/v1/ask/batch", json={"queries": [ASK] * 9}, headers=peer("203.0.113.6")).status_code == 200
        assert_limited(client.post("/v1/ask/batch", json=batch, headers=peer("203.0.113.6")), 5, 60)


def test_questions_to_a_vector_store_count_each(store: Path) -> None:
    """Several questions to OpenAI's route are as many requests, and its refusal is one that OpenAI's client knows."""
    with client_of(Settings(store=store, public=True, rate_limit=5)) as client:
        several = {"query": [MEDIAN, "Which age?", "Which level?", "Which tumour?"]}
        path = "/v1/vector_stores/loccit/search"
        assert client.post(path, json=several, headers=peer("203.0.113.5")).status_code == 200
        assert statuses(client, 1, peer("203.0.113.5")) == [200]
        refused = client.post(path, json=several, headers=peer("203.0.113.5"))
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limit_exceeded")
        assert 1 <= int(refused.headers["retry-after"]) <= 12


def test_an_ipv6_customer_is_one_client(store: Path) -> None:
    """Addresses of one /64 network share a limit, those of another have their own."""
    with client_of(Settings(store=store, public=True, rate_limit=2)) as client:
        found = [statuses(client, 1, peer(f"2001:db8:0:1::{number:x}"))[0] for number in range(4)]
        assert found == [200, 200, 429, 429]
        assert statuses(client, 1, peer("2001:db8:0:2::1")) == [200]


def test_loopback_is_not_limited_unless_it_is_said(store: Path) -> None:
    """On a loopback address there is no limit by default; elsewhere there is one of 120."""
    with client_of(Settings(store=store)) as client:
        assert set(statuses(client, 130, peer("127.0.0.1"))) == {200}
    with client_of(Settings(store=store, rate_limit=2)) as client:
        assert statuses(client, 3, peer("127.0.0.1")) == [200, 200, 429]
    for others in (Settings(public=True), Settings(host="192.0.2.1"), Settings(trusted_proxies=("127.0.0.1",))):
        assert Access(others).callers.per_minute == 120


def test_secret_keys_count_for_themselves(store: Path) -> None:
    """A secret key has its own limit, whatever the address; what others at its address ask does not count for it."""
    keys = KeyFile(store)
    one, two = (keys.create(name, ["ask"], []).words for name in ("one", "two"))
    with client_of(Settings(store=store, host="192.0.2.1", rate_limit=2)) as client:
        assert statuses(client, 2, peer("203.0.113.5", authorization=f"Bearer {one}")) == [200, 200]
        assert statuses(client, 2, peer("203.0.113.6", authorization=f"Bearer {one}")) == [429, 429]
        assert statuses(client, 2, peer("203.0.113.5", authorization=f"Bearer {two}")) == [200, 200]


def test_guesses_count_for_their_address(store: Path) -> None:
    """Who sends unknown keys, or none, is stopped after the limit; a true key from there still opens."""
    true = KeyFile(store).create("", ["ask"], []).words
    with client_of(Settings(store=store, host="192.0.2.1", rate_limit=3)) as client:
        guesses = [
            client.get(CLEAR, headers=peer("203.0.113.5", authorization=f"Bearer loccit_sk_{number:048x}"))
            for number in range(5)
        ]
        assert [each.status_code for each in guesses] == [401, 401, 401, 429, 429]
        assert statuses(client, 1, peer("203.0.113.5")) == [429]
        assert statuses(client, 1, peer("203.0.113.5", authorization=f"Bearer {true}")) == [200]
        assert statuses(client, 4, peer("203.0.113.7")) == [401, 401, 401, 429]


def test_widget_keys_have_a_limit_for_each_visitor(store: Path) -> None:
    """A publishable key has its own limit, on a loopback address too, and one visitor shuts out no other."""
    keys = KeyFile(store)
    one, two = (keys.create(name, ["ask"], [WIKI]).words for name in ("one", "two"))
    for settings in (
        Settings(store=store, widget_rate_limit=2),
        Settings(store=store, public=True, widget_rate_limit=2),
    ):
        with client_of(settings) as client:
            visitor = {"origin": WIKI, "authorization": f"Bearer {one}"}
            assert statuses(client, 3, peer("203.0.113.5", **visitor)) == [200, 200, 429]
            assert statuses(client, 3, peer("203.0.113.6", **visitor)) == [200, 200, 429]
            limited = client.get(CLEAR, headers=peer("203.0.113.5", **visitor))
            assert_limited(limited, 2, 30)
            assert limited.headers["access-control-allow-origin"] == WIKI
            other = {**visitor, "authorization": f"Bearer {two}"}
            assert statuses(client, 1, peer("203.0.113.5", **other)) == [200]
            assert statuses(client, 1, peer("203.0.113.5")) == [200]


# Forwarded addresses

PROXIES = ("10.0.0.1", "10.1.0.0/16", "fd00::1")

FORWARDED = st.lists(
    st.one_of(
        st.ip_addresses().map(str),
        st.sampled_from(["10.0.0.1", "10.1.2.3", "fd00::1", "unknown", "", "127.0.0.1", "203.0.113.5:81", "[::2]:8"]),
        st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=12),
    ),
    max_size=6,
)


def identity_behind(peer_address: str, forwarded: list[str], proxies: tuple[str, ...] = PROXIES) -> str:
    """For whom a request counts that came from an address with such a header."""
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded]
    scope: Any = {"type": "http", "client": (peer_address, 5000), "headers": headers}
    call: Any = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies))
    with pytest.raises(StopIteration):
        call(scope, None, None).send(None)
    return client_identity(seen[0])


@given(
    forged=FORWARDED,
    client=st.sampled_from(["203.0.113.5", "2001:db8::5"]),
    hops=st.sampled_from([[], ["10.1.0.9"], ["fd00::1", "10.1.0.9"]]),
)
def test_what_clients_write_does_not_help(forged: list[str], client: str, hops: list[str]) -> None:
    """Behind trusted proxies a client is who the outermost of them saw, whatever it wrote into the header itself."""
    chain = [", ".join([*forged, client, *hops])]
    assert identity_behind("10.0.0.1", chain) == client_identity(client)
    split = [*forged, client, *hops]
    assert identity_behind("10.0.0.1", split) == client_identity(client)


@given(
    forged=FORWARDED, peer_address=st.ip_addresses().map(str).filter(lambda each: not each.startswith(("10.", "fd00")))
)
def test_nobody_else_is_believed(forged: list[str], peer_address: str) -> None:
    """From an address that is no trusted proxy, the header is not read at all."""
    assert identity_behind(peer_address, [", ".join(forged)]) == client_identity(peer_address)


def test_forged_addresses_over_http(store: Path) -> None:
    """A client behind a proxy has one limit, though it writes another address each time; others have theirs."""
    with client_of(Settings(store=store, public=True, trusted_proxies=("10.0.0.1",), rate_limit=3)) as client:
        found = [
            client.get(CLEAR, headers=peer("10.0.0.1", **{"x-forwarded-for": f"198.51.100.{number}, 203.0.113.5"}))
            for number in range(5)
        ]
        assert [each.status_code for each in found] == [200, 200, 200, 429, 429]
        assert statuses(client, 1, peer("10.0.0.1", **{"x-forwarded-for": "203.0.113.6"})) == [200]
        direct = [
            client.get(CLEAR, headers=peer("203.0.113.7", **{"x-forwarded-for": f"198.51.100.{number}"}))
            for number in range(4)
        ]
        assert [each.status_code for each in direct] == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, [200, 200, 429, 429]),
        ({"LOCCIT_PUBLIC": "true", "LOCCIT_TRUSTED_PROXIES": "127.0.0.1"}, [200, 200, 200, 200]),
        ({"LOCCIT_PUBLIC": "true", "LOCCIT_TRUSTED_PROXIES": "10.0.0.1"}, [200, 200, 429, 429]),
    ],
)
def test_a_real_server_trusts_whom_it_is_told(
    embedded_store: Path, environment: dict[str, str], expected: list[int]
) -> None:
    """Four clients behind one peer are four only where that peer is trusted; a loopback address is not, by itself."""
    with serving(embedded_store, environment={"LOCCIT_RATE_LIMIT": "2", **environment}) as server:
        found = [
            httpx.get(server.address + CLEAR, headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code
            for number in range(4)
        ]
    assert found == expected


# Bodies


def test_bodies_are_bounded(embedded_store: Path) -> None:
    """A body up to the limit is read, a longer one refused, whether its length was told before or not."""
    with TestClient(create_app(Settings(store=embedded_store, max_body=2000))) as client:
        body = json.dumps(ASK).encode()
        headers = {"content-type": "application/json"}
        assert client.post("/v1/ask", content=body + b" " * (2000 - len(body)), headers=headers).status_code == 200
        long = body + b" " * (2001 - len(body))
        for content in (long, iter([long[:1000], long[1000:]])):
            refused = client.post("/v1/ask", content=content, headers=headers)
            assert (refused.status_code, refused.headers["content-type"]) == (413, "application/problem+json")
            assert refused.json()["type"] == problem_type("body-too-large")
            assert "at most 2,000 bytes" in refused.json()["detail"]


# Sockets


class Logged(NamedTuple):
    """A server process, and the file of what it wrote to standard error."""

    server: Server
    log: Path

    def send(self, *pieces: bytes) -> bytes:
        """All that comes back on a connection of its own, until it is closed or reset."""
        host, port = self.server.address.removeprefix("http://").split(":")
        got = b""
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            with suppress(ConnectionResetError, BrokenPipeError):
                for piece in pieces:
                    connection.sendall(piece)
            with suppress(ConnectionResetError):
                while piece := connection.recv(65536):
                    got += piece
        return got


@pytest.fixture(scope="module")
def logged(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logged]:
    """A server whose standard error is kept."""
    log = tmp_path_factory.mktemp("log") / "stderr"
    with serving(embedded_store, log=log) as server:
        yield Logged(server, log)


HEAD = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"


GET = b"GET /health/live HTTP/1.1\r\nconnection: close\r\n"
POST = b"POST /v1/ask HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
MONSTERS = {
    "plain": ([HEAD, b"\r\n"], b"200"),
    "a long header": ([HEAD, b"x: " + b"a" * 30_000 + b"\r\n\r\n"], b"200"),
    "a huge header": ([HEAD, b"x: ", *[b"a" * 10_000] * 30], b"431"),
    "many headers": ([HEAD, *[b"x: a\r\n" * 2_000] * 30], b"431"),
    "a huge address": ([b"GET /", *[b"a" * 10_000] * 30], b"431"),
    "TLS": ([b"\x16\x03\x01\x02\x00\x01\x00"], b"400"),
    "nonsense": ([b"nonsense\r\n\r\n"], b"400"),
    "a space before the colon": ([GET, b"host : a\r\n\r\n"], b"400"),
    "a control character": ([HEAD, b"x: \x00\r\n\r\n"], b"400"),
    "no host for a probe": ([GET, b"\r\n"], b"200"),
    "no host": ([GET.replace(b"health/live", b"v1/documents"), b"\r\n"], b"421"),
    "a host that is none": ([GET, b"host: \xff\xfe\r\n\r\n"], b"400"),
    "a huge body": ([POST, b"content-length: 99999999999\r\n\r\n"], b"413"),
    "a negative length": ([POST, b"content-length: -1\r\n\r\n"], b"400"),
    "two lengths": ([POST, b"content-length: 1\r\ncontent-length: 2\r\n\r\n"], b"400"),
}


@pytest.mark.parametrize(("pieces", "status"), MONSTERS.values(), ids=MONSTERS)
def test_monstrous_requests(logged: Logged, pieces: list[bytes], status: bytes) -> None:
    """Whatever comes over the socket is answered with the right status, and leaves no trace of an error."""
    reply = logged.send(*pieces)
    # A client that goes on sending what is refused may see its connection reset before it reads why.
    assert reply.startswith(b"HTTP/1.1 " + status + b" ") or (status == b"431" and not reply)
    assert "Traceback" not in logged.log.read_text("utf-8")
    assert httpx.post(f"{logged.server.address}/v1/ask", json=ASK).json()["status"] == "answered"


def test_endless_headers_take_no_memory(logged: Logged) -> None:
    """Many clients that send headers without end, at once, do not make the process grow."""

    def resident() -> int:
        fields = Path(f"/proc/{logged.server.process.pid}/statm").read_text("ascii").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    before = resident()
    threads = [threading.Thread(target=logged.send, args=(HEAD, b"x: ", *[b"a" * 100_000] * 40)) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert resident() - before < 30 * 2**20
    assert httpx.get(f"{logged.server.address}/health/live").status_code == 200
