"""Origins of pages, as browsers write them (RFC 6454)."""

import re
from ipaddress import ip_address

from corpus.errors import SettingsError

__all__ = ["check_origin", "same_origin"]

_PORTS = {"http": ":80", "https": ":443"}

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[(?P<literal>[0-9a-f:.]+)\])(?P<port>:[1-9][0-9]{0,4})?",
    re.ASCII,
)


def check_origin(origin: str, setting: str) -> None:
    """Raises `SettingsError` unless an origin is written as browsers write it, and so can be compared.

    >>> check_origin("https://wiki.example.org:8443", "allow_origins")
    """
    if not _is_origin(origin):
        raise SettingsError(
            f"`{setting}` has {origin!r}. Write an origin as a browser does: https://wiki.example.org, in small "
            "letters, with a port only where it is not the scheme's own, and without a path or a wildcard."
        )


def _is_origin(text: str) -> bool:
    found = _ORIGIN.fullmatch(text)
    if found is None or found["port"] == _PORTS[found["scheme"]] or int((found["port"] or ":1")[1:]) > 65535:
        return False
    try:
        return found["literal"] is None or ip_address(found["literal"]).compressed == found["literal"]
    except ValueError:
        return False


def same_origin(origin: str, host: str) -> bool:
    """Whether a page of an origin lies on the host that it asks.

    The scheme is not compared: behind a proxy that ends TLS, the service cannot know what the browser used.

    >>> same_origin("https://wiki.example.org", "wiki.example.org"), same_origin("null", "null")
    (True, False)
    """
    scheme, _, rest = origin.partition("://")
    return scheme in _PORTS and rest == host.lower().removesuffix(_PORTS[scheme])
