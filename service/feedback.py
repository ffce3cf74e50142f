"""What readers think of answers, over HTTP."""

from typing import Annotated

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from corpus.errors import QueryError
from index import Searcher
from service.dependencies import RecorderDependency, SearcherDependency
from service.examples import taking
from service.feedback_store import Given
from service.problems import EXAMPLE, problem

__all__ = ["MAX_COMMENT", "FeedbackRequest", "feedback_router"]

_HELPFUL = '{"answer": "9c1f0a2b3c4d5e6f", "helpful": true}'

MAX_COMMENT = 1000
"""The most code points of a comment."""


class FeedbackRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether an answer, or the passage of it that is named, was helpful; `answer` is the answer's id."""

    answer: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z_-]{1,64}$")]
    helpful: bool
    passage: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)] | None = None
    comment: Annotated[str, msgspec.Meta(max_length=MAX_COMMENT)] | None = None


@post(
    "/feedback",
    status_code=204,
    sync_to_thread=True,
    summary="Say whether an answer was helpful",
    opt={EXAMPLE: _HELPFUL},
    operation_class=taking(_HELPFUL),
)
def give_feedback(data: JSONBody[FeedbackRequest], searcher: SearcherDependency, recorder: RecorderDependency) -> None:
    """Kept for the operator for as many days as the service is set to; write nothing about a person in the comment."""
    _check(data, searcher)
    given = Given(answer=data.answer, passage=data.passage, helpful=data.helpful, comment=data.comment or None)
    if not recorder.given(given):
        raise problem("busy", "Too much feedback waits to be written. Send it later.", headers={"Retry-After": "5"})


def feedback_router() -> Router:
    """The route for feedback."""
    return Router("/", route_handlers=[give_feedback], tags=["Feedback"])


def _check(data: FeedbackRequest, searcher: Searcher) -> None:
    if data.passage is None:
        return
    if searcher.is_withdrawn(passage=data.passage):
        raise QueryError("passage", f"The passage {data.passage!r} is withdrawn.")
    if searcher.passage(data.passage) is None:
        raise QueryError("passage", f"There is no passage {data.passage!r}. Send the id that the answer has for it.")
