"""What a reader of a source form gives, before the source has an id."""

import re
from collections.abc import Callable, Sequence
from itertools import groupby

import msgspec

from corpus.documents import Block, BlockKind, Form, Marker, Reference
from corpus.findings import Finding
from corpus.spans import Span

__all__ = ["Reader", "Reading", "block_kind", "is_heading", "is_unfinished", "paragraphs", "with_headings"]

_FINISHED = re.compile(r"[.!?:;…。]['\"”’»)\]}]*$")
_SENTENCE_WITHIN = re.compile(r"[^\W\d_]{4}[.!?]\s+[A-Z]")
_PARAGRAPH = re.compile(r"\S[^\n]*(?:\n(?![^\S\n]*\n)[^\n]+)*")
_HEADING_WORDS, _HEADING_LENGTH, _HEADING_LEVELS = 12, 150, 3


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A source as its reader sees it; the fields are those of `Document`."""

    text: str
    title: str | None = None
    url: str | None = None
    modified: str | None = None
    footnotes: bool = False
    blocks: tuple[Block, ...] = ()
    markers: tuple[Marker, ...] = ()
    references: tuple[Reference, ...] = ()
    findings: tuple[Finding, ...] = ()


class Reader(msgspec.Struct, frozen=True):
    """A source form: how it is recognised in the decoded text of a file, and how it is read.

    `tagged` forms begin with a tag, and what is recognised as one of them is nothing else.
    """

    form: Form
    recognises: Callable[[str], bool]
    read: Callable[[str], Reading]
    tagged: bool = False


def is_unfinished(line: str) -> bool:
    """Whether a line ends without the punctuation that closes a sentence."""
    return not _FINISHED.search(line.strip())


def is_heading(line: str) -> bool:
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
        and not _SENTENCE_WITHIN.search(line)
        and len(line) <= _HEADING_LENGTH
        and len(line.split()) <= _HEADING_WORDS
        and symbols <= 2
        and any(map(str.isalnum, line))
    )


def paragraphs(text: str) -> list[Span]:
    r"""The stretches of a text that blank lines part, without outer white space.

    >>> paragraphs("One\nline.\n\n  Two. ")
    [Span(start=0, end=9), Span(start=13, end=17)]
    """
    return [Span(match.start(), match.start() + len(match.group().rstrip())) for match in _PARAGRAPH.finditer(text)]


def block_kind(line: str) -> BlockKind:
    """The kind of what stands alone in a text without mark-up.

    >>> block_kind("2017"), block_kind("survival 14.8 months"), block_kind("It rose. Then it fell")
    ('heading', 'line', 'paragraph')
    """
    if is_heading(line):
        return "heading"
    return "line" if is_unfinished(line) and not _SENTENCE_WITHIN.search(line) else "paragraph"


def with_headings(stretches: Sequence[tuple[Span, BlockKind]], text: str, *, titled: bool) -> tuple[Block, ...]:
    """Blocks with the heading above each; in a `titled` text one at the very start is the title of all.

    A heading stands above something. So short lines at the end, and more of them in a row than a text has
    levels of headings, are lines, which are searched while headings are not.
    """
    blocks: list[Block] = []
    headings: tuple[str, ...] = ()
    kinds = [kind for _, kind in stretches]
    for (span, _), kind in zip(stretches, [*kinds[:titled], *_settled(kinds[titled:])], strict=True):
        if kind == "heading":
            headings = (text[span.start : span.end],) if blocks or not titled else ()
        blocks.append(Block(kind, span.start, span.end, headings if kind != "heading" else ()))
    return tuple(blocks)


def _settled(kinds: Sequence[BlockKind]) -> list[BlockKind]:
    settled: list[BlockKind] = []
    for kind, run in groupby(kinds):
        length = len(list(run))
        last = bool(settled) and len(settled) + length == len(kinds)
        stray = kind == "heading" and (last or length > _HEADING_LEVELS)
        settled += ["line" if stray else kind] * length
    return settled
