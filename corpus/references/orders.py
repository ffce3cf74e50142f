"""The orders in which citation strings tell of a work: journal first, authors first, date in front of the title."""

import re

from msgspec.structs import replace

from corpus.csl import Item
from corpus.references.books import clean, find_publication, read_book
from corpus.references.dates import DATE, YEAR, read_date
from corpus.references.imprints import Imprint, date_alone, dated_imprint, undated_imprint
from corpus.references.names import Names, begins_with_person, read_names, read_whole_names
from corpus.references.remarks import find_article_number, skip_remarks, tail_start
from corpus.references.stops import count_small, is_prose, parts, split_journal

__all__ = ["read_item"]

_FRONT = re.compile(rf"\s?(?:\((?P<bracketed>{DATE})[a-z]?\)|(?P<plain>{YEAR})[a-z]?(?=[.,:]\s))\s?[.,:]?\s?")
_QUOTED = re.compile(r"(?P<title>[“\"][^“”\"]{3,400}[”\"]|[‘'][^‘\"]{3,400}?[’'](?=,\s))[,.]?\s?")
_FOREIGN = re.compile(r"\s?[\[(](?:Article\s)?in\s[A-Z][a-z]+[^\])]{0,60}[\])]\.?\s?(?=[^\W\d])")
_FOREIGN_BEHIND = re.compile(r"\s?[\[(](?:Article\s)?in\s[A-Z][a-z]+[^\])]{0,60}[\])][.,]?\s?$")
_KIND = re.compile(
    r"\s?\[(?:Internet|online|Review|Letter|Editorial|Abstract|Preprint|Comment|News|Case Reports?)\]\.?$",
    re.IGNORECASE,
)
_SERVER = re.compile(
    r"(?:bioRxiv|medRxiv|arXiv|ChemRxiv|PsyArXiv|Research Square|SSRN|Preprints\.org)\b", re.IGNORECASE
)
_PREPRINT = re.compile(
    rf"(?<=[.?!]\s)(?P<server>{_SERVER.pattern})(?:\s\[?[Pp]reprint\]?)?[.:,]?(?:\s?arXiv:(?P<number>\d{{4}}\.\d{{4,5}})"
    r"|\s?(?P<id>\d{4}\.[\d.]{4,20}\d))?"
)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_MONTH_OR_DAY = re.compile(rf"{DATE}(?=\.\s)")
_MOST_LETTERS_OF_A_JOURNAL = 150


def read_item(text: str) -> Item:
    """What a note tells, apart from its identifiers; a field that cannot be cut out surely is absent.

    >>> item = read_item("Lee K. Does it grow? A trial. J. Biol. Chem. 2001;12:3-4.")
    >>> item.title, item.container_title, item.volume
    ('Does it grow? A trial', 'J. Biol. Chem.', '12')
    """
    if item := _journal_first(text):
        return item
    names = read_names(text)
    start = names.end if names else 0
    if names and (front := _FRONT.match(text, start)):
        issued = read_date(front["bracketed"] or front["plain"])
        return _date_first(text, replace(_by(names), issued=issued), names, front.end())
    return _authors_first(text, names, start)


def _journal_first(text: str) -> Item | None:
    """A note as PubMed heads an abstract (``Journal. 2001 Jul 24;57(2):354-6. Title. Authors.``)."""
    head = text[: 2 * _MOST_LETTERS_OF_A_JOURNAL]
    imprint = dated_imprint(head) or _dated_by_month(head)
    if (
        not imprint
        or imprint.start > _MOST_LETTERS_OF_A_JOURNAL
        or split_journal(text, 0, imprint.start, whole=True) != 0
    ):
        return None
    start = skip_remarks(text, imprint.end)
    end = tail_start(text, start)
    if read_names(text, 0, imprint.start) and not parts(text, start, end):
        return None
    item, title = Item(), clean(text[start:end])
    found = parts(text, start, end)
    for part in found[max(1, len(found) - 30) :]:
        if names := read_whole_names(text[part.start : end].strip()):
            item, title = Item(author=names), clean(text[start : part.start])
            break
    else:
        title = title if len(found) == 1 else None
    return _article(text, imprint, replace(item, title=title), 0)


def _dated_by_month(text: str) -> Imprint | None:
    """The first date with its month, as of an article without pages yet; a bare year would prove no journal."""
    match = _MONTH_OR_DAY.search(text)
    date = match and read_date(match.group())
    if not match or not date or len(date.date_parts[0]) == 1:
        return None
    return Imprint(start=match.start(), end=match.end(), date=date)


def _authors_first(text: str, names: Names | None, start: int) -> Item:
    """A note as PubMed sums up a work (``Authors. Title. Journal. 2001;57(2):354-6.``), or of a book or a web page."""
    end = tail_start(text, start)
    imprint, publication = dated_imprint(text, start, end), find_publication(text, start, end)
    if not imprint or (publication and publication.start < imprint.start):
        if book := read_book(text, start, end, names, publication):
            return _on_the_web(text, book)
        imprint = imprint or date_alone(text, start, end)
    title_at = _title_start(text, names, start, imprint.start if imprint else end)
    if imprint and _is_proved(text, imprint, end):
        return _article(text, imprint, _entitled(text, imprint, _by(names), title_at), title_at or start)
    if preprint := _PREPRINT.search(text, start, end):
        return _preprint(text, preprint, _by(names), title_at)
    item = replace(_by(names), issued=imprint.date) if imprint else _by(names)
    return _alone(text, item, title_at, imprint.start if imprint else end)


