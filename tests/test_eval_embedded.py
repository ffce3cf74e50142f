"""The embedded questions fit the embedded page, and meet what the product promises of it."""

from collections import Counter
from pathlib import Path

import pytest

from corpus.sources import EMBEDDED, read_sources
from eval.questions import EMBEDDED_QUESTIONS, read_questions
from eval.runs import run
from eval.spans import locate
from eval.targets import SearcherTarget
from index import Searcher, Snapshot, Store

SETS = [EMBEDDED_QUESTIONS, EMBEDDED_QUESTIONS.with_name("cervical_spinal_metastases_development.jsonl")]


@pytest.mark.parametrize("questions", SETS, ids=lambda path: path.stem)
def test_every_quote_and_reference_stands_in_the_page(questions: Path) -> None:
    """Every evidence is found in the page once, and every reference is one of the page's works."""
    documents = {document.id: document for document in read_sources([EMBEDDED]).documents}
    works = {work.id for document in documents.values() for work in document.works.values()}
    for question in read_questions(questions):
        assert len(locate(question, documents)) == len(question.evidence)
        assert set(question.references or ()) <= works


def test_the_set_is_as_large_and_varied_as_promised() -> None:
    """There are at least 80 answerable questions of five kinds and 50 unanswerable ones, 30 of them minimal pairs."""
    questions = read_questions(EMBEDDED_QUESTIONS)
    kinds = Counter((question.answerable, question.kind) for question in questions)
    assert sum(count for (answerable, _), count in kinds.items() if answerable) >= 80
    assert sum(count for (answerable, _), count in kinds.items() if not answerable) >= 50
    assert {kind for answerable, kind in kinds if answerable} == {"fact", "number", "lay", "keyword", "typo"}
    assert kinds[False, "minimal_pair"] >= 30


def test_the_halves_share_no_evidence_and_no_pair() -> None:
    """No evidence of a development question is evidence of a test question, and pairs stay together."""
    questions = {question.id: question for question in read_questions(EMBEDDED_QUESTIONS)}
    quotes = {
        split: {evidence.quote for each in questions.values() if each.split == split for evidence in each.evidence}
        for split in ("development", "test")
    }
    assert quotes["development"] & quotes["test"] == set()
    assert all(questions[each.pair].split == each.split for each in questions.values() if each.pair)


def test_citations_of_the_embedded_page_are_right(embedded_store: Path, tmp_path: Path) -> None:
    """On the development half, every first passage that covers its evidence cites just the right work."""
    target = SearcherTarget(Searcher(Snapshot.open(Store(embedded_store))))
    report = run(target, EMBEDDED_QUESTIONS, out=tmp_path / "run", split="development")
    assert report.citations.f1 is not None
    assert report.citations.f1.value is not None
    assert report.citations.f1.value >= 0.97
    assert report.citations.n >= 50
