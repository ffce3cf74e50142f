"""What of a passage is searched, and by which leg.

Its own words, without markers, make the passage's vector. Each sentence makes one more vector together
with the headings above it, which tell what "they" or "the procedure" is. The lexicon sees headings, the
lead of the study and the cited works too, so that an author's name, a journal or a PMID finds a passage.
"""

from collections.abc import Callable

import msgspec

from corpus import Document, Passage, without_markers

__all__ = ["Fields", "fields"]


class Fields(msgspec.Struct, frozen=True):
    """The searched texts of one passage: for its vector, for those of its sentences, for the lexicon.

    `lead` is the first sentence of its study, where that lies outside the passage, as that sentence is searched.
    """

    own: str
    sentences: tuple[str, ...]
    lead: str | None
    lexical: str


def fields(passage: Passage, document: Document, fits: Callable[[str], bool]) -> Fields:
    """The searched texts of a passage; `fits` tells whether the encoder takes a text whole."""
    own = without_markers(document.text, passage.start, passage.end, document.markers)
    span = passage.lead
    lead = None if span is None else without_markers(document.text, span.start, span.end, document.markers)
    sentences = (without_markers(document.text, span.start, span.end, document.markers) for span in passage.sentences)
    return Fields(
        own=own,
        sentences=tuple(_under_headings(sentence, passage.headings, fits) for sentence in sentences),
        lead=_under_headings(lead, passage.headings, fits) if lead is not None else None,
        lexical="\n".join([*passage.headings, *([] if lead is None else [lead]), *_works(passage, document), own]),
    )


def _under_headings(sentence: str, headings: tuple[str, ...], fits: Callable[[str], bool]) -> str:
    """The sentence with its headings before it, the outermost left out until the encoder takes it."""
    for first in range(len(headings)):
        text = ". ".join([*headings[first:], sentence])
        if fits(text):
            return text
    return sentence


def _works(passage: Passage, document: Document) -> list[str]:
    """The works that the passage cites."""
    return [document.works[citation.number].text for citation in passage.citations]
