"""How far a service is open, and what its routes need.

A route says what it needs by its ``opt``: ``{"scope": "ask"}`` or ``{"scope": "admin"}``, or None where there is
nothing to protect. A route that says nothing needs ``ask``.
"""

from typing import Any, Literal

from corpus.errors import SettingsError
from service.addresses import is_loopback
from service.keys import KeyFile
from service.settings import Settings

__all__ = ["INTERNAL", "OPEN", "PROBE", "SCOPE", "Mode", "access_mode", "require_access"]

SCOPE = "scope"

OPEN: dict[str, Any] = {SCOPE: None}
"""The `opt` of a route that anyone may read: pages, scripts, the description of the API."""

PROBE: dict[str, Any] = {SCOPE: None, "any_host": True}
"""The `opt` of a route for probes, which call a machine by its address."""

INTERNAL: dict[str, Any] = {SCOPE: "ask", "internal": True}
"""The `opt` of a route for the operator, which needs a secret key wherever others reach the service."""

Mode = Literal["loopback", "keys", "public"]


def access_mode(settings: Settings) -> Mode:
    """Whether the service is open to this machine alone, to keys, or to everyone.

    Where a proxy is trusted, others ask through it, and a loopback address protects nothing.
    """
    if settings.public:
        return "public"
    return "loopback" if is_loopback(settings.host) and not settings.trusted_proxies else "keys"


def require_access(settings: Settings) -> None:
    """Raises `SettingsError` if nobody could ask, and `KeysError` if the keys cannot be read."""
    if not KeyFile(settings.store).read() and access_mode(settings) == "keys":
        where = (
            f"behind the proxies {', '.join(settings.trusted_proxies)}" if settings.trusted_proxies else settings.host
        )
        raise SettingsError(
            f"The service can be reached by others ({where}), and {settings.store} has no key. Make one with "
            f"loccit keys create --index {settings.store}, or let everyone ask with `public = true`."
        )
