"""Asking over HTTP."""

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter

from index import MAX_K, MAX_QUESTION, Answer, Query
from service.dependencies import SearcherDependency
from service.problems import EXAMPLE

__all__ = ["AskRequest", "ask_router"]

Question = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_QUESTION)]
PassageCount = Annotated[int, msgspec.Meta(ge=1, le=MAX_K)]
Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class AskRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question, how many passages at most, and in which documents to look."""

    question: Question
    k: PassageCount = 5
    min_confidence: Probability | None = None
    documents: tuple[str, ...] | None = None


@post(
    "/ask",
    status_code=200,
    sync_to_thread=True,
    summary="Ask a question",
    opt={EXAMPLE: '{"question": "What was the median survival?"}'},
)
def ask(data: JSONBody[AskRequest], searcher: SearcherDependency) -> Answer:
    """The passages that answer, word for word, best first, with their numbered references."""
    query = Query(question=data.question, k=data.k, documents=data.documents, min_confidence=data.min_confidence)
    return searcher.search([query])[0]


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
