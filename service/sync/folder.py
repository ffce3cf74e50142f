"""A wiki followed in its own folder, whose access rules and configuration are read with it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from corpus.dokuwiki_acl import AccessRules, read_rules
from corpus.dokuwiki_configuration import Configuration, read_configuration
from corpus.errors import SourceError
from corpus.source_files import SourceFile
from corpus.wiki_folders import list_wiki, wiki_folder
from service.sync.addresses import PageAddresses
from service.sync.wikis import ListedPage, followed

__all__ = ["FolderWiki"]


class FolderWiki:
    """The wiki in a folder: its root, its data folder or its ``pages``; `conf` is its folder of configuration.

    Raises `SourceError` if there is no wiki, or no configuration to tell who may read it.
    """

    def __init__(
        self, source: Path, *, conf: Path | None = None, include_private: bool = False, excluded: Sequence[str] = ()
    ) -> None:
        data = wiki_folder(source.resolve())
        if data is None:
            raise SourceError(
                f"{source} is no folder of a DokuWiki: it has no pages beside meta or attic. "
                "Name the wiki's root, its data folder, or its address."
            )
        self._data = data
        self._conf = conf or data.parent / "conf"
        self._include_private = include_private
        self._excluded = excluded
        self._files: dict[str, SourceFile] = {}
        self._rules: AccessRules | None = None
        if conf is None and not self._conf.is_dir():
            raise SourceError(
                f"{self._conf} is missing, so it is not known who may read the wiki. Name its folder of "
                "configuration with --conf (Debian has it in /etc/dokuwiki)."
            )

    @property
    def name(self) -> str:
        """The data folder."""
        return str(self._data)

    @property
    def addresses(self) -> PageAddresses | None:
        """Where its pages are read, if its configuration states that."""
        return PageAddresses.configured(read_configuration(self._conf))

    def pages(self) -> Mapping[str, ListedPage]:
        """The pages that anonymous visitors may read, by the rules as they are now, and that are not hidden."""
        configuration = read_configuration(self._conf)
        if configuration.text("fnencode", "url") == "safe":
            raise SourceError("The wiki has $conf['fnencode'] = 'safe'. Follow it by its address instead.")
        hidden = _hidden_pages(configuration.text("hidepages"))
        sidebar = configuration.text("sidebar", "sidebar")
        self._rules = self._read_rules(configuration)
        self._files = {_identity(file): file for file in list_wiki(self._data)}
        return {
            page: listed
            for page, file in self._files.items()
            if self._may_read(page)
            and followed(page, excluded=self._excluded, sidebar=sidebar)
            and not (hidden and hidden.search(f":{page}"))
            and (listed := _listed(file))
        }

    def is_closed(self, page: str) -> bool:
        """Whether a page existed when the pages were listed, and the rules close it."""
        return page in self._files and not self._may_read(page)

    def read(self, page: str) -> bytes:
        """The bytes of a listed page's file."""
        try:
            return self._files[page].path.read_bytes()
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}.") from error

    def _may_read(self, page: str) -> bool:
        return self._rules is None or self._rules.opens(page)

    def _read_rules(self, configuration: Configuration) -> AccessRules | None:
        """The rules, or None where all pages may be read."""
        if self._include_private or not configuration.is_on("useacl"):
            return None
        path = self._conf / "acl.auth.php"
        try:
            return read_rules(path.read_text("utf-8", errors="replace"))
        except OSError as error:
            raise SourceError(
                f"{path} cannot be read ({error.strerror}), so it is not known who may read the wiki. Run loccit as a "
                "user who may, or take all pages in with --include-private."
            ) from error


def _identity(file: SourceFile) -> str:
    return ":".join(file.name.with_suffix("").parts)


def _listed(file: SourceFile) -> ListedPage | None:
    """The page of a file, unless it was deleted at this moment."""
    try:
        status = file.path.stat()
    except FileNotFoundError:
        return None
    return ListedPage(f"{status.st_mtime_ns} {status.st_size}", file.modified)


def _hidden_pages(pattern: str) -> re.Pattern[str] | None:
    """The pattern of the pages that the wiki leaves out of its own search and lists."""
    try:
        return re.compile(pattern, re.IGNORECASE) if pattern else None
    except re.error as error:
        raise SourceError(
            f"The wiki's $conf['hidepages'] is {pattern!r}, which loccit cannot read ({error}). Write it more plainly, "
            "or follow the wiki by its address."
        ) from error
