"""What the widget shows of an answer, how it asks, and how it is embedded, in a real browser."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget_service import (
    ANSWERS,
    ASTRAL,
    AT_LAST,
    BASES,
    CONFIDENT,
    DANGLING,
    DATED,
    LINKED,
    MARKUP,
    RAGGED,
    SLOW,
    STATIC,
    SURVIVAL,
    SURVIVED,
    TURNED,
    UNCITED,
    UNSAFE,
    VAZIFEHDAN,
    Service,
    ask,
    links,
)


def test_turn_shows_the_question_and_the_passages_word_for_word(page: Page, service: Service) -> None:
    """An answer shows the question and each passage's exact text, markers included, best first."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, SURVIVAL)
    expect(turn.get_by_role("heading")).to_have_text(SURVIVAL)
    assert turn.locator("blockquote").all_text_contents() == [
        AT_LAST,
        "Survival of these patients is dismal 3).",
    ]
    expect(turn.locator(".summary")).to_have_text("Passages from the source: 2")


def test_passage_is_framed_as_the_source_s_words(page: Page, service: Service) -> None:
    """Above a passage stand the document's title, the day of its revision, and the headings."""
    page.goto(service.embed("<loccit-chat lang=en-GB></loccit-chat>"))
    first = ask(page, SURVIVAL).locator("figure").first
    expect(first.locator(".source")).to_have_text("From the source: Cervical spinal metastases, version of 13 May 2025")
    expect(first.locator("time")).to_have_attribute("datetime", "2025-05-13")
    assert first.locator(".heading").all_text_contents() == ["Case series", "2017"]


def test_day_of_the_revision_is_told_as_far_as_it_is_one(page: Page, service: Service) -> None:
    """A time is told by its day, what is no day as it stands, and nothing is told where there is none."""
    page.goto(service.embed("<loccit-chat lang=de></loccit-chat>"))
    figures = ask(page, DATED).locator("figure")
    versions = [each.locator(".version").all_text_contents() for each in figures.all()]
    assert versions == [["29. Februar 2024"], ["spring 2020"], ["2025-13-45"], []]


def test_lead_says_whose_result_it_is(page: Page, service: Service) -> None:
    """Who and when, by the work and not by the heading, and how the study begins; not where the passage names them."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    expect(ask(page, SURVIVAL).locator(".lead").first).to_have_text(
        "Citing Vazifehdan et al., 2017. "
        "The study begins: Vazifehdan et al. examined survival in the operative treatment of metastases."
    )
    figures = ask(page, BASES).locator("figure")
    leads = [figures.nth(i).locator(".lead").all_text_contents() for i in range(4)]
    assert leads == [
        [],
        [],
        ["Probably citing Vazifehdan et al., 2017."],
        ["Citing Vazifehdan et al., 2017."],
    ]


def test_confidence_is_told_in_words(page: Page, service: Service) -> None:
    """The probability that a passage answers is told in four steps, and nothing where there is none."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figures = ask(page, CONFIDENT).locator("figure")
    assert [each.locator(".confidence").all_text_contents() for each in figures.all()] == [
        ["Very likely an answer"],
        ["Very likely an answer"],
        ["Likely an answer"],
        ["Likely an answer"],
        ["Perhaps an answer"],
        ["Perhaps an answer"],
        ["Unlikely to be an answer"],
        ["Unlikely to be an answer"],
        [],
    ]


def test_highlight_is_marked_relative_to_the_passage(page: Page, service: Service) -> None:
    """A highlight counts in the document's text, and the mark covers exactly its sentence."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    assert ask(page, SURVIVAL).locator("mark").all_text_contents() == [SURVIVED]


def test_offsets_count_code_points(page: Page, service: Service) -> None:
    """Characters of two UTF-16 units before a highlight do not shift it."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    assert ask(page, ASTRAL).locator("mark").all_text_contents() == ["Here it is.", "Apre\u0301s."]


def test_highlights_are_cut_to_the_passage(page: Page, service: Service) -> None:
    """Highlights in any order, overlapping or reaching past the passage, never double or drop a word."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, RAGGED)
    assert turn.locator("mark").all_text_contents() == ["One.", "Two. Th", "ree."]
    expect(turn.locator("blockquote")).to_have_text("One. Two. Three.")


def test_markup_in_a_source_is_text(page: Page, service: Service) -> None:
    """Tags in a passage or a reference are shown as they stand and never become elements."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, MARKUP)
    expect(turn.locator("blockquote")).to_have_text(ANSWERS[MARKUP]["passages"][0]["text"])
    expect(turn.locator("mark")).to_have_text("Before <script>window.attacked = 1</script>")
    expect(turn.locator(".work")).to_have_text("<img src=x onerror='window.attacked = 3'>")
    expect(turn.locator("img, script")).to_have_count(0)
    assert page.evaluate("window.attacked") is None


