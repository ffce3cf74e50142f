"""Precision, recall and F1 of citations, of one passage and over questions, worked by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.passages import Basis
from eval.citations import BASES, CitedPassage, citation_measures, citation_report, strongest
from eval.intervals import Estimate
from eval.responses import Cited


def cites(work: str, basis: Basis | None, number: int | None = None) -> Cited:
    """A citation of a work, with the basis that a service gives or none."""
    return Cited(work, basis, number)


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


def test_a_citation_without_a_basis_counts_but_for_no_basis() -> None:
    """A service that tells no basis has its works judged all the same; any basis is stronger than none."""
    report = citation_report([CitedPassage((cites("a", None), cites("b", None), cites("b", "inherited")), ("a",))])
    assert (report.true_positives, report.false_positives, report.false_negatives) == (1, 1, 0)
    assert [of.predicted for of in report.by_basis.values()] == [0, 0, 1]
    assert strongest([cites("b", "inherited"), cites("b", None)]) == {"b": "inherited"}


@pytest.mark.parametrize(
    ("cited", "references", "precision", "recall", "f1"),
    [
        ("a", "a", 1, 1, 1),
        ("ab", "a", 1 / 2, 1, 2 / 3),
        ("a", "abc", 1, 1 / 3, 2 / 4),
        ("abc", "cde", 1 / 3, 1 / 3, 2 / 6),
        ("aab", "ab", 1, 1, 1),  # cited twice is cited
        ("b", "a", 0, 0, 0),
        ("", "a", None, 0, 0),
        ("a", "", 0, None, 0),
        ("", "", None, None, 1),
    ],
)
def test_measures_of_one_passage(
    cited: str, references: str, precision: float | None, recall: float | None, f1: float
) -> None:
    """Each letter is a work; what has nothing to divide by is left out, and rightly citing nothing is an F1 of 1."""
    values = citation_measures(CitedPassage(tuple(cites(work, "marked") for work in cited), tuple(references)))
    expected = {"citation precision": precision, "citation recall": recall, "citation F1": f1}
    assert values == pytest.approx({name: value for name, value in expected.items() if value is not None})


works = st.lists(st.sampled_from("abcd"), unique=True, max_size=4).map(tuple)
cited = st.builds(
    lambda predicted, gold, bases: CitedPassage(tuple(map(cites, predicted, bases)), gold),
    works,
    works,
    st.lists(st.sampled_from(BASES), min_size=4, max_size=4),
)


@settings(deadline=None)
@given(st.lists(cited, min_size=1, max_size=8))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(passages: list[CitedPassage]) -> None:
    """Where both are defined and not 0, F1 from the counts is their harmonic mean."""
    report = citation_report(passages)
    if report.precision.value and report.recall.value:
        harmonic = 2 / (1 / report.precision.value + 1 / report.recall.value)
        assert report.f1.value == pytest.approx(harmonic)


@settings(deadline=None)
@given(st.lists(cited, min_size=1, max_size=8))
def test_the_report_of_one_question_agrees_with_its_measures(passages: list[CitedPassage]) -> None:
    """Precision and recall of a report of one passage are its own, and all values lie from 0 to 1."""
    values = citation_measures(passages[0])
    report = citation_report(passages[:1])
    assert report.precision.value == values.get("citation precision")
    assert report.recall.value == values.get("citation recall")
    assert report.f1.value == (values["citation F1"] if len(values) > 1 else None)
    assert all(0 <= value <= 1 for value in values.values())


@settings(deadline=None)
@given(st.lists(cited, min_size=1, max_size=8))
def test_the_recalls_of_all_bases_add_up(passages: list[CitedPassage]) -> None:
    """Each work has one basis, so the bases share out what is right and what is recalled."""
    report = citation_report(passages)
    assert sum(of.correct for of in report.by_basis.values()) == report.true_positives
    if report.recall.value is not None:
        recalls = [of.recall.value for of in report.by_basis.values()]
        assert sum(recall for recall in recalls if recall is not None) == pytest.approx(report.recall.value)
