"""What each product may ask besides, and how it is told what is wrong, by its own client where it has one."""

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import openai
import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException, TooManyRequestsException
from litestar.testing import TestClient
from mcp import Client, MCPError
from mcp_types import CallToolResult, TextContent

from index import Query, Searcher, Snapshot, Store
from service.problems import problems_plugin
from service.projections.deep_chat import deep_chat_router
from service.projections.dify import dify_router
from service.projections.openai import attributes, openai_router
from service.projections.provenance import CitedWork, Match, matches
from service.projections.wording import in_text
from tests.loops import run
from tests.servers import Server, serving

SURVIVAL = "What was the median survival after palliative surgery?"
PENICILLIN = "Who discovered penicillin?"
PAGE = "cervical_spinal_metastases"
HEADING = "Palliative surgery in 24 patients"
ORIGIN = "https://wiki.example.org"
OF_2017 = {"pmid:28638950", "pmid:28760030"}
"""The works of that year which the page cites."""


@pytest.fixture(scope="module")
def server(embedded_store: Path) -> Iterator[Server]:
    """The service for the embedded page; pages of one other origin may ask."""
    with serving(embedded_store, environment={"LOCCIT_ALLOW_ORIGINS": ORIGIN}) as server:
        yield server


@pytest.fixture(scope="module")
def searcher(embedded_store: Path) -> Searcher:
    """The searcher of the embedded page."""
    return Searcher(Snapshot.open(Store(embedded_store)))


@pytest.fixture(scope="module")
def store(server: Server) -> Iterator[openai.OpenAI]:
    """OpenAI's client."""
    with openai.OpenAI(base_url=f"{server.address}/v1", api_key="none", max_retries=0) as client:
        yield client


def match_of(searcher: Searcher, **changes: Any) -> Match:
    """The best match, with some of its provenance changed."""
    (answer,) = searcher.search([Query(question=SURVIVAL)])
    best = matches(answer)[0]
    return msgspec.structs.replace(best, provenance=msgspec.structs.replace(best.provenance, **changes))


def work(number: int, **fields: Any) -> CitedWork:
    """A work that is cited by some number."""
    values = {"text": "A note.", "year": None, "doi": None, "pmid": None, "pmcid": None, **fields}
    return CitedWork(number=number, basis="marked", reference=f"text:{number:012}", **values)


# The Model Context Protocol


def with_tools(address: str, use: Callable[[Client], Awaitable[Any]]) -> Any:
    """What is done with a client that is connected."""

    async def used() -> Any:
        async with Client(f"{address}/mcp") as client:
            return await use(client)

    return run(used())


