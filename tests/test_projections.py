"""From every projection a client gets back to the source, and where nothing is found, it is told so.

A real server, and each product's own client: `mcp`, `openai`, deep-chat in a browser. Dify and Open WebUI have no
client apart from themselves; they are asked as their sources ask.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import openai
import pytest
from mcp import Client

from tests.loops import run
from tests.servers import Server, serving

SURVIVAL = "What was the median survival after palliative surgery?"
PENICILLIN = "Who discovered penicillin?"


class Traced(NamedTuple):
    """What a client knows of a passage: its id and span, and the number, DOI and PMID of each work that it cites."""

    passage: str
    document: str
    start: int
    end: int
    works: tuple[tuple[int, str | None, str | None], ...]


Projection = Callable[[str, str], list[Traced]]
"""Asks the service at an address a question, as a product does."""


@pytest.fixture(scope="module")
def server(embedded_store: Path) -> Iterator[Server]:
    """The service for the embedded page."""
    with serving(embedded_store) as server:
        yield server


def traced(metadata: Any) -> Traced:
    """The provenance that several products carry as it is."""
    works = tuple((each["number"], each["doi"], each["pmid"]) for each in metadata["citations"])
    return Traced(metadata["passage_id"], metadata["document_id"], metadata["start"], metadata["end"], works)


def by_mcp(mode: str) -> Projection:
    """`search`, then one `fetch` for each result; in the protocol's handshake or without one."""

    def ask(address: str, question: str) -> list[Traced]:
        async def asked() -> list[Traced]:
            async with Client(f"{address}/mcp", mode=mode) as client:
                found = await client.call_tool("search", {"query": question})
                ids = [hit["id"] for hit in found.structured_content["results"]][:3]
                fetched = [await client.call_tool("fetch", {"id": each}) for each in ids]
                return [traced(each.structured_content["metadata"]) for each in fetched]

        return run(asked())

    return ask


def known(value: str) -> str | None:
    """What stands in a list, unless it is the sign for what is not known."""
    return None if value == "-" else value


def by_openai(address: str, question: str) -> list[Traced]:
    """The attributes of each result."""
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none") as client:
        page = client.vector_stores.search("loccit", query=question, max_num_results=3)
    found = []
    for result in page.data:
        given = result.attributes or {}
        lists = [[known(each) for each in str(given[name]).split()] for name in ("numbers", "dois", "pmids")]
        works = tuple((int(number or 0), doi, pmid) for number, doi, pmid in zip(*lists, strict=True))
        assert len(works) == given["citations"]
        passage, document = str(given["passage_id"]), str(given["document_id"])
        found.append(Traced(passage, document, int(given["start"]), int(given["end"]), works))
    return found


def by_dify(address: str, question: str) -> list[Traced]:
    """The metadata of each record."""
    body = {
        "retrieval_setting": {"top_k": 3, "score_threshold": 0.0},
        "query": question,
        "knowledge_id": "loccit",
        "metadata_condition": None,
    }
    reply = httpx.post(f"{address}/dify/retrieval", content=json.dumps(body), headers={"content-type": JSON})
    assert reply.status_code == 200, reply.text
    return [traced(record["metadata"]) for record in reply.json()["records"]]


def by_deep_chat(address: str, question: str) -> list[Traced]:
    """What a reply carries for scripts; the component keeps it, as `test_deep_chat.py` shows."""
    body = {"messages": [{"role": "user", "text": question}], "k": 3}
    return [traced(each) for each in httpx.post(f"{address}/deep-chat", json=body).json()["custom"]["passages"]]


def by_open_webui(address: str, question: str) -> list[Traced]:
    """The passage's id in the snippet, and one fetch of that passage."""
    results = httpx.post(f"{address}/openwebui/search", json={"query": question, "count": 3}).json()
    return [
        by_fetch(address, match[1]) for each in results if (match := re.search(SNIPPET, each["snippet"], re.MULTILINE))
    ]


def by_fetch(address: str, passage_id: str) -> Traced:
    """A passage that is fetched by its id alone."""
    found = httpx.get(f"{address}/v1/passages/{passage_id}").json()
    works = {each["id"]: each for each in found["references"]}
    cited = ((each["number"], works[each["reference"]]) for each in found["citations"])
    named = tuple((number, work["doi"], work["pmid"]) for number, work in cited)
    return Traced(found["id"], found["document_id"], found["start"], found["end"], named)


JSON = "application/json"
SNIPPET = r"^Passage: (\S+), characters \d+ to \d+$"
PROJECTIONS: dict[str, Projection] = {
    "mcp": by_mcp("auto"),
    "mcp with handshake": by_mcp("legacy"),
    "openai": by_openai,
    "dify": by_dify,
    "deep-chat": by_deep_chat,
    "open webui": by_open_webui,
}


@pytest.fixture(scope="module")
def expected(server: Server) -> list[Traced]:
    """What the service's own answer says, which all projections must lead back to."""
    answer = httpx.post(f"{server.address}/v1/ask", json={"question": SURVIVAL, "k": 3}).json()
    works = {reference["id"]: reference for reference in answer["references"]}
    return [
        Traced(
            passage["id"],
            passage["document"]["id"],
            passage["anchor"]["start"],
            passage["anchor"]["end"],
            tuple(
                (each["number"], works[each["reference"]]["doi"], works[each["reference"]]["pmid"])
                for each in passage["citations"]
            ),
        )
        for passage in answer["passages"]
    ]


@pytest.mark.parametrize("ask", PROJECTIONS.values(), ids=PROJECTIONS)
def test_every_projection_leads_back(ask: Projection, server: Server, expected: list[Traced]) -> None:
    """A client gets back to passage, document, span, numbers, DOIs and PMIDs, in the order of the answer."""
    assert ask(server.address, SURVIVAL) == expected
    assert expected[0].works == ((3, "10.1007/s00590-017-2002-0", "28638950"),)


@pytest.mark.parametrize("ask", PROJECTIONS.values(), ids=PROJECTIONS)
def test_nothing_found_is_nothing_given(ask: Projection, server: Server) -> None:
    """A question that the source does not answer gets no result, and never the nearest miss."""
    assert ask(server.address, PENICILLIN) == []


def test_every_example_of_the_description_works(server: Server) -> None:
    """Each route for other products shows a body in the description of the API, and takes it."""
    description = httpx.get(f"{server.address}/docs/openapi.json").json()
    shown = {
        path: route["post"]["requestBody"]["content"]["application/json"]["example"]
        for path, route in description["paths"].items()
        if "Other products" in route.get("post", {}).get("tags", [])
    }
    assert len(shown) == 5
    for path, body in shown.items():
        address = server.address + path.replace("{store_id}", "loccit")
        reply = httpx.post(address, json=body, headers={"accept": f"{JSON}, text/event-stream"})
        assert reply.status_code == 200, reply.text
        assert len(reply.text) > 300
