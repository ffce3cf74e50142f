"""Precision, recall and F1 of citations, and the rates of wrong statuses, worked by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Span
from corpus.passages import Basis, Citation
from eval.citations import BASES, CitedPassage, citation_report, strongest
from eval.intervals import Estimate
from eval.questions import Evidence, Question
from eval.refusals import refusals


def cites(work: str, basis: Basis, number: int = 1) -> Citation:
    """A citation of a work; where its marker stands does not matter here."""
    return Citation(work, number, basis, Span(0, 1))


CITED = [
    CitedPassage((cites("a", "marked"), cites("b", "inherited")), ("a",)),  # tp 1, fp 1
    CitedPassage((), ("c",)),  # fn 1
    CitedPassage((cites("d", "named"),), ()),  # no reference at all: fp 1
    CitedPassage((), ()),  # rightly cites nothing
]


def test_counts_are_summed_over_questions() -> None:
    """One true positive, two false positives and one false negative over four questions."""
    report = citation_report(CITED)
    assert (report.true_positives, report.false_positives, report.false_negatives) == (1, 2, 1)
    assert report.n == 4
    assert report.precision.value == pytest.approx(1 / 3)
    assert report.recall.value == pytest.approx(1 / 2)
    assert report.f1.value == pytest.approx(2 / (2 + 2 + 1))


def test_precision_by_basis() -> None:
    """Marked is right once in once, named and inherited are wrong once in once."""
    by_basis = citation_report(CITED).by_basis
    assert tuple(by_basis) == BASES == ("marked", "named", "inherited")
    assert [(of.correct, of.predicted, of.precision.value) for of in by_basis.values()] == [
        (1, 1, 1.0),
        (0, 1, 0.0),
        (0, 1, 0.0),
    ]


def test_a_work_cited_twice_counts_once_on_its_strongest_basis() -> None:
    """Two numbers that lead to one work are one citation, marked if either is."""
    twice = (cites("a", "inherited", 3), cites("a", "marked", 1))
    assert strongest(twice) == {"a": "marked"}
    report = citation_report([CitedPassage(twice, ("a",))])
    assert (report.true_positives, report.false_positives) == (1, 0)
    assert report.by_basis["inherited"].predicted == 0


def test_no_evidence_found_leaves_every_value_null() -> None:
    """Nothing judged is reported as nothing, not as 0 or 1."""
    report = citation_report([])
    undefined = Estimate(None, None, None, 0)
    assert [report.precision, report.recall, report.f1] == [undefined] * 3


works = st.lists(st.sampled_from("abcd"), unique=True, max_size=4).map(tuple)
cited = st.builds(
    lambda predicted, gold: CitedPassage(tuple(cites(work, "marked") for work in predicted), gold),
    works,
    works,
)


@settings(deadline=None)
@given(st.lists(cited, min_size=1, max_size=8))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(passages: list[CitedPassage]) -> None:
    """Where both are defined and not 0, F1 from the counts is their harmonic mean."""
    report = citation_report(passages)
    if report.precision.value and report.recall.value:
        harmonic = 2 / (1 / report.precision.value + 1 / report.recall.value)
        assert report.f1.value == pytest.approx(harmonic)


def test_wrong_refusals_and_wrong_answers() -> None:
    """One of three answerable questions is refused, one of two unanswerable ones is answered."""
    evidence = (Evidence("page", "24"),)
    questions = [Question(name, "?", evidence, answerable=True) for name in "abc"]
    questions += [Question(name, "?", (), answerable=False) for name in "de"]
    rates = refusals(questions, {"a": "answered", "b": "no_match", "c": "answered", "d": "answered", "e": "no_match"})
    assert rates.wrong_refusals.value == pytest.approx(1 / 3)
    assert rates.wrong_refusals.n == 3
    assert rates.wrong_answers.value == pytest.approx(1 / 2)
    assert rates.wrong_answers.n == 2


def test_a_set_without_unanswerable_questions_has_no_rate_of_wrong_answers() -> None:
    """A rate over no question is null."""
    rates = refusals([Question("a", "?", (Evidence("page", "24"),), answerable=True)], {"a": "answered"})
    assert rates.wrong_answers == Estimate(None, None, None, 0)
