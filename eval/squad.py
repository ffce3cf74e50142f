"""Questions in the form of SQuAD 1.1 and 2.0: contexts, and answers as offsets into them.

The form is that of https://rajpurkar.github.io/SQuAD-explorer; COVID-QA has it too, with ids of documents.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from corpus.errors import EmptySourceError, QuestionSetError
from corpus.sources import document_id, read_text
from eval.questions import Evidence, Question, QuestionSet, SourceText, question_faults, read_bytes

__all__ = ["read_squad"]


class _Answer(msgspec.Struct, frozen=True):
    text: str
    answer_start: int


class _Question(msgspec.Struct):
    id: str | int
    question: str
    answers: tuple[_Answer, ...] = ()
    is_impossible: bool = False


class _Paragraph(msgspec.Struct):
    context: str
    qas: list[_Question]
    document_id: str | int | None = None


class _Article(msgspec.Struct):
    paragraphs: list[_Paragraph]
    title: str = "document"


class _File(msgspec.Struct):
    data: list[_Article]


_NOTES = {
    "alternatives": "questions have answers of several annotators that differ; the one given most often is the "
    "evidence, of equals the shortest.",
    "misplaced": "answers do not stand in their context where they say; they were left out",
    "unanswered": "questions are said to have an answer but none is left; they were left out",
    "empty": "contexts hold no text; they and their questions were left out",
}


def read_squad(path: Path, split: str | None = None) -> QuestionSet:
    """The questions of a file with its contexts as documents; `split` is given to each question.

    A document's id is the context's ``document_id``, else its article's title and a number. Of several answers,
    which are the opinions of several annotators on one question, one is the evidence: see the notes.

    Raises `QuestionSetError` if the file is not of the form, or an id comes twice or has white space.
    """
    reading = _Reading(split)
    for identity, paragraph in _paragraphs(_parse(path)):
        reading.add(identity, paragraph)
    if not reading.questions:
        raise QuestionSetError(f"{path.name} holds no question that can be used. {' '.join(reading.notes())}".strip())
    return QuestionSet(tuple(reading.questions.values()), tuple(reading.documents.values()), reading.notes())


def _parse(path: Path) -> _File:
    try:
        return msgspec.json.decode(read_bytes(path).removeprefix(b"\xef\xbb\xbf"), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        fault = (
            f"{path.name} is not in the form of SQuAD: {error}. It is one JSON object whose data has articles, "
            "these paragraphs, and these a context and qas."
        )
        raise QuestionSetError(fault) from error


def _paragraphs(file: _File) -> Iterator[tuple[str, _Paragraph]]:
    """Every paragraph after the id of its document."""
    counts: Counter[str] = Counter()
    for article in file.data:
        title = document_id(Path(f"{article.title}.txt"))
        for paragraph in article.paragraphs:
            counts[title] += 1
            given = paragraph.document_id
            yield f"{title}-{counts[title]}" if given is None else str(given), paragraph


class _Reading:
    """What has been read so far, and what was found on the way."""

    def __init__(self, split: str | None) -> None:
        self.split = split
        self.questions: dict[str, Question] = {}
        self.documents: dict[str, SourceText] = {}
        self.found: dict[str, list[str]] = {key: [] for key in _NOTES}

    def add(self, identity: str, paragraph: _Paragraph) -> None:
        """Take in one context and its questions."""
        try:
            # What `loccit build` will make of the file that holds this text.
            text = read_text(_as_read(paragraph.context), identity=identity, form="text").text
        except EmptySourceError:
            self.found["empty"].append(identity)
            return
        document = SourceText(identity, "", text)
        if self.documents.setdefault(identity, document) != document:
            raise QuestionSetError(f"Two contexts have the document_id {identity!r}. Give each an id of its own.")
        for asked in paragraph.qas:
            self._ask(asked, paragraph.context, document)

    def _ask(self, asked: _Question, context: str, document: SourceText) -> None:
        identity = str(asked.id)
        if identity in self.questions:
            raise QuestionSetError(f"The question id {identity!r} comes a second time. Give every question its own.")
        evidence: tuple[Evidence, ...] = ()
        if not asked.is_impossible:
            placed = [answer for answer in asked.answers if self._stands(answer, context, identity)]
            if not placed:
                self.found["unanswered"].append(identity)
                return
            if len(set(placed)) > 1:
                self.found["alternatives"].append(identity)
            evidence = (_evidence(_chosen(placed), context, document),)
        question = Question(identity, asked.question, evidence, answerable=not asked.is_impossible, split=self.split)
        for fault in question_faults(question):
            raise QuestionSetError(f"Question {identity!r}: {fault}")
        self.questions[identity] = question

    def _stands(self, answer: _Answer, context: str, identity: str) -> bool:
        stands = bool(answer.text.strip()) and answer.answer_start >= 0
        if not stands or not context.startswith(answer.text, answer.answer_start):
            self.found["misplaced"].append(identity)
            return False
        return True

    def notes(self) -> tuple[str, ...]:
        """What was left out or chosen, with the first ids."""
        return tuple(
            f"{len(found)} {_NOTES[key]}" + ("" if key == "alternatives" else f": {_first(found)}.")
            for key, found in self.found.items()
            if found
        )


def _as_read(text: str) -> str:
    """A text as it comes back from the file that holds it: without a byte order mark, line ends uniform."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _chosen(answers: Sequence[_Answer]) -> _Answer:
    counts = Counter(answers)
    return min(counts, key=lambda answer: (-counts[answer], len(answer.text), answer.answer_start))


def _evidence(answer: _Answer, context: str, document: SourceText) -> Evidence:
    """The answer as a span of the document, whose offsets differ where line ends had two characters."""
    start = len(_as_read(context[: answer.answer_start]))
    quote = document.text[start : start + len(_as_read(answer.text))]
    return Evidence(document.id, quote, start, start + len(quote))


def _first(ids: Sequence[str], most: int = 5) -> str:
    return ", ".join(ids[:most]) + (", …" if len(ids) > most else "")
