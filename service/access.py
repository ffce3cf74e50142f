"""Who may ask: hosts, keys, origins, scopes and rate limits, looked at before a handler is called."""

import logging
import math
from functools import partial
from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from corpus.errors import KeysError
from service.addresses import LOOPBACK_NAMES, client_identity, host_name
from service.buckets import Buckets
from service.cors import is_preflight
from service.exposure import SCOPE, access_mode
from service.keys import Key, KeyFile, looks_like_key
from service.origins import same_origin
from service.problems import problem
from service.settings import Settings

__all__ = ["Access", "count_more"]

_log = logging.getLogger(__name__)

RATE_LIMIT = 120
"""Requests a minute, where the settings say nothing and others can reach the service."""

Connection = ASGIConnection[Any, Any, Any, Any]


_READING = ("GET", "HEAD")

_SAME = "same-origin"


class Access(ASGIMiddleware):
    """What the settings and the keys allow, and how much of it was used; looked at once a route is found."""

    def __init__(self, settings: Settings) -> None:
        self.mode = access_mode(settings)
        self.keys = KeyFile(settings.store)
        limit = settings.rate_limit if settings.rate_limit is not None else 0 if self.mode == "loopback" else RATE_LIMIT
        self.callers = Buckets(limit)
        self.visitors = Buckets(settings.widget_rate_limit)
        self.by_address = not settings.public if settings.ask_by_address is None else settings.ask_by_address
        self._origins = frozenset(settings.allow_origins)
        self.hosts = frozenset(settings.allowed_hosts) or (
            LOOPBACK_NAMES | {settings.host} if self.mode == "loopback" else None
        )

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Lets a request through, or raises the problem that it is refused with."""
        if not is_preflight(scope):
            try:
                self._check(ASGIConnection(scope), scope["route_handler"].opt)
            except KeysError as error:
                _log.error("No key can be checked: %s", error)
                detail = "The service cannot read its keys. Its log tells the operator why."
                raise problem("keys-unreadable", detail) from None
        await next_app(scope, receive, send)

    def _check(self, connection: Connection, opt: dict[str, Any]) -> None:
        if not opt.get("any_host"):
            self._check_host(connection)
        scope = opt.get(SCOPE, "ask")
        if scope is None:
            return
        internal = self.mode != "loopback" and "internal" in opt
        key = self._key(connection, needed=self.mode == "keys" or scope == "admin" or internal)
        self._check_rate(connection, key)
        self._check_origin(connection, key)
        if key is not None and (scope not in key.scopes or (internal and key.publishable)):
            raise problem(
                "scope-missing",
                f"A secret key with the scope {scope} is needed.",
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
            )
        connection.scope["auth"] = key

    def reads(self, origin: str) -> bool:
        """Whether pages of an origin may read answers: it is allowed, or a publishable key is bound to it."""
        try:
            return origin in self._origins or any(origin in key.origins for key in self.keys.read())
        except KeysError:
            return False

    def _check_host(self, connection: Connection) -> None:
        """A page of a foreign name that is made to point at this machine must not read what is open here."""
        if self.hosts is None:
            return
        name = host_name(connection.headers.get("host", ""))
        # The address at which the connection came in is no foreign name, either.
        arrived = connection.scope.get("server")
        if name is None or (name not in self.hosts and not (arrived and name == arrived[0])):
            raise problem(
                "unknown-host",
                "The service does not go by the name in the header Host. The operator adds one to allowed_hosts.",
            )

    def _key(self, connection: Connection, *, needed: bool) -> Key | None:
        """The key that was sent, which is looked at even where none is needed; guesses count for their address."""
        scheme, _, words = connection.headers.get("authorization", "").partition(" ")
        words = words.strip()
        sent = scheme.lower() == "bearer" and looks_like_key(words)
        key = self.keys.find(words) if sent else None
        if key is not None or not (sent or needed):
            return key
        self._check_rate(connection, None)
        if sent:
            raise problem(
                "key-unknown",
                "The key is not in force here. Check that it was copied whole and not revoked.",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        raise problem(
            "key-missing",
            "Send a key in the header: Authorization: Bearer KEY. The operator makes one with loccit keys create.",
            headers={"WWW-Authenticate": "Bearer"},
        )

    def _check_rate(self, connection: Connection, key: Key | None) -> None:
        """A secret key counts for itself; a publishable one for each address, so that no visitor shuts out others."""
        address = client_identity(connection.client.host if connection.client else "")
        buckets = self.visitors if key and key.publishable else self.callers
        identity = address if key is None else f"{key.id} {address}" if key.publishable else key.id
        connection.state.count_more = partial(_take, buckets, identity)
        _refuse(buckets, buckets.wait(identity))

    def _check_origin(self, connection: Connection, key: Key | None) -> None:
        """A browser says truly which page asks; whoever has a secret key needs no page."""
        if key is not None and not key.publishable:
            return
        origin = connection.headers.get("origin")
        own = _is_own(connection, origin)
        if key is not None and not own and origin not in key.origins:
            raise problem(
                "origin-not-allowed",
                "This key is for pages of the origins that it was made for, and the request comes from none of them.",
            )
        if key is None and origin is not None and not own and origin not in self._origins:
            raise problem(
                "origin-not-allowed",
                "Pages of this origin may not ask here. The operator adds it to allow_origins, or makes a key for it "
                "with loccit keys create --origin.",
            )


def _is_own(connection: Connection, origin: str | None) -> bool:
    """Whether a page of the service's own origin asks.

    Its GET names no origin, and where it came by plain HTTP not even that it is of the same one. A page of another
    origin names its own with each request that carries a key.
    """
    if origin is None:
        return connection.scope.get("method") in _READING and connection.headers.get("sec-fetch-site", _SAME) == _SAME
    return same_origin(origin, connection.headers.get("host", ""))


def _take(buckets: Buckets, identity: str, requests: int) -> None:
    _refuse(buckets, buckets.take(identity, requests))


def _refuse(buckets: Buckets, wait: float) -> None:
    seconds = math.ceil(wait)
    if seconds:
        raise problem(
            "rate-limited",
            f"At most {buckets.per_minute} requests a minute are answered. Ask again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
        )


def count_more(connection: Connection, requests: int) -> None:
    """Counts a request that was let through for as many more, as a batch of questions is.

    Raises the problem of too many requests where others have been counted beyond the limit since.
    """
    connection.state.count_more(requests)
