"""The ``loccit`` command: what it prints, and the code that it ends with."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from litestar.testing import TestClient

from corpus.sources import EMBEDDED
from index import Snapshot, Store
from service import Settings, create_app
from service.command import main
from tests.servers import LOCCIT
from tests.stores import copied

MEDIAN = "What was the median survival after palliative surgery?"
UNKNOWN = "Who discovered penicillin?"
PAGE = "====== Page ======\n\nMedian survival was 9 months ((Alpha A. A work. 2001. PMID: 11.)).\n"

Run = Callable[..., Result]


def loccit(*arguments: object, **environment: str) -> Result:
    """The outcome of a command, on a terminal of 100 columns."""
    # Whatever the machine sets is left out, so that the defaults are tested.
    outside: dict[str, str | None] = {name: None for name in os.environ if name.startswith("LOCCIT_")}
    return CliRunner().invoke(
        main, [str(each) for each in arguments], env={**outside, "COLUMNS": "100", **environment}, prog_name="loccit"
    )


def assert_refused(result: Result, *words: str, code: int = 2) -> None:
    """A command ended with a code and a message, and printed no answer."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    for each in words:
        assert each in result.stderr


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its path."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.fixture
def store(embedded_store: Path, tmp_path: Path) -> Store:
    """A copy of the embedded page's store."""
    return copied(embedded_store, tmp_path / "store")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """An empty folder for sources."""
    folder = tmp_path / "sources"
    folder.mkdir()
    return folder


# Help


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_every_command_is_documented(path: tuple[str, ...]) -> None:
    """Each command stands in the help of its group, and its own help explains it and every option."""
    command = dict(commands())[path]
    summary = command.get_short_help_str(200)
    assert summary
    assert re.search(rf"^  {path[-1]}  +\S", loccit(*path[:-1], "--help").output, re.MULTILINE)
    shown = loccit(*path, "--help")
    assert shown.exit_code == 0
    assert summary.rstrip(".") in " ".join(shown.output.split())
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help
            assert parameter.opts[0] in shown.output


def test_commands_are_those_of_the_design() -> None:
    """The commands have the names that other programs rely on."""
    assert {" ".join(path) for path, _ in commands()} >= {"build", "ask", "serve", "check", "eval", "eval run"}


def test_version() -> None:
    """The version is that of the distribution."""
    assert re.fullmatch(r"loccit, version \d+\.\d+\.\d+\n", loccit("--version").output)


@pytest.mark.parametrize("arguments", [("nonsense",), ("ask",), ("ask", "a", "b"), ("ask", "a", "--leg", "third")])
def test_bad_usage(arguments: tuple[str, ...]) -> None:
    """Unknown commands, missing and unknown arguments end with code 2 and the usage."""
    assert_refused(loccit(*arguments), "Usage:")


def test_installed_command_runs(embedded_store: Path) -> None:
    """The console script is installed, and answers."""
    command = [str(LOCCIT), "ask", "--index", str(embedded_store), "--json", MEDIAN]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["status"] == "answered"
    assert done.stderr == ""


# loccit ask


def test_readable_answer(embedded_store: Path) -> None:
    """A reader sees the passage whole, under its headings, on what its references rest, and these with links."""
    result = loccit("ask", MEDIAN, "--index", embedded_store, "-k", 1)
    assert (result.exit_code, result.stderr) == (0, "")
    shown = " ".join(result.output.split())
    (passage,) = json.loads(loccit("ask", MEDIAN, "--index", embedded_store, "-k", 1, "--json").output)["passages"]
    assert " ".join(passage["text"].split()) in shown
    assert f"1. {' › '.join([passage['document']['title'], *passage['headings']])} {passage['id']}" in shown
    assert "[3] probably from" in shown
    assert "References" in shown
    assert "[3] Vazifehdan F, Karantzoulis VG, Igoumenou VG. Surgical treatment" in shown
    assert "https://doi.org/10.1007/s00590-017-2002-0" in shown
    assert "https://pubmed.ncbi.nlm.nih.gov/28638950/" in shown
    assert max(map(len, result.output.splitlines())) <= 100


