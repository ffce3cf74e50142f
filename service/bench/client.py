"""The process that loads a server: a `Plan` in one file, its `Outcome` into another.

One event loop in C, one parser in C and nothing else in the way, since it shares the cores with the server.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httptools
import msgspec
import uvloop

from service.bench.requests import Outcome, Plan, Reply

__all__ = ["main"]

_HOST = "127.0.0.1"
_PATIENCE = 120
"""Seconds after which a request counts as failed."""


def main() -> None:
    """Arguments: the file of the plan, and that of its outcome."""
    plan_file, outcome_file = map(Path, sys.argv[1:])
    plan = msgspec.json.decode(plan_file.read_bytes(), type=Plan)
    gc.disable()
    outcome = uvloop.run(_carry_out(plan))
    outcome_file.write_bytes(msgspec.json.encode(outcome))


async def _carry_out(plan: Plan) -> Outcome:
    rest = iter(enumerate([request.raw(_HOST) for request in plan.requests]))
    replies: dict[int, Reply] = {}
    # The connections stand before the clock starts.
    connections = [await _connect(plan.port) for _ in range(plan.clients)]
    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_client(plan.port, connection, rest, replies) for connection in connections))
    took, used = time.perf_counter() - start, time.process_time() - cpu
    return Outcome(took, used, tuple(replies[at] for at in range(len(plan.requests))))


async def _client(
    port: int, connection: "_Connection", rest: Iterator[tuple[int, bytes]], replies: dict[int, Reply]
) -> None:
    for at, raw in rest:
        start = time.perf_counter()
        try:
            async with asyncio.timeout(_PATIENCE):
                if connection.closed:
                    connection = await _connect(port)
                status, body = await connection.ask(raw)
        except (OSError, TimeoutError, httptools.HttpParserError) as error:
            connection.close()
            status, body = 0, repr(error).encode()
        replies[at] = Reply(time.perf_counter() - start, status, body.decode(errors="replace"))


async def _connect(port: int) -> "_Connection":
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, _HOST, port)
    return connection


class _Connection(asyncio.Protocol):
    """A connection that is kept alive, with one request under way at most."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @property
    def closed(self) -> bool:
        """Whether it takes no further request."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Closes it."""
        self._transport.abort()

    def ask(self, raw: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Sends a request; its status and body come with the future."""
        self._answer = asyncio.get_running_loop().create_future()
        self._body = []
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(raw)
        return self._answer

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), b"".join(self._body)))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(error)


if __name__ == "__main__":
    main()
