"""The marks of DokuWiki's syntax: what each looks like, and what closes it.

Source: https://www.dokuwiki.org/wiki:syntax, and what DokuWiki's renderer makes of odd cases.
"""

import re

from corpus.readers.dokuwiki_plugins import MACRO, NO_TEXT, REDIRECT, TAG

__all__ = ["BLANKS_AT_LINE_END", "BRACKETS", "CLOSING", "MARK", "NO_TEXT_TAGS", "NO_WORD", "PARAGRAPH_END", "SIGNS"]

SIGNS = {
    "<->": "↔", "->": "→", "<-": "←", "<=>": "⇔", "=>": "⇒", "<=": "⇐", ">>": "»", "<<": "«",
    "---": "—", "--": "–", "(c)": "©", "(tm)": "™", "(r)": "®", "...": "…",
}  # fmt: skip
"""Typographic signs, as DokuWiki sets them by default."""
MARK = re.compile(
    r"^(?P<list_item>[ ]{2,}|\t+)[-*][ \t]*"
    r"|(?P<preformatted>(?:^(?:[ ]{2}|\t)[^\n]*(?:\n|\Z))+)"
    r"|^[ \t]*(?P<heading>==[^\n]*==)[ \t]*$"
    r"|^(?P<table_row>[|^])"
    r"|^(?P<quotation>>+)[ \t]?"
    r"|^[ \t]*(?P<rule>-{4,})[ \t]*$"
    r"|(?P<line>\n)"
    r"|(?P<cell>[|^])"
    r"|(?P<break>\\\\(?:[ \t]+|(?=\n)|\Z))"
    rf"|(?P<macro>{MACRO})|^(?P<redirect>{REDIRECT})|(?P<tag>{TAG})"
    r"|(?P<note>\(\()|(?P<refnote>\[\()|(?P<close>\)[)\]])|(?P<notes><refnotes\b[^<>]{0,500}>)"
    rf"|(?P<span>%%|<nowiki>|<(?:code|file|{NO_TEXT})\b|\[\[|\{{\{{)"
    r"|(?P<address>\b(?i:(?:https?|ftp)://|www\.)[\w/#~:.?+=&%@!\-\[\];,]*[\w/#~+=&%@!\[\]])"
    r"|<(?P<mail>[\w.+-]+@[\w.-]+)>"
    r"|(?P<format>\*\*|(?<!:)//|__|''|</?(?:sub|sup|del)>)"
    r"|\b(?P<product>(?:[1-9]|[0-9]{2,})[xX][0-9]+)\b"
    rf"|(?P<sign>{'|'.join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))})"
    r"|(?P<quote>\")",
    # ASCII, because an address ends at the first letter beyond it.
    re.MULTILINE | re.ASCII,
)
"""All marks. The group that matched, the last one, is what the mark is."""
CLOSING = {
    opening: re.compile(closing)
    for opening, closing in {
        "((": r"\)\)", "[(": r"\)\]", "<refnotes": "</refnotes>",
        "%%": "%%", "<nowiki>": "</nowiki>", "<code": "</code>", "<file": "</file>",
        "[[": r"\]\](?!\])", "{{": r"\}\}", "**": r"\*\*", "//": "(?<!:)//", "__": "__", "''": "''",
        "<sub>": "</sub>", "<sup>": "</sup>", "<del>": "</del>",
        **{f"<{name}": f"</{name}>" for name in NO_TEXT.split("|")},
    }.items()
}  # fmt: skip
"""What closes that which a mark opens."""
BRACKETS = re.compile(r"\(+(?=\()")
"""All brackets of a row but the last."""
NO_TEXT_TAGS = frozenset(NO_TEXT.split("|"))
"""What opens a language of its own."""
BLANKS_AT_LINE_END = re.compile(r"[ \t]*\n[ \t\n]*")
"""White space around the end of a line, empty lines after it included."""
PARAGRAPH_END = re.compile(r"\n(?=[ \t]*(?:\n|==)|(?:[ ]{2,}|\t+)[-*]|[|^>])")
"""A line end behind which another block begins."""
NO_WORD = " \t\n/#~:+=&%@-()[]{}><\"'*_"
"""What is no word before or after a quotation mark."""
