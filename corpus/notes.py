"""The notes behind the numbers of a document, and the works that they cite."""

import re
from collections.abc import Iterable

import msgspec

from corpus.csl import Item
from corpus.documents import Work
from corpus.references import cites_several, parse_work, work_id

__all__ = ["Note", "cited_works", "cites"]

_IBIDEM = re.compile(
    r"\W*(?:ibid(?:em)?|ibd|ib|idem|ebd|ebenda)\b\.?"
    r"(?:\s*[,:;]?\s*(?:(?:pages?|pp?|seiten?|s|at)\b\.?\s*)?"
    r"\d{1,6}(?:\s*[-–—]\s*\d{1,6})?(?:\s*(?:ff?|et seq)\b)?)?\W*",
    re.IGNORECASE,
)
_IBIDEM_LENGTH = 60
_MAY_CITE = re.compile(r"\d{4}|://|www\.|10\.|PMC|PMID", re.IGNORECASE)


class Note(msgspec.Struct, frozen=True):
    """A note as a reader sees it, in one line, with what its source says of it beyond the words.

    `links` are the addresses that stand behind words of the note; `stated` are the fields of the work that the
    source gives one by one, so that they need not be read out of the text.
    """

    text: str = ""
    links: tuple[str, ...] = ()
    stated: Item | None = None


def cited_works(notes: Iterable[Note]) -> list[Work | None]:
    """The works that some notes cite, which are given in the order of their numbers.

    A note that says nothing but that it means the same work as the one before it (``Ibid., p. 7``) gets that
    work. None stands for an empty note, and for such a note without one before it.

    >>> works = cited_works([Note("Smith A. One. 2001."), Note("Ibid., 7."), Note("See above.")])
    >>> [work.text for work in works if work]
    ['Smith A. One. 2001.', 'Smith A. One. 2001.', 'See above.']
    """
    known: dict[Note, Work] = {}
    found: list[Work | None] = []
    before: Work | None = None
    for note in notes:
        if not note.text and note.stated is None:
            found.append(None)
            continue
        if not (len(note.text) <= _IBIDEM_LENGTH and _IBIDEM.fullmatch(note.text)):
            before = known.get(note) or known.setdefault(note, _work(note))
        found.append(before)
    return found


def cites(text: str) -> bool:
    """Whether a note surely cites a work: brackets of the same form also stand in formulas.

    >>> cites("Smith A. One. 2001."), cites("n = 12")
    (True, False)
    """
    if not _MAY_CITE.search(text):
        return False
    work = parse_work(text)
    return bool(work.doi or work.pmid or work.pmcid or work.url or (work.first_author and work.year))


def _work(note: Note) -> Work:
    work = parse_work(note.text)
    if note.links:
        work = _with_links(work, note.links)
    if note.stated is not None:
        work = msgspec.structs.replace(work, csl=_merged(note.stated, work.csl))
    return work


def _with_links(work: Work, links: Iterable[str]) -> Work:
    """A work with the first address behind its words, and with the identifiers that the addresses agree on."""
    # Of several works the addresses do not say to which they belong.
    linked = [] if cites_several(work.text) else [parse_work(link).csl for link in links]
    csl = msgspec.structs.replace(
        work.csl,
        url=work.csl.url or next((item.url for item in linked if item.url), None),
        doi=work.csl.doi or _only(item.doi for item in linked),
        pmid=work.csl.pmid or _only(item.pmid for item in linked),
        pmcid=work.csl.pmcid or _only(item.pmcid for item in linked),
    )
    # "Here" with two addresses behind it is two works; a citation is one, with its address and without.
    words = work.text if work.first_author and work.year else f"{work.text} {csl.url or ''}"
    return Work(id=work_id(words, csl.doi, csl.pmid), text=work.text, csl=csl)


def _only(values: Iterable[str | None]) -> str | None:
    found = {value for value in values if value}
    return found.pop() if len(found) == 1 else None


def _merged(stated: Item, read: Item) -> Item:
    """What a source states, and what could be read of its text where it states nothing."""
    absent = Item()
    given = {name: getattr(stated, name) for name in stated.__struct_fields__}
    return msgspec.structs.replace(read, **{k: value for k, value in given.items() if value != getattr(absent, k)})
