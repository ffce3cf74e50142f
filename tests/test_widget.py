"""The chat widget and the start page, in a real browser against a small real server with canned answers.

The server sends the strictest Content-Security-Policy that the pages must bear: no inline script, and
Trusted Types without a policy, so that any attempt to set HTML from a string would throw.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

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


# What the service answers


def span(start: int, end: int) -> dict[str, int]:
    """A half-open range of code points."""
    return {"start": start, "end": end}


def citation(number: int, basis: str, reference: str = "pmid:28638950") -> dict[str, Any]:
    """A citation of a passage."""
    return {"reference": reference, "number": number, "basis": basis, "marker": span(900, 902)}


def reference(number: int, text: str, **fields: str) -> dict[str, Any]:
    """A reference of an answer, with the fields that it has."""
    absent = {"year": None, "doi": None, "pmid": None, "pmcid": None, "url": None}
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
    url: str | None = None,
    link: str | None = None,
) -> dict[str, Any]:
    """A passage that begins at `start` in the document's text."""
    return {
        "rank": rank,
        "id": f"metastases-{rank}",
        "confidence": None,
        "score": 0.81,
        "text": text,
        "document": {
            "id": "metastases",
            "title": "Cervical spinal metastases",
            "url": url,
            "modified": "2025-05-13",
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


def json_reply(body: object, *, status: int = 200, media_type: str = "application/json") -> Reply:
    """A response in JSON."""
    return Reply(status, media_type, json.dumps(body).encode())


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
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def embed(self, body: str, *, path: str = "/page") -> str:
        """Serve a page with the widget's script and this body, and give its address."""
        self.pages[path] = (
            "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>"
            f'<script src="/widget.js" defer></script>{body}'
        )
        return self.url + path

    def reply_to(self, method: str, path: str, body: bytes) -> Reply:
        """The response to a request, whose path and body are written down."""
        self.paths.append(f"{method} {path}")
        if (method, path) == ("POST", "/v1/ask"):
            return self.answer(json.loads(body))
        if path == "/v1/documents/metastases":
            return json_reply({"findings": FINDINGS})
        if path in self.pages:
            return Reply(200, MEDIA_TYPES[".html"], self.pages[path].encode())
        file = STATIC / ("index.html" if path == "/" else path[1:])
        if method == "GET" and file.is_file():
            return Reply(200, MEDIA_TYPES[file.suffix], file.read_bytes())
        return Reply(404 if method == "GET" else 204, "text/plain", b"")

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
        reply = self.service.reply_to(self.command, self.path, body)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "content-type")
        if not self.path.startswith("/open"):
            self.send_header("Content-Security-Policy", POLICY)
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


# Passages


def test_turn_shows_the_question_and_the_passages_word_for_word(page: Page, service: Service) -> None:
    """An answer shows the question and each passage's exact text, markers included, best first."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, SURVIVAL)
    expect(turn.get_by_role("heading")).to_have_text(SURVIVAL)
    assert turn.locator("blockquote").all_text_contents() == [
        AT_LAST,
        "Survival of these patients is dismal 3).",
    ]
    assert turn.locator(".rank").all_text_contents() == ["1", "2"]
    expect(turn).to_contain_text("2 passages in the source, best first")


def test_passage_names_its_place(page: Page, service: Service) -> None:
    """A passage shows the document's title, its headings, the version, and how its study begins."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    first = ask(page, SURVIVAL).locator("figure").first
    expect(first.locator(".title")).to_have_text("Cervical spinal metastases")
    assert first.locator(".heading").all_text_contents() == ["Case series", "2017"]
    expect(first.locator("figcaption")).to_contain_text("version of 2025-05-13")
    expect(first.locator(".lead")).to_have_text(
        "The study begins: Vazifehdan et al. examined survival in the operative treatment of metastases."
    )


def test_highlight_is_marked_relative_to_the_passage(page: Page, service: Service) -> None:
    """A highlight counts in the document's text, and the mark covers exactly its sentence."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    assert ask(page, SURVIVAL).locator("mark").all_text_contents() == [SURVIVED]


def test_offsets_count_code_points(page: Page, service: Service) -> None:
    """Characters of two UTF-16 units before a highlight do not shift it."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    assert ask(page, ASTRAL).locator("mark").all_text_contents() == ["Here it is.", "Apre\u0301s."]


def test_highlights_are_cut_to_the_passage(page: Page, service: Service) -> None:
    """Highlights in any order, overlapping or reaching past the passage, never double or drop a word."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, RAGGED)
    assert turn.locator("mark").all_text_contents() == ["One.", "Two. Th", "ree."]
    expect(turn.locator("blockquote")).to_have_text("One. Two. Three.")


def test_markup_in_a_source_is_text(page: Page, service: Service) -> None:
    """Tags in a passage or a reference are shown as they stand and never become elements."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, MARKUP)
    expect(turn.locator("blockquote")).to_have_text(ANSWERS[MARKUP]["passages"][0]["text"])
    expect(turn.locator("mark")).to_have_text("Before <script>window.attacked = 1</script>")
    expect(turn.locator(".works")).to_contain_text("<img src=x onerror='window.attacked = 3'>")
    expect(turn.locator("img, script")).to_have_count(0)
    assert page.evaluate("window.attacked") is None


def test_markup_in_a_question_is_text(page: Page, service: Service) -> None:
    """Tags in the question itself are shown as they were typed."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    question = "<img src=x onerror='window.attacked = 4'>"
    expect(ask(page, question).get_by_role("heading")).to_have_text(question)
    assert page.evaluate("window.attacked") is None


def test_title_links_to_the_place(page: Page, service: Service) -> None:
    """The title links to the anchor, else to the document, else to nothing, and opens apart."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    titles = ask(page, LINKED).locator(".title")
    assert [title.get_attribute("href") for title in titles.all()] == [
        "https://wiki.example/m#:~:text=First.",
        "http://wiki.example/m",
        None,
    ]
    expect(titles.first).to_have_attribute("rel", "noopener noreferrer")
    expect(titles.first).to_have_attribute("target", "_blank")


def test_only_web_addresses_become_links(page: Page, service: Service) -> None:
    """An address that is neither http nor https is no link, neither of a document nor of a work."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, UNSAFE)
    expect(turn.locator(".title").first).to_have_text("Cervical spinal metastases")
    expect(turn.locator(".works")).to_have_text("[3] A note.")
    assert links(turn) == {}


# Citations


def test_citation_shows_number_text_and_links(page: Page, service: Service) -> None:
    """A citation shows its number, the note word for word, and links to DOI, PubMed and PMC."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    works = ask(page, SURVIVAL).locator("figure").first.locator(".works")
    expect(works).to_have_text(f"[3] {VAZIFEHDAN['text']} DOI PubMed PMC")
    assert links(works) == {
        "DOI": "https://doi.org/10.1007/s00590-017-2002-0",
        "PubMed": "https://pubmed.ncbi.nlm.nih.gov/28638950/",
        "PMC": "https://pmc.ncbi.nlm.nih.gov/articles/PMC7335153/",
    }


@pytest.mark.parametrize(("rank", "words"), [(1, "cited here"), (2, "names the author"), (3, "probably from")])
def test_basis_is_said_in_words(page: Page, service: Service, rank: int, words: str) -> None:
    """Why a reference supports a passage stands above it in words."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figure = ask(page, BASES).locator("figure").nth(rank - 1)
    assert figure.locator(".basis strong").all_text_contents() == [words]
    expect(figure.locator(".works")).to_contain_text("[3] Vazifehdan F,")


def test_citations_of_one_passage_are_listed_in_turn(page: Page, service: Service) -> None:
    """Several works under one passage are one list, and a DOI with odd characters stays one address."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    works = ask(page, BASES).locator("figure").first.locator(".works li")
    assert works.locator(".number").all_text_contents() == ["[3]", "[4]"]
    assert links(works.last) == {
        "DOI": "https://doi.org/10.1002/(SICI)1097-0142(19960801)78%3A3%3C475%3A%3AAID-CNCR%3E3.0.CO%3B2-X"
    }


def test_numbers_of_the_same_work_share_a_line(page: Page, service: Service) -> None:
    """Two numbers that point to one work, as in a repeated footnote, stand before it together."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figure = ask(page, BASES).locator("figure").nth(3)
    assert figure.locator(".works .number").all_text_contents() == ["[2] [3]"]


def test_uncited_passage_says_so(page: Page, service: Service) -> None:
    """A passage without support says that the source gives none."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, UNCITED)
    expect(turn).to_contain_text("The source gives no reference for this passage.")
    expect(turn.locator(".works")).to_have_count(0)


def test_marks_that_lead_nowhere_are_named(page: Page, service: Service) -> None:
    """Of a passage whose mark has nothing behind it, this is said, and not that the source gives no reference."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, DANGLING)
    assert turn.locator(".basis").all_text_contents() == [
        "The source’s marks [4], [5] have no entry in its list of references.",
        "The source gives no reference for this passage.",
        "The source’s mark [6] has no entry in its list of references.",
    ]


# No answer, and failures


def test_no_match_says_so_and_keeps_the_nearest_behind_a_summary(page: Page, service: Service) -> None:
    """Without an answer the widget says so, and shows the nearest passage only when it is asked for."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, DOSE)
    expect(turn).to_contain_text("The source has no answer to this question.")
    expect(turn.locator("blockquote")).to_be_hidden()
    turn.get_by_text("Nearest passage, which may not answer").click()
    expect(turn.locator("blockquote")).to_have_text("Systemic chemotherapy was not possible.")
    expect(turn.locator("blockquote")).to_be_visible()


def test_problem_shows_its_detail_and_keeps_the_question(page: Page, service: Service) -> None:
    """A problem document's detail is what the reader sees, and the question stays in the input."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, TOO_LONG)
    expect(turn.locator(".failed")).to_have_text(str(PROBLEM["detail"]))
    expect(page.get_by_role("textbox")).to_have_value(TOO_LONG)


def test_failure_without_a_problem_document_shows_the_status(page: Page, service: Service) -> None:
    """A failure whose body is no problem document, as from a gateway, is shown by its status."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    expect(ask(page, BROKEN).locator(".failed")).to_have_text("The service failed, with status 502.")


@pytest.mark.parametrize(
    "body",
    [b"", b"<p>hello</p>", b"null", b"[]", b'{"status": "answered"}', b'{"status": "maybe"}'],
)
def test_body_that_is_no_answer_is_refused(page: Page, service: Service, body: bytes) -> None:
    """A successful response that is not an answer is said to be unreadable."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.route("**/v1/ask", lambda route: route.fulfill(status=200, body=body))
    turn = ask(page, SURVIVAL)
    expect(turn.locator(".failed")).to_have_text("The service sent something that this page cannot read as an answer.")
    expect(page.get_by_role("textbox")).to_have_value(SURVIVAL)


def test_unreachable_service_keeps_the_question(page: Page, service: Service) -> None:
    """When the service is gone the widget says so, keeps the question, and can ask again."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    service.close()
    turn = ask(page, SURVIVAL)
    expect(turn.locator(".failed")).to_have_text(
        "The service could not be reached. Check the connection, or try again in a moment."
    )
    expect(page.get_by_role("textbox")).to_have_value(SURVIVAL)
    expect(page.get_by_role("button", name="Ask")).to_be_enabled()


def test_slow_service_is_given_up(page: Page, service: Service) -> None:
    """After 20 seconds without an answer the widget gives up, says so, and keeps the question."""
    page.clock.install()
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill(SLOW)
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    page.clock.run_for(19_000)
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    page.clock.run_for(1_000)
    expect(page.locator(".failed")).to_have_text("The service did not answer within 20 seconds.")
    expect(page.get_by_role("textbox")).to_have_value(SLOW)


def test_question_after_a_failure_is_answered(page: Page, service: Service) -> None:
    """A failure does not stand in the way of the next question."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    ask(page, TOO_LONG)
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(2)


def test_endpoint_that_is_no_address_is_named(page: Page, service: Service) -> None:
    """A mistaken endpoint is shown to whoever embeds the widget."""
    page.goto(service.embed('<loccit-chat endpoint="https://"></loccit-chat>'))
    expect(ask(page, SURVIVAL).locator(".failed")).to_have_text(
        "The endpoint of this widget is not a web address: https://"
    )


# Asking


def test_question_is_posted_and_never_in_an_address(page: Page, service: Service) -> None:
    """The question travels in the body of a POST, and no address holds it."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    ask(page, f"  {SURVIVAL} ")
    assert service.asked == [{"question": SURVIVAL, "k": 5}]
    assert service.paths == ["GET /page", "GET /widget.js", "POST /v1/ask"]
    assert page.url == f"{service.url}/page"


@pytest.mark.parametrize(
    ("attribute", "k"),
    [('k="2"', 2), ('k="0"', 5), ('k="many"', 5), ('k="2.5"', 5), ("k", 5), ("", 5)],
)
def test_k_is_how_many_passages_are_asked_for(page: Page, service: Service, attribute: str, k: int) -> None:
    """The attribute k is sent with the question; what is no positive whole number counts as 5."""
    page.goto(service.embed(f"<loccit-chat {attribute}></loccit-chat>"))
    ask(page, SURVIVAL)
    assert service.asked == [{"question": SURVIVAL, "k": k}]


def test_button_asks(page: Page, service: Service) -> None:
    """A click on the button asks, and the answered question leaves the input."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill(SURVIVAL)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("blockquote")).to_have_count(2)
    expect(page.get_by_role("textbox")).to_have_value("")


def test_empty_question_is_not_asked(page: Page, service: Service) -> None:
    """White space alone asks nothing and leads back to the input."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill("   ")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("article")).to_have_count(0)
    assert service.asked == []


def test_one_question_at_a_time(page: Page, service: Service) -> None:
    """While a question is in flight the widget is busy and takes no other, by key or by script."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill(SLOW)
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("button", name="Ask")).to_be_disabled()
    expect(page.get_by_text("Looking in the source")).to_be_visible()
    page.get_by_role("textbox").press("Enter")
    page.evaluate("question => document.querySelector('loccit-chat').ask(question)", SURVIVAL)
    expect(page.get_by_role("textbox")).to_have_value(SLOW)
    service.gate.set()
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("button", name="Ask")).to_be_enabled()
    expect(page.get_by_text("Looking in the source")).to_have_count(0)
    assert [query["question"] for query in service.asked] == [SLOW]


def test_script_may_ask(page: Page, service: Service) -> None:
    """The method ask is fulfilled when the turn is complete."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.evaluate("question => document.querySelector('loccit-chat').ask(question)", SURVIVAL)
    assert page.locator("blockquote").count() == 2


# Reading and operating


def test_keyboard_alone_suffices(page: Page, service: Service) -> None:
    """Tab reaches input, button, links and the nearest passage; Enter and Space work; focus is not lost."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type(DOSE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Ask")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("summary")).to_be_visible()
    expect(page.get_by_role("button", name="Ask")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("blockquote")).to_be_visible()


def test_focus_is_visible(page: Page, service: Service) -> None:
    """Input and button show an outline when the keyboard reaches them."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    for role in ("textbox", "button"):
        page.keyboard.press("Tab")
        expect(page.get_by_role(role)).to_be_focused()
        expect(page.get_by_role(role)).to_have_css("outline-style", "solid")
        expect(page.get_by_role(role)).to_have_css("outline-width", "2px")


def test_roles_and_names(page: Page, service: Service) -> None:
    """The log is a polite live region, and the input has its label and placeholder, which may change."""
    page.goto(service.embed('<loccit-chat label="Ask the wiki" placeholder="Why…?"></loccit-chat>'))
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("textbox", name="Ask the wiki")).to_have_attribute("placeholder", "Why…?")
    page.evaluate("document.querySelector('loccit-chat').setAttribute('label', 'Ask us')")
    expect(page.get_by_role("textbox", name="Ask us")).to_be_visible()


