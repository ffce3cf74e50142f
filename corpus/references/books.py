"""Books, chapters, theses and pages of the web, as citation strings print them."""

import re

import msgspec

from corpus.csl import Date, Item, ItemType, Name
from corpus.references.dates import DATE, YEAR, read_date
from corpus.references.imprints import PAGE
from corpus.references.names import Names, read_names
from corpus.references.stops import parts

__all__ = ["Publication", "clean", "find_publication", "read_book"]

_PUBLISHED = re.compile(
    rf"(?:(?<=[.?!\])]\s)|(?<=[.?!\]]\)\s)|^)(?P<place>(?!In\s?:)(?:(?:St|Mt|Ft)\.\s)?[^\W\d_][^\d:;.?!]{{1,60}}|\[[^\]]{{3,40}}\])\s?:\s"
    rf"(?P<publisher>[^\W_][^:;]{{0,100}}?)\s?(?P<mark>[;,])\s?[c©]?(?P<date>{DATE})(?![\w(])"
)
_PUBLISHER = (
    r"(?P<publisher>(?=[^\W\d_])(?:[^\d:;,.?!]|\bUniv\.){0,60}(?:University|Press|Verlag|Books|Publish(?:ers|ing))"
    r"[^\d:;,.?!]{0,60})"
)
_PUBLISHED_BY = re.compile(rf"(?<=[.,]\s){_PUBLISHER},\s(?P<date>{YEAR})(?!\w)")
_PUBLISHED_BY_PART = re.compile(
    rf"(?<=[.?!\])]\s)(?:(?P<place>[^\W\d_][^\d:;,.?!]{{1,40}}),\s)?{_PUBLISHER};\s[c©]?(?P<date>{YEAR})(?![\w(;:])"
)
"""``Oxford University Press; 1994``, a part of its own."""
_PUBLISHED_UNDATED = re.compile(
    r"(?<=[.?!)\]]\s)(?P<place>(?:(?:St|Mt|Ft)\.\s)?[^\W\d_][^\d:;.?!]{1,40}):\s(?P<publisher>[^\W\d_][^\d:;?!]{1,60}?)\.?\s?$"
)
_EDITION = re.compile(
    r"[.,]?\s?\(?(?P<edition>(?:\d{1,2}(?:st|nd|rd|th)|[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Ff]ifth|[Ss]ixth|Rev(?:ised)?\.?"
    r"|International|Int))\s(?:rev\.?\s)?[Ee]d(?:ition|n)?\b\.?[)]?[.,]?"
)
_VOLUME = re.compile(r"[.,]?\s?[Vv]ol(?:ume|\.)?\s(?P<volume>\d{1,3}|[IVX]{1,5})\b[.,]?")
_THESIS = re.compile(
    r"(?:\s?[\[(]|[.,]\s)(?P<genre>(?:(?:Ph\.?\s?D\.?|[Dd]octoral|[Mm]aster['’]?s|M\.?Sc\.?|MD)\s)?(?:[Tt]hesis|[Dd]issertation))"
    r"(?:[\])][.,]?|[.,:])"
)
_ONLINE = re.compile(r"\s?\[(?:Internet|internet|Online|online|Web page|web page)\]")
_IN = re.compile(r"(?<=[.?!\]]\s)In:?\s(?=[A-Z\[])")
_INITIALISM = re.compile(r"(?:\b[A-Z]\.){2,4}$")
_PAGES_BEHIND = re.compile(r",?\s?\(?pp?\.\s?\d")
_PAGES = re.compile(rf"(?:[Pp]p?\.?|[Pp]ages?)\s(?P<page>{PAGE})")


class Publication(msgspec.Struct, frozen=True):
    """Place, publisher and date, and the span ``[start, end)`` where they stand."""

    start: int
    end: int
    place: str | None
    publisher: str
    date: Date | None


