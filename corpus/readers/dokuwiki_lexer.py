r"""DokuWiki markup cut into tokens: what a reader sees, where blocks begin, and the footnotes.

A mark that opens something counts only where what closes it follows, else it is text. Formatting marks
go; typographic signs are set as in DokuWiki's default configuration. That a closing mark is missing is
remembered, so that the work stays in proportion to the length of the page, however broken it is.

Source of the syntax: https://www.dokuwiki.org/wiki:syntax, and what DokuWiki's renderer makes of odd cases.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from corpus.spans import Span

__all__ = ["Token", "TokenKind", "tokenize"]

TokenKind = Literal[
    "text", "break", "note", "line", "cell", "heading", "list_item", "table_row", "quotation", "code", "rule"
]
"""The first three stand in a line; ``line`` ends one, ``cell`` a cell; the others begin a block."""


class Token(NamedTuple):
    """A piece of a page: its text as a reader sees it, and the level of a heading or list item."""

    kind: TokenKind
    text: str = ""
    level: int = 0


_SIGNS = {
    "<->": "↔", "->": "→", "<-": "←", "<=>": "⇔", "=>": "⇒", "<=": "⇐", ">>": "»", "<<": "«",
    "---": "—", "--": "–", "(c)": "©", "(tm)": "™", "(r)": "®", "...": "…",
}  # fmt: skip
_MARK = re.compile(
    r"^(?P<list_item>[ ]{2,}|\t+)[-*][ \t]*"
    r"|(?P<preformatted>(?:^(?:[ ]{2}|\t)[^\n]*(?:\n|\Z))+)"
    r"|^[ \t]*(?P<heading>==[^\n]*==)[ \t]*$"
    r"|^(?P<table_row>[|^])"
    r"|^(?P<quotation>>+)[ \t]?"
    r"|^[ \t]*(?P<rule>-{4,})[ \t]*$"
    r"|(?P<line>\n)"
    r"|(?P<cell>[|^])"
    r"|(?P<break>\\\\(?:[ \t]+|(?=\n)|\Z))"
    r"|(?P<macro>~~[A-Z][\w:=]*~~)"
    r"|(?P<note>\(\()|(?P<close>\)\))"
    r"|(?P<span>%%|<nowiki>|<(?:code|file)\b|\[\[|\{\{)"
    r"|(?P<address>\b(?i:(?:https?|ftp)://|www\.)[\w/#~:.?+=&%@!\-\[\];,]*[\w/#~+=&%@!\[\]])"
    r"|<(?P<mail>[\w.+-]+@[\w.-]+)>"
    r"|(?P<format>\*\*|(?<!:)//|__|''|</?(?:sub|sup|del)>)"
    r"|\b(?P<product>(?:[1-9]|[0-9]{2,})[xX][0-9]+)\b"
    rf"|(?P<sign>{'|'.join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))})"
    r"|(?P<quote>\")",
    # ASCII, because an address ends at the first letter beyond it.
    re.MULTILINE | re.ASCII,
)
_CLOSING = {
    opening: re.compile(closing)
    for opening, closing in {
        "((": r"\)\)", "%%": "%%", "<nowiki>": "</nowiki>", "<code": "</code>", "<file": "</file>",
        "[[": r"\]\](?!\])", "{{": r"\}\}", "**": r"\*\*", "//": "(?<!:)//", "__": "__", "''": "''",
        "<sub>": "</sub>", "<sup>": "</sup>", "<del>": "</del>",
    }.items()
}  # fmt: skip
_PARAGRAPH_END = re.compile(r"\n(?=[ \t]*(?:\n|==)|(?:[ ]{2,}|\t+)[-*]|[|^>])")
_HIDDEN = Token("text")
_NO_WORD = " \t\n/#~:+=&%@-()[]{}><\"'*_"
_MEDIA = re.compile(r"\{\{([^{}]+)\}\}")
_SHOWN_ITSELF = re.compile(r">|\.(?:png|jpe?g|gif|svg|webp|mp4|webm|og[gv]|mp3|wav)$", re.IGNORECASE)
"""Media that stand in the page themselves, or that a plug-in fetches; of another file one sees the name."""


def tokenize(page: str) -> list[Token]:
    """The tokens of a page, in its order.

    >>> [token.text for token in tokenize("It **rose** ((Smith A.))") if token.text]
    ['It ', 'rose', ' ', 'Smith A.']
    """
    return _Lexer(page).run()


class _Lexer:
    """Reads one page from its start to its end."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._at = 0
        self._in_note = False
        self._line: TokenKind | None = None
        """The kind of block that the line at hand began, if it began one."""
        self._after_item = False
        self._paragraph_end = -1
        self._awaited: set[str] = set()
        """The closing marks of the formatting that is open in this paragraph."""
        self._quotes = 0
        self._absent: dict[str, Span] = {}
        """For an opening mark, where its closing mark was looked for in vain."""
        self._takers: dict[str, Callable[[re.Match[str]], Token]] = {
            "list_item": lambda mark: self._begin("list_item", len(mark["list_item"].expandtabs(2)) // 2),
            "table_row": lambda mark: self._begin("table_row"),
            "quotation": lambda mark: self._begin("quotation"),
            "rule": lambda mark: self._begin("rule"),
            "preformatted": self._preformatted,
            "heading": self._heading,
            "line": self._line_end,
            "cell": lambda mark: Token("cell") if self._line == "table_row" else Token("text", mark["cell"]),
            "break": lambda mark: Token("break"),
            "macro": lambda mark: _HIDDEN,
            "note": self._note,
            "span": self._span,
            "format": self._format,
            "product": lambda mark: Token("text", re.sub("[xX]", "×", mark["product"])),
            "sign": lambda mark: Token("text", _SIGNS[mark["sign"]]),
            "quote": self._quote,
        }

    def run(self) -> list[Token]:
        return self._up_to_close()[0]

    def _up_to_close(self) -> tuple[list[Token], bool]:
        """The tokens up to the mark that closes a footnote, and whether it came; else those up to the end."""
        found: list[Token] = []
        while mark := _MARK.search(self._page, self._at):
            kind = mark.lastgroup or ""
            found.append(self._text(mark.start(), before=kind))
            self._at = mark.end()
            if kind == "close" and self._in_note:
                return found, True
            self._enter_paragraph(mark.start())
            found.append(self._takers[kind](mark) if kind in self._takers else Token("text", mark[kind]))
        return [*found, self._text(len(self._page), before="line"), Token("line")], False

    def _text(self, end: int, *, before: str) -> Token:
        """The text up to a mark, without white space at the ends of its line."""
        text = self._page[self._at : end]
        if self._at == 0 or self._page[self._at - 1] == "\n":
            text = text.lstrip(" \t")
        return Token("text", text.rstrip(" \t") if before in {"line", "break"} else text)

    def _enter_paragraph(self, start: int) -> None:
        """What is open ends with its paragraph, so that a stray mark reaches no further."""
        if start > self._paragraph_end:
            end = _PARAGRAPH_END.search(self._page, start)
            self._paragraph_end = end.start() if end else len(self._page)
            self._awaited.clear()
            self._quotes = 0

    def _closing(self, opening: str, end: int) -> re.Match[str] | None:
        """The mark that closes what has just been opened, if it stands before `end`."""
        absent = self._absent.get(opening)
        if absent and absent.start <= self._at and end <= absent.end:
            return None
        closing = _CLOSING[opening].search(self._page, self._at, end)
        if closing is None:
            self._absent[opening] = Span(self._at, end)
        return closing

    def _literal(self, mark: re.Match[str]) -> Token:
        """A mark that means nothing here: its first character is text, and another mark may begin at the next."""
        start = mark.start(mark.lastgroup or 0)
        self._at = start + 1
        return Token("text", self._page[start])

    def _begin(self, kind: TokenKind, level: int = 0) -> Token:
        if not self._in_note:
            self._line = kind
        return Token(kind, level=level)

    def _line_end(self, _: re.Match[str]) -> Token:
        if not self._in_note:
            self._after_item = self._line == "list_item"
            self._line = None
        return Token("line")

    def _preformatted(self, mark: re.Match[str]) -> Token:
        lines = mark["preformatted"].split("\n")
        if self._after_item:
            # What is indented below a list item is no code but a paragraph of its own.
            self._after_item = False
            self._at = mark.start() + len(lines[0]) - len(lines[0].lstrip(" \t"))
            return _HIDDEN
        return Token("code", "\n".join(line.removeprefix("\t") if line[:1] == "\t" else line[2:] for line in lines))

    def _heading(self, mark: re.Match[str]) -> Token:
        title = mark["heading"].strip("=").strip()
        if self._in_note or not title:
            return self._literal(mark)
        depth = len(mark["heading"]) - len(mark["heading"].lstrip("="))
        return Token("heading", title, max(1, 7 - depth))

    def _note(self, mark: re.Match[str]) -> Token:
        if self._in_note or not self._closing("((", len(self._page)):
            return self._literal(mark)
        start, self._in_note = self._at, True
        inside, closed = self._up_to_close()
        self._in_note = False
        if closed:
            return Token("note", _visible(inside))
        # Its closing mark stands within a link or in code, so no other note can be closed from here on.
        self._absent["(("] = Span(start, len(self._page))
        self._paragraph_end = -1
        return self._literal(mark)

    def _span(self, mark: re.Match[str]) -> Token:
        """What is shown of a link or of media, or what is not looked into; it may take several lines."""
        code = mark["span"] in {"<code", "<file"}
        # Formatting may hold no code, in which footnotes would not count.
        closing = None if code and self._awaited else self._closing(mark["span"], len(self._page))
        if closing is None:
            return self._literal(mark)
        inside = self._page[self._at : closing.start()]
        self._at = closing.end()
        if code:
            return Token("code", inside.partition(">")[2])
        shown = {"[[": _link, "{{": _media}.get(mark["span"], str)(inside)
        return Token("text", shown.replace("\n", " "))

    def _format(self, mark: re.Match[str]) -> Token:
        sign = mark["format"]
        if sign in self._awaited:
            self._awaited.remove(sign)
            return _HIDDEN
        if sign in _CLOSING and self._closing(sign, self._paragraph_end):
            self._awaited.add(sign.replace("<", "</"))
            return _HIDDEN
        return self._literal(mark)

    def _quote(self, mark: re.Match[str]) -> Token:
        before = self._page[max(0, mark.start() - 1) : mark.start()]
        after = self._page[mark.end() : mark.end() + 1]
        opens = before in _NO_WORD and after not in _NO_WORD + ";,.?!"
        opens = opens or self._quotes == 0
        self._quotes += 1 if opens else -1
        return Token("text", "“" if opens else "”")


def _visible(tokens: Sequence[Token]) -> str:
    """What a reader sees of a footnote, in one line."""
    texts = (token.text if token.kind == "text" else f" {token.text} " for token in tokens)
    return " ".join("".join(texts).split())


def _link(source: str) -> str:
    """The label of a link; without one, an address whole, or the name of the page or section linked to."""
    target, _, label = (part.strip() for part in source.partition("|"))
    if label:
        media = _MEDIA.fullmatch(label)
        return _media(media[1]) if media else label
    if "://" in target or "@" in target:
        return target
    if ">" in target:
        return target.partition(">")[2]
    page, _, section = target.partition("#")
    names = [name for name in re.split("[:;]", page.partition("?")[0]) if name] or [target]
    return section or names[-2 if names[-1] == "start" and len(names) > 1 else -1]


def _media(source: str) -> str:
    """The caption of media; without one, the name of a file that the page does not show itself."""
    target, _, caption = (part.strip() for part in source.partition("|"))
    name = target.partition("?")[0]
    return caption or ("" if _SHOWN_ITSELF.search(name) else re.split("[:/]", name)[-1])
