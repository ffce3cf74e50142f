"""The HTTP interface: every endpoint, and every way to ask it wrongly."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from corpus.sources import EMBEDDED
from index import Answer, Query, Searcher, Snapshot, Store
from index.build import build_snapshot
from service import Settings, create_app
from service.current import Current
from service.keys import KeyFile
from tests.stores import copied, read_pages

MEDIAN = "What was the median survival after palliative surgery?"
PAGE = "cervical_spinal_metastases"
JSON = {"content-type": "application/json"}
NOTE = "Alpha A. A work. 2001. doi: 10.1000/first."

Client = TestClient[Litestar]


@pytest.fixture(scope="module")
def client(embedded_store: Path) -> Iterator[Client]:
    """A client of the service for the embedded page."""
    with TestClient(create_app(Settings(store=embedded_store)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def shelf(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of the service for three pages, one of which has letters beyond ASCII in its name."""
    folder = tmp_path_factory.mktemp("shelf")
    store = copied(embedded_store, folder / "store")
    pages = {
        "alpha": f"====== First ======\n\nPain eased ((Beta B. Other. 2002.)). It came again (({NOTE})).",
        "Wirbelsäule": f"Schmerz α. 🦴 The pain eased ((Gamma C. Third. 2003.)) (({NOTE})). Again (({NOTE})).",
        "zeta": "No note.",
    }
    build_snapshot(read_pages(folder / "pages", **pages), store)
    with TestClient(create_app(Settings(store=store.root))) as client:
        yield client