def _date_first(text: str, item: Item, names: Names, start: int) -> Item:
    """A note with its date in front (``Authors (2001). Title. Journal, 12(3), 4–5.``)."""
    end = tail_start(text, start)
    imprint = undated_imprint(text, start, end)
    if imprint and not text[imprint.end : end].strip(" .,;"):
        return _article(text, imprint, _entitled(text, imprint, item, start), start)
    if book := read_book(text, start, end, names, find_publication(text, start, end, dated=False)):
        return replace(book, issued=item.issued)
    return _alone(text, item, start, end)


def _by(names: Names | None) -> Item:
    if names is None:
        return Item()
    return Item(editor=names.names) if names.editors else Item(author=names.names)


def _title_start(text: str, names: Names | None, start: int, end: int) -> int | None:
    """Where the title begins, if that is sure: behind names that were read to their end, or at a head of prose."""
    if names and names.closed:
        return start
    found = parts(text, start, end)
    if not found:
        return None
    first = text[found[0].start : found[0].end]
    if names is None:
        return start if is_prose(first) or first.startswith("[") else None
    behind = len(found) > 2 and not is_prose(first) and not begins_with_person(text, found[1].start)
    return found[1].start if behind else None


def _is_proved(text: str, imprint: Imprint, end: int) -> bool:
    """Whether what stands before a date is a journal: a volume, a month or an article's identifiers say so."""
    month = imprint.date is not None and len(imprint.date.date_parts[0]) > 1
    return imprint.located or (
        (month or end < len(text)) and not _WEB.match(text, end) and "Accessed" not in text[end:]
    )


def _entitled(text: str, imprint: Imprint, item: Item, start: int | None) -> Item:
    """The item with the title between `start` and the journal before the imprint."""
    if start is None:
        return item
    if quoted := _QUOTED.match(text, start):
        return replace(item, title=clean(quoted["title"]))
    journal = _journal_start(text, start, imprint.start)
    foreign = _FOREIGN.search(text, start, imprint.start)
    title = text[start : min(journal, foreign.start()) if foreign else journal]
    return replace(item, title=clean(_KIND.sub("", title.strip())))


def _journal_start(text: str, start: int, end: int) -> int:
    """Where the journal begins; at `end` where the only part is the prose of a title."""
    if quoted := _QUOTED.match(text, start):
        return quoted.end()
    foreign = _FOREIGN.search(text, start, end)
    found = split_journal(text, foreign.end() if foreign else start, end, whole=start == 0)
    if found is None or end - found > _MOST_LETTERS_OF_A_JOURNAL:
        return end
    return end if found == start and is_prose(text[start:end]) else found


def _article(text: str, imprint: Imprint, item: Item, start: int) -> Item:
    """The item with its journal, which ends where the imprint begins, and with volume, issue and pages."""
    at = _journal_start(text, start, imprint.start)
    journal = _KIND.sub("", _FOREIGN_BEHIND.sub("", text[at : imprint.start]).strip(" ,;("))
    if at == start and item.author and not item.title and count_small(journal) > 1:
        journal = ""  # the only part, and perhaps a title
    preprint = _SERVER.match(journal)
    return replace(
        item,
        type="article" if preprint else "article-journal" if imprint.located or journal else "document",
        container_title=_without_closing_stop(journal) or None,
        issued=imprint.date or item.issued,
        volume=imprint.volume,
        issue=imprint.issue,
        page=imprint.page or find_article_number(text[imprint.end :]),
    )


def _without_closing_stop(journal: str) -> str:
    """``Brain.`` is Brain, while ``J. Biol. Chem.`` keeps the full stop of its last abbreviation."""
    return journal if journal.count(".") > 1 else journal.removesuffix(".").rstrip()


def _preprint(text: str, server: re.Match[str], item: Item, start: int | None) -> Item:
    return replace(
        item,
        type="article",
        title=clean(text[start : server.start()]) if start is not None else None,
        container_title=server["server"],
        number=server["number"] or server["id"],
    )


def _alone(text: str, item: Item, start: int | None, end: int) -> Item:
    """A title with nothing that tells where it was printed; of several parts only a page of the web shows which."""
    found = parts(text, start, end) if start is not None else []
    web = _WEB.search(text) is not None
    if not found or (len(found) > 1 and not web):
        return _on_the_web(text, item)
    title = _KIND.sub("", text[found[0].start : found[0].end])
    known = bool(item.author) or title.startswith("[") or (web and len(title.split()) > 2)
    return _on_the_web(text, replace(item, title=clean(title) if known else None))


def _on_the_web(text: str, item: Item) -> Item:
    """The item as a page of the web, if it has a title and an address and no kind of its own."""
    page = item.type == "document" and item.title and _WEB.search(text)
    return replace(item, type="webpage") if page else item
