"""Lay words of health and the professional words that sources use for them.

``data/lay_words.tsv`` was written from general knowledge, for all of medicine, without sight of any page or
question set. Its rows hold a lay word or phrase, and up to four professional ones, the most usual first.
"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from index.terms import WORD, composed, plain, stem, terms

__all__ = ["Concept", "concepts", "reworded"]

_TABLE = Path(__file__).parent / "data" / "lay_words.tsv"
_LONGEST = 4
"""The most words of a lay phrase."""

_ASKED = 2
"""So many questions are kept, those under way: each is looked at several times before it is answered."""

Phrase = tuple[str, ...]


class Concept(msgspec.Struct, frozen=True):
    """Something that a question names: its own terms, and the terms of each other way to say it."""

    own: Phrase
    alternatives: tuple[Phrase, ...] = ()


class _Found(NamedTuple):
    """A lay phrase, or a single other word, from `start` to `end` in a question, and its professional names."""

    start: int
    end: int
    own: Phrase
    names: tuple[str, ...]


@lru_cache(_ASKED)
def concepts(question: str) -> tuple[Concept, ...]:
    """The concepts of a question in its order, the longest lay phrases first.

    >>> concepts("Is the womb painful?")[0]
    Concept(own=('womb',), alternatives=(('uterus',), ('uterin',)))
    """
    return tuple(
        Concept(found.own, tuple(tuple(terms(name)) for name in found.names))
        for found in _phrases(composed(question))
        if found.own or found.names
    )


def reworded(question: str, knows: Callable[[str], bool]) -> str:
    """The composed question in the words of a source: lay phrases of which it lacks a term by their usual names.

    >>> reworded("Is the womb painful?", lambda term: term == "pain")
    'Is the uterus painful?'
    """
    question = composed(question)
    pieces = []
    position = 0
    for found in _phrases(question):
        if found.names and not all(map(knows, found.own)):
            pieces += [question[position : found.start], found.names[0]]
            position = found.end
    return "".join([*pieces, question[position:]])


@lru_cache(_ASKED)
def _phrases(question: str) -> tuple[_Found, ...]:
    return tuple(_found(question))


def _found(question: str) -> Iterator[_Found]:
    words = list(WORD.finditer(question))
    stems = [stem(plain(word.group().casefold())) for word in words]
    at = 0
    while at < len(words):
        length = next((n for n in range(_LONGEST, 0, -1) if tuple(stems[at : at + n]) in _lay_words()), 1)
        start, end = words[at].start(), words[min(at + length, len(words)) - 1].end()
        names = _lay_words().get(tuple(stems[at : at + length]), ())
        yield _Found(start, end, tuple(terms(question[start:end])), names)
        at += length


@cache
def _lay_words() -> dict[Phrase, tuple[str, ...]]:
    """The table: from the stems of a lay phrase to the professional names."""
    rows = (line.split("\t") for line in _TABLE.read_text("utf-8").splitlines()[1:])
    return {
        tuple(stem(word) for word in WORD.findall(lay)): tuple(name.strip() for name in clinical.split(";"))
        for lay, clinical in rows
    }