def ask(client: Client, **body: Any) -> Any:
    """The answer to a question in a POST."""
    response = client.post("/v1/ask", json=body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


# Asking


def test_post_answers_as_the_searcher_does(client: Client, embedded_store: Path) -> None:
    """The body is the searcher's answer, field by field, but for the time."""
    searcher = Searcher(Snapshot.open(Store(embedded_store)))
    (expected,) = searcher.search([Query(question=MEDIAN, k=2)])
    answer = msgspec.convert(ask(client, question=MEDIAN, k=2), Answer)
    assert msgspec.structs.replace(answer, took_ms=0) == msgspec.structs.replace(expected, took_ms=0)
    assert answer.took_ms > 0


def test_fields_stand_as_designed(client: Client) -> None:
    """An answer has the fields of the design, in their order."""
    answer = ask(client, question=MEDIAN, k=1)
    assert " ".join(answer) == "id status question snapshot took_ms passages references nearest answerable"
    (passage,) = answer["passages"]
    assert " ".join(passage) == "rank id confidence score text document headings lead anchor highlights citations"
    assert " ".join(passage["anchor"]) == "sha256 start end exact prefix suffix link"
    assert " ".join(passage["document"]) == "id title url modified"
    assert " ".join(passage["citations"][0]) == "reference number basis marker"
    assert " ".join(answer["references"][0]) == "id numbers text byline year doi pmid pmcid url"
    assert 0 < passage["confidence"] <= answer["answerable"] < 1
    assert answer["nearest"] is None


def test_get_answers_as_post_does(client: Client) -> None:
    """A question in the address gets the answer that it gets in a body."""
    got = client.get("/v1/ask", params={"question": MEDIAN, "k": 3}).json()
    posted = ask(client, question=MEDIAN, k=3)
    assert len(posted["passages"]) == 3
    assert {**got, "took_ms": 0} == {**posted, "took_ms": 0}
    assert len(client.get("/v1/ask", params={"question": MEDIAN}).json()["passages"]) == 5


def test_no_match_is_a_success(client: Client) -> None:
    """A question without an answer is answered with status 200 and the nearest passage."""
    answer = ask(client, question="Who discovered penicillin?")
    assert (answer["status"], answer["passages"]) == ("no_match", [])
    assert answer["nearest"]["rank"] == 1
    forced = ask(client, question="Who discovered penicillin?", min_confidence=0)
    assert (forced["status"], len(forced["passages"]), forced["nearest"]) == ("answered", 5, None)
    assert forced["passages"][0] == answer["nearest"]


def test_documents_limit_where_to_look(shelf: Client) -> None:
    """Only passages of the documents named are given."""
    answer = ask(shelf, question="pain", documents=["alpha"], min_confidence=0)
    assert {passage["document"]["id"] for passage in answer["passages"]} == {"alpha"}
    assert ask(shelf, question="pain", documents=[], min_confidence=0)["nearest"] is None


def test_filters_limit_what_is_given(client: Client) -> None:
    """Only passages that cite a work of the year are given, or stand under the heading."""
    heading = "Palliative surgery in 24 patients"
    of_year = ask(client, question="median survival", k=50, year_from=2017, year_to=2017, min_confidence=0)
    years = {reference["id"]: reference["year"] for reference in of_year["references"]}
    assert of_year["passages"]
    assert all(2017 in [years[c["reference"]] for c in passage["citations"]] for passage in of_year["passages"])
    under = ask(client, question="median survival", k=50, headings=[heading.upper()], min_confidence=0)
    assert {heading in passage["headings"] for passage in under["passages"]} == {True}


def test_text_beyond_ascii_goes_through(shelf: Client) -> None:
    """Question, passage and offsets survive as they are, whatever their letters."""
    answer = ask(shelf, question="Schmerz α 🦴", documents=["Wirbelsäule"], min_confidence=0)
    assert answer["question"] == "Schmerz α 🦴"
    passage = answer["passages"][0]
    text = shelf.get("/v1/documents/Wirbelsäule/text").text
    assert text[passage["anchor"]["start"] : passage["anchor"]["end"]] == passage["text"]
    assert passage["text"].startswith("Schmerz α. 🦴")


# Asking wrongly


def assert_problem(response: Any, *, field: str, words: str, status: int = 400) -> None:
    """The response is a problem document that names the field and says what is wrong with it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["title"]) == (status, "Invalid request")
    assert field in [error["field"] for error in problem["errors"]]
    assert words in problem["detail"]
    assert field in problem["detail"]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "question", "missing required field `question`"),
        ({"question": ""}, "question", "length >= 1"),
        ({"question": " \n "}, "question", "The question is empty"),
        ({"question": "a" * 1001}, "question", "length <= 1000"),
        ({"question": "😀" * 1001}, "question", "length <= 1000"),
        ({"question": "1 " * 300}, "question", "has 302 word pieces, the encoder takes 256"),
        ({"question": None}, "question", "Expected `str`, got `null`"),
        ({"question": 5}, "question", "Expected `str`, got `int`"),
        ({"question": ["a"]}, "question", "Expected `str`, got `array`"),
        ({"question": "a", "k": 0}, "k", ">= 1"),
        ({"question": "a", "k": -1}, "k", ">= 1"),
        ({"question": "a", "k": 51}, "k", "<= 50"),
        ({"question": "a", "k": 10**30}, "k", "int"),
        ({"question": "a", "k": "five"}, "k", "Expected `int`, got `str`"),
        ({"question": "a", "k": 1.5}, "k", "Expected `int`"),
        ({"question": "a", "k": True}, "k", "Expected `int`, got `bool`"),
        ({"question": "a", "k": None}, "k", "Expected `int`, got `null`"),
        ({"question": "a", "min_confidence": -0.1}, "min_confidence", ">= 0"),
        ({"question": "a", "min_confidence": 1.1}, "min_confidence", "<= 1"),
        ({"question": "a", "min_confidence": "high"}, "min_confidence", "Expected `float | null`, got `str`"),
        ({"question": "a", "documents": "alpha"}, "documents", "Expected `array | null`, got `str`"),
        ({"question": "a", "documents": [PAGE, "no-such"]}, "documents", "There is no document 'no-such'"),
        ({"question": "a", "documents": [1]}, "documents[0]", "Expected `str`, got `int`"),
        ({"question": "a", "headings": ["Palliativ surgery"]}, "headings", "others: palliative surgery"),
        ({"question": "a", "year_from": 0}, "year_from", ">= 1"),
        ({"question": "a", "publication_types": ["Revue"]}, "publication_types", "No passage has 'Revue'"),
        ({"question": "a", "questoin": "b"}, "questoin", "unknown field `questoin`"),
        ({"question": "a", "leg": "dense"}, "leg", "unknown field `leg`"),
        (None, "body", "Expected `object`, got `null`"),
        (["a"], "body", "Expected `object`, got `array`"),
        ("a", "body", "Expected `object`, got `str`"),
    ],
)
def test_bad_body(client: Client, body: object, field: str, words: str) -> None:
    """A body out of bounds is refused with 400, the field and the bound."""
    assert_problem(client.post("/v1/ask", content=json.dumps(body), headers=JSON), field=field, words=words)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"question": "a"',
        b'{"question": "a",}',
        b'{"question": "a"} {}',
        b"{'question': 'a'}",
        b'{"question": "a", "k": NaN}',
        b'{"question": "\\ud800"}',
        b'{"question": "\xff"}',
        b'\xff\xfe{\x00"\x00',
        b"question=a",
        b"[" * 100_000,
        b'{"question": ' * 15_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_malformed_body(client: Client, body: bytes) -> None:
    """A body that is no JSON is refused with 400, and the problem shows what one looks like."""
    response = client.post("/v1/ask", content=body, headers=JSON)
    assert_problem(response, field="body", words='{"question": "What was the median survival?"}')


def test_huge_body_is_refused(client: Client) -> None:
    """A body of many megabytes is refused with 413 before it is parsed."""
    response = client.post("/v1/ask", content=b'{"question": "' + b"a" * 20_000_000 + b'"}', headers=JSON)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "field", "words"),
    [
        ("/v1/ask", "question", "question"),
        ("/v1/ask?question=", "question", "length >= 1"),
        ("/v1/ask?question=%20", "question", "The question is empty"),
        ("/v1/ask?question=" + "a" * 1001, "question", "length <= 1000"),
        ("/v1/ask?question=a&k=0", "k", ">= 1"),
        ("/v1/ask?question=a&k=51", "k", "<= 50"),
        ("/v1/ask?question=a&k=five", "k", "Expected `int`, got `str`"),
        ("/v1/documents?limit=0", "limit", ">= 1"),
        ("/v1/documents?limit=1001", "limit", "<= 1000"),
        ("/v1/documents?offset=-1", "offset", ">= 0"),
        ("/v1/ask?question=a&K=3", "K", "There is no parameter 'K'. There are question, k."),
        ("/v1/ask?question=a&documents=x&k=3", "documents", "There is no parameter 'documents'."),
        ("/v1/documents?page=2", "page", "There are limit, offset, find."),
        (f"/v1/documents/{PAGE}?full=1", "full", "This address takes none."),
        (f"/v1/documents/{PAGE}/references?form=csl", "form", "There are format."),
        ("/v1/works?year=2017", "year", "There is no parameter 'year'."),
    ],
)
def test_bad_address(client: Client, address: str, field: str, words: str) -> None:
    """A parameter that is out of bounds or not known is refused with 400, its name and what there is."""
    assert_problem(client.get(address), field=field, words=words)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/v1/documents/no-such", "There is no document 'no-such' in this snapshot."),
        ("/v1/documents/no-such/text", "There is no document 'no-such' in this snapshot."),
        ("/v1/documents/no-such/markers", "There is no document 'no-such' in this snapshot."),
        ("/v1/documents/no-such/passages", "There is no document 'no-such' in this snapshot."),
        ("/v1/documents/no-such/references", "There is no document 'no-such' in this snapshot."),
        ("/v1/passages/no-such", "There is no passage 'no-such' in this snapshot."),
        ("/v1/passages/<b>", "There is no passage '<b>' in this snapshot."),
        ("/v1/no-such", "Not Found"),
        ("/no-such", ""),
        ("/../../etc/passwd", ""),
        ("/%2e%2e/%2e%2e/etc/passwd", ""),
        ("/..%2fapp.py", ""),
    ],
)
def test_unknown_in_the_path(client: Client, address: str, words: str) -> None:
    """What a path names and is not there is a problem with status 404."""
    response = client.get(address)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == 404
    assert words in response.json()["detail"]


@pytest.mark.parametrize(("method", "address"), [("PUT", "/v1/ask"), ("DELETE", "/v1/documents"), ("POST", "/")])
def test_wrong_method(client: Client, method: str, address: str) -> None:
    """Another method than the endpoint has is a problem with status 405."""
    response = client.request(method, address)
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"


def test_fault_stays_in_the_log(embedded_store: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of the service itself is a problem with status 500 that tells nothing of it; the log tells where."""
    app = create_app(Settings(store=embedded_store))
    with TestClient(app, raise_server_exceptions=False) as client:
        del app.state.current
        response = client.post("/v1/ask", json={"question": MEDIAN})
        assert response.status_code == 500
        assert response.headers["content-type"] == "application/problem+json"
        assert "current" not in response.text
        assert "Traceback" not in response.text
        assert any(record.exc_info for record in caplog.records)
        app.state.current = Current(Store(embedded_store))


def test_a_batch_is_answered_as_its_questions_are(client: Client) -> None:
    """Each question of a batch has the answer that it has alone, with its own filters and number of passages."""
    queries: list[dict[str, Any]] = [
        {"question": MEDIAN, "k": 2},
        {"question": "Who discovered penicillin?"},
        {"question": MEDIAN, "k": 1},
    ]
    response = client.post("/v1/ask/batch", json={"queries": queries})
    assert response.status_code == 200
    answers = [{**each, "took_ms": 0} for each in response.json()["answers"]]
    assert answers == [{**ask(client, **query), "took_ms": 0} for query in queries]
    assert [each["status"] for each in answers] == ["answered", "no_match", "answered"]


@pytest.mark.parametrize(
    "queries", [[], [{"question": MEDIAN}] * 33, [{"question": MEDIAN}, {"question": " "}], [{"k": 1}]]
)
def test_a_wrong_batch_is_refused_whole(client: Client, queries: list[dict[str, Any]]) -> None:
    """No question, too many, or one that is out of bounds: a problem, and no answer."""
    response = client.post("/v1/ask/batch", json={"queries": queries})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert "answers" not in response.json()


# Documents and passages


def test_documents_are_paged(shelf: Client) -> None:
    """Documents come in the order of their ids, as many as asked for, with how many there are."""
    whole = shelf.get("/v1/documents").json()
    assert [document["id"] for document in whole["documents"]] == ["Wirbelsäule", "alpha", "zeta"]
    assert (whole["total"], whole["offset"]) == (3, 0)
    page = shelf.get("/v1/documents", params={"limit": 1, "offset": 1}).json()
    assert page == {"total": 3, "offset": 1, "documents": whole["documents"][1:2]}
    assert shelf.get("/v1/documents", params={"offset": 3}).json()["documents"] == []
    assert whole["documents"][1] == {"id": "alpha", "title": "First", "url": None, "modified": None, "passages": 1}


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("first", ["alpha"]),
        ("ALPH irst", ["alpha"]),
        ("first zeta", []),
        ("WIRBELSÄULE", ["Wirbelsäule"]),
        ("%", []),
        ("  ", ["Wirbelsäule", "alpha", "zeta"]),
    ],
)
def test_documents_are_found_by_their_names(shelf: Client, words: str, ids: list[str]) -> None:
    """Every word looked for is a part of the title or of the id, in any case; only what is found is counted."""
    page = shelf.get("/v1/documents", params={"find": words, "limit": 2}).json()
    assert [document["id"] for document in page["documents"]] == ids[:2]
    assert page["total"] == len(ids)


