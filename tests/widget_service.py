"""A small real server with canned answers, for the widget in a real browser.

It sends the strictest Content-Security-Policy that the pages must bear: no inline script, and
Trusted Types without a policy, so that any attempt to set HTML from a string would throw.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from playwright.sync_api import Locator, Page, expect

STATIC = Path(__file__).parent.parent / "service" / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


SURVIVAL = "What was the median survival?"
MARKUP = "Is mark-up shown as text?"
ASTRAL = "Where is the highlight?"
RAGGED = "Where do the highlights end?"
DOSE = "What dose of dexamethasone is recommended?"
BASES = "On what do the references rest?"
UNCITED = "Is treatment controversial?"
DANGLING = "Is there a mark?"
LINKED = "Where does it stand?"
UNSAFE = "Which addresses become links?"
TOO_LONG = "Is this too long?"
BROKEN = "Is this an answer?"
SLOW = "Is anybody there?"
CONFIDENT = "How sure is it?"
DATED = "Of which day is it?"
DATES = ("2024-02-29T10:00:00Z", "spring 2020", "2025-13-45", None)
TURNED = "Is the order of signs kept?"


# What the service answers


def span(start: int, end: int) -> dict[str, int]:
    """A half-open range of code points."""
    return {"start": start, "end": end}


def citation(number: int, basis: str, reference: str = "pmid:28638950") -> dict[str, Any]:
    """A citation of a passage."""
    return {"reference": reference, "number": number, "basis": basis, "marker": span(900, 902)}


def reference(number: int, text: str, **fields: str | int) -> dict[str, Any]:
    """A reference of an answer, with the fields that it has."""
    absent = {"byline": None, "year": None, "doi": None, "pmid": None, "pmcid": None, "url": None}
    numbers = [{"document": "metastases", "number": number}]
    return {"id": "pmid:28638950", "numbers": numbers, "text": text, **absent, **fields}


def passage(
    text: str,
    *,
    rank: int = 1,
    start: int = 0,
    highlights: tuple[dict[str, int], ...] = (),
    citations: tuple[dict[str, Any], ...] = (),
    lead: str | None = None,
    confidence: float | None = None,
    modified: str | None = "2025-05-13",
    url: str | None = None,
    link: str | None = None,
) -> dict[str, Any]:
    """A passage that begins at `start` in the document's text."""
    return {
        "rank": rank,
        "id": f"metastases-{rank}",
        "confidence": confidence,
        "score": 0.81,
        "text": text,
        "document": {
            "id": "metastases",
            "title": "Cervical spinal metastases",
            "url": url,
            "modified": modified,
        },
        "headings": ["Case series", "2017"],
        "lead": lead and {"start": 0, "end": len(lead), "text": lead},
        "anchor": {
            "sha256": "0" * 64,
            "start": start,
            "end": start + len(text),
            "exact": text,
            "prefix": "",
            "suffix": "",
            "link": link,
        },
        "highlights": list(highlights),
        "citations": list(citations),
    }


def spread(confidences: tuple[float | None, ...]) -> dict[str, Any]:
    """An answer with a passage for each probability."""
    return answered(*(passage("It may.", rank=rank, confidence=each) for rank, each in enumerate(confidences, 1)))


