"""What became of the anchors of pages that were edited, as counts."""

from typing import Literal

import msgspec

from corpus.locations import Location

__all__ = ["AnchorReport", "Case", "Fate", "KindCounts", "ModeCounts"]

Fate = Literal["whole", "edited", "gone"]
"""What an edit did to a passage: its words stand together, some do, none does."""


class Case(msgspec.Struct, frozen=True):
    """A silent wrong link or a missed passage: the edit, what was known, the words, and what was said of them."""

    page: str
    kind: str
    mode: str
    exact: str
    fate: Fate
    location: Location


class KindCounts(msgspec.Struct, frozen=True):
    """How often which verdict was given on passages of one fate after one kind of edit."""

    kind: str
    fate: Fate
    verdicts: dict[str, int]


class ModeCounts(msgspec.Struct, frozen=True):
    """What was found with one sort of knowledge.

    `untouched` are the passages in whose block nothing was edited; `found` are those of them that were found at
    their true place. `once` and `once_found` count those of both whose words stand only once in all pages:
    of others an anchor alone often cannot tell which was meant.
    """

    mode: str
    asked: int
    untouched: int
    found: int
    once: int
    once_found: int
    wrong: int


class AnchorReport(msgspec.Struct, frozen=True):
    """What edits did to anchors. `same_id` and `same_works` count the untouched passages that kept theirs."""

    edits: int
    skipped: int
    untouched: int
    same_id: int
    same_works: int
    modes: tuple[ModeCounts, ...]
    kinds: tuple[KindCounts, ...]
    wrong: tuple[Case, ...]
    missed: tuple[Case, ...]
    """Untouched passages that were not found."""
    similarities: dict[Fate, tuple[float, ...]]
    """Of the nearest text, where the words do not stand."""
