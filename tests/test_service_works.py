"""Works over HTTP and at the command line: who cites them, and their records for other programs."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pypandoc
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index.build import build_snapshot
from service import Settings, create_app
from tests.servers import LOCCIT, serving
from tests.stores import copied, read_pages

PAPER = "Ash B, Fir CD. Of p < 0.05 & the height of trees. J Bot. 2001 May;12(3):45-9."
DOI = "10.1002/(SICI)1097-0142(1999)85:1<1::AID-T#1>3.0.CO;2-0"
FULL = f"{PAPER} doi: {DOI}. PMID: 7; PMCID: PMC9."
SHEET = "Oak D. Why apples fall from some branches only. Pomology. 1999;7:101-9. doi: 10.1000/Apples."
PAGES = {
    "alpha": f"Trees grow tall (({PAPER})). Apples fall (({SHEET})).",
    "beta": "Aims: trees were measured in gardens.\n\n"
    f"Results: the tallest stood in old ones (({FULL})).\n\nAgain (({FULL})).",
}
CSL, BIBTEX, RIS = (
    "application/vnd.citationstyles.csl+json",
    "application/x-bibtex; charset=utf-8",
    "application/x-research-info-systems; charset=utf-8",
)
Client = TestClient[Litestar]


@pytest.fixture(scope="module")
def store(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two pages that cite one paper, one with its identifiers and one without."""
    folder = tmp_path_factory.mktemp("works")
    store = copied(embedded_store, folder / "store")
    documents = read_pages(folder / "pages", **PAGES)
    described = msgspec.structs.replace(documents[1], url="https://wiki.example.org/beta", modified="2025-05-13")
    build_snapshot([documents[0], described], store)
    return store.root


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[Client]:
    """A client of the service for that store."""
    with TestClient(create_app(Settings(store=store)), raise_server_exceptions=False) as client:
        yield client


def get(client: Client, path: str, **params: Any) -> Any:
    """The JSON body of a GET that succeeds."""
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


# Works


def test_a_work_lists_every_passage_that_cites_it(client: Client) -> None:
    """Passages of both pages, with document, basis, number, marker and anchor; the notes word for word."""
    work = get(client, "/v1/works/pmid:7")
    assert " ".join(work) == "id citation record links notes total offset passages"
    assert (work["id"], work["total"], work["offset"]) == ("pmid:7", 4, 0)
    cited = [(each["document"]["id"], each["number"], each["basis"], each["text"][:11]) for each in work["passages"]]
    assert cited == [
        ("alpha", 1, "marked", "Trees grow "),
        ("beta", 1, "inherited", "Aims: trees"),
        ("beta", 1, "marked", "Results: th"),
        ("beta", 2, "marked", "Again 2)."),
    ]
    last = work["passages"][-1]
    text = client.get("/v1/documents/beta/text").text
    assert text[last["marker"]["start"] : last["marker"]["end"]] == "2)"
    assert text[last["anchor"]["start"] : last["anchor"]["end"]] == last["anchor"]["exact"] == last["text"]
    assert last["anchor"]["link"].startswith("https://wiki.example.org/beta#:~:text=")
    assert work["notes"] == [
        {"text": PAPER, "numbers": [{"document": "alpha", "number": 1}]},
        {"text": FULL, "numbers": [{"document": "beta", "number": 1}, {"document": "beta", "number": 2}]},
    ]


def test_a_work_has_its_record_its_line_and_its_links(client: Client) -> None:
    """CSL-JSON, the Vancouver line, and addresses that are percent-encoded."""
    work = get(client, "/v1/works/pmid:7")
    record = work["record"]
    assert (record["id"], record["type"], record["DOI"], record["PMCID"]) == ("pmid:7", "article-journal", DOI, "PMC9")
    assert record["title"] == "Of p < 0.05 & the height of trees"
    line = f"Ash B, Fir CD. {record['title']}. J Bot. 2001 May;12(3):45-9. doi: {DOI}. PMID: 7; PMCID: PMC9."
    assert work["citation"] == line
    assert work["links"] == {
        "doi": "https://doi.org/10.1002/(SICI)1097-0142(1999)85:1%3C1::AID-T%231%3E3.0.CO;2-0",
        "pubmed": "https://pubmed.ncbi.nlm.nih.gov/7/",
        "pmc": "https://pmc.ncbi.nlm.nih.gov/articles/PMC9/",
    }


@pytest.mark.parametrize(
    "name", ["pmid:7", "7", "PMID:7", "PMC9", "pmcid:PMC9", "pmc9", f"doi:{DOI}", DOI.lower(), f"DOI:{DOI.upper()}"]
)
def test_a_work_is_found_by_any_of_its_identifiers(client: Client, name: str) -> None:
    """PMID, DOI in any case and PMCID lead to one work, also on a page that cites it without them."""
    assert get(client, f"/v1/works/{quote(name, safe='/:;()')}")["id"] == "pmid:7"
    assert get(client, f"/v1/works/{quote(name, safe='')}")["id"] == "pmid:7"


