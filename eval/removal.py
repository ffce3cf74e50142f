"""Which passages must go for a question to have no answer: those that cover its evidence, and those that repeat it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.documents import Document
from corpus.duplicates import SHINGLE, SIMILAR, folded_words, runs
from corpus.passages import Passage
from eval.crediting import covers, shared
from eval.questions import Question
from eval.spans import GoldSpan, locate

__all__ = ["Gold", "PassageRemoval"]

LEAST = 10
"""Passages of fewer shingles repeat others by chance."""

Rows = npt.NDArray[np.int64]

_Alike = Callable[[int, int], bool]
"""Whether a passage that has so many shingles in common is alike, by its row and their number."""


class Gold(NamedTuple):
    """The rows of the passages that answer a question, and of all that must be removed so that none does."""

    answering: frozenset[int]
    removed: Rows


class _Stretch(NamedTuple):
    document: str
    start: int
    end: int


class PassageRemoval:
    """Finds the passages that answer questions, among all of a snapshot."""

    def __init__(self, passages: Sequence[Passage], documents: Mapping[str, Document]) -> None:
        self._documents = documents
        self._places = [_Stretch(each.document_id, each.start, each.end) for each in passages]
        self._of_document: defaultdict[str, list[int]] = defaultdict(list)
        self._shingles = [_shingles(each.text) for each in passages]
        self._texts = [each.text.casefold() for each in passages]
        self._holders: defaultdict[str, list[int]] = defaultdict(list)
        for row, place in enumerate(self._places):
            self._of_document[place.document].append(row)
            for shingle in self._shingles[row]:
                self._holders[shingle].append(row)

    def gold(self, question: Question) -> Gold:
        """What answers a question; nothing answers one that is unanswerable."""
        spans = locate(question, self._documents)
        answering = {
            row for span in spans for row in self._of_document[span.document] if covers(self._places[row], span)
        }
        judged_whole = [evidence.document for evidence in question.evidence if evidence.quote is None]
        answering |= {row for document in judged_whole for row in self._of_document[document]}
        removed = {*answering, *(row for span in spans for row in self._repeating(span))}
        removed |= {row for each in answering for row in self._alike(each)}
        return Gold(frozenset(answering), np.array(sorted(removed), dtype=np.int64))

    def _repeating(self, span: GoldSpan) -> Iterable[int]:
        """What overlaps a span of evidence, and what says the same: of a few words, in the same document."""
        own = self._of_document[span.document]
        yield from (row for row in own if shared(self._places[row], span))
        quote = self._documents[span.document].text[span.start : span.end]
        shingles = _shingles(quote)
        if len(folded_words(quote)) >= SHINGLE:
            yield from self._sharing(shingles, lambda row, n: n >= SIMILAR * len(shingles))
        else:
            yield from (row for row in own if quote.casefold().strip(" .,;") in self._texts[row])

    def _alike(self, row: int) -> Iterable[int]:
        """The passages that are nearly the same as one."""
        own = self._shingles[row]
        if len(own) < LEAST:
            return ()
        return self._sharing(
            own,
            lambda other, n: (
                len(self._shingles[other]) >= LEAST and n >= SIMILAR * min(len(own), len(self._shingles[other]))
            ),
        )

    def _sharing(self, shingles: frozenset[str], is_alike: _Alike) -> Iterable[int]:
        counts = Counter(row for shingle in shingles for row in self._holders.get(shingle, ()))
        return [row for row, count in counts.items() if is_alike(row, count)]


def _shingles(text: str) -> frozenset[str]:
    return frozenset(runs(folded_words(text)))
