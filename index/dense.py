"""Exact nearest neighbours of a question's vector among those of the passages."""

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors

__all__ = ["DenseIndex"]

Rows = npt.NDArray[np.int64]


class DenseIndex:
    """A flat FAISS index over unit vectors, so that the inner product is the cosine."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> "DenseIndex":
        """The index of vectors of shape ``(passages, dimension)``."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "DenseIndex":
        """The index that `save` wrote."""
        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        """Writes the index to a file."""
        faiss.write_index(self._index, str(path))

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of some passages, of shape ``(len(rows), dimension)``."""
        vectors: Vectors = self._index.reconstruct_batch(rows)
        return vectors

    def top(self, vector: Vectors, most: int, within: Rows | None = None) -> Rows:
        """The rows of the `most` nearest passages, nearest first, of those `within` if given."""
        # The thread that asks does the work; more threads would only compete with other questions.
        faiss.omp_set_num_threads(1)
        parameters = faiss.SearchParameters()
        # The selector must outlive the search: the parameters do not own it.
        selector = None if within is None else faiss.IDSelectorBatch(within)
        parameters.sel = selector
        _, rows = self._index.search(vector[None], most, params=parameters)
        found: Rows = rows[0][rows[0] >= 0]
        return found
