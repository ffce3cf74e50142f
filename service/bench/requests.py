"""What goes to a server and what comes back, between the benchmark and the process that loads a server."""

import msgspec

__all__ = ["Outcome", "Plan", "Reply", "Request"]


class Request(msgspec.Struct, frozen=True):
    """A request without headers; a body is JSON."""

    method: str
    target: str
    body: str = ""

    def raw(self, host: str) -> bytes:
        r"""The request as HTTP/1.1 has it.

        >>> Request("GET", "/search?query=a").raw("127.0.0.1")
        b'GET /search?query=a HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'
        """
        body = self.body.encode()
        length = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n" if body else ""
        return f"{self.method} {self.target} HTTP/1.1\r\nhost: {host}\r\n{length}\r\n".encode() + body


class Plan(msgspec.Struct, frozen=True):
    """So many clients at once, each of which takes the next request as soon as its last one is answered."""

    port: int
    clients: int
    requests: tuple[Request, ...]


class Reply(msgspec.Struct, frozen=True):
    """An answer and the seconds that it took; status 0 where there is none, the body then saying why."""

    seconds: float
    status: int
    body: str


class Outcome(msgspec.Struct, frozen=True):
    """The replies to a plan's requests in their order, what all took together, and the client's own CPU time."""

    seconds: float
    cpu_seconds: float
    replies: tuple[Reply, ...]
