"""What people ask and what they think of the answers, in ``STORE/feedback.db``, for a stated time.

::

    questions  row, at, answer, question, status, nearest, answerable, folded
    feedback   row, at, answer, passage, helpful, comment

Questions are there only where `log_questions` is on. The id of an answer is a digest of its question, by which a guess
at the question could be confirmed, so it is kept only where the questions are. Several processes may write at once.
What is deleted is overwritten with zeros, and the file is written anew without it.
"""

import os
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from index import Answer, Status
from service.settings import Settings

__all__ = ["Asked", "Feedback", "FeedbackStore", "Given", "Page", "Unanswered", "folded_question"]

MOST_ROWS = 100_000
"""So many questions, and as many rows of feedback, are kept at most; the oldest go first."""

_DAY = 86_400
_WAIT = 10
"""Seconds for which a write waits for another process."""

_TABLES = """
CREATE TABLE IF NOT EXISTS questions (row INTEGER PRIMARY KEY, at REAL, answer TEXT, question TEXT, status TEXT,
    nearest TEXT, answerable REAL, folded TEXT);
CREATE TABLE IF NOT EXISTS feedback (row INTEGER PRIMARY KEY, at REAL, answer TEXT, passage TEXT, helpful INTEGER,
    comment TEXT);
CREATE INDEX IF NOT EXISTS questions_by_answer ON questions (answer);
"""

_ADD_QUESTION = """
INSERT INTO questions (at, answer, question, status, nearest, answerable, folded) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_ADD_FEEDBACK = "INSERT INTO feedback (at, answer, passage, helpful, comment) VALUES (?, ?, ?, ?, ?)"

_UNANSWERED = """
SELECT question, count(*) AS count, max(at) AS at, nearest, answerable FROM questions
WHERE status = 'no_match' AND at > ? GROUP BY folded ORDER BY count DESC, at DESC, folded LIMIT ? OFFSET ?
"""

_FEEDBACK = """
SELECT at, answer, passage, helpful, comment,
    (SELECT question FROM questions WHERE questions.answer = feedback.answer AND questions.at > ?1 LIMIT 1) AS question
FROM feedback WHERE at > ?1 ORDER BY row DESC LIMIT ?2 OFFSET ?3
"""

_Record = TypeVar("_Record")


class Asked(msgspec.Struct, frozen=True):
    """A question and what became of it; `nearest` is the best passage, which may not answer."""

    answer: str
    question: str
    status: Status
    nearest: str | None
    answerable: float | None

    @classmethod
    def of(cls, answer: Answer) -> "Asked":
        """What is kept of an answer."""
        best = answer.passages[0] if answer.passages else answer.nearest
        return cls(answer.id, answer.question, answer.status, best.id if best else None, answer.answerable)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody thinks of an answer, or of one passage of it."""

    answer: str | None
    passage: str | None
    helpful: bool
    comment: str | None

    @property
    def without_answer(self) -> "Given":
        """The same, from which nobody can tell the question."""
        return msgspec.structs.replace(self, answer=None)


class Feedback(Given, frozen=True, kw_only=True):
    """The same as it was kept, since when, and the question where questions are kept."""

    at: datetime
    question: str | None


class Unanswered(msgspec.Struct, frozen=True):
    """A question without an answer as it was last worded, and how often it was asked in whatever case and spacing."""

    question: str
    count: int
    at: datetime
    nearest: str | None
    answerable: float | None


class Page(msgspec.Struct, frozen=True):
    """Some of the records, and how many there are."""

    total: int
    records: Sequence[Any]


class FeedbackStore:
    """The questions and the feedback of a store, those of the last `days`. `now` gives seconds since 1970."""

    def __init__(
        self, path: Path, *, days: int, log_questions: bool = False, now: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._days = days
        self._now = now
        self.log_questions = log_questions

    @classmethod
    def of(cls, settings: Settings) -> "FeedbackStore":
        """That of a service with these settings."""
        path = settings.store / "feedback.db"
        return cls(path, days=settings.log_retention_days, log_questions=settings.log_questions)

    def write(self, records: Sequence[Asked | Given]) -> None:
        """Writes some records, those kept longest making room. Raises `sqlite3.Error` or `OSError` if it cannot."""
        now = self._now()
        asked = [each for each in records if isinstance(each, Asked) and self.log_questions]
        given = [each if self.log_questions else each.without_answer for each in records if isinstance(each, Given)]
        questions = [(now, *msgspec.structs.astuple(each), folded_question(each.question)) for each in asked]
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_ADD_QUESTION, questions)
            connection.executemany(_ADD_FEEDBACK, [(now, *msgspec.structs.astuple(each)) for each in given])
            connection.execute("DELETE FROM questions WHERE row <= (SELECT max(row) FROM questions) - ?", (MOST_ROWS,))
            connection.execute("DELETE FROM feedback WHERE row <= (SELECT max(row) FROM feedback) - ?", (MOST_ROWS,))
            connection.execute("COMMIT")

    def sweep(self) -> None:
        """Deletes what is too old, and all questions where they are not logged, so that no byte of them is left.

        Raises `sqlite3.Error` if another process holds the file for too long.
        """
        if not self._path.exists():
            return
        oldest = self._oldest()
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            changed = [
                connection.execute("DELETE FROM questions WHERE at <= ? OR NOT ?", (oldest, self.log_questions)),
                connection.execute("DELETE FROM feedback WHERE at <= ?", (oldest,)),
                connection.execute(
                    "UPDATE feedback SET answer = NULL WHERE answer IS NOT NULL AND NOT ?", (self.log_questions,)
                ),
            ]
            connection.execute("COMMIT")
            free = connection.execute("PRAGMA freelist_count").fetchone()[0]
            if free or any(each.rowcount for each in changed):
                # Pages that were rebalanced may hold copies of rows, which no deletion overwrites.
                connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def unanswered(self, limit: int, offset: int) -> Page:
        """Questions without an answer, the most frequent first; none where questions are not logged."""
        total = "SELECT count(DISTINCT folded) FROM questions WHERE status = 'no_match' AND at > ?"
        return self._page(total, _UNANSWERED, Unanswered, limit, offset)

    def feedback(self, limit: int, offset: int) -> Page:
        """Feedback, the newest first."""
        return self._page("SELECT count(*) FROM feedback WHERE at > ?", _FEEDBACK, Feedback, limit, offset)

    def _page(self, total: str, query: str, record: type[_Record], limit: int, offset: int) -> Page:
        if not self._path.exists():
            return Page(0, ())
        with self._opened() as connection:
            connection.row_factory = sqlite3.Row
            ((count,),) = connection.execute(total, (self._oldest(),)).fetchall()
            rows = connection.execute(query, (self._oldest(), limit, offset)).fetchall()
        return Page(count, [_converted(row, record) for row in rows])

    def _oldest(self) -> float:
        return self._now() - self._days * _DAY

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection for one task; nobody but who runs the service may read the file."""
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES)
            yield connection


def folded_question(question: str) -> str:
    """A question without differences of case, width, spacing and the marks at its end.

    >>> folded_question("  Was  ist das ?"), folded_question("WAS IST DAS")
    ('was ist das', 'was ist das')
    """
    return " ".join(unicodedata.normalize("NFKC", question).casefold().split()).rstrip(" ?!.")


def _converted(row: sqlite3.Row, record: type[_Record]) -> _Record:
    values = {**dict(row), "at": datetime.fromtimestamp(row["at"], UTC)}
    return msgspec.convert(values, record, strict=False)
