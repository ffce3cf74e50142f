"""Wiki-like pages: what they consist of, and the habits of the wikis that write them."""

from typing import Literal

import msgspec

__all__ = ["HABITS", "Habit", "Page", "PageBlock", "PageBlockKind", "Piece"]

PageBlockKind = Literal["heading", "paragraph", "list_item", "table_row", "quotation", "rule"]


class Habit(msgspec.Struct, frozen=True, kw_only=True):
    """How a wiki writes: the probability of each thing, for each study unless another unit is named.

    The numbers of ``seed`` are those that the seed page suggests. It has eight studies: six of one paragraph, one of
    three and one of four; both long ones begin with their author, one short one does; one heading; one paragraph
    of the page's own, between two studies.
    """

    name: str
    paragraphs: tuple[float, float, float, float]
    """Weights of studies of one, two, three and four paragraphs."""
    named_long: float = 0.7
    """A study of several paragraphs begins with its author."""
    named_short: float = 0.2
    heading: float = 0.2
    """A heading stands above the study, and above the page's own prose before it."""
    own_between: float = 0.1
    """Prose of the page's own, and then a heading or a list, so that it is plainly apart."""
    own_before: float = 0.12
    """Prose of the page's own directly before the study."""
    own_inside: float = 0.03
    """A paragraph of the page's own between two paragraphs of the study."""
    own_sentence: float = 0.05
    """A sentence of the page's own within a paragraph of the study."""
    foreign_before: float = 0.04
    """Prose of the page's own that reports somebody else's work without a marker."""
    foreign_inside: float = 0.05
    """A sentence of the study mentions another author."""
    each_sentence: float = 0.0
    """The marker stands behind every sentence."""
    shared: float = 0.05
    """The study shares a paragraph with the next, each with its own marker."""
    listed: float = 0.05
    """The study is an item of a list, a row of a table or a quotation."""
    edge: float = 0.05
    """A rule or a list without marker stands before the study."""
    repeated: float = 0.05
    """The work is cited once more, further down, under another number."""
    labels: float = 0.3
    """The sections of a pasted abstract keep their labels."""


HABITS = (
    Habit(name="seed", paragraphs=(0.5, 0.1, 0.2, 0.2)),
    Habit(name="sectioned", paragraphs=(0.4, 0.2, 0.2, 0.2), heading=0.8, own_before=0.2, own_between=0.05),
    Habit(name="sentence", paragraphs=(0.6, 0.3, 0.1, 0.0), each_sentence=0.8, shared=0.3, own_sentence=0.2),
    Habit(name="mixed", paragraphs=(0.4, 0.2, 0.2, 0.2), each_sentence=0.25, shared=0.15, listed=0.15, own_before=0.2),
    Habit(
        name="sloppy",
        paragraphs=(0.4, 0.2, 0.2, 0.2),
        named_long=0.35,
        named_short=0.1,
        heading=0.1,
        own_between=0.1,
        own_before=0.35,
        own_inside=0.1,
        own_sentence=0.12,
        foreign_before=0.1,
        foreign_inside=0.1,
        labels=0.15,
    ),
)


class Piece(msgspec.Struct, frozen=True):
    """A sentence: the works that truly support it, and those whose markers follow it."""

    text: str
    works: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    hard: bool = False
    """Of a study that names nobody at its start and has the page's own prose directly before it, or of that prose."""


class PageBlock(msgspec.Struct, frozen=True):
    """A block of a page; `study` counts the studies, and is None for what belongs to none."""

    kind: PageBlockKind
    pieces: tuple[Piece, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """A page, and the note of each work that it cites."""

    article: str
    habit: str
    blocks: tuple[PageBlock, ...]
    notes: dict[str, str]
