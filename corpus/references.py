"""Citation strings, as printed in a reference list, parsed into works."""

import hashlib
import re
import unicodedata

from corpus.csl import Date, Item, Name
from corpus.documents import Work

__all__ = ["parse_work"]

_DOI = re.compile(r"\b10\.\d{4,9}/(?:(?!PMID)[^\s\"<>]|<[^\s\"<>:]*:[^\s\"<>]*>)+", re.IGNORECASE)
"""Angle brackets stand in old DOIs (``10.1002/(SICI)1097-0142(19990101)85:1<1::AID-CNCR1>3.0.CO;2-0``)."""
_PMID = re.compile(r"(?:\bPMID:?\s*|\bpubmed\.ncbi\.nlm\.nih\.gov/|\bnih\.gov/pubmed/)(\d{1,8})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\s?(\d{1,9})\b", re.IGNORECASE)
_URL = re.compile(r"\bhttps?://[^\s\"<>]+", re.IGNORECASE)
_YEAR = r"(1[89]\d\d|20\d\d)"
_DATES = (
    re.compile(rf"[.?!\]]\s+{_YEAR}(?:\s[A-Z][^;:.]{{2,16}})?;"),
    re.compile(rf"[.?!]\s+{_YEAR}(?=[\s;:.]|$)"),
    re.compile(rf"(?<![\d/.-]){_YEAR}(?![\d/-])"),
)
"""The year of publication, the surest place first: before volume and pages, after the journal, anywhere."""
_JOURNAL_FIRST = re.compile(rf"[^.]*\.\s+{_YEAR}(?:\s[A-Z][^;:.]{{2,16}})?;")
_NAME_AND_INITIALS = re.compile(
    r"(?P<family>[^\W\d_][^\d,.;:()]*?)\s+(?P<initials>[^\W\d_a-z](?:[-\s.]?[^\W\d_a-z]){0,3})"
    r"(?:\s+(?:Jr|Sr|2nd|3rd|II|III|IV))?\s*\.?\s*(?:,|;|\.|$|:|\bet al\b)"
)
"""Family name and initials at the head of a citation, in the Vancouver style (``van der Berg JA,``)."""


def parse_work(note: str) -> Work:
    """The work that a note cites. A field that the note does not carry is None.

    >>> work = parse_work("Diehn FE, Krecke KN. Title. Continuum. 2021 Feb 1;27(1):225-63. PMID: 33522744.")
    >>> work.id, work.first_author, work.year
    ('pmid:33522744', 'Diehn', 2021)
    """
    text = " ".join(note.split())
    doi = _doi(text)
    pmid = _first(_PMID, text)
    pmcid = _first(_PMCID, text)
    author, year = _first_author(text), _year(text)
    item = Item(
        author=(Name(family=author),) if author else (),
        issued=Date(((year,),)) if year else None,
        doi=doi,
        pmid=pmid,
        pmcid=pmcid and f"PMC{pmcid}",
        url=_url(text),
    )
    return Work(id=_work_id(text, doi, pmid), text=text, csl=item)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match and match.group(1)


def _doi(text: str) -> str | None:
    """The first DOI, without the punctuation of the sentence around it.

    A closing bracket belongs to the DOI only where the DOI opens it (``10.1016/S0140-6736(05)1``).
    """
    match = _DOI.search(text)
    return match and _without_closing_punctuation(match.group())


def _without_closing_punctuation(value: str) -> str:
    unopened = {")": value.count(")") - value.count("("), "]": value.count("]") - value.count("[")}
    end = len(value)
    while end and (value[end - 1] in ".,;:'”’" or unopened.get(value[end - 1], 0) > 0):
        end -= 1
        unopened[value[end]] = unopened.get(value[end], 0) - 1
    return value[:end]


def _year(text: str) -> int | None:
    plain = _URL.sub(" ", _DOI.sub(" ", text))
    found = filter(None, (date.search(plain) for date in _DATES))
    return next((int(match.group(1)) for match in found), None)


def _first_author(text: str) -> str | None:
    """The family name at the head of a note; a journal that stands there (``Eur Spine J. 2017;``) is none."""
    match = None if _JOURNAL_FIRST.match(text) else _NAME_AND_INITIALS.match(text)
    return match and match["family"].strip()


def _url(text: str) -> str | None:
    match = _URL.search(text)
    return match and _without_closing_punctuation(match.group())


def _work_id(text: str, doi: str | None, pmid: str | None) -> str:
    if pmid:
        return f"pmid:{pmid}"
    if doi:
        return f"doi:{doi.lower()}"
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return "text:" + hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]
