"""Citation strings, as printed in a reference list, parsed into works."""

import re

from corpus.csl import Date, Item, Name
from corpus.documents import Work
from corpus.references.identifiers import DOI, URL, find_doi, find_pmcid, find_pmid, find_url
from corpus.references.identity import work_id

__all__ = ["parse_work"]

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
    doi = find_doi(text)
    pmid = find_pmid(text)
    author, year = _first_author(text), _year(text)
    item = Item(
        author=(Name(family=author),) if author else (),
        issued=Date(((year,),)) if year else None,
        doi=doi,
        pmid=pmid,
        pmcid=find_pmcid(text),
        url=find_url(text),
    )
    return Work(id=work_id(text, doi, pmid), text=text, csl=item)


def _year(text: str) -> int | None:
    plain = URL.sub(" ", DOI.sub(" ", text))
    found = filter(None, (date.search(plain) for date in _DATES))
    return next((int(match.group(1)) for match in found), None)


def _first_author(text: str) -> str | None:
    """The family name at the head of a note; a journal that stands there (``Eur Spine J. 2017;``) is none."""
    match = None if _JOURNAL_FIRST.match(text) else _NAME_AND_INITIALS.match(text)
    return match and match["family"].strip()