def test_a_doi_is_found_in_any_case(client: Client) -> None:
    """A work known by its DOI keeps the DOI as it was written, and its id in small letters."""
    work = get(client, "/v1/works/doi:10.1000/Apples")
    assert (work["id"], work["record"]["DOI"], work["total"]) == ("doi:10.1000/apples", "10.1000/Apples", 1)


def test_an_unknown_work_is_a_problem(client: Client) -> None:
    """404 with the id as it was asked for, slashes and all."""
    for name in ("pmid:8", "doi:10.1000//none", "text:", "a/b?", "%00"):
        response = client.get(f"/v1/works/{quote(name)}")
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
        assert response.json()["detail"] == f"There is no work {name!r} in this snapshot."


def test_citing_passages_are_paged(client: Client) -> None:
    """`limit` of them from `offset` on; a bound that is broken is a problem."""
    page = get(client, "/v1/works/pmid:7", limit=2, offset=1)
    assert (page["total"], page["offset"], [each["number"] for each in page["passages"]]) == (4, 1, [1, 1])
    assert get(client, "/v1/works/pmid:7", offset=9)["passages"] == []
    assert client.get("/v1/works/pmid:7", params={"limit": 0}).status_code == 400


def test_works_are_listed_in_pages(client: Client) -> None:
    """All works in the order in which they are first cited, with the counts of documents and passages."""
    works = get(client, "/v1/works")
    assert (works["total"], works["offset"]) == (2, 0)
    assert works["works"][0] == {"id": "pmid:7", "text": PAPER, "year": 2001, "documents": 2, "passages": 4}
    assert [each["id"] for each in get(client, "/v1/works", limit=1, offset=1)["works"]] == ["doi:10.1000/apples"]


# Formats


@pytest.mark.parametrize(
    ("name", "media_type", "begins"),
    [
        ("csl", CSL, '[{"id":"pmid:7"'),
        ("bibtex", BIBTEX, "@article{pmid:7,"),
        ("ris", RIS, "TY  - JOUR\nID  - pmid:7\n"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/documents/beta/references", "/v1/works/pmid:7"])
def test_records_by_format_and_by_accept(client: Client, path: str, name: str, media_type: str, begins: str) -> None:
    """`format` and `Accept` give the same, once for two numbers, and the response says that it depends on `Accept`."""
    by_query = client.get(path, params={"format": name}, headers={"accept": "text/html"})
    by_header = client.get(path, headers={"accept": media_type.partition(";")[0]})
    for response in (by_query, by_header):
        assert (response.status_code, response.headers["content-type"]) == (200, media_type)
        assert response.headers["vary"].lower() == "accept, origin"
        assert response.text.strip().startswith(begins)
        assert response.text.count("pmid:7") == 1


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "application/*", "text/html,*/*;q=0.8", "text/html;q=0.9, application/json", ""],
)
def test_json_is_the_default(client: Client, accept: str) -> None:
    """Whoever takes anything, or JSON, gets the references as before."""
    response = client.get("/v1/documents/alpha/references", headers={"accept": accept})
    assert response.headers["content-type"] == "application/json"
    assert [each["id"] for each in response.json()] == ["pmid:7", "doi:10.1000/apples"]
    assert get(client, "/v1/documents/alpha/references", format="json") == response.json()


@pytest.mark.parametrize("weight", ["1e400", "nan", "-1", "2", "0.1234", "inf", "x", "", "١"])
def test_a_malformed_weight_is_passed_over(client: Client, weight: str) -> None:
    """What has it is not accepted by that, and what else the header names is."""
    path, accept = "/v1/documents/alpha/references", f"application/x-bibtex;q={weight}"
    refused = client.get(path, headers={b"accept": accept.encode()})
    assert (refused.status_code, refused.headers["content-type"]) == (406, "application/problem+json")
    taken = client.get(path, headers={b"accept": f"{accept}, {CSL};q=0.001".encode()})
    assert (taken.status_code, taken.headers["content-type"]) == (200, CSL)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/x-bibtex;q=0, */*", "application/json"),
        ("application/json;q=0.1, */*;q=0.2", CSL),
        ("application/json;q=0.1, application/x-bibtex;Q=0.101", BIBTEX),
        ("application/*, application/x-research-info-systems", RIS),
        ("application/json;q=0", None),
        ("*/*;q=0", None),
    ],
)
def test_the_most_exact_range_weighs_a_format(client: Client, accept: str, media_type: str | None) -> None:
    """The weightiest format is given, of equal ones that which is named; a weight of 0 refuses (RFC 9110, 12.5.1)."""
    response = client.get("/v1/documents/alpha/references", headers={"accept": accept})
    expected = (406, "application/problem+json") if media_type is None else (200, media_type)
    assert (response.status_code, response.headers["content-type"]) == expected


