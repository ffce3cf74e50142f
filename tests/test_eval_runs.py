"""A run from question set to folder, with a small searcher that is built here in sight."""

import hashlib
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count, pairwise
from pathlib import Path
from types import MappingProxyType

import msgspec
import numpy as np
import pytest

from corpus.documents import Document, Span
from corpus.errors import QuestionSetError, SettingsError, SnapshotError
from corpus.passages import Citation, anchor
from eval.asking import Searchable
from eval.intervals import Estimate
from eval.reports import Report
from eval.runs import AnswerLine, RunFolder, run
from eval.summaries import summary
from index.answers import Answer, AnswerPassage, DocumentSummary, Query

SURGERY = """The study covered 24 patients. Their mean age was 71 years.
Median survival was 14.8 months after surgery.
Pain relief was complete in 21 patients.
Survival of patients is dismal."""
DIET = "A diet of oats was given to patients."


def make_document(name: str, text: str) -> Document:
    """A document of a text alone."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(id=name, title=name.title(), form="text", text=text, sha256=digest, source_sha256=digest)


class LineSearcher:
    """Searches lines: the score is the number of words shared, and none shared is no match.

    The line about survival after surgery cites a work; the line about pain cites the wrong one.
    """

    snapshot = "2f6c"
    cited: Mapping[str, str] = MappingProxyType({"Median": "pmid:1", "Pain": "pmid:9"})

    def __init__(self) -> None:
        documents = [make_document("surgery", SURGERY), make_document("diet", DIET)]
        self.documents: Mapping[str, Document] = {document.id: document for document in documents}
        self.queries: list[Query] = []
        self.clock = count(1)

    def search(self, queries: Sequence[Query]) -> tuple[Answer, ...]:
        """One answer a query, each slower than the one before, as `took_ms` alone may differ."""
        self.queries += queries
        return tuple(self.answer(query) for query in queries)

    def answer(self, query: Query) -> Answer:
        """The best lines first; ties in the order of the sources."""
        words = set(re.findall(r"\w+", query.question.lower()))
        scored = [
            (len(words & set(re.findall(r"\w+", line.group().lower()))), document, Span(*line.span()))
            for document in self.documents.values()
            for line in re.finditer(r".+", document.text)
        ]
        scored.sort(key=lambda one: -one[0])
        refused = query.min_confidence is None and scored[0][0] == 0
        passages = [self.passage(rank, *one) for rank, one in enumerate(scored[: query.k], start=1)]
        return Answer(
            id="answer",
            status="no_match" if refused else "answered",
            question=query.question,
            snapshot=self.snapshot,
            took_ms=float(next(self.clock)),
            passages=() if refused else tuple(passages),
            references=(),
            nearest=passages[0] if refused else None,
        )

    def passage(self, rank: int, score: int, document: Document, span: Span) -> AnswerPassage:
        """A line in the shape of an answer."""
        text = document.text[span.start : span.end]
        work = self.cited.get(text.split()[0])
        return AnswerPassage(
            rank=rank,
            id=f"{document.id}-{span.start}",
            confidence=None,
            score=float(score),
            text=text,
            document=DocumentSummary(document.id, document.title, None, None),
            headings=(),
            lead=None,
            anchor=anchor(document, span),
            highlights=(),
            citations=() if work is None else (Citation(work, 1, "marked", Span(0, 1)),),
        )


QUESTIONS = """\
{"id": "age", "question": "What was the mean age?", "evidence": [{"document": "surgery", "quote": \
"mean age was 71 years"}], "references": [], "answerable": true, "kind": "number", "split": "dev"}
{"id": "survival", "question": "Were survival figures of patients good?", "evidence": [{"document": \
"surgery", "quote": "Median survival was 14.8 months"}], "references": ["pmid:1"], \
"answerable": true, "split": "dev"}
{"id": "relief", "question": "Anything analgesic?", "evidence": [{"document": "surgery", "quote": \
"Pain relief was complete"}], "references": ["pmid:2"], "answerable": true, "kind": "number", "split": "dev"}
{"id": "budget", "question": "Anyone paid?", "evidence": [], "references": [], "answerable": false, \
"kind": "absent", "split": "dev", "pair": "age"}
{"id": "height", "question": "What was the mean height?", "evidence": [], "references": [], "answerable": \
false, "kind": "absent", "split": "dev", "pair": "age"}
{"id": "diet", "question": "Which diet was given?", "evidence": [{"document": "diet", "quote": "oats"}], \
"answerable": true, "split": "test"}
"""
# The lines, by words shared with the question, and the ranking that follows (s0 is the first of SURGERY):
#   age       what was the mean age: s0 the was mean age = 4, s1 was, s2 was, d0 was → s0 at rank 1
#   survival  were survival figures of patients good: s3 survival of patients = 3, d0 of patients = 2,
#             then s0 patients, s1 survival, s2 patients = 1 each, in order → s1 at rank 4
#   relief    nothing shared: order of the sources s0, s1, s2 → s2 at rank 3, and refused
#   budget    nothing shared: rightly refused; height: was, the, mean shared: wrongly answered


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """The question set above, as a file."""
    path = tmp_path / "questions.jsonl"
    path.write_text(QUESTIONS, encoding="utf-8")
    return path


@pytest.fixture
def report(questions: Path, tmp_path: Path) -> Report:
    """The report of a run over the dev split."""
    return run(LineSearcher(), questions, out=tmp_path / "run", split="dev")


def test_measures_of_a_run(report: Report) -> None:
    """Means over the three answerable questions, found at ranks 1, 4 and 3."""
    means = {name: estimate.value for name, estimate in report.overall.measures.items()}
    assert means == {
        "nDCG@10": pytest.approx((1 + 1 / np.log2(5) + 1 / 2) / 3),
        "R@5": 1.0,
        "RR@10": pytest.approx((1 + 1 / 4 + 1 / 3) / 3),
        "P@1": pytest.approx(1 / 3),
    }
    assert (report.overall.n, report.overall.judged) == (5, 3)
    assert {estimate.n for estimate in report.overall.measures.values()} == {3}


def test_refusals_of_a_run(report: Report) -> None:
    """One of three answerable questions is refused and one of two unanswerable ones is answered."""
    assert report.overall.refusals.wrong_refusals.value == pytest.approx(1 / 3)
    assert report.overall.refusals.wrong_answers.value == pytest.approx(1 / 2)


def test_measures_by_kind(report: Report) -> None:
    """Kinds stand apart, a question without a kind stands in none, and a kind may have nothing to judge."""
    assert list(report.by_kind) == ["absent", "number"]
    number, absent = report.by_kind["number"], report.by_kind["absent"]
    assert number.measures["RR@10"].value == pytest.approx((1 + 1 / 3) / 2)
    assert (number.refusals.wrong_refusals.value, number.refusals.wrong_refusals.n) == (0.5, 2)
    assert absent.measures["RR@10"] == Estimate(None, None, None, 0)
    assert (absent.refusals.wrong_answers.value, absent.refusals.wrong_answers.n) == (0.5, 2)


def test_citations_of_a_run(report: Report) -> None:
    """The passage on age rightly cites nothing, on survival the right work, on relief a wrong one."""
    citations = report.citations
    assert (citations.true_positives, citations.false_positives, citations.false_negatives) == (1, 1, 1)
    assert (citations.n, citations.f1.value) == (3, 0.5)


def test_citations_are_not_judged_without_references(questions: Path, tmp_path: Path) -> None:
    """The question of the test split names no references, so its passage counts neither way."""
    report = run(LineSearcher(), questions, out=tmp_path / "run", split="test")
    assert report.overall.measures["P@1"].value == 1.0
    assert report.citations.n == 0


def test_questions_of_a_run(report: Report) -> None:
    """Each question has its status and, if it has evidence, its measures and wording overlap."""
    by_id = {result.id: result for result in report.questions}
    assert list(by_id) == ["age", "survival", "relief", "budget", "height"]
    assert [result.status for result in report.questions] == [
        "answered",
        "answered",
        "no_match",
        "no_match",
        "answered",
    ]
    assert by_id["survival"].measures == pytest.approx(
        {"nDCG@10": 1 / np.log2(5), "R@5": 1.0, "RR@10": 0.25, "P@1": 0.0}
    )
    assert (by_id["budget"].measures, by_id["budget"].wording_overlap) == (None, None)
    # age: mean and age, both in its evidence; survival: surviv of surviv, figur, patient, good; relief: none
    assert [by_id[name].wording_overlap for name in ("age", "survival", "relief")] == [1.0, 0.25, 0.0]
    assert report.wording_overlap.value == pytest.approx(1.25 / 3)


def test_each_question_is_asked_for_its_ranking_and_for_its_status(questions: Path, tmp_path: Path) -> None:
    """The ranking is asked with confidence 0 and the k of the run, the status as a user would ask."""
    searcher = LineSearcher()
    run(searcher, questions, out=tmp_path / "run", leg="lexical", k=12)
    assert {(query.min_confidence, query.k, query.leg) for query in searcher.queries} == {
        (0.0, 12, "lexical"),
        (None, 5, "lexical"),
    }
    assert len(searcher.queries) == 2 * 6


def test_the_settings_of_a_run(report: Report, questions: Path) -> None:
    """The report tells what was asked of what, and with which versions."""
    settings = report.settings
    assert (settings.questions, settings.split, settings.leg, settings.k) == (
        "questions.jsonl",
        "dev",
        "hybrid",
        10,
    )
    assert settings.questions_sha256 == hashlib.sha256(questions.read_bytes()).hexdigest()
    assert settings.snapshot == "2f6c"
    assert re.match(r"3\.\d+", settings.versions.python)
    assert re.match(r"\d+\.\d+", settings.versions.ir_measures)


def test_the_run_file_is_a_trec_run(report: Report, tmp_path: Path) -> None:
    """Six columns, ranks from 1, and scores that strictly fall although the searcher's are tied."""
    lines = [line.split(" ") for line in (tmp_path / "run" / "run.trec").read_text().splitlines()]
    assert len(lines) == report.overall.n * 5
    ranking = [line for line in lines if line[0] == "survival"]
    assert [line[:4] for line in ranking[:2]] == [
        ["survival", "Q0", f"surgery-{SURGERY.index('Survival of')}", "1"],
        ["survival", "Q0", "diet-0", "2"],
    ]
    scores = [np.float32(line[4]) for line in ranking]
    assert scores[:3] == [3, 2, 1]
    assert all(first > second for first, second in pairwise(scores))
    assert scores[-1] == pytest.approx(1, abs=1e-6)
    assert {line[5] for line in lines} == {"loccit-hybrid"}


