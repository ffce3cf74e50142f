"""Where a citation string goes on with another work, whose identifiers are not those of the first."""

import re
from typing import NamedTuple

from corpus.references.identifiers import DOI, PMCID, PMID, without_closing_punctuation
from corpus.references.imprints import dated_imprint
from corpus.references.orders import read_item

__all__ = ["first_work_end"]

_BETWEEN = re.compile(r"\b(?:PubMed(?:\sCentral)?|PMCID|doi)\b[:\s]*$", re.IGNORECASE)
_FEWEST_WORDS = 6
"""Fewer words are no citation."""


class _Identifier(NamedTuple):
    kind: str
    value: str
    start: int
    end: int


def first_work_end(text: str) -> int | None:
    """Where the first work of a citation string ends, if it surely goes on with another; else None.

    That is where a second identifier of one kind follows, or where a whole citation stands before the next identifier.

    >>> text = "Ash B. On the height of trees. J X. 2001;1:2. PMID: 1. Fir C. Why some fall. J Y. 2002;3:4. PMID: 2."
    >>> text[:first_work_end(text)]
    'Ash B. On the height of trees. J X. 2001;1:2. PMID: 1'
    >>> first_work_end("Ash B. On trees. J X. 2001;1:2. doi: 10.1000/a. Epub 2001 May 3. PMID: 1.")
    """
    found = _identifiers(text)
    before_any = found[0].start if found else len(text)
    place = dated_imprint(text, 0, before_any)
    if place and _cites(text[place.end : before_any], located=True):
        return place.end
    known: dict[str, str] = {}
    end = 0
    for each in found:
        contradicts = known.setdefault(each.kind, each.value) != each.value
        if contradicts or (end and _cites(text[end : each.start])):
            return end
        end = each.end
    return None


def _identifiers(text: str) -> list[_Identifier]:
    """All identifiers of a text, in its order."""
    found = [_Identifier("pmid", each[1], *each.span()) for each in PMID.finditer(text)]
    found += [_Identifier("pmcid", each[1], *each.span()) for each in PMCID.finditer(text)]
    for each in DOI.finditer(text):
        value = without_closing_punctuation(each[0])
        found.append(_Identifier("doi", value.lower(), each.start(), each.start() + len(value)))
    return sorted(found, key=lambda each: each.start)


def _cites(text: str, *, located: bool = False) -> bool:
    """Whether a stretch is a citation itself: it names an author, a title and a date, and if asked for its place."""
    words = _BETWEEN.sub("", text).strip(" .,;)]–—-")
    if len(words.split()) < _FEWEST_WORDS:
        return False
    item = read_item(words)
    return bool(item.author and item.title and item.issued and (not located or (item.volume and item.container_title)))
