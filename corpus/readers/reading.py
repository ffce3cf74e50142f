"""What a reader of a source form gives, before the source has an id."""

import re
from collections.abc import Callable

import msgspec

from corpus.documents import Block, BlockKind, Form, Marker, Reference

__all__ = ["Reader", "Reading", "block_kind", "is_heading", "is_unfinished", "paragraphs"]

_FINISHED = re.compile(r"[.!?:;…。]['\"”’»)\]}]*$")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A source as its reader sees it; the fields are those of `Document`."""

    text: str
    title: str | None = None
    modified: str | None = None
    footnotes: bool = False
    blocks: tuple[Block, ...] = ()
    markers: tuple[Marker, ...] = ()
    references: tuple[Reference, ...] = ()


class Reader(msgspec.Struct, frozen=True):
    """A source form: how it is recognised in the decoded text of a file, and how it is read."""

    form: Form
    recognises: Callable[[str], bool]
    read: Callable[[str], Reading]


def is_unfinished(line: str) -> bool:
    """Whether a line ends without the punctuation that closes a sentence."""
    return not _FINISHED.search(line.strip())


def is_heading(line: str, *, words: int = 12) -> bool:
    """Whether a line that stands alone reads as a heading: short, unfinished, and not begun in lower case.

    >>> is_heading("2017"), is_heading("It rose."), is_heading("survival 14.8 months")
    (True, False, False)
    """
    line = line.strip()
    begins_as_title = line[:1].isupper() or line[:1].isdigit()
    symbols = sum(character in "=(){}[]<>|\\*+;" for character in line)
    return (
        begins_as_title
        and is_unfinished(line)
        and not line.endswith(",")
        and len(line.split()) <= words
        and symbols <= 2
        and any(map(str.isalnum, line))
    )


def paragraphs(text: str, end: int | None = None) -> list[tuple[int, int]]:
    r"""The stretches of ``text[:end]`` that blank lines part, as offsets without outer white space.

    >>> paragraphs("One\nline.\n\n  Two. ")
    [(0, 9), (13, 17)]
    """
    return [match.span() for match in re.finditer(r"\S(?:.|\n(?!\s*\n))*(?<=\S)", text[:end])]


def block_kind(line: str) -> BlockKind:
    """The kind of a line that stands alone in a text without mark-up."""
    return "heading" if is_heading(line) else "line" if is_unfinished(line) else "paragraph"
