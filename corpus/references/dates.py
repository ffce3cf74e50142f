"""Dates as citation strings print them: ``2001 Jul 24``, ``2007 Mar-Apr``, ``May 3, 2020``, ``1999 Winter``."""

import re

from corpus.csl import Date

__all__ = ["DATE", "YEAR", "find_year", "read_date"]

YEAR = r"(?:1[89]|20)\d\d"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?|Spring|Summer|Autumn|Fall|Winter)\b\.?"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?!\d)"
DATE = (
    rf"(?:(?:{_MONTH}\s(?:{_DAY},?\s)?|{_DAY}\s{_MONTH}\s){YEAR}"
    rf"|{YEAR}(?:,?\s?{_MONTH}(?:\s{_DAY})?(?:[-–/](?:{_MONTH}(?:\s{_DAY})?|{_DAY}))?)?)(?!\d)"
)
"""A date with its year first, as PubMed prints it, or last."""
_PIECE = re.compile(rf"(?P<month>{_MONTH})|(?P<year>\b{YEAR}(?!\d))|(?P<day>{_DAY})|(?P<to>[-–/])", re.IGNORECASE)
_ANYWHERE = (
    re.compile(rf"[.?!\]]\s+({YEAR})(?:\s[A-Z][^;:.]{{2,16}})?;"),
    re.compile(rf"[.?!]\s+({YEAR})(?=[\s;:.]|$)"),
    re.compile(rf"(?<![\d/.-])({YEAR})(?![\d/-])"),
)
"""The year of publication, the surest place first: before volume and pages, after the journal, anywhere."""


def read_date(printed: str) -> Date:
    """The date that `printed`, a match of `DATE`, tells; a range has two.

    >>> read_date("2005 Oct 29-Nov 4").date_parts
    ((2005, 10, 29), (2005, 11, 4))
    >>> read_date("May 3, 2020").date_parts
    ((2020, 5, 3),)
    >>> read_date("1999 Winter")
    Date(date_parts=((1999,),), season=4)
    """
    year, season, ends = 0, None, [[0, 0]]
    for match in _PIECE.finditer(printed):
        value = match.group()
        if match.lastgroup == "year":
            year = int(value)
        elif match.lastgroup == "to":
            ends.append([0, 0])
        elif match.lastgroup == "day":
            ends[-1][1] = int(value)
        elif (name := value.casefold().rstrip(".")) in _SEASONS:
            season = season or _SEASONS[name]
        else:
            ends[-1][0] = _MONTHS.index(name[:3]) + 1
    return Date(_date_parts(year, ends), season=season)


def find_year(text: str) -> Date | None:
    """The year of a note in which no date is found by its place.

    >>> find_year("Outcome 1999-2003, a study, printed in 2005").date_parts
    ((2005,),)
    """
    found = filter(None, (pattern.search(text) for pattern in _ANYWHERE))
    return next((Date(((int(match.group(1)),),)) for match in found), None)


def _date_parts(year: int, ends: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    """One date, or the two of a range, of which the second takes over the month where it prints the day alone."""
    found: list[tuple[int, ...]] = []
    for month, day in ends[:2]:
        known = month or (found[0][1] if found and day and len(found[0]) > 1 else 0)
        found.append((year, known, day) if known and day else (year, known) if known else (year,))
    return tuple(found) if len(found) > 1 and len(found[1]) > 1 else tuple(found[:1])
