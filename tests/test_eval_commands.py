"""``loccit eval run``, ``report``, ``compare``, ``beir`` and ``sweep``: what they print and write, and how they end."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eval.run_folder import RunFolder
from tests.servers import serving
from tests.stores import copied
from tests.test_command import assert_refused, loccit

LINES = (
    {
        "id": "median",
        "question": "What was the median survival after palliative surgery?",
        "evidence": [{"document": "cervical_spinal_metastases", "quote": "median survival amounted to 14.8 months"}],
        "references": ["pmid:28638950"],
        "answerable": True,
        "split": "test",
    },
    {"id": "penicillin", "question": "Who discovered penicillin?", "evidence": [], "answerable": False},
)
FILES = {
    "answers.jsonl",
    "measures.json",
    "qrels.documents.trec",
    "qrels.trec",
    "questions.jsonl",
    "report.html",
    "run.documents.trec",
    "run.trec",
    "settings.json",
}


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A set of two questions on the embedded page."""
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES), "utf-8")
    return path


@pytest.fixture
def run_folder(embedded_store: Path, questions: Path, tmp_path: Path) -> Path:
    """A finished run of the two questions."""
    result = loccit("eval", "run", "--questions", questions, "--index", embedded_store, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    return tmp_path / "run"


def test_run(run_folder: Path) -> None:
    """A run writes its folder whole, page included."""
    assert {path.name for path in run_folder.iterdir()} == FILES
    assert re.match(
        r"median Q0 span:cervical_spinal_metastases:\d+-\d+ 1 \S+ loccit-hybrid\n",
        (run_folder / "run.trec").read_text(),
    )
    assert (run_folder / "report.html").read_text("utf-8").startswith("<!doctype html>")


def test_run_over_http(embedded_store: Path, questions: Path, tmp_path: Path) -> None:
    """`--url` asks a running service."""
    with serving(embedded_store) as server:
        result = loccit("eval", "run", "--questions", questions, "--url", server.address, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert f"url {server.address}, k 10" in result.output


def test_run_through_a_command(embedded_store: Path, questions: Path, tmp_path: Path) -> None:
    """`--command` asks any program, with a store to locate the evidence in; a missing answer is code 1."""
    program = tmp_path / "adapter.py"
    program.write_text(
        "import json, sys\nlines = [json.loads(line) for line in sys.stdin]\n"
        'print(json.dumps({"id": lines[1]["id"], "status": "no_match"}))\n'
    )
    options = ("--command", f"{sys.executable} {program}", "--index", embedded_store, "--out", tmp_path / "run")
    result = loccit("eval", "run", "--questions", questions, *options)
    assert result.exit_code == 1
    assert "PARTIAL: 1 questions have no response" in result.output


def test_a_run_that_breaks_off_is_resumed(embedded_store: Path, questions: Path, tmp_path: Path) -> None:
    """What breaks it off is told with the number of responses kept; `--resume` asks the rest."""
    program = tmp_path / "adapter.py"
    reply = 'print(json.dumps({"id": json.loads(line)["id"], "status": "no_match"}), flush=True)'
    program.write_text(f"import json, sys\nfor line in sys.stdin:\n    {reply}\n    sys.exit(4)\n")
    options = ("--command", f"{sys.executable} {program}", "--index", embedded_store, "--out", tmp_path / "run")
    result = loccit("eval", "run", "--questions", questions, *options)
    assert_refused(result, "ended with exit code 4", "The 1 responses before are kept: go on with --resume.")
    assert_refused(loccit("eval", "run", "--questions", questions, *options), "holds an unfinished run")
    partial = loccit("eval", "report", tmp_path / "run")
    assert partial.exit_code == 0
    assert "PARTIAL: 1 questions have no response" in partial.output
    program.write_text(f"import json, sys\nfor line in sys.stdin:\n    {reply}\n")
    result = loccit("eval", "run", "--questions", questions, *options, "--resume")
    assert result.exit_code == 0, result.output
    assert RunFolder(tmp_path / "run").read_report().complete


def test_options_of_run_that_contradict_each_other(embedded_store: Path, tmp_path: Path) -> None:
    """Two who are asked, and a leg of somebody else's ranking, are refused."""
    out = ("--out", tmp_path / "run")
    assert_refused(loccit("eval", "run", "--url", "http://x", "--command", "y", *out), "Name one of them")
    assert_refused(loccit("eval", "run", "--url", "http://x", "--index", embedded_store, *out), "Name one of them")
    assert_refused(loccit("eval", "run", "--url", "http://x", "--leg", "dense", *out), "--leg dense is for a store")
    assert_refused(loccit("eval", "run", "--index", embedded_store, "-k", 3, *out), "k is 3")
    assert not (tmp_path / "run").exists()


def test_report(run_folder: Path) -> None:
    """The answers are scored again, and the page written anew; a folder that is no run is refused."""
    before = (run_folder / "measures.json").read_bytes()
    (run_folder / "measures.json").unlink()
    (run_folder / "report.html").unlink()
    result = loccit("eval", "report", run_folder)
    assert result.exit_code == 0
    assert (run_folder / "measures.json").read_bytes() == before
    assert (run_folder / "report.html").exists()
    assert_refused(loccit("eval", "report", run_folder.parent), "settings.json cannot be read")


def test_compare(run_folder: Path, embedded_store: Path, questions: Path, tmp_path: Path) -> None:
    """A gate that passes is code 0, one that does not is 1, and a page can be written."""
    page = tmp_path / "comparison.html"
    result = loccit("eval", "compare", run_folder, run_folder, "--gate", "nDCG@10=-0.01", "--out", page)
    assert result.exit_code == 0, result.output
    assert "gate nDCG@10: passed" in result.output
    assert page.read_text("utf-8").startswith("<!doctype html>")
    other = tmp_path / "other"
    program = tmp_path / "adapter.py"
    program.write_text(
        'import json, sys\nfor line in sys.stdin:\n    print(json.dumps({"id": json.loads(line)["id"]}))\n'
    )
    options = ("--command", f"{sys.executable} {program}", "--index", embedded_store, "--out", other)
    assert loccit("eval", "run", "--questions", questions, *options).exit_code == 0
    worse = loccit("eval", "compare", run_folder, other, "--gate", "nDCG@10=-0.01")
    assert worse.exit_code == 1
    assert "gate nDCG@10: too small" in worse.output
    assert_refused(loccit("eval", "compare", run_folder, tmp_path / "none"), "measures.json cannot be read")
    assert_refused(loccit("eval", "compare", run_folder, run_folder, "--gate", "speed=1"), "names no measure")


def write_dataset(folder: Path) -> Path:
    """A BEIR dataset of three documents, of which one has no text, and graded judgements."""
    (folder / "qrels").mkdir(parents=True)
    documents = [
        {"_id": "D/1", "title": "Survival", "text": "Median survival after surgery was 14.8 months."},
        {"_id": "D/2", "title": "", "text": "Pain rose at night. It fell by day."},
        {"_id": "D 3".replace(" ", "-"), "title": "Empty", "text": ""},
    ]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(each) + "\n" for each in documents), "utf-8")
    queries = [{"_id": "q1", "text": "How long did patients live after surgery?"}, {"_id": "q2", "text": "night pain"}]
    (folder / "queries.jsonl").write_text("".join(json.dumps(each) + "\n" for each in queries), "utf-8")
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tD/1\t2\nq1\tD/2\t1\nq2\tD/2\t1\nq2\tD/1\t0\n", "utf-8"
    )
    return folder


