"""Snapshots of any size out of a real one, to measure how size tells: real sentences, put together anew.

A synthetic passage has sentences of two real ones, of the first under its own headings. Its vector lies between
those of the two, and the vector of a sentence is that of the real one; to all vectors noise is added (of length
`NOISE`, beside vectors of length 1), since in a real corpus no two texts are quite the same. The states of word
pieces are those of the real sentences, cut or continued to the length that is needed. Nothing is encoded.
"""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from corpus import Block, Citation, Document, Passage, Span, content_id
from index.build import manifest_of
from index.dense import DenseIndex
from index.draft import Draft
from index.encoder import Vectors
from index.manifest import LAYOUT
from index.snapshot import Snapshot
from index.store import Store
from index.texts import Rows
from index.vectors import TextVectors

__all__ = ["NOISE", "Timings", "build_synthetic", "fill_between"]

NOISE = 0.5
"""The length of what is added to a vector: its cosine with what it was is about .89."""

_PASSAGES = 20
"""The passages of a synthetic document."""

_AT_ONCE = 1 << 14


class Timings(msgspec.Struct, frozen=True):
    """The seconds that parts of a build took: texts and lexicon, vectors of any kind, the index, publishing."""

    texts: float
    vectors: float
    index: float
    publishing: float


def build_synthetic(base: Snapshot, store: Store, passages: int, *, seed: int = 0) -> Timings:
    """Builds and publishes a snapshot of so many passages, or a few more, out of the texts of another.

    Putting texts together anew is counted among `texts`, though no real build does it.
    """
    synthesis = _Synthesis(base, seed)
    with store.building() as aside:
        shutil.copytree(base.folder / LAYOUT.encoder, aside / LAYOUT.encoder)
        shutil.copy(base.folder / LAYOUT.calibration, aside)
        times = [time.perf_counter()]
        with Draft(aside, base.encoder) as draft:
            for document, own in synthesis.documents(passages):
                draft.add(document, own)
            drafted = draft.close(())
        settings = msgspec.structs.replace(base.manifest.settings, reranker=None)
        manifest = manifest_of(aside, drafted, base.encoder, settings)
        kept = store.keep(aside, manifest.id)
        times.append(time.perf_counter())
        synthesis.fill(TextVectors(kept, mode="r+"))
        times.append(time.perf_counter())
        DenseIndex.build(kept / LAYOUT.passages, kept / LAYOUT.dense)
        times.append(time.perf_counter())
        store.publish(kept, manifest)
        times.append(time.perf_counter())
    return Timings(*np.diff(times).round(1).tolist())


class _Synthesis:
    """Texts, and where each comes from."""

    def __init__(self, base: Snapshot, seed: int) -> None:
        self._base = base
        self._choice = np.random.default_rng(seed)
        self._parents: list[tuple[int, int]] = []
        self._sentences: list[int] = []

    def documents(self, passages: int) -> Iterator[tuple[Document, list[Passage]]]:
        """Documents with their passages, until there are enough."""
        documents = list(self._base.documents.values())
        number = 0
        while len(self._parents) < passages:
            yield self._document(documents[self._choice.integers(len(documents))], number)
            number += 1

    def _document(self, parent: Document, number: int) -> tuple[Document, list[Passage]]:
        """A document that cites what its parent cites, with passages that descend from the parent's and from others."""
        rows = self._base.records.rows_of(parent.id) or range(1)
        identity = f"{parent.id}-{number}"
        passages: list[Passage] = []
        length = 0
        for row in self._choice.choice(np.array(rows), min(_PASSAGES, len(rows)), replace=False).tolist():
            passages.append(self._passage(row, identity, length))
            length = passages[-1].end + 2
        text = "\n\n".join(passage.text for passage in passages)
        blocks = tuple(Block("paragraph", passage.start, passage.end, passage.headings) for passage in passages)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        document = msgspec.structs.replace(
            parent, id=identity, text=text, sha256=sha256, blocks=blocks, markers=(), findings=()
        )
        return document, passages

    def _passage(self, row: int, document: str, start: int) -> Passage:
        other = int(self._choice.integers(len(self._base.passages)))
        self._parents.append((row, other))
        first, second = self._base.passages[row], self._base.passages[other]
        sentences = [*self._texts(row, first), *self._texts(other, second)]
        kept = sorted(self._choice.permutation(len(sentences))[: len(first.sentences)].tolist())
        spans, place, words = [], start, []
        for source, sentence in (sentences[each] for each in kept):
            self._sentences.append(source)
            spans.append(Span(place, place + len(sentence)))
            words.append(sentence)
            place += len(sentence) + 1
        text = " ".join(words)
        return Passage(
            id=content_id(document, text, len(self._parents)),
            document_id=document,
            start=start,
            end=start + len(text),
            text=text,
            headings=first.headings,
            sentences=tuple(spans),
            lead=None,
            citations=tuple(Citation(each.reference, each.number, "marked", spans[-1]) for each in first.citations),
            tokens=first.tokens,
        )

    def _texts(self, row: int, passage: Passage) -> list[tuple[int, str]]:
        """The sentences of a real passage with their rows."""
        first = int(self._base.sentence_offsets[row])
        texts = (passage.text[each.start - passage.start : each.end - passage.start] for each in passage.sentences)
        return list(enumerate(texts, start=first))

    def fill(self, vectors: TextVectors) -> None:
        """Vectors and states of all texts."""
        parents, sentences = np.array(self._parents), np.array(self._sentences)
        fill_between(vectors.passages, self._base.dense.vectors, parents, self._choice)
        for at in range(0, len(sentences), _AT_ONCE):
            chunk = sentences[at : at + _AT_ONCE]
            vectors.sentences[at : at + _AT_ONCE] = _noisy(self._base.sentence_vectors[chunk], self._choice)
        self._fill_states(vectors, sentences)
        vectors.mark(np.arange(len(vectors.digests)))

    def _fill_states(self, vectors: TextVectors, sentences: Rows) -> None:
        states, offsets = self._base.late.states, self._base.late.offsets
        firsts = np.minimum(offsets[sentences], len(states) - np.diff(vectors.offsets))
        bounds = zip(vectors.offsets[:-1].tolist(), vectors.offsets[1:].tolist(), firsts.tolist(), strict=True)
        for start, end, first in bounds:
            vectors.states[start:end] = states[first : first + end - start]


def fill_between(target: Vectors, real: Callable[[Rows], Vectors], parents: Rows, choice: np.random.Generator) -> None:
    """Fills `target` ``(n, dimension)`` with vectors each nearer to the first of its two parents, with noise.

    `real` gives the vectors of rows; `parents` are rows, ``(n, 2)``.
    """
    for at in range(0, len(parents), _AT_ONCE):
        chunk = parents[at : at + _AT_ONCE]
        share = choice.uniform(0.5, 1, size=(len(chunk), 1)).astype(np.float32)
        between = real(chunk[:, 0]) * share + real(chunk[:, 1]) * (1 - share)
        target[at : at + _AT_ONCE] = _noisy(between, choice)


def _noisy(vectors: Vectors, choice: np.random.Generator) -> Vectors:
    noise = choice.standard_normal(vectors.shape, dtype=np.float32) * np.float32(NOISE / vectors.shape[1] ** 0.5)
    noisy = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) + noise
    unit: Vectors = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    return unit