def test_readable_answer_has_links_and_highlights(embedded_store: Path) -> None:
    """On a terminal with colours, the sentence that answers is emphasised and references are links."""
    plain = loccit("ask", MEDIAN, "--index", embedded_store, "-k", 1).output
    shown = loccit("ask", MEDIAN, "--index", embedded_store, "-k", 1, FORCE_COLOR="1", TERM="xterm-256color").output
    assert "\x1b" not in plain
    emphasised = "".join(re.findall(r"\x1b\[1;4m(.*?)\x1b\[0m", shown))
    assert emphasised.startswith("For the whole group, median survival amounted to 14.8")
    assert re.search(r"\x1b\]8;[^;]*;https://doi\.org/10\.1007/s00590-017-2002-0\x1b\\", shown)


def test_passages_without_reference_say_so(embedded_store: Path) -> None:
    """A passage that the source supports by nothing says so in words."""
    result = loccit("ask", "Is the treatment of cervical spinal metastases controversial?", "--index", embedded_store)
    assert "The source gives no reference for this passage." in result.output


def test_marks_that_lead_nowhere_are_named(store: Store, sources: Path) -> None:
    """Of a passage whose mark has nothing behind it, this is said, and not that the source gives no reference."""
    page = "====== Page ======\n\nMedian survival was 9 months (( )).\n\nPain eased ((ibid.)) again (( )).\n"
    (sources / "page.txt").write_text(page, "utf-8")
    assert loccit("build", sources, "--out", store.root, "--form", "dokuwiki").exit_code == 0
    shown = loccit("ask", "median survival", "--index", store.root, "--min-confidence", 0, "-k", 2).output
    assert "The source’s mark [1] has no entry in its list of references." in shown
    assert "The source’s marks [2], [3] have no entry in its list of references." in shown
    assert "The source gives no reference" not in shown


def test_filters_that_leave_nothing_are_told(embedded_store: Path) -> None:
    """Where filters leave nothing to search, that is said, and not that the source has no answer."""
    alone = ("--heading", "Palliative surgery in 24 patients", "--index", embedded_store)
    assert loccit("ask", MEDIAN, "--year-from", 2017, *alone).output.count("14.8 months") == 1
    nothing = loccit("ask", MEDIAN, "--year-to", 1900, *alone)
    assert (nothing.exit_code, nothing.output) == (
        0,
        "These filters leave no passage that could answer. Ask with fewer.\n",
    )


def test_a_reranker_that_is_none_is_refused(store: Store, tmp_path: Path) -> None:
    """A folder that holds no cross-encoder ends the build with its name, and what was published stays."""
    before = store.current()
    (tmp_path / "empty").mkdir()
    result = loccit("build", "--embedded", "--reranker", tmp_path / "empty", "--out", store.root)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"loccit: {tmp_path / 'empty'} is no sentence-transformers cross-encoder" in result.stderr
    assert store.current() == before


def test_readable_no_match(embedded_store: Path) -> None:
    """Without an answer the command says so, shows the nearest passage as such, and succeeds."""
    result = loccit("ask", UNKNOWN, "--index", embedded_store)
    assert result.exit_code == 0
    assert result.output.startswith("The source has no answer to this question.\nThe nearest passage")
    assert "1. Cervical spinal metastases" in result.output
    forced = loccit("ask", UNKNOWN, "--index", embedded_store, "--min-confidence", 0)
    assert "no answer" not in forced.output
    assert "5. Cervical spinal metastases" in forced.output


@pytest.mark.parametrize("question", [MEDIAN, UNKNOWN, "α 🦴 [bold]quadriplegia[/bold]"])
def test_json_is_the_http_body(embedded_store: Path, question: str) -> None:
    """`--json` prints the body that POST /v1/ask answers with, byte for byte but for the time."""
    printed = loccit("ask", question, "--index", embedded_store, "-k", 3, "--json").stdout
    with TestClient(create_app(Settings(store=embedded_store))) as client:
        body = client.post("/v1/ask", json={"question": question, "k": 3}).text
    took = re.compile(r'"took_ms":[\d.]+')
    assert took.sub("", printed) == took.sub("", body) + "\n"
    assert json.loads(printed)["question"] == question


