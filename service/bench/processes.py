"""Server processes: started until they answer, and what Linux's proc file system tells of them."""

import http.client
import os
import resource
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from corpus.errors import TargetError
from service.bench.requests import Request
from service.bench.systems import Command

__all__ = ["Memory", "Run", "Server", "cpu_seconds", "free_port", "memory", "run", "serving"]

_PATIENCE = 180
"""Seconds within which a server must have given its first answer."""

_TICK = os.sysconf("SC_CLK_TCK")


class Server(msgspec.Struct, frozen=True):
    """A server that has answered once, `cold_start` seconds after its process was started."""

    process: int
    port: int
    cold_start: float


class Memory(msgspec.Struct, frozen=True):
    """The memory of a process and its children in MiB: resident, and the anonymous part of it, of no file."""

    resident: float
    anonymous: float


class Run(msgspec.Struct, frozen=True):
    """The seconds from the start of a process to its end, and those of processor time that it used."""

    seconds: float
    cpu_seconds: float


def run(command: Command, log: Path) -> Run:
    """Runs a command to its end.

    Raises `TargetError` with the end of what it printed if it fails.
    """
    start, used = time.perf_counter(), _waited_for()
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603 - the benchmark's own commands
            command.arguments,
            env=_environment(command),
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    took = time.perf_counter() - start
    if done.returncode:
        raise TargetError(f"{' '.join(command.arguments)} ended with {done.returncode}: {_end_of(log)}")
    return Run(took, _waited_for() - used)


@contextmanager
def serving(command: Command, port: int, first: Request, log: Path) -> Iterator[Server]:
    """A server until the block ends, from its first answer on.

    Raises `TargetError` if it ends before, gives another status than 200, or takes too long.
    """
    start = time.perf_counter()
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - the benchmark's own commands
            command.arguments,
            env=_environment(command),
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _first_answer(process, port, first, log)
            yield Server(process.pid, port, time.perf_counter() - start)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _waited_for() -> float:
    """The processor time of all processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _environment(command: Command) -> dict[str, str]:
    """That of this process, but byte code is kept as it is by default: a start that compiles all again is no start."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **command.environment}


def free_port() -> int:
    """A port of 127.0.0.1 at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _first_answer(process: subprocess.Popen[bytes], port: int, request: Request, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    headers = {"content-type": "application/json"} if request.body else {}
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        try:
            connection.request(request.method, request.target, request.body.encode() or None, headers)
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
        except ConnectionError:
            if process.poll() is not None:
                raise TargetError(f"{process.args!r} ended with {process.returncode}: {_end_of(log)}") from None
            time.sleep(0.005)
        else:
            if response.status != 200:
                raise TargetError(f"{process.args!r} answered {response.status}: {body[:1000]}")
            return
        finally:
            connection.close()
    raise TargetError(f"{process.args!r} gave no answer within {_PATIENCE} s: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")[-2000:].strip()


def memory(process: int) -> Memory:
    """The memory of a process and its descendants."""
    rollups = [_fields(Path(f"/proc/{each}/smaps_rollup")) for each in _family(process)]
    return Memory(*(sum(each[name] for each in rollups) / 1024 for name in ("Rss", "Anonymous")))


def cpu_seconds(process: int) -> float:
    """The processor time that a process and its living descendants have used."""
    return sum(sum(map(int, _stat(each)[11:13])) for each in _family(process)) / _TICK


def _family(process: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                children.setdefault(int(_stat(int(folder.name))[1]), []).append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended meanwhile
    family = [process]
    for each in family:
        family.extend(children.get(each, []))
    return family


def _stat(process: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` behind the name, from the state on (field 3 in proc(5))."""
    return Path(f"/proc/{process}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()


def _fields(rollup: Path) -> dict[str, int]:
    """The fields of ``smaps_rollup`` in KiB, by their names."""
    rows = (line.split() for line in rollup.read_text("ascii").splitlines()[1:])
    return {row[0].rstrip(":"): int(row[1]) for row in rows}
