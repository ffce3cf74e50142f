"""What an operator may do over HTTP: withdraw documents, and read what was asked and thought.

Every route needs a secret key of the scope ``admin``, also where others may ask without a key.
"""

from typing import Annotated

import msgspec
from litestar import Router, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from corpus.errors import LoccitError
from index import Store
from index.withdrawals import MAX_REASON, Withdrawal
from index.withdrawing import withdraw
from service.current import current_of
from service.dependencies import Limit, Offset, SearcherDependency
from service.examples import taking
from service.exposure import SCOPE
from service.feedback_store import Feedback, FeedbackStore, Unanswered
from service.parameters import known_parameters
from service.problems import EXAMPLE, problem

__all__ = ["FeedbackPage", "InForce", "UnansweredPage", "WithdrawalRequest", "admin_router"]

_WITHDRAWN = '{"document": "cervical_spinal_metastases", "reason": "Wrong dose."}'

_NOT_LOGGED = "Questions are not logged, so none is kept. Set log_questions to log those that come from then on."


class WithdrawalRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document that is to be withdrawn, and why, for the operator."""

    document: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_REASON)] | None = None


class UnansweredPage(msgspec.Struct, frozen=True):
    """Some of the questions without an answer, the most frequent first; `note` says why there are none by setting."""

    total: int
    offset: int
    questions: tuple[Unanswered, ...]
    note: str | None


class InForce(msgspec.Struct, frozen=True):
    """The snapshot from which is answered."""

    snapshot: str


class FeedbackPage(msgspec.Struct, frozen=True):
    """Some of the feedback, the newest first. Answers and questions are known only where questions are logged."""

    total: int
    offset: int
    feedback: tuple[Feedback, ...]


def admin_router(store: Store, feedback: FeedbackStore) -> Router:
    """The routes for the operator of a store."""

    @post(
        "/withdrawals",
        sync_to_thread=True,
        summary="Withdraw a document",
        opt={EXAMPLE: _WITHDRAWN},
        operation_class=taking(_WITHDRAWN),
    )
    def add_withdrawal(data: JSONBody[WithdrawalRequest]) -> Withdrawal:
        """Takes a document out of every answer within seconds, whichever snapshot is published, until it is lifted."""
        return withdraw(store, data.document, data.reason)

    @get("/withdrawals", sync_to_thread=True, summary="List what is withdrawn")
    def list_withdrawals() -> tuple[Withdrawal, ...]:
        """All documents that are withdrawn, in the order of their ids."""
        return store.withdrawals.read()

    @delete("/withdrawals/{document_id:str}", sync_to_thread=True, summary="Lift a withdrawal")
    def lift_withdrawal(document_id: FromPath[str]) -> None:
        """Lets a document be answered from again."""
        if not store.withdrawals.lift(document_id):
            raise problem("not-found", f"The document {document_id!r} is not withdrawn.")

    @get("/unanswered", sync_to_thread=True, summary="List questions without an answer")
    def list_unanswered(searcher: SearcherDependency, limit: Limit = 100, offset: Offset = 0) -> UnansweredPage:
        """What people ask that the documents do not answer, and the nearest passage, if it is still there."""
        page = feedback.unanswered(limit, offset)
        note = None if feedback.log_questions else _NOT_LOGGED
        shown = (
            each if each.nearest and searcher.passage(each.nearest) else msgspec.structs.replace(each, nearest=None)
            for each in page.records
        )
        return UnansweredPage(page.total, offset, tuple(shown), note)

    @get("/feedback", sync_to_thread=True, summary="List feedback")
    def list_feedback(limit: Limit = 100, offset: Offset = 0) -> FeedbackPage:
        """What readers thought of answers."""
        page = feedback.feedback(limit, offset)
        return FeedbackPage(page.total, offset, tuple(page.records))

    @post("/refresh", status_code=200, summary="Load what is published")
    async def refresh(state: State) -> InForce:
        """Loads the published snapshot at once, instead of within a second; the answer comes when it is in force.

        Of several worker processes the one that is asked does so.
        """
        try:
            await current_of(state).refresh(again=True)
        except LoccitError as error:
            raise problem("not-ready", str(error)) from error
        return InForce(current_of(state).searcher.snapshot)

    handlers = [refresh, add_withdrawal, list_withdrawals, lift_withdrawal, list_unanswered, list_feedback]
    return Router(
        "/admin", route_handlers=handlers, opt={SCOPE: "admin"}, tags=["Administration"], guards=[known_parameters]
    )
