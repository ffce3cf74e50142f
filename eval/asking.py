"""Putting a question set to a searcher."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from corpus.documents import Document
from corpus.errors import SnapshotError
from eval.questions import Question
from eval.spans import GoldSpan, credit
from index.answers import Answer, AnswerPassage, Leg, Query, Status

__all__ = ["Asked", "Searchable", "ask"]

BATCH = 64
"""Queries in one call of `search`."""


class Searchable(Protocol):
    """What is evaluated: anything that answers queries from one snapshot of known documents."""

    @property
    def snapshot(self) -> str:
        """The id of the snapshot, which every answer carries too."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents of the snapshot by their ids, in whose text the gold evidence is located."""

    def search(self, queries: Sequence[Query]) -> tuple[Answer, ...]:
        """One answer for each query, in order."""


class Asked(msgspec.Struct, frozen=True):
    """A question, where its evidence stands, and what came back.

    `status` was asked as a user asks, with the defaults of `Query` (``min_confidence=None``) but for the leg;
    `answer` with 0, which never refuses, so that the ranking is judged apart from the refusals.
    """

    question: Question
    spans: tuple[GoldSpan, ...]
    status: Status
    answer: Answer

    @property
    def credits(self) -> tuple[tuple[int, ...], ...]:
        """The gold spans credited to each passage of the ranking."""
        return credit(self.spans, self.answer.passages)

    @property
    def answering(self) -> AnswerPassage | None:
        """The first passage that covers any of the evidence."""
        ranked = zip(self.answer.passages, self.credits, strict=True)
        return next((passage for passage, credited in ranked if credited), None)


def ask(
    searcher: Searchable,
    questions: Sequence[Question],
    spans: Sequence[tuple[GoldSpan, ...]],
    *,
    leg: Leg,
    k: int,
) -> tuple[Asked, ...]:
    """Every question asked twice, for its ranking of `k` passages and for its status.

    `spans` are the gold spans of each question, in the order of `questions`. Raises `SnapshotError` if an
    answer comes from another snapshot: gold and ranking would then speak of different texts.
    """
    ranking = [Query(question=q.question, k=k, leg=leg, min_confidence=0.0) for q in questions]
    plain = [Query(question=q.question, leg=leg) for q in questions]
    answers = zip(questions, spans, _search(searcher, plain), _search(searcher, ranking), strict=True)
    return tuple(Asked(question, gold, user.status, ranked) for question, gold, user, ranked in answers)


def _search(searcher: Searchable, queries: Sequence[Query]) -> list[Answer]:
    """The answers in batches, all from the searcher's snapshot."""
    snapshot = searcher.snapshot
    answers: list[Answer] = []
    for start in range(0, len(queries), BATCH):
        answers.extend(searcher.search(queries[start : start + BATCH]))
    for answer in answers:
        if answer.snapshot != snapshot:
            raise SnapshotError(
                f"The run began on snapshot {snapshot} but an answer came from {answer.snapshot}. "
                "Start the run again on a store that is not being rebuilt."
            )
    return answers
