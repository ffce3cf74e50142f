"""How good the citations are: those of the passage that answers, against the references of the question.

Judged is the first passage that covers any evidence, in the ranking asked with ``min_confidence=0``: what
a reader is shown to have been cited. Questions whose evidence was not found are the ranking's fault and
are left out, and so are those without `references`. Where these are empty the passage should cite nothing,
so each of its citations is false.
"""

from collections.abc import Sequence
from typing import get_args

import msgspec

from corpus.passages import Basis
from eval.intervals import Estimate, ratio_interval
from eval.responses import Cited

__all__ = [
    "BASES",
    "BasisReport",
    "CitationReport",
    "CitedPassage",
    "citation_measures",
    "citation_report",
    "strongest",
]

BASES: tuple[Basis, ...] = get_args(Basis)
"""The bases of a citation, strongest first."""


class CitedPassage(msgspec.Struct, frozen=True):
    """The citations of the first passage that covers the evidence, and the references that it should have."""

    citations: tuple[Cited, ...]
    references: tuple[str, ...]


class BasisReport(msgspec.Struct, frozen=True):
    """The citations of one basis: how many are right, and which share of all works wanted they bring.

    Where every citation has a basis, their recalls add up to that of the whole. Each F1 is that of showing this
    basis alone.
    """

    correct: int
    predicted: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


class CitationReport(msgspec.Struct, frozen=True):
    """Micro-averaged counts of works, over the `n` questions whose evidence was found."""

    n: int
    true_positives: int
    false_positives: int
    false_negatives: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    by_basis: dict[Basis, BasisReport]


def citation_report(cited: Sequence[CitedPassage]) -> CitationReport:
    """Precision, recall and F1 of works cited, one `CitedPassage` a question.

    ``precision = tp / (tp + fp)``, ``recall = tp / (tp + fn)``, ``F1 = 2 tp / (2 tp + fp + fn)`` over the
    sums of all questions (van Rijsbergen 1979, chapter 7); null where the denominator is 0.
    """
    predicted = [set(strongest(passage.citations)) for passage in cited]
    gold = [set(passage.references) for passage in cited]
    hits, cites, wants = _counts(predicted, gold)
    return CitationReport(
        n=len(cited),
        true_positives=sum(hits),
        false_positives=sum(cites) - sum(hits),
        false_negatives=sum(wants) - sum(hits),
        precision=ratio_interval(hits, cites),
        recall=ratio_interval(hits, wants),
        f1=_f1(hits, cites, wants),
        by_basis={basis: _basis_report(cited, gold, basis) for basis in BASES},
    )


def citation_measures(passage: CitedPassage) -> dict[str, float]:
    """Precision, recall and F1 of one passage, where they are defined.

    Rightly citing nothing has an F1 of 1, and neither precision nor recall.

    >>> citation_measures(CitedPassage((Cited("a"), Cited("b")), ("a",)))
    {'citation precision': 0.5, 'citation recall': 1.0, 'citation F1': 0.6666666666666666}
    """
    cites, wants = set(strongest(passage.citations)), set(passage.references)
    hits = len(cites & wants)
    measures = {}
    if cites:
        measures["citation precision"] = hits / len(cites)
    if wants:
        measures["citation recall"] = hits / len(wants)
    measures["citation F1"] = 2 * hits / (len(cites) + len(wants)) if cites or wants else 1.0
    return measures


def strongest(citations: Sequence[Cited]) -> dict[str, Basis | None]:
    """Each work cited, with its strongest basis: several markers or numbers may lead to one work."""
    order = (*BASES, None)
    ordered = sorted(citations, key=lambda citation: order.index(citation.basis), reverse=True)
    return {citation.reference: citation.basis for citation in ordered}


def _basis_report(cited: Sequence[CitedPassage], gold: Sequence[set[str]], basis: Basis) -> BasisReport:
    works = [{work for work, found in strongest(each.citations).items() if found == basis} for each in cited]
    hits, cites, wants = _counts(works, gold)
    return BasisReport(
        sum(hits), sum(cites), ratio_interval(hits, cites), ratio_interval(hits, wants), _f1(hits, cites, wants)
    )


def _counts(predicted: Sequence[set[str]], gold: Sequence[set[str]]) -> tuple[list[int], list[int], list[int]]:
    """Works rightly cited, cited, and wanted, a question."""
    hits = [len(p & g) for p, g in zip(predicted, gold, strict=True)]
    return hits, [len(p) for p in predicted], [len(g) for g in gold]


def _f1(hits: Sequence[int], cites: Sequence[int], wants: Sequence[int]) -> Estimate:
    """``2 tp + fp + fn`` of a question is what it cites plus what it wants."""
    return ratio_interval([2 * hit for hit in hits], [c + w for c, w in zip(cites, wants, strict=True)])
