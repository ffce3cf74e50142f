"""The terms of a text: what the lexicon counts.

Terms are stemmed words. A compound with hyphens, slashes or points, such as ``C1-C2``, ``AQP4-IgG`` or
``14.8``, is a term as a whole; a hyphenated one also gives its parts, so that either spelling is found. Letters that
many keyboards lack are written as one writes them there: Sjögren as Sjogren, TGF-β as TGF-beta.
"""

import re
import threading
import unicodedata

import Stemmer

__all__ = ["WORD", "composed", "is_content", "plain", "stem", "terms"]

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

_LETTERS = str.maketrans(
    {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
     "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
     "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "ø": "o", "ł": "l",
     "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"}
)  # fmt: skip
"""Letters that are no others with a sign, and what they are written as without them."""

_MICRO = re.compile(r"μ(?=[a-z])")

_stemmers = threading.local()


def terms(text: str) -> list[str]:
    """The terms of a text, in its order.

    >>> terms("The C1-C2 metastases, 14.8 months")
    ['c1-c2', 'c1', 'c2', 'metastas', '14.8', 'month']
    >>> terms("Sjögren's TGF-β") == terms("Sjogren's TGF-beta")
    True
    """
    found: list[str] = []
    for word in WORD.findall(plain(text.casefold())):
        parts = [part for part in _PARTS.split(word) if part]
        found.extend([_HYPHENS.sub("-", word), *parts] if len(parts) > 1 else parts)
    return [stem(word) for word in found if word not in _STOP_WORDS]


def composed(text: str) -> str:
    """A text whose letters are one with the signs on them, as far as there are such letters, and without other signs.

    >>> len(composed("Sjo\u0308gren")), composed("x\u0304bar")
    (7, 'xbar')
    """
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFC", text) if not unicodedata.combining(letter))


def plain(text: str) -> str:
    """A text of small letters without signs on them, ligatures apart; figures and other characters stay.

    >>> plain("sjögren, tgf-β, 5 μg, ﬁve, 10⁶, aspirin™")
    'sjogren, tgf-beta, 5 ug, five, 10⁶, aspirin™'
    """
    if text.isascii():
        return text
    letters = "".join(_bare(letter) for letter in composed(text))
    return _MICRO.sub("u", letters).translate(_LETTERS)


def _bare(letter: str) -> str:
    if letter.isascii() or not letter.isalpha():
        return letter
    return "".join(each for each in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(each))


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
