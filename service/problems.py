"""Errors as RFC 9457 problem documents: what is wrong, in which field, and how to mend it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from litestar.exceptions import HTTPException, ValidationException
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsException, ProblemDetailsPlugin

from corpus.errors import QueryError

__all__ = ["not_found", "problems_plugin"]


def problems_plugin() -> ProblemDetailsPlugin:
    """Turns every error of the service into a problem document."""
    mapping: dict[type[Exception], Callable[[Any], ProblemDetailsException]] = {
        QueryError: _from_query_error,
        ValidationException: _from_validation,
        HTTPException: _from_http,
        Exception: _from_anything,
    }
    return ProblemDetailsPlugin(ProblemDetailsConfig(exception_to_problem_detail_map=mapping))


def not_found(what: str, identity: str) -> ProblemDetailsException:
    """The problem of a path that names something unknown."""
    return ProblemDetailsException(
        status_code=404, title="Not found", detail=f"There is no {what} {identity!r} in this snapshot."
    )


def _invalid(errors: list[dict[str, str]]) -> ProblemDetailsException:
    return ProblemDetailsException(
        status_code=400,
        title="Invalid request",
        detail=" ".join(f"{error['field']}: {error['message']}" for error in errors),
        extra={"errors": errors},
    )


def _from_query_error(error: QueryError) -> ProblemDetailsException:
    return _invalid([{"field": error.field, "message": str(error)}])


def _from_validation(error: ValidationException) -> ProblemDetailsException:
    """Litestar's list of failures, or, where a body is no JSON, its one sentence."""
    extra = error.extra if isinstance(error.extra, list) else []
    errors = [{"field": item.get("key") or "body", "message": item["message"]} for item in extra]
    return _invalid(errors or [{"field": "body", "message": error.detail}])


def _from_http(error: HTTPException) -> ProblemDetailsException:
    phrase = HTTPStatus(error.status_code).phrase
    return ProblemDetailsException(
        status_code=error.status_code, title=phrase, detail=error.detail or phrase, headers=error.headers
    )


def _from_anything(_: Exception) -> ProblemDetailsException:
    """What went wrong inside stays in the log, and out of the answer."""
    return ProblemDetailsException(
        status_code=500, title="Internal server error", detail="The question could not be answered. Try again later."
    )
