"""Which pages a DokuWiki lets anonymous visitors read, by the rules in its ``conf/acl.auth.php``.

::

    *               @ALL        1
    clinic:*        @ALL        0
    clinic:hours    @ALL        1

Source: https://www.dokuwiki.org/acl and ``auth_aclcheck`` in DokuWiki's ``inc/auth.php``. A plug-in that decides by
code of its own is not known here; over the remote API the wiki itself decides.
"""

import re
from collections.abc import Mapping

import msgspec

__all__ = ["AccessRules", "read_rules"]

_READ = 1
_EVERYBODY = "@ALL"
_PERSONAL = ("%USER%", "%GROUP%")
_BLANKS = re.compile(r"[ \t]+")


class AccessRules(msgspec.Struct, frozen=True):
    """The level that each rule gives to everybody, under the page or namespace of the rule."""

    levels: Mapping[str, int]

    def opens(self, page: str) -> bool:
        r"""Whether anonymous visitors may read a page.

        A rule for the page goes before one for its namespace, and that before one for a namespace further up. Where
        none of them speaks of everybody, nobody may.

        >>> rules = read_rules("*  @ALL  1\nclinic:*  @ALL  0\nclinic:hours  @ALL  1")
        >>> [rules.opens(page) for page in ("start", "clinic:staff:rota", "clinic:hours")]
        [True, False, True]
        """
        return next((self.levels[scope] for scope in _scopes(page) if scope in self.levels), 0) >= _READ


def read_rules(text: str) -> AccessRules:
    """The rules of a file. What others than everybody may do, and lines that are no rules, are passed over."""
    levels: dict[str, int] = {}
    for line in text.split("\n"):
        fields = _BLANKS.split(line.strip().partition("#")[0].strip())
        if len(fields) < 3 or fields[1] != _EVERYBODY or any(mark in line for mark in _PERSONAL):
            continue
        # Of several rules for one page the most generous holds. What is no number opens nothing here.
        level = int(fields[2]) if fields[2].isascii() and fields[2].isdigit() else 0
        levels[fields[0]] = max(level, levels.get(fields[0], 0))
    return AccessRules(levels)


def _scopes(page: str) -> list[str]:
    """A page, then the namespaces around it as rules name them, the nearest first."""
    parts = page.split(":")[:-1]
    # DokuWiki takes a namespace "0" around a page for none, and so a page in it for one of the root.
    if parts == ["0"]:
        parts = []
    return [page, *(":".join([*parts[:length], "*"]) for length in range(len(parts), -1, -1))]
