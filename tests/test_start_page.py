"""The start page and the description of the API, served by the real service and opened in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from index.build import build_snapshot
from service.keys import KeyFile
from tests.accessibility import violations
from tests.servers import Server, serving
from tests.stores import copied, read_pages

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)> \u202edenrut"


@pytest.fixture(scope="module")
def many(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service for 45 documents, one of which has mark-up for a title."""
    folder = tmp_path_factory.mktemp("many")
    store = copied(embedded_store, folder / "store")
    titles = [f"Chapter {number} on Rückenmark" for number in range(1, 45)]
    pages = {f"page-{number:02}": f"====== {title} ======\n\nPain." for number, title in enumerate([MARKUP, *titles])}
    build_snapshot(read_pages(folder / "pages", **pages), store)
    with serving(store.root) as server:
        yield server


def test_a_question_is_answered_on_the_start_page(page: Page, embedded_store: Path) -> None:
    """A reader who asks on the start page reads the passage, its highlighted sentence and its reference."""
    with serving(embedded_store) as server:
        page.goto(server.address)
        page.get_by_role("button", name="What was the median survival after palliative surgery?").click()
        turn = page.locator("loccit-chat").get_by_role("article").first
        expect(turn.locator("mark").first).to_have_text(
            "For the whole group, median survival amounted to 14.8 months, ranging from 1 to 47 months."
        )
        expect(turn).to_contain_text("Probably from [3]")
        turn.get_by_role("button", name="Reference 3 in").first.click()
        expect(turn.get_by_role("link", name="PubMed").first).to_have_attribute(
            "href", "https://pubmed.ncbi.nlm.nih.gov/28638950/"
        )


