"""The page of lines to copy for other products tells the truth: its scripts run, and its retrievers lead back."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.settings import Settings
from tests.npm import missing
from tests.servers import Server, serving

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "service" / "docs" / "plug-in.md").read_text("utf-8")
SCRIPTS = dict(re.findall(r"^## (\w+)$(?:(?!^## ).)*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
PLUGINS = ROOT / ".plugins" / "bin" / "python"
FRAMEWORKS = ("LangChain", "LlamaIndex", "Haystack")
SURVIVAL = "What was the median survival after palliative surgery?"


@pytest.fixture(scope="module")
def server(embedded_store: Path) -> Iterator[Server]:
    """The service for the embedded page."""
    with serving(embedded_store) as server:
        yield server


def run(name: str, server: Server, python: Path, folder: Path) -> str:
    """What a script of the page prints, which asks the server instead of the address that stands there."""
    script = folder / "script.py"
    script.write_text(SCRIPTS[name].replace("http://127.0.0.1:8000", server.address), "utf-8")
    environment = {**os.environ, "HAYSTACK_TELEMETRY_ENABLED": "False", "LANGSMITH_TRACING": "false"}
    done = subprocess.run(
        [python, script], capture_output=True, text=True, check=False, timeout=120, env=environment, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def expected(server: Server) -> str:
    """The ids, spans and works of an answer, in the lines in which the retrievers' scripts print them."""
    answer = httpx.post(f"{server.address}/v1/ask", json={"question": SURVIVAL, "k": 3}).json()
    works = {work["id"]: work for work in answer["references"]}
    lines = []
    for passage in answer["passages"]:
        lines.append(f"{passage['id']} {passage['anchor']['start']} {passage['anchor']['end']}")
        cited = [(each["number"], works[each["reference"]]) for each in passage["citations"]]
        lines += [f"{number} {work['doi']} {work['pmid']}" for number, work in cited]
    return "\n".join([*lines, "[]", ""])


@pytest.mark.parametrize("name", ["MCP", "OpenAI"])
def test_scripts_of_clients_run(name: str, server: Server, tmp_path: Path) -> None:
    """A script for an official client prints the passage that answers, and the DOI of its work."""
    printed = run(name, server, Path(sys.executable), tmp_path)
    assert printed.startswith("When last followed up, three patients were living with the disease")
    assert "10.1007/s00590-017-2002-0" in printed.splitlines()[1]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_retrievers_lead_back(name: str, server: Server, tmp_path: Path, expected: str) -> None:
    """A retriever gives passages with ids, spans, numbers, DOIs and PMIDs, and none where nothing is found."""
    if not PLUGINS.exists():
        missing(f"the frameworks are not installed in {PLUGINS.parents[1]}: make plugins")
    assert run(name, server, PLUGINS, tmp_path) == expected
    assert expected.splitlines()[1] == "3 10.1007/s00590-017-2002-0 28638950"


def test_every_script_is_run() -> None:
    """There is no script on the page but those that are run here."""
    assert set(SCRIPTS) == {"MCP", "OpenAI", *FRAMEWORKS}
    assert PAGE.count("```python") == len(SCRIPTS)


def test_every_address_exists(server: Server) -> None:
    """The table's addresses are routes of the service, and the settings that the page names are settings."""
    paths = set(httpx.get(f"{server.address}/docs/openapi.json").json()["paths"])
    for address in re.findall(r"^\| \[.*? \| `(/[^`]+)` \|", PAGE, re.MULTILINE):
        assert address.replace("/loccit/", "/{store_id}/") in paths
    assert "allow_origins" in Settings.__struct_fields__
