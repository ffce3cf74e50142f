"""The start page and the description of the API, served by the real service and opened in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.servers import serving


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
