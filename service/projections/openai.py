"""Search in a vector store as OpenAI's API has it: the corpus is one store, a document a file, a passage a result."""

from collections.abc import Iterable, Sequence
from typing import Any

from litestar import Request, Response, Router, post
from litestar.params import FromPath, JSONBody

from index import Query
from service.access import count_more
from service.answering import answer_each
from service.dependencies import RecorderDependency, SearcherDependency
from service.examples import taking
from service.problems import EXAMPLE, not_found
from service.projections.errors import Fault, shaped
from service.projections.filters import Filters, condition, every, some
from service.projections.openai_shapes import Content, Filter, RankingOptions, SearchPage, SearchRequest, SearchResult
from service.projections.provenance import CORPUS, CitedWork, Match, matches

__all__ = ["attributes", "openai_router"]

_EXAMPLE = '{"query": "What was the median survival?", "max_num_results": 5}'

MAX_ATTRIBUTE = 512
"""The most characters of an attribute's value."""

_FIELD = "filters"

_PARAMETERS = {
    "question": "query",
    "min_confidence": "ranking_options.score_threshold",
    **dict.fromkeys(("documents", "headings", "publication_types", "year_from", "year_to"), _FIELD),
}
"""OpenAI's names for what a query calls otherwise."""

_FAULT = '{"error": {"message": "…", "type": "invalid_request_error", "param": "query", "code": null}}'


@post(
    "/{store_id:str}/search",
    status_code=200,
    sync_to_thread=True,
    summary="Search as in an OpenAI vector store",
    opt={EXAMPLE: _EXAMPLE, "scope": "ask"},
    operation_class=taking(_EXAMPLE, faults={"application/json": _FAULT}),
)
def search(
    store_id: FromPath[str],
    data: JSONBody[SearchRequest],
    request: Request[Any, Any, Any],
    searcher: SearcherDependency,
    recorder: RecorderDependency,
) -> SearchPage:
    """The passages that answer, as results. The one store is `loccit`.

    Filters compare `document_id`, `heading` and `publication_type` (`eq`, `in`) and `year` (`eq`, `gt`, `gte`, `lt`,
    `lte`, `in`); those that cannot be answered exactly are refused. Of several questions each passage is given once,
    the surest first.
    """
    if store_id != CORPUS:
        raise not_found("vector store", store_id)
    options = data.ranking_options or RankingOptions()
    threshold = options.score_threshold or 0
    k = data.max_num_results or 10
    filters = _filters(data.filters) if data.filters else {}
    questions = (data.query,) if isinstance(data.query, str) else data.query
    count_more(request, len(questions) - 1)
    queries = [Query(question=each, k=k, min_confidence=threshold or None, **filters) for each in questions]
    found = [matches(each, threshold) for each in answer_each(searcher, queries, recorder)]
    return SearchPage(questions, tuple(map(_result, _merged(found)[:k])))


def attributes(match: Match) -> dict[str, str | int]:
    """At most 16 attributes, whose values have at most 512 characters.

    What is cited stands in five of them, separated by spaces and in one order, with ``-`` for what is not known. Where
    not all works fit, `citations` still counts them all, and ``GET /v1/passages/{passage_id}`` gives the rest.
    """
    source = match.provenance
    named = {"link": source.link, "modified": source.modified, "heading": " > ".join(source.headings)}
    return {
        "passage_id": source.passage_id,
        "document_id": source.document_id,
        "start": source.start,
        "end": source.end,
        "sha256": source.sha256,
        **{name: value for name, value in named.items() if value and len(value) <= MAX_ATTRIBUTE},
        "citations": len(source.citations),
        **_lists(source.citations),
    }


def openai_router() -> Router:
    """The route for searching, whose errors are OpenAI's."""
    return Router(
        "/v1/vector_stores", route_handlers=[search], exception_handlers=shaped(_error), tags=["Other products"]
    )


def _filters(given: Filter) -> Filters:
    if given.type == "and":
        return every(map(_filters, given.filters), field=_FIELD)
    if given.type == "or":
        return some(map(_filters, given.filters), field=_FIELD)
    return condition(given.key, given.type, given.value, field=_FIELD)


def _merged(found: Sequence[tuple[Match, ...]]) -> list[Match]:
    """The matches of all questions, each passage once; of one question as they are, of several the surest first."""
    if len(found) == 1:
        return list(found[0])
    best: dict[str, Match] = {}
    for match in sorted((match for each in found for match in each), key=lambda match: -match.score):
        best.setdefault(match.passage.id, match)
    return list(best.values())


def _lists(citations: Sequence[CitedWork]) -> dict[str, str]:
    """What is cited as lists in one order, of as many works as fit into each."""
    columns = {"numbers": "number", "bases": "basis", "references": "reference", "dois": "doi", "pmids": "pmid"}
    for fitting in range(len(citations), 0, -1):
        lists = {name: _joined(getattr(work, key) for work in citations[:fitting]) for name, key in columns.items()}
        if all(len(value) <= MAX_ATTRIBUTE for value in lists.values()):
            return lists
    return {}


def _joined(values: Iterable[object]) -> str:
    return " ".join("-" if value is None else str(value) for value in values)


def _result(match: Match) -> SearchResult:
    return SearchResult(
        file_id=match.provenance.document_id,
        filename=match.provenance.title,
        score=match.score,
        attributes=attributes(match),
        content=(Content(match.passage.text),),
    )


def _error(fault: Fault) -> Response[Any]:
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    kind = kinds.get(fault.status, "server_error" if fault.status >= 500 else "invalid_request_error")
    code = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}.get(fault.status)
    error = {
        "message": fault.message,
        "type": kind,
        "param": _PARAMETERS.get(fault.field or "", fault.field),
        "code": code,
    }
    return Response({"error": error}, status_code=fault.status)
