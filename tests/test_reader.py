"""The source reader: a document with its passages, the place cited, and its references, in a real browser."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from index.build import build_snapshot
from service.keys import KeyFile
from tests.accessibility import violations
from tests.proxies import prefixed
from tests.servers import Server, serving
from tests.stores import copied, read_pages

SEED = "cervical_spinal_metastases"
PASSAGE = f"{SEED}-f34c2e5fbbf7"
SENTENCE = "For the whole group, median survival amounted to 14.8 months, ranging from 1 to 47 months."
PLACE = f"passage={PASSAGE}&start=3315&end=3405"

NOTE = "Smith A, Jones B. On bones. J Bones. 2001;1:2-3. doi: 10.1000/bones(1). PMID: 7."
BONES = f"""====== Knochen 🦴 ======

===== 𝒜 first part =====

𝒜𝒷 The 🦴 bone was set. It healed in 14 weeks 🩹 in all (({NOTE})). Nobody was told.

===== Lists =====

  * one item (({NOTE}))
  * another with a mark (([Ohne Titel]. 2002.))

| weeks | 14 |
| bones | 1 |

> A line that is quoted.

<code>
x = 1
  y = 2
</code>
"""

SCRIPT = "<script>document.title='breached'</script><img src=x onerror=alert(1)>"
HEBREW = f"הכאב חלף אחרי 14 שבועות (({NOTE})). לא דווח על דבר נוסף.\n\n  * פריט ראשון\n"

TURNED = "\u202edenrut\u2066"
HOSTILE = f"""====== {SCRIPT} {TURNED} ======

===== <svg onload=alert(1)> {TURNED} =====

Pain {SCRIPT} eased {TURNED} again ((Evil E. <b onmouseover=alert(1)>Bold</b> title {TURNED}. 2001. PMID: 7.)).

  * [[javascript:alert(1)|a link]] and <a href="javascript:alert(1)">another</a>
"""


@pytest.fixture(scope="module")
def seed(embedded_store: Path) -> Iterator[Server]:
    """A service for the embedded page."""
    with serving(embedded_store) as server:
        yield server


@pytest.fixture(scope="module")
def shelf(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service for a page with letters of two UTF-16 units and a dot in its id, one full of mark-up, and others."""
    folder = tmp_path_factory.mktemp("shelf")
    store = copied(embedded_store, folder / "store")
    pages = {
        "Wirbelsäule.v2": BONES,
        "hostile": HOSTILE,
        "hebrew": HEBREW,
        "plain": "Nobody is cited. Nothing is known.",
    }
    documents = [_poisoned(each) if each.id == "hostile" else each for each in read_pages(folder / "pages", **pages)]
    build_snapshot(documents, store)
    with serving(store.root) as server:
        yield server


def _poisoned(document: Any) -> Any:
    """A document whose addresses are scripts, which no reader of a source would make."""
    work = document.references[0].work
    poisoned = msgspec.structs.replace(work, csl=msgspec.structs.replace(work.csl, url="javascript:alert(1)"))
    references = (msgspec.structs.replace(document.references[0], work=poisoned),)
    return msgspec.structs.replace(document, url="javascript:alert(1)", references=references)


def read(page: Page, server: Server, document: str, place: str = "") -> Locator:
    """Opens a document, and gives the article once it stands there."""
    page.goto(f"{server.address}/read/{quote(document)}?{place}")
    article = page.get_by_role("article")
    expect(article.get_by_role("heading", level=1)).to_be_visible()
    return article


def place_of(server: Server, document: str, words: str) -> str:
    """The place of some words in a document, in code points, as an address asks for it."""
    start = server.get(f"/v1/documents/{quote(document)}/text").body.index(words)
    return f"start={start}&end={start + len(words)}"


def box(locator: Locator) -> FloatRect:
    """Where an element stands in the window."""
    found = locator.bounding_box()
    assert found
    return found


# The place that was cited