def test_two_numbers_of_one_work_are_one_reference(client: Client) -> None:
    """A work under two numbers is listed once, with both."""
    (reference,) = get(client, "/v1/documents/beta/references")
    assert [each["number"] for each in reference["numbers"]] == [1, 2]


def test_what_is_not_offered_is_a_problem(client: Client) -> None:
    """406 for an unknown `Accept`, 400 for an unknown `format`; both name what there is."""
    for path in ("/v1/documents/alpha/references", "/v1/works/pmid:7"):
        response = client.get(path, headers={"accept": "text/csv"})
        assert (response.status_code, response.headers["content-type"]) == (406, "application/problem+json")
        assert "application/x-bibtex" in response.json()["detail"]
        response = client.get(path, params={"format": "endnote"})
        assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
        assert response.json()["detail"] == "format: There is no format 'endnote'. There are json, csl, bibtex, ris."


# Quotations


def test_a_quotation_says_what_is_true(client: Client) -> None:
    """The words, the page with its revision and address, and the paper that it cites, probably or surely."""
    passages = get(client, "/v1/documents/beta/passages")
    line = get(client, "/v1/works/pmid:7")["citation"]
    source = "From: beta, revised 2025-05-13\nhttps://wiki.example.org/beta"
    texts = []
    for passage in passages:
        response = client.get(f"/v1/passages/{passage['id']}/quotation")
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        texts.append(response.text)
    assert texts == [
        f"“Aims: trees were measured in gardens.”\n{source}\nProbably citing: {line}",
        f"“Results: the tallest stood in old ones.” [reference marks left out]\n{source}\nCiting: {line}",
        f"“Again.” [reference marks left out]\n{source}\nCiting: {line}",
    ]
    assert client.get("/v1/passages/none/quotation").status_code == 404


# The command, and the description


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What `loccit` prints, whatever encoding the terminal has."""
    return subprocess.run([LOCCIT, *arguments], capture_output=True, check=False, env={"LC_ALL": "C", "PATH": ""})


@pytest.mark.parametrize(("name", "reader"), [("csl", "csljson"), ("bibtex", "bibtex"), ("ris", "ris")])
def test_export_prints_all_works_once(store: Path, name: str, reader: str) -> None:
    """Each format, read by pandoc, has the two works of both pages."""
    result = run("export", "--index", str(store), "--format", name)
    assert (result.returncode, result.stderr) == (0, b"")
    records = json.loads(pypandoc.convert_text(result.stdout.decode(), "csljson", format=reader))
    assert [record["id"] for record in records] == ["pmid:7", "doi:10.1000/apples"]
    assert [record["DOI"] for record in records] == [DOI, "10.1000/Apples"]


def test_export_of_one_document(store: Path) -> None:
    """`--document` gives the works of that document; an unknown one, and no format, are bad usage."""
    result = run("export", "--index", str(store), "--format", "csl", "--document", "beta")
    assert [record["id"] for record in json.loads(result.stdout)] == ["pmid:7"]
    unknown = run("export", "--index", str(store), "--format", "csl", "--document", "gamma")
    assert (unknown.returncode, b"'gamma'" in unknown.stderr) == (2, True)
    assert run("export", "--index", str(store)).returncode == 2
    assert run("export", "--index", str(store / "none"), "--format", "csl").returncode == 2


def test_a_real_server_takes_slashes_and_signs(store: Path) -> None:
    """An address with a DOI's slashes, brackets and encoded signs reaches the work through a real server."""
    with serving(store) as server:
        reply = server.get(f"/v1/works/doi:{quote(DOI)}?format=ris")
    assert (reply.status, reply.body.splitlines()[0]) == (200, "TY  - JOUR")


def test_the_api_is_described(client: Client) -> None:
    """Each route tells what it gives, its parameters and its errors."""
    paths = client.get("/docs/openapi.json").json()["paths"]
    work = paths["/v1/works/{work_id}"]["get"]
    assert work["summary"] == "Get a work"
    assert {"200", "400", "406"} <= set(work["responses"])
    assert "format" in [parameter["name"] for parameter in work["parameters"]]
    assert "WorkDetails" in json.dumps(work["responses"]["200"])
    assert "AnswerReference" in json.dumps(paths["/v1/documents/{document_id}/references"]["get"]["responses"]["200"])
    assert "/v1/passages/{passage_id}/quotation" in paths
