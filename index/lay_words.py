"""Lay words of health and the professional words that sources use for them.

``data/lay_words.tsv`` was written from general knowledge, for all of medicine, without sight of any page or
question set. Its rows hold a lay word or phrase, and up to four professional ones.
"""

from functools import cache
from pathlib import Path

import msgspec

from index.terms import WORD, stem, terms

__all__ = ["Concept", "concepts"]

_TABLE = Path(__file__).parent / "data" / "lay_words.tsv"
_LONGEST = 4
"""The most words of a lay phrase."""

Phrase = tuple[str, ...]


class Concept(msgspec.Struct, frozen=True):
    """Something that a question names: its own terms, and the terms of each other way to say it."""

    own: Phrase
    alternatives: tuple[Phrase, ...] = ()


def concepts(question: str) -> tuple[Concept, ...]:
    """The concepts of a question in its order, the longest lay phrases first.

    >>> concepts("Is the womb painful?")[0]
    Concept(own=('womb',), alternatives=(('uterus',), ('uterin',)))
    """
    words = WORD.findall(question)
    stems = [stem(word.casefold()) for word in words]
    found: list[Concept] = []
    at = 0
    while at < len(words):
        length = next((n for n in range(_LONGEST, 0, -1) if tuple(stems[at : at + n]) in _lay_words()), 1)
        alternatives = _lay_words().get(tuple(stems[at : at + length]), ())
        own = tuple(terms(" ".join(words[at : at + length])))
        if own or alternatives:
            found.append(Concept(own, alternatives))
        at += length
    return tuple(found)


@cache
def _lay_words() -> dict[Phrase, tuple[Phrase, ...]]:
    """The table: from the stems of a lay phrase to the terms of the professional ones."""
    rows = (line.split("\t") for line in _TABLE.read_text("utf-8").splitlines()[1:])
    return {
        tuple(stem(word) for word in WORD.findall(lay)): tuple(tuple(terms(each)) for each in clinical.split(";"))
        for lay, clinical in rows
    }