def test_cited_place(page: Page, seed: Server) -> None:
    """The cited sentence is marked and in view, its passage has a rule, and its reference stands beside it."""
    article = read(page, seed, SEED, PLACE)
    mark = article.locator("mark")
    expect(mark).to_have_text(SENTENCE)
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()
    paragraph = article.locator("p.cited")
    expect(paragraph).to_have_count(1)
    note = paragraph.get_by_role("note")
    expect(note).to_contain_text("Probably from [3] Vazifehdan F, Karantzoulis VG, Igoumenou VG.")
    expect(note.get_by_role("link", name="PubMed")).to_have_attribute(
        "href", "https://pubmed.ncbi.nlm.nih.gov/28638950/"
    )
    expect(note.get_by_role("link", name="DOI")).to_have_attribute("href", "https://doi.org/10.1007/s00590-017-2002-0")
    passage = box(paragraph.locator(".passage"))
    assert box(note)["x"] > passage["x"] + passage["width"]
    assert abs(box(note)["y"] - passage["y"]) < 20


def test_narrow_windows_have_the_references_below(page: Page, seed: Server) -> None:
    """Where there is no margin, the note stands below its paragraph, and nothing is wider than the window."""
    page.set_viewport_size({"width": 320, "height": 640})
    article = read(page, seed, SEED, PLACE)
    note = article.locator("p.cited + .below").get_by_role("note")
    expect(note).to_contain_text("Probably from [3] Vazifehdan F")
    passage = box(article.locator("p.cited"))
    assert box(note)["y"] > passage["y"] + passage["height"] - 8
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.set_viewport_size({"width": 1200, "height": 640})
    expect(article.locator("p.cited").get_by_role("note")).to_be_visible()


def test_several_places(page: Page, seed: Server) -> None:
    """An address may ask for several places, which are marked each; the first is scrolled to."""
    first, second = place_of(seed, SEED, "How cervical spinal metastases"), place_of(seed, SEED, "A 73-year-old woman")
    article = read(page, seed, SEED, f"{second}&{first}")
    expect(article.locator("mark")).to_have_text(["How cervical spinal metastases", "A 73-year-old woman"])
    expect(article.locator("mark").first).to_be_in_viewport()
    expect(article.locator(".passage.cited")).to_have_count(2)
    expect(article.locator("p.cited").get_by_role("note")).to_have_text(
        "The source gives no reference for this passage."
    )


def test_a_place_over_several_blocks(page: Page, seed: Server) -> None:
    """A place that goes over paragraphs is marked in each."""
    text = seed.get(f"/v1/documents/{SEED}/text").body
    start, end = text.index("Outcome was assessed"), text.index("with it. For the whole group")
    article = read(page, seed, SEED, f"start={start}&end={end}")
    expect(article.locator("mark")).to_have_count(2)
    expect(article.locator("#cited-1")).to_have_text("Outcome was assessed by neurological status and by pain relief.")


def test_passage_alone(page: Page, seed: Server) -> None:
    """Without a start and an end the whole passage is marked."""
    words = json.loads(seed.get(f"/v1/passages/{PASSAGE}").body)["text"]
    expect(read(page, seed, SEED, f"passage={PASSAGE}").locator("mark")).to_have_text(words)


def test_code_points(page: Page, shelf: Server) -> None:
    """Offsets count code points, of which some take two units of a string; an id may have a dot and an umlaut."""
    words = "healed in 14 weeks 🩹 in all"
    article = read(page, shelf, "Wirbelsäule.v2", place_of(shelf, "Wirbelsäule.v2", words))
    expect(article.locator("mark")).to_have_text(words)
    expect(article.get_by_role("heading", level=1)).to_have_text("Knochen 🦴")
    expect(article.get_by_role("heading", level=2).first).to_have_text("𝒜 first part")


@pytest.mark.parametrize("document", [SEED, "Wirbelsäule.v2"])
def test_no_word_is_lost(page: Page, seed: Server, shelf: Server, document: str) -> None:
    """All words of the document stand there once, in their order."""
    server = seed if document == SEED else shelf
    text = server.get(f"/v1/documents/{quote(document)}/text").body
    for marker in reversed(json.loads(server.get(f"/v1/documents/{quote(document)}/markers").body)):
        text = text[: marker["start"]] + text[marker["end"] :]
    shown = read(page, server, document).evaluate("""article => {
        const copy = article.cloneNode(true);
        for (const each of copy.querySelectorAll(".note, .id, .number, .facts, .references, h2#references")) {
            each.remove();
        }
        return copy.textContent;
    }""")
    assert "".join(shown.split()) == "".join(text.split())