def test_options_of_ask(embedded_store: Path) -> None:
    """The leg, the documents and the number of passages are those asked for."""

    def ids(*options: object, question: str = MEDIAN) -> list[str]:
        result = loccit("ask", question, "--index", embedded_store, "--json", "--min-confidence", 0, *options)
        return [passage["id"] for passage in json.loads(result.output)["passages"]]

    assert len(ids()) == 5
    assert len(ids("-k", 7)) == 7
    assert ids("--document", "cervical_spinal_metastases") == ids()
    assert ids("--year-from", "2017", "--year-to", "2017", "--type", "article-journal")
    assert not set(ids("--heading", "Palliative surgery in 24 patients", "-k", "1")) - set(ids("-k", "16"))
    asked = "How long did patients live after surgery?"
    assert len({tuple(ids("--leg", leg, "-k", 16, question=asked)) for leg in ("hybrid", "dense", "lexical")}) == 3


def test_markup_in_a_source_is_shown_as_it_is(store: Store, sources: Path) -> None:
    """Square brackets in a title, a heading and a text are words, and never colours."""
    (sources / "page.txt").write_text("====== [bold]Title[/bold] ======\n\nMedian [red]survival[/red] [x].\n", "utf-8")
    assert loccit("build", sources, "--out", store.root, "--form", "dokuwiki").exit_code == 0
    shown = loccit("ask", "median survival", "--index", store.root, "--min-confidence", 0).output
    assert "[bold]Title[/bold]" in shown
    assert "Median [red]survival[/red] [x]." in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("",), "The question is empty"),
        (("  ",), "The question is empty"),
        (("a" * 1001,), "The question has 1001 characters, the most is 1000"),
        (("1 " * 300,), "The question has 302 word pieces, the encoder takes 256"),
        (("\udcff what",), "surrogate"),
        ((MEDIAN, "-k", "0"), "k is 0; it must be from 1 to 50"),
        ((MEDIAN, "-k", "51"), "k is 51; it must be from 1 to 50"),
        ((MEDIAN, "-k", "five"), "'-k'"),
        ((MEDIAN, "--min-confidence", "1.5"), "min_confidence is 1.5"),
        ((MEDIAN, "--min-confidence", "nan"), "min_confidence is nan"),
        ((MEDIAN, "--document", "no-such"), "There is no document 'no-such'"),
    ],
)
def test_bad_question(embedded_store: Path, arguments: tuple[str, ...], words: str) -> None:
    """A question or an option out of bounds ends with code 2 and the bound, as JSON or not."""
    assert_refused(loccit("ask", *arguments, "--index", embedded_store), words)
    assert_refused(loccit("ask", *arguments, "--index", embedded_store, "--json"), words)


def test_question_that_is_no_text(embedded_store: Path) -> None:
    """An argument of bytes that are no UTF-8 ends with code 2 and no traceback."""
    command = [os.fsencode(LOCCIT), b"ask", b"\xff what", b"--index", os.fsencode(embedded_store)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"loccit: ")


def test_ask_without_a_snapshot(tmp_path: Path) -> None:
    """A store without a snapshot is named by its file, with the command that builds one."""
    result = loccit("ask", MEDIAN, "--index", tmp_path)
    assert_refused(result, f"{tmp_path / 'CURRENT'} is missing", f"loccit build SOURCE --out {tmp_path}")


def test_ask_of_a_damaged_snapshot(store: Store) -> None:
    """A damaged file of a snapshot is named, with the command that builds it again."""
    path = store.current() / "records.db"
    path.write_bytes(path.read_bytes() + b"{}\n")
    result = loccit("ask", MEDIAN, "--index", store.root)
    assert_refused(result, f"{path} is damaged", f"loccit build SOURCE --out {store.root}")


# loccit check


