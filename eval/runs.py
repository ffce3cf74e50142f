"""A run: a question set put to a target, and the folder that keeps what came of it."""

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from corpus.errors import RunError, SettingsError
from eval.crediting import Indexed, indexed
from eval.questions import Question, read_questions
from eval.reports import Machine, Report, Settings
from eval.responses import Response
from eval.run_folder import RunFolder
from eval.scoring import Judged
from eval.spans import GoldSpan, locate
from eval.targets import Target

__all__ = ["DEPTH", "Progress", "QuestionSource", "judge", "run", "run_judged"]

DEPTH = 10
"""The fewest passages that the measures can be taken on."""

Progress = Callable[[int, int], None]
"""Called with how many questions have been asked, and how many there are."""


class QuestionSource(msgspec.Struct, frozen=True):
    """Where questions come from: the name and SHA-256 of their file, and the split that was taken of it."""

    name: str
    sha256: str
    split: str | None = None


def run(
    target: Target,
    questions: Path,
    *,
    out: Path,
    split: str | None = None,
    k: int = DEPTH,
    resume: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Put the questions of a file to a target and write the run folder `out`.

    Two runs of the same questions on the same snapshot write the same bytes but for times. All that can be
    refused is refused before the first question is asked. With `resume` only the questions that have no
    response yet, or a failed one, are asked.

    Raises `QuestionSetError` for the question set, `SettingsError` for `k`, `RunError` for `out`, and `TargetError`
    if the target stops answering: what has come is kept, and the run can be resumed.
    """
    judged = judge(target, read_questions(questions, split))
    source = QuestionSource(questions.name, hashlib.sha256(questions.read_bytes()).hexdigest(), split)
    return run_judged(target, judged, source, out=out, k=k, resume=resume, progress=progress)


def run_judged(
    target: Target,
    judged: Sequence[Judged],
    source: QuestionSource,
    *,
    out: Path,
    k: int = DEPTH,
    resume: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """As `run`, of questions already judged."""
    if k < DEPTH:
        raise SettingsError(f"k is {k}, but the measures look at {DEPTH} passages. Ask for more.")
    if target.max_k is not None and k > target.max_k:
        raise SettingsError(
            f"k is {k}, but at most {target.max_k} passages can be had of {target.asked.name}. Ask for fewer."
        )
    folder = RunFolder(out)
    settings = Settings(
        questions=source.name,
        questions_sha256=source.sha256,
        split=source.split,
        k=k,
        asked=target.asked,
        documents=len(target.documents) or None,
        versions=_versions(),
        machine=_machine(),
    )
    missing = _begin(folder, settings, judged, resume=resume)
    _ask(folder, target.responses([each.question for each in missing], k), len(missing), progress)
    return folder.finish()


def judge(target: Target, questions: Iterable[Question]) -> tuple[Judged, ...]:
    """The questions with the places of their evidence in the target's documents, and how its index holds them.

    Raises `QuestionSetError` where a quote does not stand in its document, `SettingsError` where none is known.
    """
    judged = []
    held: dict[str, tuple[GoldSpan, ...] | None] = {}
    for question in questions:
        quoted = any(evidence.quote is not None for evidence in question.evidence)
        if quoted and not len(target.documents):
            fault = "The evidence is quoted, and there is no document to find it in."
            raise SettingsError(f"{fault} Name a store of the same sources with --index.")
        # Two quotes may stand in one place, which is one item to be found.
        spans = tuple(dict.fromkeys(locate(question, target.documents))) if quoted else ()
        for document in {span.document for span in spans} - held.keys():
            held[document] = _held(target, document)
        judged.append(Judged(question, spans, _indexed(spans, held)))
    return tuple(judged)


def _held(target: Target, document: str) -> tuple[GoldSpan, ...] | None:
    passages = target.passages_of(document)
    return None if passages is None else tuple(GoldSpan(document, each.start, each.end) for each in passages)


def _indexed(spans: Sequence[GoldSpan], held: dict[str, tuple[GoldSpan, ...] | None]) -> tuple[Indexed, ...] | None:
    passages = [(span, held[span.document]) for span in spans]
    if any(of is None for _, of in passages):
        return None
    return tuple(indexed(span, of or ()) for span, of in passages)


def _begin(folder: RunFolder, settings: Settings, judged: Sequence[Judged], *, resume: bool) -> tuple[Judged, ...]:
    """The questions left to ask."""
    if not resume or not folder.settings.exists():
        folder.begin(settings, judged)
        return tuple(judged)
    before = folder.read()
    if before.settings != settings:
        names = [
            name for name in settings.__struct_fields__ if getattr(settings, name) != getattr(before.settings, name)
        ]
        raise RunError(
            f"{folder.path} holds a run with other settings ({', '.join(names)}), which cannot be resumed. "
            "Ask as before, or begin a new run in another folder."
        )
    folder.measures.unlink(missing_ok=True)
    return before.missing


def _ask(folder: RunFolder, responses: Iterable[Response], total: int, progress: Progress) -> None:
    for done, _ in enumerate(folder.keep(responses), start=1):
        progress(done, total)


def _versions() -> dict[str, str | None]:
    names = ("loccit", "ir_measures", "numpy", "onnxruntime", "scipy")
    return {"python": platform.python_version(), **{name: _version(name) for name in names}}


def _version(name: str) -> str | None:
    """Null for loccit where it runs from a checkout that is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _machine() -> Machine:
    return Machine(platform.system(), platform.processor() or platform.machine(), len(os.sched_getaffinity(0)))
