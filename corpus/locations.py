"""What is said of a quotation that was looked for."""

from typing import Literal

import msgspec

from corpus.diffs import Piece
from corpus.passages import Anchor
from corpus.spans import Span

__all__ = ["Location", "Place", "Verdict"]

Verdict = Literal["unchanged", "moved", "changed", "gone", "ambiguous"]


class Place(msgspec.Struct, frozen=True):
    """A span of a document."""

    document: str
    span: Span


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Where a target stands now.

    `place` and `anchor` are where it stands, or for `changed` where the nearest text does; `similarity` is that
    of the words there, and `diff` how they differ. `candidates` are the places of an `ambiguous` target, at
    most ten. `reason` says in a sentence what decided.
    """

    verdict: Verdict
    reason: str
    place: Place | None = None
    anchor: Anchor | None = None
    similarity: float = 0.0
    diff: tuple[Piece, ...] = ()
    candidates: tuple[Place, ...] = ()
