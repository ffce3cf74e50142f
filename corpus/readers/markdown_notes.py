"""The footnotes of a Markdown text, and what is wrong with them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec
from markdown_it.token import Token

from corpus.documents import Reference
from corpus.findings import Finding
from corpus.notes import Note, cited_works, cites
from corpus.readers.markdown_pieces import Piece, pieces
from corpus.readers.markdown_tokens import Parsed

__all__ = ["Footnotes", "footnotes", "without_footnotes"]

_NOTE_MARK = re.compile(r"\[\^([\w.-]{1,80})\]")
_MOST_NAMED = 10


class Footnotes(msgspec.Struct, frozen=True):
    """The footnotes that are used: by number, what each says, and its label; and how often a label is defined."""

    by_number: dict[int, Note]
    labels: dict[int, str | None]
    defined: dict[str, int]

    @property
    def cite(self) -> bool:
        """Whether any of them cites a work."""
        return any(cites(note.text) or note.links for note in self.by_number.values())

    @property
    def repeated(self) -> list[str]:
        """The labels that are defined more than once, so that what they mean cannot be known."""
        return [label for label, times in self.defined.items() if times > 1]

    def references(self) -> tuple[Reference, ...]:
        """The references behind them, but for those whose label is defined more than once."""
        repeated = {*self.repeated}
        known = {n: Note() if self.labels[n] in repeated else note for n, note in self.by_number.items()}
        works = zip(known, cited_works(known.values()), strict=True)
        return tuple(Reference(number, work) for number, work in works if work)

    def findings(self, shown: Iterable[Piece]) -> Iterator[Finding]:
        """What is wrong with them in a text of some pieces: one that is not defined, not used, or defined twice."""
        undefined = dict.fromkeys(label for piece in shown for label in _undefined(piece))
        used = {label for label in self.labels.values() if label}
        unused = [label for label in self.defined if label not in used]
        if undefined:
            message = (
                f"uses footnotes that it does not define: {_listed(undefined)}. Define them, or take the marks out."
            )
            yield Finding(kind="marker-without-reference", severity="error", message=message)
        if unused:
            message = f"defines footnotes that it does not use: {_listed(unused)}; no passage will cite them."
            yield Finding(kind="reference-never-cited", severity="warning", message=message)
        if self.repeated:
            message = f"defines footnotes more than once: {_listed(self.repeated)}; their marks lead nowhere."
            numbers = tuple(number for number, label in self.labels.items() if label in {*self.repeated})
            yield Finding(kind="number-repeated", severity="error", message=message, numbers=numbers)


def footnotes(parsed: Parsed) -> Footnotes:
    """The footnotes of a parsed text, which stand behind its other tokens."""
    tokens = parsed.tokens
    by_number: dict[int, Note] = {}
    labels: dict[int, str | None] = {}
    opened = [i for i, token in enumerate(tokens) if token.type == "footnote_open"]
    for start, following in pairwise([*opened, len(tokens)]):
        number = tokens[start].meta["id"] + 1
        shown = list(pieces(tokens[start + 1 : following], parsed.links))
        text = " ".join(" ".join(piece.text.split()) for piece in shown)
        by_number[number] = Note(text, tuple(link.address for piece in shown for link in piece.links))
        labels[number] = tokens[start].meta["label"]
    return Footnotes(by_number, labels, parsed.footnotes)


def without_footnotes(tokens: Sequence[Token]) -> Sequence[Token]:
    """Some tokens up to the footnotes that stand behind them."""
    return tokens[: next((i for i, token in enumerate(tokens) if token.type == "footnote_block_open"), len(tokens))]


def _undefined(piece: Piece) -> Iterator[str]:
    """The labels of what looks like a footnote in a piece but is text."""
    if piece.kind == "code" or "[^" not in piece.text:
        return
    taken = [*((span.start, span.end) for span in piece.spared), *((mark.start, mark.end) for mark in piece.marks)]
    for match in _NOTE_MARK.finditer(piece.text):
        if not any(start <= match.start() < end for start, end in taken):
            yield match[1]


def _listed(labels: Iterable[str]) -> str:
    shown = [f"[^{label}]" for label in labels]
    more = f" and {len(shown) - _MOST_NAMED} more" if len(shown) > _MOST_NAMED else ""
    return ", ".join(shown[:_MOST_NAMED]) + more
