"""Where a text names somebody as the author of a work: ``Vazifehdan et al.``, ``Smith (2017)``.

A family name alone may be a word or a place, so it counts only before what follows an author.
"""

import re
import unicodedata

import msgspec

__all__ = ["Naming", "family_key", "find_namings"]

_NAMING = re.compile(
    r"(?<![\w'-])(?P<name>[^\W\d_][\w'-]*)(?:\s[A-Z]{1,3})?(?:"
    r"(?P<surely>,?\s+et\s+al\b"
    r"|,?\s+(?:and|&)\s+(?:colleagues|co-?workers|co-?authors|associates)\b"
    r"|\s+(?:and|&)\s+[A-Z][\w'-]+\s+\((?:19|20)\d\d\b)"
    r"|\s+\((?:19|20)\d\d\b|'s?\s+(?:group|team|study|series|trial|report)\b)"
)
_PARTICLES = frozenset(
    {"da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "la", "le", "ten", "ter", "van", "von"}
)
"""Words that belong to the family name that follows: ``van den Berg`` is not ``Berg``."""
_MONTHS = frozenset({"april", "august", "june", "march", "may"})
"""Months that are family names too; before a year they are months."""
_ALIKE = str.maketrans("‐‑–’ʼ`´", "---''''")


class Naming(msgspec.Struct, frozen=True):
    """A place where a text names an author.

    `families` are the keys that the family name may have, since it may be of several words; `surely` tells
    that an author is named, whoever it is, where a year or a possessive could follow any other name.
    """

    families: frozenset[str]
    surely: bool


def family_key(family: str) -> str:
    """What a family name is compared by: without case and accents, which wikis often drop.

    >>> family_key("Asiltürk"), family_key("Van der Berg")
    ('asilturk', 'van der berg')
    """
    return " ".join(_plain(family).casefold().split())


def find_namings(text: str) -> list[Naming]:
    """The places where a text names an author.

    >>> [sorted(naming.families) for naming in find_namings("As Di Rocco et al. showed")]
    [['as di rocco', 'di rocco']]
    """
    plain = _plain(text)
    return [naming for match in _NAMING.finditer(plain) if (naming := _naming(plain, match))]


def _naming(plain: str, match: re.Match[str]) -> Naming | None:
    name, surely = match["name"], match["surely"] is not None
    if not name[0].isupper() or (name.casefold() in _MONTHS and not surely):
        return None
    before = [word.lstrip("([{\"“'") for word in plain[max(0, match.start() - 40) : match.start()].split()[-3:]]
    words = [*before, name]
    starts = (i for i in range(len(words)) if not i or words[i - 1].casefold() not in _PARTICLES)
    return Naming(frozenset(family_key(" ".join(words[i:])) for i in starts), surely)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.translate(_ALIKE))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
