"""The widget with a real service: hostile sources and questions do nothing, under strict policies, and in a frame."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from corpus.sources import read_sources
from index.build import build_snapshot
from tests.servers import Server, serving
from tests.stores import copied
from tests.widget_service import Service, ask

MEDIAN = "What was the median survival after palliative surgery?"

POLICY = (
    "default-src 'none'; script-src {0}; connect-src {0}; base-uri 'none'; form-action 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the documentation says is enough, for a service elsewhere."""

ATTACKS = (
    "<script>window.attacked = 1</script>",
    "<img src=x onerror='window.attacked = 2'>",
    "</blockquote></figure></article><svg onload=window.attacked=3>",
    "<a href='javascript:window.attacked=4'>here</a>",
    "[here](javascript:window.attacked=5)",
    "{{constructor.constructor('window.attacked=6')()}}",
    "<iframe srcdoc='<script>parent.attacked=7</script>'></iframe>",
    "\u202egnitteh swollof\u202c \u2066isolated \u2067and \u2068left open",
    "<style>* { display: none }</style>",
    "\x1b]0;attacked\x07 & &lt;b&gt; &#x202e;",
)


def hostile_page(number: int, attack: str) -> str:
    """A page whose title, heading, words and note hold an attack."""
    return (
        f"====== Tumour {number} {attack} ======\n\n===== Pain {attack} =====\n\n"
        f"Pain of the tumour {number} fell {attack} after surgery of the neck.(({attack} Smith A. On pain. J Pain."
        f" 2001;1:2. https://example.org/{number} doi: 10.1000/{number}<script>.))\n\n"
        f"Smith reported that pain {attack} was gone.\n"
    )


