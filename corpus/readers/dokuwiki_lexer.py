r"""DokuWiki markup cut into tokens: what a reader sees, where blocks begin, and the footnotes.

A mark that opens something counts only where what closes it follows, else it is text. Formatting marks
go; typographic signs are set as in DokuWiki's default configuration. That a closing mark is missing is
remembered, so that the work stays in proportion to the length of the page, however broken it is.

Source of the syntax: https://www.dokuwiki.org/wiki:syntax, and what DokuWiki's renderer makes of odd cases.
"""

import re
from collections.abc import Callable

from corpus.findings import Finding
from corpus.readers.dokuwiki_links import link, media
from corpus.readers.dokuwiki_plugins import NESTED, OPENED_TWICE, UNCLOSED, macro, no_text, redirect, tag
from corpus.readers.dokuwiki_syntax import (
    BLANKS_AT_LINE_END,
    BRACKETS,
    CLOSING,
    MARK,
    NO_TEXT_TAGS,
    NO_WORD,
    PARAGRAPH_END,
    SIGNS,
)
from corpus.readers.dokuwiki_tokens import HIDDEN, Token, TokenKind, shown_note
from corpus.readers.refnotes import is_used, open_note, stated_note
from corpus.spans import Span

__all__ = ["tokenize"]


def tokenize(page: str) -> list[Token]:
    """The tokens of a page, in its order.

    >>> [token.text or token.note.text for token in tokenize("It **rose** ((Smith A.))") if token.kind != "line"]
    ['It ', '', 'rose', '', ' ', 'Smith A.', '']
    """
    return _Lexer(page).run()


