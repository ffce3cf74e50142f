"""How good the citations are: those of the passage that answers, against the references of the question.

Judged is the first passage that covers any evidence, in the ranking asked with ``min_confidence=0``: what
a reader is shown to have been cited. Questions whose evidence was not found are the ranking's fault and
are left out, and so are those without `references`. Where these are empty the passage should cite nothing,
so each of its citations is false.
"""

from collections.abc import Sequence
from typing import get_args

import msgspec

from corpus.passages import Basis, Citation
from eval.intervals import Estimate, ratio_interval

__all__ = ["BASES", "BasisPrecision", "CitationReport", "CitedPassage", "citation_report", "strongest"]

BASES: tuple[Basis, ...] = get_args(Basis)
"""The bases of a citation, strongest first."""


class CitedPassage(msgspec.Struct, frozen=True):
    """The citations of the first passage that covers the evidence, and the references that it should have."""

    citations: tuple[Citation, ...]
    references: tuple[str, ...]


class BasisPrecision(msgspec.Struct, frozen=True):
    """The precision of the citations of one basis; its `n` are the questions with such a citation."""

    correct: int
    predicted: int
    precision: Estimate


class CitationReport(msgspec.Struct, frozen=True):
    """Micro-averaged counts of works, over the `n` questions whose evidence was found."""

    n: int
    true_positives: int
    false_positives: int
    false_negatives: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    by_basis: dict[Basis, BasisPrecision]


def citation_report(cited: Sequence[CitedPassage]) -> CitationReport:
    """Precision, recall and F1 of works cited, one `CitedPassage` a question.

    ``precision = tp / (tp + fp)``, ``recall = tp / (tp + fn)``, ``F1 = 2 tp / (2 tp + fp + fn)`` over the
    sums of all questions (van Rijsbergen 1979, chapter 7); null where the denominator is 0.
    """
    predicted = [set(strongest(passage.citations)) for passage in cited]
    gold = [set(passage.references) for passage in cited]
    hits = [len(p & g) for p, g in zip(predicted, gold, strict=True)]
    cites = [len(p) for p in predicted]
    wants = [len(g) for g in gold]
    return CitationReport(
        n=len(cited),
        true_positives=sum(hits),
        false_positives=sum(cites) - sum(hits),
        false_negatives=sum(wants) - sum(hits),
        precision=ratio_interval(hits, cites),
        recall=ratio_interval(hits, wants),
        # 2 tp + fp + fn of a question is what it cites plus what it wants.
        f1=ratio_interval([2 * hit for hit in hits], [c + w for c, w in zip(cites, wants, strict=True)]),
        by_basis={basis: _basis_precision(cited, basis) for basis in BASES},
    )


def strongest(citations: Sequence[Citation]) -> dict[str, Basis]:
    """Each work cited, with its strongest basis: several markers or numbers may lead to one work."""
    ordered = sorted(citations, key=lambda citation: BASES.index(citation.basis), reverse=True)
    return {citation.reference: citation.basis for citation in ordered}


def _basis_precision(cited: Sequence[CitedPassage], basis: Basis) -> BasisPrecision:
    """The precision over the questions whose passage cites a work on this basis."""
    hits, counts = [], []
    for passage in cited:
        works = {work for work, found in strongest(passage.citations).items() if found == basis}
        if works:
            hits.append(len(works & set(passage.references)))
            counts.append(len(works))
    return BasisPrecision(sum(hits), sum(counts), ratio_interval(hits, counts))
