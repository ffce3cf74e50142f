"""A Markdown text as pieces, with its lists of references found among them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from corpus.list_stretches import find_serving_lists
from corpus.notes import Note
from corpus.readers.markdown_pieces import Piece
from corpus.reference_headings import is_reference_heading
from corpus.reference_lists import Entry, ReferenceList

__all__ = ["Page", "separator"]


class Page(msgspec.Struct, frozen=True):
    """The pieces of a text, and its lists of references.

    The lists are looked for in the pieces written as `plain` text, in which each begins at one of `starts`.
    """

    pieces: list[Piece]
    plain: str
    starts: list[int]
    lists: tuple[ReferenceList, ...]

    @classmethod
    def of(cls, found: Iterable[Piece]) -> "Page":
        """The page that some pieces make."""
        all_pieces = list(found)
        texts: list[str] = []
        starts: list[int] = []
        length = 0
        for before, piece in pairwise([Piece("heading", ""), *all_pieces]):
            text = "" if piece.kind == "code" else piece.text
            if piece.number is not None:
                text = f"{piece.number}. {' '.join(text.split())}"
            texts.append(separator(before, piece) + text)
            starts.append(length)
            length += len(texts[-1])
        plain = "".join(texts)
        return cls(all_pieces, plain, starts, find_serving_lists(plain))

    @property
    def kept(self) -> list[Piece]:
        """The pieces but those of the lists, and a last heading of a list that stands above footnotes alone."""
        return [piece for part in self.parts for piece in part]

    @property
    def parts(self) -> list[list[Piece]]:
        """The pieces above each list, up to the list before, and those below the last."""
        if not self.lists:
            last = self.pieces[-1:]
            ends_bare = last and last[0].kind == "heading" and is_reference_heading(last[0].text)
            return [self.pieces[:-1] if ends_bare else self.pieces]
        bounds = [0]
        for listed in self.lists:
            first = max(0, bisect_right(self.starts, listed.start) - 1)
            # A piece begins with what parts it from the one before.
            first += self.plain[self.starts[first] : listed.start].strip() != ""
            bounds += [max(first, bounds[-1]), bisect_left(self.starts, listed.end)]
        bounds.append(len(self.pieces))
        return [self.pieces[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]

    def notes(self) -> list[Note]:
        """What the entries of the lists say, with the addresses behind their words."""
        return [
            Note(" ".join(self.plain[entry.start : entry.end].split()), self._links(entry))
            for listed in self.lists
            for entry in listed.entries
        ]

    def _links(self, entry: Entry) -> tuple[str, ...]:
        first = max(0, bisect_right(self.starts, entry.start) - 1)
        last = bisect_left(self.starts, entry.end)
        found = []
        for start, piece in zip(self.starts[first:last], self.pieces[first:last], strict=True):
            begins = start + len(self.plain[start : entry.end]) - len(self.plain[start : entry.end].lstrip())
            # An item stands behind its number, by which its words are moved.
            shift = begins + (len(f"{piece.number}. ") if piece.number is not None else 0)
            found += [link.address for link in piece.links if entry.start <= shift + link.at < entry.end]
        return tuple(found)


def separator(before: Piece, piece: Piece) -> str:
    """What parts two blocks: items of a list and rows of a table follow each other at once."""
    if not before.text:
        return ""
    return "\n" if before.kind == piece.kind and piece.kind in {"list_item", "table_row"} else "\n\n"
