"""``loccit eval check``, ``import`` and ``export``: what they print and write, and the code that they end with."""

import json
import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import SettingsError
from corpus.sources import document_id, read_sources
from eval.beir import beir_documents, read_beir
from eval.defects import find_defects
from eval.questions import EMBEDDED_QUESTIONS, Evidence, Question, SourceText, read_questions, write_questions
from service.reporting import reporting
from service.set_commands import check, export, import_
from service.writing import document_name, write_documents

ANSWERED = Question("q1", "What rose?", (Evidence("page", "It rose."),), answerable=True)
DOCUMENTS = "Build their documents with: loccit build {}/documents --form text\n"


def ran(command: click.Command, *arguments: object) -> Result:
    """The outcome of a command."""
    return CliRunner().invoke(command, [str(each) for each in arguments])


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A set of one question."""
    write_questions([ANSWERED], tmp_path / "set.jsonl")
    return tmp_path / "set.jsonl"


# check


def test_check_of_a_sound_set(embedded_store: Path) -> None:
    """A set without a defect ends with code 0, and its summary is shown."""
    result = ran(check, EMBEDDED_QUESTIONS, "--index", embedded_store)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "193 questions: 113 answerable, 80 unanswerable\n"
        "Evidence in 1 documents: 120 spans, 0 whole documents\n"
        "Kinds: fact 34, far 13, keyword 16, lay 22, minimal_pair 49, near 18, number 29, typo 12\n"
        "Splits: development 97, test 96\n"
        "Wording: on average 25% of a question's content words stand in its evidence; "
        "4% of 113 questions have 80% or more there\n"
        "Most copied: q085 100%, q102 100%, q008 80%, q018 80%, q109 80%\n"
        "0 defects, 0 warnings\n"
    )


def test_check_of_a_faulty_set(embedded_store: Path, questions: Path) -> None:
    """A defect is shown with its line and cure, and ends with code 1."""
    result = ran(check, questions, "--index", embedded_store)
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "Defect: set.jsonl, line 1, question 'q1': document 'page': it is not among the 1 documents of the snapshot."
    )
    assert result.stdout.endswith("1 defect, 0 warnings\n")


def test_check_without_a_store(questions: Path) -> None:
    """Without a store only the file is looked through, and that is said."""
    result = ran(check, questions)
    assert result.exit_code == 0
    assert "Quotes, documents and references were not looked up: name the store with --index." in result.stdout


def test_a_warning_is_no_failure(questions: Path) -> None:
    """A warning is shown, and the command succeeds."""
    questions.write_text(questions.read_text("utf-8") * 2, "utf-8")
    assert ran(check, questions).exit_code == 1
    questions.write_text(questions.read_text("utf-8").replace('"q1"', '"q2"', 1), "utf-8")
    result = ran(check, questions)
    assert result.exit_code == 0
    assert result.stdout.startswith("Warning: set.jsonl, line 2, question 'q1': question 'q2' on line 1 asks the same")


def test_check_as_json(embedded_store: Path, questions: Path) -> None:
    """`--json` prints the report, with the same exit code."""
    result = ran(check, questions, "--index", embedded_store, "--json")
    printed = json.loads(result.stdout)
    assert (result.exit_code, printed["documents_checked"], printed["summary"]["spans"]) == (1, True, 1)
    assert [(each["line"], each["question"]) for each in printed["defects"]] == [(1, "q1")]


@pytest.mark.parametrize("arguments", [("absent.jsonl",), ("set.jsonl", "--index", "nowhere")])
def test_check_that_cannot_be_made(
    questions: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """A missing file or store ends with code 2 and a message alone."""
    monkeypatch.chdir(questions.parent)
    result = ran(check, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("loccit: ")


# import


def squad(folder: Path) -> Path:
    """A file in the form of SQuAD, whose article has an odd title."""
    asked = {"id": "a", "question": "What rose?", "answers": [{"text": "rose", "answer_start": 3}]}
    article = {"title": "A/B: 50%", "paragraphs": [{"context": "It rose.\r\n\r\nIt fell.", "qas": [asked]}]}
    path = folder / "squad.json"
    path.write_text(json.dumps({"data": [article]}), "utf-8")
    return path


def test_import_squad(tmp_path: Path) -> None:
    """The questions fit the documents that a build makes of the files that are written."""
    out = tmp_path / "new" / "out"
    result = ran(import_, "squad", squad(tmp_path), "--split", "dev", "--out", out)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"1 question written to {out / 'questions.jsonl'}\n" + DOCUMENTS.format(out)
    documents = {document.id: document for document in read_sources([out / "documents"], form="text").documents}
    assert set(documents) == {"A-B-50-1"}
    assert find_defects(out / "questions.jsonl", documents).defects == ()
    assert [(each.id, each.split) for each in read_questions(out / "questions.jsonl")] == [("a", "dev")]


def beir(folder: Path) -> Path:
    """A BEIR dataset with ids that no file can have, and a document without text."""
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": "a/b", "title": "T", "text": "One."}, {"_id": "a-b", "text": "Two."}, {"_id": "c", "text": ""}]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)), "utf-8")
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "Which?"}\n{"_id": "p", "text": "What?"}\n', "utf-8")
    judged = "query-id\tcorpus-id\tscore\nq\ta/b\t1\nq\ta-b\t2\n"
    (folder / "qrels" / "test.tsv").write_text(judged, "utf-8")
    return folder


def test_import_beir(tmp_path: Path) -> None:
    """Documents whose ids a file cannot carry are renamed in the evidence too; what was left out is told."""
    out = tmp_path / "out"
    result = ran(import_, "beir", beir(tmp_path / "set"), "--out", out)
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "Note: 1 queries have no judgement; they were left out.",
        "Note: 2 documents have another id now, since it is made from a file's name: 'a/b' is 'a-b'.",
        "Note: 1 documents cannot be built: c is empty. Add text, or leave the file out.",
    ]
    (question,) = read_questions(out / "questions.jsonl", "test")
    renamed = document_name("a-b", {"a-b"})
    assert question.evidence == (Evidence("a-b"), Evidence(renamed, grade=2))
    documents = {document.id: document for document in read_sources([out / "documents"], form="text").documents}
    assert {identity: document.text for identity, document in documents.items()} == {
        "a-b": "T\n\nOne.",
        renamed: "Two.",
    }
    assert find_defects(out / "questions.jsonl", documents).defects == ()


def test_import_trec_and_csv(tmp_path: Path) -> None:
    """Forms that carry no documents give the questions alone."""
    (tmp_path / "topics").write_text("<top><num>1<title>polio<desc>Is polio gone?</top>", "utf-8")
    (tmp_path / "qrels").write_text("1 0 a/b 2\n", "utf-8")
    (tmp_path / "set.csv").write_text("question,document\nWhich?,page\n", "utf-8")
    options = ("--qrels", tmp_path / "qrels", "--field", "description", "--split", "dev")
    result = ran(import_, "trec", tmp_path / "topics", *options, "--out", tmp_path / "trec")
    assert (result.exit_code, result.stdout) == (0, f"1 question written to {tmp_path / 'trec' / 'questions.jsonl'}\n")
    assert read_questions(tmp_path / "trec" / "questions.jsonl") == (
        Question("1", "Is polio gone?", (Evidence("a/b", grade=2),), answerable=True, split="dev"),
    )
    assert ran(import_, "csv", tmp_path / "set.csv", "--out", tmp_path / "csv").exit_code == 0
    assert [path.name for path in (tmp_path / "csv").iterdir()] == ["questions.jsonl"]


def test_nothing_is_overwritten(tmp_path: Path, questions: Path) -> None:
    """A folder that holds anything is refused, and left as it is."""
    for command in ((import_, "squad", squad(tmp_path)), (export, questions, "--to", "trec")):
        result = ran(*command, "--out", tmp_path)
        assert result.exit_code == 2
        assert f"{tmp_path} is not empty: it holds 2 entries, such as set.jsonl" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set.jsonl", "squad.json"]


def test_a_faulty_import_writes_nothing(tmp_path: Path) -> None:
    """What cannot be read ends with code 2 before a folder is made."""
    result = ran(import_, "beir", tmp_path, "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is no BEIR dataset" in result.stderr
    assert not (tmp_path / "out").exists()


@settings(deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, unique=True))
def test_names_of_documents(identities: list[str]) -> None:
    """Whatever the ids are, each document gets a name of its own, from which a build makes the same id."""
    taken: set[str] = set()
    for identity in identities:
        name = document_name(identity, taken)
        assert name.casefold() not in taken
        assert document_id(Path(f"{name}.txt")) == name
        taken.add(name.casefold())


def test_long_ids_are_cut(tmp_path: Path) -> None:
    """An id longer than a file's name may be still names a file."""
    documents = [SourceText("ä" * 300, "", "One."), SourceText("ä" * 299, "", "Two.")]
    names = write_documents(documents, tmp_path / "documents").renamed
    assert sorted(names.values()) == sorted(each.id for each in read_sources([tmp_path / "documents"]).documents)
    assert len(set(names.values())) == 2


