"""HTML as a flat row of events, however broken or deeply nested it is.

libxml2 reads it, without network and without a tree, so that depth costs neither recursion nor memory.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from lxml import etree

__all__ = ["Event", "Page", "parse"]

_PIECE = 1 << 16
_DEEPEST = 512
"""As deep as browsers go; the parser's work at a stray end tag grows with the depth."""
_NONE: Mapping[str, str] = {}


class Event(NamedTuple):
    """A tag that starts or ends, some text, or a comment; `name` is the tag, the text or the comment."""

    kind: Literal["start", "end", "text", "comment"]
    name: str
    attributes: Mapping[str, str] = _NONE

    @property
    def classes(self) -> list[str]:
        """The words of its ``class``."""
        return self.attributes.get("class", "").split()


class Page(NamedTuple):
    """The events of a page, and how they nest."""

    events: list[Event]
    ends: dict[int, int]
    """For the place of each starting tag, that of its end."""
    parents: list[int]
    """For each place, that of the tag around it; -1 outside of all."""
    cut: bool
    """Whether it is nested deeper than 512 tags, and ends there."""

    def text(self, start: int, end: int) -> str:
        """All text between two places, of all elements."""
        return "".join(event.name for event in self.events[start:end] if event.kind == "text")


def parse(source: str) -> Page:
    """The events of a source.

    >>> page = parse("<p>It <b>rose</b>")
    >>> [event.name for event in page.events if event.kind == "text"]
    ['It ', 'rose']
    """
    collector = _Collector()
    # The types ask for a base class that lxml does not have.
    parser = etree.HTMLParser(target=collector, huge_tree=True, no_network=True)  # type: ignore[call-overload]
    # Not XML at all, so no reader sees it, and the parser would end at it.
    source = source.replace("\0", "")
    try:
        for start in range(0, len(source), _PIECE):
            parser.feed(source[start : start + _PIECE])
        if source:
            parser.close()
    except _TooDeepError:
        return collector.page(cut=True)
    return collector.page()


class _TooDeepError(Exception):
    pass


class _Collector:
    """What the parser calls while it reads."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._ends: dict[int, int] = {}
        self._parents: list[int] = []
        self._open: list[int] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) == _DEEPEST:
            raise _TooDeepError
        place = self._add(Event("start", tag, dict(attributes) if attributes else _NONE))
        self._open.append(place)

    def end(self, tag: str) -> None:
        if self._open:
            start = self._open.pop()
            self._ends[start] = self._add(Event("end", tag))

    def data(self, text: str) -> None:
        self._add(Event("text", text))

    def comment(self, text: str) -> None:
        self._add(Event("comment", text))

    def close(self) -> None:
        """Nothing more comes."""

    def page(self, *, cut: bool = False) -> Page:
        while self._open:
            self._ends[self._open.pop()] = len(self._events)
        return Page(self._events, self._ends, self._parents, cut)

    def _add(self, event: Event) -> int:
        self._parents.append(self._open[-1] if self._open else -1)
        self._events.append(event)
        return len(self._events) - 1
