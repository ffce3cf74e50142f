"""Errors as RFC 9457 problem documents: what is wrong, in which field, and how to mend it."""

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsException, ProblemDetailsPlugin

from corpus.errors import QueryError

__all__ = [
    "EXAMPLE",
    "PROBLEMS",
    "busy",
    "loading",
    "not_found",
    "problem",
    "problem_type",
    "problems_plugin",
    "too_late",
    "unsure",
    "withdrawn",
]

_log = logging.getLogger(__name__)


class _Kind(NamedTuple):
    status: int
    title: str


PROBLEMS: Mapping[str, _Kind] = {
    "invalid-request": _Kind(400, "Invalid request"),
    "key-missing": _Kind(401, "A key is needed"),
    "key-unknown": _Kind(401, "The key is not in force"),
    "scope-missing": _Kind(403, "The key may not do this"),
    "origin-not-allowed": _Kind(403, "Pages of this origin may not ask"),
    "not-found": _Kind(404, "Not found"),
    "method-not-allowed": _Kind(405, "Method not allowed"),
    "not-acceptable": _Kind(406, "Not acceptable"),
    "withdrawn": _Kind(410, "Withdrawn"),
    "body-too-large": _Kind(413, "The body is too large"),
    "unknown-host": _Kind(421, "The service has another name"),
    "rate-limited": _Kind(429, "Too many requests"),
    "internal": _Kind(500, "Internal server error"),
    "busy": _Kind(503, "Too busy"),
    "not-ready": _Kind(503, "Not ready"),
    "too-late": _Kind(503, "Out of time"),
    "keys-unreadable": _Kind(503, "Keys cannot be checked"),
}
"""Every kind of problem. ``docs/problems.md`` tells what each means; its name, status and title stay as they are."""

_OF_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    500: "internal",
}
"""The kinds of Litestar's own errors."""


def problem_type(kind: str) -> str:
    """The `type` of a kind of problem.

    >>> problem_type("rate-limited")
    'urn:loccit:problem:rate-limited'
    """
    return f"urn:loccit:problem:{kind}"


def problem(
    kind: str, detail: str, *, headers: Mapping[str, str] | None = None, extra: dict[str, Any] | None = None
) -> ProblemDetailsException:
    """A problem of one of the kinds in `PROBLEMS`, to be raised."""
    status, title = PROBLEMS[kind]
    return ProblemDetailsException(
        status_code=status,
        type_=problem_type(kind),
        title=title,
        detail=detail,
        headers=dict(headers) if headers else None,
        extra=extra,
    )


_BODY = "data"
"""Litestar's name for a request's body, after the handler's parameter."""

_NAMED_FIELD = re.compile(r"(?:field `|parameter ')(\w+)[`']")

EXAMPLE = "example"
"""Under this name a route keeps, in its `opt`, a body that it takes, which is shown where it got none."""


class _MalformedBody(ProblemDetailsException):
    """A body that could not be read: the problem shows one that the route takes."""

    def to_response(self, request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        """The problem document."""
        handler = request.scope.get("route_handler")
        example = handler.opt.get(EXAMPLE) if handler else None
        cure = f"{self.detail}. Send a JSON object such as {example}." if example else f"{self.detail}."
        return _invalid([{"field": "body" if example else "request", "message": cure}]).to_response(request)


class _BodyTooLarge(ProblemDetailsException):
    """A body beyond the limit: the problem tells how large one may be."""

    def to_response(self, request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        """The problem document."""
        most = request.route_handler.resolve_request_max_body_size()
        return problem("body-too-large", f"A body has at most {most:,} bytes here.").to_response(request)


def problems_plugin() -> ProblemDetailsPlugin:
    """Turns every error of the service into a problem document."""
    mapping: dict[type[Exception], Callable[[Any], ProblemDetailsException]] = {
        QueryError: _from_query_error,
        ValidationException: _from_validation,
        HTTPException: _from_http,
        # What msgspec lets pass of a body that is not UTF-8, or nested beyond measure.
        UnicodeDecodeError: _from_undecodable,
        RecursionError: _from_undecodable,
        Exception: _from_anything,
    }
    return ProblemDetailsPlugin(ProblemDetailsConfig(exception_to_problem_detail_map=mapping))


def not_found(what: str, identity: str) -> ProblemDetailsException:
    """The problem of a path that names something unknown."""
    return problem("not-found", f"There is no {what} {identity!r} in this snapshot.")


def busy() -> ProblemDetailsException:
    """The problem of a request that would have to wait behind too many others."""
    return _later("busy", "More questions wait than can be answered soon. Try again in a second.")


def loading() -> ProblemDetailsException:
    """The problem of a request that comes before the snapshot is loaded."""
    return _later("not-ready", "The snapshot is not loaded yet. Try again in a second.")


def unsure() -> ProblemDetailsException:
    """The problem of a service that cannot know what it may answer from."""
    return _later("not-ready", "It cannot be known what is withdrawn, so nothing is answered. Try again later.")


def too_late() -> ProblemDetailsException:
    """The problem of a request that could not be answered, or did not arrive whole, within the deadline."""
    return _later("too-late", "The request could not be answered in the time that there is for it. Try again.")


def _later(kind: str, detail: str) -> ProblemDetailsException:
    return problem(kind, detail, headers={"Retry-After": "1"})


def withdrawn(what: str, identity: str) -> ProblemDetailsException:
    """The problem of a path that names something withdrawn; why it is, is not for the reader."""
    return problem("withdrawn", f"The {what} {identity!r} is withdrawn.")


def _invalid(errors: list[dict[str, str]]) -> ProblemDetailsException:
    detail = " ".join(f"{error['field']}: {error['message']}" for error in errors)
    return problem("invalid-request", detail, extra={"errors": errors})


def _from_query_error(error: QueryError) -> ProblemDetailsException:
    return _invalid([{"field": error.field, "message": str(error)}])


def _from_validation(error: ValidationException) -> ProblemDetailsException:
    """Litestar's list of failures, or its one sentence where a parameter is missing."""
    failures = error.extra if isinstance(error.extra, list) else [{"message": error.detail}]
    if any(failure["message"] == f"'{_BODY}'" for failure in failures):
        return _MalformedBody(detail="The body is empty")
    return _invalid([_failure(failure.get("key", _BODY), failure["message"]) for failure in failures])


def _failure(key: str, message: str) -> dict[str, str]:
    """A failure by its field; of a body as a whole, and of a missing parameter, the message names it."""
    named = _NAMED_FIELD.search(message)
    return {"field": named[1] if named else "body" if key == _BODY else key, "message": message}


def _from_http(error: HTTPException) -> ProblemDetailsException:
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return _MalformedBody(detail=error.detail)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _BodyTooLarge()
    phrase = HTTPStatus(error.status_code).phrase
    detail = error.detail or phrase
    if kind := _OF_STATUS.get(error.status_code):
        return problem(kind, detail, headers=error.headers)
    # RFC 9457, section 4.2.1: a problem without a kind of its own means what its status means.
    return ProblemDetailsException(
        status_code=error.status_code, type_="about:blank", title=phrase, detail=detail, headers=error.headers
    )


def _from_undecodable(_: Exception) -> ProblemDetailsException:
    return _MalformedBody(detail="JSON is malformed")


def _from_anything(error: Exception) -> ProblemDetailsException:
    """What went wrong inside goes to the log, and stays out of the answer."""
    _log.error("A request failed.", exc_info=error)
    return problem("internal", "The request could not be answered. Try again later.")
