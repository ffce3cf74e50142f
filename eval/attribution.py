"""How well passages are attributed: their citations against pages on which the truth is known.

A passage is rightly attributed to a work if at least one of its sentences truly comes from it. Precision is the
share of citations that are right, of each basis. Recall is the share of true pairs of passage and work that are
cited, and what basis a true pair calls for the page tells: its passage carries the work's marker, or names the
work's first author, or neither, and then the work can be inherited only.

Pages of one article share its sentences, so intervals resample articles and not pages.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from corpus.attribution import cite, find_supports
from corpus.authors import family_key
from corpus.chunking import PieceLimit, chunk
from corpus.documents import Document, Work, markers_within
from corpus.passages import Basis, Citation
from corpus.references import parse_work
from corpus.sentences import sentence_spans
from corpus.spans import Span
from eval.citations import BASES
from eval.intervals import Estimate, ratio_interval
from eval.wiki_forms import PageForm, read_page
from eval.wiki_habits import Page, Piece

__all__ = ["BasisScores", "Cited", "Scores", "Unit", "attributed", "score_attribution"]


class Cited(msgspec.Struct, frozen=True):
    """A work that a unit cites; `across` tells that the marker stands in another paragraph."""

    work: str
    basis: Basis
    across: bool


class Unit(msgspec.Struct, frozen=True):
    """A passage or a sentence of a page: what it cites, and the works that truly support it by their due basis."""

    article: str
    habit: str
    form: PageForm
    kind: Literal["passage", "sentence"]
    cited: tuple[Cited, ...]
    called: dict[str, Basis]
    hard: bool
    """In a study that begins with no name and has the page's own prose directly before it, or in that prose."""


class BasisScores(msgspec.Struct, frozen=True):
    """Precision over the citations of one basis; recall over the true pairs that call for it, cited by any basis."""

    basis: str
    precision: Estimate
    recall: Estimate

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both, where both are known."""
        precision, recall = self.precision.value, self.recall.value
        if precision is None or recall is None:
            return None
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


class Scores(msgspec.Struct, frozen=True):
    """What was measured over some units: by basis, then of ``all``, and what caution costs."""

    name: str
    units: int
    bases: tuple[BasisScores, ...]
    uncited: Estimate
    """Of the units that some work truly supports, the share that cites nothing."""


def attributed(page: Page, form: PageForm, *, chunk_tokens: int, limit: PieceLimit) -> Iterator[Unit]:
    """The passages of a page as a build cuts them, and its sentences, with what they cite and what is true.

    Raises `ValueError` where the reader has lost a sentence of the page.
    """
    document, spans = read_page(page, form)
    truth = _Truth(page, document, spans)
    for passage in chunk(document, chunk_tokens=chunk_tokens, limit=limit):
        yield truth.unit(form, "passage", Span(passage.start, passage.end), passage.citations)
    supports = find_supports(document)
    for block in document.blocks:
        if block.kind != "heading":
            for sentence in sentence_spans(document.text, block.start, block.end, document.markers):
                cited = cite(document, supports, sentence.start, sentence.end)
                yield truth.unit(form, "sentence", sentence, cited)


class _Truth:
    """What is true of each stretch of the document that was read of a page."""

    def __init__(self, page: Page, document: Document, spans: Sequence[Span]) -> None:
        self._page = page
        self._document = document
        self._spans = spans
        self._pieces = [piece for block in page.blocks for piece in block.pieces]
        self._works = {key: parse_work(note) for key, note in page.notes.items()}
        self._blocks = [block.start for block in document.blocks]

    def unit(
        self, form: PageForm, kind: Literal["passage", "sentence"], span: Span, citations: Iterable[Citation]
    ) -> Unit:
        pieces = self._within(span)
        works = [self._works[key] for key in dict.fromkeys(key for piece in pieces for key in piece.works)]
        return Unit(
            article=self._page.article,
            habit=self._page.habit,
            form=form,
            kind=kind,
            cited=tuple(
                Cited(c.reference, c.basis, self._block(c.marker.start) != self._block(span.start)) for c in citations
            ),
            called={work.id: self._called(work, span) for work in works},
            hard=any(piece.hard for piece in pieces),
        )

    def _within(self, span: Span) -> Sequence[Piece]:
        first = bisect_right(self._spans, span.start, key=lambda piece: piece.end)
        last = bisect_left(self._spans, span.end, key=lambda piece: piece.start)
        return self._pieces[first:last]

    def _called(self, work: Work, span: Span) -> Basis:
        document = self._document
        numbers = {n for m in markers_within(document.markers, span.start, span.end) for n in m.numbers}
        if any(document.works[number].id == work.id for number in numbers):
            return "marked"
        text = family_key(document.text[span.start : span.end])
        return "named" if work.first_author and family_key(work.first_author) in text else "inherited"

    def _block(self, offset: int) -> int:
        return bisect_right(self._blocks, offset)


def score_attribution(units: Sequence[Unit]) -> tuple[Scores, ...]:
    """Scores of passages: of all, of the hard case, by habit and by form; and of sentences."""
    passages = [unit for unit in units if unit.kind == "passage"]
    sentences = [unit for unit in units if unit.kind == "sentence"]
    groups = [
        ("passages", passages),
        ("passages, hard case", [unit for unit in passages if unit.hard]),
        *((f"passages, habit {habit}", [u for u in passages if u.habit == habit]) for habit in _habits(passages)),
        *(
            (f"passages, {form}", [u for u in passages if u.form == form])
            for form in sorted({u.form for u in passages})
        ),
        ("sentences", sentences),
        ("sentences, hard case", [unit for unit in sentences if unit.hard]),
    ]
    return tuple(_scores(name, group) for name, group in groups)


def _habits(units: Iterable[Unit]) -> list[str]:
    return list(dict.fromkeys(unit.habit for unit in units))


def _scores(name: str, units: Sequence[Unit]) -> Scores:
    rows = [_of_basis(basis, units) for basis in BASES]
    across = _basis_scores("across", units, lambda c: c.across, lambda called: False)
    return Scores(
        name=name,
        units=len(units),
        bases=(*rows, across, _basis_scores("all", units, lambda _: True, lambda _: True)),
        uncited=_rate((u.article, not u.cited) for u in units if u.called),
    )


def _of_basis(basis: Basis, units: Sequence[Unit]) -> BasisScores:
    return _basis_scores(basis, units, lambda cited: cited.basis == basis, lambda called: called == basis)


def _basis_scores(
    name: str, units: Sequence[Unit], predicted: Callable[[Cited], bool], called: Callable[[Basis], bool]
) -> BasisScores:
    precision = ((u.article, c.work in u.called) for u in units for c in u.cited if predicted(c))
    recall = (
        (u.article, any(c.work == work for c in u.cited)) for u in units for work, b in u.called.items() if called(b)
    )
    return BasisScores(name, _rate(precision), _rate(recall))


def _rate(outcomes: Iterable[tuple[str, bool]]) -> Estimate:
    """The rate of what holds, with an interval that resamples articles; `n` counts the outcomes."""
    hits: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for article, hit in outcomes:
        hits[article] = hits.get(article, 0) + hit
        sizes[article] = sizes.get(article, 0) + 1
    estimate = ratio_interval([hits[article] for article in sizes], list(sizes.values()))
    return msgspec.structs.replace(estimate, n=sum(sizes.values()))
