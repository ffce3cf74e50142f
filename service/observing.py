"""Every request from outside: its id, its deadline, and what is told of it in headers, log, metrics and traces."""

import asyncio
import re
import time
import uuid
from typing import Any

import structlog
from litestar import Request
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from index.stages import Seconds, recorded
from service.metrics import REQUEST_SECONDS, REQUESTS, STAGE_SECONDS
from service.problems import too_late
from service.tracing import traced

__all__ = ["observed"]

_log = structlog.get_logger("loccit.request")

_REQUEST_ID = re.compile(r"[\w.:/+=-]{1,128}", re.ASCII)

_READING = 60.0
"""Seconds for which a client may take to read a response."""


def observed(app: ASGIApp, *, deadline: float) -> ASGIApp:
    """The application, each of whose requests is answered within `deadline` seconds, and told of.

    It stands around the application, since a middleware within it does not see what no route takes.
    """

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        headers = Headers.from_scope(scope)
        with recorded() as stages:
            told = _Told(scope, _request_id(headers.get("x-request-id")), stages)
            with structlog.contextvars.bound_contextvars(request_id=told.id), traced(headers) as span:
                try:
                    async with asyncio.timeout(deadline) as patience:
                        await app(scope, receive, told.sending(send, patience))
                except TimeoutError:
                    if told.status:
                        raise  # the client reads too slowly, and its connection is closed
                    await _send_too_late(scope, receive, told.sending(send))
                told.tell()
                span(told.method, told.route, told.status, stages)

    return handle


class _Told:
    """What is told of a request. No part of it is a text that somebody wrote, but for an id that was sent along."""

    def __init__(self, scope: HTTPScope, request_id: str, stages: Seconds) -> None:
        self._scope = scope
        self._start = time.perf_counter()
        self._stages = stages
        self.id = request_id
        self.status = 0

    @property
    def method(self) -> str:
        """The method of the request."""
        return str(self._scope["method"])

    @property
    def route(self) -> str:
        """The route that takes the request, with the names of its parameters; empty where none does."""
        return str(self._scope.get("path_template", ""))

    def sending(self, send: Send, patience: asyncio.Timeout | None = None) -> Send:
        """`send`, with the headers of this request; once a response begins, its deadline is that of reading it."""

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                headers = MutableScopeHeaders.from_message(message)
                headers["X-Request-ID"] = self.id
                headers["Server-Timing"] = self._timing()
                headers["X-Content-Type-Options"] = "nosniff"
                if patience:
                    # A stream lasts as long as its client wants it.
                    is_stream = headers.get("content-type", "").startswith("text/event-stream")
                    patience.reschedule(None if is_stream else asyncio.get_running_loop().time() + _READING)
            await send(message)

        return tell

    def tell(self) -> None:
        """Counts and logs the request."""
        seconds = time.perf_counter() - self._start
        REQUESTS.labels(self.method, self.route, self.status).inc()
        REQUEST_SECONDS.labels(self.route).observe(seconds)
        for stage, took in self._stages.items():
            STAGE_SECONDS.labels(stage).observe(took)
        _log.info("request", method=self.method, route=self.route, status=self.status, ms=round(1000 * seconds, 2))

    def _timing(self) -> str:
        spent = {**self._stages, "total": time.perf_counter() - self._start}
        return ", ".join(f"{name};dur={1000 * seconds:.2f}" for name, seconds in spent.items())


def _request_id(given: str | None) -> str:
    """The id that came along, if it is one, else a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


async def _send_too_late(scope: Scope, receive: Receive, send: Send) -> None:
    request: Request[Any, Any, Any] = Request(scope, receive, send)
    response = too_late().to_response(request).to_asgi_response(None, request)
    await response(scope, receive, send)
