"""Anchors found again over HTTP and at the command line, older snapshots of the store included."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index import Store
from index.build import build_snapshot
from index.records import open_records
from service import Settings, create_app
from service.command import main
from tests.stores import copied, read_pages

NOTE = "((Alpha A. First. 2001. PMID: 11.))"
FIRST = "Pain eased in most of the patients after the operation."
SECOND = "Median survival was nine months, and longer after radiotherapy of the spine"
OLD = f"====== Page ======\n\n{FIRST}\n\n{SECOND}{NOTE}.\n\nNobody knows why the third group did so much worse."
BEFORE = "Before all stands the median ((New N. Newer. 2009. PMID: 12.))."
NEW = f"====== Page ======\n\n{BEFORE}\n\n{SECOND}{NOTE}.\n\nPain eased in some of the patients."
AGAIN = "All authors read the page and approved of it."
TWICE = f"====== Twice ======\n\n{AGAIN}\n\nOther words.\n\n{AGAIN}"

Client = TestClient[Litestar]


@pytest.fixture(scope="module")
def store(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store whose published snapshot has an edited page, and whose older ones have what it was before."""
    folder = tmp_path_factory.mktemp("locating")
    store = copied(embedded_store, folder / "store")
    build_snapshot(read_pages(folder / "old", page=OLD, twice=TWICE), store)
    build_snapshot(read_pages(folder / "new", page=NEW, twice=TWICE), store)
    return store


@pytest.fixture(scope="module")
def client(store: Store) -> Iterator[Client]:
    """A client of the service for that store."""
    with TestClient(create_app(Settings(store=store.root)), raise_server_exceptions=False) as client:
        yield client


def bodies(folder: Path, table: str) -> list[Any]:
    """The records in a table of a snapshot."""
    with closing(open_records(folder / "records.db")) as connection:
        return [json.loads(body) for (body,) in connection.execute(f"SELECT body FROM {table}")]  # noqa: S608


def older_passage(store: Store, words: str) -> Any:
    """The passage of a snapshot that is no longer published, by how it begins."""
    published = store.pointer.read_text("utf-8").strip()
    for folder in store.snapshots.iterdir():
        for passage in bodies(folder, "passages") if folder.name != published else []:
            if passage["text"].startswith(words):
                return passage
    raise LookupError(words)


