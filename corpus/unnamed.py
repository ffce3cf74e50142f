"""Notes that name no work of their own, such as ``See above.``: the same words on two pages are not one work."""

import hashlib
import re

import msgspec

from corpus.documents import Document, Reference, Work
from corpus.references import text_key

__all__ = ["names_work", "with_own_notes"]

_PRIVATE = re.compile(
    r"\b(?:pers(?:onal|önliche|oonlijke|onnelle)?\.?\s(?:comm(?:unications?|un)?\b|mitteilung|mededeling|written comm)"
    r"|mündliche\smitteilung|communications?\spersonnelles?|comunicaci[oó]n\spersonal|comunicazione\spersonale"
    r"|unpublished\s(?:data|observations?|results?|work)|(?:op|loc)\.?\s?cit\b|a\.\s?a\.\s?o\.|see\s(?:above|below)|siehe\soben)",
    re.IGNORECASE,
)
_FEWEST_WORDS = 8
"""Fewer words with a year alone, such as ``Smith et al. 2001``, may be any of Smith's papers."""


def names_work(work: Work) -> bool:
    """Whether a note names a work so that the same words elsewhere name it, too.

    >>> from corpus.references import parse_work
    >>> [names_work(parse_work(note)) for note in ("Ditto", "Smith et al. 2001", "Smith A. On trees. 2001.", "PMID: 7")]
    [False, False, True, True]
    """
    item = work.csl
    if work.identifiers or item.url or item.isbn:
        return True
    if _PRIVATE.search(work.text):
        return False
    if item.container_title and item.page:
        return True
    if item.title:
        return bool(work.first_author or work.year)
    return work.year is not None and len(text_key(work.text).split()) >= _FEWEST_WORDS


def with_own_notes(document: Document) -> Document:
    """A document in which what names no work has an id that no other document gives."""
    references = tuple(
        each if names_work(each.work) else Reference(each.number, _own(each.work, document.id))
        for each in document.references
    )
    return document if references == document.references else msgspec.structs.replace(document, references=references)


def _own(work: Work, document_id: str) -> Work:
    words = f"{document_id}\n{text_key(work.text)}"
    return msgspec.structs.replace(work, id="text:" + hashlib.sha256(words.encode()).hexdigest()[:16])
