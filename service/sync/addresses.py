"""The addresses under which a wiki's pages are read."""

import re
from urllib.parse import quote, urlsplit

import msgspec

from corpus.dokuwiki_configuration import Configuration
from corpus.errors import SettingsError

__all__ = ["PageAddresses", "wiki_address"]

_PLACE = "{id}"
_PLAIN = f"doku.php?id={_PLACE}"


class PageAddresses(msgspec.Struct, frozen=True):
    """The address of a page, with ``{id}`` where its id stands; `slashes` parts its namespaces by them."""

    pattern: str
    slashes: bool = False

    def of(self, page: str) -> str:
        """The address of a page.

        >>> PageAddresses.parse("https://wiki.example/").of("clinic:über uns")
        'https://wiki.example/doku.php?id=clinic:%C3%BCber%20uns'
        """
        page = page.replace(":", "/") if self.slashes else page
        return self.pattern.replace(_PLACE, quote(page, safe=":/;"))

    @classmethod
    def parse(cls, given: str) -> "PageAddresses":
        """From a wiki's address, or from the address of a page with ``{id}`` in it.

        Raises `SettingsError` if it is no web address.
        """
        if urlsplit(given).scheme not in {"http", "https"} or re.search(r"\s", given):
            raise SettingsError(f"{given!r} is no web address. Give one like https://wiki.example.org/.")
        return cls(given if _PLACE in given else wiki_address(given) + _PLAIN)

    @classmethod
    def configured(cls, configuration: Configuration) -> "PageAddresses | None":
        """As a wiki's configuration has them, if it states its address."""
        base = configuration.text("baseurl")
        if not base:
            return None
        base = base.rstrip("/") + "/" + configuration.text("basedir").strip("/")
        rewritten = configuration.text("userewrite", "0")
        tail = {"0": _PLAIN, "1": _PLACE, "2": f"doku.php/{_PLACE}"}.get(rewritten, _PLAIN)
        slashes = tail != _PLAIN and configuration.is_on("useslash")
        return cls(pattern=base.rstrip("/") + "/" + tail, slashes=slashes)


def wiki_address(given: str) -> str:
    """The folder of a wiki's ``doku.php``, from the address of the wiki or of a page.

    >>> wiki_address("https://wiki.example/doku.php?id=start"), wiki_address("https://example.org/wiki")
    ('https://wiki.example/', 'https://example.org/wiki/')
    """
    address = re.split(r"[?#]|/doku\.php", given, maxsplit=1)[0]
    return address.rstrip("/") + "/"
