"""HTTP that a wiki bears: so many requests a second, and fewer where it asks for it."""

import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import NamedTuple, Self

import httpx

from corpus.errors import SourceError

__all__ = ["PoliteClient", "Reply", "Throttle"]

MAX_BYTES = 64 * 2**20
"""The longest reply that is read: the list of some 300,000 pages."""

_TIMEOUT = 30.0
_LONGEST_REPLY = 120.0
"""Seconds within which a reply must have come whole. It must not be packed: a small one could be of any length."""

_TRIES = 4
_LONGEST_WAIT = 60.0
"""Seconds: what a wiki asks for in Retry-After is kept to up to here."""


class Reply(NamedTuple):
    """What a server answered."""

    status: int
    content_type: str
    location: str | None
    body: bytes


class Throttle:
    """Lets pass `rate` requests a second."""

    def __init__(self, rate: float) -> None:
        self._pause = 1 / rate
        self._next = 0.0

    def wait(self) -> None:
        """Until the next request may go."""
        now = time.monotonic()
        time.sleep(max(0.0, self._next - now))
        self._next = max(now, self._next) + self._pause


class PoliteClient:
    """Asks one server. A reply of 429 or 5xx and a lost connection are tried again, ever later.

    To be used as a context, which closes its connections.
    """

    def __init__(
        self,
        throttle: Throttle,
        *,
        headers: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        agent = {"user-agent": f"loccit/{version('loccit')} (sync of pages)", "accept-encoding": "identity"}
        # Redirects are not followed: one that leads to a log-in form would look like an open page.
        self._client = httpx.Client(headers={**agent, **(headers or {})}, timeout=_TIMEOUT, follow_redirects=False)
        self._throttle = throttle
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def get(self, address: str, parameters: Mapping[str, str]) -> Reply:
        """The reply to a GET."""
        return self._ask(self._client.build_request("GET", address, params=parameters))

    def post(self, address: str, content: bytes, content_type: str) -> Reply:
        """The reply to a POST."""
        headers = {"content-type": content_type}
        return self._ask(self._client.build_request("POST", address, content=content, headers=headers))

    def _ask(self, request: httpx.Request) -> Reply:
        """The reply. Raises `SourceError` if there is none, or only errors, after some tries."""
        trouble = ""
        for tried in range(_TRIES):
            wait = float(2**tried)
            self._throttle.wait()
            try:
                reply, asked_for = self._reply(request)
                if reply.status != httpx.codes.TOO_MANY_REQUESTS and reply.status < httpx.codes.INTERNAL_SERVER_ERROR:
                    return reply
                trouble, wait = f"it answers {reply.status}", max(wait, asked_for)
            except httpx.HTTPError as error:
                trouble = str(error) or type(error).__name__
            if tried + 1 < _TRIES:
                self._sleep(min(wait, _LONGEST_WAIT))
        raise SourceError(f"{request.url.host} cannot be asked: {trouble}, after {_TRIES} tries.")

    def _reply(self, request: httpx.Request) -> tuple[Reply, float]:
        response = self._client.send(request, stream=True)
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise SourceError(f"{request.url.host} packs its answers, which it was asked not to do.")
            body, end = bytearray(), time.monotonic() + _LONGEST_REPLY
            for piece in response.iter_raw():
                body += piece
                if len(body) > MAX_BYTES:
                    raise SourceError(f"{request.url.host} answers with more than {MAX_BYTES:,} bytes.")
                if time.monotonic() > end:
                    raise SourceError(f"{request.url.host} has not ended its answer after {_LONGEST_REPLY:.0f} s.")
        finally:
            response.close()
        after = response.headers.get("retry-after", "")
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        reply = Reply(response.status_code, content_type, response.headers.get("location"), bytes(body))
        return reply, float(after) if after.isascii() and after.isdigit() else 0.0