def test_work_links_say_which_reference(page: Page, service: Service) -> None:
    """A link named DOI tells a screen reader whose DOI it is."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, SURVIVAL)
    expect(turn.get_by_role("link", name="DOI, reference 3").first).to_be_visible()


# The ratio of WCAG 2.2 ("contrast ratio", "relative luminance") for every element with words of its own.
CONTRASTS = """
() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb(colour).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (; node; node = node.parentElement ?? node.getRootNode().host) {
      const colour = getComputedStyle(node).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return getComputedStyle(document.documentElement).colorScheme === "dark" ? "#000" : "#fff";
  };
  const all = (root) => [...root.querySelectorAll("*")];
  const below = (root) => all(root).flatMap((node) => [node, ...inside(node.shadowRoot)]);
  const inside = (shadow) => (shadow ? below(shadow) : []);
  const words = (child) => child.nodeType === Node.TEXT_NODE && child.data.trim();
  const worded = (node) => [...node.childNodes].some(words);
  const ratio = (node) => {
    const pair = [luminance(getComputedStyle(node).color), luminance(behind(node))];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  return below(document.body).filter((node) => worded(node) && node.localName !== "loccit-chat")
    .map((node) => [`${node.localName}.${node.className}`, ratio(node)]);
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_sufficient(page: Page, service: Service, scheme: Any) -> None:
    """All words of the start page, the widget and its turns reach the contrast of WCAG AA, 4.5 to 1."""
    page.emulate_media(color_scheme=scheme)
    page.goto(service.url)
    for question in (BASES, SURVIVAL, DOSE, TOO_LONG):
        ask(page, question)
    page.locator("summary").click()
    ratios = page.evaluate(CONTRASTS)
    seen = {name for name, _ in ratios}
    assert {"mark.", "blockquote.", "p.verdict failed", "a.target", "button.", "summary."} <= seen
    assert [(name, ratio) for name, ratio in ratios if ratio < 4.5] == []


def test_look_follows_the_reader_and_the_page_may_fix_it(page: Page, service: Service) -> None:
    """The widget is dark for a reader who prefers dark, unless the page fixes its colour scheme."""
    style = "<style>#fixed { color-scheme: light; --loccit-background: rgb(1, 2, 3) }</style>"
    page.emulate_media(color_scheme="dark")
    page.goto(service.embed(f'{style}<loccit-chat></loccit-chat><loccit-chat id="fixed"></loccit-chat>'))
    expect(page.locator("loccit-chat").first).to_have_css("background-color", "rgb(25, 26, 24)")
    expect(page.locator("#fixed")).to_have_css("color", "rgb(31, 29, 26)")
    expect(page.locator("#fixed")).to_have_css("background-color", "rgb(1, 2, 3)")


def test_style_of_the_page_does_not_leak_in(page: Page, service: Service) -> None:
    """A page that redefines rem and shouts in capitals leaves the widget as it is."""
    style = "<style>html { font-size: 5px } body { text-transform: uppercase; line-height: 3 }</style>"
    page.goto(service.embed(f"{style}<loccit-chat></loccit-chat>"))
    quotation = ask(page, SURVIVAL).locator("blockquote").first
    expect(quotation).to_have_css("font-size", "17px")
    expect(quotation).to_have_css("text-transform", "none")


def test_nothing_overflows_on_a_phone(page: Page, service: Service) -> None:
    """At 360 pixels nothing is wider than the screen, and the input does not make a phone zoom in."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(service.url)
    for question in (BASES, DOSE, TOO_LONG, "x" * 300):
        ask(page, question)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    log = page.get_by_role("log")
    assert log.evaluate("log => log.scrollWidth - log.clientWidth") == 0
    expect(page.get_by_role("textbox")).to_have_css("font-size", "16px")


@pytest.mark.parametrize(("preference", "name"), [("reduce", "none"), ("no-preference", "appear")])
def test_reduced_motion_is_respected(page: Page, service: Service, preference: Any, name: str) -> None:
    """A reader who prefers less motion sees no animation."""
    page.emulate_media(reduced_motion=preference)
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill(SLOW)
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_text("Looking in the source")).to_have_css("animation-name", name)


@pytest.mark.parametrize("style", ["", "height: 400px"])
def test_new_turn_is_brought_into_view(page: Page, service: Service, style: str) -> None:
    """A new question comes to the top, in the page or inside a widget that has a height of its own."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 600, "height": 500})
    page.goto(service.embed(f"<style>loccit-chat {{ {style} }}</style><loccit-chat></loccit-chat>"))
    ask(page, BASES)
    turn = ask(page, SURVIVAL)
    place = turn.get_by_role("heading").bounding_box()
    assert place is not None
    assert 0 <= place["y"] < 60
    expect(page.get_by_role("article").first.get_by_role("heading")).not_to_be_in_viewport()
    expect(page.get_by_role("textbox")).to_be_in_viewport(ratio=1)


def test_widget_with_a_height_scrolls_by_keyboard(page: Page, service: Service) -> None:
    """Where the turns scroll inside the widget, the keyboard reaches and scrolls them."""
    style = "<style>loccit-chat { height: 400px }</style>"
    page.emulate_media(reduced_motion="reduce")
    page.goto(service.embed(f"{style}<loccit-chat></loccit-chat>"))
    ask(page, UNCITED)
    expect(page.get_by_role("log")).not_to_have_attribute("tabindex", re.compile("."))
    ask(page, BASES)
    expect(page.get_by_role("log")).to_have_attribute("tabindex", "0")
    page.get_by_role("log").press("End")
    expect(page.locator("blockquote").last).to_be_in_viewport()


# Embedding


def test_two_widgets_keep_apart(page: Page, service: Service) -> None:
    """Two widgets on one page each show their own turns."""
    page.goto(service.embed('<loccit-chat k="1"></loccit-chat><loccit-chat></loccit-chat>'))
    ask(page, SURVIVAL, widget=1)
    ask(page, UNCITED, widget=0)
    widgets = page.locator("loccit-chat")
    assert widgets.nth(0).get_by_role("heading").all_text_contents() == [UNCITED]
    assert widgets.nth(1).get_by_role("heading").all_text_contents() == [SURVIVAL]
    assert [query["k"] for query in service.asked] == [5, 1]


def test_script_may_be_loaded_twice(page: Page, service: Service) -> None:
    """A page that loads the script twice has a working widget and no error."""
    page.goto(service.embed('<script src="/widget.js"></script><loccit-chat></loccit-chat>'))
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()


@pytest.mark.parametrize("kind", ["", "defer", "async", 'type="module"'])
def test_endpoint_is_the_origin_of_the_script(
    page: Page, service: Service, start_service: Callable[[], Service], kind: str
) -> None:
    """A page elsewhere that takes the script from the service, in any way, asks that service."""
    elsewhere = start_service()
    elsewhere.pages["/open"] = (
        f'<!doctype html><script src="{service.url}/widget.js" {kind}></script><loccit-chat></loccit-chat>'
    )
    page.goto(f"{elsewhere.url}/open")
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()
    assert (len(service.asked), len(elsewhere.asked)) == (1, 0)


@pytest.mark.parametrize("slash", ["", "/"])
def test_endpoint_may_be_given(page: Page, service: Service, start_service: Callable[[], Service], slash: str) -> None:
    """The attribute endpoint names another service, with or without a slash at its end."""
    elsewhere = start_service()
    widget = f'<loccit-chat endpoint="{elsewhere.url}{slash}"></loccit-chat>'
    page.goto(service.embed(widget, path="/open"))
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()
    assert (len(service.asked), len(elsewhere.asked)) == (0, 1)


def test_script_without_an_address_asks_the_page_s_own_origin(page: Page, service: Service) -> None:
    """A script that was pasted into the page, and so has no origin, asks the page's."""
    service.pages["/open"] = "<!doctype html><title>A page</title><loccit-chat></loccit-chat>"
    page.goto(f"{service.url}/open")
    page.add_script_tag(content=(STATIC / "widget.js").read_text(encoding="utf-8"))
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()


# The start page


@pytest.mark.parametrize("index", [0, 1, 2])
def test_example_is_asked_by_a_click(page: Page, service: Service, index: int) -> None:
    """Each of the three examples on the start page is a question that a click asks."""
    page.goto(service.url)
    examples = page.locator("[data-example]")
    expect(examples).to_have_count(3)
    examples.nth(index).click()
    expect(page.locator("blockquote")).to_have_count(1)
    expect(page.get_by_role("log").get_by_role("heading")).to_have_text(examples.nth(index).inner_text())
    assert [query["question"] for query in service.asked] == [examples.nth(index).inner_text()]


def test_start_page_gives_the_code_to_embed(page: Page, service: Service) -> None:
    """The code to embed names the address under which the page itself was reached."""
    page.goto(service.url)
    expect(page.locator("pre")).to_have_text(
        f'<script src="{service.url}/widget.js" defer></script> <loccit-chat></loccit-chat>'
    )


def test_start_page_loads_nothing_from_elsewhere(page: Page, service: Service) -> None:
    """The start page asks for its own two scripts and nothing else, and links to the documentation."""
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(service.url)
    expect(page.get_by_role("textbox")).to_be_visible()
    assert sorted(addresses) == [f"{service.url}/{name}" for name in ("", "start.js", "widget.js")]
    expect(page.get_by_role("link", name="API documentation")).to_have_attribute("href", "/docs")
