"""What a reader has to read: evidence found by characters, and how much of what is shown is evidence.

Measures by rank let a passage win by being long. These do not: they count characters (code points).
"""

from collections.abc import Sequence

from corpus.sentences import sentence_spans
from eval.crediting import Stretch, covers, read_to_find, shared
from eval.responses import Retrieved
from eval.spans import GoldSpan

__all__ = [
    "first_sentence_hit",
    "highlight_excess",
    "highlight_hit",
    "intersection_over_union",
    "precision",
    "recall_after",
]


def recall_after(budget: int, spans: Sequence[GoldSpan], passages: Sequence[Stretch]) -> float:
    """The share of the spans found once `budget` characters were read, passage by passage from the top.

    A span is found where the passage that covers it has been read up to its end, or up to its half if it
    has several sentences.
    """
    found: set[int] = set()
    read = 0
    for passage in passages:
        found |= {
            position
            for position, span in enumerate(spans)
            if covers(passage, span) and read + read_to_find(passage, span) <= budget
        }
        read += passage.end - passage.start
    return len(found) / len(spans)


def precision(spans: Sequence[GoldSpan], passages: Sequence[Stretch]) -> float:
    """The share of the characters shown that are evidence; what is shown twice counts twice as shown.

    0 where nothing is shown.
    """
    read = sum(passage.end - passage.start for passage in passages)
    return _evidence_shown(spans, passages) / read if read else 0.0


def intersection_over_union(spans: Sequence[GoldSpan], passages: Sequence[Stretch]) -> float:
    """Evidence shown over all characters that are evidence or shown; what is shown twice counts twice."""
    read = sum(passage.end - passage.start for passage in passages)
    evidence = _length(spans)
    both = _evidence_shown(spans, passages)
    return both / (read + evidence - both)


def highlight_hit(spans: Sequence[GoldSpan], passages: Sequence[Retrieved]) -> bool:
    """Whether any highlight of these passages overlaps any evidence."""
    highlighted = [highlight for passage in passages for highlight in _highlights(passage)]
    return any(shared(highlight, span) for highlight in highlighted for span in spans)


def first_sentence_hit(spans: Sequence[GoldSpan], passages: Sequence[Retrieved]) -> bool:
    """Whether the first sentence of any of these passages overlaps any evidence: what highlights are held against."""
    return any(shared(_first_sentence(passage), span) for passage in passages for span in spans)


def _first_sentence(passage: Retrieved) -> GoldSpan:
    sentences = sentence_spans(passage.text or "")
    end = sentences[0].end if sentences else 0
    return GoldSpan(passage.document, passage.start, passage.start + end)


def highlight_excess(spans: Sequence[GoldSpan], passage: Retrieved) -> int:
    """How many highlighted characters of a passage are no evidence."""
    highlighted = _highlights(passage)
    return _length(highlighted) - _evidence_shown(spans, highlighted)


def _highlights(passage: Retrieved) -> list[GoldSpan]:
    return [GoldSpan(passage.document, highlight.start, highlight.end) for highlight in passage.highlights]


def _evidence_shown(spans: Sequence[Stretch], passages: Sequence[Stretch]) -> int:
    """How many characters are evidence and shown, each counted once."""
    return _length(spans) + _length(passages) - _length([*spans, *passages])


def _length(stretches: Sequence[Stretch]) -> int:
    """How many characters some stretches hold, each counted once."""
    length, reached = 0, ("", 0)
    for each in sorted(stretches, key=lambda each: (each.document, each.start)):
        start = max((each.document, each.start), reached)[1]
        length += max(0, each.end - start)
        reached = max((each.document, each.end), reached)
    return length
