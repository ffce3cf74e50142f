"""The syntax of DokuWiki's plug-in RefNotes: ``[(name>note)]``, fields of a note, blocks that style and end a row.

Source: https://www.dokuwiki.org/plugin:refnotes:syntax, and the plug-in's own source where that page is silent.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec

from corpus.csl import Date, Item, Name
from corpus.notes import Note, cites

__all__ = [
    "NotesBlock",
    "Opening",
    "canonical",
    "is_used",
    "open_note",
    "parent",
    "parse_block",
    "parse_name",
    "stated_note",
]

_STRICT = r"[^\W\d_]\w{0,99}"
_EXTENDED = r"[^\W_][\w.&()\[\]{}+-]{0,99}"
_NAMESPACE = rf"(?:(?:{_STRICT})?:){{0,20}}"
_OPENING = re.compile(
    rf"\s*+(?:(?P<reference>{_NAMESPACE}(?:\#\w{{1,99}}|{_STRICT})|:{_NAMESPACE}{_EXTENDED}?)\s*+(?=\)\])"
    rf"|(?P<fields>{_NAMESPACE}(?:\#\d+|{_EXTENDED})?)\s*+>>"
    rf"|(?P<text>{_NAMESPACE}(?:\#\d+|{_EXTENDED})?)\s*+>)"
)
_SIGN = re.compile(r"~~REFNOTES|<refnotes\b|\[\(\s{0,9}[\w:]{0,99}#\d{1,9}\s{0,9}\)\]")
_NOTE = re.compile(r"\[\((?:[\w:.&+-]{0,99}>{1,2})?(?P<text>(?:(?!\[\(|\)\]).){1,2000}+)\)\](?!\()", re.DOTALL)
_ROW_NAME = re.compile(rf"{_NAMESPACE}(?::|{_STRICT}):{{0,9}}")
_PAIRS = re.compile(r"(?P<key>[-\w]{1,60}+)\s*+:(?P<value>(?:\\;|[^;\n])*+)")
_CELLS = re.compile(r"\|\s*+(?P<key>[-\w]{1,60}+)\s*+=(?P<value>[^|]*+)")


class Opening(NamedTuple):
    """What stands between ``[(`` and the text of a note; `end` is where the text begins."""

    kind: Literal["reference", "fields", "text"]
    name: str
    end: int


class NotesBlock(NamedTuple):
    """``~~REFNOTES namespace~~`` or ``<refnotes namespace>…</refnotes>``: here the notes so far are printed.

    `mapped` are namespaces whose notes stand in the same row.
    """

    namespace: str
    mapped: tuple[str, ...]
    style: dict[str, str]


def is_used(page: str) -> bool:
    """Whether a page uses the plug-in; elsewhere ``[(`` is text, as in ``[(NH4)2]``.

    >>> is_used("It rose [(Smith A. One. 2001.)]."), is_used("[(n = 12)]")
    (True, False)
    """
    return bool(_SIGN.search(page)) or any(map(cites, {match["text"] for match in _NOTE.finditer(page)}))


def open_note(page: str, start: int) -> Opening:
    """What the note that was opened before `start` begins with.

    >>> open_note("cite:a > Text)]", 0)
    Opening(kind='text', name='cite:a', end=8)
    """
    match = _OPENING.match(page, start)
    if match is None:
        return Opening("text", "", start)
    if match["reference"] is not None:
        return Opening("reference", match["reference"], match.end())
    if match["fields"] is not None:
        return Opening("fields", match["fields"], match.end())
    return Opening("text", match["text"], match.end())


def parse_name(name: str) -> tuple[str, str]:
    """The namespace and the name within it.

    >>> parse_name("cite:knuth"), parse_name("#1")
    ((':cite:', 'knuth'), (':', '#1'))
    """
    namespace, _, own = name.rpartition(":")
    return canonical(namespace), own


def parse_block(attributes: str, body: str = "") -> NotesBlock:
    """What a block of notes says of its namespace.

    >>> parse_block("cite", "multi-ref-id: note")
    NotesBlock(namespace=':cite:', mapped=(), style={'multi-ref-id': 'note'})
    """
    names = [canonical(word) for word in attributes.split() if _ROW_NAME.fullmatch(word)] or [":"]
    settings = {match["key"]: match["value"].strip() for match in _PAIRS.finditer(body)}
    return NotesBlock(names[0], tuple(names[1:]), settings)


def canonical(namespace: str) -> str:
    """A namespace with colons at both ends.

    >>> canonical("cite"), canonical("")
    (':cite:', ':')
    """
    return re.sub(":{2,}", ":", f":{namespace}:")


def parent(namespace: str) -> str:
    """The namespace above one; none above the outermost.

    >>> parent(":cite:old:"), parent(":")
    (':cite:', '')
    """
    return re.sub(r"[^:]*:$", "", namespace)


def stated_note(source: str) -> Note:
    """The note that fields describe; its text gives them in the order of a reference list.

    >>> note = stated_note("authors: Smith A, Jones B; title: One; journal: J X; published: 2001; pmid: 7")
    >>> note.text
    'Smith A, Jones B. One. J X. 2001. PMID: 7.'
    """
    pairs = (_CELLS if source.lstrip().startswith("|") else _PAIRS).finditer(source)
    given = {match["key"].lower(): " ".join(match["value"].replace("\\;", ";").split()) for match in pairs}
    fields = {key: value for key, value in given.items() if value}
    if not fields:
        return Note()
    shown = _line(fields) or max(fields.values(), key=len)
    return Note(shown, (fields["url"],) if "url" in fields else (), _item(fields))


def _line(fields: Mapping[str, str]) -> str:
    where = fields.get("volume", "") + (f"({fields['issue']})" if "issue" in fields else "")
    pages = _either(fields, "note-pages", "note-page", "pages", "page")
    date = _either(fields, "published", "year")
    parts = [
        _either(fields, "authors", "author"),
        _either(fields, "title", "note-text"),
        _either(fields, "journal", "booktitle"),
        ";".join(filter(None, (date, ":".join(filter(None, (where, pages)))))),
        fields.get("publisher"),
        f"doi: {fields['doi']}" if "doi" in fields else None,
        f"PMID: {fields['pmid']}" if "pmid" in fields else None,
    ]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def _item(fields: Mapping[str, str]) -> Item:
    year = re.search(r"\b(1[5-9]|20)\d\d\b", _either(fields, "published", "year") or "")
    item = Item(
        author=_names(_either(fields, "authors", "author") or ""),
        title=_either(fields, "title", "note-text"),
        container_title=_either(fields, "journal", "booktitle"),
        issued=Date(((int(year.group()),),)) if year else None,
        page=_either(fields, "pages", "page"),
        isbn=fields.get("isbn"),
        url=fields.get("url"),
    )
    same = {name: fields.get(name) for name in ("volume", "issue", "edition", "publisher", "language")}
    return msgspec.structs.replace(item, **same)


def _either(fields: Mapping[str, str], *keys: str) -> str | None:
    return next((fields[key] for key in keys if key in fields), None)


def _names(authors: str) -> tuple[Name, ...]:
    """Authors, as far as their form tells family and given name apart; else none, and the text is read instead."""
    people = re.split(r"\s+and\s+|\s*;\s*", authors)
    parted = [person.split(", ") for person in people]
    if not authors or any(len(parts) != 2 or len(parts[0].split()) > 3 for parts in parted):
        return _unparted(people) if len(people) == 1 and "," not in authors and authors else ()
    if any(re.fullmatch(r"(\S+ )+[A-Z]{1,3}", part) for parts in parted for part in parts):
        return ()
    return tuple(Name(family=family, given=given) for family, given in parted)


def _unparted(people: Iterable[str]) -> tuple[Name, ...]:
    return tuple(Name(literal=name) for name in people if not re.fullmatch(r"(\S+ )+[A-Z]{1,3}\.?", name))