def find_publication(text: str, start: int, end: int, *, dated: bool = True) -> Publication | None:
    """The last place where a string tells who published a work; at its end, where the date stands in front.

    >>> find_publication("Smith A. A Book. 2nd ed. St. Louis (MO): Mosby; 2001.", 9, 53).place
    'St. Louis (MO)'
    """
    patterns = (_PUBLISHED, _PUBLISHED_BY_PART, _PUBLISHED_BY) if dated else (_PUBLISHED_UNDATED,)
    matches = next(filter(None, (list(pattern.finditer(text, start, end)) for pattern in patterns)), [])
    if not matches or matches[-1].start() <= start:
        return None
    told = matches[-1].groupdict()
    date = read_date(told["date"]) if dated else None
    return Publication(matches[-1].start(), matches[-1].end(), told.get("place"), told["publisher"].strip(), date)


def read_book(text: str, start: int, end: int, names: Names | None, publication: Publication | None) -> Item | None:
    """The book, chapter or thesis whose title begins at `start`, after its `names`, and which `publication` closes.

    None where nothing tells that it is one.

    >>> text = "Scan. In: Roe A, editor. Spines. 2nd ed. Bern: Karger; 2001. p. 4-9."
    >>> item = read_book(text, 0, len(text), None, find_publication(text, 0, len(text)))
    >>> item.title, item.container_title, item.edition, item.publisher, item.page
    ('Scan', 'Spines', '2nd', 'Karger', '4-9')
    """
    close = publication.start if publication else end
    inside = _IN.search(text, start, close)
    told = _read_volume(text, inside.end() if inside else start, close)
    if not (publication or inside or told.edition or told.thesis):
        return None
    page = _PAGES.search(text, inside.end() if inside else end, end)
    editors = names.names if names and names.editors else ()
    return Item(
        type=_type(told, publication, chapter=inside is not None),
        author=names.names if names and not names.editors else (),
        editor=told.editors or editors,
        title=clean(text[start : inside.start()]) if inside else told.title,
        container_title=told.title if inside else None,
        edition=told.edition,
        volume=told.number,
        publisher=publication.publisher if publication else None,
        publisher_place=publication.place.strip() if publication and publication.place else None,
        issued=publication.date if publication else None,
        genre=told.thesis,
        page=page["page"] if page else None,
    )


def clean(title: str) -> str | None:
    """A title without the full stop that closes it and the quotation marks around it.

    >>> clean("“Is it so?” "), clean("Growth. "), clean("In the U.S. "), clean(" . ")
    ('Is it so?', 'Growth', 'In the U.S.', None)
    """
    title = title.lstrip(" .,;:").rstrip()
    if not _INITIALISM.search(title):
        title = title.rstrip(" .,;:")
    for opening, closing in ("“”", "‘’", '""', "''", "«»"):
        if len(title) > 2 and title[0] == opening and title[-1] == closing and closing not in title[1:-1]:
            title = title[1:-1].strip().rstrip(".,")
    return title or None


class _Volume(msgspec.Struct, frozen=True, kw_only=True):
    """What a book tells of itself between its names and its publisher."""

    title: str | None
    editors: tuple[Name, ...]
    edition: str | None
    number: str | None
    thesis: str | None


def _read_volume(text: str, start: int, close: int) -> _Volume:
    names = read_names(text, start, close)
    editors: tuple[Name, ...] = ()
    if names and names.editors:
        editors, start = names.names, names.end
    edition, number, thesis = (pattern.search(text, start, close) for pattern in (_EDITION, _VOLUME, _THESIS))
    online, pages = _ONLINE.search(text, start, close), _PAGES_BEHIND.search(text, start, close)
    stop = min((match.start() for match in (edition, number, thesis, online, pages) if match), default=close)
    for part in parts(text, start, stop)[1:4]:
        behind = read_names(text, part.start, close)
        if behind and behind.editors:
            editors, stop = behind.names, part.start
            break
    return _Volume(
        title=clean(text[start:stop]),
        editors=editors,
        edition=edition and edition["edition"],
        number=number and number["volume"],
        thesis=thesis and thesis["genre"],
    )


def _type(told: _Volume, publication: Publication | None, *, chapter: bool) -> ItemType:
    if told.thesis:
        return "thesis"
    if chapter:
        return "paper-conference" if re.match(r"Proceedings\b", told.title or "") else "chapter"
    return "book" if publication or told.edition else "document"
