"""What a careful editor would want to know of a source: a `Finding`."""

from typing import Literal

import msgspec

from corpus.spans import Span

__all__ = ["Finding", "FindingKind", "Severity"]

Severity = Literal["error", "warning", "note"]
"""An ``error`` makes the source lie or leaves it out, a ``warning`` may do so, a ``note`` is good to know."""

FindingKind = Literal[
    "unreadable",
    "encoding",
    "malformed",
    "not-followed",
    "marker-without-reference",
    "reference-never-cited",
    "number-gap",
    "number-repeated",
    "work-repeated",
    "identifier-malformed",
    "identifier-contradiction",
    "study-without-reference",
    "only-inherited",
    "year-contradiction",
    "near-duplicate",
]


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was found, said so that it can be mended.

    `source` is the file, `document` the id of what was made of it; `span` is the place in the document's text,
    and `numbers` are the reference numbers that it is about. What is ``unreadable`` was left out.
    """

    kind: FindingKind
    severity: Severity
    message: str
    source: str | None = None
    document: str | None = None
    span: Span | None = None
    numbers: tuple[int, ...] = ()
