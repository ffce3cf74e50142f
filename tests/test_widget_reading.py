"""Whether everyone can read and operate the widget."""

import re
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.widget_service import BASES, CONFIDENT, DANGLING, DOSE, SLOW, SURVIVAL, TOO_LONG, UNCITED, Service, ask


def test_keyboard_alone_suffices(page: Page, service: Service) -> None:
    """Tab reaches input, button, links and the nearest passage; Enter and Space work; focus is not lost."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type(DOSE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Ask")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("summary")).to_be_visible()
    expect(page.get_by_role("button", name="Ask")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Clear")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("blockquote")).to_be_visible()


def test_focus_is_visible(page: Page, service: Service) -> None:
    """Input and button show an outline when the keyboard reaches them."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    for role in ("textbox", "button"):
        page.keyboard.press("Tab")
        expect(page.get_by_role(role)).to_be_focused()
        expect(page.get_by_role(role)).to_have_css("outline-style", "solid")
        expect(page.get_by_role(role)).to_have_css("outline-width", "2px")


def test_roles_and_names(page: Page, service: Service) -> None:
    """The log is a polite live region, and the input has its label and placeholder, which may change."""
    page.goto(service.embed('<loccit-chat label="Ask the wiki" placeholder="Why…?"></loccit-chat>'))
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("textbox", name="Ask the wiki")).to_have_attribute("placeholder", "Why…?")
    page.evaluate("document.querySelector('loccit-chat').setAttribute('label', 'Ask us')")
    expect(page.get_by_role("textbox", name="Ask us")).to_be_visible()


def test_work_links_say_which_reference(page: Page, service: Service) -> None:
    """A link named DOI tells a screen reader whose DOI it is."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, SURVIVAL)
    turn.get_by_role("button", name="Reference 3").first.click()
    expect(turn.get_by_role("link", name="DOI, reference 3").first).to_be_visible()


def test_look_follows_the_page(page: Page, service: Service) -> None:
    """The widget is dark where the page is, for a reader who prefers dark, and light in a page that is light alone."""
    style = "<style>#light { color-scheme: light; --loccit-background: rgb(1, 2, 3) }</style>"
    page.emulate_media(color_scheme="dark")
    page.goto(service.embed(f'{style}<loccit-chat></loccit-chat><loccit-chat id="light"></loccit-chat>'))
    expect(page.locator("loccit-chat").first.locator(".panel")).to_have_css("background-color", "rgb(25, 26, 24)")
    expect(page.locator("#light .panel")).to_have_css("color", "rgb(31, 29, 26)")
    expect(page.locator("#light .panel")).to_have_css("background-color", "rgb(1, 2, 3)")


def test_style_of_the_page_does_not_leak_in(page: Page, service: Service) -> None:
    """A page that redefines rem and shouts in capitals leaves the widget as it is."""
    style = "<style>html { font-size: 5px } body { text-transform: uppercase; line-height: 3 }</style>"
    page.goto(service.embed(f"{style}<loccit-chat></loccit-chat>"))
    quotation = ask(page, SURVIVAL).locator("blockquote").first
    expect(quotation).to_have_css("font-size", "17px")
    expect(quotation).to_have_css("text-transform", "none")


def test_nothing_overflows_on_a_phone(page: Page, service: Service) -> None:
    """At 320 pixels nothing is wider than the screen, and the input does not make a phone zoom in."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(service.embed("<style>body { margin: 0 }</style><loccit-chat></loccit-chat>"))
    for question in (BASES, DOSE, TOO_LONG, "x" * 300):
        ask(page, question)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    log = page.get_by_role("log")
    assert log.evaluate("log => log.scrollWidth - log.clientWidth") == 0
    expect(page.get_by_role("textbox").last).to_have_css("font-size", "16px")


@pytest.mark.parametrize(("preference", "name"), [("reduce", "none"), ("no-preference", "appear")])
def test_reduced_motion_is_respected(page: Page, service: Service, preference: Any, name: str) -> None:
    """A reader who prefers less motion sees no animation."""
    page.emulate_media(reduced_motion=preference)
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    page.get_by_role("textbox").fill(SLOW)
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_text("Looking in the source")).to_have_css("animation-name", name)


