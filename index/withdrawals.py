"""Documents taken out of every answer of a store, whichever snapshot is published, until they are lifted.

They stand in a file beside the snapshots, so that no build and no rollback brings them back. A store without that
file has none; a file that cannot be read is an error, since nobody knows then what may be answered.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from corpus.errors import QueryError, SnapshotError
from index.durable import replace

__all__ = ["MAX_REASON", "Withdrawal", "Withdrawals"]

MAX_REASON = 1000
"""The most code points of a reason."""

_MAX_ID = 1000


class Withdrawal(msgspec.Struct, frozen=True):
    """A document that is in no answer, by its id, since when, and why. The reason is for the operator alone."""

    document: str
    since: datetime
    reason: str | None = None


class Withdrawals:
    """What is withdrawn from a store, in the file ``withdrawn.json``."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / "withdrawn.json"

    def read(self) -> tuple[Withdrawal, ...]:
        """All that is withdrawn, in the order of the ids.

        Raises `SnapshotError` if the file is there and cannot be read.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=tuple[Withdrawal, ...])
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
            raise SnapshotError(
                f"{self._path} cannot be read ({error}). It tells which documents may not be answered from, so nothing "
                "is answered until it can. Put it back as it was; a store from which nothing is withdrawn has none."
            ) from error

    def documents(self) -> frozenset[str]:
        """The ids of the documents that are withdrawn. Raises `SnapshotError` as `read` does."""
        return frozenset(each.document for each in self.read())

    def add(self, document: str, reason: str | None = None) -> Withdrawal:
        """Withdraws a document, which the store need not have yet; of one that is withdrawn it changes the reason.

        Raises `QueryError` for an id or a reason that cannot be kept, `SnapshotError` as `read` does.
        """
        _check("document", document, _MAX_ID)
        if reason is not None:
            _check("reason", reason, MAX_REASON)
        with self._changing() as known:
            since = known[document].since if document in known else datetime.now(UTC).replace(microsecond=0)
            known[document] = Withdrawal(document, since, reason)
            return known[document]

    def lift(self, document: str) -> bool:
        """Lets a document be answered from again; tells whether it was withdrawn."""
        with self._changing() as known:
            return known.pop(document, None) is not None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Withdrawal]]:
        """What is withdrawn, to be changed, while nobody else changes it; then written."""
        if not self._root.is_dir():
            raise SnapshotError(f"{self._root} is no store. Name one with --index, or build one with loccit build.")
        with (self._root / "withdrawn.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = self.read()
            known = {each.document: each for each in before}
            yield known
            after = tuple(known[document] for document in sorted(known))
            if after != before:
                replace(self._path, msgspec.json.format(msgspec.json.encode(after)) + b"\n")


def _check(field: str, text: str, most: int) -> None:
    if not text.strip() or len(text) > most:
        raise QueryError(field, f"It has {len(text)} characters; it must have 1 to {most}, and not only spaces.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise QueryError(field, "It holds half of a surrogate pair. Write it in valid Unicode.")
