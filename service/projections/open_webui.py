"""External web search as Open WebUI asks for it."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from index import MAX_K, Query
from service.answering import answer
from service.ask import Question
from service.dependencies import RecorderDependency, SearcherDependency
from service.examples import taking
from service.problems import EXAMPLE
from service.projections.provenance import matches
from service.projections.wording import in_text

__all__ = ["open_webui_router"]

_EXAMPLE = '{"query": "What was the median survival?", "count": 5}'


class WebSearch(msgspec.Struct, frozen=True):
    """A question, and how many results at most."""

    query: Question
    count: Annotated[int, msgspec.Meta(ge=1, le=MAX_K)] = 5


class WebResult(msgspec.Struct, frozen=True):
    """A passage: where it can be read, its page and heading, and its words with what is cited for them."""

    link: str
    title: str
    snippet: str


@post(
    "/search",
    status_code=200,
    sync_to_thread=True,
    summary="Search as Open WebUI's external web search",
    opt={EXAMPLE: _EXAMPLE, "scope": "ask"},
    operation_class=taking(_EXAMPLE),
)
def search(
    data: JSONBody[WebSearch],
    searcher: SearcherDependency,
    recorder: RecorderDependency,
    request: Request[Any, Any, Any],
) -> tuple[WebResult, ...]:
    """The passages that answer, as results of a search; none where the source has no answer."""
    given = answer(searcher, Query(question=data.query, k=data.count), recorder)
    base = str(request.base_url)
    return tuple(
        WebResult(match.provenance.address(base), match.provenance.place, in_text(match)) for match in matches(given)
    )


def open_webui_router() -> Router:
    """The route for searching."""
    return Router("/openwebui", route_handlers=[search], tags=["Other products"])