def locate(client: Client, **body: Any) -> Any:
    """What is answered to a request that is in order."""
    response = client.post("/v1/locate", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_fields_stand_as_designed(client: Client) -> None:
    """The body has its fields in their order, and passages with what they cite."""
    found = locate(client, anchor={"exact": SECOND})
    assert " ".join(found) == ("verdict reason snapshot document span anchor passages similarity diff candidates")
    assert (found["verdict"], found["document"], found["similarity"]) == ("unchanged", "page", 1.0)
    text = client.get("/v1/documents/page/text").text
    assert text[found["span"]["start"] : found["span"]["end"]] == SECOND
    assert [[each["reference"] for each in passage["citations"]] for passage in found["passages"]] == [["pmid:11"]]


def test_anchor_of_an_answer_is_unchanged(client: Client) -> None:
    """The anchor that an answer gives is found again where it is."""
    answer = client.post("/v1/ask", json={"question": "median survival", "min_confidence": 0}).json()
    for passage in answer["passages"]:
        found = locate(client, anchor=passage["anchor"])
        assert (found["verdict"], found["anchor"]) == ("unchanged", passage["anchor"])
        assert passage["id"] in [each["id"] for each in found["passages"]]


def test_id_of_an_older_snapshot(client: Client, store: Store) -> None:
    """A passage that only moved keeps id and works; one that was changed is known by its older words."""
    kept = older_passage(store, SECOND)
    moved = locate(client, passage=kept["id"])
    assert (moved["verdict"], [each["id"] for each in moved["passages"]]) == ("moved", [kept["id"]])
    changed = locate(client, passage=older_passage(store, FIRST)["id"], document="page")
    assert (changed["verdict"], changed["anchor"]["exact"]) == ("changed", "Pain eased in some of the patients.")
    gone = locate(client, passage=older_passage(store, "Nobody knows")["id"])
    assert (gone["verdict"], gone["document"], gone["passages"]) == ("gone", None, [])


def test_anchor_of_an_older_snapshot(client: Client, store: Store) -> None:
    """An anchor whose text is known by its hash is looked for with all that stood around it."""
    old = older_passage(store, SECOND)
    for folder in store.snapshots.iterdir():
        for document in bodies(folder, "documents"):
            if document["text"][old["start"] : old["end"]] == old["text"]:
                anchor = {"sha256": document["sha256"], "start": old["start"], "end": old["end"], "exact": old["text"]}
                found = locate(client, anchor=anchor)
                assert (found["verdict"], found["document"]) == ("moved", "page")


def test_equal_passages_are_not_told_apart_by_their_id(client: Client) -> None:
    """An id only counts equal passages; where nothing else is known, the places are listed."""
    passages = client.get("/v1/documents/twice/passages").json()
    places = [passage["start"] for passage in passages if passage["text"] == AGAIN]
    quoted = locate(client, anchor={"exact": AGAIN})
    assert (quoted["verdict"], [each["span"]["start"] for each in quoted["candidates"]]) == ("ambiguous", places)


def test_id_that_counts_equal_passages(embedded_store: Path, tmp_path: Path) -> None:
    """Where no older snapshot tells which of two equal passages an id was given to, both are listed, its own first."""
    store = copied(embedded_store, tmp_path / "store")
    build_snapshot(read_pages(tmp_path / "pages", twice=TWICE), store)
    for folder in store.snapshots.iterdir():
        if folder.name != store.pointer.read_text("utf-8").strip():
            # What cannot be read of an older snapshot is passed over.
            (folder / "records.db").write_bytes(b'\xff{"id": 1}\n[]\n')
    with TestClient(create_app(Settings(store=store.root))) as client:
        first, second = (each for each in client.get("/v1/documents/twice/passages").json() if each["text"] == AGAIN)
        found = locate(client, passage=second["id"])
        assert (found["verdict"], found["document"]) == ("ambiguous", None)
        assert [each["span"]["start"] for each in found["candidates"]] == [second["start"], first["start"]]


def test_annotation_target(client: Client) -> None:
    """The target of a web annotation is an anchor: selectors, one or several, and the source."""
    quote = {"type": "TextQuoteSelector", "exact": SECOND.replace("nine", "eight")}
    found = locate(client, anchor={"source": "page", "selector": quote})
    assert (found["verdict"], found["document"]) == ("changed", "page")
    kinds = [(piece["kind"], piece["text"].strip()) for piece in found["diff"] if piece["kind"] != "equal"]
    assert kinds == [("delete", "eight"), ("insert", "nine")]
    position = {"type": "TextPositionSelector", "start": 0, "end": 9}
    both = locate(client, anchor={"selector": [position, {**quote, "exact": SECOND}]}, document="page")
    assert both["verdict"] == "moved"


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "passage", "either"),
        ({"passage": "a", "anchor": {"exact": "a"}}, "passage", "either"),
        ({"passage": "no-such"}, "passage", "its words are not known"),
        ({"passage": ""}, "passage", "length >= 1"),
        ({"anchor": {}}, "exact", "missing"),
        ({"anchor": {"exact": ""}}, "exact", "length >= 1"),
        ({"anchor": {"exact": " .,"}}, "exact", "holds no word"),
        ({"anchor": {"exact": "a" * 20_001}}, "exact", "length <= 20000"),
        ({"anchor": {"exact": "a", "prefix": "a" * 2_001}}, "prefix", "length <= 2000"),
        ({"anchor": {"exact": "a", "start": -1}}, "start", ">= 0"),
        ({"anchor": {"exact": "a", "start": 2**70}}, "start", "int"),
        ({"anchor": {"exact": "a", "page": 3}}, "page", "unknown field `page`"),
        ({"anchor": {"selector": {"type": "XPathSelector"}}}, "selector", "XPathSelector"),
        ({"anchor": {"selector": {"type": "TextPositionSelector", "start": 0, "end": 9}}}, "exact", "missing"),
        ({"passage": "a", "k": 5}, "k", "unknown field `k`"),
        ({"anchor": "words"}, "anchor", "Expected `object | null`"),
    ],
)
def test_bad_body(client: Client, body: object, field: str, words: str) -> None:
    """A body out of bounds, or one that names nothing known, is refused with 400, the field and the cure."""
    response = client.post("/v1/locate", json=body)
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert field in response.json()["errors"][0]["field"]
    assert words in response.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000], ids=lambda body: repr(body[:9]))
def test_malformed_body(client: Client, body: bytes) -> None:
    """A body that is no JSON is refused with one that this route takes, and with nothing of another's."""
    response = client.post("/v1/locate", content=body, headers={"content-type": "application/json"})
    (error,) = response.json()["errors"]
    assert (response.status_code, error["field"]) == (400, "body")
    assert error["message"].endswith('Send a JSON object such as {"anchor": {"exact": "the words that you quoted"}}.')
    assert "question" not in response.text
    assert client.post("/v1/locate", json={"anchor": {"exact": SECOND}}).status_code == 200


