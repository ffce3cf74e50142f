"""The README tells the truth: its commands run, and its answer is the answer."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from service.command import main
from service.settings import Settings
from tests.servers import LOCCIT, serving

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE_ADDRESS = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    """The README's code blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def shell_lines() -> list[str]:
    """The README's shell commands, without comments."""
    return [line.split("  #")[0].strip() for block in blocks("sh") for line in block.splitlines() if line.strip()]


def assert_shown(shown: Any, real: Any) -> None:
    """Everything in `shown` stands in `real`, which may hold more fields."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            assert_shown(value, real[key])
    elif isinstance(shown, list):
        assert len(shown) == len(real)
        for each, other in zip(shown, real, strict=True):
            assert_shown(each, other)
    else:
        assert shown == real


def test_first_screen() -> None:
    """One sentence, the two commands and a question stand on the first screen."""
    first = README.splitlines()[:20]
    assert "make serve" in "\n".join(first)
    assert "make test" in "\n".join(first)
    assert any(line.startswith("curl ") for line in first)


def test_make_targets_exist() -> None:
    """Every make target that the README or CONTRIBUTING names is one of the Makefile's."""
    named = set(re.findall(r"make (\w+)", README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert named - {"on"} <= targets
    assert {"serve", "test", "install", "lint", "clean", "bench"} <= targets


def test_curl_gives_the_answer_shown(embedded_store: Path) -> None:
    """The README's curl line gives the passages and references that the README shows."""
    (curl,) = [line for line in shell_lines() if line.startswith("curl ")]
    (shown,) = blocks("json")
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with serving(embedded_store) as server:
        command = shlex.split(curl.replace(EXAMPLE_ADDRESS, server.address))
        answer = subprocess.run(command, capture_output=True, check=True)
    assert_shown(json.loads(shown), json.loads(answer.stdout))


def test_serve_prints_the_curl_line(embedded_store: Path) -> None:
    """The line that the service prints to try is the README's."""
    (curl,) = [line for line in shell_lines() if line.startswith("curl ")]
    with serving(embedded_store) as server:
        assert server.example.removeprefix("Try: ") == curl.replace(EXAMPLE_ADDRESS, server.address)


def test_commands_for_own_sources_run(embedded_store: Path, tmp_path: Path) -> None:
    """The commands for one's own sources work as they stand."""
    (tmp_path / "wiki").mkdir()
    page = "====== Page ======\n\nMedian survival was 9 months ((A B. C. 2020.)).\n"
    (tmp_path / "wiki" / "page.txt").write_text(page)
    (tmp_path / "notes.txt").write_text("A note on survival.\n")
    shutil.copytree(embedded_store, tmp_path / "my-store")  # spares the export of the encoder
    for command in [line for line in shell_lines() if line.startswith(("loccit build", "loccit ask"))]:
        arguments = shlex.split(command)[1:]
        done = subprocess.run([LOCCIT, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert "9 months" in done.stdout


def test_every_command_is_documented() -> None:
    """Every command of loccit stands in the README's table, and the table names no other."""
    context = click.Context(main)
    commands = set()
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            commands |= {f"{name} {each}" for each in command.list_commands(context)}
        else:
            commands.add(name)
    documented = set(re.findall(r"^\| `loccit ((?:(?:eval|feedback|keys) )?\w+)", README, re.MULTILINE))
    assert documented == commands


def test_every_option_named_exists() -> None:
    """Every option of loccit that the README names is one of a command's."""
    known = {"--help", "--version"}
    groups: list[click.Command] = [main]
    while groups:
        command = groups.pop()
        known |= {option for parameter in command.params for option in parameter.opts}
        groups.extend(command.commands.values() if isinstance(command, click.Group) else [])
    assert set(re.findall(r"(?<!-)--[a-z][a-z-]+", README)) <= known


def test_every_setting_is_documented() -> None:
    """The table of settings holds every setting under both its names."""
    table = set(re.findall(r"^\| `LOCCIT_(\w+)`[^|]*\| `(\w+)`", README, re.MULTILINE))
    assert table == {(name.upper(), name) for name in Settings.__struct_fields__}


def test_widget_snippet_is_served(embedded_store: Path) -> None:
    """The script that the README embeds is served, and defines the element that it names."""
    (snippet,) = blocks("html")
    path = re.search(rf'src="{EXAMPLE_ADDRESS}(/[^"]+)"', snippet)
    element = re.search(r"<(\w+-\w+)", snippet)
    assert path
    assert element
    with serving(embedded_store) as server:
        script = server.get(path[1])
    assert script.status == 200
    assert f'"{element[1]}"' in script.body
