"""The images of the guide to the widget: ``python -m tests.screenshots`` draws them anew in ``service/docs/images``.

A real service answers real questions about the embedded page, in the system's Chromium with its clock and motion out
of play, so that the same fonts give the same images.
"""

import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from corpus.sources import EMBEDDED, read_sources
from index import Store
from index.build import build_snapshot
from tests.browsers import CHROMIUM_ARGUMENTS
from tests.servers import Server, serving

__all__ = ["main"]

IMAGES = Path(__file__).parents[1] / "service" / "docs" / "images"
QUESTION = "What was the median survival after palliative surgery?"
UNANSWERED = "What dose of dexamethasone is recommended?"
MANIFEST = (
    '{"file": "page.txt", "title": "Cervical spinal metastases", "modified": "2025-05-13",'
    ' "url": "https://wiki.example.org/cervical_spinal_metastases"}'
)
SHELL = """<!doctype html><html lang="en-GB"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><style>body { margin: 16px; font: 16px sans-serif }</style>
<script type="module" src="/widget/v1.js"></script><main>%s</main></html>"""


def main() -> None:
    """Builds a store, serves it, and draws the images."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(_store(Path(folder))) as server,
        sync_playwright() as playwright,
    ):
        executable = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        inline = '<loccit-chat k="1" notice="Please write nothing about a patient."></loccit-chat>'
        _draw(browser, server, "widget-light", inline, scheme="light", size=(760, 928), show=_answered)
        _draw(browser, server, "widget-dark", inline, scheme="dark", size=(760, 718), show=_refused)
        floating = "<h1>Cervical spine</h1><loccit-chat floating k=1></loccit-chat>"
        _draw(browser, server, "widget-phone", floating, scheme="light", size=(320, 640), show=_asked)
        browser.close()


def _store(folder: Path) -> Path:
    """A store with the embedded page, under an address and the day of a revision."""
    (page,) = EMBEDDED.glob("*.txt")
    (folder / "pages").mkdir()
    shutil.copy(page, folder / "pages" / "page.txt")
    (folder / "pages" / "manifest.jsonl").write_text(MANIFEST, "utf-8")
    build_snapshot(read_sources([folder / "pages"]).documents, Store(folder / "store"))
    return folder / "store"


def _draw(
    browser: Browser,
    server: Server,
    name: str,
    body: str,
    *,
    scheme: Literal["light", "dark"],
    size: tuple[int, int],
    show: Callable[[Page], None],
) -> None:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    # Served in place of the start page, the shell asks the service as a page of its own.
    page.route(f"{server.address}/shell", lambda route: route.fulfill(content_type="text/html", body=SHELL % body))
    page.goto(f"{server.address}/shell")
    show(page)
    shot = Image.open(io.BytesIO(page.screenshot(caret="hide", animations="disabled")))
    # Few colours are in play: a palette of them makes the file a third of its size.
    shot.convert("RGB").quantize(48, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)
    context.close()


def _asked(page: Page) -> None:
    _ask(page, QUESTION)


def _answered(page: Page) -> None:
    _ask(page, QUESTION)
    page.locator(".citation").first.click()


def _refused(page: Page) -> None:
    _ask(page, UNANSWERED)
    page.locator("summary").click()


def _ask(page: Page, question: str) -> None:
    page.evaluate("customElements.whenDefined('loccit-chat').then(() => null)")
    page.evaluate("question => document.querySelector('loccit-chat').ask(question)", question)
    page.evaluate("document.fonts.ready.then(() => null)")
    page.mouse.move(0, 0)


if __name__ == "__main__":
    main()
