"""What a page in DokuWiki markup is cut into."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from corpus.findings import Finding
from corpus.notes import Note

__all__ = ["HIDDEN", "Token", "TokenKind", "shown_note"]

TokenKind = Literal[
    "text", "format", "break", "note", "refnote", "line", "cell",
    "heading", "list_item", "table_row", "quotation", "code", "rule", "edge", "notes",
]  # fmt: skip
"""The first five stand in a line; ``line`` ends one, ``cell`` a cell; the others begin a block. An ``edge`` is where
a box begins or ends, or where another page is put in; ``notes`` is where RefNotes prints its notes."""


class Token(NamedTuple):
    """A piece of a page: its text as a reader sees it, and the level of a heading or list item.

    `name` is that of a RefNotes note, or names the namespaces of a block of notes; `link` is the address behind
    the text, if it is not the text itself. A `finding` is about this very place.
    """

    kind: TokenKind
    text: str = ""
    level: int = 0
    name: str = ""
    link: str | None = None
    note: Note = Note()
    finding: Finding | None = None


HIDDEN = Token("text")
"""A mark of which a reader sees nothing."""


def shown_note(tokens: Iterable[Token]) -> Note:
    """What a reader sees of a note that holds some tokens, in one line, and the addresses behind it.

    >>> shown_note([Token("text", "The", link="https://x.org"), Token("line"), Token("text", "paper.")])
    Note(text='The paper.', links=('https://x.org',), stated=None)
    """
    tokens = list(tokens)
    texts = (token.text if token.kind in {"text", "format"} else f" {token.text} " for token in tokens)
    return Note(" ".join("".join(texts).split()), tuple(token.link for token in tokens if token.link))
