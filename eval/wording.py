"""How far a question repeats the words of its evidence: a set that repeats them flatters the lexicon."""

import re
from collections.abc import Iterable

import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

__all__ = ["content_words", "wording_overlap"]

# The longer of the two lists has the words that make a question: what, which, how, does.
_STOP_WORDS = frozenset(STOPWORDS_EN_PLUS)
_WORD = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*")
_STEMMER = Stemmer.Stemmer("english")


def content_words(text: str) -> frozenset[str]:
    """The stems of a text's words in small letters, without stop words.

    >>> sorted(content_words("How many patients had tumors at C1-C2?"))
    ['c1-c2', 'mani', 'patient', 'tumor']
    """
    words = _WORD.findall(text.lower())
    return frozenset(_STEMMER.stemWord(word) for word in words if word not in _STOP_WORDS)


def wording_overlap(question: str, evidence: Iterable[str]) -> float | None:
    """The share of a question's distinct content words that also stand in its evidence, from 0 to 1.

    None where the question has no content word.

    >>> wording_overlap("Which patients survived?", ["Three patients were alive."])
    0.5
    """
    asked = content_words(question)
    told = content_words("\n".join(evidence))
    return len(asked & told) / len(asked) if asked else None
