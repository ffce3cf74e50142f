"""A run: a question set put to a searcher, and the folder that keeps what came of it."""

import hashlib
import importlib.metadata
import math
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from corpus.errors import SettingsError
from eval.asking import Asked, Searchable, ask
from eval.questions import read_questions
from eval.reports import Report, Settings, Versions, make_report
from eval.spans import locate
from index.answers import Answer, Leg, Status

__all__ = ["AnswerLine", "RunFolder", "run"]

DEPTH = 10
"""The fewest passages that nDCG@10 and RR@10 can be measured on."""


class AnswerLine(msgspec.Struct, frozen=True):
    """A line of ``answers.jsonl``: the status a user gets, and the answer asked with ``min_confidence=0``."""

    question: str
    status: Status
    answer: Answer


class RunFolder(msgspec.Struct, frozen=True):
    """The layout of a run on disk.

    ``run.trec`` is a TREC run over passages, ``answers.jsonl`` has an `AnswerLine` a question,
    ``measures.json`` the `Report`; ``report.html`` is made from them by others and goes stale with them.
    """

    path: Path

    @property
    def trec(self) -> Path:
        """The ranking."""
        return self.path / "run.trec"

    @property
    def answers(self) -> Path:
        """The answers in full."""
        return self.path / "answers.jsonl"

    @property
    def measures(self) -> Path:
        """The report."""
        return self.path / "measures.json"

    @property
    def html(self) -> Path:
        """The page for a reader."""
        return self.path / "report.html"

    def prepare(self) -> None:
        """Make the folder. Raises `SettingsError` if it holds anything but a previous run."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            names = {entry.name for entry in self.path.iterdir()}
        except OSError as error:
            fault = f"{self.path} cannot be a run folder: {error.strerror}. Name another."
            raise SettingsError(fault) from error
        foreign = sorted(names - {p.name for p in (self.trec, self.answers, self.measures, self.html)})
        if foreign or (names and self.trec.name not in names):
            raise SettingsError(
                f"{self.path} is no run folder but holds {len(names)} entries, such as "
                f"{(foreign or sorted(names))[0]}. Nothing was overwritten: name an empty folder, a new one "
                "or that of a previous run."
            )

    def write(self, asked: Sequence[Asked], report: Report) -> None:
        """Write the run, replacing a previous one; ``measures.json`` comes last and so tells a whole run."""
        for stale in (self.measures, self.html):
            stale.unlink(missing_ok=True)
        self.trec.write_text("".join(_trec(asked, tag=f"loccit-{report.settings.leg}")), encoding="utf-8")
        lines = [AnswerLine(one.question.id, one.status, one.answer) for one in asked]
        self.answers.write_bytes(msgspec.json.Encoder().encode_lines(lines))
        self.measures.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def run(
    searcher: Searchable,
    questions: Path,
    *,
    out: Path,
    split: str | None = None,
    leg: Leg = "hybrid",
    k: int = DEPTH,
) -> Report:
    """Put the questions of a file to a searcher and write the run folder `out`.

    Two runs of the same questions on the same snapshot write the same bytes but for ``took_ms``. All that
    can be refused is refused before the first question is asked. Raises `QuestionSetError` for the question
    set, `SettingsError` for `k` and `out`, `SnapshotError` if the snapshot changes meanwhile.
    """
    if k < DEPTH:
        raise SettingsError(f"k is {k}, but nDCG@10 and RR@10 look at {DEPTH} passages. Ask for more.")
    chosen = read_questions(questions, split)
    spans = [locate(question, searcher.documents) for question in chosen]
    folder = RunFolder(out)
    folder.prepare()
    settings = Settings(
        questions=questions.name,
        questions_sha256=hashlib.sha256(questions.read_bytes()).hexdigest(),
        split=split,
        leg=leg,
        k=k,
        snapshot=searcher.snapshot,
        versions=_versions(),
    )
    asked = ask(searcher, chosen, spans, leg=leg, k=k)
    report = make_report(settings, asked)
    folder.write(asked, report)
    return report


def _versions() -> Versions:
    try:
        loccit = importlib.metadata.version("loccit")
    except importlib.metadata.PackageNotFoundError:
        loccit = None
    return Versions(loccit, platform.python_version(), importlib.metadata.version("ir_measures"))


def _trec(asked: Sequence[Asked], tag: str) -> Iterator[str]:
    """The lines ``qid Q0 docid rank score tag`` of a TREC run, passages being the documents."""
    for one in asked:
        scores = _decreasing([passage.score for passage in one.answer.passages])
        for rank, (passage, score) in enumerate(zip(one.answer.passages, scores, strict=True), start=1):
            yield f"{one.question.id} Q0 {passage.id} {rank} {score:.9g} {tag}\n"


def _decreasing(scores: Sequence[float]) -> Iterator[float]:
    """The scores in single precision, as trec_eval reads them, lowered by one step wherever they do not fall.

    trec_eval ignores the rank column and breaks ties by document id, so equal scores would be reordered.
    """
    previous = np.float32(math.inf)
    for score in scores:
        previous = min(np.float32(score), np.nextafter(previous, np.float32(-math.inf)))
        yield float(previous)
