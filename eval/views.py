"""What a page shows of one question: its passages with the evidence marked, and the evidence that they lack."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec
from markupsafe import Markup, escape

from corpus.spans import Span
from eval.citations import strongest
from eval.crediting import Stretch, covers
from eval.reports import QuestionResult
from eval.responses import Cited, Response, Retrieved
from eval.run_folder import Run
from eval.scoring import SHOWN, Judged, answering

__all__ = ["CitationView", "PassageView", "QuestionView", "marked", "question_views"]

FOLD = 1_200
"""After about so many characters the rest of a passage is folded away."""

LONGEST = 12_000
"""Beyond so many characters a passage is cut, unless its evidence stands there."""

_STATUS = {"answered": "answered", "no_match": "refused", None: "no status"}
_BASES = {"marked": "cited here", "named": "names the author", "inherited": "probably from", None: "basis not told"}


class CitationView(msgspec.Struct, frozen=True):
    """A work that a passage cites; `right` is null where it is not judged."""

    number: int | None
    reference: str
    basis: str
    right: bool | None


class PassageView(msgspec.Struct, frozen=True, kw_only=True):
    """A passage at its rank: its text as far as it is open, then the fold, and how many characters were left out.

    `missing` are works that it should cite and does not.
    """

    rank: int
    passage: Retrieved
    merit: str
    text: Markup | None
    fold: Markup | None
    folded: int
    left_out: int
    open: bool
    citations: tuple[CitationView, ...]
    missing: tuple[str, ...]


class QuestionView(msgspec.Struct, frozen=True, kw_only=True):
    """A question as a page shows it.

    `hidden` counts the passages that came back but are not shown, `quotes` is the evidence that no shown
    passage covers, and `documents` are those that are relevant, where whole documents are judged.
    """

    result: QuestionResult
    references: tuple[str, ...] | None
    status: str
    took_ms: float | None
    passages: tuple[PassageView, ...]
    hidden: int
    quotes: tuple[str, ...]
    documents: tuple[str, ...]


def question_views(results: Sequence[QuestionResult], run: Run, most: int = SHOWN) -> Iterator[QuestionView]:
    """The questions of a run in the order of their results, each with its first passages.

    The passage that covers its evidence is shown too where it ranks later.
    """
    judged = {each.question.id: each for each in run.judged}
    for result in results:
        if result.id in judged:
            yield _view(result, judged[result.id], run.responses.get(result.id), most)


def marked(text: str, start: int, evidence: Sequence[Span], highlights: Sequence[Span]) -> Markup:
    """A text that begins at `start` of its document, with evidence in ``<mark>`` and highlights in ``<u>``.

    >>> marked("a < b", 10, [Span(14, 20)], [Span(10, 11)])
    Markup('<u>a</u> &lt; <mark>b</mark>')
    """
    gold, lit = _within(evidence, start, len(text)), _within(highlights, start, len(text))
    parts = []
    for begin, end in _pieces(gold, len(text)):
        inner = [
            _wrapped("u", text[a:b], any(span.start <= a < span.end for span in lit))
            for a, b in _pieces(lit, len(text), begin, end)
        ]
        whole = Markup("").join(inner)
        parts.append(_wrapped("mark", whole, any(span.start <= begin < span.end for span in gold)))
    return Markup("").join(parts)


def _wrapped(name: str, text: str, wrap: bool) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(name, text) if wrap else escape(text)


def _within(spans: Sequence[Span], start: int, length: int) -> list[Span]:
    """The parts of spans that lie in a text, as places in it, without overlaps."""
    clamped = sorted((max(0, span.start - start), min(length, span.end - start)) for span in spans)
    within: list[Span] = []
    for begin, end in clamped:
        if within and begin < within[-1].end:
            within[-1] = Span(within[-1].start, max(end, within[-1].end))
        elif begin < end:
            within.append(Span(begin, end))
    return within


def _pieces(spans: Sequence[Span], length: int, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """The stretches from `begin` to `end` that the edges of spans cut out."""
    end = length if end is None else end
    edges = sorted({begin, end, *(edge for span in spans for edge in (span.start, span.end) if begin < edge < end)})
    return pairwise(edges)


def _view(result: QuestionResult, judged: Judged, response: Response | None, most: int) -> QuestionView:
    passages = response.passages if response is not None else ()
    answer = answering(judged, response) if response is not None else None
    chosen = [(rank, each) for rank, each in enumerate(passages, start=1) if rank <= most or each is answer]
    covered = {span for span in judged.spans for _, each in chosen if covers(each, span)}
    quoted = list(zip(judged.spans, judged.question.quotes, strict=False))
    return QuestionView(
        result=result,
        references=judged.question.references,
        status="no response" if response is None or response.failure is not None else _STATUS[response.status],
        took_ms=response.took_ms if response is not None else None,
        passages=tuple(_passage(rank, each, judged, answers=each is answer) for rank, each in chosen),
        hidden=len(passages) - len(chosen),
        quotes=tuple(quote for span, quote in quoted if span not in covered),
        documents=() if judged.spans else tuple(judged.grades),
    )


def _passage(rank: int, passage: Retrieved, judged: Judged, *, answers: bool) -> PassageView:
    gold = [Span(span.start, span.end) for span in judged.spans if span.document == passage.document]
    text = passage.text or ""
    seen = [span for span in gold if span.start < passage.end and span.end > passage.start]
    fold = _fold(text)
    end = max(LONGEST, *(span.end - passage.start for span in seen), 0) if seen else LONGEST
    wanted = judged.question.references
    return PassageView(
        rank=rank,
        passage=passage,
        merit=_merit(passage, judged, touches=bool(seen)),
        text=marked(text[:fold], passage.start, gold, passage.highlights) if passage.text is not None else None,
        fold=marked(text[fold:end], passage.start + fold, gold, passage.highlights) if fold < len(text) else None,
        folded=len(text[fold:end]),
        left_out=len(text[end:]),
        open=any(span.end > passage.start + fold for span in seen),
        citations=tuple(_citations(passage.citations or (), wanted, judge=answers)),
        missing=_missing(passage, wanted) if answers else (),
    )


def _fold(text: str) -> int:
    """Where a text is folded: at the space before `FOLD`, or not at all where little would be saved."""
    if len(text) <= FOLD + FOLD // 4:
        return len(text)
    space = re.search(r"\s\S*$", text[:FOLD])
    return space.start() if space else FOLD


def _merit(passage: Stretch, judged: Judged, *, touches: bool) -> str:
    """What makes a passage right, in words; nothing if it is not."""
    if any(covers(passage, span) for span in judged.spans):
        return "covers the evidence"
    if touches:
        return "has a part of the evidence"
    return "is a relevant document" if not judged.spans and passage.document in judged.grades else ""


def _citations(cited: Sequence[Cited], wanted: Sequence[str] | None, *, judge: bool) -> Iterator[CitationView]:
    """In the order in which the passage cites them. A passage that does not answer can be right, but not wrong."""
    for each in cited:
        found = wanted is not None and each.reference in wanted
        right = found if wanted is not None and (judge or found) else None
        yield CitationView(each.number, each.reference, _BASES[each.basis], right)


def _missing(passage: Retrieved, wanted: Sequence[str] | None) -> tuple[str, ...]:
    if wanted is None or passage.citations is None:
        return ()
    given = strongest(passage.citations)
    return tuple(work for work in wanted if work not in given)
