"""How much one stretch of a text has to do with another: the distinctive words that both use.

No dictionary and no model: a word is told by its first letters, so that its inflections agree, and one that
much of the document uses says nothing of any part of it.
"""

import re
from collections import Counter
from collections.abc import Iterable

__all__ = ["Kinship", "content_words"]

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6
_COMMON = frozenset(
    {"about", "after", "all", "also", "among", "been", "before", "between", "both", "could", "does", "during", "each",
     "from", "have", "having", "however", "into", "less", "many", "more", "most", "other", "over", "same", "should",
     "some", "such", "than", "that", "their", "them", "then", "there", "therefore", "these", "they", "this", "those",
     "through", "thus", "under", "very", "were", "what", "when", "where", "which", "while", "whose", "will", "with",
     "within", "without", "would",
     "analysis", "clinical", "compared", "effect", "effects", "group", "groups", "patient", "patients", "performed",
     "reported", "result", "results", "significant", "significantly", "studies", "study", "treatment", "using"}
)  # fmt: skip
"""Words that bind no two texts: of grammar, and of studies in general."""
_STEMS = frozenset(word[:_STEM] for word in _COMMON)
_RARE, _SHARE = 3, 1 / 3


def content_words(text: str) -> frozenset[str]:
    """The words of a text by their first six letters, without short and common ones.

    >>> sorted(content_words("Vertebral metastases were treated, and the metastasis shrank."))
    ['metast', 'shrank', 'treate', 'verteb']
    """
    return frozenset(word[:_STEM] for word in _WORD.findall(text.casefold())) - _STEMS


class Kinship:
    """Counts distinctive words: those that stand in a few of some texts, or in no more than a third of them.

    >>> kinship = Kinship(["rats ran", "rats slept", "rats fed", "rats drank"])
    >>> kinship.distinctive(content_words("rats slept"))
    frozenset({'slept'})
    """

    def __init__(self, texts: Iterable[str]) -> None:
        found = [content_words(text) for text in texts]
        counts = Counter(word for words in found for word in words)
        most = max(_RARE, len(found) * _SHARE)
        self._widespread = frozenset(word for word, count in counts.items() if count > most)
        self.words = tuple(self.distinctive(words) for words in found)
        """The distinctive words of each text."""

    def distinctive(self, words: frozenset[str]) -> frozenset[str]:
        """Those of some words that are not widespread."""
        return words - self._widespread
