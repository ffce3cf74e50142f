"""A snapshot under way: its passages, and all that is known of them before anything is encoded."""

import hashlib
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
from tokenizers import Encoding as Tokens

from corpus import Document, Finding, Passage
from index.encoder import Encoder, own_pieces
from index.fields import Fields, fields
from index.lexicon_writer import LexiconWriter
from index.manifest import LAYOUT
from index.records import RecordWriter
from index.texts import Rows, TextFile, TextWriter
from index.vectors import TextVectors

__all__ = ["Draft", "Drafted"]


class Drafted(msgspec.Struct, frozen=True):
    """How much there is of each, and a hash of all records and of all texts that are searched."""

    documents: int
    passages: int
    sentences: int
    works: int
    sha256: str


class Draft:
    """Takes documents with their passages one after the other, and writes what is searched of them into a folder.

    Of the texts only some numbers stay in memory. Leaving the context releases the files, complete or not.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._folder = folder
        self._encoder = encoder
        (folder / LAYOUT.work).mkdir()
        self._records = RecordWriter(folder / LAYOUT.records)
        self._lexicon = LexiconWriter(folder / LAYOUT.lexicon)
        self._own = TextWriter(folder / LAYOUT.own_texts)
        self._sentences = TextWriter(folder / LAYOUT.sentence_texts)
        self._documents = 0
        self._firsts = array("q", [0])  # of each passage's sentences
        self._contexts = array("q")  # how many pieces of each passage's first sentence are title and headings
        self._leads = array("q")
        self._pieces = array("q", [0])  # where those of each sentence begin
        self._frequencies = np.zeros(encoder.vocabulary, dtype=np.int64)
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in (self._records, self._lexicon, self._own, self._sentences):
            writer.release()

    def add(self, document: Document, passages: Sequence[Passage]) -> None:
        """Adds a document with its passages."""
        self._documents += 1
        self._records.add(document, passages)
        self._hash.update(msgspec.json.encode(document))
        tokens = _Tokens(self._encoder)
        found = [fields(passage, document, tokens.fit) for passage in passages]
        self._hash.update(msgspec.json.encode((passages, found)))
        rows: dict[str, int] = {}
        for each in found:
            for at, (sentence, context) in enumerate(zip(each.sentences, each.contexts, strict=True)):
                rows.setdefault(sentence, len(self._sentences))
                self._sentence(sentence, context, tokens, first=at == 0)
            self._own.add(each.own)
            self._lexicon.add(each.lexical)
            self._firsts.append(len(self._sentences))
        for each in found:
            self._lead(each, rows, tokens)

    def _sentence(self, text: str, context: int, tokens: "_Tokens", *, first: bool) -> None:
        """Adds a sentence, the first code points of which are title and headings.

        Their pieces are kept with the first sentence of a passage alone. Another without any piece of its own is
        encoded without them, since it must not be taken for the title.
        """
        above = tokens.pieces_within(text, context)
        left_out = 0 if first else above
        own = len(tokens.pieces(text)) - left_out
        if first:
            self._contexts.append(above)
        if not own:
            text, left_out = text[context:], 0
            own = len(tokens.pieces(text))
        self._sentences.add(text, kind=f"without {left_out}" if left_out else "")
        # Each sentence has a state, though it may have no piece.
        self._pieces.append(self._pieces[-1] + max(1, own))

    def _lead(self, found: Fields, rows: dict[str, int], tokens: "_Tokens") -> None:
        """A lead is matched through the states of the sentence that it is; one that was cut in pieces is none."""
        led = found.lead is not None and found.lead in rows
        self._leads.append(rows[found.lead or ""] if led else -1)
        held = [*found.sentences, *([found.lead or ""] if led else [])]
        self._frequencies[np.unique(np.concatenate([tokens.pieces(text) for text in held]))] += 1

    @property
    def passages(self) -> int:
        """How many passages were added."""
        return len(self._own)

    def close(self, findings: Sequence[Finding]) -> Drafted:
        """Completes the folder but for vectors, whose files are made without any vector in them."""
        self._records.add_findings(findings)
        works = self._records.close()
        self._lexicon.close()
        digests = np.concatenate([self._own.close(), self._sentences.close()])
        for name, numbers in (
            (LAYOUT.sentence_offsets, np.frombuffer(self._firsts, dtype=np.int64)),
            (LAYOUT.contexts, np.frombuffer(self._contexts, dtype=np.int64)),
            (LAYOUT.leads, np.frombuffer(self._leads, dtype=np.int64)),
            (LAYOUT.frequencies, self._frequencies),
        ):
            np.save(self._folder / name, numbers)
        TextVectors.create(
            self._folder,
            dimension=self._encoder.dimension,
            width=self._encoder.width,
            offsets=np.frombuffer(self._pieces, dtype=np.int64),
            digests=digests,
        )
        return Drafted(self._documents, len(self._own), len(self._sentences), works, self._hash.hexdigest())

    @staticmethod
    def texts(folder: Path) -> tuple[TextFile, TextFile]:
        """The passages' own texts, and the sentences."""
        return TextFile(folder / LAYOUT.own_texts), TextFile(folder / LAYOUT.sentence_texts)


class _Tokens:
    """The word pieces of texts of one document, each cut once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Tokens] = {}

    def fit(self, text: str) -> bool:
        """Whether the encoder takes a text whole."""
        return len(self._of(text)) <= self._encoder.settings.max_pieces

    def pieces(self, text: str) -> Rows:
        """The numbers of its word pieces without the special ones."""
        return own_pieces(self._of(text))

    def pieces_within(self, text: str, length: int) -> int:
        """How many word pieces, without the special ones, lie in the first code points of a text."""
        found = self._of(text)
        end = len(self._encoder.settings.passage_prompt) + length
        own = zip(found.offsets, found.special_tokens_mask, strict=True)
        return sum(not special and stop <= end for (_, stop), special in own) if length else 0

    def _of(self, text: str) -> Tokens:
        if text not in self._known:
            self._known[text] = self._encoder.tokenize(text)
        return self._known[text]
