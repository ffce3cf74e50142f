"""Errors in the shape that a product expects, whatever raised them: a handler, a limit, or the access control."""

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.types import ExceptionHandlersMap

from service.problems import problems_plugin

__all__ = ["Fault", "problem_of", "shaped"]

_KINDS = problems_plugin().config.exception_to_problem_detail_map


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, in which field if that is known, and the value of the request's ``Authorization``, if any."""

    status: int
    message: str
    field: str | None
    authorization: str | None


Shape = Callable[[Fault], Response[Any]]


def problem_of(error: Exception) -> ProblemDetailsException:
    """The problem that an error is everywhere in the service."""
    if isinstance(error, ProblemDetailsException):
        return error
    problem: ProblemDetailsException = next(_KINDS[kind] for kind in type(error).__mro__ if kind in _KINDS)(error)
    return problem


def shaped(shape: Shape) -> ExceptionHandlersMap:
    """Handlers for a router: each error becomes the problem that it is everywhere, and is told as `shape` has it.

    Headers such as ``Retry-After`` and ``WWW-Authenticate`` are kept.
    """

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        problem = problem_of(error)
        told = problem.to_response(request)
        failures = told.content.get("errors") or [{}]
        fault = Fault(
            status=told.status_code or problem.status_code,
            message=told.content["detail"],
            field=failures[0].get("field"),
            authorization=request.headers.get("authorization"),
        )
        response = shape(fault)
        response.media_type = MediaType.JSON
        for name, value in (problem.headers or {}).items():
            response.headers.setdefault(name, value)
        return response

    return dict.fromkeys((ProblemDetailsException, *_KINDS), handle)
