"""A wiki followed over its remote API, which lists and gives what the account that asks may read."""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from corpus.errors import SettingsError, SourceError
from service.sync.addresses import PageAddresses, wiki_address
from service.sync.polite import PoliteClient, Throttle
from service.sync.rpc import DeniedError, FaultError, JsonRpc, Rpc, XmlRpc, speaks_json
from service.sync.wikis import ListedPage, followed

__all__ = ["Login", "RemoteWiki"]

_OK = 200
_SHOWN = b'"ACT":"show"'
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})T")


class Login(msgspec.Struct, frozen=True):
    """An account of the wiki: a user with a password, or a token alone, which releases since 2024 give."""

    user: str = ""
    password: str = ""
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What carries it."""
        if self.token:
            return {"authorization": f"Bearer {self.token}"}
        return {"authorization": "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()}


class _Page(msgspec.Struct):
    """A page as the JSON protocol lists it."""

    id: str
    revision: int
    size: int | bool


class RemoteWiki:
    """The wiki at an address, asked `rate` times a second at most. To be used as a context, which closes connections.

    Without a login it is asked as an anonymous visitor, who is told of readable pages alone. With one, and without
    `include_private`, the login only lists pages where anonymous visitors may not call the API; each page is then
    asked for as a visitor of the wiki would.

    Raises `SettingsError` if the address is none, or holds a password.
    """

    def __init__(
        self,
        address: str,
        *,
        login: Login | None = None,
        include_private: bool = False,
        excluded: Sequence[str] = (),
        rate: float = 5.0,
    ) -> None:
        if not urlsplit(address).hostname or "@" in urlsplit(address).netloc:
            raise SettingsError(
                f"{urlsplit(address).hostname or address!r} is not named by a plain address. Give one like "
                "https://wiki.example.org/, and a login by LOCCIT_SYNC_USER and LOCCIT_SYNC_PASSWORD."
            )
        self._address = wiki_address(address)
        self._include_private = include_private
        self._excluded = excluded
        self._login = login
        throttle = Throttle(rate)
        self._visitor = PoliteClient(throttle)
        self._member = PoliteClient(throttle, headers=login.headers) if login else None
        self._json: bool | None = None
        self._rpc: Rpc | None = None
        self._closed: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._visitor.close()
        if self._member:
            self._member.close()

    @property
    def name(self) -> str:
        """The address of the wiki."""
        return self._address

    @property
    def addresses(self) -> PageAddresses:
        """Where its pages are read: the form that every DokuWiki knows, however it rewrites addresses."""
        return PageAddresses.parse(self.name)

    def pages(self) -> Mapping[str, ListedPage]:
        """The pages that may be read and that the wiki's own search knows, which hidden ones are not of."""
        if self._json is None:
            self._json = speaks_json(self._visitor, self.name)
        self._closed = frozenset()
        if self._member and self._include_private:
            return self._listed(self._logged_in(self._member))
        try:
            return self._listed(self._speaking(self._visitor))
        except DeniedError:
            if not self._member:
                raise SourceError(
                    f"{self.name} lets nobody list its pages without a login. Its administrator leaves remoteuser "
                    "empty in the configuration manager, or gives you an account for LOCCIT_SYNC_USER and "
                    "LOCCIT_SYNC_PASSWORD."
                ) from None
        listed = self._listed(self._logged_in(self._member))
        opened = {page: found for page, found in listed.items() if self._is_open(page)}
        self._closed = frozenset(listed.keys() - opened.keys())
        return opened

    def is_closed(self, page: str) -> bool:
        """Whether a page exists and the account that reads the wiki may not read it."""
        if page in self._closed:
            return True
        try:
            self._call("core.getPageInfo" if self._json else "wiki.getPageInfo", page)
        except DeniedError:
            return True
        except FaultError:
            return False
        return False

    def read(self, page: str) -> bytes:
        """The text of a page."""
        text = self._call("core.getPage" if self._json else "wiki.getPage", page)
        if not isinstance(text, str):
            raise FaultError("is not given by the wiki.")
        return text.encode()

    def _speaking(self, client: PoliteClient) -> Rpc:
        self._rpc = JsonRpc(client, self.name) if self._json else XmlRpc(client, self.name)
        return self._rpc

    def _logged_in(self, client: PoliteClient) -> Rpc:
        """Calls by the login, which is tried first: with a wrong one DokuWiki answers as to an anonymous visitor."""
        rpc = self._speaking(client)
        try:
            if self._json:
                accepted = bool(rpc.call("core.whoAmI"))
            else:
                accepted = bool(self._login and rpc.call("dokuwiki.login", self._login.user, self._login.password))
        except FaultError:
            accepted = False
        if not accepted:
            raise SourceError(
                f"{self.name} refuses the login, or does not let it use the remote API. Correct LOCCIT_SYNC_USER and "
                "LOCCIT_SYNC_PASSWORD, or have the account named in remoteuser."
            )
        return rpc

    def _listed(self, rpc: Rpc) -> dict[str, ListedPage]:
        entries = rpc.call("core.listPages", "", 0, False) if self._json else rpc.call("wiki.getAllPages")
        try:
            found = (_from_json(entry) if self._json else _from_xml(entry) for entry in entries)
            return {page: listed for page, listed in found if followed(page, excluded=self._excluded)}
        except (TypeError, KeyError, ValueError) as error:
            raise SourceError(f"{self.name} lists its pages in a form that is not known.") from error

    def _is_open(self, page: str) -> bool:
        """Whether a visitor without a login gets a page's text, or where that is switched off the page itself.

        DokuWiki denies a page with one of HTML and status 200, in which a script says what it shows.
        """
        reply = self._visitor.get(self._address + "doku.php", {"id": page, "do": "export_raw"})
        return reply.status == _OK and (reply.content_type == "text/plain" or _SHOWN in reply.body)

    def _call(self, method: str, page: str) -> Any:
        if self._rpc is None:
            raise SourceError("The pages were not listed yet.")
        return self._rpc.call(method, page)


def _from_json(entry: Any) -> tuple[str, ListedPage]:
    page = msgspec.convert(entry, _Page)
    return page.id, ListedPage(
        f"{page.revision} {page.size}", datetime.fromtimestamp(page.revision, UTC).date().isoformat()
    )


def _from_xml(entry: Any) -> tuple[str, ListedPage]:
    changed = str(entry["lastModified"])
    day = _DAY.match(changed)
    return str(entry["id"]), ListedPage(f"{changed} {entry['size']}", "-".join(day.groups()) if day else None)