def answered(*passages: dict[str, Any], references: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """An answer with passages."""
    return {
        "id": "1",
        "status": "answered",
        "question": "",
        "snapshot": "2f6c",
        "took_ms": 4.1,
        "passages": list(passages),
        "references": list(references),
        "nearest": None,
    }


def no_match(nearest: dict[str, Any] | None) -> dict[str, Any]:
    """An answer that says that there is none."""
    return answered() | {"status": "no_match", "nearest": nearest}


VAZIFEHDAN = reference(
    3,
    "Vazifehdan F, Karantzoulis VG, Igoumenou VG. Surgical treatment for metastases of the cervical spine."
    " Eur J Orthop Surg Traumatol. 2017 Aug;27(6):763-775.",
    byline="Vazifehdan et al.",
    year=2017,
    doi="10.1007/s00590-017-2002-0",
    pmid="28638950",
    pmcid="PMC7335153",
)
STANGENBERG = reference(
    4,
    "Stangenberg M, Viezens L. Cervical vertebroplasty for osteolytic metastases: outcome in 14 cases.",
    doi="10.1002/(SICI)1097-0142(19960801)78:3<475::AID-CNCR>3.0.CO;2-X",
) | {"id": "pmid:28760030"}

SURVIVED = "For the whole group, median survival amounted to 14.8 months, ranging from 1 to 47 months."
LIVING = "When last followed up, three patients were living with the disease. "
AT_LAST = f"{LIVING}{SURVIVED} In five patients, complications occurred 3)."

ANSWERS: dict[str, dict[str, Any]] = {
    SURVIVAL: answered(
        passage(
            AT_LAST,
            start=3210,
            highlights=(span(3210 + len(LIVING), 3210 + len(LIVING) + len(SURVIVED)),),
            citations=(citation(3, "marked"),),
            lead="Vazifehdan et al. examined survival in the operative treatment of metastases.",
        ),
        passage("Survival of these patients is dismal 3).", rank=2, citations=(citation(3, "marked"),)),
        references=(VAZIFEHDAN,),
    ),
    MARKUP: answered(
        passage(
            "Before <script>window.attacked = 1</script> and <img src=x onerror='window.attacked = 2'> 3).",
            highlights=(span(0, 43),),
            citations=(citation(3, "marked"),),
        ),
        references=(reference(3, "<img src=x onerror='window.attacked = 3'>"),),
    ),
    # 🦴, 🧠 and 𐍈 are one code point each and two UTF-16 units; the é of the last sentence is two
    # code points and two units.
    ASTRAL: answered(
        passage(
            "🦴pine 🧠𐍈 first. Here it is. Apre\u0301s.",
            start=70,
            highlights=(span(86, 97), span(98, 105)),
        )
    ),
    RAGGED: answered(
        passage(
            "One. Two. Three.",
            start=100,
            highlights=(
                span(110, 130),
                span(105, 112),
                span(40, 104),
                span(90, 95),
                span(116, 120),
            ),
        )
    ),
    DOSE: no_match(passage("Systemic chemotherapy was not possible.")),
    BASES: answered(
        passage(
            "Marked 3).",
            rank=1,
            citations=(citation(3, "marked"), citation(4, "marked", "pmid:28760030")),
        ),
        passage("Vazifehdan et al. did.", rank=2, citations=(citation(3, "named"),)),
        passage("They studied 24 patients.", rank=3, citations=(citation(3, "inherited"),)),
        passage("Printed once 2,3).", rank=4, citations=(citation(2, "marked"), citation(3, "marked"))),
        references=(VAZIFEHDAN, STANGENBERG),
    ),
    UNCITED: answered(passage("How they should be treated is controversial.")),
    DANGLING: answered(
        passage("It rose 4). It fell 5).", start=100),
        passage("It stayed in 2017.", rank=2, start=200),
        passage("Again 6).", rank=3, start=300),
    ),
    LINKED: answered(
        passage(
            "First.",
            rank=1,
            url="https://wiki.example/m",
            link="https://wiki.example/m#:~:text=First.",
        ),
        passage("Second.", rank=2, url="http://wiki.example/m"),
        passage("Third.", rank=3),
    ),
    CONFIDENT: spread((1.0, 0.75, 0.7499, 0.5, 0.4999, 0.2, 0.1999, 0.0, None)),
    DATED: answered(*(passage("It was.", rank=rank, modified=each) for rank, each in enumerate(DATES, 1))),
    TURNED: answered(
        passage("Give \u202e50\u202c mg\u2067 a day.", citations=(citation(3, "marked"),)), references=(VAZIFEHDAN,)
    ),
    UNSAFE: answered(
        passage("First.", rank=1, url="javascript:alert(1)", citations=(citation(3, "marked"),)),
        passage("Second.", rank=2, link="data:text/html,<b>", url="https://wiki.example/m"),
        references=(reference(3, "A note.", url=" JavaScript:alert(1)"),),
    ),
}


FINDINGS = [
    {"kind": "marker-without-reference", "severity": "error", "message": "", "span": span(108, 110), "numbers": [4]},
    {"kind": "malformed", "severity": "warning", "message": "", "span": span(119, 121), "numbers": [5]},
    {"kind": "marker-without-reference", "severity": "error", "message": "", "span": span(306, 308), "numbers": [6]},
    {"kind": "only-inherited", "severity": "note", "message": "", "span": span(200, 218), "numbers": [3]},
    {"kind": "encoding", "severity": "note", "message": ""},
]
"""What is wrong in the document of the passages."""


# The server


class Reply(NamedTuple):
    """An HTTP response."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(body: object, *, status: int = 200, media_type: str = "application/json") -> Reply:
    """A response in JSON."""
    return Reply(status, media_type, json.dumps(body).encode())


QUOTATION = "“It rose.”\nFrom: Cervical spinal metastases, revised 2025-05-13\nCiting: Vazifehdan F."

RIS = "TY  - JOUR\nID  - {id}\nER  - \n"

PROBLEM = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "The question has 5000 characters, 2000 are allowed. Shorten it.",
}
REPLIES = {question: json_reply(body) for question, body in ANSWERS.items()} | {
    TOO_LONG: json_reply(PROBLEM, status=400, media_type="application/problem+json"),
    BROKEN: Reply(502, "text/html", b"<h1>Bad gateway</h1>"),
}

MEDIA_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@dataclass
class Service:
    """A server of the static files, of the test's own pages, and of canned answers."""

    server: ThreadingHTTPServer
    url: str
    pages: dict[str, str] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, Reply] = field(default_factory=dict)
    keys: list[str | None] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def embed(self, body: str, *, path: str = "/page") -> str:
        """Serve a page with the widget's script and this body, and give its address."""
        self.pages[path] = (
            '<!doctype html><html lang=en><meta charset=utf-8><meta name="color-scheme" content="light dark">'
            '<meta name="viewport" content="width=device-width"><title>A page</title>'
            f'<script type="module" src="/widget/v1.js"></script><main><h1>A page</h1>{body}</main>'
        )
        return self.url + path

    def reply_to(self, method: str, path: str, body: bytes) -> Reply:
        """The response to a request, whose path and body are written down."""
        self.paths.append(f"{method} {path}")
        if method == "OPTIONS":
            return Reply(204, "text/plain", b"")
        return self.refusals.get(path) or self.from_api(method, path, body) or self.from_files(path)

    def from_api(self, method: str, path: str, body: bytes) -> Reply | None:
        """The response to what the widget asks of the service."""
        if (method, path) == ("POST", "/v1/ask"):
            return self.answer(json.loads(body))
        if (method, path) == ("POST", "/v1/feedback"):
            self.feedback.append(json.loads(body))
            return json_reply({}, status=201)
        if path == "/v1/documents/metastases":
            return json_reply({"findings": FINDINGS})
        if path == "/v1/passages/metastases-1/quotation":
            return Reply(200, "text/plain; charset=utf-8", QUOTATION.encode())
        if path.startswith("/v1/works/"):
            identity = unquote(path.removeprefix("/v1/works/").removesuffix("?format=ris"))
            return Reply(200, "application/x-research-info-systems", RIS.format(id=identity).encode())
        return None

    def from_files(self, path: str) -> Reply:
        """A page of the test, or a static file."""
        if path in self.pages:
            return Reply(200, MEDIA_TYPES[".html"], self.pages[path].encode())
        file = STATIC / path[1:].partition("?")[0]
        if file.is_file():
            return Reply(200, MEDIA_TYPES[file.suffix], file.read_bytes())
        return Reply(404, "text/plain", b"")

    def answer(self, query: dict[str, Any]) -> Reply:
        """The canned answer, once the gate is open where the question is a slow one."""
        self.asked.append(query)
        if query["question"] == SLOW:
            self.gate.wait(timeout=30)
        return REPLIES.get(query["question"], REPLIES[UNCITED])

    def close(self) -> None:
        """Let go of whoever waits, and stop."""
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Hands every request to the service."""

    service: Service

    def respond(self) -> None:
        """Answer the request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command != "OPTIONS":
            self.service.keys.append(self.headers.get("Authorization"))
        reply = self.service.reply_to(self.command, self.path, body)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "content-type, authorization")
        self.send_header("Access-Control-Expose-Headers", "retry-after")
        for name, value in reply.headers:
            self.send_header(name, value)
        if not self.path.startswith("/open"):
            self.send_header("Content-Security-Policy", self.service.policies.get(self.path, POLICY))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_OPTIONS = respond  # noqa: N815, the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, as in http.server
        """Write nothing."""


@pytest.fixture
def start_service() -> Iterator[Callable[[], Service]]:
    """Starts servers on free ports, and stops them at the end."""
    started: list[Service] = []

    def start() -> Service:
        handler = type("ServiceHandler", (Handler,), {})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        service = Service(server, f"http://127.0.0.1:{server.server_port}")
        handler.service = service  # type: ignore[attr-defined]
        threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True).start()
        started.append(service)
        return service

    yield start
    for service in started:
        service.close()


@pytest.fixture
def service(start_service: Callable[[], Service]) -> Service:
    """A running server."""
    return start_service()


def ask(page: Page, question: str, *, widget: int = 0) -> Locator:
    """Type a question, press Enter, and give the turn when it is complete."""
    chat = page.locator("loccit-chat").nth(widget)
    chat.get_by_role("textbox").fill(question)
    chat.get_by_role("textbox").press("Enter")
    expect(chat.get_by_role("log")).to_have_attribute("aria-busy", "false")
    return chat.get_by_role("article").last


def links(scope: Locator) -> dict[str, str | None]:
    """The links of a part of the page: words and address."""
    return {link.inner_text(): link.get_attribute("href") for link in scope.get_by_role("link").all()}
