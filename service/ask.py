"""Asking over HTTP."""

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter

from index import MAX_K, MAX_QUESTION, Answer, Query
from service.dependencies import SearcherDependency
from service.problems import EXAMPLE

__all__ = ["AskRequest", "ask_router"]

MAX_FILTER = 1000
"""The most names of a filter."""

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


@post(
    "/ask",
    status_code=200,
    sync_to_thread=True,
    summary="Ask a question",
    opt={EXAMPLE: '{"question": "What was the median survival?"}'},
)
def ask(data: JSONBody[AskRequest], searcher: SearcherDependency) -> Answer:
    """The passages that answer, word for word, best first, with their numbered references."""
    return searcher.search([Query(**msgspec.structs.asdict(data))])[0]


@get("/ask", sync_to_thread=True, summary="Ask a question by its address")
def ask_by_address(
    question: Annotated[str, QueryParameter(min_length=1, max_length=MAX_QUESTION)],
    searcher: SearcherDependency,
    k: Annotated[int, QueryParameter(ge=1, le=MAX_K)] = 5,
) -> Answer:
    """As `POST /v1/ask`, for a browser's address line. Addresses are logged on the way; prefer POST."""
    return searcher.search([Query(question=question, k=k)])[0]


def ask_router() -> Router:
    """The routes for asking."""
    return Router("/", route_handlers=[ask, ask_by_address], tags=["Ask"])
