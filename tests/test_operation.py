"""Operation: request ids, timings, metrics, logs, traces, revalidation, the queue, new snapshots, worker processes."""

import asyncio
import gzip
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.testing import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from index import Store
from index.build import build_snapshot
from index.stages import recorded
from service import Settings, create_app
from service.executor import BoundedExecutor
from service.logs import _without_words
from service.protocol import MOST_HEAD, BoundedProtocol
from tests.servers import Reply, Server, serving
from tests.stores import copied, read_pages

MEDIAN = "What was the median survival after palliative surgery?"
ODD = "Was Zaphod Beeblebrox treated for quxalgia?"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of this module writes its log."""
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def server(embedded_store: Path, log: Path) -> Iterator[Server]:
    """A running server for the embedded page."""
    with serving(embedded_store, log=log) as running:
        yield running


def ask(server: Server, question: str = MEDIAN) -> Reply:
    """The reply to a question."""
    return server.post("/v1/ask", json.dumps({"question": question}).encode())


def until(condition: Callable[[], bool], within: float = 15) -> None:
    """Waits until a condition holds."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


# What is told of a request


def test_a_request_id_comes_back(server: Server) -> None:
    """The id that a client or proxy sent is that of the response, on problems and unknown paths too."""
    for path in ("/health/live", "/v1/documents", "/v1/passages/none", "/none", "/v1/none"):
        assert server.get(path, {"X-Request-ID": "trace-7/a"}).headers["x-request-id"] == "trace-7/a"


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "<b>", "ü"])
def test_what_is_no_request_id_is_replaced(server: Server, given: str) -> None:
    """An id that could do harm in a log is not taken over."""
    reply = server.get("/health/live", {"X-Request-ID": given.encode().decode("latin-1")})
    assert re.fullmatch("[0-9a-f]{32}", reply.headers["x-request-id"])


def test_stages_are_timed(server: Server) -> None:
    """`Server-Timing` names the stages of an answer in their order; they take no longer than the whole."""
    timing = ask(server).headers["server-timing"]
    stages = {name: float(took) for name, took in re.findall(r"(\w+);dur=([\d.]+)", timing)}
    assert list(stages) == ["queue", "filter", "encode", "rank", "judge", "cite", "total"]
    assert sum(stages.values()) <= 2.1 * stages["total"]
    assert stages["rank"] > 0


def test_metrics_count_what_was_answered(server: Server) -> None:
    """Answers are counted by their status, stages are timed, and when the snapshot was loaded is told."""

    def counted(status: str) -> float:
        found = re.search(rf'loccit_answers_total{{status="{status}"}} (\S+)', server.get("/metrics").body)
        return float(found[1]) if found else 0

    before = counted("answered"), counted("no_match")
    ask(server)
    ask(server, "Who discovered penicillin?")
    assert (counted("answered") - before[0], counted("no_match") - before[1]) == (1, 1)
    reply = server.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=")
    assert 'loccit_stage_seconds_bucket{le="0.01",stage="rank"}' in reply.body
    loaded = re.search(r"^loccit_snapshot_loaded (\S+)$", reply.body, re.MULTILINE)
    assert loaded
    assert 0 < time.time() - float(loaded[1]) < 3600
    assert "loccit_queue 0.0" in reply.body


def test_no_question_is_told(server: Server, log: Path) -> None:
    """Neither the log nor the metrics hold a word of a question, however it was asked, or asked wrongly."""
    words = ("Zaphod", "quxalgia")
    assert ask(server, ODD).status == 200
    assert server.get("/v1/ask?question=Zaphod+quxalgia").status == 200
    assert server.get("/v1/ask?question=Zaphod&k=quxalgia").status == 400
    assert server.get("/v1/Zaphod/quxalgia").status == 404
    assert server.post("/v1/ask", b'{"question": "Zaphod", "quxalgia": 1}').status == 400
    assert server.post("/v1/ask", b'{"question": "Zaphod ' + b"quxalgia " * 100 + b'"}').status == 400
    metrics = server.get("/metrics").body
    until(lambda: '"route":"/metrics"' in log.read_text("utf-8"))
    for word in words:
        assert word not in metrics
        assert word not in log.read_text("utf-8")