def text_of(result: CallToolResult) -> str:
    """The one text of a result."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_tools_are_described(server: Server) -> None:
    """Each tool only reads, says so, and declares what it takes and gives as an object."""
    tools = with_tools(server.address, lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == ["search", "fetch", "ask"]
    for tool in tools:
        assert tool.annotations.read_only_hint is True
        assert tool.input_schema["type"] == tool.output_schema["type"] == "object"
    search, fetch, ask = tools
    assert (search.input_schema["required"], fetch.input_schema["required"]) == (["query"], ["id"])
    assert list(fetch.output_schema["properties"]) == ["id", "title", "text", "url", "metadata"]
    assert "passages" in ask.output_schema["required"]


@pytest.mark.parametrize(("tool", "arguments"), [("search", {"query": SURVIVAL}), ("ask", {"question": SURVIVAL})])
def test_structured_content_is_the_text(server: Server, tool: str, arguments: dict[str, str]) -> None:
    """The text of a result is the same JSON as its structured content, which the client holds against the schema."""
    result = with_tools(server.address, lambda client: client.call_tool(tool, arguments))
    assert result.is_error is False
    assert json.loads(text_of(result)) == result.structured_content


def test_ask_gives_the_answer(server: Server) -> None:
    """The tool `ask` gives what `/v1/ask` gives, and takes the same filters."""
    body = {"question": SURVIVAL, "k": 2, "headings": [HEADING]}
    given = with_tools(server.address, lambda client: client.call_tool("ask", body)).structured_content
    posted = httpx.post(f"{server.address}/v1/ask", json=body).json()
    assert {**given, "took_ms": 0} == {**posted, "took_ms": 0}
    nothing = with_tools(server.address, lambda client: client.call_tool("ask", {"question": PENICILLIN}))
    assert (nothing.structured_content["status"], nothing.structured_content["passages"]) == ("no_match", [])


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("search", {"query": ""}, "length >= 1"),
        ("search", {}, "missing required field `query`"),
        ("fetch", {"id": "no-such"}, "There is no passage 'no-such'. Take an id that `search` gives."),
        ("ask", {"question": SURVIVAL, "headings": ["Nonsense"]}, "No passage has 'Nonsense'."),
        ("ask", {"question": SURVIVAL, "depth": 3}, "unknown field `depth`"),
    ],
)
def test_a_model_is_told_what_is_wrong(server: Server, tool: str, arguments: dict[str, Any], words: str) -> None:
    """A call that cannot be answered gives an error that the model reads, and which tells how to mend it."""
    result = with_tools(server.address, lambda client: client.call_tool(tool, arguments))
    assert result.is_error is True
    assert words in text_of(result)


def test_an_unknown_tool_is_an_error_of_the_protocol(server: Server) -> None:
    """A tool that there is not is told with those that there are."""

    async def call(client: Client) -> None:
        with pytest.raises(MCPError, match="There are search, fetch, ask"):
            await client.call_tool("delete", {})

    with_tools(server.address, call)


@pytest.mark.parametrize(
    ("origin", "status"),
    [(ORIGIN, 200), (None, 200), ("https://evil.example", 403), (f"{ORIGIN}.evil.example", 403), ("null", 403)],
)
def test_pages_of_other_origins_may_not_speak(server: Server, origin: str | None, status: int) -> None:
    """A request with an Origin that is not allowed is refused, as the protocol asks, whatever its Host."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"accept": "application/json, text/event-stream", **({"origin": origin} if origin else {})}
    assert httpx.post(f"{server.address}/mcp", json=body, headers=headers).status_code == status


def test_there_is_no_session(server: Server) -> None:
    """No session begins, and nothing can be listened for: each request stands alone."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    body["params"] = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    reply = httpx.post(f"{server.address}/mcp", json=body, headers={"accept": "application/json, text/event-stream"})
    assert reply.json()["result"]["protocolVersion"] == "2025-06-18"
    assert "mcp-session-id" not in reply.headers
    assert httpx.get(f"{server.address}/mcp").status_code == 405
    assert httpx.delete(f"{server.address}/mcp").status_code == 405


def test_a_message_that_is_no_json_is_refused(server: Server) -> None:
    """Without the media type of JSON, or without JSON, a message is an error that says so."""
    told = httpx.post(f"{server.address}/mcp", content=b"{}", headers={"content-type": "text/plain"})
    assert (told.status_code, told.json()["errors"][0]["field"]) == (400, "body")
    told = httpx.post(f"{server.address}/mcp", content=b"{", headers={"content-type": "application/json"})
    assert (told.status_code, told.json()["error"]["code"]) == (400, -32700)


def test_the_protocol_is_imported_when_it_is_spoken() -> None:
    """A service that nobody speaks MCP with does not wait for the SDK when it starts, nor for pydantic."""
    told = "import sys; from service.app import create_app; create_app(); print({'mcp', 'pydantic'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_large_message_is_refused(server: Server) -> None:
    """A message beyond 256 KiB is refused before it is read as one."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"x": "x" * 300_000}}
    assert httpx.post(f"{server.address}/mcp", json=body).status_code == 413


# OpenAI


def ids(found: Any) -> list[str]:
    """The ids of the passages found."""
    return [result.attributes["passage_id"] for result in found.data]


def test_results_are_parsed(store: openai.OpenAI) -> None:
    """The client finds words, score, file and attributes where it looks for them."""
    found = store.vector_stores.search("loccit", query=SURVIVAL, max_num_results=1)
    (result,) = found.data
    assert (result.file_id, result.filename) == (PAGE, "Cervical spinal metastases")
    assert result.content[0].text.startswith("When last followed up, three patients")
    assert 0.5 < result.score < 1
    assert found.has_next_page() is False


