"""Asking over HTTP."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.datastructures import CacheControlHeader
from litestar.params import JSONBody, QueryParameter

from index import MAX_K, MAX_QUESTION, Answer, Query
from service.access import count_more
from service.answering import answer, answer_each
from service.dependencies import RecorderDependency, SearcherDependency
from service.examples import taking
from service.parameters import known_parameters
from service.problems import EXAMPLE

__all__ = ["AskRequest", "BatchAnswer", "BatchRequest", "ask_router"]

_ONE = '{"question": "What was the median survival?"}'
_SEVERAL = '{"queries": [{"question": "What was the median survival?"}]}'

MAX_FILTER = 1000
"""The most names of a filter."""

MAX_BATCH = 32
"""The most questions of a batch, which one thread answers."""

_NOT_KEPT = CacheControlHeader(no_store=True)

Question = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_QUESTION)]
PassageCount = Annotated[int, msgspec.Meta(ge=1, le=MAX_K)]
Names = Annotated[tuple[str, ...], msgspec.Meta(max_length=MAX_FILTER)]
Year = Annotated[int, msgspec.Meta(ge=1, le=9999)]
Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class AskRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question, how many passages at most, and filters.

    `headings` and `publication_types` are matched without regard to case. The filters of years (both included) and
    types keep passages that cite such a work.
    """

    question: Question
    k: PassageCount = 5
    min_confidence: Probability | None = None
    documents: Names | None = None
    headings: Names | None = None
    year_from: Year | None = None
    year_to: Year | None = None
    publication_types: Names | None = None


class BatchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several questions, each as for `POST /v1/ask`."""

    queries: Annotated[tuple[AskRequest, ...], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class BatchAnswer(msgspec.Struct, frozen=True):
    """Their answers, in the order of the questions."""

    answers: tuple[Answer, ...]


@post(
    "/ask",
    status_code=200,
    sync_to_thread=True,
    summary="Ask a question",
    opt={EXAMPLE: _ONE},
    operation_class=taking(_ONE),
)
def ask(data: JSONBody[AskRequest], searcher: SearcherDependency, recorder: RecorderDependency) -> Answer:
    """The passages that answer, word for word, best first, with their numbered references."""
    return answer(searcher, _query(data), recorder)


@post(
    "/ask/batch",
    status_code=200,
    sync_to_thread=True,
    summary="Ask several questions",
    opt={EXAMPLE: _SEVERAL},
    operation_class=taking(_SEVERAL),
)
def ask_batch(
    data: JSONBody[BatchRequest],
    request: Request[Any, Any, Any],
    searcher: SearcherDependency,
    recorder: RecorderDependency,
) -> BatchAnswer:
    """One answer for each question, each as if it were asked alone; none where one is out of bounds."""
    count_more(request, len(data.queries) - 1)
    return BatchAnswer(answer_each(searcher, [_query(each) for each in data.queries], recorder))


@get("/ask", sync_to_thread=True, summary="Ask a question by its address")
def ask_by_address(
    question: Annotated[str, QueryParameter(min_length=1, max_length=MAX_QUESTION)],
    searcher: SearcherDependency,
    recorder: RecorderDependency,
    k: Annotated[int, QueryParameter(ge=1, le=MAX_K)] = 5,
) -> Answer:
    """As `POST /v1/ask`, for a browser's address line. Addresses are logged on the way; prefer POST."""
    return answer(searcher, Query(question=question, k=k), recorder)


def _query(asked: AskRequest) -> Query:
    return Query(**msgspec.structs.asdict(asked))


def ask_router(by_address: bool) -> Router:
    """The routes for asking, that by an address only if it is wanted."""
    handlers = [ask, ask_batch, ask_by_address] if by_address else [ask, ask_batch]
    return Router("/", route_handlers=handlers, tags=["Ask"], cache_control=_NOT_KEPT, guards=[known_parameters])