@pytest.fixture(scope="module")
def hostile(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for pages full of attacks, with hostile names of files too."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "pages").mkdir()
    for number, attack in enumerate(ATTACKS):
        name = f"\"'><img src=x onerror=window.attacked={number}>.txt"
        (folder / "pages" / name).write_text(hostile_page(number, attack), "utf-8")
    store = copied(embedded_store, folder / "store")
    documents = read_sources([folder / "pages"], form="dokuwiki").documents
    assert len(documents) == len(ATTACKS)
    build_snapshot(documents, store)
    with serving(folder / "store") as server:
        yield server


@pytest.fixture
def server(embedded_store: Path, service: Service) -> Iterator[Server]:
    """A server for the embedded page, which answers pages of one other origin."""
    with serving(embedded_store, environment={"LOCCIT_ALLOW_ORIGINS": service.url}) as running:
        yield running


def foreign(page: Page, service: Service, body: str, *, policy: str) -> None:
    """Open a page of another origin, under a Content-Security-Policy."""
    service.pages["/foreign"] = f"<!doctype html><title>Another page</title>{body}"
    service.policies["/foreign"] = policy
    page.goto(f"{service.url}/foreign")


# Hostile sources


def test_hostile_sources_and_questions_are_text(page: Page, hostile: Server) -> None:
    """Whatever pages, notes, titles, names of files and questions hold is shown as it stands, and does nothing."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"{hostile.address}/docs")
    page.evaluate(
        """() => {
          document.body.replaceChildren(Object.assign(document.createElement("loccit-chat"), {}));
          document.querySelector("loccit-chat").setAttribute("k", "50");
          return import("/widget/v1.js").then(() => null);
        }"""
    )
    question = "".join(ATTACKS)
    expect(ask(page, question).get_by_role("heading")).to_have_text(question)
    with page.expect_response("**/v1/ask") as response:
        turn = ask(page, "What happened to the pain of the tumour after surgery of the neck?")
    answer = response.value.json()
    assert answer["status"] == "answered"
    assert len(answer["passages"]) >= len(ATTACKS)
    assert turn.locator("blockquote").all_text_contents() == [each["text"] for each in answer["passages"]]
    for opener in turn.locator(".citation").all():
        opener.click()
    assert set(turn.locator(".work").all_text_contents()) == {each["text"] for each in answer["references"]}
    for action in turn.get_by_role("button", name="Save as RIS").all()[:3]:
        action.click()
    assert_harmless(page)
    assert dialogs == []


def assert_harmless(page: Page) -> None:
    """No element came from a source, no link leads anywhere but the web, and nothing has run."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const all = [...document.querySelector("loccit-chat").shadowRoot.querySelectorAll("*")];
          const handlers = all.flatMap((node) => [...node.attributes]).filter(({ name }) => name.startsWith("on"));
          return {
            names: [...new Set(all.map((node) => node.localName))],
            protocols: [...new Set(all.filter((node) => node.localName === "a").map((node) => node.protocol))],
            handlers: handlers.length,
            attacked: window.attacked ?? null,
          };
        }"""
    )
    assert not {"script", "img", "iframe", "style", "object"} & set(found["names"])
    assert set(found["protocols"]) <= {"http:", "https:"}
    assert (found["handlers"], found["attacked"]) == (0, None)


# Strict policies


def test_strict_policy_of_a_foreign_page_suffices(page: Page, server: Server, service: Service) -> None:
    """Under the policy that the documentation gives, on another origin and with the hash, all of the widget works."""
    script = (Path(__file__).parents[1] / "service/static/widget/v1.js").read_bytes()
    body = (
        f'<script type="module" src="{server.address}/widget/v1.js" crossorigin'
        f' integrity="{integrity(script)}"></script><loccit-chat endpoint="{server.address}" k="1"></loccit-chat>'
    )
    foreign(page, service, body, policy=POLICY.format(server.address))
    turn = ask(page, MEDIAN)
    expect(turn.locator("mark")).to_contain_text("median survival amounted to 14.8 months")
    expect(turn.locator(".basis")).to_have_text("Probably from [3]")
    expect(turn.locator(".lead")).to_contain_text("Probably citing Vazifehdan et al., 2017. The study begins: ")
    expect(page.locator("loccit-chat .panel")).to_have_css("display", "flex")
    with page.expect_download() as download:
        turn.get_by_role("button", name="Save as RIS").click()
    assert "SP  - 763" in Path(download.value.path()).read_text("utf-8")
    page.reload()
    expect(page.locator("mark")).to_have_count(1)


def integrity(script: bytes) -> str:
    """The hash of a script, as an attribute integrity has it (Subresource Integrity, section 3.1)."""
    return f"sha384-{base64.b64encode(hashlib.sha384(script).digest()).decode()}"


def test_script_with_another_hash_does_not_run(page: Page, server: Server, service: Service) -> None:
    """A page that names another hash has no widget."""
    body = (
        f'<script type="module" src="{server.address}/widget/v1.js" crossorigin integrity="{integrity(b"")}"></script>'
        "<loccit-chat>Not defined</loccit-chat>"
    )
    foreign(page, service, body, policy=POLICY.format(server.address))
    assert page.evaluate("customElements.get('loccit-chat') === undefined")
    expect(page.get_by_text("Not defined")).to_be_visible()


# The frame


def test_frame_answers_in_a_foreign_page(page: Page, server: Server, service: Service) -> None:
    """A page that may run no script at all holds the widget in a frame, with attributes out of its address."""
    address = f"{server.address}/widget/frame?label=Ask%20%3Cus%3E&k=1&lang=de&scheme=dark&texts=" + json.dumps(
        {"ask": "Los"}
    )
    body = f"<iframe title=Questions width=600 height=500 src='{address}'></iframe>"
    foreign(page, service, body, policy=f"default-src 'none'; frame-src {server.address}")
    frame = page.frame_locator("iframe")
    frame.get_by_role("textbox", name="Ask <us>").fill(MEDIAN)
    frame.get_by_role("button", name="Los").click()
    expect(frame.locator("mark")).to_contain_text("median survival amounted to 14.8 months")
    expect(frame.locator("blockquote")).to_have_count(1)
    expect(frame.locator("html")).to_have_attribute("lang", "de")
    expect(frame.locator(".panel")).to_have_css("background-color", "rgb(25, 26, 24)")
    height = frame.locator("loccit-chat").evaluate("node => node.getBoundingClientRect().height")
    assert height == 500
    assert frame.get_by_role("log").evaluate("node => node.scrollHeight > node.clientHeight")


def test_frame_asks_its_own_service_alone(page: Page, server: Server, service: Service) -> None:
    """No parameter of the frame makes it show what another service answers."""
    address = f"{server.address}/widget/frame?endpoint={service.url}&k=1&onclick=alert(1)&style=x"
    body = f"<iframe title=Questions src='{address}'></iframe>"
    foreign(page, service, body, policy=f"default-src 'none'; frame-src {server.address}")
    chat = page.frame_locator("iframe").locator("loccit-chat")
    expect(chat).to_have_attribute("k", "1")
    assert chat.evaluate("node => node.getAttributeNames()") == ["k"]


def test_frame_shows_no_words_of_its_address_by_itself(page: Page, server: Server) -> None:
    """Opened alone, under the service's own name, the frame shows nothing that its address says."""
    page.goto(f"{server.address}/widget/frame?label=Call+this+number&notice=Send+money")
    expect(page.locator("main")).to_have_text("This page is made to stand in a frame of another page.")
    expect(page.locator("loccit-chat")).to_have_count(0)
