"""What is evaluated: anything that answers questions about documents whose texts are known.

::

    Target
    ├── SearcherTarget   a snapshot, in this process
    ├── UrlTarget        a running loccit (`eval.remote`)
    └── CommandTarget    any other service, through a command (`eval.adapters`)
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from corpus.documents import Document
from corpus.errors import QueryError, TargetError
from corpus.passages import Passage
from eval.questions import Question
from eval.responses import Response, from_answers
from index.answers import Answer, Leg, Query

__all__ = ["Asked", "Searchable", "SearcherTarget", "Target", "same_snapshot"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who was asked: a snapshot by its id, an address or a command line; with leg and settings where they are known."""

    kind: Literal["snapshot", "url", "command"]
    name: str
    snapshot: str | None = None
    leg: Leg | None = None
    model: str | None = None
    chunk_tokens: int | None = None
    lexical_weight: float | None = None


class Target(Protocol):
    """Something that answers questions."""

    @property
    def asked(self) -> Asked:
        """Who this is, as the run folder tells it."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by their ids, in whose text the gold evidence is located."""

    @property
    def max_k(self) -> int | None:
        """The most passages that it gives, or None where that is not known."""

    def passages_of(self, document: str) -> Sequence[Passage] | None:
        """The passages that the index holds of a document, or None where that cannot be known."""

    def responses(self, questions: Sequence[Question], k: int) -> Iterator[Response]:
        """One response a question, as they come, with `k` passages; a question that fails has a `failure`.

        Raises `TargetError` where going on is pointless; what came before stands.
        """


class Searchable(Protocol):
    """The part of `index.Searcher` that is asked."""

    @property
    def snapshot(self) -> str:
        """The id of the snapshot, which every answer carries too."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents of the snapshot by their ids."""

    @property
    def max_k(self) -> int:
        """The most passages of an answer."""

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """The passages of a document, in their order."""

    def search(self, queries: Sequence[Query]) -> tuple[Answer, ...]:
        """One answer for each query, in order."""


class SearcherTarget:
    """A snapshot asked in this process, one question after the other."""

    def __init__(self, searcher: Searchable, *, leg: Leg = "hybrid", settings: Mapping[str, object] | None = None):
        self._searcher = searcher
        self._leg = leg
        self._settings = settings or {}

    @property
    def asked(self) -> Asked:
        """The snapshot, its leg and the settings of its build."""
        known = {"kind": "snapshot", "name": self._searcher.snapshot, "snapshot": self._searcher.snapshot}
        return msgspec.convert({**known, "leg": self._leg, **self._settings}, Asked)

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents of the snapshot."""
        return self._searcher.documents

    @property
    def max_k(self) -> int:
        """What the searcher gives at most."""
        return self._searcher.max_k

    def passages_of(self, document: str) -> Sequence[Passage]:
        """The passages of a document, in their order."""
        return self._searcher.passages_of(document)

    def responses(self, questions: Sequence[Question], k: int) -> Iterator[Response]:
        """Each question asked twice: as a user asks, which is timed, and so that no refusal hides the ranking."""
        for question in questions:
            try:
                start = time.perf_counter()
                (user,) = self._searcher.search([Query(question=question.question, leg=self._leg)])
                took = 1000 * (time.perf_counter() - start)
                whole = Query(question=question.question, k=k, leg=self._leg, min_confidence=0.0)
                (ranking,) = self._searcher.search([whole])
            except QueryError as error:
                yield Response(id=question.id, failure=str(error))
                continue
            same_snapshot(self._searcher.snapshot, user, ranking)
            yield from_answers(question.id, user, ranking, took)


def same_snapshot(snapshot: str | None, *answers: Answer) -> None:
    """Raises `TargetError` if an answer comes from another snapshot: gold and ranking then speak of other texts."""
    for answer in answers:
        if answer.snapshot != snapshot:
            raise TargetError(
                f"The run began on snapshot {snapshot} but an answer came from {answer.snapshot}. "
                "Start a new run once the store is no longer being rebuilt."
            )
