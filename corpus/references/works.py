"""A citation string as a work: what its order tells, with the identifiers and remarks that stand anywhere in it."""

import re

from msgspec.structs import replace

from corpus.csl import Date, Item
from corpus.documents import Work
from corpus.references.dates import DATE, find_year, read_date
from corpus.references.identifiers import DOI, URL, find_doi, find_isbn, find_pmcid, find_pmid, find_url
from corpus.references.identity import work_id
from corpus.references.notices import own_words
from corpus.references.orders import read_item
from corpus.references.remarks import find_genre, find_language
from corpus.references.several import first_work_end

__all__ = ["cites_several", "parse_work"]

_ACCESSED = re.compile(rf"[\[(]?\b(?:cited|accessed|[Aa]ccessed(?:\son)?:?|Retrieved(?:\son)?)\s(?P<date>{DATE})[\])]?")
_LONGEST_CITATION = 100_000
"""Characters, enough for thousands of authors. What is longer is searched for identifiers alone."""


def parse_work(note: str) -> Work:
    """The work that a note cites. A field that the note does not carry, or that cannot be cut out surely, is absent.

    >>> work = parse_work("Diehn FE, Krecke KN. Title. Continuum. 2021 Feb 1;27(1):225-63. PMID: 33522744.")
    >>> work.id, work.first_author, work.year
    ('pmid:33522744', 'Diehn', 2021)
    >>> work.csl.title, work.csl.container_title, work.csl.volume, work.csl.page
    ('Title', 'Continuum', '27', '225-63')
    """
    text = " ".join(note.split())
    words, own = _first(text) if len(text) <= _LONGEST_CITATION else ("", text)
    doi, pmid = find_doi(own), find_pmid(own)
    accessed = _ACCESSED.search(words)
    item = read_item(words)
    behind = _behind_title(words, item)
    item = replace(
        item,
        issued=item.issued or _year(words or own, accessed),
        accessed=read_date(accessed["date"]) if accessed else None,
        genre=item.genre or find_genre(behind),
        language=find_language(behind),
        doi=doi,
        pmid=pmid,
        pmcid=find_pmcid(own),
        isbn=find_isbn(own),
        url=find_url(own),
    )
    return Work(id=work_id(text, doi, pmid), text=text, csl=item)


def cites_several(note: str) -> bool:
    """Whether a note surely cites more than one work, of which `parse_work` gives the first.

    >>> cites_several("Ash B. On trees. J X. 2001;1:2. PMID: 1. Fir C. Why some fall. J Y. 2002;3:4. PMID: 2.")
    True
    """
    text = " ".join(note.split())
    return len(text) <= _LONGEST_CITATION and first_work_end(own_words(text)) is not None


def _first(text: str) -> tuple[str, str]:
    """The words of the first work of a note, and those of them that tell its identifiers."""
    own = own_words(text)
    end = first_work_end(own)
    return (text, own) if end is None else (own[:end], own[:end])


def _behind_title(text: str, item: Item) -> str:
    """What follows the title, which may itself name a language or a kind of publication."""
    return text[text.index(item.title) + len(item.title) :] if item.title and item.title in text else ""


def _year(text: str, accessed: re.Match[str] | None) -> Date | None:
    plain = text[: accessed.start()] + text[accessed.end() :] if accessed else text
    return find_year(URL.sub(" ", DOI.sub(" ", plain)))
