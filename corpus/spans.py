"""A stretch of text."""

import msgspec

__all__ = ["Span"]


class Span(msgspec.Struct, frozen=True):
    """A half-open range of code points in a document's canonical text."""

    start: int
    end: int
