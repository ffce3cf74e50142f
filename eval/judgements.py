"""Judgements of whole documents, as TREC and BEIR have them, to questions and back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from corpus.errors import QuestionSetError
from eval.questions import Evidence, Question, QuestionSet, question_faults

__all__ = ["Judgement", "answerable", "judged_questions", "judgements", "whole_number"]


class Judgement(msgspec.Struct, frozen=True):
    """How relevant a document is to a query, and the file and line that say so."""

    query: str
    document: str
    grade: int
    place: str


MOST_RELEVANT = 1_000_000
"""The greatest grade; measures count in 32 bits."""


def whole_number(cell: str, place: str) -> int:
    """The relevance that stands in a cell. Raises `QuestionSetError` if it is no whole number up to a million."""
    try:
        relevance = int(cell[:20])
    except ValueError as error:
        raise QuestionSetError(f"{place}: the relevance {cell[:20]!r} is no whole number. Write 0, 1, 2 ….") from error
    if relevance > MOST_RELEVANT:
        raise QuestionSetError(f"{place}: the relevance {relevance} is over {MOST_RELEVANT}. Write 0, 1, 2 ….")
    return relevance


def judged_questions(
    splits: Mapping[str | None, Iterable[Judgement]], queries: Mapping[str, str], name: str
) -> QuestionSet:
    """Queries with a relevant document as questions, and notes of the queries and judgements left out.

    `queries` come from the file `name`. Raises `QuestionSetError` for a judgement of an unknown query, two of
    the same query and document, and a query that is judged in two splits.
    """
    questions: list[Question] = []
    left = Counter({"not judged": len(queries)})
    home: dict[str, str | None] = {}
    for split, judged in splits.items():
        for query, relevant in _by_query(judged, queries, name, left).items():
            if query in home:
                raise QuestionSetError(
                    f"Query {query!r} of {name} is judged in the splits {home[query]!r} and {split!r}. "
                    "Import one of them."
                )
            home[query] = split
            left["not judged"] -= 1
            left["never relevant"] += not relevant
            if relevant:
                evidence = tuple(Evidence(document, grade=grade) for document, grade in relevant.items())
                questions.append(
                    _checked(Question(query, queries[query], evidence, answerable=True, split=split), name)
                )
    notes = {
        "not judged": "queries have no judgement; they were left out.",
        "not relevant": "judgements say that a document is not relevant (0 or less); they were left out.",
        "never relevant": "queries have no relevant document; they were left out, for nothing can be found.",
    }
    return QuestionSet(tuple(questions), notes=tuple(f"{left[key]} {note}" for key, note in notes.items() if left[key]))


def _by_query(
    judged: Iterable[Judgement], queries: Mapping[str, str], name: str, left: Counter[str]
) -> dict[str, dict[str, int]]:
    """The relevant documents of each judged query with their grades; `left` counts the judgements left out."""
    grades: dict[str, dict[str, int]] = {}
    for one in judged:
        if one.query not in queries:
            raise QuestionSetError(
                f"{one.place}: the query {one.query!r} is none of the {len(queries)} in {name}. "
                "Correct or remove the line."
            )
        known = grades.setdefault(one.query, {})
        if one.document in known:
            raise QuestionSetError(
                f"{one.place}: document {one.document!r} is judged twice for query {one.query!r}. "
                "Keep one of the lines."
            )
        known[one.document] = one.grade
    relevant = {query: {doc: grade for doc, grade in known.items() if grade > 0} for query, known in grades.items()}
    left["not relevant"] += sum(len(known) - len(relevant[query]) for query, known in grades.items())
    return relevant


def _checked(question: Question, name: str) -> Question:
    for fault in question_faults(question):
        raise QuestionSetError(f"{name}, query {question.id!r}: {fault}")
    return question


def judgements(questions: Iterable[Question]) -> Iterator[Judgement]:
    """Each question's documents with the best grade that its evidence gives them.

    >>> spans = (Evidence("page", "It rose."), Evidence("page", "It fell.", grade=2))
    >>> [one.grade for one in judgements([Question("q1", "What?", spans, answerable=True)])]
    [2]

    Raises `QuestionSetError` for a document id with white space, which the form cannot carry.
    """
    for question in questions:
        grades: dict[str, int] = {}
        for evidence in question.evidence:
            grades[evidence.document] = max(evidence.grade, grades.get(evidence.document, 0))
        for document, grade in grades.items():
            if document.split() != [document]:
                raise QuestionSetError(
                    f"Question {question.id!r}: the document id {document!r} is empty or has white space, which "
                    "judgements cannot carry. Rename the document."
                )
            yield Judgement(question.id, document, grade, f"question {question.id}")


def answerable(questions: Sequence[Question]) -> tuple[tuple[Question, ...], tuple[str, ...]]:
    """The questions that judgements can carry, which are the answerable ones, and a note of the others."""
    kept = tuple(question for question in questions if question.answerable)
    left = len(questions) - len(kept)
    return kept, (f"{left} unanswerable questions have no relevant document; they were left out.",) if left else ()
