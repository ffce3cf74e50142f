"""What stands before or after a quotation, and how far it still does at another place."""

from collections.abc import Iterator

import msgspec

from corpus.folding import fold
from corpus.quotations import without_marks

__all__ = ["ENOUGH", "Context", "context_of"]

ENOUGH = 12
"""Folded characters, about two words, from which on surroundings count as the old ones."""


class Context(msgspec.Struct, frozen=True):
    """The folded text on one side of a quotation, with and without what looks like a mark.

    `edge` tells that the document begins or ends with it.
    """

    texts: tuple[str, ...]
    is_before: bool
    edge: bool

    def reach(self, text: str, at: int) -> int:
        """How many folded characters beside an offset are the old ones; 0 where they are too few to count.

        >>> context_of("Pain eased. ", is_before=True, edge=False).reach("His Pain eased.It rose.", 15)
        11
        """
        return max(self._reach(each, text, at) for each in self.texts)

    def places(self, text: str) -> Iterator[int]:
        """The offsets in a folded text beside which the whole context stands."""
        for each in self.texts:
            at = text.find(each) if len(each) >= ENOUGH else -1
            found = at >= 0
            while at >= 0:
                yield at + len(each) if self.is_before else at
                at = text.find(each, at + 1)
            if found:
                return

    def _reach(self, known: str, text: str, at: int) -> int:
        if self.is_before:
            at -= text[at - 1 : at] == " "
            there = text[max(0, at - len(known)) : at][::-1]
            known = known[::-1]
            at_edge = at <= len(known)
        else:
            at += text[at : at + 1] == " "
            there = text[at : at + len(known)]
            at_edge = at + len(known) >= len(text)
        common = next((i for i, (a, b) in enumerate(zip(known, there, strict=False)) if a != b), len(there))
        if common == len(known) and self.edge:
            # To the edge of a document is as far as one can see.
            return max(common, ENOUGH) + 1 if at_edge else common * (common >= ENOUGH)
        return common if common and common >= min(ENOUGH, len(known)) else 0


def context_of(text: str | None, *, is_before: bool, edge: bool) -> Context | None:
    """The context that a text makes; None where nothing is known, or where an empty one is at no edge."""
    if text is None or (not text.strip() and not edge):
        return None
    return Context(tuple(dict.fromkeys((fold(text), fold(without_marks(text))))), is_before, edge)