# Structure


def test_blocks(page: Page, shelf: Server) -> None:
    """Lists, rows of tables, quotations and code are what they are."""
    article = read(page, shelf, "Wirbelsäule.v2")
    expect(article.locator("ul.list_item > li")).to_have_count(2)
    expect(article.locator("ul.table_row > li")).to_contain_text(["weeks 14", "bones 1"])
    expect(article.locator("blockquote")).to_contain_text("A line that is quoted.")
    expect(article.locator("pre")).to_contain_text("x = 1\n  y = 2")


def test_contents(page: Page, seed: Server) -> None:
    """The table of contents leads to the headings, whose levels are those of the document."""
    article = read(page, seed, SEED)
    page.locator("#contents summary").click()
    links = page.get_by_role("navigation", name="Contents").get_by_role("link")
    expect(links).to_have_count(13)
    links.filter(has_text="Palliative surgery in 24 patients").click()
    expect(article.get_by_role("heading", level=3, name="Palliative surgery in 24 patients")).to_be_in_viewport()
    expect(article.get_by_role("heading", level=2, name="Case reports")).to_be_attached()


def test_reference_marks_lead_there_and_back(page: Page, seed: Server) -> None:
    """A mark leads to its reference, which leads back to the places that cite it."""
    article = read(page, seed, SEED)
    article.locator(".number").get_by_role("link", name="reference 3").click()
    entry = article.locator(".references li", has_text="Vazifehdan")
    expect(entry).to_be_in_viewport()
    expect(entry).to_contain_text("[3]")
    entry.get_by_role("link", name="place 1 that cites reference 3").click()
    expect(article.locator(".number", has_text="[3]")).to_be_in_viewport()
    expect(article.locator(".number")).to_have_text([f"[{number}]" for number in range(1, 9)])


def test_reference_with_several_numbers(page: Page, shelf: Server) -> None:
    """A note that stands twice is one reference with two numbers, both of which lead to it."""
    article = read(page, shelf, "Wirbelsäule.v2")
    entry = article.locator(".references li").first
    expect(entry).to_contain_text("[1] [2]")
    expect(entry.get_by_role("link", name="DOI")).to_have_attribute("href", "https://doi.org/10.1000/bones(1)")
    article.locator(".list_item .number").get_by_role("link", name="reference 2").click()
    expect(entry).to_be_in_viewport()
    assert entry.locator(":target").inner_text() == "[2]"


def test_document_without_references(page: Page, shelf: Server) -> None:
    """A document that cites nothing has no list of references and no empty contents."""
    article = read(page, shelf, "plain")
    expect(article.locator(".references")).to_have_count(0)
    expect(page.locator("#contents")).to_be_hidden()
    expect(article.locator(".facts")).to_have_text("1 passage")


def test_passages_can_be_shown(page: Page, seed: Server) -> None:
    """Edges and ids of passages are shown on demand, what is read stays in view, and an id leads to its passage."""
    article = read(page, seed, SEED, PLACE)
    ids = [each["id"] for each in json.loads(seed.get(f"/v1/documents/{SEED}/passages").body)]
    expect(article.locator(".id").first).to_be_hidden()
    button = page.get_by_role("button", name="Show passages")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(article.locator(".id")).to_have_text(ids)
    expect(article.locator("mark")).to_be_in_viewport()
    article.get_by_role("link", name=ids[0]).click()
    expect(page.locator("mark").first).to_be_in_viewport()
    assert page.url.endswith(f"?passage={ids[0]}")


# What is not there


@pytest.mark.parametrize("document", ["no such", "nö.such", "%"])
def test_unknown_document(page: Page, seed: Server, document: str) -> None:
    """A document that is not there is named, and the list of those that are is near."""
    page.goto(f"{seed.address}/read/{quote(document)}")
    expect(page.get_by_role("status")).to_contain_text(f"There is no document '{document}' in this snapshot.")
    expect(page.get_by_role("link", name="All documents")).to_have_attribute("href", "../")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("passage=gone-123", "There is no passage of this id any more"),
        ("start=5", "it needs a start and an end"),
        ("start=9&end=9", "it needs a start and an end"),
        ("start=-1&end=9", "it needs a start and an end"),
        ("start=0&end=10000", "beyond the end of the document, which has 9,310 characters"),
        (f"start=0&end=9&sha256={'0' * 64}", "The document has changed since this place was cited"),
    ],
)
def test_unknown_place(page: Page, seed: Server, place: str, message: str) -> None:
    """A place that is not there is told, and the document is shown from its beginning."""
    article = read(page, seed, SEED, place)
    expect(page.get_by_role("status")).to_contain_text(message)
    expect(article.locator("mark")).to_have_count(0)
    expect(page.get_by_role("link", name="Cited place")).to_be_hidden()


