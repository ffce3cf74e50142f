"""A page as a wiki serves it: where its content stands, and what the page around it says."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from corpus.readers.html_events import Event, Page

__all__ = ["Surroundings", "is_chrome", "is_edged", "surroundings"]

_DATE = r"(\d{4})[/-](\d{2})[/-](\d{2})"
_MODIFIED = re.compile(rf"\.txt\b[^\d.]{{0,80}}{_DATE}\s+\d{{2}}:\d{{2}}")
"""The line below a page, in any language: its file, then the date of its last change."""
_META_DATE = re.compile(rf"{_DATE}T\d\d")
_UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_UNREAD_TAGS = {
    "script", "style", "noscript", "template", "head", "title", "form", "button", "select", "textarea", "input",
    "iframe", "object", "svg", "nav",
}  # fmt: skip
_UNREAD_CLASSES = {"secedit", "toc", "dw__toc", "a11y", "btn_secedit", "anchorjs-link"}
_EDGED = {"hr", "details", "fieldset", "aside", "center"}
_NO_BOX = re.compile(
    r"level[1-6]|li|table|table-responsive|footnotes|refnotes|notes|content|page|dw-content|group|clearer"
)
"""Classes by which DokuWiki and its templates part what has no edge to a reader's eyes."""
_APART_TAGS = {"aside", "header", "footer"}
_APART = re.compile(r"sidebar|aside|breadcrumb|footer\b|header\b", re.IGNORECASE)
_LEVEL = re.compile(r"level[1-6]$")


class Surroundings(NamedTuple):
    """Between which places the content stands, and what the page says of itself around it."""

    start: int
    end: int
    title: str | None
    modified: str | None
    url: str | None


def surroundings(page: Page) -> Surroundings:
    """The content of a page and what stands around it; a bare fragment is content as a whole."""
    if not any(event.kind == "start" and event.name == "title" for event in page.events):
        return Surroundings(0, len(page.events), None, None, None)
    start, end = _content(page)
    return Surroundings(start, end, _title(page), _modified(page, end), _url(page))


def is_chrome(event: Event) -> bool:
    """Whether a tag begins what is no content: buttons, the table of contents, scripts, what is hidden."""
    return (
        event.name in _UNREAD_TAGS
        or not _UNREAD_CLASSES.isdisjoint(event.classes)
        or event.attributes.get("id") == "dw__toc"
        or "hidden" in event.attributes
        or bool(_UNSEEN.search(event.attributes.get("style", "")))
    )


def is_edged(event: Event) -> bool:
    """Whether a tag is a rule or begins a box: what a plug-in puts around blocks, under whatever name.

    >>> [is_edged(Event("start", "div", {"class": name})) for name in ("plugin_note notetip", "level2")]
    [True, False]
    """
    if event.name == "div":
        return bool(event.classes) and not any(map(_NO_BOX.fullmatch, event.classes))
    return event.name in _EDGED


def _content(page: Page) -> tuple[int, int]:
    """The content, by the surest sign there is: the template's comments, the names of its elements, the headings."""
    comments = {event.name.strip(): i for i, event in enumerate(page.events) if event.kind == "comment"}
    if comments.get("wikipage start", len(page.events)) < comments.get("wikipage stop", -1):
        return comments["wikipage start"], comments["wikipage stop"]
    body = _first(page, 0, len(page.events), lambda event: event.name == "body") or (0, len(page.events))
    outer = _first(page, *body, lambda event: event.attributes.get("id") == "dokuwiki__content")
    inner = _first(page, *(outer or body), lambda event: "dw-content" in event.classes) or (
        outer and _first(page, *outer, lambda event: "page" in event.classes)
    )
    return inner or _around_signs(page, *(outer or body)) or outer or body


def _first(page: Page, start: int, end: int, wanted: Callable[[Event], bool]) -> tuple[int, int] | None:
    for i in range(start, end):
        if page.events[i].kind == "start" and wanted(page.events[i]):
            return i, page.ends[i]
    return None


def _around_signs(page: Page, start: int, end: int) -> tuple[int, int] | None:
    """The innermost element around all that only DokuWiki's renderer makes, but for sidebars and the like."""
    signs: list[int] = []
    i = start
    while i < end:
        event = page.events[i]
        if event.kind == "start" and i > start and (is_chrome(event) or _is_apart(event)):
            i = page.ends[i]
        elif event.kind == "start" and _is_sign(event):
            signs.append(i)
        i += 1
    if not signs:
        return None
    around = page.parents[signs[0]]
    while around >= 0 and page.ends[around] < signs[-1]:
        around = page.parents[around]
    return (around, page.ends[around]) if around >= 0 else None


def _is_apart(event: Event) -> bool:
    return event.name in _APART_TAGS or bool(
        event.name == "div" and _APART.search(event.attributes.get("id", "") + " " + event.attributes.get("class", ""))
    )


def _is_sign(event: Event) -> bool:
    if event.name == "div" and any(map(_LEVEL.match, event.classes)):
        return True
    return any(
        name.startswith("sectionedit") or name in {"fn_top", "footnotes", "refnotes-ref", "refnotes"}
        for name in event.classes
    )


def _title(page: Page) -> str | None:
    """The page's own title, without the wiki's name behind it."""
    i, end = _first(page, 0, len(page.events), lambda event: event.name == "title") or (0, 0)
    name = " ".join(page.text(i, end).split())
    return (name.partition(" [")[0] if name.endswith("]") else name) or None


def _modified(page: Page, end: int) -> str | None:
    below = " ".join(event.name for event in page.events[end:] if event.kind == "text")
    if found := _MODIFIED.search(" ".join(below.split())):
        return "-".join(found.groups())
    for event in page.events:
        if event.name == "meta" and event.attributes.get("name") == "date":
            found = _META_DATE.match(event.attributes.get("content", ""))
            return found and "-".join(found.groups())
    return None


def _url(page: Page) -> str | None:
    for event in page.events:
        if event.name == "link" and event.attributes.get("rel") == "canonical":
            address = event.attributes.get("href", "")
            return address if urlsplit(address).scheme in {"http", "https"} else None
    return None
