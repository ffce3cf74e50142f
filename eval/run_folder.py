"""The folder of a run: all that was asked, all that came back, and what came of it."""

import fcntl
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from corpus.errors import RunError
from eval.crediting import credit
from eval.measures import places
from eval.reports import Report, Settings, make_report
from eval.responses import Response, faults
from eval.scoring import Judged
from eval.spans import GoldSpan

__all__ = ["Run", "RunFolder"]

_Record = TypeVar("_Record")


class Run(msgspec.Struct, frozen=True):
    """A run as its folder holds it: the settings, the questions in the order of their set, and the responses by id."""

    settings: Settings
    judged: tuple[Judged, ...]
    responses: dict[str, Response]

    @property
    def missing(self) -> tuple[Judged, ...]:
        """The questions without a response, or with one that failed."""
        sound = {identity for identity, response in self.responses.items() if response.failure is None}
        return tuple(each for each in self.judged if each.question.id not in sound)

    def report(self) -> Report:
        """Every measure of the run."""
        return make_report(self.settings, self.judged, self.responses)


class RunFolder(msgspec.Struct, frozen=True):
    """The layout of a run on disk.

    ``settings.json``, ``questions.jsonl`` (each a `Judged`) and ``answers.jsonl`` (each a `Response`) are the
    run; an answer is written as it comes. The rest follows from them: ``measures.json`` is the `Report`,
    ``run.trec`` with ``qrels.trec`` a ranking of spans (of documents, where whole documents are judged) that any
    outside tool scores alike, ``run.documents.trec`` with ``qrels.documents.trec`` the same over documents, and
    ``report.html`` the page for a reader. A run without ``measures.json`` is unfinished.
    """

    path: Path

    @property
    def settings(self) -> Path:
        """What was asked of whom."""
        return self.path / "settings.json"

    @property
    def questions(self) -> Path:
        """The questions, with the places of their evidence."""
        return self.path / "questions.jsonl"

    @property
    def answers(self) -> Path:
        """What came back."""
        return self.path / "answers.jsonl"

    @property
    def measures(self) -> Path:
        """The report."""
        return self.path / "measures.json"

    @property
    def html(self) -> Path:
        """The page for a reader."""
        return self.path / "report.html"

    @property
    def trec(self) -> tuple[Path, Path, Path, Path]:
        """The ranking and its judgements, over what the evidence is and over documents."""
        names = ("run.trec", "qrels.trec", "run.documents.trec", "qrels.documents.trec")
        return tuple(self.path / name for name in names)  # type: ignore[return-value]  # four names

    def begin(self, settings: Settings, judged: Sequence[Judged]) -> None:
        """Make the folder for a new run, in place of a finished one.

        Raises `RunError` if it holds an unfinished run, or anything that is no run.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            names = {entry.name for entry in self.path.iterdir()}
        except OSError as error:
            raise RunError(f"{self.path} cannot be a run folder: {error.strerror}. Name another.") from error
        files = (self.settings, self.questions, self.answers, self.measures, self.html, self._aside, *self.trec)
        foreign = sorted(names - {path.name for path in files})
        if foreign or (names and self.settings.name not in names):
            raise RunError(
                f"{self.path} is no run folder but holds {len(names)} entries, such as "
                f"{(foreign or sorted(names))[0]}. Nothing was overwritten: name an empty folder, a new one "
                "or that of a previous run."
            )
        kept = names and self.answers.exists() and self.answers.stat().st_size
        if kept and not (self.measures.exists() and self.read_report().complete):
            raise RunError(f"{self.path} holds an unfinished run. Go on with --resume, or remove the folder.")
        for path in files:
            path.unlink(missing_ok=True)
        self.settings.write_bytes(msgspec.json.format(msgspec.json.encode(settings)) + b"\n")
        self.questions.write_bytes(msgspec.json.Encoder().encode_lines(judged))
        self.answers.touch()

    def keep(self, responses: Iterable[Response]) -> Iterator[Response]:
        """Each response, once it is in the file: a process that is killed next does not lose it.

        Raises `RunError` if another process writes this run.
        """
        with self.answers.open("r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"Another process is writing {self.path}. Wait for it to end.") from None
            file.seek(len(_whole_lines(file.read())))
            file.truncate()
            for response in responses:
                file.write(msgspec.json.encode(response) + b"\n")
                file.flush()
                yield response

    def read(self) -> Run:
        """The run. Raises `RunError` if a file is missing or not as `RunFolder` writes it."""
        settings = _decode(self.settings, self._bytes(self.settings), Settings)
        judged = tuple(_lines(self.questions, self._bytes(self.questions), Judged))
        return Run(settings, judged, self._responses({each.question.id for each in judged}))

    def read_report(self) -> Report:
        """What a finished run found. Raises `RunError` if it is unfinished or unreadable."""
        if not self.measures.exists() and self.settings.exists():
            fault = f"{self.path} holds an unfinished run. Finish it with loccit eval run --resume --out {self.path}."
            raise RunError(fault)
        return _decode(self.measures, self._bytes(self.measures), Report)

    def finish(self) -> Report:
        """Put the answers in the order of the questions, and write what follows from the run."""
        run = self.read()
        ordered = [run.responses[each.question.id] for each in run.judged if each.question.id in run.responses]
        self._aside.write_bytes(msgspec.json.Encoder().encode_lines(ordered))
        self._aside.replace(self.answers)
        return self.derive(run)

    @property
    def _aside(self) -> Path:
        return self.answers.with_suffix(".new")

    def derive(self, run: Run) -> Report:
        """Write what follows from a run, ``measures.json`` last; the run itself may still go on."""
        report = run.report()
        self.html.unlink(missing_ok=True)
        for path, lines in zip(self.trec, _trec(run), strict=True):
            path.write_text("".join(lines), encoding="utf-8")
        self.measures.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
        return report

    def _bytes(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise RunError(
                f"{path} cannot be read: {error.strerror}. Name a folder that loccit eval run wrote."
            ) from error

    def _responses(self, asked: set[str]) -> dict[str, Response]:
        """The responses by id; a failed one counts until a later line mends it, a cut last line was a kill."""
        whole = _whole_lines(self._bytes(self.answers))
        responses: dict[str, Response] = {}
        for number, response in enumerate(_lines(self.answers, whole, Response), start=1):
            place = f"{self.answers}, line {number}"
            for fault in faults(response):
                raise RunError(f"{place}, question {response.id!r}: {fault}")
            before = responses.get(response.id)
            if before is not None and before.failure is None:
                raise RunError(f"{place}: {response.id!r} was answered before. Remove one of the two lines.")
            if response.id not in asked:
                raise RunError(f"{place}: {response.id!r} is no question of this run. Remove the line.")
            responses[response.id] = response
        return responses


def _decode(path: Path, content: bytes, kind: type[_Record], place: str = "") -> _Record:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RunError(
            f"{path}{place} is not as loccit eval run writes it ({error}). Run the questions again."
        ) from error


def _whole_lines(content: bytes) -> bytes:
    """A file without its last line, if that has no end: the run was killed as it was written."""
    return content[: content.rfind(b"\n") + 1]


def _lines(path: Path, content: bytes, kind: type[_Record]) -> Iterator[_Record]:
    for number, line in enumerate(content.splitlines(), start=1):
        yield _decode(path, line, kind, f", line {number},")


def _trec(run: Run) -> tuple[Iterator[str], ...]:
    """The lines of the four TREC files, in the order of `RunFolder.trec`."""
    answerable = [each for each in run.judged if each.question.answerable]
    documents = {each.question.id: _documents(run.responses.get(each.question.id)) for each in run.judged}
    grades = {each.question.id: each.grades for each in answerable}
    if not any(each.spans for each in answerable):
        return _ranked(documents, run), _judged(grades), _ranked(documents, run), _judged(grades)
    items = {each.question.id: _items(each, run.responses.get(each.question.id)) for each in run.judged}
    spans = {each.question.id: dict.fromkeys(map(_span, each.spans), 1) for each in answerable}
    return _ranked(items, run), _judged(spans), _ranked(documents, run), _judged(grades)


def _items(judged: Judged, response: Response | None) -> list[tuple[str, float]]:
    """The items of a ranking as `eval.measures.places` sets them, each with the score of the passage at its place."""
    passages = response.passages if response else ()
    names = {f"span:{position}": _span(span) for position, span in enumerate(judged.spans)}
    names |= {
        f"passage:{rank}": f"passage:{each.document}:{each.start}-{each.end}"
        for rank, each in enumerate(passages, start=1)
    }
    items = [names[item] for item in places(credit(judged.spans, passages))]
    scores = [passage.score for passage in passages]
    return list(zip(items, scores + scores[-1:] * (len(items) - len(scores)), strict=True))


def _span(span: GoldSpan) -> str:
    return f"span:{span.document}:{span.start}-{span.end}"


def _documents(response: Response | None) -> list[tuple[str, float]]:
    """The documents of a ranking, each with the score of its best passage."""
    best: dict[str, float] = {}
    for passage in response.passages if response else ():
        best.setdefault(passage.document, passage.score)
    return list(best.items())


def _ranked(rankings: Mapping[str, Sequence[tuple[str, float]]], run: Run) -> Iterator[str]:
    """The lines ``qid Q0 docid rank score tag`` of a TREC run."""
    asked = run.settings.asked
    tag = f"loccit-{asked.leg}" if asked.leg else asked.kind
    for question, ranking in rankings.items():
        scores = _decreasing([score for _, score in ranking])
        for rank, ((item, _), score) in enumerate(zip(ranking, scores, strict=True), start=1):
            yield f"{question} Q0 {item} {rank} {score:.9g} {tag}\n"


def _judged(grades: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """The lines ``qid 0 docid grade`` of TREC judgements."""
    for question, of in grades.items():
        for item, grade in of.items():
            yield f"{question} 0 {item} {grade}\n"


def _decreasing(scores: Sequence[float]) -> Iterator[float]:
    """The scores in single precision, as trec_eval reads them, lowered by one step wherever they do not fall.

    trec_eval ignores the rank column and breaks ties by document id, so equal scores would be reordered.
    """
    previous = np.float32(math.inf)
    for score in scores:
        previous = min(np.float32(score), np.nextafter(previous, np.float32(-math.inf)))
        yield float(previous)
