"""Texts into vectors and states, with an encoder exported to ONNX. torch is never imported here."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime
import tokenizers

from corpus.errors import TextTooLongError
from index.encoder_settings import ENCODER_FILES, read_settings
from index.recent import Recent

__all__ = ["Encoder", "Encoding", "Vectors", "Word", "open_session", "own_pieces"]

Vectors = npt.NDArray[np.float32]


_KEPT_QUESTIONS = 16 << 20
"""Bytes of the encodings of questions that are kept: about 1,600 questions of 16 word pieces."""

_OVERHEAD = 600
"""Bytes that a kept encoding takes beside its numbers."""


class Word(NamedTuple):
    """A word of a text, and which of the text's pieces, without the special ones, it is made of."""

    text: str
    pieces: slice


class Encoding(NamedTuple):
    """What an encoder makes of a text.

    `vector` is that of the whole, of length 1 and shape ``(dimension,)``. `pieces` are the numbers of its word
    pieces without the special ones, ``(pieces,)``, and `states` their states after the last layer, projected and
    of length 1, ``(pieces, width)``; all float32. Of a question, `words` are those that the pieces make, without
    those of the prompt.
    """

    vector: Vectors
    pieces: npt.NDArray[np.int64]
    states: Vectors
    words: tuple[Word, ...] = ()


class Encoder:
    """An exported sentence encoder, run in a pool of workers of one thread each.

    Every text is encoded alone. Dynamic int8 quantization scales activations by the whole batch, so in
    a batch the vector of a text would depend on its neighbours, and an answer on the load.

    The encodings of questions are kept for those who ask again, unless `keep_questions` is off: how soon an answer
    comes tells who asks whether somebody has asked the same.
    """

    def __init__(self, folder: Path, *, workers: int | None = None, keep_questions: bool = True) -> None:
        self.settings = read_settings(folder)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / ENCODER_FILES.tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._session = open_session(folder / ENCODER_FILES.model)
        self._projection: Vectors = np.load(folder / ENCODER_FILES.projection)
        workers = workers or len(os.sched_getaffinity(0))
        self._pool = ThreadPoolExecutor(workers, "encoder")
        self._ahead = 8 * workers
        self._recent = Recent[str, Encoding](_KEPT_QUESTIONS if keep_questions else 0)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.settings.dimension

    @property
    def width(self) -> int:
        """The length of a state."""
        return int(self._projection.shape[1])

    @property
    def vocabulary(self) -> int:
        """How many word pieces there are."""
        return self._tokenizer.get_vocab_size()

    def count(self, text: str) -> int:
        """The word pieces of a passage, special ones and prompt included."""
        return len(self.tokenize(text))

    def count_query(self, text: str) -> int:
        """The word pieces of a question, special ones and prompt included."""
        return len(self._pieces(self.settings.query_prompt + text))

    def encode_queries(self, texts: Sequence[str]) -> list[Encoding]:
        """The encodings of questions, in order; those asked most recently are kept.

        Raises `TextTooLongError` for a text of more word pieces than the encoder takes.
        """
        known = [self._recent.get(text) for text in texts]
        new = [text for text, found in zip(texts, known, strict=True) if found is None]
        # A single question gains nothing from the pool, and would wait twice to be given over.
        encoded = iter(self._pool.map(self._encode_query, new) if len(new) > 1 else map(self._encode_query, new))
        return [found or next(encoded) for found in known]

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoding]:
        """The encodings of passages or sentences, in order, as they are made. Raises as `encode_queries` does.

        However many texts there are, only few are read ahead.
        """
        under_way: deque[Future[Encoding]] = deque()
        for text in texts:
            under_way.append(self._pool.submit(self._encode_passage, text))
            if len(under_way) > self._ahead:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def pieces(self, text: str) -> npt.NDArray[np.int64]:
        """The numbers of the word pieces of a passage or sentence, without the special ones."""
        return own_pieces(self.tokenize(text))

    def tokenize(self, text: str) -> tokenizers.Encoding:
        """A passage or sentence cut into word pieces, special ones and prompt included."""
        return self._pieces(self.settings.passage_prompt + text)

    def _pieces(self, text: str) -> tokenizers.Encoding:
        return self._tokenizer.encode(text)

    def _encode_query(self, text: str) -> Encoding:
        asked = self.settings.query_prompt + text
        found = self._pieces(asked)
        encoding = self._encode(found)._replace(words=_words(asked, found, prompt=len(self.settings.query_prompt)))
        arrays = (encoding.vector, encoding.pieces, encoding.states)
        for array in arrays:
            array.flags.writeable = False  # all who ask this get the same arrays
        self._recent.put(text, encoding, size=sum(array.nbytes for array in arrays) + _OVERHEAD)
        return encoding

    def _encode_passage(self, text: str) -> Encoding:
        return self._encode(self.tokenize(text))

    def _encode(self, found: tokenizers.Encoding) -> Encoding:
        pieces = np.array(found.ids, dtype=np.int64)
        if len(pieces) > self.settings.max_pieces:
            raise TextTooLongError(
                f"A text has {len(pieces)} word pieces, the encoder takes {self.settings.max_pieces}. Shorten it."
            )
        ids = pieces[np.newaxis]
        inputs = {"input_ids": ids, "token_type_ids": np.zeros_like(ids)}
        vectors, states = self._session.run(None, {name: inputs[name] for name in self.settings.inputs})
        own = np.array(found.special_tokens_mask) == 0
        vector, projected = vectors[0][: self.dimension], states[0][own] @ self._projection
        return Encoding(_unit(vector), own_pieces(found), _unit(projected))


def own_pieces(found: tokenizers.Encoding) -> npt.NDArray[np.int64]:
    """The numbers of word pieces without the special ones."""
    own: npt.NDArray[np.int64] = np.array(found.ids, dtype=np.int64)[np.array(found.special_tokens_mask) == 0]
    return own


def _words(text: str, found: tokenizers.Encoding, *, prompt: int) -> tuple[Word, ...]:
    """The words of a text that was cut into pieces, in its order, but for those of the prompt that it begins with."""
    own = [at for at, special in enumerate(found.special_tokens_mask) if not special]
    words: list[Word] = []
    for word, group in groupby(range(len(own)), key=lambda place: found.word_ids[own[place]]):
        places = list(group)
        start, end = found.offsets[own[places[0]]][0], found.offsets[own[places[-1]]][1]
        if word is not None and end > prompt:
            words.append(Word(text[max(start, prompt) : end], slice(places[0], places[-1] + 1)))
    return tuple(words)


def _unit(vectors: Vectors) -> Vectors:
    """Vectors brought to length 1, the last axis being theirs."""
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


def open_session(model: Path) -> onnxruntime.InferenceSession:
    """A model of ONNX, to be run on the thread that asks."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Kept for texts of every length, memory would grow with the threads; asked for anew it costs no time.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Fused with the sum before it, a layer's normalisation takes four times as long as both apart. A name that
    # onnxruntime does not know is passed over without a word, so that a later one may fuse them again.
    return onnxruntime.InferenceSession(
        str(model), options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
    )
