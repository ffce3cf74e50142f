"""What a query must be to be answered from a snapshot."""

from corpus.errors import QueryError
from index.answers import Query
from index.filters import LATEST_YEAR
from index.reranking import check_question
from index.snapshot import Snapshot

__all__ = ["MAX_K", "MAX_QUESTION", "check_query"]

MAX_QUESTION = 1000
"""The most code points of a question."""

MAX_K = 50
"""The most passages of an answer."""


def check_query(query: Query, snapshot: Snapshot, max_k: int) -> None:
    """Raises `QueryError`, naming the field and how to mend it, for a query that the snapshot cannot answer."""
    _check_bounds(query, max_k, calibrated=snapshot.calibration.anything is not None)
    _check_filters(query)
    _check_length(query, snapshot)
    _check_documents(query, snapshot)


def _check_bounds(query: Query, max_k: int, *, calibrated: bool) -> None:
    if not query.question.strip():
        raise QueryError("question", "The question is empty. Ask something.")
    if len(query.question) > MAX_QUESTION:
        raise QueryError(
            "question", f"The question has {len(query.question)} characters, the most is {MAX_QUESTION}. Shorten it."
        )
    if any("\ud800" <= character <= "\udfff" for character in query.question):
        raise QueryError("question", "The question holds half of a surrogate pair. Write it in valid Unicode.")
    if not 1 <= query.k <= max_k:
        raise QueryError("k", f"k is {query.k}; it must be from 1 to {max_k}.")
    if query.min_confidence is not None and not 0 <= query.min_confidence <= 1:
        raise QueryError("min_confidence", f"min_confidence is {query.min_confidence}; it must be from 0 to 1.")
    if query.min_confidence and not calibrated:
        raise QueryError(
            "min_confidence",
            f"min_confidence is {query.min_confidence}, but this snapshot's confidence is not calibrated. "
            "Use 0 to be never refused, or leave it out.",
        )


def _check_filters(query: Query) -> None:
    names = (*(query.documents or ()), *(query.headings or ()), *(query.publication_types or ()))
    if any("\ud800" <= character <= "\udfff" for name in names for character in name):
        raise QueryError("documents", "A name holds half of a surrogate pair. Write it in valid Unicode.")
    for field, year in (("year_from", query.year_from), ("year_to", query.year_to)):
        if year is not None and not 1 <= year <= LATEST_YEAR:
            raise QueryError(field, f"The year is {year}; it must be from 1 to {LATEST_YEAR}.")
    if query.year_from and query.year_to and query.year_from > query.year_to:
        raise QueryError("year_from", f"It is {query.year_from}, after year_to, {query.year_to}. Exchange them.")


def _check_length(query: Query, snapshot: Snapshot) -> None:
    pieces = snapshot.encoder.count_query(query.question)
    most = snapshot.encoder.settings.max_pieces
    if pieces > most:
        raise QueryError(
            "question", f"The question has {pieces} word pieces, the encoder takes {most}. Shorten the question."
        )
    if query.leg == "hybrid" and snapshot.reranker is not None:
        check_question(snapshot.reranker, query.question)


def _check_documents(query: Query, snapshot: Snapshot) -> None:
    for document in query.documents or ():
        if document in snapshot.records.withdrawn:
            raise QueryError("documents", f"The document {document!r} is withdrawn. Leave it out.")
        if not snapshot.records.rows_of(document) and document not in snapshot.documents:
            raise QueryError(
                "documents", f"There is no document {document!r}. GET /v1/documents lists those there are."
            )
