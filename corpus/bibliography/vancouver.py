"""A work as one line in the Vancouver style of medical journals, set by the CSL processor citeproc-py.

Source: the sample references of the International Committee of Medical Journal Editors, and the National Library of
Medicine's Citing Medicine (second edition). The style is ``vancouver.csl`` beside this module.
"""

import re
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

from corpus.bibliography.records import Record, record
from corpus.csl import Date, Name
from corpus.documents import Work

__all__ = ["vancouver"]

_STYLE = Path(__file__).with_name("vancouver.csl")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SEASONS = ("Spring", "Summer", "Fall", "Winter")
_CLOSED = re.compile(r"[.?!][\"'”’)\]]*$")
_INITIALS = re.compile(r"[^\W\d_a-z](?:[-.\s]*[^\W\d_a-z]){0,3}\.?")
_SHOWN = ("container-title", "volume", "issue", "page", "publisher", "publisher-place", "DOI", "PMID", "PMCID")
_LOCK = Lock()
"""The processor keeps what it is at work on in its style."""


def vancouver(work: Work) -> str:
    """A work in one line; the note itself, word for word, where no title could be read of it.

    Up to six authors are named.

    >>> from corpus.references import parse_work
    >>> note = "Eur Spine J. 2017 Aug;27(6):763-75. Metastases of the spine? Ash BC, Fir D. PMID: 28638950"
    >>> vancouver(parse_work(note))
    'Ash BC, Fir D. Metastases of the spine? Eur Spine J. 2017 Aug;27(6):763-75. PMID: 28638950.'
    """
    of = record(work)
    if of.title is None:
        return work.text
    # Imported here, since it is seldom needed and takes its time.
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    with _LOCK:
        bibliography = CitationStylesBibliography(_style(), CiteProcJSON([_fields(of)]), formatter.plain)
        bibliography.register(Citation([CitationItem("work")]))
        return " ".join(str(bibliography.bibliography()[0]).split())


@lru_cache(maxsize=1)
def _style() -> Any:
    from citeproc import CitationStylesStyle

    return CitationStylesStyle(str(_STYLE), validate=False)


def _fields(of: Record) -> dict[str, Any]:
    """The fields that the style shows, and no other: the processor warns of those that it does not know."""
    built: dict[str, Any] = msgspec.to_builtins(of)
    title = of.title or ""
    fields = {
        "author": [_name(name) for name in of.author],
        "editor": [_name(name) for name in of.editor],
        "title": title if _CLOSED.search(title) else f"{title}.",
        "issued": {"literal": _date(of.issued)} if of.issued else None,
        "edition": of.edition and re.sub(r"\s*\bed(?:ition|n)?\b\.?\s*$", "", of.edition),
        # An address is shown where nothing surer is.
        "URL": None if of.doi or of.pmid or of.pmcid else of.url,
        **{name: built.get(name) for name in _SHOWN},
    }
    return {"id": "work", "type": of.type, **{name: value for name, value in fields.items() if value}}


def _name(name: Name) -> dict[str, str]:
    if name.literal or not name.family:
        return {"literal": name.literal or name.given or ""}
    parts = {"family": name.family, "given": _initials(name.given or ""), "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}


def _initials(given: str) -> str:
    """Given names as initials without stops: ``Jean-Paul`` as ``JP``, and ``JP`` as it is."""
    if _INITIALS.fullmatch(given):
        return re.sub(r"[\s.-]", "", given)
    words = re.split(r"[\s.-]+", given)
    return "".join(word[0] for word in words if word[:1].isupper()) or given


def _date(date: Date) -> str:
    """A date as it is printed: ``2012 Nov-Dec``, ``2001 May 3``, ``2001 Winter``."""
    begin, *rest = (_words(part) for part in date.date_parts)
    if date.season and len(begin) == 1:
        begin = [*begin, _SEASONS[(date.season - 1) % 4]]
    if not rest or rest[0] == begin:
        return " ".join(begin)
    same = 0
    while same < min(len(begin), len(rest[0])) - 1 and begin[same] == rest[0][same]:
        same += 1
    return f"{' '.join(begin)}-{' '.join(rest[0][same:])}"


def _words(part: tuple[int, ...]) -> list[str]:
    year, *more = part
    month = [_MONTHS[more[0] - 1] if 1 <= more[0] <= 12 else str(more[0])] if more else []
    return [str(year), *month, *map(str, more[1:])]