def test_the_answers_file_has_the_status_and_the_full_ranking(report: Report, tmp_path: Path) -> None:
    """A refused question keeps its refusal as status and its passages in the answer."""
    lines = msgspec.json.Decoder(AnswerLine).decode_lines((tmp_path / "run" / "answers.jsonl").read_bytes())
    assert [line.question for line in lines] == [result.id for result in report.questions]
    assert (lines[2].status, lines[2].answer.status, len(lines[2].answer.passages)) == (
        "no_match",
        "answered",
        5,
    )


def test_the_measures_file_is_the_report(report: Report, tmp_path: Path) -> None:
    """Reading measures.json gives back the report, value for value."""
    written = (tmp_path / "run" / "measures.json").read_bytes()
    assert msgspec.json.decode(written, type=Report) == report


def test_two_runs_differ_in_took_ms_alone(questions: Path, tmp_path: Path) -> None:
    """Whatever the clock says, everything else is the same to the byte; a second run replaces the first."""
    searcher = LineSearcher()
    folder = tmp_path / "run"
    written = []
    for _ in range(2):
        run(searcher, questions, out=folder)
        written.append({file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()})
    timeless = [
        {name: re.sub(r'"took_ms":[\d.]+', "", content) for name, content in files.items()} for files in written
    ]
    assert written[0] != written[1]
    assert timeless[0] == timeless[1]
    assert sorted(timeless[0]) == ["answers.jsonl", "measures.json", "run.trec"]


