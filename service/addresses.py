"""Who asks and by what name: hosts, client addresses, and the networks of proxies."""

import re
from ipaddress import IPv6Address, ip_address, ip_network

from corpus.errors import SettingsError

__all__ = ["check_host", "check_network", "client_identity", "host_name", "is_loopback"]

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)

_HOST = re.compile(r"(?:\[(?P<literal>[0-9a-f:.]+)\]|(?P<name>[^\[\]:@/]+))(?::[0-9]*)?", re.ASCII | re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether a host that is listened at can be reached from this machine alone.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "", "wiki.example.org")]
    [True, True, True, False, False, False]
    """
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def host_name(header: str) -> str | None:
    """The name in a header ``Host``, in small letters and without its port, or None if there is none.

    >>> host_name("Wiki.example.org:8000"), host_name("[::1]:8000"), host_name("a@b")
    ('wiki.example.org', '::1', None)
    """
    found = _HOST.fullmatch(header)
    return (found["literal"] or found["name"]).lower() if found else None


def client_identity(address: str) -> str:
    """What stands for a client: its address, or the /64 network of IPv6, of which one customer has all addresses.

    >>> client_identity("192.0.2.7"), client_identity("2001:db8::1:2:3:4"), client_identity("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7')
    """
    if not _is_address(address):
        return address[:100]
    parsed = ip_address(address)
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed) >> 64 << 64, 64)))


def check_host(host: str, setting: str) -> None:
    """Raises `SettingsError` unless a host is a name in small letters or an address, without a port."""
    if not _NAME.fullmatch(host) and not _is_address(host):
        raise SettingsError(
            f"`{setting}` has {host!r}. Write the name or address alone, in small letters and without a port, "
            "as wiki.example.org; there are no wildcards."
        )


def check_network(network: str, setting: str) -> None:
    """Raises `SettingsError` unless a network is an IP address or such a network as 10.0.0.0/8."""
    try:
        ip_network(network)
    except ValueError as error:
        raise SettingsError(
            f"`{setting}` has {network!r}: {error}. Write an address such as 127.0.0.1 or a network such as 10.0.0.0/8."
        ) from None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
