"""Ten times as many questions as the machine can answer: some are answered in time, the rest is refused at once."""

import asyncio
import json
import re
import statistics
import time
from pathlib import Path
from typing import NamedTuple

from service.bench.processes import memory
from tests.loops import run
from tests.servers import Server, serving

QUESTION = "What was the median survival after palliative surgery?"
CLIENTS = 200
SECONDS = 8.0
DEADLINE = 2.0


class Outcome(NamedTuple):
    """What became of a request: its status, how long it took to the client and by the server, in seconds."""

    status: int
    seconds: float
    server_seconds: float
    retry_after: str


async def ask_on_end(address: str, client: int, end: float, outcomes: list[Outcome]) -> None:
    """Asks one question after the other on one connection, each another one, and waits for nothing between them."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    number = 0
    while time.monotonic() < end:
        number += 1
        body = json.dumps({"question": f"{QUESTION} {client} {number}", "k": 1}).encode()
        head = f"POST /v1/ask HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        start = time.monotonic()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        received = await reader.readuntil(b"\r\n\r\n")
        headers = dict(re.findall(r"(?m)^([\w-]+): (.*?)\r?$", received.decode("latin-1")))
        await reader.readexactly(int(headers["content-length"]))
        taken = re.search(r"total;dur=([\d.]+)", headers["server-timing"])
        outcomes.append(
            Outcome(
                int(received.split()[1]),
                time.monotonic() - start,
                float(taken[1]) / 1000 if taken else float("nan"),
                headers.get("retry-after", ""),
            )
        )
    writer.close()


def load(address: str, clients: int, seconds: float) -> list[Outcome]:
    """The outcomes of so many clients that ask at once for so long."""
    outcomes: list[Outcome] = []

    async def all_clients() -> None:
        end = time.monotonic() + seconds
        await asyncio.gather(*(ask_on_end(address, client, end, outcomes) for client in range(clients)))

    run(all_clients())
    return outcomes


def answer(server: Server) -> object:
    """The answer to a question, without the time that it took."""
    reply = server.post("/v1/ask", json.dumps({"question": QUESTION}).encode())
    assert reply.status == 200, reply.body
    return {**json.loads(reply.body), "took_ms": None}


def test_overload(embedded_store: Path) -> None:
    """Accepted questions stay within the deadline, the others get 503 at once, memory stays flat, and it recovers."""
    settings = {"LOCCIT_QUEUE": "8", "LOCCIT_DEADLINE": str(DEADLINE), "LOCCIT_LOG_LEVEL": "error"}
    with serving(embedded_store, environment=settings) as running:
        before = answer(running)
        load(running.address, CLIENTS, 2.0)
        warm = memory(running.process.pid).anonymous
        outcomes = load(running.address, CLIENTS, SECONDS)
        grown = memory(running.process.pid).anonymous - warm
        assert answer(running) == before
    accepted = [each for each in outcomes if each.status == 200]
    refused = [each for each in outcomes if each.status == 503]
    print(f"{len(accepted)} answered, the slowest in {max(each.seconds for each in accepted):.3f} s")
    print(f"{len(refused)} refused in {1000 * statistics.median(each.server_seconds for each in refused):.1f} ms")
    print(f"grown by {grown:.1f} MiB")
    assert {each.status for each in outcomes} == {200, 503}
    assert len(outcomes) >= 10 * len(accepted) > 0
    assert max(each.server_seconds for each in accepted) <= DEADLINE
    assert statistics.median(each.server_seconds for each in refused) < 0.05
    assert {each.retry_after for each in refused} == {"1"}
    assert grown < 24
