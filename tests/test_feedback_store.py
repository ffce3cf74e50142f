"""What is kept of questions and feedback, for how long, and that nothing is left of it then."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import service.feedback_store
from index import Answer
from service.feedback_store import Asked, FeedbackStore, Given
from service.recording import Recorder

DAY = 86_400
NIGHT = "Why does my left leg go numb at night?"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1_000_000_000.0

    def __call__(self) -> float:
        """The time that it shows."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


def asked(question: str, *, answer: str = "a1", status: str = "no_match", nearest: str | None = None) -> Asked:
    """A question as it is kept."""
    return Asked(answer, question, "answered" if status == "answered" else "no_match", nearest, 0.05)


def given(comment: str | None = None, *, answer: str = "a1", helpful: bool = False) -> Given:
    """Feedback on a passage."""
    return Given(answer=answer, passage="page-0123456789ab", helpful=helpful, comment=comment)


def left(folder: Path) -> bytes:
    """All bytes of the files of a database."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


# What is kept


def test_nothing_of_a_question_is_kept_by_default(tmp_path: Path, clock: Clock) -> None:
    """Where questions are not logged, feedback is kept without the id of its answer, and questions not at all."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30, now=clock)
    store.write([asked(NIGHT, answer="9c1f0a2b3c4d5e6f"), given("Not about legs.", answer="9c1f0a2b3c4d5e6f")])
    assert store.unanswered(10, 0).total == 0
    (only,) = store.feedback(10, 0).records
    assert (only.answer, only.question, only.comment, only.helpful) == (None, None, "Not about legs.", False)
    assert only.at.timestamp() == clock.seconds
    content = left(tmp_path)
    assert b"Not about legs." in content
    for word in (b"left leg", b"numb", b"9c1f0a2b3c4d5e6f"):
        assert word not in content


def test_unanswered_are_grouped(tmp_path: Path, clock: Clock) -> None:
    """One question in several wordings counts as one, as last worded; the most frequent come first, by pages."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30, log_questions=True, now=clock)
    store.write([asked("Who cooks?", nearest="page-b"), asked("Is it safe?", status="answered")])
    clock.seconds += 60
    store.write([asked("why  NOT ?", nearest="page-c"), asked("Ｗhy not")])
    clock.seconds += 60
    store.write([asked("Why not?", nearest="page-d"), asked("And then?")])
    page = store.unanswered(2, 0)
    assert page.total == 3
    assert [(each.question, each.count, each.nearest) for each in page.records] == [
        ("Why not?", 3, "page-d"),
        ("And then?", 1, None),
    ]
    assert page.records[0].at.timestamp() == clock.seconds
    assert page.records[0].answerable == 0.05
    assert [each.question for each in store.unanswered(2, 2).records] == ["Who cooks?"]


def test_feedback_tells_the_question_where_it_is_logged(tmp_path: Path, clock: Clock) -> None:
    """Feedback is listed newest first, with the question of its answer."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30, log_questions=True, now=clock)
    store.write([asked(NIGHT, answer="a1", status="answered"), given("No.", answer="a1"), given(answer="a2")])
    listed = store.feedback(10, 0)
    assert listed.total == 2
    assert [(each.answer, each.question, each.comment) for each in listed.records] == [
        ("a2", None, None),
        ("a1", NIGHT, "No."),
    ]


def test_size_is_bounded(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many rows the oldest go."""
    monkeypatch.setattr(service.feedback_store, "MOST_ROWS", 100)
    store = FeedbackStore(tmp_path / "feedback.db", days=30, log_questions=True, now=clock)
    for first in range(0, 300, 50):
        store.write([asked(f"Question {number}?") for number in range(first, first + 50)] + [given()] * 50)
    kept = {each.question for each in store.unanswered(1000, 0).records}
    assert kept == {f"Question {number}?" for number in range(200, 300)}
    assert store.feedback(1000, 0).total == 100


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """The files are for who runs the service alone."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30)
    store.write([given()])
    with closing(sqlite3.connect(tmp_path / "feedback.db")) as reader:
        reader.execute("SELECT * FROM feedback").fetchall()  # the files beside it stay as long as it is open
        store.write([given()])
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("feedback.db", "feedback.db-shm", "feedback.db-wal"), 0o600)


def test_nothing_kept_is_an_empty_list(tmp_path: Path) -> None:
    """Reading and sweeping make no file."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30)
    assert (store.unanswered(10, 0).total, store.feedback(10, 0).records) == (0, ())
    store.sweep()
    assert list(tmp_path.iterdir()) == []


def test_processes_write_at_once(tmp_path: Path) -> None:
    """What several processes write at once into a new file is all there."""
    program = (
        "import sys; from pathlib import Path; from service.feedback_store import FeedbackStore, Given\n"
        "store = FeedbackStore(Path(sys.argv[1]), days=30)\n"
        "for number in range(50):\n"
        "    comment = f'{sys.argv[2]}{number}'\n"
        "    store.write([Given(answer=None, passage=None, helpful=True, comment=comment)])"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", program, str(tmp_path / "feedback.db")]
    writers = [subprocess.Popen([*command, name], env=environment) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    comments = {each.comment for each in FeedbackStore(tmp_path / "feedback.db", days=30).feedback(1000, 0).records}
    assert comments == {f"{name}{number}" for name in "abc" for number in range(50)}


# How long it is kept


def test_bytes_are_gone_after_the_retention(tmp_path: Path, clock: Clock) -> None:
    """After the days that are set nothing of a question or a comment is left in any file; what is younger stays."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30, log_questions=True, now=clock)
    store.write([asked(NIGHT, answer="a1"), given("My leg is numb since May.")])
    clock.seconds += 29 * DAY
    store.write([asked("Who cooks?"), given("Good soup.")])
    store.sweep()
    assert NIGHT.encode() in left(tmp_path)
    clock.seconds += DAY
    assert [each.question for each in store.unanswered(10, 0).records] == ["Who cooks?"]
    assert [each.comment for each in store.feedback(10, 0).records] == ["Good soup."]
    store.sweep()
    content = left(tmp_path)
    for word in (NIGHT.encode(), b"left leg", b"numb since May"):
        assert word not in content
    assert b"Who cooks?" in content
    assert b"Good soup." in content