def test_pubmedqa(shared: Path, tmp_path: Path) -> None:
    """A real dataset is taken in whole: every question finds its document among those that a build reads."""
    folder = shared / "data" / "pubmedqa"
    result = ran(import_, "beir", folder, "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr) == (0, "")
    assert read_questions(tmp_path / "out" / "questions.jsonl") == read_beir(folder).questions
    documents = {each.id: each for each in read_sources([tmp_path / "out" / "documents"], form="text").documents}
    assert set(documents) == {document.id for document in beir_documents(folder)}
    found = find_defects(tmp_path / "out" / "questions.jsonl", documents)
    assert (found.defects, found.summary.whole_documents) == ((), 1000)


# export


def test_export(tmp_path: Path, embedded_store: Path) -> None:
    """The embedded questions are exported for TREC and, with their page, for BEIR."""
    result = ran(export, EMBEDDED_QUESTIONS, "--to", "trec", "--out", tmp_path / "trec")
    assert result.stdout == f"193 questions read, exported to {tmp_path / 'trec'}\n"
    assert result.stderr == "Note: 80 unanswerable questions have no relevant document; they were left out.\n"
    assert len((tmp_path / "trec" / "qrels.txt").read_text("utf-8").splitlines()) == 113
    result = ran(export, EMBEDDED_QUESTIONS, "--to", "beir", "--out", tmp_path / "beir", "--index", embedded_store)
    assert result.exit_code == 0
    assert [each.id for each in beir_documents(tmp_path / "beir")] == ["cervical_spinal_metastases"]
    assert len(read_beir(tmp_path / "beir", "test").questions) == 56


def test_export_without_a_store(tmp_path: Path, questions: Path) -> None:
    """Without a store there is no corpus, and that is said."""
    result = ran(export, questions, "--to", "beir", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "Note: corpus.jsonl was not written" in result.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["qrels", "queries.jsonl"]


# Reporting


def test_errors_end_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """An error of loccit or of the disk is its message and code 2; any other is a fault and goes on."""

    @reporting
    def fail(error: Exception) -> None:
        raise error

    for error, message in ((SettingsError("no."), "no."), (OSError(2, os.strerror(2)), "[Errno 2] No such file")):
        with pytest.raises(SystemExit) as caught:
            fail(error)
        assert caught.value.code == 2
        assert capsys.readouterr().err.startswith(f"loccit: {message}")
    with pytest.raises(ZeroDivisionError):
        fail(ZeroDivisionError())
