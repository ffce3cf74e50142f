"""The machine and the versions with which figures were made, and what else ran on it."""

import os
import platform
import resource
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

__all__ = ["Machine", "busy_with_other_work", "describe_machine"]

_OURS = ("loccit", "onnxruntime", "faiss-cpu", "litestar", "uvicorn", "sentence-transformers", "transformers", "torch")
_THEIRS = ("txtai", "faiss-cpu", "fastapi", "uvicorn", "transformers", "torch")


class Machine(msgspec.Struct, frozen=True):
    """Cores that may be used, processor, memory in MiB, and versions of packages by the environment they are in."""

    date: str
    cores: int
    processor: str
    memory_mib: int
    system: str
    python: str
    versions: Mapping[str, Mapping[str, str]]


def describe_machine(txtai: Path | None) -> Machine:
    """The machine that runs this, with the versions in txtai's environment if there is one."""
    versions = {"loccit": {name: version(name) for name in _OURS}}
    if txtai is not None:
        code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
        command = [str(txtai / "bin" / "python"), "-c", code, *_THEIRS]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - ours
        versions["txtai"] = dict(zip(_THEIRS, told, strict=True))
    return Machine(
        date=datetime.now(UTC).date().isoformat(),
        cores=len(os.sched_getaffinity(0)),
        processor=_told("/proc/cpuinfo", "model name"),
        memory_mib=int(_told("/proc/meminfo", "MemTotal").split()[0]) // 1024,
        system=platform.platform(),
        python=platform.python_version(),
        versions=versions,
    )


def busy_with_other_work() -> Callable[[], float]:
    """Starts to watch; what is returned tells how many cores other processes have kept busy since, on average.

    That is the time of all processors that was not idle, less that of this process and of those it started
    and waited for.
    """
    start, busy, own = time.monotonic(), _busy(), _own()

    def told() -> float:
        return max(0.0, (_busy() - busy - (_own() - own)) / max(time.monotonic() - start, 1e-9))

    return told


def _busy() -> float:
    """Seconds that all processors have been neither idle nor waiting for a disk, from ``/proc/stat``."""
    user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text("ascii").split("\n")[0].split()[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def _own() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usages)


def _told(file: str, field: str) -> str:
    """The value of the first line of a file of the proc file system that begins with a field."""
    for line in Path(file).read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == field:
            return value.strip()
    return "unknown"
