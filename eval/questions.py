"""The question set: one JSON object a line, each a question, its evidence and its references.

Gold is a span of the source, quoted word for word, never the id of a passage: a question set
outlives every way of cutting passages.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from corpus.errors import QuestionSetError

__all__ = ["EMBEDDED_QUESTIONS", "Evidence", "Question", "read_questions"]

EMBEDDED_QUESTIONS = Path(__file__).parent / "data" / "cervical_spinal_metastases.jsonl"
"""The questions over the page that comes with loccit, in a development and a test split."""


Offset = Annotated[int, msgspec.Meta(ge=0)]


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A span of a document that answers a question, quoted word for word, markers included.

    `start` and `end` count code points in the document's text; `start` is needed only where the quote
    stands in the document more than once.
    """

    document: str
    quote: str
    start: Offset | None = None
    end: Offset | None = None


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question, the evidence that answers it and the ids of the works that support that evidence.

    Without `references` its citations are not judged; with empty ones there should be none. `pair` is the
    id of the answerable question of which this unanswerable one is the minimal pair.

    >>> line = '{"id": "q1", "question": "Why?", "evidence": [], "answerable": false}'
    >>> msgspec.json.decode(line, type=Question).answerable
    False
    """

    id: str
    question: str
    evidence: tuple[Evidence, ...]
    answerable: bool
    references: tuple[str, ...] | None = None
    kind: str | None = None
    split: str | None = None
    pair: str | None = None


def read_questions(path: Path, split: str | None = None) -> tuple[Question, ...]:
    """The questions of a file, in its order; of one `split` alone, if asked for.

    The whole file is checked, whichever split is asked for. Raises `QuestionSetError`, which names
    the line, what is wrong there and how to mend it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        fault = f"{path} cannot be read: {error.strerror}. Give a JSON Lines file."
        raise QuestionSetError(fault) from error
    questions, lines = _parse(data, path.name)
    _check_pairs(questions, lines, path.name)
    return _of_split(questions, split, path.name)


def _parse(data: bytes, name: str) -> tuple[list[Question], dict[str, int]]:
    """The questions of a file's bytes, and the line of each by its id; blank lines are passed over."""
    lines: dict[str, int] = {}
    questions: list[Question] = []
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        question = _decode(line, place)
        if question.id in lines:
            raise QuestionSetError(
                f"{place}: the id {question.id!r} already stands on line {lines[question.id]}. "
                "Give every question an id of its own."
            )
        lines[question.id] = number
        questions.append(question)
    if not questions:
        raise QuestionSetError(f"{name} holds no question. Write one JSON object a line.")
    return questions, lines


def _decode(line: bytes, place: str) -> Question:
    """The question of one line, with its own faults raised."""
    try:
        question = msgspec.json.decode(line, type=Question)
    except msgspec.ValidationError as error:
        raise QuestionSetError(
            f"{place}: {error}. A question has id, question, evidence and answerable, and may have "
            "references, kind, split and pair; evidence has document and quote, and may have start and end."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        fault = f"{place}: {error}. Write one whole JSON object in UTF-8 on the line."
        raise QuestionSetError(fault) from error
    for fault in _faults(question):
        raise QuestionSetError(f"{place}, question {question.id!r}: {fault}")
    return question


def _faults(question: Question) -> Iterator[str]:
    """What is wrong with a question taken alone, each with its cure."""
    if not question.id or question.id.split() != [question.id]:
        yield "the id is empty or has white space, which a TREC run cannot carry. Use letters and digits."
    if not question.question.strip():
        yield "the question is empty. Write it out."
    if question.answerable and not question.evidence:
        yield "it is answerable but has no evidence. Quote what answers it, or set answerable to false."
    if not question.answerable and (question.evidence or question.references):
        yield (
            f"it is unanswerable but has {len(question.evidence)} evidence and "
            f"{len(question.references or ())} references. Leave both empty, or set answerable to true."
        )
    if question.answerable and question.pair is not None:
        yield "it is answerable but has a pair. Only an unanswerable question names its answerable pair."
    if len(set(question.evidence)) < len(question.evidence):
        yield "the same evidence is listed twice. List each span once."
    for evidence in question.evidence:
        yield from _evidence_faults(evidence)


def _evidence_faults(evidence: Evidence) -> Iterator[str]:
    """What is wrong with one evidence, as far as can be told without its document."""
    start, end, length = evidence.start, evidence.end, len(evidence.quote)
    if not evidence.quote.strip():
        yield "a quote is empty. Quote the span that answers the question."
    if end is not None and start is None:
        yield f"evidence has end {end} but no start. Give start too, or neither."
    if end is not None and start is not None and end - start != length:
        yield (
            f"evidence spans {end - start} code points from start {start} to end {end}, but its quote has "
            f"{length}. Correct or leave out the offsets."
        )


def _check_pairs(questions: list[Question], lines: dict[str, int], name: str) -> None:
    """Raise where a pair is not an answerable question of the same file."""
    answerable = {question.id for question in questions if question.answerable}
    for question in questions:
        if question.pair is not None and question.pair not in answerable:
            raise QuestionSetError(
                f"{name}, line {lines[question.id]}, question {question.id!r}: its pair {question.pair!r} "
                f"is none of the {len(answerable)} answerable questions of the file. Name one, or none."
            )


def _of_split(questions: list[Question], split: str | None, name: str) -> tuple[Question, ...]:
    """The questions of a split; all of them where none is asked for."""
    if split is None:
        return tuple(questions)
    chosen = tuple(question for question in questions if question.split == split)
    if not chosen:
        known = ", ".join(sorted({question.split for question in questions if question.split is not None}))
        cure = f"Ask for one of: {known}." if known else "None of its questions names one: ask without a split."
        raise QuestionSetError(f"{name} has no split {split!r}. {cure}")
    return chosen