def test_a_new_run_removes_the_page_of_the_old_one(questions: Path, tmp_path: Path) -> None:
    """A report.html of other measures would mislead."""
    folder = tmp_path / "run"
    run(LineSearcher(), questions, out=folder)
    (folder / "report.html").write_text("old")
    run(LineSearcher(), questions, out=folder)
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize("names", [["thesis.docx"], ["run.trec", "thesis.docx"], ["report.html"]])
def test_a_folder_that_is_no_run_is_left_alone(questions: Path, tmp_path: Path, names: list[str]) -> None:
    """A folder with other things in it is refused before anything is asked or written."""
    for name in names:
        (tmp_path / name).write_text("mine")
    questions = questions.rename(tmp_path.parent / f"{tmp_path.name}.jsonl")
    searcher = LineSearcher()
    with pytest.raises(SettingsError, match=f"is no run folder but holds {len(names)} entries.*{names[-1]}"):
        run(searcher, questions, out=tmp_path)
    assert searcher.queries == []
    assert sorted(file.name for file in tmp_path.iterdir()) == names


def test_a_file_is_no_run_folder(questions: Path) -> None:
    """A path that is a file is refused with the reason."""
    with pytest.raises(SettingsError, match=r"cannot be a run folder: File exists\. Name another"):
        RunFolder(questions).prepare()


