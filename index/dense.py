"""Nearest neighbours of a question's vector among those of the passages."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np

from index.encoder import Vectors
from index.mapped import fetch, mapped
from index.texts import Rows

__all__ = ["EXACT_UP_TO", "DenseIndex"]

EXACT_UP_TO = 100_000
"""Up to so many vectors, a question is compared with each; beyond, an index tells which are worth comparing."""

_PROBED = 128
"""So many lists of the index are looked through for a question."""

_REFINED = 2
"""So many times as many passages as are wanted are compared exactly, after the index has chosen them."""

_TRAINED = 40
"""So many vectors for each list train the index."""

_COMPARED = 1 << 15
"""So many of the rows that a filter leaves are read and compared at once."""

_ADDED = 1 << 16
"""So many vectors are read at once."""

# The types of FAISS know another form of these two.
_knn_inner_product: Any = faiss.knn_inner_product
_bitmap_selector: Any = faiss.IDSelectorBitmap


class DenseIndex:
    """The passages whose vectors are nearest to a question's.

    Vectors have length 1, so that the inner product is the cosine. They are memory-mapped. Up to `EXACT_UP_TO` all
    are compared. Of more, an inverted file with codes of 4 bits a number (FAISS ``IVF…,SQ4``), memory-mapped too,
    chooses some, and these are compared exactly; README tells how many are missed.
    """

    def __init__(self, vectors: Vectors, index: faiss.Index | None = None, *, hidden: Rows | None = None) -> None:
        self._vectors = vectors
        self._index = index
        self._shown = None if hidden is None else _all_but(hidden, len(vectors))

    @staticmethod
    def build(vectors: Path, target: Path, *, exact_up_to: int = EXACT_UP_TO) -> None:
        """Writes what `load` needs beside the vectors of shape ``(passages, dimension)``, if it needs anything."""
        known: Vectors = np.load(vectors, mmap_mode="r").view(np.ndarray)
        if len(known) <= exact_up_to:
            return
        lists = int(4 * len(known) ** 0.5)
        chosen = np.random.default_rng(0).choice(len(known), min(len(known), lists * _TRAINED), replace=False)
        index = faiss.index_factory(known.shape[1], f"IVF{lists},SQ4", faiss.METRIC_INNER_PRODUCT)
        index.train(known[np.sort(chosen)])
        for first in range(0, len(known), _ADDED):
            index.add(known[first : first + _ADDED])
        faiss.write_index(index, str(target))

    @classmethod
    def load(cls, vectors: Path, index: Path) -> "DenseIndex":
        """The index of the vectors in a file."""
        if index.exists():
            return cls(mapped(vectors), _opened(index))
        # All are read for every question.
        return cls(np.load(vectors, mmap_mode="r").view(np.ndarray))

    def without(self, hidden: Rows | None) -> "DenseIndex":
        """The same index, in which some rows are never found unless they are asked for by `within`."""
        return DenseIndex(self._vectors, self._index, hidden=hidden)

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of some passages, of shape ``(len(rows), dimension)``."""
        if self._index is not None:
            fetch(self._vectors, rows, rows + 1)
        return self._vectors[rows]

    def top(self, vector: Vectors, most: int, within: Rows | None = None) -> Rows:
        """The rows of the `most` nearest passages, nearest first; of those `within`, each is compared."""
        # The thread that asks does the work; more threads would only compete with other questions.
        faiss.omp_set_num_threads(1)
        if within is not None:
            return self._nearest_within(vector, most, within)
        if self._index is None:
            return _nearest(self._vectors, vector, most, self._shown)
        parameters = faiss.SearchParametersIVF()
        parameters.nprobe = _PROBED
        parameters.sel = self._shown
        _, rows = self._index.search(vector[None], _REFINED * most, params=parameters)
        chosen: Rows = np.sort(rows[0][rows[0] >= 0])
        fetch(self._vectors, chosen, chosen + 1)
        return chosen[_nearest(self._vectors[chosen], vector, most)]

    def _nearest_within(self, vector: Vectors, most: int, within: Rows) -> Rows:
        """The nearest of some rows, read and compared part by part, so that many take no more memory than few."""
        kept = within[:0]
        for at in range(0, len(within), _COMPARED):
            rows = np.concatenate([kept, within[at : at + _COMPARED]])
            kept = np.sort(rows[_nearest(self.vectors(rows), vector, most)])
        return kept[_nearest(self.vectors(kept), vector, most)] if len(kept) else kept


def _nearest(vectors: Vectors, vector: Vectors, most: int, shown: faiss.IDSelector | None = None) -> Rows:
    """The rows of the `most` vectors that are nearest to one, every vector that is shown being compared."""
    most = min(most, len(vectors))
    cosines, rows = np.empty(most, dtype=np.float32), np.empty(most, dtype=np.int64)
    swig = faiss.swig_ptr
    size = (vectors.shape[1], 1, len(vectors), most)
    # `faiss.knn` is this without a selector.
    _knn_inner_product(swig(vector), swig(vectors), *size, swig(cosines), swig(rows), shown)
    return rows[rows >= 0]


def _all_but(hidden: Rows, count: int) -> faiss.IDSelector:
    """Selects all of so many rows but some."""
    shown = np.ones(count, dtype=np.bool_)
    shown[hidden] = False
    selector: faiss.IDSelector = _bitmap_selector(np.packbits(shown, bitorder="little"))
    return selector


def _opened(path: Path) -> faiss.Index:
    index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    # By default FAISS starts 32 threads for each question, only to read ahead.
    lists: Any = faiss.downcast_InvertedLists(index.invlists)
    lists.prefetch_nthread = 0
    opened: faiss.Index = index
    return opened
