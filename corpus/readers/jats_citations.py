"""A citation of an article's reference list as a work: its tagged fields, and for what is not tagged its words."""

import re
from collections.abc import Iterator
from typing import get_args

from msgspec.structs import replace

from corpus.csl import Date, Item, ItemType, Name
from corpus.documents import Work
from corpus.readers.jats_lines import reference_line
from corpus.readers.jats_xml import Element, attribute, line
from corpus.references import parse_work, work_id

__all__ = ["cited_work"]

_TYPES: dict[str, ItemType] = {
    "journal": "article-journal",
    "book": "book",
    "chapter": "chapter",
    "book-chapter": "chapter",
    "conf-proc": "paper-conference",
    "confproc": "paper-conference",
    "conference": "paper-conference",
    "thesis": "thesis",
    "report": "report",
    "gov": "report",
    "web": "webpage",
    "webpage": "webpage",
    "website": "webpage",
    "preprint": "article",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_PMID = re.compile(r"\s*(?:PMID:?\s*)?([1-9]\d{0,7})\s*")
_PMCID = re.compile(r"\s*(?:PMC)?(\d{1,9})\s*", re.IGNORECASE)
_ISBN = re.compile(r"([\dXx -]{10,17})")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?\s*(10\.\d{4,9}/\S+)", re.IGNORECASE)
_INTRODUCED = re.compile(r"(?:doi|PMID|PMCID|PubMed|Medline|/)[\s:.]*$", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(?:errat(?:um|a)|corrigend(?:um|a)|corrections?|corrected|retract(?:ion|ed)|comments?|commentary|reply|discussion"
    r"|republished|updated?|expression of concern)\b",
    re.IGNORECASE,
)
"""How a remark begins on another publication, whose identifiers follow (``Erratum in:``)."""
_PERSON = re.compile(r"(?P<family>[^\d,]{2,60}?),?\s(?P<given>(?:[A-Z]\.?[\s-]?){1,4})")
_NAME_PARTS = frozenset({"surname", "given-names", "prefix"})
_STANDS_ALONE = frozenset({"book", "report", "thesis", "webpage", "document"})
"""What may have no container, so that its source is its title."""
_HEIGHT = 6
"""So far above a name its group is looked for."""


def cited_work(citation: Element) -> Work | None:
    """The work of a citation; None for one without words.

    A `mixed-citation` keeps its text word for word, and gives its words to be read where a field is not tagged. What
    has no punctuation of its own is set in a line: authors, title, source, year, volume, issue, pages, identifiers.
    """
    shown, tagged = _forms(citation)
    stated = _item(tagged)
    if _is_printed(shown):
        text = _printed(shown)
        read = parse_work(text)
        item = _merged(stated, read.csl)
    else:
        text = reference_line(stated, others=next(tagged.iter("etal"), None) is not None) or line(citation)
        item = stated
    return Work(id=work_id(text, item.doi, item.pmid), text=text, csl=item) if text else None


def _forms(citation: Element) -> tuple[Element, Element]:
    """The citation as it is shown, and as it is tagged; they differ where alternatives are given."""
    if citation.tag != "citation-alternatives":
        return citation, citation
    children = list(citation)
    shown = next((each for each in children if each.tag == "mixed-citation"), None)
    tagged = next((each for each in children if each.tag == "element-citation"), None)
    first = children[0] if children else citation
    return (
        shown if shown is not None else tagged if tagged is not None else first,
        tagged if tagged is not None else shown if shown is not None else first,
    )


def _is_printed(citation: Element) -> bool:
    """Whether a citation has words or punctuation between its fields."""
    if citation.tag == "element-citation":
        return False
    between = [citation.text, *(child.tail for child in citation)]
    return any(text and text.strip() for text in between) or len(citation) == 0 or citation.tag in {"note", "p"}


def _printed(citation: Element) -> str:
    """The text of a citation word for word, but for identifiers that nothing introduces: they are not shown."""
    texts: list[str] = []
    todo: list[tuple[Element, bool]] = [(citation, True)]
    while todo:
        element, enters = todo.pop()
        if not enters:
            # A name holds elements alone, so what parts them is not in the source.
            within_name = element.tag in _NAME_PARTS and element.getnext() is not None
            texts.append(element.tail or (" " if within_name else ""))
            continue
        if element is not citation:
            todo.append((element, False))
        if element.tag == "pub-id" and not _INTRODUCED.search("".join(texts[-3:])):
            continue
        if element.tag in {"label", "object-id"}:
            continue
        texts.append(element.text or "")
        todo += [(child, True) for child in reversed(element)]
    return " ".join("".join(texts).split())


def _item(citation: Element) -> Item:
    """What the tags of a citation say."""
    chapter = _title(citation, "chapter-title", "part-title", "article-title", "trans-title")
    source = _title(citation, "source", "trans-source")
    kind = _type(citation, within=bool(chapter))
    alone = not chapter and kind in _STANDS_ALONE and _first(citation, "volume") is None
    linked = _linked(citation)
    return Item(
        type=kind,
        author=tuple(_names(citation, "author")),
        editor=tuple(_names(citation, "editor")),
        title=source if alone else chapter,
        container_title=None if alone else source,
        issued=_issued(citation),
        accessed=_accessed(citation),
        volume=_first(citation, "volume"),
        issue=_first(citation, "issue"),
        page=_page(citation),
        edition=_first(citation, "edition"),
        publisher=_first(citation, "publisher-name"),
        publisher_place=_first(citation, "publisher-loc"),
        doi=_identifier(citation, _DOI, "doi") or linked.doi,
        pmid=_identifier(citation, _PMID, "pmid") or linked.pmid,
        pmcid=f"PMC{pmcid}" if (pmcid := _identifier(citation, _PMCID, "pmcid", "pmc")) else linked.pmcid,
        isbn=_first(citation, "isbn") or _identifier(citation, _ISBN, "isbn"),
        url=_address(citation),
    )


def _merged(stated: Item, read: Item) -> Item:
    """What is tagged, and what was read of the words where nothing is."""
    absent = Item()
    given = {name: getattr(stated, name) for name in stated.__struct_fields__}
    return replace(read, **{name: value for name, value in given.items() if value != getattr(absent, name)})


def _first(citation: Element, *tags: str) -> str | None:
    for tag in tags:
        for element in citation.iter(tag):
            if text := line(element).strip(",; "):
                return text
    return None


def _title(citation: Element, *tags: str) -> str | None:
    """A title without its full stop, unless that ends an abbreviation."""
    title = _first(citation, *tags)
    return title[:-1] if title and re.search(r"[^\W\d_]{4}\.$", title) else title


def _type(citation: Element, *, within: bool) -> ItemType:
    named = citation.get("publication-type") or citation.get("citation-type") or ""
    kind = named if named in get_args(ItemType) else _TYPES.get(named.lower(), "document")
    return "chapter" if kind == "book" and within else kind  # type: ignore[return-value]


def _names(citation: Element, role: str) -> Iterator[Name]:
    """The names of a role; those outside a group are authors."""
    for element in citation.iter("name", "string-name", "collab", "on-behalf-of"):
        if _role(element, citation) == role and (name := _name(element)):
            yield name


def _role(element: Element, citation: Element) -> str:
    for around, _ in zip(element.iterancestors(), range(_HEIGHT), strict=False):
        if around is citation:
            break
        if around.tag == "person-group":
            return around.get("person-group-type") or "author"
        if around.tag in {"collab", "name", "string-name"}:
            return ""
    return "author"


def _name(element: Element) -> Name | None:
    if family := _first(element, "surname"):
        return Name(family=family, given=_first(element, "given-names"), suffix=_first(element, "suffix"))
    literal = line(element).strip(" ,;")
    person = _PERSON.fullmatch(literal) if element.tag == "string-name" else None
    if person:
        return Name(family=person["family"], given=person["given"])
    return Name(literal=literal) if literal else None


def _issued(citation: Element) -> Date | None:
    match = _YEAR.search(_dated(citation, "year"))
    if not match:
        return None
    month, day = _month(_dated(citation, "month")), _dated(citation, "day")
    if month is None:
        return Date(((int(match[1]),),), season=_SEASONS.get(_dated(citation, "season").lower()))
    days = (int(day),) if day.isdecimal() and 1 <= int(day) <= 31 else ()
    return Date(((int(match[1]), month, *days),))


def _dated(citation: Element, tag: str) -> str:
    """A part of the date of publication, which is not the day on which somebody looked."""
    for element in citation.iter(tag):
        around = element.getparent()
        if around is None or around.tag not in {"date-in-citation", "access-date"}:
            return line(element)
    return ""


def _month(text: str) -> int | None:
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else None
    return _MONTHS.index(text[:3].lower()) + 1 if text[:3].lower() in _MONTHS else None


def _accessed(citation: Element) -> Date | None:
    stated = _first(citation, "date-in-citation", "access-date")
    return parse_work(f"Accessed {stated}").csl.accessed if stated else None


def _page(citation: Element) -> str | None:
    first, last = _first(citation, "fpage"), _first(citation, "lpage")
    if first and last and first != last:
        return f"{first}-{last}"
    return first or _first(citation, "page-range", "elocation-id")


def _identifier(citation: Element, form: re.Pattern[str], *kinds: str) -> str | None:
    for element in citation.iter("pub-id", "ext-link", "object-id"):
        named = (element.get("pub-id-type") or element.get("ext-link-type") or "").lower()
        if named in kinds and (match := form.fullmatch(line(element).rstrip(".;, "))):
            return match[1]
    return None


def _linked(citation: Element) -> Item:
    """The identifiers within addresses and comments, but for those of what else was published on the work."""
    addresses = [attribute(element, "href") or "" for element in citation.iter("ext-link", "uri")]
    comments = (_ELSEWHERE.split(line(comment))[0] for comment in citation.iter("comment"))
    words = " ".join([*addresses, *comments])
    return parse_work(words).csl if words.strip() else Item()


def _address(citation: Element) -> str | None:
    for element in citation.iter("ext-link", "uri"):
        address = attribute(element, "href") or line(element)
        if address.startswith(("http://", "https://")) and not _DOI.fullmatch(address):
            return address.strip()
    return None
