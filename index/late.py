"""Late interaction: each word piece of a question finds the piece of a passage that is most like it.

A vector of a whole text blurs what stands in it; the states of its word pieces do not. The encoder makes
them anyway when it encodes a passage's sentences. After ColBERT (Khattab and Zaharia 2020, SIGIR), but with
an encoder that was not trained for it, so that rare pieces must be made to count more than common ones.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from index.encoder import Encoding, Vectors

__all__ = ["LateFiles", "LateInteraction", "States", "quantized"]

Rows = npt.NDArray[np.int64]

States = npt.NDArray[np.int8]
"""The states of a text's word pieces, of shape ``(pieces, width)``."""


class LateFiles(msgspec.Struct, frozen=True):
    """The names of its files."""

    states: str = "states.npy"
    lengths: str = "lengths.npy"
    offsets: str = "offsets.npy"
    leads: str = "leads.npy"
    frequencies: str = "frequencies.npy"


FILES = LateFiles()


def quantized(states: Vectors) -> States:
    """States in int8, the greatest number of each being 127: their directions are what counts."""
    greatest = np.abs(states).max(axis=1, keepdims=True)
    rounded: States = np.rint(states * (127 / greatest)).astype(np.int8)
    return rounded


class LateInteraction:
    """The states of all sentences, and what is needed to match a question's pieces with those of a passage.

    The pieces of a passage are those of its sentences under their headings, and of the lead of its study,
    which tells what "they" are. `states` has shape (pieces, width), memory-mapped; `lengths` (pieces,) are those
    of the rows; the pieces of sentence `i` begin at ``offsets[i]``, of shape (sentences + 1,). The sentences of
    passage `p` begin at ``sentence_offsets[p]``, and ``leads[p]`` is the sentence that leads its study, or -1.
    `frequencies` (vocabulary,) count the passages that have a piece.
    """

    def __init__(
        self,
        *,
        states: States,
        lengths: Vectors,
        offsets: Rows,
        leads: Rows,
        frequencies: Rows,
        sentence_offsets: Rows,
    ) -> None:
        self._states = states
        self._lengths = lengths
        self._offsets = offsets
        self._leads = leads
        self._frequencies = frequencies
        self._sentence_offsets = sentence_offsets

    @classmethod
    def build(
        cls,
        states: Sequence[States],
        pieces: Sequence[Rows],
        leads: Sequence[int],
        sentence_offsets: Rows,
        vocabulary: int,
    ) -> "LateInteraction":
        """From the states and pieces of each sentence, and the leading sentence of each passage's study."""
        # Each sentence has a state, though it may have no piece: one that matches nothing.
        together = np.concatenate([each if len(each) else np.zeros((1, each.shape[1]), np.int8) for each in states])
        frequencies = np.zeros(vocabulary, dtype=np.int64)
        for passage, lead in enumerate(leads):
            own = range(sentence_offsets[passage], sentence_offsets[passage + 1])
            held = [pieces[sentence] for sentence in (*own, *([lead] if lead >= 0 else []))]
            frequencies[np.unique(np.concatenate(held))] += 1
        return cls(
            states=together,
            lengths=np.maximum(np.linalg.norm(together.astype(np.float32), axis=1), 1),
            offsets=np.concatenate([[0], np.cumsum([max(1, len(each)) for each in states])]).astype(np.int64),
            leads=np.array(leads, dtype=np.int64),
            frequencies=frequencies,
            sentence_offsets=sentence_offsets,
        )

    @classmethod
    def load(cls, folder: Path, sentence_offsets: Rows) -> "LateInteraction":
        """What `save` wrote."""
        return cls(
            states=np.load(folder / FILES.states, mmap_mode="r").view(np.ndarray),
            lengths=np.load(folder / FILES.lengths, mmap_mode="r").view(np.ndarray),
            offsets=np.load(folder / FILES.offsets),
            leads=np.load(folder / FILES.leads),
            frequencies=np.load(folder / FILES.frequencies),
            sentence_offsets=sentence_offsets,
        )

    def save(self, folder: Path) -> None:
        """Writes all but the sentence offsets into a folder."""
        folder.mkdir()
        np.save(folder / FILES.states, self._states)
        np.save(folder / FILES.lengths, self._lengths)
        np.save(folder / FILES.offsets, self._offsets)
        np.save(folder / FILES.leads, self._leads)
        np.save(folder / FILES.frequencies, self._frequencies)

    def states_of_sentence(self, sentence: int) -> States:
        """The states of a sentence's pieces."""
        return np.asarray(self._states[self._offsets[sentence] : self._offsets[sentence + 1]])

    def scores(self, question: Encoding, rows: Rows) -> Vectors:
        """For each of some passages how well it matches the question's pieces, float32 of shape ``(len(rows),)``.

        ``Σ idf(q) · max cos(q, d) / Σ idf(q)`` over the pieces `q` of the question, `d` being those of the passage,
        with ``idf(q) = ln(1 + (N - n(q) + .5) / (n(q) + .5))``, where `n` of `N` passages have the piece. 0 for a
        question without pieces. A passage's score does not depend on the other rows.
        """
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        led = np.flatnonzero(self._leads[rows] >= 0)
        leads = self._leads[rows[led]]
        first = np.concatenate([self._sentence_offsets[rows], leads])
        end = np.concatenate([self._sentence_offsets[rows + 1], leads + 1])
        matched = self._matched(self._offsets[first], self._offsets[end], question.states)
        best = matched[: len(rows)]
        best[led] = np.maximum(best[led], matched[len(rows) :])
        scores: Vectors = np.einsum("ij,j->i", best, self._weights(question.pieces))
        return scores

    def best_sentences(self, question: Encoding, rows: Rows) -> Rows:
        """Which sentence of each passage matches the question's pieces best, of shape ``(len(rows),)``."""
        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        bounds = zip(self._sentence_offsets[rows], self._sentence_offsets[rows + 1], strict=True)
        sentences = [np.arange(first, end) for first, end in bounds]
        together = np.concatenate(sentences)
        matched = self._matched(self._offsets[together], self._offsets[together + 1], question.states)
        scores = np.einsum("ij,j->i", matched, self._weights(question.pieces))
        of_each = np.split(scores, np.cumsum([len(each) for each in sentences])[:-1])
        return np.array([each.argmax() for each in of_each], dtype=np.int64)

    def _weights(self, pieces: Rows) -> Vectors:
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
        stretches = [slice(*each) for each in zip(first.tolist(), end.tolist(), strict=True)]
        products = np.concatenate([self._states[each] for each in stretches]).astype(np.float32) @ asked.T
        products /= np.concatenate([self._lengths[each] for each in stretches])[:, np.newaxis]
        products /= np.linalg.norm(asked, axis=1)
        best: Vectors = np.maximum.reduceat(products, np.cumsum(end - first) - (end - first), axis=0)
        return best
