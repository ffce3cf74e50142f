"""The notes that DokuWiki's XHTML prints below a page, and the words of an element in one line."""

import re
from typing import NamedTuple

from corpus.notes import Note
from corpus.readers.dokuwiki_page import is_chrome
from corpus.readers.html_events import Event, Page

__all__ = ["BLOCKS", "PrintedNote", "line", "number", "read_note", "shown_note"]

BLOCKS = {
    "address", "article", "aside", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "header", "li", "main", "ol", "p", "section", "summary", "table", "tbody", "tfoot", "thead",
    "ul",
}  # fmt: skip
"""Tags that begin and end a line, besides those that begin a block of a kind of its own."""
_PARTS = {"li", "dt", "dd", "tr", "td", "th", "blockquote", "caption", "figcaption", "br", "hr", "pre"}
_NUMBER = re.compile(r"\s*(\d{1,6})\)\s*$")
_PAPER = re.compile(
    r"https?://(?:(?:dx\.)?doi\.org/(?P<doi>.+)|pubmed\.ncbi\.nlm\.nih\.gov/|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed/"
    r"|pmc\.ncbi\.nlm\.nih\.gov/)"
)
"""Where papers are found, to which wikis link by short names."""


class PrintedNote(NamedTuple):
    """A note, and the numbers behind which it is printed."""

    numbers: tuple[int, ...]
    note: Note


def read_note(page: Page, start: int, end: int) -> PrintedNote:
    """The note in an element: what follows the last of its numbers.

    >>> from corpus.readers.html_events import parse
    >>> page = parse('<div class="fn"><a class="fn_bot">2)</a> , <a class="fn_bot">3)</a> Smith A.</div>')
    >>> read_note(page, 0, len(page.events))
    PrintedNote(numbers=(2, 3), note=Note(text='Smith A.', links=(), stated=None))
    """
    numbers: list[int] = []
    begin = start + 1
    for i in range(start + 1, end):
        event = page.events[i]
        if event.kind == "start" and event.name == "a" and "fn_bot" in event.classes:
            begin = page.ends[i]
            printed = number(page, i, begin)
            numbers += [printed] if printed is not None else []
    return PrintedNote(tuple(numbers), shown_note(page, begin, end))


def shown_note(page: Page, start: int, end: int) -> Note:
    """The note that a reader sees between two places."""
    return Note(line(page, start, end), _links(page, start, end))


def _links(page: Page, start: int, end: int) -> tuple[str, ...]:
    """The addresses behind words that lead out of the wiki."""
    found = []
    for i in range(start, end):
        event = page.events[i]
        if event.kind == "start" and event.name == "a" and (address := _outer_address(event)):
            shown = " ".join(page.text(i, page.ends[i]).split())
            found += [address] if shown not in {"", address, event.attributes.get("href")} else []
    return tuple(found)


def _outer_address(event: Event) -> str | None:
    """Where a link leads, if it leads out of the wiki."""
    address = event.attributes.get("href", "")
    if "mediafile" in event.classes:
        # The wiki fetches it for its readers, and names it beside.
        name = event.attributes.get("title", "")
        return name if "://" in name else None
    if "urlextern" in event.classes:
        return address
    paper = _PAPER.match(address)
    return f"https://doi.org/{paper['doi']}" if paper and paper["doi"] else paper and address


def number(page: Page, start: int, end: int) -> int | None:
    """The number that a mark such as ``3)`` shows; None if it shows none."""
    match = _NUMBER.match(page.text(start, end))
    return int(match[1]) if match else None


def line(page: Page, start: int, end: int) -> str:
    """What a reader sees between two places, in one line."""
    texts: list[str] = []
    i = start
    while i < end:
        event = page.events[i]
        if event.kind == "text":
            texts.append(event.name)
        elif event.kind == "start" and i > start and is_chrome(event):
            i = page.ends[i]
        elif event.kind == "start" and event.name == "img":
            texts.append(event.attributes.get("alt", ""))
        elif event.name in BLOCKS or event.name in _PARTS:
            texts.append(" ")
        i += 1
    return " ".join("".join(texts).split())