@pytest.mark.parametrize(
    ("filters", "documents", "left"),
    [
        ({"type": "eq", "key": "year", "value": 2017}, None, OF_2017),
        ({"type": "in", "key": "document_id", "value": [PAGE]}, {PAGE}, None),
        (
            {
                "type": "and",
                "filters": [
                    {"type": "gte", "key": "year", "value": 2016},
                    {"type": "lt", "key": "year", "value": 2018},
                ],
            },
            None,
            OF_2017,
        ),
        (
            {
                "type": "or",
                "filters": [
                    {"type": "eq", "key": "heading", "value": HEADING},
                    {"type": "eq", "key": "heading", "value": HEADING.upper()},
                ],
            },
            {PAGE},
            {"pmid:28638950"},
        ),
    ],
)
def test_filters_leave_what_they_say(
    store: openai.OpenAI, filters: Any, documents: set[str] | None, left: set[str] | None
) -> None:
    """Filters by document, year and heading leave passages of those alone."""
    found = store.vector_stores.search("loccit", query=SURVIVAL, filters=filters, max_num_results=50)
    assert found.data
    if documents is not None:
        assert {result.file_id for result in found.data} == documents
    if left is not None:
        assert {
            reference for each in found.data for reference in str((each.attributes or {})["references"]).split()
        } == left


def test_several_questions_at_once(store: openai.OpenAI) -> None:
    """Each passage is given once, the surest first; a question without an answer adds nothing."""
    other = "How much cement was injected in vertebroplasty?"
    both = store.vector_stores.search("loccit", query=[SURVIVAL, PENICILLIN, other], max_num_results=6)
    alone = [store.vector_stores.search("loccit", query=each, max_num_results=6) for each in (SURVIVAL, other)]
    scores = [result.score for result in both.data]
    assert scores == sorted(scores, reverse=True)
    assert len(set(ids(both))) == len(both.data) == 6
    assert set(ids(both)) <= set(ids(alone[0])) | set(ids(alone[1]))
    assert both.data[0].score == max(result.score for each in alone for result in each.data)


def test_threshold_is_a_probability(store: openai.OpenAI) -> None:
    """Only passages of at least that confidence are given; none where none has it."""
    surer = store.vector_stores.search("loccit", query=SURVIVAL, ranking_options={"score_threshold": 0.5})
    assert [result.score >= 0.5 for result in surer.data] == [True]
    surest = store.vector_stores.search("loccit", query=SURVIVAL, ranking_options={"score_threshold": 0.99})
    assert surest.data == []


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"query": ""}, "query", "length >= 1"),
        ({"query": []}, "query", "length >= 1"),
        ({"query": SURVIVAL, "max_num_results": 51}, "max_num_results", "<= 50"),
        ({"query": SURVIVAL, "ranking_options": {"score_threshold": 2}}, "ranking_options.score_threshold", "<= 1.0"),
        ({"query": SURVIVAL, "filters": {"type": "ne", "key": "year", "value": 2017}}, "filters", "filtered by ne"),
        ({"query": SURVIVAL, "filters": {"type": "eq", "key": "author", "value": "X"}}, "filters", "document_id"),
        ({"query": SURVIVAL, "filters": {"type": "eq", "key": "heading", "value": "X"}}, "filters", "No passage has"),
        ({"query": "spondylodiscitis " * 55}, "query", "word pieces"),
    ],
)
def test_openai_is_told_what_is_wrong(store: openai.OpenAI, body: dict[str, Any], param: str, words: str) -> None:
    """A request that cannot be answered exactly is an error of the client's own kind, with the parameter's name."""
    with pytest.raises(openai.BadRequestError) as raised:
        store.vector_stores.search("loccit", **body)
    assert (raised.value.param, raised.value.type) == (param, "invalid_request_error")
    assert words in str(raised.value)


def test_an_unknown_store_is_not_found(store: openai.OpenAI) -> None:
    """There is one store."""
    with pytest.raises(openai.NotFoundError, match="There is no vector store 'vs_1'"):
        store.vector_stores.search("vs_1", query=SURVIVAL)


def test_attributes_keep_their_bounds(searcher: Searcher) -> None:
    """At most 16 attributes of at most 512 characters, whatever a passage cites; what is cited is counted whole."""
    many = tuple(work(number, doi=f"10.1000/{number:040}") for number in range(60))
    given = attributes(match_of(searcher, citations=many, headings=("x" * 600,), link="https://e.org/#" + "x" * 600))
    assert len(given) <= 16
    assert all(len(name) <= 64 and len(str(value)) <= 512 for name, value in given.items())
    assert given["citations"] == 60
    listed = {name: str(given[name]).split() for name in ("numbers", "bases", "references", "dois", "pmids")}
    assert {len(values) for values in listed.values()} == {10}
    assert (listed["numbers"][9], listed["pmids"][9]) == ("9", "-")
    assert "link" not in given


