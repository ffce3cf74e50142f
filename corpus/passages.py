"""What is retrieved: a `Passage` with its citations, and the `Anchor` that finds its place again."""

import hashlib
import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

import msgspec

from corpus.documents import Document, Marker, markers_within
from corpus.spans import Span

__all__ = ["Anchor", "Basis", "Citation", "Passage", "anchor", "content_id", "document_of", "without_markers"]

Basis = Literal["marked", "named", "inherited"]
"""Why a reference supports a passage, strongest first: the passage carries the marker, it names the
first author of a reference that closes its study, or the marker stands later in the same study."""

CONTEXT = 32
"""Code points of context on each side of an anchor's quotation."""

_CONTENT_ID = re.compile(r"(.+)-[0-9a-f]{12}(?:-\d+)?", re.DOTALL)


class Citation(msgspec.Struct, frozen=True):
    """A reference that supports a passage: the work's id, its number here, the basis, the marker."""

    reference: str
    number: int
    basis: Basis
    marker: Span


class Passage(msgspec.Struct, frozen=True):
    """A slice of a document: ``document.text[start:end] == text``.

    `sentences` are spans in the document; `lead` is the first sentence of the passage's study where
    that lies outside the passage; `tokens` counts the text without markers.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    sentences: tuple[Span, ...]
    lead: Span | None
    citations: tuple[Citation, ...]
    tokens: int


class Anchor(msgspec.Struct, frozen=True):
    """How another program finds a passage again.

    Position and SHA-256 of the document's text, and the fields of a W3C ``TextQuoteSelector``
    (Web Annotation Data Model, section 4.2.4); `link` has a text fragment where the document has a URL.
    """

    sha256: str
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str
    link: str | None


def anchor(document: Document, span: Span) -> Anchor:
    """The anchor of a span of a document."""
    exact = document.text[span.start : span.end]
    link = document.url and f"{document.url}#:~:text={_fragment(exact)}"
    return Anchor(
        sha256=document.sha256,
        start=span.start,
        end=span.end,
        exact=exact,
        prefix=document.text[max(0, span.start - CONTEXT) : span.start],
        suffix=document.text[span.end : span.end + CONTEXT],
        link=link,
    )


def _fragment(exact: str) -> str:
    """A text directive ``start,end`` of the first and last five words, percent-encoded.

    The hyphen is encoded too, since it has a meaning of its own in a text directive.
    """
    words = exact.split()
    parts = [words] if len(words) <= 10 else [words[:5], words[-5:]]
    return ",".join(quote(" ".join(part), safe="").replace("-", "%2D") for part in parts)


def without_markers(text: str, start: int, end: int, markers: Sequence[Marker]) -> str:
    """``text[start:end]`` as the encoder, the lexicon and the id see it.

    Markers go together with the space before them, runs of white space become one space, so that
    inserting or renumbering a footnote changes nothing here.

    >>> without_markers("It rose 1). Then fell.2)", 0, 24, [Marker(8, 10, (1,)), Marker(22, 24, (2,))])
    'It rose. Then fell.'
    """
    pieces = []
    position = start
    for marker in markers_within(markers, start, end):
        pieces.append(text[position : marker.start].rstrip())
        position = marker.end
        if text[position : position + 1].isalnum():
            pieces.append(" ")
    pieces.append(text[position:end])
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


def content_id(document_id: str, content: str, occurrence: int) -> str:
    """The id of a passage: its document and a hash of its text without markers.

    The same text standing twice in one document is told apart by its `occurrence`, counted from 0.
    """
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return f"{document_id}-{digest}" + (f"-{occurrence + 1}" if occurrence else "")


def document_of(passage_id: str) -> str | None:
    """The document that an id of a passage names, whether or not there is such a passage.

    >>> document_of(content_id("spine-2017", "It rose.", 1)), document_of("It rose.")
    ('spine-2017', None)
    """
    found = _CONTENT_ID.fullmatch(passage_id)
    return found and found[1]