def test_each_request_is_a_line_of_json(server: Server, log: Path) -> None:
    """A line tells the route, the status, the time and the id of a request."""
    server.get("/v1/passages/no-such", {"X-Request-ID": "line-1"})
    until(lambda: "line-1" in log.read_text("utf-8"))
    line = next(json.loads(line) for line in log.read_text("utf-8").splitlines() if "line-1" in line)
    assert (line["event"], line["method"], line["route"]) == ("request", "GET", "/v1/passages/{passage_id}")
    assert (line["status"], line["level"], line["request_id"]) == (404, "info", "line-1")
    assert 0 < line["ms"] < 5000


def test_exceptions_are_logged_without_their_words() -> None:
    """An exception may quote a question, so its class and its places are told alone."""
    try:
        int(ODD)
    except ValueError as error:
        event = _without_words(None, "error", {"event": "A request failed.", "exc_info": error})
    assert event["exception"] == "ValueError"
    assert "test_operation.py" in event["places"][-1]
    assert "Zaphod" not in str(event)


def test_spans_name_the_route_and_no_question(embedded_store: Path) -> None:
    """With OpenTelemetry a request is a span below that of its caller, with stages and without the address."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    caller = "4bf92f3577b34da6a3ce929d0e0e4736"
    with TestClient(create_app(Settings(store=embedded_store))) as client:
        address = "/v1/ask?question=Zaphod"
        assert client.get(address, headers={"traceparent": f"00-{caller}-00f067aa0ba902b7-01"}).status_code == 200
    (span,) = exporter.get_finished_spans()
    assert span.name == "GET /v1/ask"
    assert span.context
    assert f"{span.context.trace_id:032x}" == caller
    assert span.attributes
    assert span.attributes["http.response.status_code"] == 200
    assert "loccit.stage.rank.ms" in span.attributes
    assert "Zaphod" not in span.to_json()


def test_what_was_asked_before_is_answered_no_sooner(embedded_store: Path) -> None:
    """A question is encoded anew each time, so that nobody learns from the clock what others have asked."""
    with TestClient(create_app(Settings(store=embedded_store))) as client:
        assert client.post("/v1/ask", json={"question": ODD}).status_code == 200
        encoder = client.app.state.current.searcher._snapshot.encoder
        assert encoder._recent.get(ODD) is None


# What need not be sent, or not as long


def test_what_a_client_has_is_not_sent_again(embedded_store: Path, tmp_path: Path) -> None:
    """A tag answers 304 until another snapshot is published, and only for its own address and form."""
    store = copied(embedded_store, tmp_path / "store")
    path = "/v1/documents/cervical_spinal_metastases/references"
    with serving(store.root) as running:
        first = running.get(path)
        tag = {"If-None-Match": first.headers["etag"]}
        again = running.get(path, tag)
        assert (again.status, again.body, again.headers["etag"]) == (304, "", first.headers["etag"])
        assert running.get(f"{path}?format=ris", tag).status == 200
        assert running.get(path, {**tag, "Accept": "application/x-bibtex"}).status == 200
        assert running.get("/v1/documents/none", tag).status == 404
        assert "accept" in first.headers["vary"].lower()
        build_snapshot(read_pages(tmp_path / "pages", other="Nothing of the kind."), store)
        until(lambda: running.get(path, tag).status == 404)
    assert "no-store" in ask_header(embedded_store, "cache-control")


def ask_header(store: Path, name: str) -> str:
    """A header of an answer."""
    with TestClient(create_app(Settings(store=store))) as client:
        return str(client.post("/v1/ask", json={"question": MEDIAN}).headers[name])


def test_long_answers_are_compressed(server: Server) -> None:
    """A client that takes gzip gets it, with the same content."""
    path = "/v1/documents/cervical_spinal_metastases/passages"
    plain = server.get(path).body
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head_of_reply, _, body = received.partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head_of_reply
    stated = re.search(rb"content-length: (\d+)", head_of_reply)
    assert stated
    length = int(stated[1])
    assert gzip.decompress(body[:length]).decode() == plain
    assert length < len(plain) / 2


# The queue and the deadline


def test_beyond_the_queue_calls_are_refused_at_once() -> None:
    """One thread and room for one more: the third call is refused, and there is room again afterwards."""
    release = threading.Event()
    with BoundedExecutor(1, queue=1) as executor, recorded() as stages:
        first, second = executor.submit(release.wait, 10), executor.submit(int, "7")
        with pytest.raises(ProblemDetailsException, match="wait") as refused:
            executor.submit(int, "8")
        assert refused.value.status_code == 503
        assert refused.value.headers == {"Retry-After": "1"}
        time.sleep(0.1)
        release.set()
        assert (first.result(), second.result()) == (True, 7)
        until(lambda: executor.submit(int, "9").result() == 9)
    assert stages["queue"] >= 0.1


def test_what_is_given_up_makes_room() -> None:
    """A call that is cancelled while it waits takes no place any more, and is never made."""
    release = threading.Event()
    made: list[int] = []
    with BoundedExecutor(1, queue=1) as executor:
        executor.submit(release.wait, 10)
        assert executor.submit(made.append, 1).cancel()
        waiting = executor.submit(made.append, 2)
        release.set()
        waiting.result()
    assert made == [2]


def test_a_busy_service_refuses_at_once_and_answers_the_others(embedded_store: Path) -> None:
    """With one thread and a queue of two, of 48 clients at once some are answered, the rest told when to come back."""
    with serving(embedded_store, environment={"LOCCIT_THREADS": "1", "LOCCIT_QUEUE": "2"}) as running:
        expected = json.loads(ask(running).body)["passages"]
        body = json.dumps({"queries": [{"question": f"{MEDIAN} {at}"} for at in range(32)]}).encode()

        def client(_: int) -> Reply:
            return running.post("/v1/ask/batch", body)

        with ThreadPoolExecutor(48) as pool:
            replies = list(pool.map(client, range(48)))
        statuses = [reply.status for reply in replies]
        assert set(statuses) == {200, 503}
        assert statuses.count(200) >= 3
        refused = next(reply for reply in replies if reply.status == 503)
        assert refused.headers["retry-after"] == "1"
        assert json.loads(refused.body)["title"] == "Too busy"
        told = [milliseconds(reply) for reply in replies if reply.status == 503]
        assert sorted(told)[len(told) // 2] < 50
        assert json.loads(ask(running).body)["passages"] == expected


def milliseconds(reply: Reply) -> float:
    """How long the server says that it took."""
    found = re.search(r"total;dur=([\d.]+)", reply.headers["server-timing"])
    assert found
    return float(found[1])


def test_past_its_deadline_a_request_is_told_so(embedded_store: Path) -> None:
    """What cannot be answered in time is a problem of its own, also where the body does not come."""
    with serving(embedded_store, environment={"LOCCIT_DEADLINE": "0.5"}) as running:
        host, port = running.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(
                b"POST /v1/ask HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            )
            received = b""
            while b"}" not in received and (piece := connection.recv(65536)):
                received += piece
        assert received.startswith(b"HTTP/1.1 503 ")
        assert b"x-request-id" in received
        assert b"Out of time" in received


# Slow and greedy clients


def test_a_client_that_has_said_all_is_answered(server: Server) -> None:
    """One that closes its half of the connection after its request still gets the answer."""
    host, port = server.address.removeprefix("http://").split(":")
    body = json.dumps({"question": MEDIAN, "k": 1}).encode()
    head = (
        f"POST /v1/ask HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 ")
    assert b"14.8 months" in received


class Hasty(BoundedProtocol):
    """Waits less long for a head."""

    patience = 0.5


@pytest.fixture
def plain_server() -> Iterator[tuple[str, int]]:
    """A server with an application that answers nothing, and little patience."""

    async def application(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    listening = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(
        uvicorn.Config(application, http=Hasty, lifespan="off", log_config=None, timeout_keep_alive=1)
    )
    thread = threading.Thread(target=lambda: asyncio.run(running.serve([listening])))
    thread.start()
    until(lambda: running.started)
    yield listening.getsockname()
    running.should_exit = True
    thread.join()
    listening.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nX: y\r\n",
        b"GET / HTTP/1.1\r\n\r\nGET / HT",
        b"GET / HTTP/1.1\r\n\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{",
    ],
)
def test_a_head_that_does_not_come_closes_the_connection(plain_server: tuple[str, int], sent: bytes) -> None:
    """A client that sends nothing, or half a head, at first or after a request, is not waited for."""
    with socket.create_connection(plain_server, timeout=5) as connection:
        connection.sendall(sent)
        start = time.monotonic()
        received = b"".join(iter(lambda: connection.recv(4096), b""))
        assert time.monotonic() - start < 4
        assert received.count(b"HTTP/1.1 204") == sent.count(b"\r\n\r\n")


def test_a_line_break_after_a_request_does_not_keep_the_connection(plain_server: tuple[str, int]) -> None:
    """It ends uvicorn's own wait for another request, which must be waited for all the same."""
    with socket.create_connection(plain_server, timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 204 ")
        connection.sendall(b"\r\n")
        assert connection.recv(4096) == b""


@pytest.mark.parametrize("trailer", [b"x: y\r\n" * 20_000, b"x: " + b"y" * 120_000])
def test_trailers_without_end_are_cut_off(plain_server: tuple[str, int], trailer: bytes) -> None:
    """What follows the chunks of a body is of no use to anyone, and is not gathered."""
    with socket.create_connection(plain_server, timeout=5) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n")
        assert is_cut_off(connection, trailer)


def is_cut_off(connection: socket.socket, sent: bytes) -> bool:
    """Whether a connection is closed while something is sent again and again."""
    try:
        for _ in range(50):
            connection.sendall(sent)
            time.sleep(0.01)
    except (ConnectionResetError, BrokenPipeError):
        return True
    return False


def test_a_huge_head_is_refused(plain_server: tuple[str, int]) -> None:
    """Headers without end are refused once they are too many, whether one is long or many are."""
    for header in (b"X: " + b"y" * (1 << 20), b"X: y\r\n" * (1 << 17)):
        with socket.create_connection(plain_server, timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n")
            with_reset: list[bytes] = []
            try:
                connection.sendall(header)
                with_reset.append(connection.recv(4096))
            except (ConnectionResetError, BrokenPipeError):
                continue
            assert with_reset[0].startswith(b"HTTP/1.1 431 ")


def test_a_head_of_usual_size_is_read(plain_server: tuple[str, int]) -> None:
    """Cookies and the like fit in, in pieces too."""
    with socket.create_connection(plain_server, timeout=5) as connection:
        for piece in (b"GET / HTTP/1.1\r\n", b"X: " + b"y" * (MOST_HEAD // 4), b"\r\n\r\n"):
            connection.sendall(piece)
            time.sleep(0.05)
        assert connection.recv(4096).startswith(b"HTTP/1.1 204 ")


# New snapshots


def test_a_new_snapshot_comes_into_force_without_a_failed_request(embedded_store: Path, tmp_path: Path) -> None:
    """While clients ask without a pause, one snapshot after the other is published; each request is answered by one."""
    store = copied(embedded_store, tmp_path / "store")
    with serving(store.root) as running:
        replies: list[Reply] = []
        stop = threading.Event()

        def client() -> None:
            while not stop.is_set():
                replies.append(ask(running))

        clients = [threading.Thread(target=client) for _ in range(4)]
        for each in clients:
            each.start()
        published = [store.published()]
        for number in range(2):
            pages = read_pages(tmp_path / f"pages{number}", other=f"The median survival was {number + 5} months.")
            published.append(build_snapshot(pages, store).manifest.id)
            until(lambda: json.loads(running.get("/health/ready").body)["snapshot"] == published[-1])
        stop.set()
        for each in clients:
            each.join()
    assert {reply.status for reply in replies} == {200}
    assert list(dict.fromkeys(json.loads(reply.body)["snapshot"] for reply in replies)) == published


def test_a_hangup_makes_it_look_at_once(embedded_store: Path, tmp_path: Path) -> None:
    """SIGHUP does not end the server."""
    store = copied(embedded_store, tmp_path / "store")
    with serving(store.root) as running:
        ask(running)
        built = build_snapshot(read_pages(tmp_path / "pages", other="Nothing."), store).manifest.id
        running.process.send_signal(signal.SIGHUP)
        until(lambda: json.loads(running.get("/health/ready").body)["snapshot"] == built)
        assert running.process.poll() is None


def test_a_damaged_snapshot_changes_nothing(embedded_store: Path, tmp_path: Path) -> None:
    """What cannot be loaded is told in the log, and the snapshot in force goes on answering."""
    store = copied(embedded_store, tmp_path / "store")
    log = tmp_path / "log"
    with serving(store.root, log=log) as running:
        before = json.loads(ask(running).body)
        damaged = store.folder("0123456789abcdef")
        damaged.mkdir()
        store.point_to(damaged.name)
        until(lambda: "snapshot not loaded" in log.read_text("utf-8"))
        assert {**json.loads(ask(running).body), "took_ms": 0} == {**before, "took_ms": 0}
        assert "manifest.json is missing" in log.read_text("utf-8")
        unreadable = store.folder("fedcba9876543210")
        unreadable.symlink_to(unreadable)
        store.point_to(unreadable.name)
        until(lambda: log.read_text("utf-8").count("snapshot not loaded") > 1)
        store.point_to(before["snapshot"])
        assert json.loads(running.get("/health/ready").body)["snapshot"] == before["snapshot"]


def test_not_ready_while_there_is_no_snapshot(embedded_store: Path, tmp_path: Path) -> None:
    """Alive, but not ready, until a first snapshot is published; a question waits for it as long as it may."""
    store = Store(tmp_path / "store")
    with TestClient(create_app(Settings(store=store.root, deadline=0.5))) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health/ready").headers["retry-after"] == "1"
        assert client.post("/v1/ask", json={"question": MEDIAN}).status_code == 503
        copied(embedded_store, tmp_path / "other").root.rename(store.root)
        until(lambda: client.get("/health/ready").status_code == 200)
        assert client.post("/v1/ask", json={"question": MEDIAN}).json()["status"] == "answered"


# Several processes


def children(process: int) -> list[int]:
    """The worker processes of a server, without the one that tracks its resources."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return [int(each) for each in listed if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def test_worker_processes_share_the_work(embedded_store: Path, tmp_path: Path) -> None:
    """Two processes answer on one socket and count together; a killed one is replaced; all end when they are told."""
    store = copied(embedded_store, tmp_path / "store")
    with serving(store.root, environment={"LOCCIT_WORKERS": "2"}, log=tmp_path / "log") as running:
        expected = json.loads(ask(running).body)["passages"]
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: ask(running), range(40)))
        assert all(json.loads(reply.body)["passages"] == expected for reply in replies)
        counted = re.search(r'loccit_answers_total{status="answered"} (\S+)', running.get("/metrics").body)
        assert counted
        assert float(counted[1]) == 41
        until(lambda: len(children(running.process.pid)) == 2)
        first = children(running.process.pid)[0]
        os.kill(first, signal.SIGKILL)
        until(lambda: len(found := children(running.process.pid)) == 2 and first not in found, within=40)
        assert json.loads(ask(running).body)["passages"] == expected
        built = build_snapshot(read_pages(tmp_path / "pages", other="Nothing."), store).manifest.id
        running.process.send_signal(signal.SIGHUP)
        until(lambda: all(json.loads(ask(running).body)["snapshot"] == built for _ in range(8)))
        running.process.terminate()
        assert running.process.wait(timeout=40) == 0


def test_accepted_requests_are_finished_at_the_end(embedded_store: Path) -> None:
    """A server that is told to end answers what it has accepted before."""
    with serving(embedded_store, environment={"LOCCIT_THREADS": "1"}) as running:
        ask(running)
        body = json.dumps({"queries": [{"question": f"{MEDIAN} {at}"} for at in range(32)]}).encode()
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(running.post, "/v1/ask/batch", body) for _ in range(4)]
            time.sleep(0.3)
            running.process.send_signal(signal.SIGTERM)
            assert [future.result().status for future in asked] == [200] * 4
        running.process.wait(timeout=10)
