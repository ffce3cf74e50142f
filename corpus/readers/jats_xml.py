"""The XML of an article as a tree: nothing is fetched or expanded, and what is broken is mended as far as it goes."""

import re
from html.entities import html5

from lxml import etree

from corpus.errors import SourceError
from corpus.findings import Finding

__all__ = ["Element", "Parsed", "attribute", "line", "parse", "root_name"]

Element = etree._Element

_PROLOG = re.compile(
    r"(?:\s++|\ufeff|<\?(?:(?!\?>).)*+\?>|<!--(?:(?!-->).)*+-->"
    r"|<!DOCTYPE(?:[^\[>\"']|\"[^\"]*+\"|'[^']*+')*+(?:\[(?:[^\]\"'<]|\"[^\"]*+\"|'[^']*+'|<!--(?:(?!-->).)*+-->|<)*+\]\s*+)?+>)*+",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?P<name>[A-Za-z][\w.-]*)(?=[\s>/])")
_NAME = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)
_LAST_TAG = re.compile(r"</(?:[\w.-]+:)?(?P<name>[A-Za-z][\w.-]*)\s*>(?:\s|<!--[^<>]*-->)*$")
_ENDING = 1000
"""Characters at the end of a file in which its last tag is looked for."""
_NAMED = re.compile(r"&([A-Za-z][\w.-]{0,60});")
_NO_CHARACTER = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|lt|gt|amp|quot|apos);)|<(?![A-Za-z_/!?])")
_OWN = frozenset({"lt", "gt", "amp", "quot", "apos"})
_DOCTYPE = "<!DOCTYPE article>"
"""Stands for the prolog of a source, so that no source can declare an entity."""
_HARMLESS = frozenset({"NS_ERR_UNDEFINED_NAMESPACE"})
_TOO_DEEP = "ERR_RESOURCE_LIMIT"
_CUT = ("ERR_TAG_NOT_FINISHED", "ERR_DOCUMENT_END")
"""The source ends before its elements do, or after them."""
_XLINK = "{http://www.w3.org/1999/xlink}"


class Parsed:
    """The tree of a source, its tags without name spaces, and what had to be mended."""

    def __init__(self, root: Element, findings: tuple[Finding, ...]) -> None:
        self.root = root
        self.findings = findings


def root_name(text: str) -> str | None:
    """The name of the root element, without its prefix; None where the text does not begin as XML.

    >>> root_name('<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a "]>">]><article>')
    'article'
    """
    match = _ROOT.match(text, _prolog_end(text))
    return match and match["name"]


def parse(text: str) -> Parsed:
    """The tree of a text. Elements may nest 2048 deep; a file ends where it goes deeper.

    An entity that the text declares is never expanded, so neither memory nor time grow beyond its length; named
    characters are those of HTML, which holds nearly all that JATS knows.

    Raises `SourceError` where there is no element at all.

    >>> parse("<article>&alpha; &x; <b>c</article>").findings[0].message
    'names entities that are not known: &x;. They stand as they are; write the characters instead.'
    """
    end = _prolog_end(text)
    body, findings = _with_characters(_NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text[end:]))
    lines = text.count("\n", 0, end) * "\n"
    root, fault = _tree(_DOCTYPE + lines + body)
    if fault:
        findings.append(_malformed(fault, cut=not _is_whole(body)))
        mended, _ = _tree(_DOCTYPE + lines + _BARE.sub(lambda bare: "&amp;" if bare[0] == "&" else "&lt;", body))
        root = mended if mended is not None else root
    if root is None:
        raise SourceError("is not XML: no element could be read. Leave the file out, or export it again.")
    for element in root.iter():
        # Undeclared prefixes stand before a colon, declared ones as their name space.
        if _NAME.fullmatch(local := str(element.tag).rpartition("}")[2].rpartition(":")[2]):
            element.tag = local
    return Parsed(root, tuple(findings))


def attribute(element: Element, name: str) -> str | None:
    """An attribute, with or without the prefix ``xlink``."""
    return element.get(name) or element.get(_XLINK + name) or element.get(f"xlink:{name}")


def line(element: Element) -> str:
    """All text of an element in one line."""
    return " ".join("".join(map(str, element.itertext())).split())


def _prolog_end(text: str) -> int:
    match = _PROLOG.match(text)
    return match.end() if match else 0


def _with_characters(body: str) -> tuple[str, list[Finding]]:
    """The body with named characters as numbers, and unknown names as text."""
    unknown: dict[str, None] = {}

    def character(match: re.Match[str]) -> str:
        name = match[1]
        if name in _OWN:
            return match[0]
        if found := html5.get(f"{name};"):
            return "".join(f"&#{ord(each)};" for each in found)
        unknown[match[0]] = None
        return f"&amp;{name};"

    body = _NAMED.sub(character, body)
    if not unknown:
        return body, []
    names = ", ".join(list(unknown)[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
    message = f"names entities that are not known: {names}. They stand as they are; write the characters instead."
    return body, [Finding(kind="malformed", severity="warning", message=message)]


def _tree(source: str) -> tuple[Element | None, etree._LogEntry | None]:
    """The root, and the gravest fault, of equal ones the first."""
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(source.encode(), parser)
    except etree.XMLSyntaxError:
        root = None
    faults = (e for e in parser.error_log if e.level >= etree.ErrorLevels.ERROR and e.type_name not in _HARMLESS)
    return root, max(faults, key=lambda fault: (fault.type_name == _TOO_DEEP, fault.type_name in _CUT), default=None)


def _is_whole(body: str) -> bool:
    """Whether the element with which a body begins is also the last to be closed."""
    root = _ROOT.match(body)
    end = _LAST_TAG.search(body, max(0, len(body) - _ENDING))
    return root is not None and end is not None and end["name"] == root["name"]


def _malformed(fault: etree._LogEntry, *, cut: bool) -> Finding:
    if fault.type_name == _TOO_DEEP:
        message = f"is nested too deeply at line {fault.line}; what follows there was not read. Close what is open."
        return Finding(kind="malformed", severity="error", message=message)
    if cut or fault.type_name in _CUT:
        message = f"is not whole: elements and text do not end together, at line {fault.line}. Export it again."
        return Finding(kind="malformed", severity="error", message=message)
    message = f"is not well-formed XML at line {fault.line} ({fault.message.strip()}). What could be mended was read."
    return Finding(kind="malformed", severity="warning", message=message)
