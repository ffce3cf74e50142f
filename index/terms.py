"""The terms of a text: what the lexicon counts.

Terms are stemmed words. A compound with hyphens, slashes or points, such as ``C1-C2``, ``AQP4-IgG`` or
``14.8``, is a term as a whole; a hyphenated one also gives its parts, so that either spelling is found.
"""

import re
import threading

import Stemmer

__all__ = ["WORD", "is_content", "stem", "terms"]

WORD = re.compile(r"[^\W_]+(?:[-‐‑–/.'’][^\W_]+)*")
"""A word, its hyphens, slashes, points and apostrophes included."""

_PARTS = re.compile(r"[-‐‑–/'’]")
_HYPHENS = re.compile(r"[‐‑–]")
_STOP_WORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of",
     "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with"}
    | {"what", "which", "who", "whom", "whose", "when", "where", "why", "how", "did", "do", "does", "has", "have",
     "had", "were", "can", "could", "should", "would", "been", "being", "its", "from", "than", "about", "after"}
)  # fmt: skip
"""Those that Lucene leaves out, and those with which is asked."""

_stemmers = threading.local()


def terms(text: str) -> list[str]:
    """The terms of a text, in its order.

    >>> terms("The C1-C2 metastases, 14.8 months")
    ['c1-c2', 'c1', 'c2', 'metastas', '14.8', 'month']
    """
    found: list[str] = []
    for word in WORD.findall(text.casefold()):
        parts = [part for part in _PARTS.split(word) if part]
        found.extend([_HYPHENS.sub("-", word), *parts] if len(parts) > 1 else parts)
    return [stem(word) for word in found if word not in _STOP_WORDS]


def is_content(word: str) -> bool:
    """Whether a word of letters or figures says something by itself.

    >>> is_content("Survival"), is_content("what"), is_content("?")
    (True, False, False)
    """
    return word.isalnum() and word.casefold() not in _STOP_WORDS


def stem(word: str) -> str:
    """The Snowball stem of an English word in lower case."""
    # One stemmer a thread: it keeps a buffer of its own.
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    stemmed: str = _stemmers.english.stemWord(word)
    return stemmed
