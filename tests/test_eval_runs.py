"""A run from question set to folder, with a small searcher that is built here in sight."""

import hashlib
import importlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest

from corpus.documents import Document
from corpus.errors import QueryError, QuestionSetError, RunError, SettingsError, TargetError
from corpus.passages import Citation, Passage, anchor
from corpus.spans import Span
from eval.reports import Report
from eval.responses import Response
from eval.run_folder import RunFolder
from eval.runs import run
from eval.summaries import summary
from eval.targets import Searchable, SearcherTarget
from index.answers import Answer, AnswerPassage, DocumentSummary, Leg, Query

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
    max_k = 1000
    cited: Mapping[str, str] = MappingProxyType({"Median": "pmid:1", "Pain": "pmid:9"})

    def __init__(self) -> None:
        documents = [make_document("surgery", SURGERY), make_document("diet", DIET)]
        self.documents: Mapping[str, Document] = {document.id: document for document in documents}
        self.queries: list[Query] = []
        self.clock = count(1)

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """The lines of a document."""
        text = self.documents[document_id].text
        spans = [(match.start(), match.end()) for match in re.finditer(r".+", text)]
        return tuple(
            Passage(f"{document_id}-{start}", document_id, start, end, text[start:end], (), (), None, (), 0)
            for start, end in spans
        )

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


def target(searcher: Searchable | None = None, leg: Leg = "hybrid") -> SearcherTarget:
    """A searcher as what is evaluated."""
    return SearcherTarget(searcher or LineSearcher(), leg=leg)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """The question set above, as a file."""
    path = tmp_path / "questions.jsonl"
    path.write_text(QUESTIONS, encoding="utf-8")
    return path


@pytest.fixture
def report(questions: Path, tmp_path: Path) -> Report:
    """The report of a run over the dev split."""
    return run(target(), questions, out=tmp_path / "run", split="dev")


def test_measures_of_a_run(report: Report) -> None:
    """Means over the three answerable questions, found at ranks 1, 4 and 3."""
    means = {name: estimate.value for name, estimate in report.overall.measures.items()}
    assert means["RR@10"] == pytest.approx((1 + 1 / 4 + 1 / 3) / 3)
    assert means["P@1"] == pytest.approx(1 / 3)
    assert means["R@5"] == 1.0
    assert means["wrong refusal"] == pytest.approx(1 / 3)
    assert means["wrong answer"] == pytest.approx(1 / 2)
    assert (report.overall.n, report.overall.answerable) == (5, 3)
    assert (report.citations.n, report.citations.f1.value) == (3, 0.5)
    assert (report.complete, report.missing) == (True, 0)


def test_each_question_is_asked_for_its_ranking_and_for_its_status(questions: Path, tmp_path: Path) -> None:
    """The ranking is asked with confidence 0 and the k of the run, the status as a user would ask."""
    searcher = LineSearcher()
    run(target(searcher, "lexical"), questions, out=tmp_path / "run", k=12)
    assert {(query.min_confidence, query.k, query.leg) for query in searcher.queries} == {
        (0.0, 12, "lexical"),
        (None, 5, "lexical"),
    }
    assert len(searcher.queries) == 2 * 6


def test_the_settings_of_a_run(report: Report, questions: Path) -> None:
    """The report tells what was asked of whom, with which versions, on which machine."""
    settings = report.settings
    assert (settings.questions, settings.split, settings.k, settings.documents) == ("questions.jsonl", "dev", 10, 2)
    assert (settings.asked.kind, settings.asked.snapshot, settings.asked.leg) == ("snapshot", "2f6c", "hybrid")
    assert settings.questions_sha256 == hashlib.sha256(questions.read_bytes()).hexdigest()
    assert re.match(r"3\.\d+", settings.versions["python"] or "")
    assert re.match(r"\d+\.\d+", settings.versions["ir_measures"] or "")
    assert settings.machine.cores >= 1


def test_a_run_tells_how_the_index_holds_the_evidence(questions: Path, tmp_path: Path) -> None:
    """Evidence over two lines, which are passages, is told as split; that of one line as whole."""
    quote = SURGERY[SURGERY.index("years") : SURGERY.index("14.8")]
    line = {
        "id": "two",
        "question": "Split?",
        "evidence": [{"document": "surgery", "quote": quote}],
        "answerable": True,
    }
    with questions.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    report = run(target(), questions, out=tmp_path / "run")
    held = {each.question.id: each.indexed for each in RunFolder(tmp_path / "run").read().judged}
    assert (held["age"], held["two"], held["budget"]) == (("whole",), ("split",), ())
    assert "split" in {fault.kind for fault in report.questions[-1].faults}


