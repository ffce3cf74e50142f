"""What a citation string says of other publications on the work, such as errata, whose identifiers are not its own."""

import re

from corpus.references.dates import YEAR
from corpus.references.identifiers import DOI, PMID
from corpus.references.names import read_names

__all__ = ["own_words"]

_NOTICE = re.compile(
    r"(?<=[.;)\]])\s?[\[(]?(?:(?:(?:published\s)?errat(?:um|a)|corrigend(?:um|a)|correct(?:ion|ed)"
    r"|(?:partial\s)?retract(?:ion|ed)|expression\sof\sconcern)(?:\s(?:appears\s)?(?:in|for)\b\s?:?|:)"
    r"|(?:comments?|commentary|updates?|retraction|reprint(?:ed)?|republished|corrected\sand\srepublished"
    r"|summary\sfor\spatients)\s(?:in|on|of|from):)\s",
    re.IGNORECASE,
)
"""How such a remark begins (``Erratum in: J X. 2002 Jul;70(4):313.``)."""
_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")
_IN_FRONT = re.compile(rf"[\s.,:(]{{0,4}}{YEAR}[a-z]?[\s.,:)]")
_PLACE = r";\s?\d[\w()\s/-]*:\s?\w[\w.-]*[.;]+\s"
_SINGLE = re.compile(
    rf"{_PLACE}(?:[^.;]{{3,80}}\[(?:corrected|added)\b[^\]]{{0,80}}\][.;]*\s)*(?:doi:?\s?{DOI.pattern}\s)?$",
    re.IGNORECASE,
)
"""What PubMed prints of an erratum, up to the PMID that then follows of the work itself."""
_PUBMED = re.compile(r"\bPubMed\s$", re.IGNORECASE)
_BEHIND_ANOTHER = re.compile(r"\b(?:PMID:?\s?\d{1,8}|PMC\d{1,9})[.;]*\s$", re.IGNORECASE)


def own_words(text: str) -> str:
    """A citation string without its remarks on other publications, but with the identifiers of the work behind them.

    PubMed prints a work's own PMID last. It counts as the work's own if it is called ``PubMed PMID``, stands
    right behind another, or follows what PubMed prints of an erratum: journal, date, volume and pages. Any other
    may be that of the erratum.

    >>> own_words("Roe A. Title. J X. 2001;1:2. doi: 10.1000/own. Erratum in: J X. 2002. PMID: 98.")
    'Roe A. Title. J X. 2001;1:2. doi: 10.1000/own.'
    >>> own_words("Roe A. Title. J X. 2001;1:2. Erratum in: J X. 2002 Jul;70(4):313. PMID: 98.")
    'Roe A. Title. J X. 2001;1:2. PMID: 98.'
    """
    if not _NOTICE.search(text):
        return text
    behind = _behind_place(text)
    notice = _NOTICE.search(text, max(0, behind - 1)) if behind is not None else None
    if not notice:
        return text
    before = text[: notice.start()]
    tail = "" if PMID.search(before) else _own_tail(text[notice.end() :])
    return f"{before} {tail}".rstrip()


def _behind_place(text: str) -> int | None:
    """From where on a citation string tells no more of the title of the work, if that can be said.

    That is behind its first identifier or, where it begins with names, behind the first year that is not in front of
    its title; a string that begins with its journal may have its title behind the year.
    """
    identified = [match.end() for pattern in (PMID, DOI) if (match := pattern.search(text))]
    names = read_names(text)
    front = names and _IN_FRONT.match(text, names.end)
    dated = _YEAR.search(text, front.end() if front else names.end) if names else None
    return min([*identified, *([dated.end()] if dated and not front else [])], default=None)


def _own_tail(text: str) -> str:
    """From a remark on, what follows from the PMID of the work itself; empty where that is not certain."""
    found = list(PMID.finditer(text))
    if not found:
        return ""
    if named := next((each for each in found if _PUBMED.search(text, max(0, each.start() - 8), each.start())), None):
        return text[named.start() :]
    last = found[-1].start()
    own = _BEHIND_ANOTHER.search(text, 0, last) or (len(found) == 1 and _SINGLE.search(text, 0, last))
    return text[last:] if own else ""
