"""A file to be read, and what is known of it before."""

from pathlib import Path

import msgspec

from corpus.documents import Form
from corpus.findings import Finding

__all__ = ["Listing", "SourceFile"]


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be read.

    `name` is the path from which the document's id is made. The rest, where it is known, stands above what
    the file says of itself; `modified` is an ISO date. `form_by` is who says what its `form` is, if that may be wrong.
    """

    path: Path
    name: Path
    form: Form | None = None
    form_by: str | None = None
    title: str | None = None
    url: str | None = None
    modified: str | None = None


class Listing(msgspec.Struct, frozen=True):
    """The files of sources, in order, and what stood in the way of others, of which `left_out` are known."""

    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...] = ()
    left_out: frozenset[Path] = frozenset()
