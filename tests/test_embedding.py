"""The widget in a page of another origin, with a key of its own, asking the real service."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from service.keys import KeyFile
from tests.servers import Server, serving
from tests.stores import copied

QUESTION = "What was the median survival after palliative surgery?"
BEHIND_A_PROXY = {"LOCCIT_TRUSTED_PROXIES": "127.0.0.1"}
"""With this the service can be reached by others, and asks for keys."""

EMBEDDED = """<!doctype html><html lang="en"><title>A wiki</title>
<script type="module" src="{service}/widget/v1.js"></script>
<loccit-chat endpoint="{service}" key="{key}"></loccit-chat>"""
FRAMED = """<!doctype html><html lang="en"><title>A wiki</title>
<iframe src="{service}/widget/frame?key={key}" title="Ask" width="600" height="900"></iframe>"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def wiki(tmp_path: Path) -> Iterator[str]:
    """The origin of another server, which serves the folder `wiki`."""
    folder = tmp_path / "wiki"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        # Another host than that of the service, so that nothing is of the same site.
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def server(embedded_store: Path, tmp_path: Path) -> Iterator[Server]:
    """A service that needs keys."""
    store = copied(embedded_store, tmp_path / "store")
    KeyFile(store.root).create("operator", ["ask"], [])
    with serving(store.root, environment=BEHIND_A_PROXY) as running:
        yield running


def put(folder: Path, page: str, server: Server, origin: str) -> str:
    """Writes a page with a new key for its origin, and returns the key."""
    key = KeyFile(folder / "store").create("wiki", ["ask"], [origin]).words
    (folder / "wiki" / "index.html").write_text(page.format(service=server.address, key=key))
    return key


def test_a_foreign_page_asks_saves_and_leads_to_the_source(
    page: Page, server: Server, wiki: str, tmp_path: Path
) -> None:
    """All that a reader can do with an answer works across origins, and the key shows in no address."""
    key = put(tmp_path, EMBEDDED, server, wiki)
    page.goto(f"{wiki}/index.html")
    page.get_by_role("textbox").fill(QUESTION)
    page.get_by_role("textbox").press("Enter")
    expect(page.locator("loccit-chat blockquote").first).to_contain_text("median survival amounted to 14.8 months")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as RIS").first.click()
    assert "28638950" in saving.value.path().read_text("utf-8")
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Show in the source").first.click()
    reader = opening.value
    expect(reader.get_by_role("article")).to_contain_text("median survival amounted to 14.8 months")
    assert reader.url.startswith(f"{server.address}/read/cervical_spinal_metastases?passage=")
    assert key not in reader.url


def test_a_page_of_another_origin_may_not_ask(page: Page, server: Server, wiki: str, tmp_path: Path) -> None:
    """A key that was copied into a page of an origin that it is not for is of no use there."""
    put(tmp_path, EMBEDDED, server, "https://wiki.example")
    page.goto(f"{wiki}/index.html")
    page.get_by_role("textbox").fill(QUESTION)
    page.get_by_role("textbox").press("Enter")
    expect(page.locator("loccit-chat .failed").first).to_contain_text("does not answer pages of this site")


def test_a_frame_in_a_foreign_page_asks_and_saves(page: Page, server: Server, wiki: str, tmp_path: Path) -> None:
    """The frame works by plain HTTP too, where its requests do not say that they are of the same origin."""
    put(tmp_path, FRAMED, server, server.address)
    page.goto(f"{wiki}/index.html")
    frame = page.frame_locator("iframe")
    frame.get_by_role("textbox").fill(QUESTION)
    frame.get_by_role("textbox").press("Enter")
    expect(frame.locator("blockquote").first).to_contain_text("median survival amounted to 14.8 months")
    with page.expect_download() as saving:
        frame.get_by_role("button", name="Save as RIS").first.click()
    assert "28638950" in saving.value.path().read_text("utf-8")
