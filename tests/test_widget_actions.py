"""What a reader does with an answer in the widget: copying, saving, judging, and finding it again in the same tab."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsers import breaches
from tests.widget_service import BASES, LINKED, QUOTATION, SURVIVAL, TOO_LONG, UNCITED, Reply, Service, ask, json_reply

# Copying and saving


def test_copy_has_the_words_and_what_the_page_cites(browser: Browser, service: Service) -> None:
    """The clipboard gets the service's quotation, and a link to the place where the page has no address."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    for question, link in ((SURVIVAL, f"\n{service.url}/read/metastases?passage=metastases-1"), (LINKED, "")):
        turn = ask(page, question)
        turn.get_by_role("button", name="Copy with citation").first.click()
        expect(turn.locator(".outcome").first).to_have_text("Copied, with the citation.")
        assert page.evaluate("navigator.clipboard.readText()") == QUOTATION + link
    context.close()


def test_copy_that_is_not_allowed_is_offered_by_hand(page: Page, service: Service) -> None:
    """Where the browser lets no script copy, the text is shown and selected."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error('no')))")
    turn = ask(page, LINKED)
    turn.get_by_role("button", name="Copy with citation").first.click()
    box = turn.locator("textarea")
    expect(box).to_have_value(QUOTATION)
    assert box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == QUOTATION


def test_copy_that_fails_says_so(page: Page, service: Service) -> None:
    """A passage that is gone from the service cannot be copied, and that is told."""
    problem = {"title": "Not found", "detail": "There is no passage in this snapshot."}
    service.refusals["/v1/passages/metastases-1/quotation"] = json_reply(problem, status=404)
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, SURVIVAL)
    turn.get_by_role("button", name="Copy with citation").first.click()
    expect(turn.locator(".outcome").first).to_have_text("This was not copied. There is no passage in this snapshot.")


def test_references_of_a_passage_are_saved(page: Page, service: Service) -> None:
    """The file has the records of the works that the passage cites, once each, and no others."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, BASES)
    with page.expect_download() as download:
        turn.get_by_role("button", name="Save as RIS").first.click()
    assert download.value.suggested_filename == "metastases-3-4.ris"
    text = Path(download.value.path()).read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("ID")] == [
        "ID  - pmid:28638950",
        "ID  - pmid:28760030",
    ]


def test_passage_without_reference_has_none_to_save(page: Page, service: Service) -> None:
    """Where nothing is cited, nothing is offered to save."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    expect(ask(page, UNCITED).get_by_role("button", name="Save as RIS")).to_have_count(0)


# Judging


def test_thumbs_send_feedback_and_a_comment(page: Page, service: Service) -> None:
    """A thumb sends at once; a comment may follow, and nothing else goes with them."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figure = ask(page, SURVIVAL).locator("figure").nth(1)
    figure.get_by_role("button", name="Not helpful").click()
    expect(figure.locator(".outcome p")).to_have_text("Sent. Thank you.")
    expect(figure.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    expect(figure.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "false")
    figure.get_by_role("textbox").fill("Too old.")
    figure.get_by_role("textbox").press("Enter")
    expect(figure.get_by_role("textbox")).to_have_count(0)
    vote = {"answer": "1", "passage": "metastases-2", "helpful": False}
    assert service.feedback == [{**vote, "comment": ""}, {**vote, "comment": "Too old."}]


def test_feedback_that_is_not_sent_is_told(page: Page, service: Service) -> None:
    """A vote that did not arrive is not shown as given, and a comment stays to be sent again."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    figure = ask(page, SURVIVAL).locator("figure").first
    service.refusals["/v1/feedback"] = Reply(503, "text/plain", b"", (("Retry-After", "2"),))
    figure.get_by_role("button", name="Helpful", exact=True).click()
    expect(figure.locator(".failed")).to_have_text("This was not sent. The service is busy. Try again in 2 s.")
    expect(figure.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "false")
    service.refusals.clear()
    figure.get_by_role("button", name="Helpful", exact=True).click()
    expect(figure.locator(".failed")).to_have_count(0)
    figure.get_by_role("textbox").fill("Good.")
    service.refusals["/v1/feedback"] = Reply(500, "text/plain", b"")
    figure.get_by_role("button", name="Send").click()
    expect(figure.locator(".failed")).to_have_text("This was not sent. The service failed, with status 500.")
    expect(figure.get_by_role("textbox")).to_have_value("Good.")


# Finding it again


def test_turns_are_there_after_a_reload_in_the_same_tab(page: Page, service: Service) -> None:
    """Answered turns are shown again without being asked again; failures and other tabs have none."""
    address = service.embed("<loccit-chat></loccit-chat>")
    page.goto(address)
    for question in (SURVIVAL, TOO_LONG, UNCITED):
        ask(page, question)
    page.reload()
    assert page.get_by_role("article").get_by_role("heading").all_text_contents() == [SURVIVAL, UNCITED]
    page.get_by_role("button", name="Reference 3").first.click()
    expect(page.locator(".reference").first).to_be_visible()
    assert len(service.asked) == 3
    other = page.context.new_page()
    other.goto(address)
    expect(other.get_by_role("textbox")).to_be_visible()
    expect(other.get_by_role("article")).to_have_count(0)


def test_clear_forgets(page: Page, service: Service) -> None:
    """After Clear there is nothing to see, nothing stored, and the focus is in the input."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    expect(page.get_by_role("button", name="Clear")).to_be_hidden()
    ask(page, SURVIVAL)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("button", name="Clear")).to_be_hidden()
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.get_by_role("article")).to_have_count(0)


def test_nothing_else_is_stored(page: Page, service: Service) -> None:
    """One entry of the tab's own storage holds question and answer; no cookie, no other storage, and no key."""
    page.goto(service.embed('<loccit-chat key="pk_1"></loccit-chat>'))
    ask(page, SURVIVAL)
    stored = page.evaluate("({...sessionStorage})")
    (name, turns) = next(iter(stored.items()))
    assert len(stored) == 1
    assert name == f"loccit-chat  {service.url}/"
    assert [turn["question"] for turn in json.loads(turns)] == [SURVIVAL]
    assert "pk_1" not in turns
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []


def test_widgets_of_other_endpoints_and_ids_keep_apart(page: Page, service: Service) -> None:
    """Each endpoint and each id has turns of its own."""
    body = (
        f'<loccit-chat id="a"></loccit-chat><loccit-chat id="b"></loccit-chat><loccit-chat endpoint="{service.url}/x">'
    )
    page.goto(service.embed(body))
    ask(page, SURVIVAL, widget=1)
    page.reload()
    counts = [page.locator("loccit-chat").nth(i).get_by_role("article").count() for i in range(3)]
    assert counts == [0, 1, 0]


@pytest.mark.parametrize("stored", ["{", "3", "[3, null, {}]", '[{"question": "x", "answer": {"status": "answered"}}]'])
def test_turns_that_cannot_be_read_are_passed_over(page: Page, service: Service, stored: str) -> None:
    """What another version or another script left in the storage does no harm."""
    address = service.embed("<loccit-chat></loccit-chat>")
    page.goto(address)
    page.evaluate("([name, text]) => sessionStorage.setItem(name, text)", [f"loccit-chat  {service.url}/", stored])
    page.reload()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()


def test_storage_that_refuses_is_no_failure(browser: Browser, service: Service) -> None:
    """In a browser that lets a page store nothing, questions are answered all the same."""
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.extend(breaches(message.text)))
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    context.close()
    assert faults == []
