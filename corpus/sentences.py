"""Where sentences begin and end."""

from collections.abc import Sequence

import sentencex

from corpus.documents import Marker, markers_within
from corpus.spans import Span

__all__ = ["sentence_spans"]

_ABBREVIATIONS = frozenset(
    {"approx", "ca", "cf", "dr", "e.g", "eq", "esp", "etc", "fig", "figs", "i.e", "incl", "max", "min", "mr",
     "mrs", "ms", "nos", "prof", "ref", "refs", "resp", "st", "tab", "vol", "vs"}
)  # fmt: skip
"""Words whose full stop ends no sentence when a figure or a small letter follows, beyond those that
sentencex knows."""


def sentence_spans(
    text: str, start: int = 0, end: int | None = None, markers: Sequence[Marker] = ()
) -> tuple[Span, ...]:
    """The sentences of ``text[start:end]``, as spans in `text`, without the white space around them.

    Boundaries are found as if the markers were not there, so that a footnote moves none of them;
    a sentence keeps the marker that follows it.

    >>> text = "It rose.1) Then approx. 3 fell."
    >>> [text[span.start:span.end] for span in sentence_spans(text, markers=[Marker(8, 10, (1,))])]
    ['It rose.1)', 'Then approx. 3 fell.']
    """
    end = len(text) if end is None else end
    bare, positions = _without_markers(text, start, end, markers)
    starts = [positions[offset] for offset in _sentence_starts(bare)]
    starts[:1] = [start]
    spans = [_trimmed(text, a, b) for a, b in zip(starts, [*starts[1:], end], strict=True)]
    return tuple(span for span in spans if span.start < span.end)


def _without_markers(text: str, start: int, end: int, markers: Sequence[Marker]) -> tuple[str, list[int]]:
    """The text without markers and the space before them, and the position in `text` of each of its characters."""
    bare: list[str] = []
    positions: list[int] = []
    for marker in markers_within(markers, start, end):
        kept = text[start : marker.start].rstrip()
        bare.append(kept)
        positions.extend(range(start, start + len(kept)))
        start = marker.end
        if text[start : start + 1].isalnum():
            bare.append(" ")
            positions.append(start - 1)
    positions.extend(range(start, end))
    return "".join(bare) + text[start:end], positions


def _sentence_starts(bare: str) -> list[int]:
    """Offsets at which a sentence of `bare` begins; sentencex may drop white space between segments."""
    starts: list[int] = []
    cursor = 0
    previous = ""
    for segment in sentencex.segment("en", bare):
        words = segment.strip()
        if not words:
            continue
        offset = bare.index(words, cursor)
        if not starts or not _continues(previous, words):
            starts.append(offset)
        cursor = offset + len(words)
        previous = words
    return starts


def _continues(previous: str, words: str) -> bool:
    """Whether a segment goes on with the sentence before it: ``approx. | 6 months``."""
    last = previous.rstrip(".").rsplit(maxsplit=1)[-1:] or [""]
    abbreviated = previous.endswith(".") and last[0].lstrip("([").lower() in _ABBREVIATIONS
    return (abbreviated and (words[0].isdigit() or words[0].islower())) or not any(map(str.isalnum, words))


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
