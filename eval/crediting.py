"""Which passage of a ranking is credited with which span of evidence."""

from collections.abc import Sequence
from typing import Literal, Protocol

from eval.spans import GoldSpan

__all__ = ["Indexed", "Stretch", "covers", "credit", "indexed", "read_to_find", "shared"]

Indexed = Literal["whole", "split", "partly", "absent"]
"""How the passages of an index hold a span: one covers it, several hold it together, or not all or nothing
of it is in any."""


class Stretch(Protocol):
    """A stretch of a document, in code points of its text: a passage, or part of one."""

    @property
    def document(self) -> str:
        """The document's id."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""


def shared(passage: Stretch, span: Stretch) -> int:
    """How many code points a passage and a span have in common."""
    if passage.document != span.document:
        return 0
    return max(0, min(passage.end, span.end) - max(passage.start, span.start))


def needed(span: GoldSpan) -> int:
    """So many code points of a span must be read to have found it: all, of several sentences half."""
    length = span.end - span.start
    return length if span.sentences == 1 else (length + 1) // 2


def covers(passage: Stretch, span: GoldSpan) -> bool:
    """Whether a passage covers a span: whole, or at least half of its characters if it has several sentences.

    The lead of a passage does not count: it is shown for context and is not what was retrieved.
    """
    return shared(passage, span) >= needed(span)


def read_to_find(passage: Stretch, span: GoldSpan) -> int:
    """How many code points of a passage that covers a span are read, from its start, until the span is found."""
    return max(passage.start, span.start) + needed(span) - passage.start


def credit(spans: Sequence[GoldSpan], passages: Sequence[Stretch]) -> tuple[tuple[int, ...], ...]:
    """For each passage, best first, the positions in `spans` that it is the first to cover."""
    left = list(range(len(spans)))
    ranking = []
    for passage in passages:
        found = tuple(position for position in left if covers(passage, spans[position]))
        left = [position for position in left if position not in found]
        ranking.append(found)
    return tuple(ranking)


def indexed(span: GoldSpan, passages: Sequence[Stretch]) -> Indexed:
    """How the passages of an index hold a span.

    >>> from eval.responses import Retrieved
    >>> halves = [Retrieved(document="d", start=0, end=9, score=0), Retrieved(document="d", start=9, end=20, score=0)]
    >>> indexed(GoldSpan("d", 5, 12), halves), indexed(GoldSpan("d", 15, 25), halves), indexed(GoldSpan("e", 1, 2), [])
    ('split', 'partly', 'absent')
    """
    if any(covers(passage, span) for passage in passages):
        return "whole"
    pieces = [passage for passage in passages if shared(passage, span)]
    if not pieces:
        return "absent"
    # Passages may leave out the white space between them, so only the ends of the span are looked for.
    held = min(piece.start for piece in pieces) <= span.start and span.end <= max(piece.end for piece in pieces)
    return "split" if held else "partly"
