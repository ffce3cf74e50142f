"""deep-chat itself, from npm, in a real browser on a page of another origin, with a real server behind it."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import Page, expect

from corpus import Document
from corpus.sources import EMBEDDED, read_sources, read_text
from index.build import build_snapshot
from tests.npm import npm_package
from tests.servers import serving
from tests.stores import copied

VERSION = "deep-chat@2.4.2"
INTEGRITY = "sha512-wQNd6Z6HDoH7OMeoQKpmxDm9XdWrRjMkBJ2yl5tsYND9Dz2UCv/BdGVM8vK2V0mhO1u+OniHYPWDGvjlNxjCeQ=="

PLUG_IN = Path(__file__).parents[1] / "service" / "docs" / "plug-in.md"

SURVIVAL = "What was the median survival after palliative surgery?"
PENICILLIN = "Who discovered penicillin?"

ATTACKS = (
    "<script>window.hacked = 'script'</script>",
    "<img src=x onerror=\"window.hacked = 'image'\">",
    "<svg onload=\"window.hacked = 'svg'\">",
    "<a href=\"javascript:window.hacked='link'\">here</a>",
    "[there](javascript:window.hacked='markdown')",
    "</blockquote></mark><iframe srcdoc=\"<script>parent.hacked='frame'</script>\"></iframe>",
    "'\"><b onmouseover=\"window.hacked='hover'\">",
)


class Site(NamedTuple):
    """A page of another origin: its address, and that of the service which it asks."""

    address: str
    service: str


class QuietHandler(SimpleHTTPRequestHandler):
    """Files of a folder, of which nothing is logged."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture(scope="module")
def site(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A page with the component, which asks a service for the embedded page and a hostile one."""
    folder = tmp_path_factory.mktemp("site")
    bundle = npm_package(VERSION, INTEGRITY, folder) / "dist" / "deepChat.bundle.js"
    (folder / "deepChat.bundle.js").write_bytes(bundle.read_bytes())
    store = copied(embedded_store, folder / "store")
    build_snapshot([*embedded_documents(), hostile()], store)
    files = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    origin = f"http://127.0.0.1:{files.server_port}"
    threading.Thread(target=files.serve_forever, daemon=True).start()
    with serving(store.root, environment={"LOCCIT_ALLOW_ORIGINS": origin}) as server:
        (folder / "page.html").write_text(page_of(server.address), "utf-8")
        yield Site(f"{origin}/page.html", server.address)
    files.shutdown()
    files.server_close()


def embedded_documents() -> tuple[Document, ...]:
    """The embedded page."""
    return read_sources([EMBEDDED]).documents


def hostile() -> Document:
    """A page whose title, headings, words and notes are full of mark-up that would do something."""
    attacks = " ".join(ATTACKS)
    text = (
        f"Goats on the moon {ATTACKS[1]}\n\nThe goats on the moon eat cheese {attacks} every day and night. 1)\n\n"
        f"1)\nEvil E. {attacks} Goats. J Moon. 2001;1:2. doi: 10.1000/<script>window.hacked=1</script>. PMID: 7.\n"
    )
    return read_text(text, identity="goats", title=f"Goats {ATTACKS[0]}{ATTACKS[1]}", form="dokuwiki-export")


def page_of(service: str) -> str:
    """A page with the component, in the lines that the documentation gives."""
    lines: str
    (lines,) = re.findall(r"^```html\n(.*?)^```$", PLUG_IN.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
    return head + lines.replace("http://127.0.0.1:8000", service)


def ask(page: Page, site: Site, question: str) -> Any:
    """The last message that the component holds, after a question was typed and answered."""
    page.goto(site.address)
    page.locator("#text-input").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "chat => chat.getMessages().length > 1 || chat.shadowRoot.querySelector('.error-message-text')",
        arg=page.locator("deep-chat").element_handle(),
    )
    return page.evaluate("document.querySelector('deep-chat').getMessages().at(-1)")


def test_an_answer_is_a_quotation(page: Page, site: Site) -> None:
    """The words of the source stand in a quotation, with page, study, mark and reference."""
    message = ask(page, site, SURVIVAL)
    answer = page.locator(".ai-message-text")
    expect(answer.locator("blockquote").first).to_contain_text("median survival amounted to 14.8 months")
    expect(answer.locator("mark").first).to_have_text(re.compile("^For the whole group, median survival"))
    expect(answer.locator("cite").first).to_have_text("Cervical spinal metastases · Palliative surgery in 24 patients")
    expect(answer.locator("small").first).to_have_text(re.compile("^Vazifehdan et al. examined survival"))
    expect(answer.locator("li").first).to_have_text(re.compile(r"^\[3\] probably from: Vazifehdan F"))
    links = answer.locator("li").first.locator("a")
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://doi.org/10.1007/s00590-017-2002-0",
        "https://pubmed.ncbi.nlm.nih.gov/28638950/",
    ]
    assert message["role"] == "ai"


def test_the_component_keeps_where_an_answer_is_from(page: Page, site: Site) -> None:
    """A script of the page gets back to passage, span, number, DOI and PMID; nobody else is asked anything."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    custom = ask(page, site, SURVIVAL)["custom"]
    assert {address.rpartition("/")[2] for address in asked} == {"page.html", "deepChat.bundle.js", "deep-chat"}
    first = custom["passages"][0]
    fetched = httpx.get(f"{site.service}/v1/passages/{first['passage_id']}").json()
    assert custom["status"] == "answered"
    assert (fetched["start"], fetched["end"]) == (first["start"], first["end"])
    assert [(c["number"], c["doi"], c["pmid"]) for c in first["citations"]] == [
        (3, "10.1007/s00590-017-2002-0", "28638950")
    ]


def test_nothing_found_is_said(page: Page, site: Site) -> None:
    """The chat says that the source has no answer, and shows no passage."""
    custom = ask(page, site, PENICILLIN)["custom"]
    expect(page.locator(".ai-message-text")).to_have_text("The source does not answer this.")
    expect(page.locator(".ai-message-text blockquote")).to_have_count(0)
    assert (custom["status"], custom["passages"]) == ("no_match", [])


def test_mark_up_of_the_source_does_nothing(page: Page, site: Site) -> None:
    """Scripts, handlers and addresses in titles, headings, words and notes are shown as they stand, and never run."""
    ask(page, site, "What do the goats on the moon eat?")
    answer = page.locator(".ai-message-text")
    for attack in ATTACKS:
        expect(answer.locator("blockquote").first).to_contain_text(attack)
        expect(answer.locator("li").first).to_contain_text(attack)
    expect(answer.locator("cite").first).to_contain_text(ATTACKS[1])
    assert answer.locator("script, img, svg, iframe, b, [onerror], [onload], [onmouseover], [srcdoc]").count() == 0
    addresses = [link.get_attribute("href") or "" for link in answer.locator("a").all()]
    assert addresses
    assert all(address.startswith(("https://doi.org/", "https://pubmed.ncbi.nlm.nih.gov/")) for address in addresses)
    for link in answer.locator("blockquote, li, mark, cite").all():
        link.hover()
    assert page.evaluate("window.hacked") is None


def test_an_error_is_shown_by_the_component(page: Page, site: Site) -> None:
    """A question that is too long gets the component's message of an error."""
    ask(page, site, "x" * 1001)
    expect(page.locator(".error-message-text")).to_have_count(1)
