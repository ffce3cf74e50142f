"""The comparison of speed: real servers and a real load for what needs no txtai, and what is said of figures."""

import json
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from corpus.errors import TargetError
from service.bench.__main__ import main
from service.bench.comparison import compare
from service.bench.load import Load, ask_all
from service.bench.machine import describe_machine
from service.bench.processes import Memory, Run, Server, free_port, run, serving
from service.bench.report import Report, report, table
from service.bench.requests import Request
from service.bench.rounds import CLIENTS, QUICK, Block, Effort, Measured
from service.bench.systems import Command, loccit, noop, plain, txtai

ILLS = [
    *(
        "asthma",
        "gout",
        "malaria",
        "anaemia",
        "cataract",
        "measles",
        "scurvy",
        "rickets",
        "mumps",
        "eczema",
        "glaucoma",
    ),
    *(
        "psoriasis",
        "tetanus",
        "typhoid",
        "cholera",
        "migraine",
        "epilepsy",
        "diabetes",
        "hepatitis",
        "leprosy",
        "rabies",
    ),
    *("tonsillitis", "sinusitis", "bronchitis", "appendicitis", "osteoporosis"),
]
TXTAI = Path(__file__).parents[1] / ".bench" / "txtai"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A BEIR dataset of one short document and one question for each ill."""
    folder = tmp_path / "ills"
    (folder / "qrels").mkdir(parents=True)
    documents = [
        {"_id": ill, "title": "", "text": f"Of {7 * n + 3} patients with {ill}, most were cured."}
        for n, ill in enumerate(ILLS)
    ]
    queries = [{"_id": f"q-{ill}", "text": f"How many had {ill}?"} for ill in ILLS]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(each) + "\n" for each in documents), "utf-8")
    (folder / "queries.jsonl").write_text("".join(json.dumps(each) + "\n" for each in queries), "utf-8")
    judged = "".join(f"q-{ill}\t{ill}\t1\n" for ill in ILLS)
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}", "utf-8")
    return folder


# Real servers


def test_measures_loccit_beside_the_plain_stack(dataset: Path, embedded_store: Path, tmp_path: Path) -> None:
    """A quick run builds, serves and loads both, and tells every figure and ratio that needs no txtai."""

    def build(source: Path, folder: Path) -> Command:
        # A copy of a store that is built already saves the export of the encoder.
        index = shlex.join([sys.executable, "-m", "service.bench.loccit_index", str(source), str(folder)])
        return Command(
            ("sh", "-c", f"cp -r {shlex.quote(str(embedded_store))} {shlex.quote(str(folder))} && exec {index}")
        )

    systems = [msgspec.structs.replace(loccit(), build=build), plain()]
    told: list[str] = []
    found = compare(systems, dataset, QUICK, machine=describe_machine(None), work=tmp_path, tell=told.append)
    assert found.failures == ()
    assert (found.documents, found.passages, found.questions) == (len(ILLS), len(ILLS), len(ILLS))
    assert list(found.medians) == ["loccit", "plain"]
    for name, each in found.measured.items():
        (block,) = each.blocks
        assert [load.clients for load in block.loads] == [1, 8, 32]
        assert sum(load.questions for load in block.loads) == len(ILLS) - 1  # one warms up
        assert block.memory.resident > block.memory.anonymous > 10
        assert found.medians[name]["ndcg_10"] > 0.9
    assert found.ratios["loccit/plain"]["resident_mib"] < 1
    assert {each.met for each in found.targets if each.against == "txtai"} == {None}
    assert told == [
        "index 1 of 1: loccit",
        "index 1 of 1: plain",
        "load, round 1 of 1: loccit",
        "load, round 1 of 1: plain",
        "the client alone",
    ]


@pytest.mark.skipif(not (TXTAI / "bin" / "python").exists(), reason=f"txtai is not installed in {TXTAI}: make bench")
def test_txtai_is_built_served_and_asked(tmp_path: Path) -> None:
    """The passages that txtai was given come back by their ids."""
    passages = tmp_path / "passages.jsonl"
    passages.write_text(
        "".join(json.dumps({"id": f"{ill}-1", "text": f"Many had {ill}."}) + "\n" for ill in ILLS), "utf-8"
    )
    system, port = txtai(TXTAI), free_port()
    run(system.build(passages, tmp_path / "index"), tmp_path / "build.log")
    asked = system.ask("How many had gout?", 3)
    with serving(system.serve(tmp_path / "index", port), port, asked, tmp_path / "serve.log") as server:
        found = ask_all(server, [asked], clients=1, check=system.passages)
    assert found.failures == ()
    assert (len(found.rankings[0]), found.rankings[0][0]) == (3, "gout-1")


def test_loccit_is_served_by_as_many_workers_as_are_asked_for(embedded_store: Path, tmp_path: Path) -> None:
    """Two worker processes answer, beside the one that started them and that of its resources."""
    system, port = loccit(2), free_port()
    asked = system.ask("What was the median survival?", 3)
    with serving(system.serve(embedded_store, port), port, asked, tmp_path / "serve.log") as server:
        children = Path(f"/proc/{server.process}/task/{server.process}/children").read_text("ascii").split()
        commands = [Path(f"/proc/{child}/cmdline").read_bytes() for child in children]
    assert sum(b"spawn_main" in command for command in commands) == 2


def test_a_server_that_does_nothing_is_loaded(tmp_path: Path) -> None:
    """Every request is answered, by as many clients as there should be, and takes the client less than the server."""
    port = free_port()
    with serving(noop(port), port, Request("GET", "/"), tmp_path / "noop.log") as server:
        asked = ask_all(server, [Request("POST", "/v1/ask", "{}")] * 100, clients=8, check=lambda body: [body[:2]])
    assert server.cold_start > 0
    assert asked.rankings == (['"x'],) * 100
    assert (asked.load.clients, asked.load.questions, asked.failures) == (8, 100, ())
    assert 0 < asked.load.p50_ms <= asked.load.p99_ms


def test_a_server_that_ends_is_told_with_what_it_printed(tmp_path: Path) -> None:
    """A server that cannot start fails the run with its own words."""
    command = Command(("sh", "-c", "echo no such model; exit 3"))
    with (
        pytest.raises(TargetError, match=r"ended with 3: no such model"),
        serving(command, free_port(), Request("GET", "/"), tmp_path / "log"),
    ):
        pass
    with pytest.raises(TargetError, match=r"ended with 3: no such model"):
        run(command, tmp_path / "log")


# Failures


@contextmanager
def unreliable() -> Iterator[Server]:
    """A server, in this process, that answers every third request with 503, and every fourth not at all."""
    numbers = count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = next(numbers)
            if number % 4 == 0:
                self.close_connection = True
                return
            self.send_response(503 if number % 3 == 0 else 200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *arguments: Any) -> None:
            """Prints nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Server(os.getpid(), server.server_port, 0)
        finally:
            server.shutdown()
            thread.join()


