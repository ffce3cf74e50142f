"""What of a passage is searched, and by which leg.

Its own words, without markers, make the passage's vector. Each sentence makes one more vector together with the
title of its document and the headings above it, which tell what "they" or "the procedure" is. The lexicon sees
title, headings, the lead of the study and the cited works too, so that an author's name, a journal or a PMID finds
a passage.
"""

import re
from collections.abc import Callable

import msgspec

from corpus import Document, Passage, without_markers

__all__ = ["Fields", "as_read", "fields"]

_SIGNS = re.compile(r"[\W_]+")
_BEGINNING = 1000


class Fields(msgspec.Struct, frozen=True):
    """The searched texts of one passage: for its vector, for those of its sentences, for the lexicon.

    `contexts` tells how many code points of each sentence's text are title and headings before it. `lead` is the
    first sentence of its study, where that lies outside the passage, as that sentence is searched.
    """

    own: str
    sentences: tuple[str, ...]
    contexts: tuple[int, ...]
    lead: str | None
    lexical: str


def fields(passage: Passage, document: Document, fits: Callable[[str], bool]) -> Fields:
    """The searched texts of a passage; `fits` tells whether the encoder takes a text whole."""
    own = without_markers(document.text, passage.start, passage.end, document.markers)
    above = _above(passage, document)
    span = passage.lead
    lead = None if span is None else without_markers(document.text, span.start, span.end, document.markers)
    bare = [without_markers(document.text, each.start, each.end, document.markers) for each in passage.sentences]
    sentences = [_below(sentence, above, fits) for sentence in bare]
    return Fields(
        own=own,
        sentences=tuple(sentences),
        contexts=tuple(len(whole) - len(sentence) for whole, sentence in zip(sentences, bare, strict=True)),
        lead=_below(lead, above, fits) if lead is not None else None,
        lexical="\n".join([*above, *([] if lead is None else [lead]), *_works(passage, document), own]),
    )


def as_read(passage: Passage, document: Document) -> str:
    """A passage below its title and headings, without markers, as a reranker reads it."""
    own = without_markers(document.text, passage.start, passage.end, document.markers)
    return ". ".join([*_above(passage, document), own])


def _above(passage: Passage, document: Document) -> tuple[str, ...]:
    """The title of the document and the headings above a passage; a heading that is the title stands once."""
    if document.title in passage.headings or not _has_title(document):
        return passage.headings
    return (document.title, *passage.headings)


def _has_title(document: Document) -> bool:
    """Whether a document has a title that says something: the name of its file, that stands in for one, does not."""
    title, name = (_SIGNS.sub("", each.casefold()) for each in (document.title, document.id))
    return title != "" and (not name.endswith(title) or document.title in document.text[:_BEGINNING].split("\n"))


def _below(sentence: str, above: tuple[str, ...], fits: Callable[[str], bool]) -> str:
    """The sentence with what stands above it, the outermost left out until the encoder takes it."""
    for first in range(len(above)):
        text = ". ".join([*above[first:], sentence])
        if fits(text):
            return text
    return sentence


def _works(passage: Passage, document: Document) -> list[str]:
    """The works that the passage cites."""
    return [document.works[citation.number].text for citation in passage.citations]
