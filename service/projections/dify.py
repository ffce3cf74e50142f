"""External knowledge as Dify asks for it."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, post
from litestar.params import JSONBody

from corpus.errors import QueryError
from index import MAX_K, Query
from service.answering import answer
from service.ask import Probability, Question
from service.dependencies import RecorderDependency, SearcherDependency
from service.examples import taking
from service.problems import EXAMPLE, not_found
from service.projections.errors import Fault, shaped
from service.projections.filters import Filters, condition, every, some
from service.projections.provenance import CORPUS, Provenance, matches

__all__ = ["dify_router"]

_EXAMPLE = (
    '{"knowledge_id": "loccit", "query": "What was the median survival?", '
    '"retrieval_setting": {"top_k": 5, "score_threshold": 0}}'
)

_FAULT = '{"error_code": 2001, "error_msg": "There is no knowledge \'other\' in this snapshot."}'

_FIELD = "metadata_condition"

_TOP_K = 5
"""So many passages, where Dify says nothing."""

_OPERATORS = {"is": "eq", "=": "eq", "in": "in", ">": "gt", "<": "lt", "≥": "gte", "≤": "lte"}
"""Dify's operators that ask for what a filter gives, by the names that the filters have for them."""


class RetrievalSetting(msgspec.Struct, frozen=True):
    """How many passages at most, and the probability that each must have to answer; 0 where Dify asks for none."""

    top_k: Annotated[int, msgspec.Meta(ge=1, le=MAX_K)] | None = None
    score_threshold: Probability | None = None


class Condition(msgspec.Struct, frozen=True):
    """A comparison of metadata; `is`, `=`, `in`, `>`, `<`, `≥` and `≤` can be answered exactly."""

    name: str
    comparison_operator: str
    value: str | float | tuple[str | float, ...] | None = None


class MetadataCondition(msgspec.Struct, frozen=True):
    """Conditions, all or any of which must hold."""

    conditions: tuple[Condition, ...] | None = None
    logical_operator: Literal["and", "or"] | None = None


class RetrievalRequest(msgspec.Struct, frozen=True):
    """A question to one knowledge."""

    knowledge_id: str
    query: Question
    retrieval_setting: RetrievalSetting = RetrievalSetting()
    metadata_condition: MetadataCondition | None = None


class Record(msgspec.Struct, frozen=True):
    """A passage, word for word; `score` is the probability that it answers."""

    content: str
    score: float
    title: str
    metadata: Provenance


class Records(msgspec.Struct, frozen=True):
    """The passages that answer, best first; none where the source has no answer."""

    records: tuple[Record, ...]


@post(
    "/retrieval",
    status_code=200,
    sync_to_thread=True,
    summary="Retrieve as Dify's external knowledge",
    opt={EXAMPLE: _EXAMPLE, "scope": "ask"},
    operation_class=taking(_EXAMPLE, faults={"application/json": _FAULT}),
)
def retrieve(data: JSONBody[RetrievalRequest], searcher: SearcherDependency, recorder: RecorderDependency) -> Records:
    """The passages that answer, as records. The one knowledge is `loccit`.

    Conditions compare `document_id`, `heading` and `publication_type` (`is`, `in`) and `year` (`=`, `in`, `>`, `<`,
    `≥`, `≤`); others are refused.
    """
    if data.knowledge_id != CORPUS:
        raise not_found("knowledge", data.knowledge_id)
    threshold = data.retrieval_setting.score_threshold or 0
    filters = _filters(data.metadata_condition) if data.metadata_condition else {}
    k = data.retrieval_setting.top_k or _TOP_K
    query = Query(question=data.query, k=k, min_confidence=threshold or None, **filters)
    given = answer(searcher, query, recorder)
    return Records(
        tuple(
            Record(match.passage.text, match.score, match.provenance.title, match.provenance)
            for match in matches(given, threshold)
        )
    )


def dify_router() -> Router:
    """The route for retrieval, whose errors are Dify's."""
    return Router("/dify", route_handlers=[retrieve], exception_handlers=shaped(_error), tags=["Other products"])


def _filters(given: MetadataCondition) -> Filters:
    join = some if given.logical_operator == "or" else every
    return join(map(_filter, given.conditions or ()), field=_FIELD)


def _filter(given: Condition) -> Filters:
    operator = _OPERATORS.get(given.comparison_operator)
    if operator is None:
        known = ", ".join(_OPERATORS)
        raise QueryError(_FIELD, f"{given.comparison_operator!r} cannot be answered exactly. What can is {known}.")
    value = given.value
    if operator == "in" and isinstance(value, str):
        value = tuple(part.strip() for part in value.split(","))
    return condition(given.name, operator, value, field=_FIELD)


def _error(fault: Fault) -> Response[Any]:
    """1001 for an authorization that is no bearer's, 1002 for one that fails, 2001 for an unknown knowledge.

    Dify tells a wrong key by the status 403 alone. For what it has no code, the status is the code.
    """
    if fault.status in {401, 403}:
        bearer = (fault.authorization or "").lower().startswith("bearer ")
        body = {"error_code": 1002 if bearer else 1001, "error_msg": fault.message}
        return Response(body, status_code=403)
    code = 2001 if fault.status == 404 else fault.status
    return Response({"error_code": code, "error_msg": fault.message}, status_code=fault.status)