def test_passage_of_another_document(page: Page, shelf: Server) -> None:
    """A passage that stands elsewhere is led to."""
    identity = json.loads(shelf.get("/v1/documents/plain/passages").body)[0]["id"]
    read(page, shelf, "Wirbelsäule.v2", f"passage={identity}")
    page.get_by_role("link", name="Read it there").click()
    expect(page.locator("mark")).to_have_text("Nobody is cited. Nothing is known.")


def test_hash_of_the_text(page: Page, seed: Server) -> None:
    """A place is marked where the hash is that of the text, and a passage whatever the hash is."""
    sha256 = hashlib.sha256(seed.get(f"/v1/documents/{SEED}/text").body.encode()).hexdigest()
    expect(read(page, seed, SEED, f"{PLACE}&sha256={sha256}").locator("mark")).to_have_text(SENTENCE)
    article = read(page, seed, SEED, f"{PLACE}&sha256={'0' * 64}")
    expect(article.locator("mark")).to_contain_text("When last followed up")


# What sources may hold


def test_hostile_sources_do_nothing(page: Page, shelf: Server) -> None:
    """Mark-up of sources is shown as it stands there, scripts are no addresses, and nothing runs."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    article = read(page, shelf, "hostile", place_of(shelf, "hostile", SCRIPT))
    expect(article.get_by_role("heading", level=1)).to_contain_text(SCRIPT)
    expect(article.get_by_role("heading", level=2).first).to_contain_text("<svg onload=alert(1)>")
    expect(article.locator(".references")).to_contain_text("<b onmouseover=alert(1)>Bold</b>")
    expect(article.locator("img, svg, b, script")).to_have_count(0)
    for link in page.locator("a").all():
        assert link.evaluate("each => each.protocol") in {"http:", "https:"}
    page.locator(".note").first.hover()
    assert (dialogs, page.title().startswith("<script>")) == ([], True)


def test_turned_letters_stay_where_they_are(page: Page, shelf: Server) -> None:
    """A bidirectional override in a source turns no word that stands beside it."""
    read(page, shelf, "hostile")
    steps = page.evaluate("""() => {
        const own = [...document.querySelectorAll("a, .facts, .back")].filter((each) => each.textContent.length > 1);
        return own.map((each) => {
            const text = document.createTreeWalker(each, NodeFilter.SHOW_TEXT).nextNode();
            const letter = document.createRange();
            const [first, second] = [0, 1].map((at) => {
                letter.setStart(text, at);
                letter.setEnd(text, at + 1);
                return letter.getBoundingClientRect().x;
            });
            return [each.textContent, second - first];
        });
    }""")
    assert {"PubMed", "References", "loccit"} <= {words for words, _ in steps}
    assert [words for words, step in steps if step < 0] == []


def test_direction_is_that_of_the_words(page: Page, shelf: Server) -> None:
    """A paragraph in Hebrew is set from right to left, its reference still beside it on the right."""
    article = read(page, shelf, "hebrew")
    paragraph = article.locator("p.paragraph")
    assert paragraph.evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert article.locator(".list_item li").evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert box(article.get_by_role("note"))["x"] > box(paragraph)["x"] + box(paragraph)["width"]


def test_pages_send_a_strict_policy(seed: Server) -> None:
    """The reader's page and files may do nothing but what they need."""
    for path in (f"/read/{SEED}", "/", "/reader/reader.js", "/pages/look.css"):
        headers = {name.lower(): value for name, value in seed.get(path).headers.items()}
        policy = headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)
        assert "require-trusted-types-for 'script'" in policy
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert "content-security-policy" not in {name.lower() for name in seed.get("/docs").headers}


