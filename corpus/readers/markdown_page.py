"""A Markdown text as pieces, with its list of references found among them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from corpus.notes import Note
from corpus.readers.markdown_pieces import Piece
from corpus.reference_lists import Entry, ReferenceList, find_reference_list, is_reference_heading

__all__ = ["Page", "separator"]


class Page(msgspec.Struct, frozen=True):
    """The pieces of a text, and its list of references, if it has one.

    The list is looked for in the pieces written as `plain` text, in which each begins at one of `starts`.
    """

    pieces: list[Piece]
    plain: str
    starts: list[int]
    listed: ReferenceList | None

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
        return cls(all_pieces, plain, starts, find_reference_list(plain))

    @property
    def kept(self) -> list[Piece]:
        """The pieces but those of the list, and a last heading of a list that stands above footnotes alone."""
        if self.listed is None:
            last = self.pieces[-1:]
            ends_bare = last and last[0].kind == "heading" and is_reference_heading(last[0].text)
            return self.pieces[:-1] if ends_bare else self.pieces
        first = max(0, bisect_right(self.starts, self.listed.start) - 1)
        # A piece begins with what parts it from the one before.
        first += self.plain[self.starts[first] : self.listed.start].strip() != ""
        return self.pieces[:first] + self.pieces[bisect_left(self.starts, self.listed.end) :]

    def notes(self) -> list[Note]:
        """What the entries of the list say, with the addresses behind their words."""
        return [
            Note(" ".join(self.plain[entry.start : entry.end].split()), self._links(entry))
            for entry in (self.listed.entries if self.listed else ())
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
