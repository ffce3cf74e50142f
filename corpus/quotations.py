"""A quotation whose markers are not known, searched in text that is folded without its markers.

What looks like a mark may be one or not: ``rose 3).`` ends with a mark, ``for 3) better sleep`` may hold the number
of an item. So each such place matches with the mark or without it, and without it only where the document has
a marker there, or where nothing but a footnote mark would stand.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from corpus.folding import Folded, fold, is_word

__all__ = ["MAX_HITS", "Hit", "Quotation", "without_marks"]

MAX_HITS = 2_000
"""So many places of a quotation are looked at; one that stands more often says nothing of where it was."""

_NUMBERS = r"\d{1,4}(?:\s?[,;–-]\s?\d{1,4}){0,20}"
_FOOTNOTE = r"(?<!\d,)(?<![\d/(\[{–−=<>≤≥±×~#$-])\d{1,4}\)"
_BRACKETED = rf"\[\^?{_NUMBERS}\]"
_FIGURES = (
    rf"\({_NUMBERS}\)|(?<=[^\W\d_][.,;:!?)\]\"”’]){_NUMBERS}(?![\w%])|(?<=[^\W\d_]){_NUMBERS}(?![\w%])|[⁰¹²³⁴-⁹]+"
)


def _group(mark: str) -> str:
    """Marks that follow each other, and the space around them."""
    return rf"\s*(?:{mark})(?:[\s,;–-]*(?:{mark}))*\s*"


_GAP = re.compile(
    # The space before a footnote mark goes with that mark.
    rf"{_group(_FOOTNOTE)}|{_group(_BRACKETED)}|\s*(?:{_FIGURES})(?:(?=\s+\d{{1,4}}\))|\s*)"
)
"""What may be marks, in the forms of wikis, articles and notes."""
_LIKELY = re.compile(f"{_group(_FOOTNOTE)}|{_group(_BRACKETED)}")
"""What is hardly anything else, unless it closes a bracket."""
_FOOTNOTES = re.compile(_group(r"\d{1,4}\)"))
_YEARS = re.compile(r"(?:1[89]|20)\d\d\)")
_SPACES = re.compile(r"\s{2,}")
_AHEAD = 100
"""So many code points behind a mark are looked at, and before it."""
_CLOSES = re.compile(r"[.,;:!?]|$")


class Hit(NamedTuple):
    """Where a quotation stands in a folded text."""

    start: int
    end: int


class _Gap(NamedTuple):
    """What may stand between two pieces: each way with whether the document must have a marker there."""

    ways: tuple[tuple[str, bool], ...]


class Quotation:
    """A quotation as pieces, and between them what may be marks, unless it is `bare` of them.

    >>> quotation = Quotation("It rose 4). Then fell.")
    >>> list(quotation.hits(Folded("Once. It rose. Then fell.")))
    [Hit(start=5, end=23)]
    """

    def __init__(self, exact: str, *, bare: bool = False) -> None:
        # A quotation may come composed where the document is decomposed, or the other way round.
        forms = (exact, unicodedata.normalize("NFC", exact), unicodedata.normalize("NFD", exact))
        self._patterns = [_Pattern(form, bare=bare) for form in dict.fromkeys(forms)]
        self.ends_with_mark = not bare and any(pattern.ends_with_mark for pattern in self._patterns)

    def hits(self, folded: Folded) -> Iterator[Hit]:
        """Every place of the quotation in a text, up to `MAX_HITS`."""
        for pattern in self._patterns:
            found = False
            for hit in pattern.hits(folded):
                found = True
                yield hit
            if found:
                return


class _Pattern:
    def __init__(self, exact: str, *, bare: bool) -> None:
        self._pieces: list[str] = []
        self._gaps: list[_Gap] = []
        at, depth = 0, 0
        exact = " ".join(exact.split())
        for mark in () if bare else _GAP.finditer(exact):
            depth = _depth(exact, at, mark.start(), depth)
            after = exact[mark.end() : mark.end() + _AHEAD]
            self._pieces.append(fold(exact[at : mark.start()]))
            closes = _closes_bracket(mark.group(), after, depth)
            self._gaps.append(
                _gap(exact[max(0, mark.start() - _AHEAD) : mark.start()], mark.group(), after, closes=not closes)
            )
            at = mark.end()
            depth -= closes
        self._pieces.append(fold(exact[at:]))
        self.ends_with_mark = bool(self._gaps) and at == len(exact)
        self._longest = max(range(len(self._pieces)), key=lambda i: len(self._pieces[i]))

    def hits(self, folded: Folded) -> Iterator[Hit]:
        text, key = folded.text, self._pieces[self._longest]
        if not any(map(str.isalnum, key)):
            return
        at, looked = text.find(key), 0
        while at >= 0 and looked < MAX_HITS:
            looked += 1
            start = self._reach(folded, at, range(self._longest - 1, -1, -1), back=True)
            end = None if start is None else self._reach(folded, at + len(key), range(self._longest, len(self._gaps)))
            if start is not None and end is not None and _whole_words(text, start, end):
                yield Hit(start, end)
            at = text.find(key, at + 1)

    def _reach(self, folded: Folded, at: int, gaps: range, *, back: bool = False) -> int | None:
        """How far the pieces beside one that stands at a place go, if they all stand there."""
        for i in gaps:
            piece = self._pieces[i if back else i + 1]
            for way, marked in self._gaps[i].ways:
                whole = piece + way if back else way + piece
                begin = at - len(whole) if back else at
                if begin < 0 or not folded.text.startswith(whole, begin):
                    continue
                gap = at - len(way) if back else at
                if not marked or folded.marked(gap, gap + len(way)):
                    at = begin if back else begin + len(whole)
                    break
            else:
                return None
        return at


@lru_cache(maxsize=64)
def without_marks(exact: str) -> str:
    """A quotation without what looks like a mark.

    >>> without_marks("It rose (range 3-8) again 3), 4). Then [5, 6] fell")
    'It rose (range 3-8) again. Then fell'
    """
    # Long runs of white space would be read again from each of their characters.
    exact = _SPACES.sub(" ", exact)
    pieces, at, read, depth = [], 0, 0, 0
    for mark in _LIKELY.finditer(exact):
        depth = _depth(exact, read, mark.start(), depth)
        read = mark.end()
        after = exact[mark.end() : mark.end() + _AHEAD]
        if _closes_bracket(mark.group(), after, depth):
            depth -= 1
            continue
        pieces.append(exact[at : mark.start()])
        if exact[mark.end() - 1].isspace() or after[:1].isalnum():
            pieces.append(" ")
        at = mark.end()
    return "".join([*pieces, exact[at:]])


def _gap(before: str, marks: str, after: str, *, closes: bool) -> _Gap:
    """The ways in which marks may stand between two pieces: as they are, left out, or as their brackets alone."""
    left, right = before[-1:], after[:1]
    as_they_are = _between(left, marks, right)
    left_out = _between(left, " ", right)
    brackets = _between(left, re.sub(r"[\d–-]+", "\x00", marks), right)
    # Elsewhere a number with a bracket may be that of an item, so that it is missed where it is gone; a year always is.
    footnote = (
        _FOOTNOTES.fullmatch(marks)
        and not _YEARS.search(marks)
        and closes
        and (_CLOSES.match(after) or before.rstrip()[-1:] in tuple(".!?"))
    )
    return _Gap(((as_they_are, False), (left_out, not footnote), (brackets, True)))


def _between(left: str, middle: str, right: str) -> str:
    """What folding makes of the middle of three."""
    left, right = fold(left) or ".", fold(right) or "."
    folded = fold(left + middle + right) if middle.strip() else fold(f"{left} {right}")
    return folded[len(left) : len(folded) - len(right)]


def _depth(text: str, start: int, end: int, depth: int) -> int:
    """How many brackets are open, of those that a stretch opens and closes."""
    for character in text[start:end]:
        depth = depth + 1 if character == "(" else max(0, depth - (character == ")"))
    return depth


def _closes_bracket(marks: str, after: str, depth: int) -> bool:
    """Whether what looks like marks closes one of the open brackets: those are closed first."""
    closing = 1 + len(after) - len(after.lstrip(")"))
    return closing <= depth and _FOOTNOTES.fullmatch(marks) is not None


def _whole_words(text: str, start: int, end: int) -> bool:
    """Whether neither end cuts a word."""
    cut_before = 0 < start < len(text) and is_word(text[start - 1]) and is_word(text[start])
    return start < end and not cut_before and not (end < len(text) and is_word(text[end - 1]) and is_word(text[end]))
