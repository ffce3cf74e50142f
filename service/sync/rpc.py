"""DokuWiki's remote API as both of its protocols have it: JSON-RPC, and XML-RPC for releases before 2024.

Source: https://www.dokuwiki.org/devel:remote_api.
"""

import re
from typing import Any, Protocol
from xmlrpc import client as xmlrpc

import msgspec

from corpus.errors import SourceError
from service.sync.polite import PoliteClient, Reply

__all__ = ["DeniedError", "FaultError", "JsonRpc", "Rpc", "XmlRpc", "speaks_json"]

_DENIED = {111, 114, -32604}
_NOT_ALLOWED = {401, 403}
_OFF = -32605
_SWITCHED_OFF = (
    "The wiki's remote API is off. Its administrator turns it on in the configuration manager: remote on, and "
    "remoteuser empty or naming who may use it."
)
_NO_XML = bytes(code for code in range(32) if code not in b"\t\n\r")
"""Characters that pages may hold and XML may not."""


class FaultError(SourceError):
    """The wiki answers a call with an error."""


class DeniedError(FaultError):
    """The wiki does not allow a call, or does not let a page be read."""


class SwitchedOffError(SourceError):
    """The wiki has its remote API switched off."""


class Rpc(Protocol):
    """Calls of one wiki, by one account or none."""

    def call(self, method: str, *parameters: Any) -> Any:
        """The result. Raises `DeniedError` or another `FaultError`, or `SourceError` where the wiki does not answer."""


class _Error(msgspec.Struct):
    code: int
    message: str


class _Envelope(msgspec.Struct):
    result: Any = None
    error: _Error | None = None


class JsonRpc:
    """Calls to ``lib/exe/jsonrpc.php``."""

    def __init__(self, client: PoliteClient, address: str) -> None:
        self._client = client
        self._address = address + "lib/exe/jsonrpc.php"

    def call(self, method: str, *parameters: Any) -> Any:
        """The result, as `Rpc` says."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        reply = self._client.post(self._address, msgspec.json.encode(asked), "application/json")
        try:
            envelope = msgspec.json.decode(reply.body, type=_Envelope)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _no_answer(self._address, reply) from error
        if envelope.error:
            raise _fault(envelope.error.code, envelope.error.message, reply)
        return envelope.result


class XmlRpc:
    """Calls to ``lib/exe/xmlrpc.php``."""

    def __init__(self, client: PoliteClient, address: str) -> None:
        self._client = client
        self._address = address + "lib/exe/xmlrpc.php"

    def call(self, method: str, *parameters: Any) -> Any:
        """The result, as `Rpc` says."""
        asked = xmlrpc.dumps(parameters, method, encoding="utf-8").encode()
        reply = self._client.post(self._address, asked, "text/xml")
        if reply.status in _NOT_ALLOWED:
            # Releases before 2024 answer with an empty struct beside the status.
            raise DeniedError(f"The wiki does not allow {method} to who asks.")
        try:
            (result,), _ = xmlrpc.loads(reply.body.translate(None, _NO_XML))
        except xmlrpc.Fault as fault:
            raise _fault(fault.faultCode, fault.faultString, reply) from fault
        except Exception as error:  # what expat and xmlrpc raise for what is no answer has no common name
            raise _no_answer(self._address, reply) from error
        return result


def speaks_json(client: PoliteClient, address: str) -> bool:
    """Whether a wiki has the JSON protocol, allowed or not."""
    try:
        JsonRpc(client, address).call("core.getAPIVersion")
    except (FaultError, SwitchedOffError):
        return True
    except SourceError:
        return False
    return True


def _fault(code: int, message: str, reply: Reply) -> SourceError:
    message = re.sub(r"\s+", " ", message)[:200]
    if code == _OFF or "not enabled" in message:
        return SwitchedOffError(_SWITCHED_OFF)
    if reply.status in _NOT_ALLOWED or code in _DENIED:
        return DeniedError(f"The wiki does not allow it: {message}")
    return FaultError(f"The wiki answers with an error: {message} ({code}).")


def _no_answer(address: str, reply: Reply) -> SourceError:
    if reply.location:
        return SourceError(f"{address} redirects to {reply.location!r}. Name the wiki by the address that it leads to.")
    if reply.status in _NOT_ALLOWED:
        return DeniedError(f"{address} may not be called (status {reply.status}).")
    return SourceError(
        f"{address} gives no answer of a DokuWiki (status {reply.status}). Check the address; it is that of the folder "
        "in which doku.php lies."
    )
