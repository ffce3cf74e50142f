"""Every defect of a question set, the warnings, and the summary."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from corpus.documents import Document, Reference, Work
from corpus.errors import QuestionSetError
from corpus.sources import EMBEDDED, read_sources
from eval.defects import QuestionOverlap, QuestionSetReport, QuestionSetSummary, Wording, find_defects
from eval.questions import EMBEDDED_QUESTIONS, Evidence, Question, write_questions
from index import Snapshot, Store

TEXT = "All 24 patients lived. Then it rose. Then it fell."


def page(identity: str = "page", text: str = TEXT) -> dict[str, Document]:
    """A document of this text with two references."""
    references = tuple(Reference(number, Work(f"pmid:{number}0001", "A work.")) for number in (1, 2))
    document = Document(
        id=identity, title="", form="text", text=text, sha256="", source_sha256="", references=references
    )
    return {identity: document}


def asked(identity: str, *evidence: Evidence, question: str | None = None, split: str | None = None) -> Question:
    """A question, answerable if it has evidence."""
    return Question(identity, question or f"What of {identity}?", evidence, bool(evidence), split=split)


def report(folder: Path, *questions: Question, documents: Mapping[str, Document] | None = None) -> QuestionSetReport:
    """What is found in a file of these questions."""
    write_questions(questions, folder / "set.jsonl")
    return find_defects(folder / "set.jsonl", documents)


def told(found: QuestionSetReport) -> list[str]:
    """The defects as they are shown."""
    return [defect.told("set") for defect in found.defects]


def test_every_defect_of_a_file_is_found(tmp_path: Path) -> None:
    """All lines at fault are named in their order, each fault of a line, and the rest is still summed up."""
    lines = [
        '{"id": "a", "question": "What?", "evidence": [{"document": "page", "quote": "24"}], "answerable": true}',
        "{",
        '{"id": "b", "question": "Why?", "evidense": [], "answerable": false}',
        '{"id": "a", "question": " ", "evidence": [], "answerable": true}',
        '{"id": "c", "question": "When?", "evidence": [], "answerable": false, "pair": "d"}',
    ]
    (tmp_path / "set.jsonl").write_text("\n".join(lines), "utf-8")
    found = find_defects(tmp_path / "set.jsonl")
    assert [(defect.line, defect.question, defect.message.partition(".")[0]) for defect in found.defects] == [
        (2, None, "Input data was truncated"),
        (3, None, "Object contains unknown field `evidense`"),
        (4, "a", "the question is empty"),
        (4, "a", "it is answerable but has no evidence"),
        (4, "a", "the id already stands on line 1"),
        (5, "c", "its pair 'd' is none of the 1 answerable questions of the file"),
    ]
    assert (found.documents_checked, found.summary.questions, found.summary.answerable) == (False, 3, 2)


def test_a_file_without_a_question(tmp_path: Path) -> None:
    """An empty file is a defect of no line; a file that is not there cannot be looked through."""
    assert told(report(tmp_path)) == ["set: the file holds no question. Write one JSON object a line."]
    with pytest.raises(QuestionSetError, match="absent cannot be read"):
        find_defects(tmp_path / "absent")


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        (Evidence("other", "24"), "document 'other': it is not among the 1 documents of the snapshot"),
        (Evidence("other"), "document 'other': it is not among the 1 documents of the snapshot"),
        (Evidence("page", "Then it"), "the quote 'Then it' stands there 2 times, at 23, 37. Give the one meant"),
        (Evidence("page", "24", 5), "the quote '24' does not stand at start 5 but at 4. Correct it."),
        (Evidence("page", "25 patients"), "does not stand in its text. Copy it from the text"),
        (Evidence("page", "all 24"), "it stands at 0: copy 'All 24' from there"),
    ],
)
def test_evidence_that_the_documents_do_not_bear_out(tmp_path: Path, evidence: Evidence, message: str) -> None:
    """Without the documents evidence is taken on trust; with them what is wrong with it is found."""
    question = asked("q1", evidence)
    assert report(tmp_path, question).defects == ()
    (defect,) = report(tmp_path, question, documents=page()).defects
    assert message in defect.message
    assert (defect.line, defect.question) == (1, "q1")


def test_references_that_the_document_lacks(tmp_path: Path) -> None:
    """A reference that is none of the document's works is named with those that look like it."""
    question = msgspec.structs.replace(
        asked("q1", Evidence("page", "24")), references=("pmid:10001", "pmid:1001", "doi:x")
    )
    near, far = told(report(tmp_path, question, documents=page()))
    assert near.endswith(
        "the reference 'pmid:1001' is none of the 2 works in the references of page. "
        "The nearest are pmid:10001, pmid:20001."
    )
    assert far.endswith("the reference 'doi:x' is none of the 2 works in the references of page. Leave it out.")


