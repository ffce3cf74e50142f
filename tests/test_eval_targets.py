"""Who is asked beside a snapshot: a running loccit, and any service behind a command."""

import json
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from corpus.documents import Document
from corpus.errors import QuestionSetError, SettingsError, TargetError
from eval.adapters import CommandTarget
from eval.questions import EMBEDDED_QUESTIONS
from eval.remote import PATIENCE, UrlTarget
from eval.reports import Report
from eval.run_folder import RunFolder
from eval.runs import run
from eval.targets import SearcherTarget
from index import Searcher, Snapshot, Store
from tests.servers import serving

QUESTIONS = "".join(
    json.dumps({"id": f"q{number}", "question": f"What rose {number}?", "evidence": [evidence], "answerable": True})
    + "\n"
    for number, evidence in enumerate([{"document": "page", "quote": "It rose."}] * 8)
)
TEXT = "It rose. It fell."


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Eight questions that one sentence answers."""
    path = tmp_path / "questions.jsonl"
    path.write_text(QUESTIONS, "utf-8")
    return path


# A running loccit


def test_a_run_over_http_is_the_run_on_the_snapshot(embedded_store: Path, tmp_path: Path) -> None:
    """The service and the snapshot that it serves give the same rankings, statuses and measures."""
    with serving(embedded_store) as server, UrlTarget(server.address) as target:
        over_http = run(target, EMBEDDED_QUESTIONS, out=tmp_path / "url", split="development")
    direct = SearcherTarget(Searcher(Snapshot.open(Store(embedded_store))))
    in_process = run(direct, EMBEDDED_QUESTIONS, out=tmp_path / "store", split="development")
    assert over_http.settings.asked.kind == "url"
    assert over_http.settings.asked.snapshot == in_process.settings.asked.snapshot
    for field in ("overall", "by_kind", "citations", "abstention", "questions", "complete"):
        assert getattr(over_http, field) == getattr(in_process, field), field
    for name in ("questions.jsonl", "qrels.trec", "qrels.documents.trec"):
        assert (tmp_path / "url" / name).read_text("utf-8") == (tmp_path / "store" / name).read_text("utf-8")


def test_an_address_without_loccit_is_refused() -> None:
    """Nothing listening, and an address that is none, are named with what to give instead."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(TargetError, match=rf"{address}/health/ready: .*Give the address of a running loccit"):
        UrlTarget(address)
    with pytest.raises(TargetError, match=r"nonsense/health/ready: .*Give the address"):
        UrlTarget("nonsense")


def reply(handler: BaseHTTPRequestHandler, body: object, status: int = 200) -> None:
    """One JSON reply."""
    content = msgspec.json.encode(body)
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


Asked = Callable[[BaseHTTPRequestHandler, int], None]


@pytest.fixture
def service() -> Iterator[Callable[[Asked], str]]:
    """Starts a service with one document, which answers asks as it is told by their count; gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(asked: Asked) -> str:
        count = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/health/ready":
                    reply(self, {"status": "ready", "snapshot": "2f6c"})
                elif self.path.startswith("/v1/documents?"):
                    reply(self, {"total": 1, "offset": 0, "documents": []})
                elif self.path == "/v1/documents/page":
                    reply(self, {"id": "page", "title": "", "form": "text", "sha256": "", "source_sha256": ""})
                elif self.path == "/v1/documents/page/text":
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(TEXT.encode())
                else:
                    known = self.path in {"/v1/documents/page/passages", "/v1/documents/page/markers"}
                    reply(self, [] if known else {"title": "Not found"}, 200 if known else 404)

            def do_POST(self) -> None:
                nonlocal count
                self.rfile.read(int(self.headers["content-length"]))
                count += 1
                asked(self, count)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
                """Keeps quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


ANSWER = {
    "id": "a",
    "status": "answered",
    "question": "q",
    "snapshot": "2f6c",
    "took_ms": 1,
    "passages": [],
    "references": [],
    "nearest": None,
}


