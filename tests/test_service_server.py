"""A real server process on a real socket: what it prints, what it loads, how it behaves under load, how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from index import Store
from tests.servers import LOCCIT, Server, serving
from tests.stores import copied

MEDIAN = "What was the median survival after palliative surgery?"
QUESTIONS = (
    MEDIAN,
    "How many patients had vertebroplasty?",
    "C1-C2 intramedullary metastasis renal cell carcinoma",
    "Who discovered penicillin?",
    "α 🦴 quadriplegia",
)
CLIENTS = 32


@pytest.fixture(scope="module")
def server(embedded_store: Path) -> Iterator[Server]:
    """A running server for the embedded page."""
    with serving(embedded_store) as running:
        yield running


def ask(server: Server, question: str, **options: Any) -> Any:
    """The answer to a question, without the time that it took."""
    reply = server.post("/v1/ask", json.dumps({"question": question, **options}).encode())
    assert reply.status == 200, reply.body
    return {**json.loads(reply.body), "took_ms": None}


def ready(server: Server) -> Any:
    """The state of a server, once it answers."""
    return json.loads(server.get("/health/ready").body)


# What it prints and serves


def test_prints_where_it_is(server: Server) -> None:
    """The first line holds the address, on this machine alone, and the second a command to try."""
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+", server.address)
    assert server.example.startswith(f"Try: curl -s {server.address}/v1/ask ")


def test_is_ready_once_the_address_is_printed(embedded_store: Path) -> None:
    """A client that asks as soon as the address is printed is answered, and from the snapshot published."""
    with serving(embedded_store) as running:
        assert ready(running) == {"status": "ready", "snapshot": Store(embedded_store).current().name}
        assert ask(running, MEDIAN)["status"] == "answered"


def test_every_kind_of_reply(server: Server) -> None:
    """Answers, problems, texts and pages go over the socket with their types."""
    passage = ask(server, MEDIAN)["passages"][0]
    text = server.get(f"/v1/documents/{passage['document']['id']}/text")
    assert text.body[passage["anchor"]["start"] : passage["anchor"]["end"]] == passage["text"]
    problem = server.post("/v1/ask", b'{"question": ""}')
    assert (problem.status, problem.headers["content-type"]) == (400, "application/problem+json")
    assert server.get("/v1/passages/no-such").status == 404
    page = server.get("/")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


# What it loads


def test_torch_is_never_loaded(embedded_store: Path, tmp_path: Path) -> None:
    """Until it has answered, the process imports no module of torch, and maps no library of it."""
    imports = tmp_path / "imports"
    # With this variable, Python itself writes down every module that it imports.
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    command = [str(LOCCIT), "serve", "--index", str(embedded_store), "--port", "0"]
    with (
        imports.open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment) as process,
    ):
        try:
            assert process.stdout
            running = Server(process, process.stdout.readline().split()[-1], process.stdout.readline())
            assert ask(running, MEDIAN)["status"] == "answered"
            assert mapped(process.pid, "onnxruntime")
            assert not mapped(process.pid, "torch")
        finally:
            process.terminate()
    names = {line.rpartition("|")[2].strip() for line in imports.read_text("utf-8").splitlines()}
    assert {"service.app", "index.encoder", "onnxruntime", "tokenizers", "faiss", "uvicorn"} <= names
    roots = {name.partition(".")[0] for name in names}
    assert not roots & {"torch", "transformers", "sentence_transformers", "onnx", "onnxscript", "eval", "ir_measures"}


def mapped(process: int, name: str) -> list[str]:
    """The files mapped into a process whose path holds a name."""
    return [line for line in Path(f"/proc/{process}/maps").read_text("utf-8").splitlines() if name in line]


# Under load


def test_answers_are_the_same_alone_and_among_32_clients(server: Server) -> None:
    """Every question gets the same body, but for the time, alone and while 32 clients ask at once."""
    alone = {question: ask(server, question, k=50) for question in QUESTIONS}
    together = Barrier(CLIENTS)

    def client(number: int) -> list[tuple[str, Any]]:
        start = number % len(QUESTIONS)
        together.wait(timeout=30)
        return [(question, ask(server, question, k=50)) for question in (*QUESTIONS[start:], *QUESTIONS[:start])]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [pair for pairs in pool.map(client, range(CLIENTS)) for pair in pairs]
    assert len(answers) == CLIENTS * len(QUESTIONS)
    assert all(answer == alone[question] for question, answer in answers)
    assert {answer["status"] for answer in alone.values()} == {"answered", "no_match"}


def test_bad_questions_disturb_no_good_ones(server: Server) -> None:
    """Among clients that send nonsense, the others get the answers that they get alone."""
    alone = ask(server, MEDIAN)

    def client(number: int) -> Any:
        if number % 2:
            return ask(server, MEDIAN)
        return server.post("/v1/ask", b'{"question": "' + b"1 " * 300 + b'"}').status

    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(client, range(64)))
    assert replies[0::2] == [400] * 32
    assert all(reply == alone for reply in replies[1::2])


def seconds_of_cpu(process: int) -> float:
    """How long a process has computed."""
    # The name, which may hold spaces, ends with the last bracket; user and system time are fields 14 and 15 of all.
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_idle_server_computes_nothing(server: Server) -> None:
    """From one second after its last answer on, a server uses less than a hundredth of a core."""
    for question in QUESTIONS:
        ask(server, question)
    time.sleep(1)
    before = seconds_of_cpu(server.process.pid)
    time.sleep(3)
    assert seconds_of_cpu(server.process.pid) - before <= 0.03


# How it ends


def ended(process: subprocess.Popen[str], within: float) -> float:
    """The seconds until a process has ended."""
    start = time.perf_counter()
    process.wait(timeout=within)
    return time.perf_counter() - start


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_ends_when_it_is_told(embedded_store: Path, sign: signal.Signals) -> None:
    """On SIGTERM and on Ctrl-C the server ends within 5 seconds: by the signal, as a supervisor expects, or with 0."""
    with serving(embedded_store) as running:
        ask(running, MEDIAN)
        running.process.send_signal(sign)
        ended(running.process, within=5)
        assert running.process.returncode in ({0, -signal.SIGTERM} if sign == signal.SIGTERM else {0})


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /health/live HTTP/1.1\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: loccit\r\n\r\n",
        b'POST /v1/ask HTTP/1.1\r\nHost: loccit\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"que',
    ],
    ids=["nothing", "half a head", "a whole request", "half a body"],
)
def test_ends_while_a_client_holds_on(embedded_store: Path, sent: bytes) -> None:
    """A client that keeps its connection open, idle or in the middle of a request, does not keep the server."""
    with serving(embedded_store) as running:
        ready(running)
        host, _, port = running.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(sent)
            time.sleep(0.2)
            running.process.terminate()
            try:
                ended(running.process, within=10)
            finally:
                running.process.kill()


# How it does not start


def refused(*arguments: object, **environment: str) -> str:
    """What `loccit serve` says on standard error when it ends with exit code 2, having promised nothing."""
    done = subprocess.run(
        [LOCCIT, "serve", *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_taken_port_is_refused(server: Server, embedded_store: Path) -> None:
    """A port that another process listens at is named, and how to choose another."""
    port = server.address.rpartition(":")[2]
    message = refused("--index", embedded_store, "--port", port)
    assert f"127.0.0.1:{port} cannot be listened at" in message
    assert "--port" in message


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "not a host"])
def test_foreign_host_is_refused(embedded_store: Path, host: str) -> None:
    """An address that is not this machine's is named."""
    message = refused("--index", embedded_store, "--host", host, "--port", "0", LOCCIT_PUBLIC="true")
    assert f"{host}:0 cannot be listened at" in message


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_port_out_of_bounds_is_refused(embedded_store: Path, port: str) -> None:
    """A port that is none is refused, on the command line and in the environment."""
    assert "--port" in refused("--index", embedded_store, "--port", port)
    assert "port" in refused("--index", embedded_store, LOCCIT_PORT=port)


def test_missing_snapshot_is_refused(tmp_path: Path) -> None:
    """A store without a snapshot is named by its file, with the command that builds one."""
    message = refused("--index", tmp_path)
    assert f"{tmp_path / 'CURRENT'} is missing" in message
    assert f"loccit build SOURCE --out {tmp_path}" in message


def test_damaged_snapshot_is_refused(embedded_store: Path, tmp_path: Path) -> None:
    """A damaged file of a snapshot is named, with the command that builds it again."""
    store = copied(embedded_store, tmp_path / "store")
    path = store.current() / "sentences.npy"
    path.write_bytes(path.read_bytes()[:-4])
    message = refused("--index", store.root)
    assert f"{path} is damaged" in message
    assert f"loccit build SOURCE --out {store.root}" in message