def test_check(store: Store) -> None:
    """A sound snapshot is called so; a damaged or missing one is a finding."""
    folder = store.current()
    sound = loccit("check", "--index", store.root)
    assert (sound.exit_code, sound.stdout) == (0, f"{folder} is sound.\n")
    (folder / "works.json").write_text("beside", "utf-8")
    assert loccit("check", "--index", store.root).exit_code == 0
    (folder / "passages.npy").unlink()
    assert_refused(loccit("check", "--index", store.root), f"{folder / 'passages.npy'} is missing", code=1)
    store.pointer.unlink()
    assert_refused(loccit("check", "--index", store.root), f"{store.pointer} is missing", code=1)


# loccit build


def test_build_and_ask(store: Store, sources: Path) -> None:
    """A page that was built is found, with the reference that it gives."""
    (sources / "page.txt").write_text(PAGE, "utf-8")
    built = loccit("build", sources, "--out", store.root)
    assert (built.exit_code, built.stdout) == (0, "")
    assert "1 document, 1 passage, 1 work cited\n" in built.stderr
    assert f"published in {store.root}\n" in built.stderr
    answer = json.loads(loccit("ask", "What was the median survival?", "--index", store.root, "--json").stdout)
    assert answer["passages"][0]["text"] == "Median survival was 9 months 1)."
    assert [reference["id"] for reference in answer["references"]] == ["pmid:11"]


def test_build_again_says_that_it_lay_ready(store: Store) -> None:
    """The same sources build nothing anew, and the summary says so."""
    snapshot = store.current().name
    again = loccit("build", "--embedded", "--out", store.root)
    assert again.exit_code == 0
    assert f"Snapshot {snapshot} lay ready; published in {store.root}" in again.stderr
    assert store.current().name == snapshot


def test_bad_files_are_named_and_left_out(store: Store, sources: Path) -> None:
    """What cannot be read is named with its reason, and the build goes on with the rest."""
    bad: Mapping[str, bytes] = {
        "empty.txt": b"",
        "blank.txt": b" \n\t\n",
        "binary.txt": b"\x00\x01\x02\xff" * 40,
        "headings.txt": b"====== Only ======\n\n===== Headings =====\n",
    }
    for name, content in bad.items():
        (sources / name).write_bytes(content)
    (sources / "page.txt").write_text(PAGE, "utf-8")
    latin = "Die Überlebenszeit nach der Operation betrug für die Männer äußerst kurze fünf Monate.\n" * 4
    (sources / "latin.txt").write_bytes(latin.encode("latin-1"))
    built = loccit("build", sources, "--out", store.root)
    assert built.exit_code == 0
    lines = built.stderr.splitlines()
    for name in bad:
        (line,) = [line for line in lines if str(sources / name) in line]
        assert line.startswith("Left out: ")
        assert len(line) > len(f"Left out: {sources / name} ")
    (note,) = [line for line in lines if str(sources / "latin.txt") in line]
    assert note.startswith("Note: ")
    assert re.search(r"is not UTF-8; it was read as \w+", note)
    assert any(line.startswith("2 documents, ") and line.endswith("; 4 sources left out") for line in lines)
    assert set(Snapshot.open(store).documents) == {"latin", "page"}
    assert "Überlebenszeit" in Snapshot.open(store).documents["latin"].text


def test_nothing_readable_builds_no_snapshot(sources: Path, tmp_path: Path) -> None:
    """If nothing is left to read, the command ends with code 2, and there is no snapshot."""
    (sources / "empty.txt").write_bytes(b"")
    result = loccit("build", sources, "--out", tmp_path / "new")
    assert_refused(result, f"Left out: {sources / 'empty.txt'}", "no snapshot was built")
    assert not (tmp_path / "new" / "CURRENT").exists()


