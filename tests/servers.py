"""A real server process on a free port."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

LOCCIT = Path(sys.executable).with_name("loccit")


class Reply(NamedTuple):
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: str


class Server(NamedTuple):
    """A running server: its process, its address, and the example that it printed."""

    process: subprocess.Popen[str]
    address: str
    example: str

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """The reply to a GET."""
        return _reply(urllib.request.Request(self.address + path, headers=dict(headers or {})))

    def post(self, path: str, body: bytes) -> Reply:
        """The reply to a POST of JSON."""
        return _reply(urllib.request.Request(self.address + path, body, {"content-type": "application/json"}))


@contextmanager
def serving(store: Path, *, environment: Mapping[str, str] | None = None, log: Path | None = None) -> Iterator[Server]:
    """Serves a store with `loccit serve` until the block ends; its log goes to a file if one is given."""
    command = [str(LOCCIT), "serve", "--index", str(store), "--port", "0"]
    with (
        (log or Path(os.devnull)).open("w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **(environment or {})}
        ) as process,
    ):
        try:
            assert process.stdout
            address = process.stdout.readline().split()[-1]
            yield Server(process, address, process.stdout.readline().strip())
        finally:
            process.terminate()


def _reply(request: urllib.request.Request) -> Reply:
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return Reply(response.status, dict(response.headers), response.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, dict(error.headers), error.read().decode())
