"""A document of a store withdrawn by its id, and what else in the store tells the same."""

from collections.abc import Iterator

import numpy as np
from rapidfuzz import process

from corpus import Document
from corpus.duplicates import find_duplicates
from corpus.errors import QueryError
from index.snapshot import Snapshot
from index.store import Store
from index.withdrawals import Withdrawal

__all__ = ["repeating", "withdraw"]

_NEAR = 5
"""So many of the nearest passages of each passage are looked at for repetition."""

_SUGGESTED = 3


def withdraw(store: Store, document: str, reason: str | None = None) -> Withdrawal:
    """Withdraws a document that the published snapshot has.

    Raises `QueryError` for an unknown one, naming those most like it. `Withdrawals.add` asks for no snapshot.
    """
    known = Snapshot.read_records(store).documents
    if document not in known and document not in store.withdrawn():
        like = ", ".join(name for name, _, _ in process.extract(document, list(known), limit=_SUGGESTED))
        raise QueryError("document", f"There is no document {document!r} in the published snapshot. Nearest: {like}.")
    return store.withdrawals.add(document, reason)


def repeating(store: Store, document: str) -> tuple[str, ...]:
    """The documents in answers that have a paragraph of a withdrawn one, word for word or nearly so."""
    snapshot = Snapshot.open(store)
    # What is withdrawn is read here, and nowhere else, to find what would still be answered in its words.
    whole = snapshot.without(frozenset())
    withdrawn = whole.documents.get(document)
    if withdrawn is None:
        return ()
    near = {snapshot.passages[row].document_id for row in _near(snapshot, whole.records.rows_of(document))}
    return tuple(sorted(each for each in near if _repeats(snapshot.documents[each], withdrawn)))


def _near(snapshot: Snapshot, rows: range) -> Iterator[int]:
    for vector in snapshot.dense.vectors(np.array(rows, dtype=np.int64)):
        yield from snapshot.dense.top(vector, _NEAR).tolist()


def _repeats(document: Document, withdrawn: Document) -> bool:
    found = find_duplicates([withdrawn, document])
    return any(each.place.document == document.id and each.earlier.document == withdrawn.id for each in found)