# Keys


BEHIND_A_PROXY = {"LOCCIT_TRUSTED_PROXIES": "127.0.0.1"}
"""With this the service can be reached by others, and asks for keys."""


def test_key(page: Page, embedded_store: Path, tmp_path: Path) -> None:
    """Where the service asks for a key, so does the reader; a wrong one is told, and the right one stays in the tab."""
    store = copied(embedded_store, tmp_path / "store")
    words = KeyFile(store.root).create("reader", ["ask"], []).words
    with serving(store.root, environment=BEHIND_A_PROXY) as server:
        page.goto(f"{server.address}/read/{SEED}?{PLACE}")
        expect(page.get_by_role("alert")).to_have_text("This service needs a key.")
        assert violations(page) == []
        field = page.get_by_label("Key")
        field.fill("漢")
        field.press("Enter")
        assert field.evaluate("each => each.validity.patternMismatch")
        field.fill(f"{words[:-1]}-")
        page.get_by_role("button", name="Use this key").click()
        expect(page.get_by_role("alert")).to_have_text("The service does not take this key. Enter another.")
        page.get_by_label("Key").fill(f" {words} ")
        page.get_by_label("Key").press("Enter")
        expect(page.locator("mark")).to_have_text(SENTENCE)
        page.reload()
        expect(page.locator("mark")).to_have_text(SENTENCE)
        assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
        assert words not in page.url


def test_widget_key(page: Page, embedded_store: Path, tmp_path: Path) -> None:
    """A key that stands in the pages of a wiki opens the service's own pages too, but none without the scope."""
    store = copied(embedded_store, tmp_path / "store")
    widget = KeyFile(store.root).create("widget", ["ask"], ["https://wiki.example"]).words
    admin = KeyFile(store.root).create("admin", ["admin"], []).words
    with serving(store.root, environment=BEHIND_A_PROXY) as server:
        page.goto(f"{server.address}/read/{SEED}?{PLACE}")
        page.get_by_label("Key").fill(admin)
        page.get_by_label("Key").press("Enter")
        expect(page.get_by_role("alert")).to_have_text("A secret key with the scope ask is needed.")
        page.get_by_label("Key").fill(widget)
        page.get_by_label("Key").press("Enter")
        expect(page.locator("mark")).to_have_text(SENTENCE)


def test_prefix(page: Page, embedded_store: Path) -> None:
    """Behind a proxy that serves it below a prefix, the pages find their files, the API and each other."""
    with prefixed(embedded_store, "/sources") as address:
        page.goto(f"{address}/")
        page.locator("#list").get_by_role("link").click()
        expect(page.get_by_role("article").get_by_role("heading", level=1)).to_be_visible()
        assert page.url == f"{address}/read/{SEED}"
        page.get_by_role("link", name="loccit").click()
        expect(page.locator(".embed pre")).to_contain_text(f'src="{address}/widget')


# Access for everybody


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 320)])
def test_axe_finds_nothing(page: Page, seed: Server, shelf: Server, scheme: Any, width: int) -> None:
    """Pages of both looks, wide and narrow, break no rule of axe-core."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for server, document, place in ((seed, SEED, PLACE), (shelf, "Wirbelsäule.v2", ""), (shelf, "hostile", "start=1")):
        read(page, server, document, place)
        assert violations(page) == []
    page.get_by_role("button", name="Show passages").click()
    assert violations(page) == []
    page.goto(f"{seed.address}/read/unknown")
    expect(page.get_by_role("link", name="All documents")).to_be_visible()
    assert violations(page) == []


def test_keyboard(page: Page, seed: Server) -> None:
    """The first key leads past the contents to the text, and everything is reached without a pointer."""
    article = read(page, seed, SEED)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(article.get_by_role("link").first).to_be_focused()
    page.get_by_role("button", name="Show passages").focus()
    page.keyboard.press("Space")
    expect(article.locator(".id").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#contents summary")).to_be_focused()


def test_print(page: Page, seed: Server) -> None:
    """On paper there is the text with its notes, and nothing to press."""
    article = read(page, seed, SEED, PLACE)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show passages")).to_be_hidden()
    expect(page.locator("#contents")).to_be_hidden()
    expect(article.get_by_role("note").first).to_be_visible()