class _Lexer:
    """Reads one page from its start to its end."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._at = 0
        self._refnotes = is_used(page)
        self._closer = ""
        """What closes the note at hand, if the place is within one."""
        self._line: TokenKind | None = None
        """The kind of block that the line at hand began, if it began one."""
        self._after_item = False
        self._levels: list[int] = []
        """The levels of the list item at hand and of those around it."""
        self._paragraph_end = -1
        self._awaited: set[str] = set()
        """The closing marks of the formatting that is open in this paragraph."""
        self._quotes = 0
        self._absent: dict[str, Span] = {}
        """For an opening mark, where its closing mark was looked for in vain."""
        self._takers: dict[str, Callable[[re.Match[str]], Token]] = {
            "list_item": self._item,
            "table_row": lambda mark: self._begin("table_row"),
            "quotation": lambda mark: self._begin("quotation"),
            "rule": lambda mark: self._begin("rule"),
            "preformatted": self._preformatted,
            "heading": self._heading,
            "line": self._line_end,
            "cell": self._cell,
            "break": lambda mark: Token("break", "\n"),
            "macro": lambda mark: macro(mark["macro"]),
            "redirect": lambda mark: redirect(mark["redirect"]),
            "tag": lambda mark: tag(mark["tag"]),
            "note": self._note,
            "refnote": self._refnote,
            "close": lambda mark: self._literal(mark) if self._closer else Token("text", mark["close"]),
            "notes": self._notes,
            "span": self._span,
            "format": self._format,
            "product": lambda mark: Token("text", re.sub("[xX]", "×", mark["product"])),
            "sign": lambda mark: Token("text", SIGNS[mark["sign"]]),
            "quote": self._quote,
        }

    def run(self) -> list[Token]:
        return self._up_to_close()[0]

    def _up_to_close(self) -> tuple[list[Token], bool]:
        """The tokens up to the mark that closes a footnote, and whether it came; else those up to the end."""
        found: list[Token] = []
        while mark := MARK.search(self._page, self._at):
            kind = mark.lastgroup or ""
            if mark.start() > self._at:
                found.append(self._text(mark.start(), before=kind))
            self._at = mark.end()
            if self._closer and mark.group() == self._closer:
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
            end = PARAGRAPH_END.search(self._page, start)
            self._paragraph_end = end.start() if end else len(self._page)
            self._awaited.clear()
            self._quotes = 0

    def _closing(self, opening: str, end: int) -> re.Match[str] | None:
        """The mark that closes what has just been opened, if it stands before `end`."""
        absent = self._absent.get(opening)
        if absent and absent.start <= self._at and end <= absent.end:
            return None
        closing = CLOSING[opening].search(self._page, self._at, end)
        if closing is None:
            self._absent[opening] = Span(self._at, end)
        return closing

    def _literal(self, mark: re.Match[str], finding: Finding | None = None) -> Token:
        """A mark that means nothing here: its first character is text, and another mark may begin at the next."""
        start = mark.start(mark.lastgroup or 0)
        self._at = start + 1
        return Token("text", self._page[start], finding=finding)

    def _begin(self, kind: TokenKind, level: int = 0) -> Token:
        if not self._closer:
            self._line = kind
        return Token(kind, level=level)

    def _item(self, mark: re.Match[str]) -> Token:
        """An item; none is less deep than the first of its list, nor between two levels that are open."""
        level = len(mark["list_item"].expandtabs(2)) // 2
        if self._closer:
            return self._begin("list_item", level)
        if not self._after_item:
            self._levels.clear()
        while len(self._levels) > 1 and self._levels[-1] > level:
            self._levels.pop()
        if not self._levels or self._levels[-1] < level:
            self._levels.append(level)
        return self._begin("list_item", len(self._levels))

    def _line_end(self, _: re.Match[str]) -> Token:
        if not self._closer:
            self._after_item = self._line == "list_item"
            self._line = None
        return Token("line")

    def _cell(self, mark: re.Match[str]) -> Token:
        in_row = self._line == "table_row" and not self._closer
        return Token("cell") if in_row else Token("text", mark["cell"])

    def _preformatted(self, mark: re.Match[str]) -> Token:
        lines = mark["preformatted"].split("\n")
        if self._after_item:
            # What is indented below a list item is no code but a paragraph of its own.
            self._after_item = False
            self._at = mark.start() + len(lines[0]) - len(lines[0].lstrip(" \t"))
            return HIDDEN
        return Token("code", "\n".join(line.removeprefix("\t") if line[:1] == "\t" else line[2:] for line in lines))

    def _heading(self, mark: re.Match[str]) -> Token:
        title = mark["heading"].strip("=").strip()
        if self._closer or not title:
            return self._literal(mark)
        depth = len(mark["heading"]) - len(mark["heading"].lstrip("="))
        return Token("heading", title, max(1, 7 - depth))

    def _note(self, mark: re.Match[str]) -> Token:
        if self._closer:
            if self._closer == "))":
                return self._literal(mark, OPENED_TWICE)
            return self._literal(mark, NESTED if self._closing("((", len(self._page)) else None)
        inside = self._inside("((", "))")
        if inside is not None:
            return _noted(Token("note"), inside)
        # All brackets of a row but the last, which may begin a sign.
        row = BRACKETS.match(self._page, mark.start())
        text = row.group() if row else ""
        self._at = mark.start() + len(text)
        return Token("text", text, finding=UNCLOSED["(("])

    def _refnote(self, mark: re.Match[str]) -> Token:
        if self._closer or not self._refnotes:
            nested = self._refnotes and self._closer == "))" and self._closing("[(", len(self._page))
            return self._literal(mark, NESTED if nested else None)
        opening = open_note(self._page, self._at)
        self._at = opening.end
        token = Token("refnote", name=opening.name)
        if opening.kind == "fields" and (closing := self._closing("[(", len(self._page))):
            fields = self._page[self._at : closing.start()]
            self._at = closing.end()
            return token._replace(note=stated_note(fields))
        inside = self._inside("[(", ")]")
        return self._literal(mark, UNCLOSED["[("]) if inside is None else _noted(token, inside)

    def _inside(self, opening: str, closer: str) -> list[Token] | None:
        """What stands in the note that has just been opened; None if nothing closes it."""
        if not self._closing(opening, len(self._page)):
            return None
        start, self._closer = self._at, closer
        # Formatting around a note neither ends in it nor is ended by it.
        around, self._awaited = self._awaited, set()
        inside, closed = self._up_to_close()
        self._closer, self._awaited = "", around
        if closed:
            return inside
        # Its closing mark stands within a link or in code, so no other note can be closed from here on.
        self._absent[opening] = Span(start, len(self._page))
        self._paragraph_end = -1
        return None

    def _notes(self, mark: re.Match[str]) -> Token:
        """The block that prints the notes of RefNotes; it may hold settings."""
        attributes = mark["notes"][len("<refnotes") :].rstrip(">")
        if attributes.endswith("/"):
            return Token("notes", name=attributes.rstrip("/"))
        closing = self._closing("<refnotes", len(self._page))
        if closing is None:
            return self._literal(mark)
        body = self._page[self._at : closing.start()]
        self._at = closing.end()
        return Token("notes", body, name=attributes)

    def _span(self, mark: re.Match[str]) -> Token:
        """What is shown of a link or of media, or what is not looked into; it may take several lines."""
        opening = mark["span"]
        code = opening in {"<code", "<file"}
        # Formatting may hold no code, in which footnotes would not count.
        held = code and bool(self._awaited)
        closing = None if held else self._closing(opening, len(self._page))
        if closing is None:
            return self._literal(mark, None if held or self._closer else UNCLOSED.get(opening))
        inside = self._page[self._at : closing.start()]
        self._at = closing.end()
        if code:
            return Token("code", inside.partition(">")[2])
        if opening in {"[[", "{{"}:
            shown = (link if opening == "[[" else media)(inside)
            return shown._replace(text=shown.text.replace("\n", " "))
        return no_text(opening) if opening[1:] in NO_TEXT_TAGS else Token("text", BLANKS_AT_LINE_END.sub("\n", inside))

    def _format(self, mark: re.Match[str]) -> Token:
        sign = mark["format"]
        if sign in self._awaited:
            self._awaited.remove(sign)
            return Token("format")
        if sign in CLOSING and self._closing(sign, self._paragraph_end):
            self._awaited.add(sign.replace("<", "</"))
            return Token("format")
        return self._literal(mark)

    def _quote(self, mark: re.Match[str]) -> Token:
        before = self._page[max(0, mark.start() - 1) : mark.start()]
        after = self._page[mark.end() : mark.end() + 1]
        opens = before in NO_WORD and after not in NO_WORD + ";,.?!"
        opens = opens or self._quotes == 0
        self._quotes += 1 if opens else -1
        return Token("text", "“" if opens else "”")


def _noted(token: Token, inside: list[Token]) -> Token:
    """A note that holds some tokens; what is wrong with one of them is told at its mark."""
    finding = next((held.finding for held in inside if held.finding), None)
    return token._replace(note=shown_note(inside), finding=finding)
