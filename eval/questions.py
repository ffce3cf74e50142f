"""The question set: one JSON object a line, each a question, its evidence and its references.

Gold is a span of the source, quoted word for word, or a whole document, as TREC and BEIR judge it; never
the id of a passage: a question set outlives every way of cutting passages.
"""

import codecs
import inspect
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from corpus.errors import QuestionSetError

__all__ = [
    "EMBEDDED_QUESTIONS",
    "QUESTION_SCHEMA",
    "Evidence",
    "Line",
    "Lines",
    "Question",
    "QuestionSet",
    "Remark",
    "SourceText",
    "question_faults",
    "question_schema",
    "read_bytes",
    "read_lines",
    "read_questions",
    "read_utf8",
    "write_questions",
]

EMBEDDED_QUESTIONS = Path(__file__).parent / "data" / "cervical_spinal_metastases.jsonl"
"""The questions over the page that comes with loccit, in a development and a test split."""

QUESTION_SCHEMA = Path(__file__).parent / "data" / "question.schema.json"
"""The JSON Schema of one line of a question set, as `question_schema` makes it."""


Offset = Annotated[int, msgspec.Meta(ge=0)]
Grade = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A span of a document that answers a question, quoted word for word, markers included; or a whole document.

    `start` and `end` count code points in the document's text; `start` is needed only where the quote
    stands in the document more than once. Without a quote the whole document is judged relevant. `grade` is
    how relevant: measures over documents take it as their gain, those over spans are binary and do not.
    """

    document: str
    quote: str | None = None
    start: Offset | None = None
    end: Offset | None = None
    grade: Grade = 1


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A question, the evidence that answers it and the ids of the works that support that evidence.

    The evidence of one question is spans or whole documents, never both. Without `references` its citations
    are not judged; with empty ones there should be none. `pair` is the id of the answerable question of
    which this unanswerable one is the minimal pair.

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

    @property
    def quotes(self) -> tuple[str, ...]:
        """What the evidence says, where it is quoted; nothing where whole documents are the evidence."""
        return tuple(evidence.quote for evidence in self.evidence if evidence.quote is not None)


class SourceText(msgspec.Struct, frozen=True):
    """A document that came with a question set; its title stands apart from the text, and may be empty."""

    id: str
    title: str
    text: str


class QuestionSet(msgspec.Struct, frozen=True):
    """What was read from another form: questions, the documents that it carries, and notes.

    The notes say what was left out or chosen, how many there were of it, and why.
    """

    questions: tuple[Question, ...]
    documents: tuple[SourceText, ...] = ()
    notes: tuple[str, ...] = ()


class Remark(msgspec.Struct, frozen=True):
    """What is wrong with a question set and how to mend it, with the line and the question it concerns."""

    message: str
    line: int | None = None
    question: str | None = None

    def told(self, name: str) -> str:
        """The remark on the file called `name`, in one sentence or two.

        >>> Remark("the question is empty. Write it out.", 3, "q1").told("set.jsonl")
        "set.jsonl, line 3, question 'q1': the question is empty. Write it out."
        """
        line = "" if self.line is None else f", line {self.line}"
        question = "" if self.question is None else f", question {self.question!r}"
        return f"{name}{line}{question}: {self.message}"


class Line(msgspec.Struct, frozen=True):
    """A question and the number of its line."""

    number: int
    question: Question


class Lines(msgspec.Struct, frozen=True):
    """The questions of a file as far as they can be read, and all that is wrong with them in its order."""

    lines: tuple[Line, ...]
    defects: tuple[Remark, ...]


def read_questions(path: Path, split: str | None = None) -> tuple[Question, ...]:
    """The questions of a file, in its order; of one `split` alone, if asked for.

    The whole file is checked, whichever split is asked for. Raises `QuestionSetError`, which names
    the first line at fault, what is wrong there and how to mend it.
    """
    read = read_lines(path)
    if read.defects:
        raise QuestionSetError(read.defects[0].told(path.name))
    return _of_split([line.question for line in read.lines], split, path.name)


def write_questions(questions: Iterable[Question], path: Path) -> None:
    """Write questions as JSON Lines, without the fields that have their default."""
    path.write_bytes(msgspec.json.Encoder().encode_lines(questions))


def question_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one line. `QUESTION_SCHEMA` holds it, indented by 2.

    It says what fields there are and of what type; the rules between fields are those of `question_faults`.
    """
    schema = msgspec.json.schema(Question)
    for struct in (Question, Evidence):
        # Examples in Python would be of no use to who reads the schema.
        described = inspect.getdoc(struct) or ""
        schema["$defs"][struct.__name__]["description"] = " ".join(described.partition("\n\n>>>")[0].split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Question set",
        "description": "One line of a question set in JSON Lines.",
        **schema,
    }


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises `QuestionSetError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        fault = f"{path} cannot be read: {error.strerror}. Name a file that is there and readable."
        raise QuestionSetError(fault) from error


def read_utf8(path: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark. Raises `QuestionSetError` if it is not."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = f"{path} is not in UTF-8: byte {error.start} does not fit. Save it as UTF-8."
        raise QuestionSetError(fault) from error


def read_lines(path: Path) -> Lines:
    """The questions of a file and every defect that shows without the documents; blank lines are passed over.

    Raises `QuestionSetError` only if the file cannot be read.
    """
    lines: list[Line] = []
    defects: list[Remark] = []
    for number, content in enumerate(read_bytes(path).removeprefix(codecs.BOM_UTF8).splitlines(), start=1):
        if not content.strip():
            continue
        read = _decode(content)
        if isinstance(read, str):
            defects.append(Remark(read, number))
        else:
            lines.append(Line(number, read))
            defects.extend(Remark(fault, number, read.id) for fault in question_faults(read))
    if not lines and not defects:
        defects.append(Remark("the file holds no question. Write one JSON object a line."))
    defects.extend(_repeated(lines))
    defects.extend(_unpaired(lines))
    return Lines(tuple(lines), tuple(sorted(defects, key=lambda defect: defect.line or 0)))


def _decode(line: bytes) -> Question | str:
    """The question of one line, or why there is none."""
    try:
        question = msgspec.json.decode(line, type=Question)
    except msgspec.ValidationError as error:
        return (
            f"{error}. A question has id, question, evidence and answerable, and may have references, kind, "
            "split and pair; evidence has document, and may have quote, start, end and grade."
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"{error}. Write one whole JSON object in UTF-8 on the line."
    # The case of a DOI means nothing, and works are known by it in small letters.
    works = (work.lower() if work.lower().startswith("doi:") else work for work in question.references or ())
    return question if question.references is None else msgspec.structs.replace(question, references=tuple(works))


def _repeated(lines: Sequence[Line]) -> Iterator[Remark]:
    """The questions whose id stands on an earlier line."""
    first: dict[str, int] = {}
    for line in lines:
        earlier = first.setdefault(line.question.id, line.number)
        if earlier != line.number:
            fault = f"the id already stands on line {earlier}. Give every question an id of its own."
            yield Remark(fault, line.number, line.question.id)


def _unpaired(lines: Sequence[Line]) -> Iterator[Remark]:
    """The questions whose pair is not an answerable question of the file."""
    answerable = {line.question.id for line in lines if line.question.answerable}
    for line in lines:
        if line.question.pair is not None and line.question.pair not in answerable:
            fault = (
                f"its pair {line.question.pair!r} is none of the {len(answerable)} answerable questions of the "
                "file. Name one, or none."
            )
            yield Remark(fault, line.number, line.question.id)


def question_faults(question: Question) -> Iterator[str]:
    """What is wrong with a question taken alone, each with its cure.

    >>> list(question_faults(Question("q1", " ", (), answerable=False)))
    ['the question is empty. Write it out.']
    """
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
    if 0 < len(question.quotes) < len(question.evidence):
        yield (
            f"{len(question.quotes)} of its {len(question.evidence)} evidence have a quote, the others are whole "
            "documents. Quote all of them, or none."
        )
    if len({msgspec.structs.replace(evidence, grade=1) for evidence in question.evidence}) < len(question.evidence):
        yield "the same evidence is listed twice. List each span, or each whole document, once."
    for evidence in question.evidence:
        yield from _evidence_faults(evidence)


def _evidence_faults(evidence: Evidence) -> Iterator[str]:
    """What is wrong with one evidence, as far as can be told without its document."""
    quote, start, end = evidence.quote, evidence.start, evidence.end
    if evidence.document.split() != [evidence.document]:
        yield f"the document {evidence.document!r} is empty or has white space. Rename it for TREC files."
    if quote is None:
        if start is not None or end is not None:
            yield "evidence has a start or end but no quote. Quote the span, or leave them out for the whole document."
        return
    if not quote.strip():
        yield "a quote is empty. Quote the span that answers the question."
    if end is not None and start is None:
        yield f"evidence has end {end} but no start. Give start too, or neither."
    if end is not None and start is not None and end - start != len(quote):
        yield (
            f"evidence spans {end - start} code points from start {start} to end {end}, but its quote has "
            f"{len(quote)}. Correct or leave out the offsets."
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