def test_two_quotes_in_one_place_are_one_item(questions: Path, tmp_path: Path) -> None:
    """A quote with and without the white space before it is one span, in the measures and in the TREC files."""
    evidence = [{"document": "diet", "quote": quote} for quote in ("oats", " oats")]
    line = {"id": "oats", "question": "Which diet was given?", "evidence": evidence, "answerable": True}
    questions.write_text(json.dumps(line) + "\n", "utf-8")
    report = run(target(), questions, out=tmp_path / "run")
    assert report.questions[0].measures["nDCG@10"] == 1.0
    start = DIET.index("oats")
    assert (tmp_path / "run" / "qrels.trec").read_text() == f"oats 0 span:diet:{start}-{start + 4} 1\n"
    assert (tmp_path / "run" / "run.trec").read_text().count("span:") == 1


def test_the_answers_file_has_the_status_and_the_full_ranking(report: Report, tmp_path: Path) -> None:
    """A refused question keeps its refusal as status, and its passages."""
    lines = msgspec.json.Decoder(Response).decode_lines((tmp_path / "run" / "answers.jsonl").read_bytes())
    assert [line.id for line in lines] == [result.id for result in report.questions]
    assert (lines[2].status, len(lines[2].passages)) == ("no_match", 5)
    assert lines[1].passages[3].text == SURGERY.splitlines()[1]


def test_the_measures_file_is_the_report(report: Report, tmp_path: Path) -> None:
    """Reading measures.json gives back the report, value for value."""
    assert RunFolder(tmp_path / "run").read_report() == report


def test_a_folder_can_be_scored_again(report: Report, tmp_path: Path) -> None:
    """All that the report follows from is in the folder, so that scoring it gives the same report."""
    assert RunFolder(tmp_path / "run").read().report() == report


def timeless(folder: Path) -> dict[str, str]:
    """The files of a run, without times."""
    files = {file.name: file.read_text("utf-8") for file in folder.iterdir()}
    files["answers.jsonl"] = re.sub(r'"took_ms":[\d.]+', "", files["answers.jsonl"])
    files["measures.json"] = re.sub(r'"speed": \{[^}]*\}', "", files["measures.json"])
    return files


def test_two_runs_differ_in_times_alone(questions: Path, tmp_path: Path) -> None:
    """Everything else is the same to the byte; a second run replaces the first."""
    written = []
    for _ in range(2):
        run(target(), questions, out=tmp_path / "run")
        written.append(timeless(tmp_path / "run"))
    assert written[0] == written[1]
    assert sorted(written[0]) == [
        "answers.jsonl",
        "measures.json",
        "qrels.documents.trec",
        "qrels.trec",
        "questions.jsonl",
        "run.documents.trec",
        "run.trec",
        "settings.json",
    ]


def test_a_new_run_removes_the_page_of_the_old_one(questions: Path, tmp_path: Path) -> None:
    """A report.html of other measures would mislead."""
    folder = tmp_path / "run"
    run(target(), questions, out=folder)
    (folder / "report.html").write_text("old")
    run(target(), questions, out=folder)
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize("names", [["thesis.docx"], ["settings.json", "thesis.docx"], ["report.html"]])
def test_a_folder_that_is_no_run_is_left_alone(questions: Path, tmp_path: Path, names: list[str]) -> None:
    """A folder with other things in it is refused before anything is asked or written."""
    for name in names:
        (tmp_path / name).write_text("mine")
    questions = questions.rename(tmp_path.parent / f"{tmp_path.name}.jsonl")
    searcher = LineSearcher()
    with pytest.raises(RunError, match=f"is no run folder but holds {len(names)} entries.*{names[-1]}"):
        run(target(searcher), questions, out=tmp_path)
    assert searcher.queries == []
    assert sorted(file.name for file in tmp_path.iterdir()) == names


def test_a_file_is_no_run_folder(questions: Path) -> None:
    """A path that is a file is refused with the reason."""
    with pytest.raises(RunError, match=r"cannot be a run folder: File exists\. Name another"):
        run(target(), questions, out=questions)


def test_too_small_a_k_is_refused(questions: Path, tmp_path: Path) -> None:
    """Measures at 10 over fewer passages would be too low without saying so; more than there are cannot be had."""
    with pytest.raises(SettingsError, match=r"k is 5, but the measures look at 10 passages"):
        run(target(), questions, out=tmp_path / "run", k=5)
    with pytest.raises(SettingsError, match=r"k is 1001, but at most 1000 passages can be had of 2f6c"):
        run(target(), questions, out=tmp_path / "run", k=1001)
    assert not (tmp_path / "run").exists()


