"""Where a text names somebody as the author of a work: ``Vazifehdan et al.``, ``Smith (2017)``, ``Jones reported``.

A family name alone may be a word or a place, so it counts only beside what goes with an author.
"""

import re
import unicodedata
from collections.abc import Collection

import msgspec

from corpus.documents import Work

__all__ = ["Naming", "family_key", "find_namings"]

_YEAR = r"(?:19|20)\d\d"
_PEOPLE = r"(?:colleagues|co-?workers|co-?authors|collaborators|associates|team)"
_PERSONAL = (
    r"(?:reported|described|observed|noted|investigated|reviewed|published|proposed|advocated|recommended|stated"
    r"|argued|claimed|studied)"
)
_WORKING = (
    rf"(?:{_PERSONAL}|found|showed|demonstrated|analy[sz]ed|examined|evaluated|compared|suggested|presented|concluded"
    r"|introduced|developed|performed|used|treated|documented|identified)"
)
_NAMING = re.compile(
    r"(?<![\w'-])(?P<name>[^\W\d_][\w'-]*)(?:\s[A-Z]{1,3})?(?:"
    rf"(?P<surely>,?\s+et\s+al\b"
    rf"|,?\s+(?:and|&)\s+(?:(?:his|her|their)\s+)?{_PEOPLE}\b"
    rf"|'s?\s+{_PEOPLE}\b"
    rf"|\s+(?:and|&)\s+[A-Z][\w'-]+\s+\((?={_YEAR}\b))"
    rf"|(?P<perhaps>(?:\s+(?:and|&)\s+[A-Z][\w'-]+)?\s+{_PERSONAL}\b)"
    rf"|(?:\s+(?:and|&)\s+[A-Z][\w'-]+)?\s+{_WORKING}\b"
    rf"|\s+\((?={_YEAR}\b)"
    rf"|(?P<bracketed>(?:\s+(?:and|&)\s+[A-Z][\w'-]+)?,?\s+(?={_YEAR}\b))"
    r"|'s?\s+(?:group|team|study|series|trial|report|work)\b"
    rf")(?:\.?'?s?[\s,(]*(?P<year>{_YEAR})\b)?"
)
_NAMED_AFTER = re.compile(
    r"\b(?:group|team|series|study|work|report|paper|trial)\s+(?:of|by|from)\s+(?:Dr\.?\s+)?(?P<name>[A-Z][\w'-]+)"
    r"(?P<surely>(?!))?(?P<perhaps>(?!))?(?P<year>(?!))?"
)
_IN_YEAR = re.compile(rf"\bIn (?P<year>{_YEAR}),? (?:Dr\.? )?$")
_OPEN_BRACKET = re.compile(r"[(\[][^()\[\]]*$")
"""Before a name within brackets, as in ``(Jones, 2002)``; elsewhere a year may follow any word."""
_IN_PASSING = re.compile(
    r"(?:\b(?<!according )to|\bwith|\bthan|\bunlike|\blike)\s+(?:that |those )?(?:of )?$", re.IGNORECASE
)
_PARTICLES = frozenset(
    {"da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "la", "le", "ten", "ter", "van", "von"}
)
"""Words that belong to the family name that follows: ``van den Berg`` is not ``Berg``."""
_MONTHS = frozenset({"april", "august", "june", "march", "may"})
"""Months that are family names too; before a year they are months."""
_SUBJECTS = frozenset(
    {"all", "another", "authors", "both", "few", "he", "investigators", "it", "many", "most", "none", "nobody",
     "others", "participants", "patients", "physicians", "researchers", "results", "several", "she", "some", "studies",
     "surgeons", "they", "we", "who", "women", "men"}
)  # fmt: skip
"""Who else reports and observes, at the beginning of a sentence."""
_BEFORE = 48
_ALIKE = str.maketrans("‐‑–’ʼ`´", "---''''")


class Naming(msgspec.Struct, frozen=True):
    """A place where a text names an author.

    `families` are the keys that the family name may have, since it may be of several words; `surely` tells
    that an author is named, whoever it is, where a year or a possessive could follow any other name. `word` is set
    where it depends on the name's not being a common word (``Jones reported``, ``Aspirin reported``). `passing`
    tells that the author is only compared with or referred to, as in ``in contrast to Jones et al.``
    """

    families: frozenset[str]
    surely: bool
    year: int | None = None
    word: str | None = None
    passing: bool = False

    def may_mean(self, work: Work, rivals: Collection[int | None] = ()) -> bool:
        """Whether the author may be the first author of a work, and the year that of it rather than of a rival.

        Years may be apart by one, since many papers appear online in the year before.
        """
        if not work.first_author or family_key(work.first_author) not in self.families:
            return False
        if self.year is None or work.year is None:
            return True
        apart = abs(self.year - work.year)
        return apart <= 1 and all(rival is None or apart <= abs(self.year - rival) for rival in rivals)

    def means(self, work: Work, rivals: Collection[int | None] = ()) -> bool:
        """Whether it may mean a work and none of its rivals, whose first author has the same name."""
        if self.passing or not self.may_mean(work, rivals):
            return False
        if self.year is None or work.year is None:
            return not rivals
        return all(rival is not None and abs(self.year - work.year) < abs(self.year - rival) for rival in rivals)


def family_key(family: str) -> str:
    """What a family name is compared by: without case and accents, which wikis often drop.

    >>> family_key("Asiltürk"), family_key("Van der Berg")
    ('asilturk', 'van der berg')
    """
    return " ".join(_plain(family).casefold().split())


def find_namings(text: str) -> list[Naming]:
    """The places where a text names an author, in its order.

    >>> [sorted(naming.families) for naming in find_namings("As Di Rocco et al. showed")]
    [['as di rocco', 'di rocco']]
    >>> [(n.surely, n.year, n.passing) for n in find_namings("In 2015, Smith et al. fused less than Jones (2010).")]
    [(True, 2015, False), (False, 2010, True)]
    """
    plain = _plain(text)
    matches = [*_NAMING.finditer(plain), *_NAMED_AFTER.finditer(plain)]
    return [naming for match in sorted(matches, key=re.Match.start) if (naming := _naming(plain, match))]


def _naming(plain: str, match: re.Match[str]) -> Naming | None:
    name, surely, start = match["name"], match["surely"] is not None, match.start("name")
    if not name[0].isupper() or (name.casefold() in _MONTHS and not surely):
        return None
    if not surely and name.casefold() in _SUBJECTS:
        return None
    before = plain[max(0, start - _BEFORE) : start]
    if match.groupdict().get("bracketed") and not _OPEN_BRACKET.search(before):
        return None
    year = match["year"] or ((found := _IN_YEAR.search(before)) and found["year"])
    words = [*(word.lstrip("([{\"“'") for word in before.split()[-3:]), name]
    starts = (i for i in range(len(words)) if not i or words[i - 1].casefold() not in _PARTICLES)
    return Naming(
        families=frozenset(family_key(" ".join(words[i:])) for i in starts),
        surely=surely,
        year=int(year) if year else None,
        word=name.casefold() if match["perhaps"] else None,
        passing=_IN_PASSING.search(before) is not None,
    )


def _plain(text: str) -> str:
    text = text.translate(_ALIKE)
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
