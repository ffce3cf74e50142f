"""The text export of a DokuWiki page: text with marks ``3)``, the notes after it, a trailer of metadata.

An export keeps neither the mark-up of headings nor that of lists and tables. A short unfinished line
alone is taken for a heading if it begins like one, and otherwise stands for itself.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from corpus.documents import BlockKind, Marker, Reference, markers_within
from corpus.markers import find_marks
from corpus.notes import Note, cited_works
from corpus.passages import without_markers
from corpus.readers.reading import Reader, Reading, block_kind, is_unfinished, paragraphs, with_headings
from corpus.spans import Span

__all__ = ["READER"]

_NUMBERS = re.compile(r"^\d{1,4}\)(?:\s*,\s*\d{1,4}\))*[ \t]*$")
_BULLET = re.compile(r"^\s*•\s")
_PAGE_FILE = re.compile(r"^\s*•\s.*\.txt\s*$")
_MODIFIED = re.compile(r"\b(\d{4})[/-](\d{2})[/-](\d{2})\s+\d{2}:\d{2}\b")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_NARROWEST, _WIDEST = 60, 120
"""Between these widths, in characters, text is wrapped by hand or by a program."""


class _Parts(NamedTuple):
    body_end: int
    """Offset in the text at which the notes, or without notes the trailer, begin."""
    notes: dict[int, Note]
    """In the order of their numbers."""
    modified: str | None


def _recognises(text: str) -> bool:
    parts = _parts(text)
    return parts.modified is not None or bool(_marks(text, parts))


def _marks(text: str, parts: _Parts) -> tuple[Marker, ...]:
    return find_marks(text[: parts.body_end].rstrip(), set(parts.notes))


def _parts(text: str) -> _Parts:
    lines = text.splitlines(keepends=True)
    last = _trailer(lines)
    first = _first_note(lines[:last])
    modified = _MODIFIED.search("".join(lines[last:]))
    return _Parts(
        body_end=sum(map(len, lines[:first])),
        notes=_notes(lines[first:last]),
        modified=modified and "-".join(modified.groups()),
    )


def _trailer(lines: list[str]) -> int:
    """The line at which the trailer begins: the name of the page's file, then the date of its last change."""
    first = len(lines)
    while first and (not lines[first - 1].strip() or _BULLET.match(lines[first - 1])):
        first -= 1
    names = [i for i in range(first, len(lines)) if _PAGE_FILE.match(lines[i])]
    return names[-1] if names and _MODIFIED.search("".join(lines[names[-1] :])) else len(lines)


def _numbers(line: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", line)] if _NUMBERS.match(line) else []


def _first_note(lines: list[str]) -> int:
    """The line at which the notes begin: number 1 alone on its line, all further numbers ascending from it."""
    for first in range(len(lines) - 1, -1, -1):
        if 1 in _numbers(lines[first]):
            found = sorted(number for line in lines[first:] for number in _numbers(line))
            return first if found == list(range(1, len(found) + 1)) and first + 1 < len(lines) else len(lines)
    return len(lines)


def _notes(lines: list[str]) -> dict[int, Note]:
    notes: dict[int, Note] = {}
    heads = [i for i, line in enumerate(lines) if _numbers(line)]
    for head, following in pairwise([*heads, len(lines)]):
        note = "".join(lines[head + 1 : following])
        if following == len(lines):
            # What stands apart below the last note, such as the wiki's licence, is no part of it.
            note = _BLANK_LINE.split(note.strip(), maxsplit=1)[0]
        if note.strip():
            notes |= dict.fromkeys(_numbers(lines[head]), Note(note.strip()))
    return dict(sorted(notes.items()))


def _references(notes: Mapping[int, Note]) -> tuple[Reference, ...]:
    works = cited_works(notes.values())
    return tuple(Reference(number, work) for number, work in zip(notes, works, strict=True) if work)


def _read(text: str) -> Reading:
    """The canonical text is the export up to its notes, so offsets into the one are offsets into the other."""
    parts = _parts(text)
    body = text[: parts.body_end].rstrip()
    markers = _marks(text, parts)
    blocks = with_headings(_stretches(body, markers), body, titled=True)
    titled = blocks and blocks[0].kind == "heading"
    return Reading(
        text=body,
        title=body[blocks[0].start : blocks[0].end] if titled else None,
        modified=parts.modified,
        footnotes=True,
        blocks=blocks,
        markers=markers,
        references=_references(parts.notes),
    )


def _stretches(body: str, markers: Sequence[Marker]) -> list[tuple[Span, BlockKind]]:
    """Paragraphs, and the items of lists each for itself, with their kinds."""
    wrapped = _is_wrapped(body)
    found = []
    for paragraph in paragraphs(body):
        for span in _items(body, paragraph, markers, wrapped=wrapped):
            kind = block_kind(without_markers(body, span.start, span.end, markers))
            single = "\n" not in body[span.start : span.end] and not markers_within(markers, span.start, span.end)
            found.append((span, "line" if kind == "heading" and not single else kind))
    return found


def _is_wrapped(body: str) -> bool:
    """Whether most of a text stands in lines that were broken to fit a width."""
    return 2 * sum(len(line) for line in body.split("\n") if len(line) <= _WIDEST) > len(body)


def _items(body: str, paragraph: Span, markers: Sequence[Marker], *, wrapped: bool) -> list[Span]:
    """A paragraph, or its parts if lines were ended on purpose, as the items of a list are.

    A line was ended on purpose if it is unfinished though the next word had room. Of two lines the longer
    one always seems to be full, so there the text as a whole must be wrapped.
    """
    lines = [Span(*match.span()) for match in _LINE.finditer(body, paragraph.start, paragraph.end)]
    width = max(_NARROWEST, *(line.end - line.start for line in lines))
    unfinished = [
        (line, following)
        for line, following in pairwise(lines)
        if is_unfinished(without_markers(body, line.start, line.end, markers))
    ]
    on_purpose = any(_has_room(body, line, following, width) for line, following in unfinished)
    if not on_purpose and (wrapped or len(lines) != 2):
        return [paragraph]
    starts = [paragraph.start, *(following.start for _, following in unfinished)]
    ends = [*(line.end for line, _ in unfinished), paragraph.end]
    return [Span(start, end) for start, end in zip(starts, ends, strict=True)]


def _has_room(body: str, line: Span, following: Span, width: int) -> bool:
    words = body[following.start : following.end].split(maxsplit=1)
    return line.end - line.start + 1 + len(words[0]) <= width


READER = Reader(form="dokuwiki-export", recognises=_recognises, read=_read)