def test_nothing_readable_keeps_the_snapshot(store: Store, sources: Path) -> None:
    """A build that finds nothing to read leaves the published snapshot published."""
    before = store.current()
    assert_refused(loccit("build", sources, "--out", store.root), "no snapshot was built")
    assert store.current() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name sources, or give --embedded"),
        (("--embedded", "{sources}"), "Name sources, or give --embedded"),
        (("{sources}/no-such.txt",), "no-such.txt does not exist"),
        (("{sources}", "--form", "word"), "--form"),
        (("{sources}", "--chunk-tokens", "15"), "--chunk-tokens"),
        (("{sources}", "--chunk-tokens", "2001"), "--chunk-tokens"),
        (("{sources}", "--model", "{sources}"), "is no sentence-transformers model"),
        (("{sources}", "--out", "{sources}/page.txt"), "Name another folder with --out"),
        (("{sources}", "{sources}/page.txt", "{sources}/../page.txt"), "would both be the document 'page'"),
    ],
)
def test_bad_build(sources: Path, arguments: tuple[str, ...], words: str) -> None:
    """What cannot be built ends with code 2, says why, and leaves no snapshot."""
    for folder in (sources, sources.parent):
        (folder / "page.txt").write_text(PAGE, "utf-8")
    filled = [argument.replace("{sources}", str(sources)) for argument in arguments]
    if "--out" not in filled:
        filled += ["--out", str(sources.parent / "new")]
    result = loccit("build", *filled)
    assert_refused(result, words)
    assert not (sources.parent / "new" / "CURRENT").exists()


def test_form_is_forced(store: Store, sources: Path) -> None:
    """Read as plain text, a page of DokuWiki markup keeps its signs, and gives no reference."""
    (sources / "page.txt").write_text(PAGE, "utf-8")
    assert loccit("build", sources, "--out", store.root, "--form", "text").exit_code == 0
    document = Snapshot.open(store).documents["page"]
    assert (document.form, document.references) == ("text", ())
    assert "((Alpha A. A work. 2001. PMID: 11.))" in document.text


def test_settings_of_a_build(store: Store) -> None:
    """Smaller passages are more passages."""
    before = len(Snapshot.open(store).passages)
    assert loccit("build", "--embedded", "--out", store.root, "--chunk-tokens", 60).exit_code == 0
    snapshot = Snapshot.open(store)
    assert snapshot.manifest.settings.chunk_tokens == 60
    assert len(snapshot.passages) > before
    assert max(passage.tokens for passage in snapshot.passages if len(passage.sentences) > 1) <= 60


def test_odd_names_of_sources_and_stores(store: Store, sources: Path, tmp_path: Path) -> None:
    """Names with spaces, brackets and letters beyond ASCII are shown as they are."""
    folder = tmp_path / "a [bold] Straße"
    shutil.copytree(store.root, folder)
    (sources / "[red] Wirbelsäule.txt").write_text(PAGE, "utf-8")
    (sources / "[x] empty.txt").write_bytes(b"")
    built = loccit("build", sources, "--out", folder)
    assert built.exit_code == 0
    assert f"Left out: {sources / '[x] empty.txt'} is empty" in built.stderr
    assert f"published in {folder}\n" in built.stderr
    assert set(Snapshot.open(Store(folder)).documents) == {"red-Wirbelsäule"}


# Settings


@pytest.mark.parametrize("arguments", [("ask", MEDIAN), ("check",)])
def test_store_of_the_environment(embedded_store: Path, arguments: tuple[str, ...]) -> None:
    """Without `--index` the store is that of LOCCIT_STORE."""
    assert loccit(*arguments, LOCCIT_STORE=str(embedded_store)).exit_code == 0