def test_a_question_without_an_answer_is_refused_on_the_start_page(page: Page, embedded_store: Path) -> None:
    """A reader whose question has no answer is told so, and may open the nearest passage."""
    with serving(embedded_store) as server:
        page.goto(server.address)
        page.locator("loccit-chat").get_by_role("textbox").fill("How do I bake bread with sourdough?")
        page.locator("loccit-chat").get_by_role("textbox").press("Enter")
        turn = page.locator("loccit-chat").get_by_role("article").first
        expect(turn).to_contain_text("The source does not answer this.")
        turn.locator("summary").click()
        expect(turn.locator("blockquote")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_ask_no_other_host(page: Page, embedded_store: Path, path: str) -> None:
    """The start page and the description of the API load everything from the service itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with serving(embedded_store) as server:
        page.goto(server.address + path, wait_until="networkidle")
    assert len(asked) >= 3
    assert [url for url in asked if not url.startswith((server.address, "data:"))] == []


def test_the_description_lists_the_endpoints(page: Page, embedded_store: Path) -> None:
    """The page at /docs draws the API, without a script from elsewhere."""
    with serving(embedded_store) as server:
        page.goto(server.address + "/docs")
        expect(page.locator(".opblock-post .opblock-summary-path").first).to_contain_text("/v1/ask")
        expect(page.locator(".opblock").first).to_be_visible()
        assert page.locator(".opblock").count() >= 9


def test_documents_lead_to_the_reader(page: Page, embedded_store: Path) -> None:
    """The document is listed with its passages, and read in the reader; one document needs no filter and no pages."""
    with serving(embedded_store) as server:
        page.goto(server.address)
        expect(page.get_by_role("status")).to_have_text("1 document")
        row = page.get_by_role("region", name="Documents").get_by_role("listitem")
        expect(row).to_have_text("Cervical spinal metastases 16 passages")
        expect(page.get_by_label("Find a document")).to_be_hidden()
        expect(page.get_by_role("navigation", name="Pages of the list")).to_be_hidden()
        row.get_by_role("link").click()
        expect(page.get_by_role("article").get_by_role("heading", level=1)).to_have_text("Cervical spinal metastases")
        page.get_by_role("link", name="loccit").click()
        expect(page.get_by_role("status")).to_have_text("1 document")


def test_an_answer_leads_to_its_place(page: Page, embedded_store: Path) -> None:
    """From a passage of an answer a reader comes to the passage in the source, where it is marked."""
    with serving(embedded_store) as server:
        page.goto(server.address)
        page.get_by_role("button", name="What was the median survival after palliative surgery?").click()
        turn = page.locator("loccit-chat").get_by_role("article").first
        with page.expect_popup() as opened:
            turn.get_by_role("link", name="Show in the source").first.click()
        expect(opened.value.locator("mark")).to_contain_text("median survival amounted to 14.8 months")
        expect(opened.value.locator("mark")).to_be_in_viewport()


def test_many_documents_are_paged(page: Page, many: Server) -> None:
    """Twenty documents are shown at once, and the others by turning pages; examples for another page are not shown."""
    page.goto(many.address)
    rows = page.locator("#list li")
    count = page.get_by_role("status")
    expect(count).to_have_text("45 documents: 1 to 20")
    expect(rows).to_have_count(20)
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    expect(count).to_have_text("45 documents: 21 to 40")
    page.get_by_role("button", name="Next").press("Enter")
    expect(count).to_have_text("45 documents: 41 to 45")
    expect(rows.first).to_have_text("Chapter 40 on Rückenmark 1 passage")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_role("button", name="Previous").click()
    expect(rows).to_have_count(20)
    expect(page.get_by_role("heading", name="Try one of these")).to_be_hidden()


def test_documents_are_found_by_their_titles(page: Page, many: Server) -> None:
    """What is typed filters the list from its first page on, and an empty field gives all again."""
    page.goto(many.address)
    page.get_by_role("button", name="Next").click()
    field = page.get_by_label("Find a document by its title")
    field.fill("rückenMARK 4")
    rows = page.locator("#list li")
    expect(page.get_by_role("status")).to_have_text("9 of 45 documents")
    expect(rows).to_have_count(9)
    expect(rows.first).to_contain_text("Chapter 4 on")
    field.fill("no such")
    expect(page.get_by_role("status")).to_have_text("0 of 45 documents")
    expect(page.get_by_role("navigation", name="Pages of the list")).to_be_hidden()
    field.fill("")
    expect(page.get_by_role("status")).to_have_text("45 documents: 1 to 20")


def test_titles_are_text(page: Page, many: Server) -> None:
    """Mark-up in a title is shown as it stands there."""
    page.goto(many.address)
    expect(page.locator("#list li").first).to_have_text(f"{MARKUP} 1 passage")
    expect(page.locator("#list img, #list script")).to_have_count(0)


def test_lines_to_embed(page: Page, many: Server) -> None:
    """The lines to embed name the address under which the page itself was reached."""
    page.goto(many.address)
    assert page.locator(".embed pre").inner_text() == (
        f'<script type="module" src="{many.address}/widget/v1.js"></script>\n<loccit-chat></loccit-chat>'
    )


@pytest.mark.parametrize("index", [0, 1, 2])
def test_examples(page: Page, embedded_store: Path, index: int) -> None:
    """Each example is a question that a click asks."""
    with serving(embedded_store) as server:
        page.goto(server.address)
        example = page.locator(".examples").get_by_role("button").nth(index)
        example.click()
        log = page.locator("loccit-chat").get_by_role("log")
        expect(log.get_by_role("heading").first).to_have_text(example.inner_text())
        expect(log.get_by_role("article")).to_have_count(1)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 320)])
def test_axe_finds_nothing(page: Page, many: Server, embedded_store: Path, scheme: Any, width: int) -> None:
    """The start page breaks no rule of axe-core, and is no wider than a narrow window."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    with serving(embedded_store) as server:
        for address in (many.address, server.address):
            page.goto(address)
            expect(page.locator("#list li").first).to_be_visible()
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") == width


def test_key(page: Page, embedded_store: Path, tmp_path: Path) -> None:
    """Where the service asks for a key, the start page does, for the list and for the widget."""
    store = copied(embedded_store, tmp_path / "store")
    words = KeyFile(store.root).create("reader", ["ask"], []).words
    with serving(store.root, environment={"LOCCIT_TRUSTED_PROXIES": "127.0.0.1"}) as server:
        page.goto(server.address)
        page.get_by_label("Key").fill(words)
        assert violations(page) == []
        page.get_by_role("button", name="Use this key").click()
        expect(page.get_by_role("status")).to_have_text("1 document")
        assert 'key="a widget key"' in page.locator(".embed pre").inner_text()
        page.get_by_role("button", name="What was the median survival after palliative surgery?").click()
        expect(page.locator("loccit-chat").locator("mark").first).to_contain_text("14.8 months")
        page.locator("#list").get_by_role("link").click()
        expect(page.get_by_role("article").get_by_role("heading", level=1)).to_be_visible()