def test_bytes_are_gone_while_others_have_the_file_open(tmp_path: Path, clock: Clock) -> None:
    """The journal beside the file keeps nothing either, as long as nobody is in the middle of reading."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30, log_questions=True, now=clock)
    with closing(sqlite3.connect(tmp_path / "feedback.db")) as other:
        store.write([asked(NIGHT)])
        assert other.execute("SELECT count(*) FROM questions").fetchone() == (1,)
        assert NIGHT.encode() in left(tmp_path)
        clock.seconds += 31 * DAY
        store.sweep()
        assert (tmp_path / "feedback.db-wal").stat().st_size == 0
        assert b"numb" not in left(tmp_path)


def test_no_copy_is_left_in_a_page(tmp_path: Path, clock: Clock) -> None:
    """However rows come and go, no page of the file keeps a copy of one that was deleted."""
    choice = random.Random(7)
    store = FeedbackStore(tmp_path / "feedback.db", days=5, log_questions=True, now=clock)
    for day in range(30):
        lengths = [choice.randrange(900) for _ in range(choice.randrange(60))]
        store.write([asked(f"day{day:02}: " + "x" * length, answer=str(at)) for at, length in enumerate(lengths)])
        clock.seconds += DAY
        store.sweep()
        content = left(tmp_path)
        assert not [old for old in range(day - 3) if b"day%02d:" % old in content]


def test_logging_switched_off_deletes_what_was_logged(tmp_path: Path, clock: Clock) -> None:
    """A service that starts without logging deletes the questions of one that logged; feedback stays, without ids."""
    path = tmp_path / "feedback.db"
    FeedbackStore(path, days=30, log_questions=True, now=clock).write(
        [asked(NIGHT, answer="9c1f0a2b3c4d5e6f"), given("Not about legs.", answer="9c1f0a2b3c4d5e6f")]
    )
    off = FeedbackStore(path, days=30, now=clock)
    off.sweep()
    assert off.unanswered(10, 0).total == 0
    assert [(each.answer, each.comment) for each in off.feedback(10, 0).records] == [(None, "Not about legs.")]
    content = left(tmp_path)
    for word in (b"numb", b"9c1f0a2b3c4d5e6f"):
        assert word not in content


# The thread that writes


def running(store: FeedbackStore, *, swept_every: float = 3600) -> Recorder:
    """A recorder that has started."""
    recorder = Recorder(store, swept_every=swept_every)
    recorder.start()
    return recorder


def eventually(is_so: Callable[[], bool]) -> bool:
    """Whether something comes true within ten seconds."""
    waited = threading.Event()
    return any(is_so() or waited.wait(0.05) for _ in range(200))


def answer_to(question: str) -> Answer:
    """An answer that found nothing."""
    return Answer(
        id="a1", status="no_match", question=question, snapshot="s", took_ms=1, passages=(), references=(), nearest=None
    )


def test_sweeps_at_the_start_and_by_the_clock(tmp_path: Path, clock: Clock) -> None:
    """What is too old is deleted as soon as a service starts, and again and again while it runs."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30, log_questions=True, now=clock)
    store.write([asked(NIGHT)])
    clock.seconds += 31 * DAY
    running(store).stop()
    assert b"numb" not in left(tmp_path)
    recorder = running(store, swept_every=0.05)
    recorder.asked(answer_to(NIGHT))
    assert eventually(lambda: store.unanswered(1, 0).total == 1)
    clock.seconds += 31 * DAY
    assert eventually(lambda: b"numb" not in left(tmp_path))
    recorder.stop()


def test_what_waits_is_written_at_the_end(tmp_path: Path) -> None:
    """A service that ends writes all that it was given, in its order."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30)
    recorder = running(store)
    assert all(recorder.given(given(f"{number}")) for number in range(2000))
    recorder.stop()
    assert [each.comment for each in store.feedback(5000, 0).records] == [str(number) for number in range(1999, -1, -1)]


def test_nothing_is_raised_where_nothing_can_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A disk that refuses is told in the log, without a question, and the service goes on."""
    (tmp_path / "feedback.db").mkdir()
    store = FeedbackStore(tmp_path / "feedback.db", days=30, log_questions=True)
    recorder = running(store)
    recorder.asked(answer_to(NIGHT))
    recorder.stop()
    assert "1 records are lost: IsADirectoryError" in caplog.text
    assert "numb" not in caplog.text


def test_a_locked_file_holds_up_nobody(tmp_path: Path) -> None:
    """Whoever asks never waits for the disk: what cannot be written yet waits, and beyond a bound it is given up."""
    store = FeedbackStore(tmp_path / "feedback.db", days=30)
    store.write([given()])
    with closing(sqlite3.connect(tmp_path / "feedback.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        recorder = running(store)
        taken = sum(recorder.given(given()) for _ in range(12_000))
        assert 10_000 <= taken < 12_000
        other.execute("ROLLBACK")
    recorder.stop()
    assert store.feedback(1, 0).total == taken + 1