def test_a_service_that_fails_half_of_the_time(
    service: Callable[[Asked], str], questions: Path, tmp_path: Path
) -> None:
    """Every question is asked, those that failed are marked with the reply, and resuming asks just these."""
    broken = True

    def asked(handler: BaseHTTPRequestHandler, count: int) -> None:
        # Two requests a question; of a failed one only the first is made.
        failing = broken and count % 3 == 0
        reply(handler, {"detail": "Try again later."} if failing else ANSWER, 500 if failing else 200)

    url = service(asked)
    with UrlTarget(url) as target:
        report = run(target, questions, out=tmp_path / "run")
    assert not report.complete
    failed = [result for result in report.questions if result.faults[0].kind == "no response"]
    assert len(failed) == report.missing == 4
    assert failed[0].faults[0].message == ("No response: The reply was 500 Internal Server Error: Try again later.")
    broken = False
    with UrlTarget(url) as target:
        report = run(target, questions, out=tmp_path / "run", resume=True)
    assert report.complete
    lines = (tmp_path / "run" / "answers.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"q{number}" for number in range(8)]


def test_a_service_that_fails_every_time_is_given_up(
    service: Callable[[Asked], str], questions: Path, tmp_path: Path
) -> None:
    """After some failures in a row the run ends, and keeps what it has."""
    url = service(lambda handler, count: reply(handler, {}, 503))
    gives_up = pytest.raises(TargetError, match=rf"failed {PATIENCE} times in a row.*503 Service Unavailable")
    with UrlTarget(url) as target, gives_up:
        run(target, questions, out=tmp_path / "run")
    assert len(RunFolder(tmp_path / "run").read().missing) == 8
    assert len((tmp_path / "run" / "answers.jsonl").read_text().splitlines()) == PATIENCE


def test_questions_that_a_service_refuses_do_not_end_the_run(
    service: Callable[[Asked], str], questions: Path, tmp_path: Path
) -> None:
    """Replies such as 400 fail their questions, however many in a row, and the others are asked."""
    url = service(
        lambda handler, count: reply(
            handler, {"detail": "Too long."} if count <= 6 else ANSWER, 400 if count <= 6 else 200
        )
    )
    with UrlTarget(url) as target:
        report = run(target, questions, out=tmp_path / "run")
    assert (report.missing, report.overall.n) == (6, 8)


def test_a_service_that_hangs(service: Callable[[Asked], str], questions: Path, tmp_path: Path) -> None:
    """A reply that does not come in time is a failure like any other."""
    release = threading.Event()

    def asked(handler: BaseHTTPRequestHandler, count: int) -> None:
        if count == 1:
            release.wait(20)
        reply(handler, ANSWER)

    with UrlTarget(service(asked), timeout=0.5) as target:
        report = run(target, questions, out=tmp_path / "run")
    release.set()
    assert [fault.message for fault in report.questions[0].faults] == ["No response: No reply within 0.5 s."]
    assert report.missing == 1


def test_a_reply_that_is_none_of_loccit(service: Callable[[Asked], str], questions: Path, tmp_path: Path) -> None:
    """A reply of another shape fails the question, and says why."""
    url = service(lambda handler, count: reply(handler, {"answer": "42"} if count == 1 else ANSWER))
    with UrlTarget(url) as target:
        report = run(target, questions, out=tmp_path / "run")
    assert "not what loccit sends (Object missing required field" in report.questions[0].faults[0].message


def test_a_document_that_the_service_lacks(service: Callable[[Asked], str], questions: Path, tmp_path: Path) -> None:
    """A question set of other sources is refused before anything is asked."""
    questions.write_text(QUESTIONS.replace('"page"', '"other"'), "utf-8")
    with (
        UrlTarget(service(lambda handler, count: reply(handler, ANSWER))) as target,
        pytest.raises(QuestionSetError, match="document 'other': it is not among the 1 documents"),
    ):
        run(target, questions, out=tmp_path / "run")


# A command


PAGE = Document(id="page", title="", form="text", text=TEXT, sha256="", source_sha256="")
READ = "import json, sys\nfor line in sys.stdin:\n    asked = json.loads(line)\n    "
GOOD = """print(json.dumps({"id": asked["id"], "status": "answered", "took_ms": 2.5, "passages": [
        {"document": "page", "start": 9, "end": 17, "score": 2, "confidence": 0.5},
        {"document": "page", "start": 0, "end": 8, "score": 1, "citations": []}][:asked["k"]]}))"""


@pytest.fixture
def command(tmp_path: Path) -> Callable[[str], CommandTarget]:
    """A command that runs a program for each line that it reads."""

    def make(program: str) -> CommandTarget:
        path = tmp_path / "adapter.py"
        path.write_text(READ + program, "utf-8")
        return CommandTarget(f"{sys.executable} {path}", documents={"page": PAGE}, timeout=10)

    return make


def test_a_service_behind_a_command(command: Callable[[str], CommandTarget], questions: Path, tmp_path: Path) -> None:
    """Its passages are ranked, found by their positions, and shown in the words of the document."""
    report = run(command(GOOD), questions, out=tmp_path / "run")
    assert (report.complete, report.overall.measures["RR@10"].value) == (True, 0.5)
    assert report.overall.measures["wrong refusal"].value == 0
    assert report.speed is not None
    assert report.speed.p50 == 2.5
    first = RunFolder(tmp_path / "run").read().responses["q0"].passages[0]
    assert (first.text, first.confidence) == ("It fell.", 0.5)


def test_a_command_without_a_refusal_has_no_wrong_refusals(
    command: Callable[[str], CommandTarget], questions: Path, tmp_path: Path
) -> None:
    """A service that never refuses is not judged by its refusals."""
    report = run(command('print(json.dumps({"id": asked["id"]}))'), questions, out=tmp_path / "run")
    assert "wrong refusal" not in report.overall.measures
    assert report.overall.measures["RR@10"].value == 0


def test_a_question_that_a_command_leaves_out_is_missing(
    command: Callable[[str], CommandTarget], questions: Path, tmp_path: Path
) -> None:
    """It scores 0, and the run is partial."""
    report = run(command(f'asked["id"] != "q3" and {GOOD}'), questions, out=tmp_path / "run")
    assert (report.missing, report.questions[3].measures["RR@10"]) == (1, 0.0)
    assert report.questions[3].faults[0].message == "No response: it was never asked"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ('print("nonsense")', "Line 1 of .*Print one JSON object a line"),
        ('print(\'{"id": "q0", "passages": [{"document": "page", "start": 0, "end": 9, "score": NaN}]}\')', "NaN"),
        ('print(json.dumps({"id": "q0", "rank": 1}))', "unknown field `rank`"),
        ('print(json.dumps({"id": "who"}))', "Line 1 of .*: 'who' was not asked"),
        ('print(json.dumps({"id": "q0"}))', "Line 2 of .*: 'q0' was answered before"),
        (
            'print(json.dumps({"id": "q0", "passages": [{"document": "page", "start": 0, "end": 99, "score": 1}]}))',
            "a passage ends at 99, but 'page' has 17 code points",
        ),
        (
            'print(json.dumps({"id": "q0", "passages": [{"document": "page", "start": 0, "end": 9, "score": 1}] * 2}))',
            "from 0 to 9 stands there twice",
        ),
        (
            'print(json.dumps({"id": "q0", "passages": [{"document": "page", "start": 0, "end": 9, "score": 1}, '
            '{"document": "page", "start": 1, "end": 9, "score": 2}]}))',
            "the scores rise down the list",
        ),
        (
            'print(json.dumps({"id": "q0", "passages": [{"document": "page", "start": 0, "end": 9, "score": 1, '
            '"confidence": 7}]}))',
            "is 7.0. Give 0 to 1",
        ),
        (
            'print(json.dumps({"id": "q0", "passages": [{"document": "page", "start": 0, "end": 9, "score": 1e31}]}))',
            "is 1e\\+31. Give -1e\\+30 to 1e\\+30",
        ),
        ("sys.exit(3)", "ended with exit code 3"),
    ],
)
def test_a_command_that_errs(
    command: Callable[[str], CommandTarget], questions: Path, tmp_path: Path, program: str, message: str
) -> None:
    """What is wrong is named with the line, and the run stays unfinished."""
    with pytest.raises(TargetError, match=message):
        run(command(program), questions, out=tmp_path / "run")
    assert not RunFolder(tmp_path / "run").measures.exists()


