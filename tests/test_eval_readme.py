"""The page on evaluation tells the truth: its commands run in order, and it names every measure."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import msgspec
import pytest

from eval.adapters import Asking
from eval.measures import MEASURES
from eval.questions import Question
from eval.responses import Response
from tests.servers import LOCCIT
from tests.stores import copied

PAGE = (Path(__file__).parents[1] / "eval" / "README.md").read_text("utf-8")
SOURCE = """====== Page ======

Median survival was 9 months after the operation. Bleeding was the most frequent complication. It came in three of
24 patients, and was stopped in all ((Alpha A. A work. 2001. PMID: 11.)).
"""


def blocks(language: str) -> list[str]:
    """The code blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_run_in_order(embedded_store: Path, tmp_path: Path) -> None:
    """With a wiki of one page and the questions shown, every command ends with success and writes what it names."""
    (tmp_path / "wiki").mkdir()
    (tmp_path / "wiki" / "page.txt").write_text(SOURCE, "utf-8")
    (tmp_path / "questions.jsonl").write_text(blocks("json")[0], "utf-8")
    for store in ("answers", "sweep/store"):
        copied(embedded_store, tmp_path / store)  # spares the export of the encoder
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) == 9
    for command in commands:
        done = subprocess.run(
            [LOCCIT, *shlex.split(command)[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    for written in ("runs/before/report.html", "comparison.html", "sweep/sweep.html", "runs/test/measures.json"):
        assert (tmp_path / written).is_file()


@pytest.mark.parametrize(
    ("block", "kind"), [(0, Question), (1, Asking), (2, Response)], ids=["question", "asking", "response"]
)
def test_the_json_shown_is_read(block: int, kind: type[msgspec.Struct]) -> None:
    """Each line shown has the form that is read."""
    for line in blocks("json")[block].splitlines():
        msgspec.json.decode(line, type=kind)
        assert json.loads(line)["id"]


def test_every_measure_is_told() -> None:
    """The tables name every measure, and no other."""
    tables = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
    named = set(re.findall(r"`([^`]+)`", tables))
    assert set(MEASURES) <= named
    assert named - set(MEASURES) == {"no_match", "answerable"}
