"""The text export of a DokuWiki page: text with marks ``3)``, the notes after it, a trailer of metadata.

An export keeps neither the mark-up of headings nor that of lists and tables. A short unfinished line
alone is taken for a heading if it begins like one, and otherwise stands for itself.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from corpus.documents import Block, Marker, Reference
from corpus.markers import find_marks
from corpus.readers.reading import Reader, Reading, block_kind, is_unfinished, paragraphs
from corpus.references import parse_work

__all__ = ["DOKUWIKI_EXPORT"]

_NUMBERS = re.compile(r"^\d{1,4}\)(?:\s*,\s*\d{1,4}\))*[ \t]*$")
_TRAILER = re.compile(r"^\s*•\s")
_MODIFIED = re.compile(r"Last modified:\s*(\d{4})[/-](\d{2})[/-](\d{2})")


class _Parts(NamedTuple):
    body_end: int
    """Offset in the text at which the notes, or without notes the trailer, begin."""
    references: tuple[Reference, ...]
    modified: str | None
    trailer: bool


def _recognises(text: str) -> bool:
    parts = _parts(text)
    return bool(parts.references) or (parts.trailer and parts.modified is not None)


def _parts(text: str) -> _Parts:
    lines = text.splitlines(keepends=True)
    last = len(lines)
    while last and (not lines[last - 1].strip() or _TRAILER.match(lines[last - 1])):
        last -= 1
    trailer = "".join(lines[last:])
    modified = _MODIFIED.search(trailer)
    first = _first_note(lines[:last])
    return _Parts(
        body_end=sum(map(len, lines[:first])),
        references=_references(lines[first:last]),
        modified=modified and "-".join(modified.groups()),
        trailer=bool(trailer.strip()),
    )


def _numbers(line: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", line)] if _NUMBERS.match(line) else []


def _first_note(lines: list[str]) -> int:
    """The line at which the notes begin: number 1 alone on its line, all further numbers ascending from it."""
    for first in range(len(lines) - 1, -1, -1):
        if 1 in _numbers(lines[first]):
            found = sorted(number for line in lines[first:] for number in _numbers(line))
            return first if found == list(range(1, len(found) + 1)) and first + 1 < len(lines) else len(lines)
    return len(lines)


def _references(lines: list[str]) -> tuple[Reference, ...]:
    references: list[Reference] = []
    heads = [i for i, line in enumerate(lines) if _numbers(line)]
    for head, following in pairwise([*heads, len(lines)]):
        work = parse_work("".join(lines[head + 1 : following]))
        references.extend(Reference(number, work) for number in _numbers(lines[head]))
    return tuple(sorted(references, key=lambda reference: reference.number))


def _read(text: str) -> Reading:
    """The canonical text is the export up to its notes, so offsets into the one are offsets into the other."""
    parts = _parts(text)
    body = text[: parts.body_end].rstrip()
    markers = find_marks(body, {reference.number for reference in parts.references})
    blocks = _blocks(body, markers)
    first = blocks[0] if blocks else None
    return Reading(
        text=body,
        title=body[first.start : first.end] if first and first.kind == "heading" else None,
        modified=parts.modified,
        footnotes=True,
        blocks=blocks,
        markers=markers,
        references=parts.references,
    )


def _blocks(body: str, markers: tuple[Marker, ...]) -> tuple[Block, ...]:
    marked = {offset for marker in markers for offset in range(marker.start, marker.end)}
    blocks: list[Block] = []
    headings: tuple[str, ...] = ()
    for start, end in _stretches(body):
        kind = block_kind("".join(body[i] for i in range(start, end) if i not in marked))
        if kind == "heading" and (marked & set(range(start, end)) or "\n" in body[start:end]):
            kind = "line"
        if kind == "heading":
            # The first heading of the page is its title, and stands above all others.
            headings = (body[start:end],) if blocks else ()
        blocks.append(Block(kind, start, end, headings if kind != "heading" else ()))
    return tuple(blocks)


def _stretches(body: str) -> list[tuple[int, int]]:
    """Paragraphs, cut where a line was ended on purpose: unfinished, though the next word had room.

    So the items of a list, which an export sets on lines of their own, stay apart.
    """
    stretches = []
    for start, end in paragraphs(body):
        lines = body[start:end].split("\n")
        width = max(map(len, lines))
        cut = start
        offset = start
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            offset += len(line) + 1
            room = following and len(line) + 1 + len(following.split(maxsplit=1)[0]) <= width
            if room and is_unfinished(line):
                stretches.append((cut, offset - 1))
                cut = offset
        stretches.append((cut, end))
    return stretches


DOKUWIKI_EXPORT = Reader(form="dokuwiki-export", recognises=_recognises, read=_read)