def test_every_failed_request_is_told() -> None:
    """Of twelve requests one by one, three are not answered and three get another status; the rest count."""
    with unreliable() as server:
        asked = ask_all(server, [Request("GET", "/")] * 12, clients=1, check=lambda body: [body])
    assert [bool(each) for each in asked.rankings] == [
        True,
        True,
        False,
        False,
        True,
        False,
        True,
        False,
        False,
        True,
        True,
        False,
    ]
    assert sum(each.startswith("status 503") for each in asked.failures) == 3
    assert sum("the server closed the connection" in each for each in asked.failures) == 3


def test_an_answer_that_is_no_full_answer_fails(tmp_path: Path) -> None:
    """A body that the check refuses counts as a failure, with the reason and its beginning."""

    def refuse(body: str) -> list[str]:
        raise ValueError(f"an answer of {len(body)} characters")

    port = free_port()
    with serving(noop(port), port, Request("GET", "/"), tmp_path / "noop.log") as server:
        asked = ask_all(server, [Request("GET", "/")], clients=1, check=refuse)
    assert asked.rankings == ([],)
    assert asked.failures[0].startswith('an answer of 16384 characters: "xxx')


def test_a_dataset_that_is_not_there(tmp_path: Path) -> None:
    """The folder is named, and how to name another; the exit code is 2."""
    done = CliRunner().invoke(main, ["--data", str(tmp_path / "none")])
    assert (done.exit_code, done.output) == (
        2,
        f"loccit: There is no dataset in {tmp_path / 'none'}. Name a folder in BEIR's layout with --data.\n",
    )