def test_document(client: Client) -> None:
    """A document is described by its form, hashes and counts, without its text."""
    text = client.get(f"/v1/documents/{PAGE}/text").text
    source = (EMBEDDED / f"{PAGE}.txt").read_bytes()
    details = client.get(f"/v1/documents/{PAGE}").json()
    assert details["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert details["source_sha256"] == hashlib.sha256(source).hexdigest()
    assert (details["title"], details["form"], details["characters"]) == (
        "Cervical spinal metastases",
        "dokuwiki",
        len(text),
    )
    assert (details["references"], details["markers"]) == (8, 8)
    assert {(finding["kind"], finding["document"]) for finding in details["findings"]} == {("only-inherited", PAGE)}
    assert "text" not in details


def test_text_is_plain_utf8(shelf: Client) -> None:
    """The text is text/plain in UTF-8 with the markers that a reader sees."""
    response = shelf.get("/v1/documents/Wirbelsäule/text")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == "Schmerz α. 🦴 The pain eased 1) 2). Again 3)."


def test_markers_of_a_document(shelf: Client) -> None:
    """The marks stand where they are in the text, with the numbers that they name."""
    text = shelf.get("/v1/documents/Wirbelsäule/text").text
    markers = shelf.get("/v1/documents/Wirbelsäule/markers").json()
    assert [(text[each["start"] : each["end"]], each["numbers"]) for each in markers] == [
        ("1)", [1]),
        ("2)", [2]),
        ("3)", [3]),
    ]


def test_blocks_of_a_document(shelf: Client) -> None:
    """The blocks stand where they are in the text, each with its kind and the headings above it."""
    text = shelf.get("/v1/documents/alpha/text").text
    blocks = shelf.get("/v1/documents/alpha/blocks").json()
    assert [(each["kind"], text[each["start"] : each["end"]], each["headings"]) for each in blocks] == [
        ("heading", "First", []),
        ("paragraph", "Pain eased 1). It came again 2).", []),
    ]


def test_passages_of_a_document(shelf: Client) -> None:
    """The passages of a document come in their order, each a slice of its text, and none of another document."""
    text = shelf.get("/v1/documents/Wirbelsäule/text").text
    passages = shelf.get("/v1/documents/Wirbelsäule/passages").json()
    assert [passage["text"] for passage in passages] == [text[each["start"] : each["end"]] for each in passages]
    assert "".join(passage["text"] for passage in passages) == text
    assert {passage["document_id"] for passage in passages} == {"Wirbelsäule"}


def test_references_of_a_document(shelf: Client) -> None:
    """The works that a document cites come once each, in the order of their numbers, word for word."""
    references = shelf.get("/v1/documents/Wirbelsäule/references").json()
    assert [reference["text"] for reference in references] == ["Gamma C. Third. 2003.", NOTE]
    assert [[number["number"] for number in reference["numbers"]] for reference in references] == [[1], [2, 3]]
    assert {number["document"] for reference in references for number in reference["numbers"]} == {"Wirbelsäule"}
    assert references[1]["doi"] == "10.1000/first"
    assert shelf.get("/v1/documents/zeta/references").json() == []


def test_passage(client: Client) -> None:
    """A passage of an answer is found again by its id, and is a slice of the document's text."""
    found = ask(client, question=MEDIAN, k=1)["passages"][0]
    passage = client.get(f"/v1/passages/{found['id']}").json()
    text = client.get(f"/v1/documents/{PAGE}/text").text
    assert passage["text"] == found["text"] == text[passage["start"] : passage["end"]]
    assert (passage["document_id"], passage["citations"]) == (PAGE, found["citations"])
    assert passage["references"] == ask(client, question=MEDIAN, k=1)["references"]
    assert all(passage["start"] <= each["start"] < each["end"] <= passage["end"] for each in passage["sentences"])


# Health, descriptions and pages


def test_health(client: Client, embedded_store: Path) -> None:
    """The service lives, and is ready with the snapshot that its store publishes."""
    assert client.get("/health/live").json() == {"status": "live"}
    snapshot = (embedded_store / "CURRENT").read_text("utf-8").strip()
    assert client.get("/health/ready").json() == {"status": "ready", "snapshot": snapshot}


def test_every_body_of_the_description_is_taken(embedded_store: Path, tmp_path: Path) -> None:
    """Each route that takes a body shows one in the description of the API, and takes it."""
    store = copied(embedded_store, tmp_path / "store")
    key = KeyFile(store.root).create("all", ["ask", "admin"], ()).words
    with TestClient(create_app(Settings(store=store.root))) as client:
        client.headers.update({"authorization": f"Bearer {key}", "accept": "application/json, text/event-stream"})
        paths = client.get("/docs/openapi.json").json()["paths"]
        taking = {path: route["post"] for path, route in paths.items() if "requestBody" in route.get("post", {})}
        assert len(taking) == 10
        for path, operation in sorted(taking.items()):
            body = operation["requestBody"]["content"]["application/json"]["example"]
            response = client.post(path.replace("{store_id}", "loccit"), json=body)
            # The page is withdrawn on the way, and those that are asked afterwards say so.
            assert response.status_code in {200, 201, 204}, (path, response.text)


def test_description_of_the_api(client: Client) -> None:
    """The OpenAPI document describes every endpoint, and the bounds of a question."""
    response = client.get("/docs/openapi.json")
    assert response.status_code == 200
    description = response.json()
    assert description["openapi"].startswith("3.1")
    assert set(description["paths"]) == {
        "/v1/ask",
        "/v1/ask/batch",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/documents/{document_id}/text",
        "/v1/documents/{document_id}/markers",
        "/v1/documents/{document_id}/blocks",
        "/v1/documents/{document_id}/passages",
        "/v1/documents/{document_id}/references",
        "/v1/passages/{passage_id}",
        "/v1/feedback",
        "/v1/admin/feedback",
        "/v1/admin/refresh",
        "/v1/admin/unanswered",
        "/v1/admin/withdrawals",
        "/v1/admin/withdrawals/{document_id}",
        "/v1/locate",
        "/v1/passages/{passage_id}/quotation",
        "/v1/works",
        "/v1/works/{work_id}",
        "/mcp",
        "/v1/vector_stores/{store_id}/search",
        "/dify/retrieval",
        "/deep-chat",
        "/openwebui/search",
        "/health/live",
        "/health/ready",
        "/metrics",
    }
    request = description["components"]["schemas"]["AskRequest"]["properties"]
    assert (request["question"]["minLength"], request["question"]["maxLength"]) == (1, 1000)
    assert (request["k"]["minimum"], request["k"]["maximum"], request["k"]["default"]) == (1, 50, 5)
    assert all(
        method["summary"] and method["description"]
        for path in description["paths"].values()
        for method in path.values()
    )


@pytest.mark.parametrize("page", ["/docs", "/"])
def test_pages_load_nothing_from_elsewhere(client: Client, page: str) -> None:
    """Every script, style and picture of a page comes from the service itself, and is there."""
    response = client.get(page)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    loaded = re.findall(r"""<(?:script|link|img|iframe)[^>]*?\b(?:src|href)=["']([^"']+)""", response.text)
    assert loaded
    for address in loaded:
        if not address.startswith("data:"):
            assert not re.match(r"(?:https?:)?//", address), address
            assert client.get(address).status_code == 200, address
    assert not re.search(r"""(?:@import|url\(|fetch\()\s*["']?(?:https?:)?//""", response.text)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/widget/v1.js", "text/javascript"),
        ("/swagger-ui/swagger-ui.css", "text/css"),
        ("/swagger-ui/swagger-ui-bundle.js", "text/javascript"),
    ],
)
def test_static_files(client: Client, address: str, kind: str) -> None:
    """Static files are served with their type."""
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)
    assert len(response.content) > 100