def test_what_goes_wrong_inside_is_told_of_no_other_route(store: Store) -> None:
    """The message of an error inside speaks of the request, whatever it asked for."""
    with TestClient(create_app(Settings(store=store.root)), raise_server_exceptions=False) as client:
        current = client.app.state.current
        client.app.state.current = None
        response = client.post("/v1/locate", json={"anchor": {"exact": SECOND}})
        client.app.state.current = current
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert response.json()["detail"] == "The request could not be answered. Try again later."


def test_the_description_says_that_words_are_enough(client: Client) -> None:
    """Whoever reads the description of the API sees the shortest request."""
    described = client.get("/docs/openapi.json").json()["paths"]["/v1/locate"]["post"]["description"]
    assert '{"anchor": {"exact": "the words that you quoted"}}' in described


def test_unknown_document_is_no_error(client: Client) -> None:
    """The page of an anchor may have been renamed since, so its id need not be known."""
    found = locate(client, anchor={"exact": SECOND}, document="old_name")
    assert (found["verdict"], found["document"]) == ("moved", "page")


# The command


def loccit(*arguments: object, given: str | None = None) -> Any:
    """The outcome of a command."""
    from click.testing import CliRunner

    return CliRunner().invoke(main, [str(each) for each in arguments], input=given, prog_name="loccit")


def test_changed_words_cite_their_own_paragraph(client: Client) -> None:
    """A word that ends the paragraph before is no reason to show what that one cites."""
    told = locate(client, anchor={"exact": "median survival was nine months, and longer"})
    assert (told["verdict"], told["anchor"]["exact"]) == ("changed", "Median survival was nine months, and longer")
    assert [each["reference"] for passage in told["passages"] for each in passage["citations"]] == ["pmid:11"]


def test_words_in_another_case_cite_what_their_passage_cites(client: Client) -> None:
    """They are shared, though the diff shows how they differ."""
    told = locate(client, anchor={"exact": SECOND.upper()})
    assert (told["verdict"], told["anchor"]["exact"]) == ("changed", SECOND)
    assert [each["reference"] for passage in told["passages"] for each in passage["citations"]] == ["pmid:11"]


def test_command_prints_the_body(client: Client, store: Store) -> None:
    """With --json the command prints what the service answers, and ends with 0 where the words stand."""
    told = loccit("locate", "--quote", SECOND, "--index", store.root, "--json")
    assert (told.exit_code, json.loads(told.stdout)) == (0, locate(client, anchor={"exact": SECOND}))
    anchor = {"exact": SECOND.replace("nine", "eight"), "start": 3, "end": 60}
    changed = loccit("locate", "--anchor", "-", "--index", store.root, "--json", given=json.dumps(anchor))
    assert (changed.exit_code, json.loads(changed.stdout)) == (1, locate(client, anchor=anchor))


def test_command_tells_a_reader(store: Store) -> None:
    """Without --json the verdict, the place, the words that differ, and passages with their works are told."""
    told = loccit("locate", "--quote", SECOND.replace("nine", "eight"), "--index", store.root).stdout.splitlines()
    assert told[0].startswith("changed: ")
    assert told[1].startswith("page ")
    assert {"- eight", "+ nine"} <= set(told)
    assert told[-1].endswith("pmid:11")


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        ((), "", "Name a PASSAGE_ID"),
        (("an-id", "--quote", "words"), "", "Name a PASSAGE_ID"),
        (("no-such",), "", "PASSAGE_ID: No snapshot of this store"),
        (("no-such",), "", "Look for the words themselves with --quote."),
        (("--quote", "a" * 20_001), "", "--quote: The quotation has 20,001 characters, the most is 20,000."),
        (("--quote", "..."), "", "--quote: The quotation holds no word. Give the words that are looked for."),
        (("--anchor", "-"), "{", "--anchor: This is no JSON."),
        (("--anchor", "-"), "words", "--anchor: This is no JSON."),
        (("--anchor", "-"), "{}", "--anchor: The words of the anchor are missing. Write them as `exact`."),
        (("--anchor", "-"), '{"exact": "..."}', "--anchor: The quotation holds no word."),
        (
            ("--anchor", "-"),
            '{"exact": "a", "start": "b"}',
            "At `start`: expected a whole number or nothing, got a text.",
        ),
        (("--anchor", "-"), '{"exact": "a", "page": 3}', "--anchor: Object contains unknown field `page`."),
        (("--anchor", "-"), "[]", "--anchor: Expected an object, got a list."),
    ],
)
def test_command_refuses(store: Store, arguments: tuple[str, ...], given: str, words: str) -> None:
    """Wrong usage ends with code 2 and a message that names the option, and speaks of nothing that is sent."""
    told = loccit("locate", *arguments, "--index", store.root, given=given)
    assert (told.exit_code, told.stdout) == (2, "")
    message = " ".join(told.stderr.split())
    assert words in message
    assert "Send" not in message
    assert "`str`" not in message