def test_too_small_a_k_is_refused(questions: Path, tmp_path: Path) -> None:
    """Measures at 10 over fewer passages would be too low without saying so."""
    with pytest.raises(SettingsError, match=r"k is 5, but nDCG@10 and RR@10 look at 10 passages"):
        run(LineSearcher(), questions, out=tmp_path / "run", k=5)


def test_gold_that_is_not_in_the_snapshot_stops_the_run_first(questions: Path, tmp_path: Path) -> None:
    """A question set of other sources is refused before anything is asked or written."""
    searcher = LineSearcher()
    searcher.documents = {"diet": searcher.documents["diet"]}
    with pytest.raises(QuestionSetError, match="document 'surgery': it is not among the 1 documents"):
        run(searcher, questions, out=tmp_path / "run")
    assert searcher.queries == []
    assert not (tmp_path / "run").exists()


class RebuiltSearcher(LineSearcher):
    """Answers from a snapshot other than the one that it announced."""

    def answer(self, query: Query) -> Answer:
        """The answer, after a rebuild."""
        return msgspec.structs.replace(super().answer(query), snapshot="9c1f")


def test_a_snapshot_that_changes_stops_the_run(questions: Path, tmp_path: Path) -> None:
    """Gold located in one snapshot says nothing of the ranking of another."""
    with pytest.raises(SnapshotError, match="began on snapshot 2f6c but an answer came from 9c1f"):
        run(RebuiltSearcher(), questions, out=tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []


def test_summary(report: Report) -> None:
    """The table has each measure with value, interval and n, then the kinds."""
    lines = summary(report).splitlines()
    assert lines[:2] == [
        "questions.jsonl, split dev: 5 questions, 3 answerable",
        "snapshot 2f6c, leg hybrid, k 10",
    ]
    rows = {line[:24].strip(): line[24:].split() for line in lines[4 : lines.index("", 4)]}
    assert list(rows) == [
        "nDCG@10",
        "R@5",
        "RR@10",
        "P@1",
        "wrong refusals",
        "wrong answers",
        "citation precision",
        "marked",
        "citation recall",
        "citation F1",
        "wording overlap",
    ]
    # Wilson for 1 in 3: (1/3 + z²/6 ± z √(2/27 + z²/36)) / (1 + z²/3), z² = 3.8415 → 0.061 and 0.792
    assert rows["wrong refusals"] == ["0.333", "0.061", "to", "0.792", "3"]
    assert rows["R@5"] == ["1.000", "1.000", "to", "1.000", "3"]
    # A kind shows only what its questions could have: nothing of a ranking for unanswerable ones.
    absent = lines[lines.index("kind absent") + 1 : lines.index("kind number") - 1]
    assert [line[:24].strip() for line in absent] == ["wrong answers"]


def test_exports_are_sorted_and_there() -> None:
    """The package re-exports its public names, sorted as ruff sorts them: constants, classes, functions."""
    room = importlib.import_module("eval")
    names = room.__all__
    groups: list[Callable[[str], bool]] = [str.isupper, lambda name: name[0].isupper() and not name.isupper()]
    groups.append(str.islower)
    assert names == [name for group in groups for name in sorted(filter(group, names))]
    assert all(hasattr(room, name) for name in names)


def test_the_searcher_here_is_searchable() -> None:
    """The protocol is met by structure, which mypy checks in this assignment."""
    searcher: Searchable = LineSearcher()
    assert searcher.snapshot == "2f6c"
