"""The reference list of a text: where it stands, and the note behind each number.

A list is taken for one of references only on evidence: its numbers ascend from 1, at most a few left out or given
twice, and its entries look like citations, more of them where no heading such as ``References`` stands above.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from corpus.notes import cites
from corpus.references import parse_work

__all__ = ["Entry", "ReferenceList", "find_reference_list", "is_reference_heading"]

_NAMES = frozenset(
    {
        "bibliografi", "bibliografia", "bibliografie", "bibliografía", "bibliographie", "bibliography", "bronnen",
        "cited literature", "cited references", "einzelnachweise", "endnotes", "footnotes", "fuentes", "fußnoten",
        "irodalom", "kaynaklar", "kaynakça", "kilder", "källor", "literatur", "literatura", "literatura citada",
        "literature", "literature cited", "literaturverzeichnis", "literatuur", "literatuurlijst", "litteratur",
        "lähteet", "notas", "note", "note e riferimenti", "notes", "notes and references", "notes et références",
        "odkazy", "piśmiennictwo", "przypisy", "quellen", "quellenangaben", "quellenverzeichnis", "referanser",
        "reference list", "references", "references and notes", "references cited", "referencias",
        "referencias bibliográficas", "referenser", "referenties", "referências", "referências bibliográficas",
        "riferimenti", "riferimenti bibliografici", "références", "références bibliographiques", "selected references",
        "sources", "sources cited", "viitteet", "works cited", "źródła", "источники", "литература", "примечания",
        "список литературы", "ссылки", "参考文献", "参考资料", "參考文獻", "引用文献", "脚注", "참고문헌",
    }
)  # fmt: skip
"""What stands above a list of references."""
_ORNAMENT = re.compile(r"^[\s#*_=~\d.)§-]+|[\s#*_=~:.-]+$")
_HEADING_LENGTH = 60
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_HEADS = tuple(
    re.compile(rf"^[ \t]*(?:[-*•][ \t]+)?{head}", re.MULTILINE)
    for head in (
        r"\[(\d{1,4})\][:.]?[ \t]*(?=\S)",
        r"(\d{1,4})\.(?!\d)[ \t]*(?=\S)",
        r"\(?(\d{1,4})\)[:.]?[ \t]*(?=\S)",
        r"(\d{1,4})[ \t]+(?=[^\W\d_])",
    )
)
"""How the entries of a list begin: ``[3] Smith``, ``3. Smith``, ``3) Smith`` or ``(3) Smith``, ``3 Smith``."""
_SHORT_LINE = re.compile(rf"^[^\S\n]*(\S[^\n]{{1,{_HEADING_LENGTH}}})$", re.MULTILINE)
_LONGEST_NOTE, _SAMPLE, _RUNS = 3_000, 100, 4
_LEAST_WITH_SLIPS = 4
"""Entries that a list has at least which is not numbered in full, where no heading stands above it."""
_CITING, _CITING_UNDER_HEADING = 0.8, 0.5
"""The least share of entries that look like citations."""


class Entry(msgspec.Struct, frozen=True):
    """One entry of a list: its number, and where its note stands in the text."""

    number: int
    start: int
    end: int


class ReferenceList(msgspec.Struct, frozen=True):
    """The list of references in ``text[start:end]``, its heading included.

    A list without numbers has no `entries`: nothing can point to them.
    """

    start: int
    end: int
    entries: tuple[Entry, ...]


class _Head(NamedTuple):
    """The head of an entry in the line at `start`, whose note begins at `note`, and the head before it."""

    number: int
    start: int
    note: int
    before: "_Head | None"


def is_reference_heading(line: str) -> bool:
    """Whether a line is what stands above a list of references, in any of many languages.

    >>> is_reference_heading("7. REFERENCES:"), is_reference_heading("Literaturverzeichnis"), is_reference_heading("It")
    (True, True, False)
    """
    line = line.strip()
    return len(line) <= _HEADING_LENGTH and " ".join(_ORNAMENT.sub("", line).casefold().split()) in _NAMES


def find_reference_list(text: str) -> ReferenceList | None:
    r"""The reference list of a text, or None where nothing proves to be one.

    >>> text = "It rose [1].\n\nReferences\n\n1. Smith A. On rising. J Rise. 2001;1:1-9."
    >>> found = find_reference_list(text)
    >>> text[: found.start], [(entry.number, text[entry.start : entry.end]) for entry in found.entries]
    ('It rose [1].\n\n', [(1, 'Smith A. On rising. J Rise. 2001;1:1-9.')])
    """
    headings = _headings(text)
    found = (_proven(text, heads, headings) for heads in _chains(text))
    proven = max(filter(None, found), key=lambda each: (len(each.entries), each.start), default=None)
    return proven or _without_numbers(text, headings)


def _chains(text: str) -> Iterator[list[_Head]]:
    """Runs of lines numbered 1, 2, 3 and so on, of each kind of head the longest few.

    A run goes on over numbers that were left out, and over one that is given again: an editor must hear of both.
    """
    for head in _HEADS:
        waiting: dict[int, _Head] = {}
        """By the number that comes next; of two runs that wait for one number the later goes on."""
        for match in head.finditer(text):
            number = int(match[1])
            # The run that waits for this number, else one that has it already, else one that leaves one or two out.
            fitting = (each for each in (number, number + 1, number - 1, number - 2) if each in waiting)
            before = None if number == 1 else waiting.pop(next(fitting, 0), None)
            if number == 1 or before:
                waiting[number + 1] = _Head(number, match.start(), match.end(), before)
        for longest in sorted(waiting, reverse=True)[:_RUNS]:
            yield _in_order(waiting[longest])


def _in_order(last: _Head) -> list[_Head]:
    heads: list[_Head] = []
    head: _Head | None = last
    while head:
        heads.append(head)
        head = head.before
    return heads[::-1]


def _proven(text: str, heads: Sequence[_Head], headings: Sequence[re.Match[str]]) -> ReferenceList | None:
    """The list that begins with some heads, if its notes prove it."""
    after = _BLANK_LINE.search(text, heads[-1].note)
    end = after.start() if after else len(text)
    entries = [_entry(text, a, b.start) for a, b in pairwise(heads)] + [_entry(text, heads[-1], end)]
    heading = _heading_before(text, heads[0].start, headings)
    notes = [text[entry.start : entry.end] for entry in entries]
    if len(notes) < (
        1 if heading is not None else _LEAST_WITH_SLIPS if _slips(heads) else 2
    ) or not _look_like_citations(notes, headed=heading is not None):
        return None
    return ReferenceList(heads[0].start if heading is None else heading, end, tuple(entries))


def _slips(heads: Sequence[_Head]) -> bool:
    """Whether a number is left out or given twice."""
    return any(head.number != before.number + 1 for before, head in pairwise(heads))


def _entry(text: str, head: _Head, end: int) -> Entry:
    """An entry; what stands behind a blank line, such as the foot of a page, is no part of its note."""
    blank = _BLANK_LINE.search(text, head.note, end)
    return Entry(head.number, head.note, blank.start() if blank else end)


def _look_like_citations(notes: Sequence[str], *, headed: bool) -> bool:
    """Whether enough of some notes cite; of very many an even sample is asked.

    Under a heading a year is enough. Without one at least half must name an author or an identifier.
    """
    if any(len(note) > _LONGEST_NOTE for note in notes):
        return False
    sample = [" ".join(note.split()) for note in notes[:: len(notes) // _SAMPLE + 1]]
    citing = [cites(note) for note in sample]
    dated = [cited or parse_work(note).year is not None for note, cited in zip(sample, citing, strict=True)]
    if headed:
        return sum(dated) >= _CITING_UNDER_HEADING * len(sample)
    return sum(dated) >= _CITING * len(sample) and 2 * sum(citing) >= len(sample)


def _headings(text: str) -> list[re.Match[str]]:
    return [line for line in _SHORT_LINE.finditer(text) if is_reference_heading(line[1])]


def _heading_before(text: str, start: int, headings: Sequence[re.Match[str]]) -> int | None:
    """Where the heading begins that stands right above `start`, if there is one."""
    i = bisect_left(headings, start, key=lambda heading: heading.start())
    if not i:
        return None
    between = text[headings[i - 1].end() : start]
    return headings[i - 1].start() if not between.strip("-=~ \t\n") else None


def _without_numbers(text: str, headings: Sequence[re.Match[str]]) -> ReferenceList | None:
    """What stands below the last heading of references down to the end, if its lines cite."""
    if not headings:
        return None
    notes = [note for note in text[headings[-1].end() :].splitlines() if note.strip()]
    sample = notes[:: len(notes) // _SAMPLE + 1]
    proven = sample and sum(len(note) <= _LONGEST_NOTE and cites(note) for note in sample) >= _CITING * len(sample)
    return ReferenceList(headings[-1].start(), len(text), ()) if proven else None
