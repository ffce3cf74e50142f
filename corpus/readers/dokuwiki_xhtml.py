"""XHTML as DokuWiki makes it: a page as a wiki serves it, or the bare content of one.

What a reader sees of it is the same canonical text that the markup gives, with the numbers as they are printed.
"""

import re
from collections.abc import Mapping

from corpus.documents import BlockKind
from corpus.findings import Finding
from corpus.readers.block_writer import BlockWriter, Lines, Mark
from corpus.readers.dokuwiki_page import is_chrome, is_edged, surroundings
from corpus.readers.dokuwiki_printed import BLOCKS, line
from corpus.readers.dokuwiki_printed_rows import read_notes
from corpus.readers.html_events import Event, Page, parse
from corpus.readers.reading import Reader, Reading

__all__ = ["READER"]

_BEGINS_AS_HTML = re.compile(
    r"\s*<(?:!DOCTYPE\s+html|!--|\?xml|(?:html|head|body|main|article|section|div|p|h[1-6]|[uod]l|table|blockquote|pre|"
    r"sup|span|a|hr|img)\b)",
    re.IGNORECASE,
)
_SIGN = re.compile(
    r"<meta\s[^>]{0,200}\bDokuWiki\b|\bclass=[\"'][^\"'>]{0,200}\b(?:fn_top|fn_bot|refnotes-ref|sectionedit\d+|wikilink[12]|urlextern|dokuwiki)\b"
    r"|\bid=[\"']dokuwiki__|<!-- EDIT\{|<!-- wikipage start -->|<div class=\"level[1-6]\">"
)
_HEADING = re.compile(r"h[1-6]$")
_EMPTY_LINE = re.compile(r"^\xa0$", re.MULTILINE)
"""What the highlighter of code makes of one."""
_KINDS: dict[str, BlockKind] = {
    "li": "list_item",
    "dt": "list_item",
    "dd": "list_item",
    "tr": "table_row",
    "blockquote": "quotation",
    "caption": "caption",
    "figcaption": "caption",
}


def _recognises(text: str) -> bool:
    if not _BEGINS_AS_HTML.match(text):
        return False
    text = text.strip()
    return bool(_SIGN.search(text)) or (text.startswith("<p>\n") and text.endswith("\n</p>"))


def _read(text: str) -> Reading:
    page = parse(text)
    around = surroundings(page)
    notes = read_notes(page, around.start, around.end)
    walker = _Walker(page, notes.marks)
    walker.walk(around.start, around.end)
    cut = "is nested deeper than 512 tags; what follows there was not read. Close what is open."
    return Reading(
        text=walker.writer.text,
        title=walker.writer.title or walker.name or around.title,
        modified=around.modified,
        url=around.url,
        footnotes=True,
        blocks=tuple(walker.writer.blocks),
        markers=tuple(walker.writer.markers),
        references=notes.references,
        findings=(*notes.findings, *((Finding(kind="malformed", severity="error", message=cut),) if page.cut else ())),
    )


class _Walker:
    """Goes through the content of a page once, and tells the writer what a reader sees."""

    def __init__(self, page: Page, marks: Mapping[int, Mark]) -> None:
        self.writer = BlockWriter()
        self.name: str | None = None
        """The first heading of the highest level."""
        self._lines = Lines(self.writer)
        self._page = page
        self._marks = marks
        self._inside: list[tuple[int, BlockKind]] = []
        """The items, rows, quotations and captions around the place at hand: where each ends, and what it is."""
        self._lists = 0
        self._edged: set[int] = set()
        """Where rules and the boxes of plug-ins end."""

    def walk(self, start: int, end: int) -> None:
        events = self._page.events
        i = start
        while i < end:
            event = events[i]
            if event.kind == "text":
                in_label = events[self._page.parents[i]].name == "a"
                self._lines.add(event.name.replace("\n", " ") if in_label else event.name)
            elif event.kind == "start":
                i = self._start(event, i)
            elif event.kind == "end":
                self._end(event, i)
            i += 1
        self._lines.end_block()

    def _start(self, event: Event, place: int) -> int:
        """Takes what begins with a tag; the place up to which it is done with."""
        end = self._page.ends[place]
        if mark := self._marks.get(place):
            self._lines.add_mark(mark)
        elif event.name == "a" and "fn_top" in event.classes:
            self._lines.add(self._page.text(place, end).strip())
        elif event.name == "div" and not {"fn", "refnotes"}.isdisjoint(event.classes):
            self._boundary()
        elif _HEADING.match(event.name):
            self._heading(line(self._page, place, end), int(event.name[1]))
        elif event.name == "pre":
            self._lines.end_block()
            self.writer.write("code", [[_EMPTY_LINE.sub("", self._page.text(place, end))]])
            self._resume()
        elif not (is_chrome(event) or (event.name == "dt" and self._is_name_of_code(place))):
            self._flow(event, end)
            return place
        return end

    def _heading(self, text: str, level: int) -> None:
        self._lines.end_block()
        self.writer.write("heading", [[text]], level=level)
        if level == 1 and self.name is None:
            self.name = text

    def _is_name_of_code(self, place: int) -> bool:
        """Whether a term is the name under which a listing can be downloaded."""
        around = self._page.events[self._page.parents[place]]
        return around.name == "dl" and not {"code", "file"}.isdisjoint(around.classes)

    def _flow(self, event: Event, end: int) -> None:
        """What begins a block, a line or a cell, and what stands in a line."""
        if event.name == "br":
            if self._is_within("quotation"):
                self._lines.end_line()
            else:
                self._lines.add_break()
        elif event.name == "img":
            self._lines.add(event.attributes.get("alt", "").replace("\n", " "))
        elif is_edged(event):
            self._edged.add(end)
            self._edge()
        elif event.name in {"td", "th"}:
            self._lines.begin_cell()
        elif event.name in {"ul", "ol", "dl"}:
            self._lists += 1
            self._boundary()
        elif kind := _KINDS.get(event.name):
            if not self._is_within("quotation", "table_row"):
                self._lines.end_block()
                self._lines.begin(kind, self._lists)
            self._inside.append((end, kind))
            self._boundary()
        elif event.name in BLOCKS:
            self._boundary()

    def _end(self, event: Event, place: int) -> None:
        if event.name in {"ul", "ol", "dl"}:
            self._lists = max(0, self._lists - 1)
        if self._inside and self._inside[-1][0] == place:
            self._inside.pop()
            if not self._is_within("quotation", "table_row"):
                self._lines.end_block()
        if place in self._edged:
            self._edge()
        elif event.name in BLOCKS or event.name in _KINDS:
            self._boundary()

    def _is_within(self, *kinds: BlockKind) -> bool:
        return any(kind in kinds for _, kind in self._inside)

    def _boundary(self) -> None:
        """Where a block begins or ends: in a quotation and in a cell only a line does."""
        if self._is_within("quotation", "table_row"):
            self._lines.end_line()
        else:
            self._lines.end_block()
            self._resume()

    def _edge(self) -> None:
        """A rule, or where a box begins or ends: it parts blocks, but not what stands in an item or a row."""
        self._boundary()
        if not self._inside:
            self.writer.part()

    def _resume(self) -> None:
        if self._inside:
            kind = next((kind for _, kind in self._inside if kind in {"quotation", "table_row"}), self._inside[-1][1])
            self._lines.begin(kind, self._lists)


READER = Reader(form="dokuwiki-xhtml", recognises=_recognises, read=_read, tagged=True)
