"""Texts folded so that equal words are equal strings, and the way back to the place in the original.

Markers are taken out, typographic signs made plain, and white space is kept only between two words, where it
tells them apart: a line broken elsewhere, or a space set before a full stop, makes no difference.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from copy import copy

from corpus.documents import Marker, markers_within
from corpus.spans import Span

__all__ = ["Folded", "fold", "is_word", "lower", "marked_spans", "plain"]

_PLAIN = {
    **dict.fromkeys("‘’‚‛`´ʼ′", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\x00\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    "…": "...",
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
}
"""Signs that editors, browsers and the typography of a wiki put in each other's place, and those without width."""

_SIGN = re.compile(f"[{''.join(map(re.escape, _PLAIN))}]")
_BETWEEN_MARKERS = " ,;-–\t\n"
_STRETCH = 1_024
"""Code points between two places whose rank is kept: so many are read again to find a place in the original."""


def fold(text: str) -> str:
    r"""A text without markers, folded.

    >>> fold("It  rose\n(“by 3–5” ) .")
    'It rose("by 3-5").'
    """
    return _tightened(plain(text))


def plain(text: str) -> str:
    """A text with plain signs, and its white space as it is."""
    return _SIGN.sub(_plain, text)


def lower(text: str) -> str:
    """A text in lower case, and as long as it was, unlike that of `str.lower`.

    >>> lower("It ROSE"), len(lower("İt"))
    ('it rose', 2)
    """
    found = text.lower()
    return found if len(found) == len(text) else "".join(each.lower()[:1] for each in text)


def is_word(character: str) -> bool:
    """Whether a character is part of a word or number, as `fold` sees it."""
    return character.isalnum() or character == "_"


def _plain(sign: re.Match[str]) -> str:
    return _PLAIN[sign.group()]


def _tightened(text: str) -> str:
    """A text with one space between words, and none elsewhere."""
    text = " ".join(text.split())
    for sign in {character for character in set(text) if not is_word(character) and character != " "}:
        # Many times as fast as a regular expression that looks at every space.
        text = text.replace(f" {sign}", sign).replace(f"{sign} ", sign)
    return text


def marked_spans(text: str, markers: Sequence[Marker], start: int = 0, end: int | None = None) -> list[Span]:
    """The markers within a stretch of a text, those that form one group (``3), 4)`` or ``3)-5)``) as one span.

    What parts them goes with them, since a reference more or less changes no word.

    >>> marked_spans("It rose 1), 2). So 3)", [Marker(8, 10, (1,)), Marker(12, 14, (2,)), Marker(19, 21, (3,))])
    [Span(start=8, end=14), Span(start=19, end=21)]
    """
    found: list[Span] = []
    for marker in markers_within(markers, start, len(text) if end is None else end):
        if found and not text[found[-1].end : marker.start].strip(_BETWEEN_MARKERS):
            found[-1] = Span(found[-1].start, max(found[-1].end, marker.end))
        else:
            found.append(Span(marker.start, marker.end))
    return found


class Folded:
    """A document's text, folded without its markers; places in it lead back to the original.

    What is counted is the rank of a character among those that are no space, since folding moves spaces only.

    >>> folded = Folded("It rose 1). Then fell.", [Marker(8, 10, (1,))])
    >>> folded.text, folded.span(0, 8)
    ('It rose.Then fell.', Span(start=0, end=11))
    """

    def __init__(self, text: str, markers: Sequence[Marker] = ()) -> None:
        self._original = text
        self._starts: list[int] = []
        self._ranks: list[int] = []
        self._marker_ranks: list[int] = []
        parts: list[str] = []
        rank = 0
        for start, end, marked in _stretches(text, marked_spans(text, markers)):
            if marked:
                self._marker_ranks.append(rank)
                parts.append(" " if text[end : end + 1].isalnum() else "")
                continue
            part = plain(text[start:end])
            self._starts.append(start)
            self._ranks.append(rank)
            rank += len("".join(part.split()))
            parts.append(part)
        self.text = _tightened("".join(parts))

    def lowered(self) -> "Folded":
        """The same in lower case, at the same places."""
        found = copy(self)
        found.text = lower(self.text)
        return found

    def span(self, start: int, end: int) -> Span:
        """The span in the original of ``text[start:end]``, which begins and ends with no space."""
        return Span(self._place(self._rank(start)), self._place(self._rank(end - 1)) + 1)

    def marked(self, start: int, end: int) -> bool:
        """Whether a marker stood within ``text[start:end]`` or at an end of it."""
        first = bisect_right(self._marker_ranks, self._rank(start) - 1)
        return first < len(self._marker_ranks) and self._marker_ranks[first] <= self._rank(end)

    def offset(self, place: int) -> int:
        """The offset in `text` of the first folded character at or after a place in the original."""
        at = max(0, bisect_right(self._starts, place) - 1)
        if not self._starts:
            return 0
        end = self._starts[at + 1] if at + 1 < len(self._starts) else len(self._original)
        before = plain(self._original[self._starts[at] : min(place, end)])
        return self._offset(self._ranks[at] + len("".join(before.split())))

    def _rank(self, offset: int) -> int:
        return offset - self.text.count(" ", 0, max(0, offset))

    def _offset(self, rank: int) -> int:
        """The offset of the character of some rank, by bisection: ranks ascend with offsets."""
        low, high, below = rank, len(self.text), self._rank(rank)
        while below < rank and low < high:
            # Each step goes on by as many as are missing; only spaces are passed over in vain.
            step = rank - below
            below += step - self.text.count(" ", low, low + step)
            low += step
        while low < high and self.text[low] == " ":
            low += 1
        return min(low, high)

    def _place(self, rank: int) -> int:
        at = bisect_right(self._ranks, rank) - 1
        reached = self._ranks[at]
        for place in range(self._starts[at], len(self._original)):
            character = self._original[place]
            if not character.isspace():
                reached += len(_PLAIN.get(character, character))
                if reached > rank:
                    return place
        return len(self._original) - 1


def _stretches(text: str, markers: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each marker, which is true, and of the text between, in stretches of bounded length."""
    position = 0
    for marker in (*markers, None):
        end = marker.start if marker else len(text)
        for start in range(position, end, _STRETCH):
            yield start, min(end, start + _STRETCH), False
        if marker:
            yield marker.start, marker.end, True
            position = max(position, marker.end)