def test_gold_that_is_not_in_the_snapshot_stops_the_run_first(questions: Path, tmp_path: Path) -> None:
    """A question set of other sources is refused before anything is asked or written."""
    searcher = LineSearcher()
    searcher.documents = {"diet": searcher.documents["diet"]}
    with pytest.raises(QuestionSetError, match="document 'surgery': it is not among the 1 documents"):
        run(target(searcher), questions, out=tmp_path / "run")
    assert searcher.queries == []
    assert not (tmp_path / "run").exists()


# Runs that do not go through


class FailingSearcher(LineSearcher):
    """Fails, until it is mended, from the question on that holds a word."""

    def __init__(self, word: str, error: Exception) -> None:
        super().__init__()
        self.word, self.error = word, error
        self.mended = False

    def search(self, queries: Sequence[Query]) -> tuple[Answer, ...]:
        """The answers, or the error."""
        if not self.mended and any(self.word in query.question for query in queries):
            raise self.error
        return super().search(queries)


def test_a_question_that_cannot_be_asked_scores_0_and_marks_the_run(questions: Path, tmp_path: Path) -> None:
    """The others are asked, the run is marked as partial, and its faults name the reason."""
    searcher = FailingSearcher("analgesic", QueryError("question", "The question is too odd."))
    report = run(target(searcher), questions, out=tmp_path / "run", split="dev")
    assert (report.complete, report.missing) == (False, 1)
    failed = report.questions[2]
    assert (failed.status, failed.measures["RR@10"]) == (None, 0.0)
    assert [fault.message for fault in failed.faults] == ["No response: The question is too odd."]
    assert "PARTIAL: 1 questions have no response" in summary(report)


def test_resuming_asks_what_failed_and_gives_the_run_as_if_nothing_had_happened(
    questions: Path, tmp_path: Path
) -> None:
    """Only the failed question is asked again, and but for times every file is that of an undisturbed run."""
    searcher = FailingSearcher("analgesic", QueryError("question", "The question is too odd."))
    run(target(searcher), questions, out=tmp_path / "run", split="dev")
    searcher.mended = True
    searcher.queries.clear()
    report = run(target(searcher), questions, out=tmp_path / "run", split="dev", resume=True)
    assert {query.question for query in searcher.queries} == {"Anything analgesic?"}
    assert report.complete
    run(target(), questions, out=tmp_path / "other", split="dev")
    assert timeless(tmp_path / "run") == timeless(tmp_path / "other")


def test_a_target_that_gives_up_leaves_an_unfinished_run(questions: Path, tmp_path: Path) -> None:
    """What came before is kept; a new run does not overwrite it, and resuming asks the rest."""
    searcher = FailingSearcher("Anyone", TargetError("The service is gone."))
    with pytest.raises(TargetError, match="The service is gone"):
        run(target(searcher), questions, out=tmp_path / "run")
    assert len((tmp_path / "run" / "answers.jsonl").read_text().splitlines()) == 3
    with pytest.raises(RunError, match=r"unfinished run\. Finish it with loccit eval run --resume"):
        RunFolder(tmp_path / "run").read_report()
    with pytest.raises(RunError, match=r"holds an unfinished run\. Go on with --resume, or remove the folder"):
        run(target(), questions, out=tmp_path / "run")
    partial = RunFolder(tmp_path / "run").read().report()
    assert (partial.complete, partial.missing) == (False, 3)
    searcher.mended = True
    searcher.queries.clear()
    assert run(target(searcher), questions, out=tmp_path / "run", resume=True).complete
    assert len(searcher.queries) == 2 * 3


def test_a_killed_run_is_resumed(questions: Path, tmp_path: Path) -> None:
    """A line that was cut by the kill counts for nothing, and its question is asked again."""
    folder = RunFolder(tmp_path / "run")
    run(target(), questions, out=folder.path)
    folder.measures.unlink()
    whole = folder.answers.read_bytes()
    folder.answers.write_bytes(whole[: whole.rindex(b'{"id":"height"') + 25])
    searcher = LineSearcher()
    assert run(target(searcher), questions, out=folder.path, resume=True).complete
    assert {query.question for query in searcher.queries} == {"What was the mean height?", "Which diet was given?"}