@pytest.mark.parametrize("arguments", [("ask", MEDIAN), ("check",)])
def test_store_of_the_settings_file(
    embedded_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Without that, it is the one of loccit.toml in the current folder, and at last .loccit."""
    monkeypatch.chdir(tmp_path)
    assert ".loccit/CURRENT is missing" in loccit(*arguments).stderr
    (tmp_path / "loccit.toml").write_text(f"store = {json.dumps(str(embedded_store))}\n", "utf-8")
    assert loccit(*arguments).exit_code == 0
    assert "nowhere/CURRENT is missing" in loccit(*arguments, LOCCIT_STORE="nowhere").stderr


@pytest.mark.parametrize("arguments", [("ask", MEDIAN), ("check",), ("serve",), ("build", "--embedded")])
def test_unknown_setting_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """A setting that there is not is named, with the nearest that there is; so is a file that is no TOML."""
    monkeypatch.chdir(tmp_path)
    assert_refused(loccit(*arguments, LOCCIT_PROT="1"), "`prot`", "Did you mean `port`?")
    (tmp_path / "loccit.toml").write_text("prot = 1\n", "utf-8")
    assert_refused(loccit(*arguments), "`prot`", "Did you mean `port`?")
    (tmp_path / "loccit.toml").write_text("port = \n", "utf-8")
    assert_refused(loccit(*arguments), "loccit.toml is no TOML file")


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("PORT", "65536"), ("PORT", "-1")])
def test_setting_out_of_bounds_is_refused(embedded_store: Path, name: str, value: str) -> None:
    """A setting of the wrong kind or out of bounds is named."""
    result = loccit("serve", "--index", embedded_store, **{f"LOCCIT_{name}": value})
    assert_refused(result, name.lower())


# loccit eval run


QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "id": "median",
        "question": MEDIAN,
        "evidence": [{"document": "cervical_spinal_metastases", "quote": "median survival amounted to 14.8 months"}],
        "references": ["pmid:28638950"],
        "answerable": True,
        "split": "test",
    },
    {"id": "penicillin", "question": UNKNOWN, "evidence": [], "answerable": False, "split": "development"},
)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A set of two questions."""
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(question) + "\n" for question in QUESTIONS), "utf-8")
    return path


def test_eval_run(embedded_store: Path, questions: Path, tmp_path: Path) -> None:
    """A run writes its folder and prints its measures."""
    out = tmp_path / "run"
    result = loccit("eval", "run", "--questions", questions, "--index", embedded_store, "--out", out)
    assert result.exit_code == 0, result.output
    assert {"run.trec", "answers.jsonl", "measures.json"} <= {path.name for path in out.iterdir()}
    assert "nDCG@10" in result.output
    assert "P@1" in result.output
    answers = [json.loads(line) for line in (out / "answers.jsonl").read_text("utf-8").splitlines()]
    assert len(answers) == 2
    assert re.search(r"^median Q0 \S+ 1 \S+ \S+$", (out / "run.trec").read_text("utf-8"), re.MULTILINE)


def test_eval_run_of_one_split(embedded_store: Path, questions: Path, tmp_path: Path) -> None:
    """Only the questions of the split asked for are asked."""
    out = tmp_path / "run"
    options = ("--split", "test", "--leg", "lexical", "--out", out)
    assert loccit("eval", "run", "--questions", questions, "--index", embedded_store, *options).exit_code == 0
    assert len((out / "answers.jsonl").read_text("utf-8").splitlines()) == 1


def test_bad_eval_run(embedded_store: Path, questions: Path, tmp_path: Path) -> None:
    """A missing or malformed question set, a missing store and a missing --out end with code 2."""
    out = ("--out", tmp_path / "run")
    index = ("--index", embedded_store)
    assert_refused(loccit("eval", "run", *index), "--out")
    assert_refused(loccit("eval", "run", "--questions", tmp_path / "no-such", *index, *out), "no-such")
    assert_refused(loccit("eval", "run", "--questions", questions, "--index", tmp_path, *out), "CURRENT is missing")
    questions.write_text('{"id": 1}\n', "utf-8")
    assert_refused(loccit("eval", "run", "--questions", questions, *index, *out), "questions.jsonl, line 1")


def test_embedded_page_is_built_by_name(store: Store) -> None:
    """`--embedded` is the page that comes with loccit, and the default question set fits it."""
    assert loccit("build", "--embedded", "--out", store.root).exit_code == 0
    assert set(Snapshot.open(store).documents) == {path.stem for path in EMBEDDED.glob("*.txt")}
    result = loccit("eval", "run", "--split", "test", "--index", store.root, "--out", store.root.parent / "run")
    assert result.exit_code == 0, result.output


def test_a_store_inside_a_source_is_refused(tmp_path: Path) -> None:
    """A store that the next build would read as a source is refused; a hidden one is not, since it is passed over."""
    (tmp_path / "page.txt").write_text("It rose.\n", "utf-8")
    assert_refused(loccit("build", tmp_path, "--out", tmp_path / "store"), "lies inside the source", "--out")
    assert not (tmp_path / "store").exists()
    assert_refused(loccit("build", tmp_path, "--out", tmp_path), "lies inside the source", "--out")