def test_attributes_without_citations(searcher: Searcher) -> None:
    """A passage that cites nothing has no lists, and says so; its link is given."""
    given = attributes(match_of(searcher, citations=(), link="https://e.org/p#:~:text=a"))
    assert given["citations"] == 0
    assert "numbers" not in given
    assert given["link"] == "https://e.org/p#:~:text=a"


# Dify


def retrieve(server: Server, **body: Any) -> httpx.Response:
    """What Dify gets."""
    whole = {"knowledge_id": "loccit", "query": SURVIVAL, "retrieval_setting": {"top_k": 50, "score_threshold": 0}}
    return httpx.post(f"{server.address}/dify/retrieval", json={**whole, **body})


def test_records(server: Server) -> None:
    """A record has the words, the title and a score from 0 to 1, and never metadata that is null."""
    (record,) = retrieve(server, retrieval_setting={"top_k": 1, "score_threshold": 0.0}).json()["records"]
    assert record["content"].startswith("When last followed up, three patients")
    assert (record["title"], record["metadata"]["document_id"]) == ("Cervical spinal metastases", PAGE)
    assert 0.5 < record["score"] < 1
    assert record["metadata"]["citations"][0]["text"].startswith("Vazifehdan F")


def test_dify_threshold(server: Server) -> None:
    """The threshold asks for passages of that confidence."""
    scores = [
        r["score"] for r in retrieve(server, retrieval_setting={"top_k": 5, "score_threshold": 0.5}).json()["records"]
    ]
    assert [score >= 0.5 for score in scores] == [True]
    assert retrieve(server, retrieval_setting={"top_k": 5, "score_threshold": 0.99}).json() == {"records": []}
    assert len(retrieve(server, retrieval_setting={"top_k": None, "score_threshold": None}).json()["records"]) == 5


def condition(name: str, operator: str, value: Any = None) -> dict[str, Any]:
    """A condition of Dify's."""
    return {"name": name, "comparison_operator": operator, "value": value}


@pytest.mark.parametrize(
    ("logical", "conditions", "references"),
    [
        ("and", [condition("year", "=", 2017)], OF_2017),
        ("and", [condition("year", "≥", "2017"), condition("year", "<", 2018)], OF_2017),
        (
            "or",
            [condition("heading", "is", HEADING), condition("heading", "in", f"{HEADING},{HEADING}")],
            {"pmid:28638950"},
        ),
        (None, [condition("document_id", "in", [PAGE]), condition("heading", "is", HEADING)], {"pmid:28638950"}),
    ],
)
def test_conditions(server: Server, logical: str | None, conditions: list[Any], references: set[str]) -> None:
    """Conditions that a filter answers exactly leave what they say."""
    records = retrieve(server, metadata_condition={"logical_operator": logical, "conditions": conditions}).json()[
        "records"
    ]
    assert records
    assert {each["reference"] for record in records for each in record["metadata"]["citations"]} == references


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"knowledge_id": "other"}, 404, 2001, "There is no knowledge 'other'"),
        ({"query": ""}, 400, 400, "length >= 1"),
        ({"retrieval_setting": {"top_k": 51, "score_threshold": 0}}, 400, 400, "<= 50"),
        ({"metadata_condition": {"conditions": [condition("year", "before", 2017)]}}, 400, 400, "answered exactly"),
        ({"metadata_condition": {"conditions": [condition("author", "is", "X")]}}, 400, 400, "document_id"),
        ({"metadata_condition": {"conditions": [condition("year", "=", "MMXVII")]}}, 400, 400, "no year"),
    ],
)
def test_dify_is_told_what_is_wrong(server: Server, body: dict[str, Any], status: int, code: int, words: str) -> None:
    """An error has Dify's code and message."""
    reply = retrieve(server, **body)
    assert reply.status_code == status
    assert list(reply.json()) == ["error_code", "error_msg"]
    assert reply.json()["error_code"] == code
    assert words in reply.json()["error_msg"]


def test_dify_can_register(server: Server) -> None:
    """The empty POST with which Dify tries an endpoint gets none of the statuses that it takes for a failure."""
    reply = httpx.post(f"{server.address}/dify/retrieval", headers={"authorization": "Bearer none"})
    assert reply.status_code == 400
    assert "Send a JSON object such as" in reply.json()["error_msg"]