@pytest.mark.parametrize("style", ["", "height: 400px"])
def test_new_turn_is_brought_into_view(page: Page, service: Service, style: str) -> None:
    """A new question comes to the top, in the page or inside a widget that has a height of its own."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 600, "height": 500})
    page.goto(
        service.embed(f"<style>h1 {{ display: none }} loccit-chat {{ {style} }}</style><loccit-chat></loccit-chat>")
    )
    ask(page, BASES)
    turn = ask(page, SURVIVAL)
    place = turn.get_by_role("heading").bounding_box()
    assert place is not None
    assert 0 <= place["y"] < 60
    expect(page.get_by_role("article").first.get_by_role("heading")).not_to_be_in_viewport()
    expect(page.get_by_role("textbox")).to_be_in_viewport(ratio=1)


def test_widget_with_a_height_scrolls_by_keyboard(page: Page, service: Service) -> None:
    """Where the turns scroll inside the widget, the keyboard reaches and scrolls them."""
    style = "<style>loccit-chat { height: 600px }</style>"
    page.emulate_media(reduced_motion="reduce")
    page.goto(service.embed(f"{style}<loccit-chat></loccit-chat>"))
    ask(page, UNCITED)
    expect(page.get_by_role("log")).not_to_have_attribute("tabindex", re.compile("."))
    ask(page, BASES)
    expect(page.get_by_role("log")).to_have_attribute("tabindex", "0")
    page.get_by_role("log").press("End")
    expect(page.locator("blockquote").last).to_be_in_viewport()


# axe-core


AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
"""The rules of axe-core (MPL-2.0), as a package for its tests brings them."""


def open_all(page: Page) -> None:
    """Open every reference and nearest passage, and vote for one passage."""
    page.evaluate(
        """() => {
          const root = document.querySelector("loccit-chat").shadowRoot;
          for (const node of root.querySelectorAll("details")) node.open = true;
          for (const node of root.querySelectorAll(".citation")) node.click();
          root.querySelector(".thumb").click();
        }"""
    )
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def faults(page: Page) -> list[str]:
    """What axe-core finds, with all its rules, and how many elements it found sound for each rule of interest."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")
    passed = {rule["id"]: len(rule["nodes"]) for rule in found["passes"]}
    assert passed["button-name"] >= 1
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1000, 320])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("kind", ["", "floating"])
def test_axe_finds_nothing(page: Page, service: Service, scheme: Any, width: int, direction: str, kind: str) -> None:
    """With answers, failures and references open, axe-core finds no fault, contrast included."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(service.embed(f'<loccit-chat dir="{direction}" notice="No names, please." {kind}></loccit-chat>'))
    assert faults(page) == []
    if kind:
        page.get_by_role("button", name="Ask the source").click()
    for question in (BASES, SURVIVAL, CONFIDENT, DANGLING, DOSE, TOO_LONG):
        ask(page, question)
    open_all(page)
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_forced_colors(page: Page, service: Service, scheme: Any) -> None:
    """The same in colours that the reader's system forces; the highlight is still marked, a vote still shown."""
    page.emulate_media(color_scheme=scheme, forced_colors="active")
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, SURVIVAL)
    open_all(page)
    assert faults(page) == []
    mark = turn.locator("mark").evaluate("node => getComputedStyle(node).backgroundColor")
    assert mark != turn.locator("blockquote").first.evaluate("node => getComputedStyle(node).backgroundColor")
    expect(turn.locator(".thumb[aria-pressed=true]")).to_have_css("border-style", "solid")


# A floating widget


def test_floating_widget_opens_and_closes_by_keyboard(page: Page, service: Service) -> None:
    """A button opens a dialog with the focus in its input; Escape and Close close it, and the focus returns."""
    page.goto(service.embed("<button>Before</button><loccit-chat floating label='Ask the wiki'></loccit-chat>"))
    launcher = page.get_by_role("button", name="Ask the wiki")
    dialog = page.get_by_role("dialog", name="Ask the wiki")
    expect(launcher).to_have_attribute("aria-haspopup", "dialog")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(launcher).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Ask the wiki")).to_be_focused()
    expect(launcher).to_be_hidden()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(launcher).to_be_focused()
    page.keyboard.press("Space")
    dialog.get_by_role("button", name="Close").click()
    expect(launcher).to_be_focused()
    page.get_by_role("button", name="Before").click()


def test_floating_widget_keeps_its_turns_while_closed(page: Page, service: Service) -> None:
    """What was asked is there when the dialog is opened again, and a script that asks opens it."""
    page.goto(service.embed("<loccit-chat floating></loccit-chat>"))
    page.evaluate("question => document.querySelector('loccit-chat').ask(question)", SURVIVAL)
    expect(page.get_by_role("dialog").locator("blockquote").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Ask the source").click()
    expect(page.get_by_role("dialog").locator("blockquote")).to_have_count(2)


@pytest.mark.parametrize(("direction", "side"), [("ltr", "right"), ("rtl", "left")])
def test_floating_widget_stands_in_the_corner(page: Page, service: Service, direction: str, side: str) -> None:
    """The button stands at the lower end of the line, and on a phone the dialog fills the screen."""
    page.set_viewport_size({"width": 900, "height": 700})
    page.goto(service.embed(f'<div dir="{direction}"><loccit-chat floating></loccit-chat></div>'))
    launcher = page.get_by_role("button", name="Ask the source")
    box = launcher.bounding_box()
    assert box
    assert (box["x"] > 450) == (side == "right")
    assert box["y"] > 600
    launcher.click()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 640}


# Right to left, print


def test_right_to_left_mirrors_the_widget(page: Page, service: Service) -> None:
    """In a page from right to left, the rule beside a quotation stands right, and English words keep their order."""
    page.goto(service.embed('<div dir="rtl"><loccit-chat></loccit-chat></div>'))
    turn = ask(page, SURVIVAL)
    expect(turn.locator("blockquote").first).to_have_css("direction", "ltr")
    button, field = page.get_by_role("button", name="Ask").bounding_box(), page.get_by_role("textbox").bounding_box()
    assert button
    assert field
    assert button["x"] < field["x"]


def test_print_opens_references_and_leaves_out_controls(page: Page, service: Service) -> None:
    """On paper every reference can be read, and there is nothing to press."""
    page.goto(service.embed("<loccit-chat></loccit-chat>"))
    turn = ask(page, BASES)
    expect(turn.locator(".reference").first).to_be_hidden()
    page.emulate_media(media="print")
    for reference in turn.locator(".reference").all():
        expect(reference).to_be_visible()
    for control in (
        page.get_by_role("textbox"),
        page.get_by_role("button", name="Ask"),
        turn.locator(".actions").first,
    ):
        expect(control).to_be_hidden()
    expect(turn.get_by_text("[3]").first).to_be_visible()
