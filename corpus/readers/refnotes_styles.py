"""How RefNotes numbers the notes of a namespace, as the blocks of a page set it.

Source: the plug-in's own source. A block sets the style of the row of notes that it prints, from the row's beginning;
a namespace takes the style that its parent has when it is first met.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from corpus.readers.refnotes import NotesBlock, canonical, parent

__all__ = ["Style", "Styles"]

_SHIPPED: dict[str, dict[str, str]] = {
    ":biblio:": {"refnote-id": "name", "multi-ref-id": "note"},
    ":cite:": {"multi-ref-id": "note"},
    ":harvard:": {"refnote-id": "author and year", "multi-ref-id": "note"},
    ":mw:": {"multi-ref-id": "note"},
    ":stars:": {"refnote-id": "*", "multi-ref-id": "note"},
    ":table:": {"multi-ref-id": "note"},
    ":table:alpha:": {"refnote-id": "a"},
    ":table:stars:": {"refnote-id": "*"},
}
"""How the plug-in prints the namespaces that it comes with, as far as it changes which marks are printed."""


class Style(NamedTuple):
    """How the notes of a namespace are numbered.

    `by_note` gives all marks of a note one number, else each mark has the next; `single` goes on counting after
    the notes were printed. `identifier` is ``1`` where the mark is a number.
    """

    by_note: bool = False
    single: bool = False
    identifier: str = "1"


class Styles:
    """The styles of a page's namespaces, which change as one goes through its notes.

    `namespaces` are those of its notes by their places, `blocks` what prints notes, by theirs.

    >>> styles = Styles({0: ":", 2: ":"}, {1: NotesBlock(":", (), {"multi-ref-id": "note"})})
    >>> styles.of(":").by_note, styles.reach(0), styles.of(":").by_note
    (False, None, True)
    """

    def __init__(self, namespaces: Mapping[int, str], blocks: Mapping[int, NotesBlock]) -> None:
        self._changes = _changes(namespaces, blocks)
        self._settings: dict[str, dict[str, str]] = {}

    def reach(self, place: int) -> None:
        """Sets what is set before a place. Places are reached in their order."""
        for block in sorted(
            self._changes.get(place, ()), key=lambda block: ("inherit" in block.style, block.namespace)
        ):
            settings = self._of(block.namespace)
            if "inherit" in block.style:
                inherited = dict(self._of(canonical(block.style["inherit"])))
                settings.clear()
                settings.update(inherited)
            settings.update(block.style)

    def of(self, namespace: str) -> Style:
        """The style that a namespace has now."""
        settings = self._of(namespace)
        return Style(
            by_note=settings.get("multi-ref-id") == "note",
            single=settings.get("scoping") == "single",
            identifier=settings.get("refnote-id", "1"),
        )

    def _of(self, namespace: str) -> dict[str, str]:
        settings: dict[str, str] = {}
        for name in _lineage(namespace):
            settings = self._settings.setdefault(name, settings | _SHIPPED.get(name, {}))
        return settings


def _lineage(namespace: str) -> list[str]:
    """A namespace and those above it, from the outermost."""
    found = [namespace]
    while above := parent(found[-1]):
        found.append(above)
    return found[::-1]


def _changes(namespaces: Mapping[int, str], blocks: Mapping[int, NotesBlock]) -> dict[int, list[NotesBlock]]:
    """At which place each block that sets a style does so."""
    changes: dict[int, list[NotesBlock]] = {}
    began: dict[str, int] = {}
    ended: dict[str, list[int]] = {}
    for place in sorted([*namespaces, *blocks]):
        block = blocks.get(place)
        namespace = block.namespace if block else namespaces[place]
        _meet(namespace, ended)
        if block is None:
            began.setdefault(namespace, place)
            continue
        begin, ends = began.pop(namespace, place - 1), ended[namespace]
        before = ends[-1] if ends else -1
        if block.style:
            inherits = canonical(block.style["inherit"]) if "inherit" in block.style else ""
            above = inherits or (parent(namespace) if not ends else "")
            after = max(_last_between(_nearest(above, ended), before, begin), before) + 1
            changes.setdefault(after, []).append(block)
        ends.append(place)
    return changes


def _meet(namespace: str, ended: dict[str, list[int]]) -> None:
    for name in _lineage(namespace):
        ended.setdefault(name, [])


def _nearest(namespace: str, ended: Mapping[str, list[int]]) -> Iterable[int]:
    """Where the rows of a namespace ended, or of the nearest above it that was met."""
    while namespace and namespace not in ended:
        namespace = parent(namespace)
    return ended.get(namespace, ())


def _last_between(ends: Iterable[int], low: int, high: int) -> int:
    ends = list(ends)
    at = bisect_left(ends, high)
    return ends[at - 1] if at and ends[at - 1] > low else -1
