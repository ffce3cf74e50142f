"""What a wiki that is followed can be asked, and which of its pages are followed."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Protocol

import msgspec

from service.sync.addresses import PageAddresses

__all__ = ["NOT_FOLLOWED", "ListedPage", "Wiki", "followed"]

NOT_FOLLOWED = ("wiki:dokuwiki", "wiki:syntax", "wiki:welcome", "playground:playground")
"""The pages that DokuWiki comes with, which tell of DokuWiki and not of the wiki's matter."""

_CLEAN = re.compile(
    r"[^\s:/\\A-Z._\x00-\x1f-][^\s:/\\A-Z\x00-\x1f]*(?::[^\s:/\\A-Z._\x00-\x1f-][^\s:/\\A-Z\x00-\x1f]*)*"
)
"""What DokuWiki lets an id be: parts without white space or capitals, none begun with a dot or a line."""
_LONGEST = 250
"""Bytes of a part, so that it can be the name of a file."""


class ListedPage(msgspec.Struct, frozen=True):
    """A page as a wiki lists it. `revision` changes whenever the text does; `modified` is an ISO date."""

    revision: str
    modified: str | None


class Wiki(Protocol):
    """A wiki. Each method raises `SourceError` where it cannot tell."""

    @property
    def name(self) -> str:
        """Its folder or its address."""

    @property
    def addresses(self) -> PageAddresses | None:
        """Where its pages are read, if that is known."""

    def pages(self) -> Mapping[str, ListedPage]:
        """The pages that may be read, by id, as they are now."""

    def is_closed(self, page: str) -> bool:
        """Whether a page that is not listed exists and may not be read."""

    def read(self, page: str) -> bytes:
        """The text of a page."""


def followed(page: str, *, excluded: Iterable[str], sidebar: str = "sidebar") -> bool:
    """Whether a page is one that is followed, going by its id alone.

    Ids that DokuWiki would not open, sidebars and the pages that DokuWiki comes with are none; nor is what
    `excluded` names, ``*`` standing for anything.

    >>> [followed(page, excluded=["user:*"]) for page in ("spine", "user:ada", "clinic:sidebar", "../x", "wiki:syntax")]
    [True, False, False, False, False]
    """
    parts = page.split(":")
    return (
        bool(_CLEAN.fullmatch(page))
        and max(len(part.encode()) for part in parts) <= _LONGEST
        and page not in NOT_FOLLOWED
        and not (sidebar and parts[-1] == sidebar.rpartition(":")[2])
        and not any(fnmatchcase(page, pattern) for pattern in excluded)
    )
