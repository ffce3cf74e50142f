"""A passage copied as a quotation: text that says what is true of it.

Pages of a wiki retell the papers that they cite, and change. So the words are quoted from the page, at the date of its
revision, and the paper is what the page cites; it is never said to be quoted.
"""

from collections.abc import Iterator

from corpus.bibliography import vancouver
from corpus.documents import Document
from corpus.passages import Citation, Passage, without_markers

__all__ = ["quotation"]


def quotation(document: Document, passage: Passage) -> str:
    r"""The words of a passage, the page that they are from, and what the page cites for them.

    Reference marks are left out, which is said, and what is inherited is "probably" cited. A passage without support
    cites nothing.

    >>> from corpus.chunking import PieceLimit, chunk
    >>> from corpus.sources import read_text
    >>> text = "It rose. 1)\n\n1)\nAsh B. On trees. J Bot. 2001;1:2. PMID: 7\n"
    >>> page = read_text(text, identity="page", title="Trees", form="dokuwiki-export")
    >>> (passage,) = chunk(page, chunk_tokens=200, limit=PieceLimit(len, 500))
    >>> print(quotation(page, passage))
    “It rose.” [reference marks left out]
    From: Trees
    Citing: Ash B. On trees. J Bot. 2001;1:2. PMID: 7.
    """
    words = without_markers(document.text, passage.start, passage.end, document.markers)
    marked = any(passage.start <= marker.start < passage.end for marker in document.markers)
    lines = [f"“{words}”" + (" [reference marks left out]" if marked else ""), _source(document)]
    return "\n".join([*lines, *filter(None, [document.url]), *_cited(document, passage.citations)])


def _source(document: Document) -> str:
    return f"From: {document.title}" + (f", revised {document.modified}" if document.modified else "")


def _cited(document: Document, citations: tuple[Citation, ...]) -> Iterator[str]:
    for citation in citations:
        verb = "Probably citing" if citation.basis == "inherited" else "Citing"
        yield f"{verb}: {vancouver(document.works[citation.number])}"
