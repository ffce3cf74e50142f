"""What the widget tells when there is no answer, and when something fails."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget_service import BROKEN, DOSE, PROBLEM, SLOW, SURVIVAL, TOO_LONG, UNCITED, Reply, Service, ask


def test_no_match_says_so_and_keeps_the_nearest_behind_a_summary(page: Page, service: Service) -> None:
    """Without an answer the widget says so, and shows the nearest passage only when it is asked for."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, DOSE)
    expect(turn).to_contain_text("The source does not answer this.")
    expect(turn.locator("blockquote")).to_be_hidden()
    turn.get_by_text("Nearest passage, which may not answer").click()
    expect(turn.locator("blockquote")).to_have_text("Systemic chemotherapy was not possible.")
    expect(turn.locator("blockquote")).to_be_visible()


def test_problem_shows_its_detail_and_keeps_the_question(page: Page, service: Service) -> None:
    """A problem document's detail is what the reader sees, and the question stays in the input."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, TOO_LONG)
    expect(turn.locator(".failed")).to_have_text(str(PROBLEM["detail"]))
    expect(page.get_by_role("textbox")).to_have_value(TOO_LONG)


def test_failure_without_a_problem_document_shows_the_status(page: Page, service: Service) -> None:
    """A failure whose body is no problem document, as from a gateway, is shown by its status."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    expect(ask(page, BROKEN).locator(".failed")).to_have_text("The service failed, with status 502.")


@pytest.mark.parametrize(
    "body",
    [b"", b"<p>hello</p>", b"null", b"[]", b'{"status": "answered"}', b'{"status": "maybe"}'],
)
def test_body_that_is_no_answer_is_refused(page: Page, service: Service, body: bytes) -> None:
    """A successful response that is not an answer is said to be unreadable."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.route("**/v1/ask", lambda route: route.fulfill(status=200, body=body))
    turn = ask(page, SURVIVAL)
    expect(turn.locator(".failed")).to_have_text("The service sent something that this page cannot read as an answer.")
    expect(page.get_by_role("textbox")).to_have_value(SURVIVAL)


def test_unreachable_service_keeps_the_question(page: Page, service: Service) -> None:
    """When the service is gone the widget says so, keeps the question, and can ask again."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    service.close()
    turn = ask(page, SURVIVAL)
    expect(turn.locator(".failed")).to_have_text(
        "The service could not be reached, or does not answer pages of this site. Try again in a moment."
    )
    expect(page.get_by_role("textbox")).to_have_value(SURVIVAL)
    expect(page.get_by_role("button", name="Ask")).to_be_enabled()


def test_slow_service_is_given_up(page: Page, service: Service) -> None:
    """After 20 seconds without an answer the widget gives up, says so, and keeps the question."""
    page.clock.install()
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill(SLOW)
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    page.clock.run_for(19_000)
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    page.clock.run_for(1_000)
    expect(page.locator(".failed")).to_have_text("The service did not answer within 20 seconds.")
    expect(page.get_by_role("textbox")).to_have_value(SLOW)


def test_question_after_a_failure_is_answered(page: Page, service: Service) -> None:
    """A failure does not stand in the way of the next question."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    ask(page, TOO_LONG)
    expect(ask(page, UNCITED).locator("blockquote")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(2)


def test_endpoint_that_is_no_address_is_named(page: Page, service: Service) -> None:
    """A mistaken endpoint is shown to whoever embeds the widget."""
    page.goto(service.embed('<loccit-chat endpoint="https://"></loccit-chat>'))
    expect(ask(page, SURVIVAL).locator(".failed")).to_have_text(
        "The endpoint of this widget is not a web address: https://"
    )


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (401, (), "The service does not accept the key of this page."),
        (403, (), "The service does not answer questions from this page."),
        (429, (("Retry-After", "7"),), "Too many questions were asked in a short time. Try again in 7 s."),
        (429, (), "Too many questions were asked in a short time. Try again in a moment."),
        (503, (("Retry-After", "1"),), "The service is busy. Try again in 1 s."),
        (503, (("Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"),), "The service is busy. Try again in a moment."),
    ],
)
def test_refusals_are_told_in_plain_words(
    page: Page, service: Service, status: int, headers: tuple[tuple[str, str], ...], words: str
) -> None:
    """A refusal is told without the words for developers, with the time to wait, and the question stays in the box."""
    service.refusals["/v1/ask"] = Reply(status, "application/problem+json", b'{"detail": "scope"}', headers)
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, SURVIVAL)
    expect(turn.locator(".failed")).to_have_text(words)
    expect(turn.locator(".summary")).to_have_text("Your question is still in the box, to change or to ask again.")
    expect(page.get_by_role("textbox")).to_have_value(SURVIVAL)


def test_time_to_wait_may_be_a_date(page: Page, service: Service) -> None:
    """Retry-After as a date is told in seconds from now."""
    service.refusals["/v1/ask"] = Reply(503, "text/plain", b"", (("Retry-After", "Fri, 02 Jan 2026 00:01:30 GMT"),))
    page.clock.install(time="2026-01-02T00:00:00Z")
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.clock.pause_at("2026-01-02T00:01:00Z")
    expect(ask(page, SURVIVAL).locator(".failed")).to_have_text("The service is busy. Try again in 30 s.")


def test_time_to_wait_is_read_from_another_origin(
    page: Page, service: Service, start_service: Callable[[], Service]
) -> None:
    """A service elsewhere that exposes Retry-After is understood as well."""
    elsewhere = start_service()
    elsewhere.refusals["/v1/ask"] = Reply(429, "text/plain", b"", (("Retry-After", "9"),))
    page.goto(service.embed(f'<loccit-chat endpoint="{elsewhere.url}"></loccit-chat>', path="/open"))
    expect(ask(page, SURVIVAL).locator(".failed")).to_contain_text("Try again in 9 s.")
