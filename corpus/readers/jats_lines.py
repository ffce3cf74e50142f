"""The line of a reference list for a work of which only the fields are known."""

import re

from corpus.csl import Item, Name

__all__ = ["reference_line"]

_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?[\s-]?){1,5}")
_FINAL = (".", "?", "!")


def reference_line(item: Item, *, others: bool = False) -> str:
    """The fields of an item as reference lists of medicine set them; `others` stands for authors left out.

    >>> from corpus.csl import Date
    >>> authors = Name(family="Diehn", given="F.E."), Name(literal="Study Group")
    >>> record = Item(author=authors, title="Cord", container_title="J X", issued=Date(((2021,),)), volume="7")
    >>> reference_line(record, others=True)
    'Diehn FE, Study Group, et al. Cord. J X. 2021;7.'
    """
    names = [*map(_shown, item.author), *(["et al"] if others and item.author else [])]
    parts = [
        ", ".join(names),
        item.title,
        _within(item),
        item.edition if item.edition is None or "ed" in item.edition else f"{item.edition} ed",
        _imprint(item),
        f"doi: {item.doi}" if item.doi else None,
        f"PMID: {item.pmid}" if item.pmid else None,
        f"Available from: {item.url}" if item.url else None,
    ]
    return " ".join(part if part.endswith(_FINAL) else f"{part}." for part in parts if part)


def _within(item: Item) -> str | None:
    """The container, with its editors where it is a book."""
    if item.type != "chapter" or not item.container_title:
        return item.container_title
    editors = ", ".join(map(_shown, item.editor))
    role = "editors" if len(item.editor) > 1 else "editor"
    return f"In: {editors}, {role}. {item.container_title}" if editors else f"In: {item.container_title}"


def _imprint(item: Item) -> str:
    year = str(item.issued.date_parts[0][0]) if item.issued else ""
    publisher = ": ".join(filter(None, (item.publisher_place, item.publisher)))
    if publisher:
        dated = "; ".join(filter(None, (publisher, year)))
        return f"{dated}. p. {item.page}" if item.page else dated
    where = (item.volume or "") + (f"({item.issue})" if item.issue else "")
    return ";".join(filter(None, (year, ":".join(filter(None, (where, item.page))))))


def _shown(name: Name) -> str:
    """A name as family and initials."""
    if name.literal:
        return name.literal
    given = name.given or ""
    words = re.findall(r"[^\W\d_]+", given)
    initials = "".join(words) if _INITIALS.fullmatch(given) else "".join(word[0] for word in words)
    return " ".join(filter(None, (name.family, initials, name.suffix)))
