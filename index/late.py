"""Late interaction: each word piece of a question finds the piece of a passage that is most like it.

A vector of a whole text blurs what stands in it; the states of its word pieces do not. The encoder makes
them anyway when it encodes a passage's sentences. After ColBERT (Khattab and Zaharia 2020, SIGIR), but with
an encoder that was not trained for it, so that rare pieces must be made to count more than common ones.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.encoder import Encoding, Vectors
from index.mapped import fetch

__all__ = ["BestSentences", "LateInteraction", "States", "quantized"]

Rows = npt.NDArray[np.int64]

States = npt.NDArray[np.int8]
"""The states of a text's word pieces, of shape ``(pieces, width)``."""


def quantized(states: Vectors) -> States:
    """States in int8, the greatest number of each being 127: their directions are what counts."""
    greatest = np.abs(states).max(axis=1, keepdims=True)
    rounded: States = np.rint(states * (127 / greatest)).astype(np.int8)
    return rounded


class BestSentences(NamedTuple):
    """The sentence of each passage that matches best, by its place, and its match, both ``(passages,)``."""

    places: Rows
    matches: Vectors


class LateInteraction:
    """The states of all sentences, and what is needed to match a question's pieces with those of a passage.

    The pieces of a passage are those of its sentences, made under title and headings; those of title and headings
    as its first sentence has them; and those of the lead of its study, which tells what "they" are. `states` has
    shape (pieces, width), memory-mapped; the pieces of sentence `i` begin at ``offsets[i]``, of shape (sentences +
    1,): each sentence has a state, though it may have no piece, one of zeros that matches nothing. The sentences of
    passage `p` begin at ``sentence_offsets[p]``, the first with ``contexts[p]`` pieces of title and headings, and
    ``leads[p]`` is the sentence that leads its study, or -1. `frequencies` (vocabulary,) count the passages that
    have a piece.
    """

    def __init__(
        self,
        *,
        states: States,
        offsets: Rows,
        contexts: Rows,
        leads: Rows,
        frequencies: Rows,
        sentence_offsets: Rows,
    ) -> None:
        self.states = states
        self.offsets = offsets
        self._contexts = contexts
        self._leads = leads
        self._frequencies = frequencies
        self._sentence_offsets = sentence_offsets

    def scores(self, question: Encoding, matches: Vectors) -> Vectors:
        """How well passages match the question's pieces, of their `matches`, float32 of shape ``(len(matches),)``.

        ``Σ idf(q) · max cos(q, d) / Σ idf(q)`` over the pieces `q` of the question, `d` being those of the passage,
        with ``idf(q) = ln(1 + (N - n(q) + .5) / (n(q) + .5))``, where `n` of `N` passages have the piece. 0 for a
        question without pieces. A passage's score does not depend on the other rows.
        """
        scores: Vectors = np.einsum("ij,j->i", matches, self.weights(question.pieces))
        return scores

    def matches(self, question: Encoding, rows: Rows) -> Vectors:
        """The best cosine of each of the question's pieces in each passage, of shape ``(len(rows), pieces)``."""
        if not len(rows):
            return np.zeros((0, len(question.pieces)), dtype=np.float32)
        led = np.flatnonzero(self._leads[rows] >= 0)
        leads = self._leads[rows[led]]
        first = np.concatenate([self._sentence_offsets[rows], leads])
        end = np.concatenate([self._sentence_offsets[rows + 1], leads + 1])
        matched = self._matched(self.offsets[first], self.offsets[end], question.states)
        best = matched[: len(rows)]
        best[led] = np.maximum(best[led], matched[len(rows) :])
        return best

    def best_sentences(self, question: Encoding, rows: Rows) -> BestSentences:
        """Which sentence of each passage matches the question's pieces best, and how well.

        What title and headings match counts for each sentence, so that none is best for repeating them.
        """
        if not len(rows):
            return BestSentences(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
        starts, ends = self._sentence_offsets[rows], self._sentence_offsets[rows + 1]
        sentences = np.concatenate([np.arange(*bounds) for bounds in zip(starts, ends, strict=True)])
        passage = np.repeat(np.arange(len(rows)), ends - starts)
        above = np.flatnonzero(self._contexts[rows])
        above_first = self.offsets[starts[above]]
        first = np.concatenate([self.offsets[sentences], above_first])
        end = np.concatenate([self.offsets[sentences + 1], above_first + self._contexts[rows[above]]])
        matched = self._matched(first, end, question.states)
        of_above = np.full((len(rows), matched.shape[1]), -1, dtype=np.float32)
        of_above[above] = matched[len(sentences) :]
        best = np.maximum(matched[: len(sentences)], of_above[passage])
        scores = np.einsum("ij,j->i", best, self.weights(question.pieces))
        of_each = np.split(scores, np.cumsum(ends - starts)[:-1])
        return BestSentences(
            np.array([each.argmax() for each in of_each], dtype=np.int64),
            np.array([each.max() for each in of_each], dtype=np.float32),
        )

    def weights(self, pieces: Rows) -> Vectors:
        """The inverse document frequencies of pieces, summing to 1."""
        having = self._frequencies[pieces]
        idf = np.log(1 + (len(self._leads) - having + 0.5) / (having + 0.5))
        weights: Vectors = (idf / idf.sum()).astype(np.float32)
        return weights

    def _matched(self, first: Rows, end: Rows, states: Vectors) -> Vectors:
        """The best cosines of a question's states in some stretches of pieces, of shape ``(stretches, states)``.

        The states of the question are rounded to whole numbers too. Whole numbers are summed without any
        rounding, so a product is the same whatever stands beside it, and one product does for all stretches.
        """
        asked = quantized(states).astype(np.float32)
        fetch(self.states, first, end)
        stretches = [slice(*each) for each in zip(first.tolist(), end.tolist(), strict=True)]
        states = np.concatenate([self.states[each] for each in stretches]).astype(np.float32)
        products = states @ asked.T
        products /= np.maximum(np.sqrt(np.einsum("ij,ij->i", states, states)), 1)[:, np.newaxis]
        best: Vectors = np.maximum.reduceat(products, np.cumsum(end - first) - (end - first), axis=0)
        # The best stays the best, whatever all are divided by.
        best /= np.linalg.norm(asked, axis=1)
        return best
