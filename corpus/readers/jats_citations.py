"""A citation of an article's reference list as a work: its tagged fields, and for what is not tagged its words."""

import re
from collections.abc import Iterator
from typing import get_args

from msgspec.structs import replace

from corpus.csl import Date, Item, ItemType, Name
from corpus.documents import Work
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
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?\s*(10\.\d{4,9}/\S+)", re.IGNORECASE)
_INTRODUCED = re.compile(r"(?:doi|PMID|PMCID|PubMed|Medline|/)[\s:.]*$", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?[\s-]?){1,4}")


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
        text = _set(stated, tagged)
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
            texts.append(element.tail or "")
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
    people = {role: tuple(_names(citation, role)) for role in ("author", "editor")}
    article, chapter = _first(citation, "article-title", "trans-title"), _first(citation, "chapter-title", "part-title")
    source = _first(citation, "source", "trans-source")
    kind = _type(citation, within=bool(article or chapter))
    title = chapter or article
    return Item(
        type=kind,
        author=people["author"],
        editor=people["editor"],
        title=title or source,
        container_title=source if title else None,
        issued=_issued(citation),
        accessed=_accessed(citation),
        volume=_first(citation, "volume"),
        issue=_first(citation, "issue"),
        page=_page(citation),
        edition=_first(citation, "edition"),
        publisher=_first(citation, "publisher-name"),
        publisher_place=_first(citation, "publisher-loc"),
        doi=_identifier(citation, "doi", _DOI),
        pmid=_identifier(citation, "pmid", _PMID),
        pmcid=_pmcid(citation),
        isbn=_first(citation, "isbn"),
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
    around = element.getparent()
    while around is not None and around is not citation:
        if around.tag == "person-group":
            return around.get("person-group-type") or "author"
        if around.tag in {"collab", "name", "string-name"}:
            return ""
        around = around.getparent()
    return "author"


def _name(element: Element) -> Name | None:
    family = _first(element, "surname")
    if family:
        return Name(family=family, given=_first(element, "given-names"), suffix=_first(element, "suffix"))
    literal = line(element).strip(" ,;.")
    return Name(literal=literal) if literal else None


def _issued(citation: Element) -> Date | None:
    match = _YEAR.search(_first(citation, "year") or "")
    if not match:
        return None
    month, season = _first(citation, "month") or "", (_first(citation, "season") or "").lower()
    parts = [int(match[1])]
    if at := _month(month):
        parts.append(at)
        day = _first(citation, "day") or ""
        parts += [int(day)] if day.isdecimal() and 1 <= int(day) <= 31 else []
    return Date((tuple(parts),), season=_SEASONS.get(season) if len(parts) == 1 else None)


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


def _identifier(citation: Element, kind: str, form: re.Pattern[str]) -> str | None:
    for element in citation.iter("pub-id", "ext-link", "comment", "object-id"):
        named = element.get("pub-id-type") or element.get("ext-link-type")
        if named == kind and (match := form.fullmatch(line(element).rstrip(".;, "))):
            return match[1]
    addresses = (attribute(element, "href") or "" for element in citation.iter("ext-link", "uri"))
    words = [*addresses, *(line(comment) for comment in citation.iter("comment"))]
    return next((value for each in words if (value := getattr(parse_work(each).csl, kind))), None)


def _pmcid(citation: Element) -> str | None:
    for element in citation.iter("pub-id"):
        if element.get("pub-id-type") in {"pmcid", "pmc"} and (match := _PMCID.fullmatch(line(element))):
            return f"PMC{match[1]}"
    return None


def _address(citation: Element) -> str | None:
    for element in citation.iter("ext-link", "uri"):
        address = attribute(element, "href") or line(element)
        if address.startswith(("http://", "https://")) and not _DOI.fullmatch(address):
            return address.strip()
    return None


def _set(item: Item, citation: Element) -> str:
    """The fields of an item in one line, as reference lists of medicine set them."""
    where = (item.volume or "") + (f"({item.issue})" if item.issue else "")
    date = "-".join(map(str, item.issued.date_parts[0][:1])) if item.issued else ""
    imprint = ";".join(filter(None, (date, ":".join(filter(None, (where, item.page))))))
    others = " et al" if any(True for _ in citation.iter("etal")) else ""
    parts = [
        ", ".join(map(_shown, item.author)) + (others if item.author else ""),
        item.title,
        item.container_title,
        f"{item.edition} ed" if item.edition and "ed" not in item.edition else item.edition,
        ": ".join(filter(None, (item.publisher_place, item.publisher))),
        imprint,
        *(line(comment) for comment in citation.iter("comment")),
        f"doi: {item.doi}" if item.doi else None,
        f"PMID: {item.pmid}" if item.pmid else None,
        f"Available from: {item.url}" if item.url else None,
    ]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def _shown(name: Name) -> str:
    """A name as family and initials."""
    if name.literal:
        return name.literal
    given = name.given or ""
    words = re.findall(r"[^\W\d_]+", given)
    initials = "".join(words) if _INITIALS.fullmatch(given) else "".join(word[0] for word in words)
    return " ".join(filter(None, (name.family, initials, name.suffix)))
