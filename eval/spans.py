"""Where gold evidence stands in the sources."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from corpus.documents import Document, Marker
from corpus.errors import QuestionSetError
from corpus.sentences import sentence_spans
from eval.questions import Evidence, Question

__all__ = ["GoldSpan", "find_span", "locate", "whole_sentences"]

_FULL_STOP = re.compile(r"[.!?](?!\w)")

_ALIKE = str.maketrans("‘’“”‐‑–—−", "''\"\"-----")

MESSAGE_QUOTE, MESSAGE_PLACES = 60, 5
"""Code points of a quote, and places of it, that a message shows."""

_SENTENCE = re.compile(r"[^a-z\s].*[.!?][\d\s,;)\]\"'”’»]*", re.DOTALL)
"""What counts as a whole sentence: no small letter first (it would be the tail of another), and final
punctuation last, which only markers and closing quotation marks or brackets may follow."""


class GoldSpan(msgspec.Struct, frozen=True):
    """A span of evidence in a document's text, in code points, the number of its whole sentences, and its grade."""

    document: str
    start: int
    end: int
    sentences: int = 1
    grade: int = 1


class _Folded(NamedTuple):
    """A folded text, and for each of its characters the offset in the original."""

    text: str
    offsets: list[int]


def locate(question: Question, documents: Mapping[str, Document]) -> tuple[GoldSpan, ...]:
    """The place of each quoted evidence of a question, in its order; whole documents have none.

    A quote is matched code point for code point: nothing is normalised, so that gold is what the source
    says. White space at its ends is matched too but is no evidence, so the span leaves it out.

    Raises `QuestionSetError` where the document is unknown, the quote is not in it, stands in it more than
    once without a `start`, or does not stand at its `start`.
    """
    try:
        spans = [find_span(evidence, documents) for evidence in question.evidence]
    except QuestionSetError as error:
        fault = f"Question {question.id!r}, {error}"
        raise QuestionSetError(fault) from error
    return tuple(span for span in spans if span is not None)


def find_span(evidence: Evidence, documents: Mapping[str, Document]) -> GoldSpan | None:
    """The place of one evidence; None where it is a whole document. Raises as `locate` does."""
    place = f"document {evidence.document!r}"
    if evidence.document not in documents:
        raise QuestionSetError(
            f"{place}: it is not among the {len(documents)} documents of the snapshot. Correct the id of the "
            "document in the question set, or build the snapshot from the sources that hold it."
        )
    if evidence.quote is None:
        return None
    document = documents[evidence.document]
    starts = _occurrences(evidence.quote, document.text)
    quote = f"the quote {_short(evidence.quote)!r}"
    if not starts:
        raise QuestionSetError(f"{place}: {quote} does not stand in its text. {_cure(evidence.quote, document.text)}")
    if evidence.start is None and len(starts) > 1:
        raise QuestionSetError(
            f"{place}: {quote} stands there {len(starts)} times, at {_listed(starts)}. "
            "Give the one meant as `start`, or quote more."
        )
    if evidence.start is not None and evidence.start not in starts:
        raise QuestionSetError(
            f"{place}: {quote} does not stand at start {evidence.start} but at {_listed(starts)}. Correct it."
        )
    start = starts[0] if evidence.start is None else evidence.start
    return _gold(document, start, evidence.quote, evidence.grade)


def _cure(quote: str, text: str) -> str:
    """How to mend a quote that is not in a text: with what stands there in its stead, if anything like it does."""
    folded = _fold(text)
    alike = _fold(quote).text.strip()
    at = folded.text.find(alike) if alike else -1
    if at < 0:
        return "Copy it from the text character for character."
    start, end = folded.offsets[at], folded.offsets[at + len(alike) - 1] + 1
    return (
        f"But for white space, case or the form of its characters it stands at {start}: "
        f"copy {text[start:end]!r} from there."
    )


@lru_cache(maxsize=4)
def _fold(text: str) -> _Folded:
    """A text in decomposed small letters, typographic signs made plain, each run of white space one space."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, original in enumerate(text):
        # Decomposition, unlike composition, looks at one code point at a time.
        plain = unicodedata.normalize("NFKD", original.translate(_ALIKE)).casefold()
        for character in plain:
            space = character.isspace()
            if not (space and characters[-1:] == [" "]):
                characters.append(" " if space else character)
                offsets.append(offset)
    return _Folded("".join(characters), offsets)


def _gold(document: Document, start: int, quote: str, grade: int) -> GoldSpan:
    """The span of a quote without the white space at its ends."""
    start += len(quote) - len(quote.lstrip())
    end = start + len(quote.strip())
    # A quote often leaves out the full stop of its last sentence, which is no less whole for that.
    closed = end + (_FULL_STOP.match(document.text, end) is not None)
    sentences = whole_sentences(document.text, start, closed, document.markers)
    return GoldSpan(document.id, start, end, sentences, grade)


def whole_sentences(text: str, start: int = 0, end: int | None = None, markers: Sequence[Marker] = ()) -> int:
    """The number of whole sentences in ``text[start:end]``, at least 1.

    More than one makes half of the span enough to find it, so the count errs on the low side: fragments
    at either end do not count, nor does what follows a full stop with a small letter.

    >>> whole_sentences("It rose. Then it fell.3)", markers=[Marker(22, 24, (3,))])
    2
    >>> whole_sentences("rose. Then it")
    1
    """
    sentences = (text[span.start : span.end] for span in sentence_spans(text, start, end, markers))
    return max(1, sum(_SENTENCE.fullmatch(sentence) is not None for sentence in sentences))


def _occurrences(quote: str, text: str) -> list[int]:
    """Every start of `quote` in `text`, overlapping ones too."""
    starts = []
    start = text.find(quote)
    while start >= 0:
        starts.append(start)
        start = text.find(quote, start + 1)
    return starts


def _short(quote: str) -> str:
    return quote if len(quote) <= MESSAGE_QUOTE else quote[: MESSAGE_QUOTE - 1] + "…"


def _listed(starts: Sequence[int]) -> str:
    return ", ".join(map(str, starts[:MESSAGE_PLACES])) + (", …" if len(starts) > MESSAGE_PLACES else "")