def test_spans_that_overlap(tmp_path: Path) -> None:
    """Two spans of one question that share text would be credited twice; neighbours are no defect."""
    overlapping = asked("q1", Evidence("page", "24 patients"), Evidence("page", "patients lived"))
    neighbours = asked("q2", Evidence("page", "24 "), Evidence("page", "patients lived"))
    assert told(report(tmp_path, overlapping, neighbours, documents=page())) == [
        "set, line 1, question 'q1': two of its spans overlap in document 'page': 4 to 15 and 7 to 21. "
        "Join them, or shorten one."
    ]


def test_one_question_with_two_answers(tmp_path: Path) -> None:
    """The same words, but for case and white space, cannot have other evidence or none."""
    first = asked("a", Evidence("page", "24"), question="How many lived?")
    other = asked("b", Evidence("page", "rose"), question="how many  lived?")
    none = asked("c", question="How many lived?")
    other_evidence, no_evidence = told(report(tmp_path, first, other, none))
    assert other_evidence.startswith(
        "set, line 2, question 'b': question 'a' on line 1 asks the same, but their evidence differs. Make them one"
    )
    assert no_evidence.startswith(
        "set, line 3, question 'c': question 'a' on line 1 asks the same, but one is answerable, the other is not."
    )


def test_what_is_only_a_warning(tmp_path: Path) -> None:
    """A question that comes twice with its evidence, and a quote in two splits, may be meant."""
    first = asked("a", Evidence("page", "24"), question="How many lived?", split="development")
    found = report(tmp_path, first, msgspec.structs.replace(first, id="b", split="test"))
    assert found.defects == ()
    assert [warning.told("set") for warning in found.warnings] == [
        "set, line 2, question 'b': question 'a' on line 1 asks the same and has the same evidence, so it counts "
        "twice. Remove one.",
        "set, line 2, question 'b': a quote of document 'page' is evidence here in split 'test', and of question "
        "'a' on line 1 in split 'development'. Put both in one split.",
    ]


def test_whole_documents_of_two_splits_leak_nothing(tmp_path: Path) -> None:
    """Splits share whole documents as a matter of course."""
    questions = (asked("a", Evidence("page"), split="train"), asked("b", Evidence("page"), split="test"))
    assert report(tmp_path, *questions, documents=page()).warnings == ()


def test_summary(tmp_path: Path) -> None:
    """The summary counts what there is, and how far the questions copy their evidence."""
    copied = asked("a", Evidence("page", "All 24 patients lived."), question="Which 24 patients lived?", split="test")
    own = asked("b", Evidence("page", "Then it rose."), Evidence("page", "24"), question="Patients grew?")
    whole = asked("c", Evidence("other", grade=2), question="Anything?")
    found = report(tmp_path, copied, own, whole, msgspec.structs.replace(asked("d"), kind="near"))
    assert found.summary == QuestionSetSummary(
        questions=4,
        answerable=3,
        unanswerable=1,
        kinds={"near": 1},
        splits={"test": 1},
        spans=3,
        whole_documents=1,
        documents=2,
        wording=Wording(questions=2, mean=0.5, copying=0.5, worst=(QuestionOverlap("a", 1.0),)),
    )
    assert report(tmp_path, whole).summary.wording is None


@pytest.mark.parametrize("path", sorted(EMBEDDED_QUESTIONS.parent.glob("*.jsonl")), ids=lambda path: path.stem)
def test_shipped_sets_have_no_defect(embedded_store: Path, path: Path) -> None:
    """The sets that come with loccit have neither a defect nor a warning against the page they ask about."""
    found = find_defects(path, Snapshot.open(Store(embedded_store)).documents)
    assert told(found) == []
    assert found.warnings == ()
    assert set(Snapshot.open(Store(embedded_store)).documents) == {each.stem for each in EMBEDDED.glob("*.txt")}


def test_a_large_real_set(shared: Path) -> None:
    """Of 1045 questions over 92 articles every quote is found; a few ask the same and are answered otherwise."""
    folder = shared / "data" / "covidqa"
    documents = {document.id: document for document in read_sources([folder / "documents"]).documents}
    found = find_defects(folder / "questions.jsonl", documents)
    summary = found.summary
    assert (summary.questions, summary.spans, summary.documents) == (1045, 1045, 92)
    assert len(found.defects) == 12
    assert all("asks the same, but their evidence differs" in defect.message for defect in found.defects)
    assert summary.wording is not None
    assert round(summary.wording.mean, 3) == 0.158
