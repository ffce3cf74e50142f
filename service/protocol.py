"""HTTP as uvicorn reads it, with bounds on the head of a request and on what comes beside its body."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["MOST_HEAD", "BoundedProtocol"]

MOST_HEAD = 64 << 10
"""Bytes of a request's line and headers, but for what comes in one piece with their end; and of trailers."""

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """Closes connections on which no whole head comes in time, and those whose head is too large.

    uvicorn itself would keep the one open for ever, and the other in memory.
    """

    patience = 10.0
    """Seconds within which a request's line and headers must have come."""

    _head = 0
    _in_head = True
    _beside = 0
    _has_said_all = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A connection was opened."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection was closed."""
        self._stop_timer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._in_head, self._head = True, 0
        if self._timer is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """The head of a request is whole."""
        self._in_head, self._beside = False, 0
        self._stop_timer()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Some bytes of requests."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MOST_HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()
        else:
            self._beside += len(data)
            if self._beside > MOST_HEAD:
                self.transport.close()
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            # The rest of a body, or a line break, has ended uvicorn's own wait for the next request.
            self._expect_head()

    def on_body(self, body: bytes) -> None:
        """Some bytes of a body. What comes beside it, such as the trailers of its chunks, may not be much more."""
        self._beside -= 8 * len(body)
        super().on_body(body)

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes a bool, uvicorn gives none
        """The client closed its half of the connection; whether it may wait for the answer to a whole request."""
        self._has_said_all = True
        return self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body

    def on_response_complete(self) -> None:
        """A response was sent. The rest of a body that nobody reads any more has as long to come as a head."""
        super().on_response_complete()
        if self._has_said_all and not self.pipeline:
            self.transport.close()

    def _expect_head(self) -> None:
        self._timer = self.loop.call_later(self.patience, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