def test_markup_in_a_question_is_text(page: Page, service: Service) -> None:
    """Tags in the question itself are shown as they were typed."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    question = "<img src=x onerror='window.attacked = 4'>"
    expect(ask(page, question).get_by_role("heading")).to_have_text(question)
    assert page.evaluate("window.attacked") is None


# U+202E begins an override to the left, U+2067 an isolate from the right.
LEFT_OF = """
(node, [first, second]) => {
  const place = (sign) => {
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const at = walker.currentNode.data.indexOf(sign);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      return range.getBoundingClientRect().left;
    }
  };
  return place(first) < place(second);
}
"""


def test_signs_of_direction_turn_nothing(page: Page, service: Service) -> None:
    """Overrides and isolates in a source are kept in the text, and "50" is not shown as "05"."""
    page.goto(service.embed("<loccit-chat></loccit-chat><p id=bare>Give \u202e50\u202c mg</p>"))
    quotation = ask(page, TURNED).locator("blockquote")
    expect(quotation).to_have_text("Give \u202e50\u202c mg\u2067 a day.")
    assert quotation.evaluate(LEFT_OF, ["5", "0"])
    assert quotation.evaluate(LEFT_OF, ["m", "y"])
    assert not page.locator("#bare").evaluate(LEFT_OF, ["5", "0"])


def test_place_in_the_source_is_linked(page: Page, service: Service) -> None:
    """A passage links to its words on the page, else to the service's own page of the text, and opens apart."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    places = ask(page, LINKED).get_by_role("link", name="Show in the source")
    assert [place.get_attribute("href") for place in places.all()] == [
        "https://wiki.example/m#:~:text=First.",
        f"{service.url}/read/metastases?passage=metastases-2",
        f"{service.url}/read/metastases?passage=metastases-3",
    ]
    expect(places.first).to_have_attribute("rel", "noopener noreferrer")
    expect(places.first).to_have_attribute("target", "_blank")


def test_only_web_addresses_become_links(page: Page, service: Service) -> None:
    """An address that is neither http nor https is no link, neither of a passage nor of a work."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, UNSAFE)
    expect(turn.locator(".work")).to_have_text("A note.")
    places = turn.locator("a").all()
    assert [place.get_attribute("href") for place in places] == [
        f"{service.url}/read/metastases?passage=metastases-1",
        f"{service.url}/read/metastases?passage=metastases-2",
    ]


# Citations


def test_citation_opens_its_reference(page: Page, service: Service) -> None:
    """A button with the number opens the note word for word, with links to DOI, PubMed and PMC, and closes it."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figure = ask(page, SURVIVAL).locator("figure").first
    opener = figure.get_by_role("button", name="Reference 3 in Cervical spinal metastases")
    reference = figure.locator(".reference")
    expect(opener).to_have_text("[3]")
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(reference).to_be_hidden()
    opener.click()
    expect(opener).to_have_attribute("aria-expanded", "true")
    assert opener.get_attribute("aria-controls") == reference.get_attribute("id")
    expect(reference).to_be_visible()
    expect(reference.locator(".work")).to_have_text(VAZIFEHDAN["text"])
    assert links(reference) == {
        "DOI": "https://doi.org/10.1007/s00590-017-2002-0",
        "PubMed": "https://pubmed.ncbi.nlm.nih.gov/28638950/",
        "PMC": "https://pmc.ncbi.nlm.nih.gov/articles/PMC7335153/",
    }
    opener.click()
    expect(reference).to_be_hidden()


@pytest.mark.parametrize(
    ("rank", "words", "reason"),
    [
        (1, "Cited here: [3] [4]", "The reference mark stands in this passage."),
        (2, "Names the author of [3]", "This passage names the first author of the work."),
        (3, "Probably from [3]", "The reference mark stands later in the same study."),
    ],
)
def test_basis_is_said_in_words(page: Page, service: Service, rank: int, words: str, reason: str) -> None:
    """How a reference supports a passage stands beside its number, and the reason with the reference."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figure = ask(page, BASES).locator("figure").nth(rank - 1)
    expect(figure.locator(".basis")).to_have_text(words)
    expect(figure.locator(".why").first).to_have_text(reason)


def test_citations_of_one_passage_are_listed_in_turn(page: Page, service: Service) -> None:
    """Several works under one passage open apart, and a DOI with odd characters stays one address."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figure = ask(page, BASES).locator("figure").first
    figure.get_by_role("button", name="Reference 4").click()
    expect(figure.locator(".reference").first).to_be_hidden()
    assert links(figure.locator(".reference").last) == {
        "DOI": "https://doi.org/10.1002/(SICI)1097-0142(19960801)78%3A3%3C475%3A%3AAID-CNCR%3E3.0.CO%3B2-X"
    }