# Open WebUI and text


def test_results_of_a_search(server: Server) -> None:
    """A result has a link, a title and the words, with their references below."""
    (result,) = httpx.post(f"{server.address}/openwebui/search", json={"query": SURVIVAL, "count": 1}).json()
    assert list(result) == ["link", "title", "snippet"]
    assert result["title"] == f"Cervical spinal metastases · {HEADING}"
    passage = httpx.get(result["link"]).json()
    words, told = result["snippet"].split("\n\n")
    assert words == passage["text"]
    assert told.splitlines()[0] == f"From: Cervical spinal metastases · {HEADING}"
    assert told.splitlines()[3].startswith("[3] probably from: Vazifehdan F")
    assert told.endswith("PubMed PMID: 28638950.")


def test_text_of_a_passage_without_support(searcher: Searcher) -> None:
    """That there is no reference is said, and the date of the page where it is known."""
    lines = in_text(match_of(searcher, citations=(), modified="2025-05-13", lead=None)).splitlines()
    assert lines[2] == f"From: Cervical spinal metastases · {HEADING}, revised 2025-05-13"
    assert lines[-1] == "No reference in the source."


def test_address_is_that_of_the_document(searcher: Searcher) -> None:
    """A passage is linked at its place in its document where that has an address, else as the service has it."""
    source = match_of(searcher).provenance
    assert source.address("http://here:8000/") == f"http://here:8000/v1/passages/{source.passage_id}"
    linked = msgspec.structs.replace(source, link="https://wiki.example.org/p#:~:text=a")
    assert linked.address("http://here:8000/") == "https://wiki.example.org/p#:~:text=a"


# What they share


def test_score_is_from_0_to_1_without_calibration(searcher: Searcher) -> None:
    """Where no confidence is known, the score of both legs stands for it, brought between 0 and 1."""
    (answer,) = searcher.search([Query(question=SURVIVAL)])
    passages = tuple(msgspec.structs.replace(each, confidence=None) for each in answer.passages)
    found = matches(msgspec.structs.replace(answer, passages=passages))
    assert [match.score for match in found] == [round(each.score / (1 + each.score), 6) for each in answer.passages]
    assert 0 < found[-1].score < found[0].score <= 1


REFUSALS = {
    "no key": (NotAuthorizedException("A key is needed."), {}),
    "wrong key": (NotAuthorizedException("The key is wrong."), {"authorization": "Bearer wrong"}),
    "forbidden": (PermissionDeniedException("The key may not ask."), {"authorization": "Bearer other"}),
    "too many": (TooManyRequestsException("Wait.", headers={"Retry-After": "7"}), {}),
    "inside": (ValueError("secret"), {}),
}


@pytest.mark.parametrize(
    ("refusal", "dify", "open_ai", "status"),
    [
        ("no key", (403, 1001), "authentication_error", 401),
        ("wrong key", (403, 1002), "authentication_error", 401),
        ("forbidden", (403, 1002), "permission_error", 403),
        ("too many", (429, 429), "rate_limit_error", 429),
        ("inside", (500, 500), "server_error", 500),
    ],
)
def test_refusals_before_a_handler(refusal: str, dify: tuple[int, int], open_ai: str, status: int) -> None:
    """What access control and limits refuse is told in the product's own shape too, with its headers."""
    error, headers = REFUSALS[refusal]

    def guard(*_: object) -> None:
        raise error

    routers = [dify_router(), openai_router(), deep_chat_router()]
    given = {name: Provide(lambda: None, sync_to_thread=False) for name in ("searcher", "recorder")}
    app = Litestar([*routers], plugins=[problems_plugin()], guards=[guard], dependencies=given)
    with TestClient(app, raise_server_exceptions=False) as client:
        told = client.post("/dify/retrieval", json={}, headers=headers)
        assert (told.status_code, told.json()["error_code"]) == dify
        told = client.post("/v1/vector_stores/loccit/search", json={}, headers=headers)
        assert (told.status_code, told.json()["error"]["type"]) == (status, open_ai)
        assert told.headers.get("retry-after") == ("7" if refusal == "too many" else None)
        told = client.post("/deep-chat", json={}, headers=headers)
        assert (told.status_code, list(told.json())) == (status, ["error"])
        assert "secret" not in told.text
        assert told.headers["content-type"] == "application/json"
