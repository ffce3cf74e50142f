"""In which format works are given: what `format` or the header `Accept` asks for."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

from litestar import MediaType, Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from corpus import Work
from corpus.bibliography import FORMATS, BibliographyFormat, bibliography
from corpus.errors import QueryError
from service.problems import problem

__all__ = ["FormatQuery", "not_acceptable", "work_response"]

FormatQuery = Annotated[
    str | None,
    QueryParameter(
        name="format",
        description="Instead of the header Accept: `json`, `csl`, `bibtex` or `ris`.",
        schema_extra={"enum": ["json", *FORMATS, None]},
    ),
]

_Body = TypeVar("_Body")
_MEDIA_TYPES: dict[str, BibliographyFormat] = {each.media_type: name for name, each in FORMATS.items()}

_WEIGHT = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)

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
    form = _accepted(request) if asked is None else asked
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
    best = _best([MediaType.JSON, *_MEDIA_TYPES], header) if header.strip() else MediaType.JSON
    if best is None:
        offered = ", ".join([MediaType.JSON, *_MEDIA_TYPES])
        raise problem("not-acceptable", f"Nothing is given as {header!r}. There are {offered}.")
    return _MEDIA_TYPES.get(best, "json")


class _Range(NamedTuple):
    """A member of the header Accept, such as ``text/*;q=0.5``; `exactness` is 0 for ``*/*`` and 2 for a type."""

    weight: float
    exactness: int
    place: int
    name: str

    def takes(self, media_type: str) -> bool:
        """Whether a media type is within the range."""
        return self.name in {media_type, f"{media_type.partition('/')[0]}/*", "*/*"}


def _best(offered: Sequence[str], header: str) -> str | None:
    """The media type that a header likes best: the most exact range tells of each, and a weight of 0 refuses it.

    >>> _best(["text/plain", "text/html"], "text/*, text/plain;q=0.5")
    'text/html'
    """
    ranges = list(_ranges(header))
    liked: dict[str, tuple[float, int, int]] = {}
    for each in offered:
        found = max((r for r in ranges if r.takes(each)), key=lambda r: r.exactness, default=None)
        if found and found.weight:
            # Of equal weights what is named goes before what a range covers, and what is named first goes first.
            liked[each] = (found.weight, found.exactness, -found.place)
    return max(liked, key=lambda each: liked[each], default=None)


def _ranges(header: str) -> Iterator[_Range]:
    """The ranges of a header, but for those whose weight is malformed (RFC 9110, section 12.4.2)."""
    for place, member in enumerate(header.lower().split(",")):
        name, *parameters = (part.strip() for part in member.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        if _WEIGHT.fullmatch(weight):
            yield _Range(float(weight), (name != "*/*") + (not name.endswith("/*")), place, name)