def test_numbers_of_the_same_work_share_a_button(page: Page, service: Service) -> None:
    """Two numbers that point to one work, as in a repeated footnote, open it together."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figure = ask(page, BASES).locator("figure").nth(3)
    expect(figure.get_by_role("button", name="Reference 2, 3 in Cervical spinal metastases")).to_have_text("[2, 3]")
    expect(figure.locator(".reference")).to_have_count(1)


def test_uncited_passage_says_so(page: Page, service: Service) -> None:
    """A passage without support says that the source gives none."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, UNCITED)
    expect(turn.locator(".basis")).to_have_text("No reference in the source")
    expect(turn.locator(".citation, .reference")).to_have_count(0)


def test_marks_that_lead_nowhere_are_named(page: Page, service: Service) -> None:
    """Of a passage whose mark has nothing behind it, this is said, and not that the source gives no reference."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, DANGLING)
    assert turn.locator(".basis").all_text_contents() == [
        "No entry in the source’s list of references for [4], [5]",
        "No reference in the source",
        "No entry in the source’s list of references for [6]",
    ]


# Asking


def test_question_is_posted_and_never_in_an_address(page: Page, service: Service) -> None:
    """The question travels in the body of a POST, and no address holds it."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    ask(page, f"  {SURVIVAL} ")
    assert service.asked == [{"question": SURVIVAL, "k": 5}]
    assert service.paths == ["GET /page", "GET /widget/v1.js", "POST /v1/ask"]
    assert page.url == f"{service.url}/page"


@pytest.mark.parametrize(
    ("attribute", "k"),
    [('k="2"', 2), ('k="0"', 5), ('k="many"', 5), ('k="2.5"', 5), ("k", 5), ("", 5)],
)
def test_k_is_how_many_passages_are_asked_for(page: Page, service: Service, attribute: str, k: int) -> None:
    """The attribute k is sent with the question; what is no positive whole number counts as 5."""
    page.goto(service.embed(f"<loccit-chat {attribute}></loccit-chat>"))
    ask(page, SURVIVAL)
    assert service.asked == [{"question": SURVIVAL, "k": k}]


def test_button_asks(page: Page, service: Service) -> None:
    """A click on the button asks, and the answered question leaves the input."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill(SURVIVAL)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("blockquote")).to_have_count(2)
    expect(page.get_by_role("textbox")).to_have_value("")


def test_empty_question_is_not_asked(page: Page, service: Service) -> None:
    """White space alone asks nothing and leads back to the input."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill("   ")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("article")).to_have_count(0)
    assert service.asked == []


def test_one_question_at_a_time(page: Page, service: Service) -> None:
    """While a question is in flight the widget is busy and takes no other, by key or by script."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill(SLOW)
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("button", name="Ask")).to_be_disabled()
    expect(page.get_by_text("Looking in the source")).to_be_visible()
    page.get_by_role("textbox").press("Enter")
    page.evaluate("question => document.querySelector('loccit-chat').ask(question)", SURVIVAL)
    expect(page.get_by_role("textbox")).to_have_value(SLOW)
    service.gate.set()
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("button", name="Ask")).to_be_enabled()
    expect(page.get_by_text("Looking in the source")).to_have_count(0)
    assert [query["question"] for query in service.asked] == [SLOW]


def test_script_may_ask(page: Page, service: Service) -> None:
    """The method ask is fulfilled when the turn is complete."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.evaluate("question => document.querySelector('loccit-chat').ask(question)", SURVIVAL)
    assert page.locator("blockquote").count() == 2


# Embedding


def test_two_widgets_keep_apart(page: Page, service: Service) -> None:
    """Two widgets on one page each show their own turns."""
    page.goto(service.embed('<loccit-chat k="1"></loccit-chat><loccit-chat></loccit-chat>'))
    ask(page, SURVIVAL, widget=1)
    ask(page, UNCITED, widget=0)
    widgets = page.locator("loccit-chat")
    assert widgets.nth(0).get_by_role("heading").all_text_contents() == [UNCITED]
    assert widgets.nth(1).get_by_role("heading").all_text_contents() == [SURVIVAL]
    assert [query["k"] for query in service.asked] == [5, 1]