def test_only_the_same_run_is_resumed(questions: Path, tmp_path: Path) -> None:
    """Another leg and another question set are refused, and nothing is changed."""
    run(target(), questions, out=tmp_path / "run")
    before = timeless(tmp_path / "run")
    with pytest.raises(RunError, match=r"other settings \(asked\), which cannot be resumed"):
        run(target(leg="dense"), questions, out=tmp_path / "run", resume=True)
    questions.write_text(QUESTIONS.replace("Anyone paid?", "Who paid?"), "utf-8")
    with pytest.raises(RunError, match=r"other settings \(questions_sha256\)"):
        run(target(), questions, out=tmp_path / "run", resume=True)
    assert timeless(tmp_path / "run") == before


def test_resuming_nothing_begins(questions: Path, tmp_path: Path) -> None:
    """A script may always say that it resumes: where there is no run, one is begun."""
    assert run(target(), questions, out=tmp_path / "run", resume=True).complete


def test_a_run_in_progress_is_reported_without_harm(questions: Path, tmp_path: Path) -> None:
    """A report made in the middle tells what is there, loses nothing, and two processes never write one run."""
    folder = RunFolder(tmp_path / "run")
    seen: list[int] = []

    def look(done: int, total: int) -> None:
        if done == total // 2:
            seen.append(folder.derive(folder.read()).missing)
            with pytest.raises(RunError, match="Another process is writing"):
                next(iter(folder.keep([Response(id="age")])))

    report = run(target(), questions, out=folder.path, progress=look)
    assert (seen, report.complete, len(folder.read().responses)) == ([3], True, 6)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "age", "passages": []}', "line 7: 'age' was answered before. Remove one"),
        ('{"id": "who", "passages": []}', "line 7: 'who' is no question of this run"),
        ('{"id": "age", "score": NaN}', "line 7, is not as loccit eval run writes it"),
        (
            '{"id": "age", "passages": [{"document": "diet", "start": 9, "end": 4, "score": 1}]}',
            "question 'age': a passage of 'diet' goes from 9 to 4",
        ),
    ],
)
def test_a_tampered_answers_file_is_refused(questions: Path, tmp_path: Path, line: str, message: str) -> None:
    """A duplicate line, an unknown question, a NaN and an impossible passage are each named with their line."""
    run(target(), questions, out=tmp_path / "run")
    with (tmp_path / "run" / "answers.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(RunError, match=re.escape(message)):
        RunFolder(tmp_path / "run").read()


class RebuiltSearcher(LineSearcher):
    """Answers from a snapshot other than the one that it announced."""

    def answer(self, query: Query) -> Answer:
        """The answer, after a rebuild."""
        return msgspec.structs.replace(super().answer(query), snapshot="9c1f")


def test_a_snapshot_that_changes_stops_the_run(questions: Path, tmp_path: Path) -> None:
    """Gold located in one snapshot says nothing of the ranking of another."""
    with pytest.raises(TargetError, match="began on snapshot 2f6c but an answer came from 9c1f"):
        run(target(RebuiltSearcher()), questions, out=tmp_path / "run")
    assert (tmp_path / "run" / "answers.jsonl").read_text() == ""


def test_progress_is_told(questions: Path, tmp_path: Path) -> None:
    """Each question asked is counted, of as many as there are."""
    told: list[tuple[int, int]] = []
    run(target(), questions, out=tmp_path / "run", split="dev", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


# What a reader of the terminal sees


def test_summary(report: Report) -> None:
    """The table has each measure with value, interval and n, then the kinds."""
    lines = summary(report).splitlines()
    assert lines[:2] == [
        "questions.jsonl, split dev: 5 questions, 3 answerable",
        "snapshot 2f6c, leg hybrid, k 10",
    ]
    rows = {line[:30].strip(): line[30:].split() for line in lines[4 : lines.index("", 4)]}
    # Wilson for 1 in 3: (1/3 + z²/6 ± z √(2/27 + z²/36)) / (1 + z²/3), z² = 3.8415 → 0.061 and 0.792
    assert rows["wrong refusal"] == ["0.333", "0.061", "to", "0.792", "3"]
    assert rows["R@5"] == ["1.000", "1.000", "to", "1.000", "3"]
    assert rows["citations, all: F1"][0] == "0.500"
    assert "40% of the questions are unanswerable; told by the score:" in lines
    # A kind shows only what its questions could have: nothing of a ranking for unanswerable ones.
    absent = lines[lines.index("kind absent") + 1 : lines.index("kind number") - 1]
    assert [line[:30].strip() for line in absent] == ["wrong answer"]


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