# Other origins


@pytest.fixture(scope="module")
def open_client(embedded_store: Path) -> Iterator[Client]:
    """A client of a service that one other origin may ask."""
    settings = Settings(store=embedded_store, allow_origins=("https://wiki.example",))
    with TestClient(create_app(settings)) as client:
        yield client


def preflight(client: Client, origin: str) -> Any:
    """The answer to a browser that asks whether a page of an origin may post JSON."""
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    return client.options("/v1/ask", headers=headers)


def test_allowed_origin_may_ask(open_client: Client) -> None:
    """A page of an origin allowed may post, and read answers and problems."""
    allowed = preflight(open_client, "https://wiki.example")
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "https://wiki.example"
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert "content-type" in allowed.headers["access-control-allow-headers"].lower()
    for body in ({"question": MEDIAN}, {}):
        response = open_client.post("/v1/ask", json=body, headers={"origin": "https://wiki.example"})
        assert response.headers["access-control-allow-origin"] == "https://wiki.example"
        assert "Origin" in response.headers["vary"].split(", ")


@pytest.mark.parametrize(
    "origin", ["https://other.example", "http://wiki.example", "https://wiki.example.evil.example", "null"]
)
def test_other_origins_may_not(open_client: Client, origin: str) -> None:
    """A page of any other origin, however similar, is not allowed to read anything."""
    assert "access-control-allow-origin" not in preflight(open_client, origin).headers
    response = open_client.post("/v1/ask", json={"question": MEDIAN}, headers={"origin": origin})
    assert "access-control-allow-origin" not in response.headers


def test_no_origin_may_by_default(client: Client) -> None:
    """Without the setting, no other origin is allowed."""
    assert "access-control-allow-origin" not in preflight(client, "https://wiki.example").headers
    response = client.get("/health/live", headers={"origin": "https://wiki.example"})
    assert "access-control-allow-origin" not in response.headers
