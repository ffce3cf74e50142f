"""How the widget's files are served, how large they are, and what the documentation says of them."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Page, expect

from service.app import create_app
from service.settings import Settings
from tests.widget_service import BASES, CONFIDENT, DOSE, SURVIVAL, Service, ask

SERVICE = Path(__file__).parents[1] / "service"
SCRIPT = (SERVICE / "static" / "widget" / "v1.js").read_bytes()
GUIDE = (SERVICE / "docs" / "embed.md").read_text("utf-8")

Client = TestClient[Litestar]


@pytest.fixture(scope="module")
def client(embedded_store: Path) -> Iterator[Client]:
    """A client of the service, which allows one other origin."""
    settings = Settings(store=embedded_store, allow_origins=("https://wiki.example",))
    with TestClient(create_app(settings)) as running:
        yield running


# Files


@pytest.mark.parametrize("origin", ["https://wiki.example", "https://other.example"])
def test_script_may_be_loaded_by_any_page(client: Client, origin: str) -> None:
    """The script is a module that any origin may load and check, and that browsers keep."""
    response = client.get("/widget/v1.js", headers={"Origin": origin})
    assert response.status_code == 200
    assert response.content == SCRIPT
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers.get_list("access-control-allow-origin")[0] in {"*", origin}
    assert len(response.headers.get_list("access-control-allow-origin")) == 1
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["cache-control"] == "public, max-age=86400"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/widget/frame", "/widget/frame.js", "/"])
def test_no_other_file_may_be_read_by_any_page(client: Client, path: str) -> None:
    """The header that opens the script to all stands on the script alone."""
    response = client.get(path, headers={"Origin": "https://other.example"})
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


def test_script_that_is_known_is_not_sent_again(client: Client) -> None:
    """A browser that names the script's tag gets 304 and no body; after a change it gets the script."""
    etag = client.get("/widget/v1.js").headers["etag"]
    for known in (etag, f'"x", {etag}', "*"):
        again = client.get("/widget/v1.js", headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert client.get("/widget/v1.js", headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize("path", ["/widget/frame", "/widget/frame.html"])
def test_frame_has_a_policy_of_its_own(client: Client, path: str) -> None:
    """The frame may run its own scripts and ask its own service, in any page, and tells nobody its address."""
    headers = client.get(path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "*",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert headers["referrer-policy"] == "strict-origin"


def test_script_is_small() -> None:
    """The script is one file below 20 kB as servers send it, and names no other host but those of DOI and PubMed."""
    assert len(gzip.compress(SCRIPT, 9)) < 20_000
    assert b"import " not in SCRIPT
    hosts = set(re.findall(rb"https://([\w.]+)[/`]", SCRIPT))
    assert hosts == {b"host", b"doi.org", b"pubmed.ncbi.nlm.nih.gov", b"pmc.ncbi.nlm.nih.gov"}


def test_old_address_is_gone(client: Client) -> None:
    """The script has one address."""
    assert client.get("/widget.js").status_code == 404


# Documentation


def test_documented_hash_is_that_of_the_script() -> None:
    """Every hash in the guide is that of the script as it stands."""
    right = f"sha384-{base64.b64encode(hashlib.sha384(SCRIPT).digest()).decode()}"
    hashes = set(re.findall(r"sha384-[A-Za-z0-9+/=]+", GUIDE))
    assert hashes == {right}, f"service/docs/embed.md must say: {right}"


def test_every_attribute_and_property_is_documented() -> None:
    """The guide's tables hold every attribute that the script reads, and every custom property."""
    source = SCRIPT.decode()
    attributes = set(re.findall(r'(?:get|has)Attribute\("([\w-]+)"\)', source))
    assert set(re.findall(r"^\| `([a-z]+)` \|", GUIDE, re.MULTILINE)) == attributes
    properties = set(re.findall(r"var\((--loccit-[\w-]+)", source))
    assert set(re.findall(r"^\| `(--loccit-[\w-]+)`", GUIDE, re.MULTILINE)) == properties


def test_documented_parts_exist(page: Page, service: Service) -> None:
    """Every part that the guide names is one of the widget's."""
    (listed,) = re.findall(r"^Parts: (.*?)\.$", GUIDE, re.MULTILINE | re.DOTALL)
    page.goto(service.embed('<loccit-chat notice="No names."></loccit-chat><loccit-chat floating></loccit-chat>'))
    for question in (BASES, CONFIDENT, SURVIVAL, DOSE):
        ask(page, question)
    parts = page.evaluate(
        """[...document.querySelectorAll("loccit-chat")].flatMap(
          (chat) => [...chat.shadowRoot.querySelectorAll("[part]")].flatMap((node) => [...node.part]))"""
    )
    assert set(re.findall(r"`([\w-]+)`", listed)) <= set(parts)


def test_documented_translation_is_complete(page: Page, service: Service) -> None:
    """The German texts of the guide stand for all texts, with the same places to fill."""
    (block,) = re.findall(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    german = json.loads(block)
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    texts = page.evaluate("import('/widget/v1.js').then((module) => module.TEXTS)")
    assert list(german) == list(texts)
    for name, text in texts.items():
        assert set(re.findall(r"\{\w+\}", german[name])) == set(re.findall(r"\{\w+\}", text)), name
        assert german[name] != text or text == "Link", name


def test_documented_snippets_work(page: Page, service: Service) -> None:
    """The lines to copy hold the widget, once the host is the right one."""
    for snippet in re.findall(r"^```html\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL):
        if "<loccit-chat" not in snippet:
            continue
        page.goto(service.embed(snippet.replace("https://loccit.example.org", service.url), path="/open"))
        chat = page.locator("loccit-chat").last
        expect(chat.locator("input, .launcher").first).to_be_attached()


def test_documented_images_are_small() -> None:
    """Every image of the guide exists, below 80 kB, and none lies there unused."""
    named = set(re.findall(r"\(images/([\w-]+\.png)\)", GUIDE))
    files = {file.name: file.stat().st_size for file in (SERVICE / "docs" / "images").glob("widget-*.png")}
    assert set(files) == named
    assert all(size < 80_000 for size in files.values())