def test_script_may_be_loaded_twice(page: Page, service: Service) -> None:
    """A page that loads the script under two addresses has a working widget and no error."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.evaluate("import('/widget/v1.js').then(() => null)")
    with page.expect_response("**/widget/v1.js?again"):
        page.evaluate("import('/widget/v1.js?again').then(() => null)")
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()


@pytest.mark.parametrize("kind", ["", "async", "crossorigin"])
def test_endpoint_is_where_the_script_came_from(
    page: Page, service: Service, start_service: Callable[[], Service], kind: str
) -> None:
    """A page elsewhere that takes the script from the service asks that service."""
    elsewhere = start_service()
    elsewhere.pages["/open"] = (
        f'<script type="module" src="{service.url}/widget/v1.js" {kind}></script><loccit-chat></loccit-chat>'
    )
    page.goto(f"{elsewhere.url}/open")
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()
    assert (len(service.asked), len(elsewhere.asked)) == (1, 0)


def test_endpoint_may_lie_below_a_path(page: Page) -> None:
    """A script that a proxy serves below a path asks below that path."""
    below = "https://wiki.example/loccit"
    script = (STATIC / "widget" / "v1.js").read_text("utf-8")
    body = json.dumps(ANSWERS[UNCITED])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(f"{below}/widget/v1.js", lambda route: route.fulfill(content_type="text/javascript", body=script))
    page.route(f"{below}/v1/ask", lambda route: route.fulfill(body=body))
    page.route(
        "https://wiki.example/page",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<script type="module" src="{below}/widget/v1.js"></script><loccit-chat></loccit-chat>',
        ),
    )
    page.goto("https://wiki.example/page")
    expect(ask(page, SURVIVAL).locator("blockquote")).to_be_visible()
    assert asked[-1] == f"{below}/v1/ask"


def test_key_goes_with_every_request(page: Page, service: Service, start_service: Callable[[], Service]) -> None:
    """The attribute key is sent as a bearer token, to the endpoint alone, also where that is another origin."""
    elsewhere = start_service()
    widget = f'<loccit-chat endpoint="{elsewhere.url}" key="pk_1"></loccit-chat>'
    page.goto(service.embed(widget, path="/open"))
    turn = ask(page, DANGLING)
    turn.get_by_role("button", name="Copy with citation").first.click()
    expect(turn.locator(".outcome").first).not_to_be_empty()
    assert {path.split("?")[0] for path in elsewhere.paths if not path.startswith("OPTIONS")} == {
        "POST /v1/ask",
        "GET /v1/documents/metastases",
        "GET /v1/passages/metastases-1/quotation",
    }
    assert set(elsewhere.keys) == {"Bearer pk_1"}
    assert set(service.keys) == {None}


@pytest.mark.parametrize("slash", ["", "/"])
def test_endpoint_may_be_given(page: Page, service: Service, start_service: Callable[[], Service], slash: str) -> None:
    """The attribute endpoint names another service, with or without a slash at its end."""
    elsewhere = start_service()
    widget = f'<loccit-chat endpoint="{elsewhere.url}{slash}"></loccit-chat>'
    page.goto(service.embed(widget, path="/open"))
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()
    assert (len(service.asked), len(elsewhere.asked)) == (0, 1)


# Words of the interface


GERMAN = {"ask": "Fragen", "fromVersion": "Aus der Quelle, Fassung vom {date}: {title}", "found": "{count} Stellen"}


def test_texts_replace_the_words_of_the_interface(page: Page, service: Service) -> None:
    """The attribute texts changes words and their order, and the day is told in the language of the page."""
    page.goto(service.embed(f"<loccit-chat lang=de texts='{json.dumps(GERMAN)}'></loccit-chat>"))
    expect(page.get_by_role("button", name="Fragen")).to_be_visible()
    turn = ask(page, SURVIVAL)
    expect(turn.locator(".summary")).to_have_text("2 Stellen")
    expect(turn.locator(".source").first).to_have_text(
        "Aus der Quelle, Fassung vom 13. Mai 2025: Cervical spinal metastases"
    )
    expect(turn.locator(".basis").first).to_have_text("Cited here: [3]")


@pytest.mark.parametrize("texts", ["{", '["ask"]', "null", '{"aks": "Fragen"}', '{"ask": 3}', '{"constructor": "x"}'])
def test_texts_that_are_wrong_are_told_to_the_page_s_author(page: Page, service: Service, texts: str) -> None:
    """What is no JSON object of known texts leaves the words as they are, and a warning names the texts there are."""
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text))
    page.goto(service.embed(f"<loccit-chat texts='{texts}'></loccit-chat>"))
    expect(page.get_by_role("button", name="Ask")).to_be_visible()
    (warning,) = warnings
    assert "the attribute texts is a JSON object of label, placeholder, ask," in warning