# What is said of figures


def measured(scale: float, *, failures: tuple[str, ...] = (), ndcg: float = 0.9) -> Measured:
    """Three rounds, the second the median, in which all times and sizes are so many times those of another system."""

    def block(number: int) -> Block:
        at = scale * number
        loads = tuple(Load(clients, 100, 1, 10 * at, 20 * at, 600 / at, at, 0.05) for clients in CLIENTS)
        return Block(
            2 * at, loads, Memory(300 * at, 100 * at), 0, ndcg, failures if number == 3 else (), (["a"], ["b"])
        )

    return Measured(
        [Run(each * scale, 2 * each * scale) for each in (90, 10, 30)], 5 * scale, [block(1), block(2), block(3)]
    )


def made(**systems: Measured) -> Report:
    """The report of a run that measured these."""
    return report(
        systems,
        machine=describe_machine(None),
        other_work=0.25,
        documents=3,
        passages=4,
        questions=100,
        effort=Effort(),
        client_alone=(),
    )


def test_medians_and_ratios() -> None:
    """Each figure is the median over rounds, and a ratio is loccit's over another's."""
    run = made(loccit=measured(1), txtai=measured(4))
    medians = run.medians["loccit"]
    assert (medians["cold_start_s"], medians["index_s"], medians["p50_ms_1"], medians["p99_ms_32"]) == (4, 30, 20, 40)
    assert (medians["index_cpu_s"], medians["server_cpu_ms_1"]) == (60, 2)
    assert (medians["per_second_8"], medians["resident_mib"], medians["anonymous_mib"]) == (300, 600, 200)
    ratios = run.ratios["loccit/txtai"]
    assert (ratios["p50_ms_1"], ratios["per_second_32"], ratios["index_s"], ratios["ndcg_10"]) == (0.25, 4, 0.25, 1)
    assert "idle_cpu_percent" not in ratios  # nothing over nothing


def test_targets_are_met_or_not() -> None:
    """At exactly four times faster and smaller, memory and index time meet their targets and the others do not."""
    run = made(loccit=measured(1, ndcg=0.89), txtai=measured(4), plain=measured(4, ndcg=0.88))
    assert {(each.figure, each.against): each.met for each in run.targets} == {
        ("p50_ms_1", "txtai"): False,
        ("per_second_32", "txtai"): False,
        ("resident_mib", "txtai"): True,
        ("index_s", "txtai"): True,
        ("cold_start_s", "txtai"): False,
        ("ndcg_10", "txtai"): False,
        ("ndcg_10", "plain"): True,
    }


def test_answers_that_changed_are_counted() -> None:
    """A question counts once if any round ranked its passages otherwise."""
    one = measured(1)
    one.blocks[2] = msgspec.structs.replace(one.blocks[2], rankings=(["a"], ["c"]))
    assert one.changed == 1


def test_the_table_names_figures_targets_and_failures() -> None:
    """The table is Markdown; it has a line for each figure, target and failure, and says what else ran."""
    lines = table(made(loccit=measured(1, failures=("status 500: oh",)), txtai=measured(5))).splitlines()
    assert "other processes kept 0.2 cores busy." in lines[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    rows = {row[0]: row[1:] for row in cells}
    assert rows["of it anonymous, MiB"] == ["200", "1000", "0.2"]
    assert rows["p50, ms, 1 client"] == ["txtai", "at most 1/5", "0.2", "met"]
    assert rows["failed requests"] == ["1", "0", ""]
    assert rows["nDCG@10 by document"] == ["plain", "at least 1", "", "not measured"]
    assert lines[-1] == "loccit: status 500: oh"
