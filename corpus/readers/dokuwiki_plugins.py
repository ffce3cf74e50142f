"""Marks of common plug-ins of DokuWiki: boxes, formatting, macros, and what is no text."""

import re

from corpus.findings import Finding
from corpus.readers.dokuwiki_tokens import HIDDEN, Token

__all__ = [
    "MACRO",
    "NESTED",
    "NO_TEXT",
    "OPENED_TWICE",
    "REDIRECT",
    "TAG",
    "UNCLOSED",
    "macro",
    "no_text",
    "redirect",
    "tag",
]

_BOXES = (
    "WRAP|block|div|note|hidden|columns|newcolumn|box|panel|accordion|callout|alert|spoiler|well|center|sortable|"
    "searchtable"
)
_FORMATS = "wrap|inline|span|fs|fc|ff|fw|color|font|hi|typo|smallcaps|nodisp|button|btn|label|badge|tooltip"
NO_TEXT = "bibtex|graphviz|mermaid|uml|plantuml|html|HTML|php|PHP"
"""Tags whose inside is a language of its own, with which the plug-in makes something else."""
TAG = rf"</?(?:{_BOXES}|{_FORMATS})(?:[ \t][^<>\n]{{0,300}})?/?>"
MACRO = r"~~[A-Z][\w:=]*~~|~~(?:REFNOTES|TOC|META|INFO|ODT|NOTOC|[A-Z]{4,30}[:>=|])[^~\n]{0,500}~~"
REDIRECT = r"#(?:redirect|REDIRECT)[ \t]+[^\n]+"

_BOX = re.compile(rf"</?(?:{_BOXES})\b")
_TARGET = re.compile(r"(?:~~)?#?(?:REDIRECT|redirect)[> \t]+(?P<target>[^~\n]+)")


def _unclosed(mark: str, closing: str) -> Finding:
    message = f"opens {mark} here, and nothing closes it; it is read as text. Close it with {closing}, or take it out."
    return Finding(kind="malformed", severity="warning", message=message)


UNCLOSED = {
    "((": _unclosed("a footnote with ((", "))"),
    "[(": _unclosed("a note with [(", ")]"),
    "<code": _unclosed("<code>", "</code>"),
    "<file": _unclosed("<file>", "</file>"),
}
"""What is to be said where one of these marks is never closed."""
NESTED = Finding(
    kind="not-followed",
    severity="warning",
    message="holds a note within a note, which is read as text. The wiki counts it, so later numbers may differ.",
)

OPENED_TWICE = Finding(
    kind="malformed",
    severity="warning",
    message="is a footnote that holds (( before )) comes; as on the wiki, all up to there is the note. "
    "Close it where it ends, or write the inner brackets singly.",
)


def tag(source: str) -> Token:
    """A tag of a plug-in: of a box, which begins or ends there, or of formatting, which goes.

    >>> tag("<WRAP round box 60%>").kind, tag("</color>").kind
    ('edge', 'text')
    """
    return Token("edge") if _BOX.match(source) else HIDDEN


def macro(source: str) -> Token:
    """A sign to DokuWiki or to a plug-in. It is not shown, but may print notes or lead elsewhere.

    >>> macro("~~REFNOTES cite~~").name, macro("~~NOTOC~~").text
    ('cite', '')
    """
    if source.startswith("~~REFNOTES"):
        return Token("notes", name=source[len("~~REFNOTES") : -2].strip())
    return redirect(source) if source.startswith("~~REDIRECT") else HIDDEN


def redirect(source: str) -> Token:
    """A sign that sends the reader on to another page."""
    match = _TARGET.match(source)
    if match is None:
        return HIDDEN
    message = f"sends its readers on to {match['target'].strip()!r}, which is not followed. Build that page instead."
    return Token("edge", finding=Finding(kind="not-followed", severity="warning", message=message))


def no_text(name: str) -> Token:
    """What stands in a language of its own and is not read."""
    message = f"holds {name}>, which is no text and is left out."
    return Token("edge", finding=Finding(kind="not-followed", severity="note", message=message))
