"""In which format works are given: what `format` or the header `Accept` asks for."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from litestar import MediaType, Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.plugins.problem_details import ProblemDetailsException

from corpus import Work
from corpus.bibliography import FORMATS, BibliographyFormat, bibliography
from corpus.errors import QueryError

__all__ = ["FormatQuery", "not_acceptable", "work_response"]

FormatQuery = Annotated[
    str | None,
    QueryParameter(name="format", description="Instead of the header Accept: `json`, `csl`, `bibtex` or `ris`."),
]

_Body = TypeVar("_Body")
_MEDIA_TYPES: dict[str, BibliographyFormat] = {each.media_type: name for name, each in FORMATS.items()}

not_acceptable = {
    406: ResponseSpec(None, description="The header Accept names no format that there is.", generate_examples=False)
}
"""How a route tells of what `work_response` raises."""


def work_response(
    request: Request[Any, Any, Any], asked: str | None, works: Sequence[Work], body: Callable[[], _Body]
) -> Response[_Body | str]:
    """Some works in the format that is asked for, or else what `body` makes as JSON; `format` goes before `Accept`.

    Raises `QueryError` if there is no such format, and a problem with status 406 if there is none that is accepted.
    """
    form = asked or _accepted(request)
    headers = {"vary": "accept"}
    if form == "json":
        return Response(body(), media_type=MediaType.JSON, headers=headers)
    name = next((name for name in FORMATS if name == form), None)
    if name is None:
        raise QueryError("format", f"There is no format {form!r}. There are {', '.join(['json', *FORMATS])}.")
    charset = "" if name == "csl" else "; charset=utf-8"
    return Response(bibliography(works, name), media_type=FORMATS[name].media_type + charset, headers=headers)


def _accepted(request: Request[Any, Any, Any]) -> str:
    header = request.headers.get("accept", "*/*")
    best = request.accept.best_match([MediaType.JSON, *_MEDIA_TYPES]) if header.strip() else MediaType.JSON
    if best is None:
        raise ProblemDetailsException(
            status_code=406,
            title="Not acceptable",
            detail=f"Nothing is given as {header!r}. There are {', '.join([MediaType.JSON, *_MEDIA_TYPES])}.",
        )
    return _MEDIA_TYPES.get(best, "json")
