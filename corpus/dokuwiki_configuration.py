"""A DokuWiki's configuration, read from its PHP files without running them.

Source: https://www.dokuwiki.org/config. Only plain values are known: ``$conf['useacl'] = 1;``.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from corpus.errors import SourceError

__all__ = ["Configuration", "read_configuration"]

_FILES = ("dokuwiki.php", "local.php", "local.protected.php")
"""In the order in which DokuWiki reads them; what comes later holds."""

_STRING = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_STATEMENT = re.compile(
    rf"""
    (?://|\#)[^\n]* | /\*.*?\*/
    | \$conf\s*\[\s*(?P<quote>['"])(?P<name>\w+)(?P=quote)\s*\]\s*=(?![=>])\s*
      (?:(?P<value>{_STRING}|-?\d+|true|false|null)\s*;)?
    | {_STRING}
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
"""A comment, an assignment, or a string in which neither is meant."""
_READ_BY_PHP = re.compile(r"\$|\\[nrtvefxu0-7]")
_OFF = {"", "0", "false", "null"}


class Configuration(msgspec.Struct, frozen=True):
    """The values as they are written, without quotes; None where a value is computed."""

    values: Mapping[str, str | None]

    def text(self, name: str, default: str = "") -> str:
        """A value. Raises `SourceError` if the files compute it, so that it is not known."""
        value = self.values.get(name, default)
        if value is None:
            raise SourceError(
                f"The wiki's configuration computes $conf['{name}'], and loccit runs no PHP to know its value. "
                f"Write it as a plain value into {_FILES[-1]}, or follow the wiki by its address."
            )
        return value

    def is_on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.text(name).lower() not in _OFF


def read_configuration(folder: Path) -> Configuration:
    """The configuration in a wiki's ``conf`` folder.

    Raises `SourceError` if the folder holds none, or if a file of it cannot be read.
    """
    values: dict[str, str | None] = {}
    found = [folder / name for name in _FILES if (folder / name).exists()]
    if not found:
        raise SourceError(
            f"{folder} holds neither {' nor '.join(_FILES[:2])}. Name the wiki's conf folder with --conf."
        )
    for path in found:
        try:
            text = path.read_text("utf-8", errors="replace")
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}. Run loccit as a user who may.") from error
        for match in _STATEMENT.finditer(text):
            if match["name"]:
                values[match["name"]] = match["value"] and _plain(match["value"])
    return Configuration(values)


def _plain(value: str) -> str | None:
    r"""A literal as PHP reads it, or None where it has variables or signs within that only PHP knows.

    >>> _plain(r"'it\'s \d'"), _plain("1"), _plain('"$x"')
    ("it's \\d", '1', None)
    """
    quote = value[0]
    if quote not in "'\"":
        return value
    if quote == '"' and _READ_BY_PHP.search(value):
        return None
    return re.sub(rf"\\([\\{quote}])", r"\1", value[1:-1])