def test_a_command_that_hangs_is_stopped(questions: Path, tmp_path: Path) -> None:
    """Without a line in time the run ends, keeps what came, and goes on where it stood."""
    path = tmp_path / "adapter.py"
    path.write_text(
        READ + f'if asked["id"] == "q2":\n        import time; time.sleep(60)\n    {GOOD}; sys.stdout.flush()'
    )
    hanging = CommandTarget(f"{sys.executable} {path}", documents={"page": PAGE}, timeout=1)
    with pytest.raises(TargetError, match=r"printed nothing for 1 s"):
        run(hanging, questions, out=tmp_path / "run")
    assert len(RunFolder(tmp_path / "run").read().missing) == 6
    path.write_text(READ + GOOD)
    report: Report = run(hanging, questions, out=tmp_path / "run", resume=True)
    assert (report.complete, report.overall.measures["RR@10"].value) == (True, 0.5)


def test_a_command_that_does_not_end_has_answered_all_the_same(questions: Path, tmp_path: Path) -> None:
    """Once every question is answered nothing more is waited for."""
    path = tmp_path / "adapter.py"
    path.write_text(READ + GOOD + "\nsys.stdout.flush()\nimport time; time.sleep(60)")
    report = run(
        CommandTarget(f"{sys.executable} {path}", documents={"page": PAGE}, timeout=5), questions, out=tmp_path / "run"
    )
    assert report.complete


def test_quotes_need_documents_to_stand_in(questions: Path, tmp_path: Path) -> None:
    """Without documents quoted evidence cannot be located, and an empty command is none."""
    with pytest.raises(SettingsError, match="Name a store of the same sources with --index"):
        run(CommandTarget("cat", documents={}), questions, out=tmp_path / "run")
    with pytest.raises(SettingsError, match="The command is empty"):
        CommandTarget(" ", documents={})


def test_a_command_that_cannot_be_run(questions: Path, tmp_path: Path) -> None:
    """A program that does not exist is named."""
    target = CommandTarget("no-such-program --quick", documents={"page": PAGE})
    with pytest.raises(TargetError, match=re.escape("The command 'no-such-program --quick' cannot be run")):
        run(target, questions, out=tmp_path / "run")
