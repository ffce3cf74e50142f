"""Where a citation string tells in which volume and on which pages of a journal a work stands, and when."""

import re

import msgspec

from corpus.csl import Date
from corpus.references.dates import DATE, YEAR, read_date

__all__ = ["PAGE", "Imprint", "date_alone", "dated_imprint", "undated_imprint"]

PAGE = (
    r"(?:(?:Unit|Article|CD)\s)?[A-Za-z]{0,8}[.-]?\d[\w–—-]{0,30}(?:\.(?:e|pub)?\d[\w–—-]{0,20}){0,4}"
    r"(?:,\s?[A-Za-z]{0,3}\d{1,6}(?:[-–][A-Za-z]?\d{1,6})?(?![\w.:(]*[:(])){0,6}"
    r"|\b[ivxlc]{1,8}[-–][ivxlc]{1,8}\b|\b[ivx]{1,6}\b"
)
_LABEL = r"(?:(?:pp?\.?|pages?|Art(?:icle)?\.?\s(?:No\.?|ID)?)\s?)?"
_NUMBER = r"[A-Za-z]{0,2}\d{1,5}[A-Za-z]?(?:[-–/]\d{1,5})?"
_ISSUE = r"(?:\s?\(\s?(?P<issue>[^()]{1,40}?)\s?\))?"
_MORE = r"(?:\s(?P<more>(?:Suppl?|Pt|Spec No)\b\.?[^:;.()]{0,20}))?"
_DATE = rf"(?P<date>{DATE})"
_LABELLED = (
    rf"[Vv]ol(?:ume|\.)?\s?(?P<volume>{_NUMBER})(?:,?\s(?:[Nn]o\.?|[Ii]ssue|[Nn]r\.?)\s?(?P<issue>[\w–/-]{{1,12}}))?"
    rf"(?:,?\s(?:pp?\.?|[Pp]ages?|Art(?:icle|\.)(?:\s[Nn]o\.)?)\s?(?P<page>{PAGE}))?"
)
_BEFORE = r"(?<=[\s,(])"
_AFTER = r"(?![\w(])"
_DATED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BEFORE}{_LABELLED},?\s\(?{_DATE}\)?{_AFTER}",
        rf"{_BEFORE}{_DATE}\s?;\s?(?P<volume>[^:;.,()\[\]]{{0,40}}?){_ISSUE}{_MORE}\s?(?::\s?{_LABEL}(?P<page>{PAGE}))?"
        rf"(?(page){_AFTER}|(?=[.,;)\]]|$|\s(?:\[|doi|pii|PMID|Epub|PubMed)))",
        rf"{_BEFORE}{_DATE},\s(?P<volume>{_NUMBER}){_ISSUE}\s?[:,]\s?{_LABEL}(?P<page>{PAGE}){_AFTER}",
        rf"{_BEFORE}(?P<volume>{_NUMBER}){_ISSUE}\s?[:,]\s?{_LABEL}(?P<page>{PAGE})(?:[,.;]?\s|\s?\()\(?{_DATE}\)?{_AFTER}",
        rf"{_BEFORE}(?P<volume>{_NUMBER})(?:,?\s(?:no|nr)\.?\s(?P<issue>[\w–/-]{{1,12}}))?\s\({_DATE}\)(?::\s?(?P<page>{PAGE}))?{_AFTER}",
    )
)
"""``vol. 57, no. 2, pp. 354-6, Jul. 2001``; ``2001 Jul 24;57(2):354-6``; ``2001, 57(2):354-6``;
``57(2):354-6, 2001`` and ``57, 354-6 (2001)``; ``57, no. 2 (2001): 354-6``."""
_UNDATED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BEFORE}{_LABELLED}{_AFTER}",
        rf"{_BEFORE}(?P<volume>{_NUMBER}){_ISSUE}\s?[:,]\s?{_LABEL}(?P<page>{PAGE}){_AFTER}",
        rf"(?<=,\s)(?P<volume>{_NUMBER}){_ISSUE}(?=\.?(?:\s|$))",
    )
)
"""Volume and pages of a string whose date stands before its title."""
_ALONE = re.compile(rf"(?<=[.?!\]]\s)(?P<date>{YEAR}\b[^.;:()\[\]]{{0,20}})(?=\.|\s\[|$)")
_WHOLE = re.compile(DATE)
_SUPPLEMENT = re.compile(r"(?:^|\s)(?=(?:Suppl|Pt|Spec No|Part|Hors)\b)")


class Imprint(msgspec.Struct, frozen=True, kw_only=True):
    """A date, a volume, an issue and pages, and the span ``[start, end)`` where they stand."""

    start: int
    end: int
    date: Date | None = None
    volume: str | None = None
    issue: str | None = None
    page: str | None = None

    @property
    def located(self) -> bool:
        """Whether it tells more than a date."""
        return bool(self.volume or self.issue or self.page)


def dated_imprint(text: str, start: int = 0, end: int | None = None) -> Imprint | None:
    """The first place with a date and a volume, in the surest of the styles that occur.

    >>> found = dated_imprint("Neurology. 2001 Jul 24;57(Pt 2):354-6.")
    >>> found.volume, found.issue, found.page
    ('57', 'Pt 2', '354-6')
    """
    for pattern in _DATED:
        for match in pattern.finditer(text, start, len(text) if end is None else end):
            if (found := _imprint(match)).located and _is_volume(found.volume):
                return found
    return None


def undated_imprint(text: str, start: int, end: int) -> Imprint | None:
    """The last place with a volume and pages, where the date stands elsewhere.

    >>> undated_imprint("Title of 3. Nature, 12(3), 4–5.", 0, 31).page
    '4–5'
    """
    for pattern in _UNDATED:
        matches = list(pattern.finditer(text, start, end))
        if matches:
            return _imprint(matches[-1])
    return None


def date_alone(text: str, start: int, end: int) -> Imprint | None:
    """The last date that is a part of its own, as in ``Cell. 2016 May 26. [Epub ahead of print]``.

    >>> date_alone("Cell. 2016 May 26.", 0, 18).date.date_parts
    ((2016, 5, 26),)
    """
    matches = [match for match in _ALONE.finditer(text, start, end) if _WHOLE.fullmatch(match["date"])]
    return _imprint(matches[-1]) if matches else None


def _imprint(match: re.Match[str]) -> Imprint:
    told = match.groupdict()
    volume, issue = (told.get("volume") or "").strip(), told.get("issue")
    supplement = _SUPPLEMENT.search(volume)
    if supplement and not issue:
        volume, issue = volume[: supplement.start()].strip(), volume[supplement.end() :].strip()
    more = told.get("more")
    return Imprint(
        start=match.start(),
        end=match.end(),
        date=read_date(told["date"]) if told.get("date") else None,
        volume=volume or None,
        issue=issue or (more and more.strip()) or None,
        page=told.get("page"),
    )


def _is_volume(volume: str | None) -> bool:
    """A volume has a figure or is a Roman number; what has neither is a publisher or a remark."""
    return volume is None or bool(re.search(r"\d", volume) or re.fullmatch(r"[IVXLC]+", volume))