def test_beir(embedded_store: Path, tmp_path: Path) -> None:
    """Documents keep the dataset's ids, are ranked by their best passage, and grades count in nDCG."""
    dataset = write_dataset(tmp_path / "set")
    copied(embedded_store, tmp_path / "store")
    options = ("--index", tmp_path / "store", "--out", tmp_path / "run")
    result = loccit("eval", "beir", dataset, *options)
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in (tmp_path / "run" / "run.trec").read_text().splitlines()]
    assert {line[2] for line in lines} == {"D/1", "D/2", "D-3"}
    assert [line[2] for line in lines if line[3] == "1"] == ["D/1", "D/2"]
    assert "q1 0 D/1 2" in (tmp_path / "run" / "qrels.trec").read_text().splitlines()
    assert "document nDCG@10" in result.output
    report = RunFolder(tmp_path / "run").read_report()
    assert (report.overall.n, report.settings.split, report.settings.k) == (2, "test", 50)
    # The snapshot lies ready for another leg.
    again = loccit("eval", "beir", dataset, "--leg", "lexical", *options)
    assert again.exit_code == 0, again.output


def test_beir_of_no_dataset(tmp_path: Path) -> None:
    """A folder that is none is refused before anything is built."""
    assert_refused(loccit("eval", "beir", tmp_path, "--out", tmp_path / "run"), "is no BEIR dataset")
    dataset = write_dataset(tmp_path / "set")
    assert_refused(loccit("eval", "beir", dataset, "--split", "dev", "--out", tmp_path / "run"), "no split 'dev'")


def test_sweep(embedded_store: Path, questions: Path, tmp_path: Path) -> None:
    """A sweep prints its table, and writes it as JSON and as a page."""
    out = tmp_path / "sweep"
    copied(embedded_store, out / "store")
    options = ("--leg", "dense", "--leg", "lexical", "--out", out)
    result = loccit("eval", "sweep", "--embedded", "--questions", questions, *options)
    assert result.exit_code == 0, result.output
    assert [point["leg"] for point in json.loads((out / "sweep.json").read_text())["points"]] == ["dense", "lexical"]
    assert (out / "sweep.html").read_text("utf-8").startswith("<!doctype html>")
    assert re.search(r"^ +200 dense +- ", result.output, re.MULTILINE)
    assert_refused(loccit("eval", "sweep", "--out", out), "Name sources, or give --embedded")
    shutil.rmtree(out)


def test_a_quick_command_loads_no_evaluation() -> None:
    """Asking for help does not load what only evaluation needs."""
    code = "import sys; import service.command; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"service", "corpus"} <= set(done.stdout.split())
    assert not {"eval", "ir_measures", "jinja2"} & set(done.stdout.split())
