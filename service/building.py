"""``loccit build``: sources read, a snapshot built, and a summary of what became of each source."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from corpus import Form
from corpus.errors import SettingsError, SourceError
from corpus.sources import Collection, read_sources
from index import BuildSettings, Store
from index.build import Build, build_snapshot
from index.build import Progress as BuildProgress
from service.counting import counted

__all__ = ["build_sources", "building_stages", "counter", "progress_bar", "report_findings"]

_STAGES = {
    "encoder": "Preparing the encoder",
    "passages": "Cutting passages",
    "vectors": "Encoding texts",
    "index": "Indexing",
}


def build_sources(sources: Sequence[Path], store: Path, *, form: Form | None, settings: dict[str, Any]) -> None:
    """Builds and publishes a snapshot, with a progress bar and a summary on standard error.

    Raises `SourceError` if no source could be read; what could not be read is named first.
    """
    _check_store(store, sources)
    console = Console(stderr=True, highlight=False)
    with progress_bar(console) as progress:
        reading = progress.add_task("Reading sources", total=None)
        collection = read_sources(sources, form=form, progress=lambda name: progress.advance(reading))
        report_findings(console, collection)
        if not collection.documents:
            raise SourceError("No source could be read, so no snapshot was built.")
        built = build_snapshot(
            collection.documents,
            Store(store),
            msgspec.convert(settings, BuildSettings),
            progress=building_stages(progress),
        )
    _summarise(console, built, collection)


def building_stages(progress: Progress) -> BuildProgress:
    """What a build calls with its progress, shown as a bar for each stage."""
    tasks = {stage: progress.add_task(words, total=None, visible=False) for stage, words in _STAGES.items()}

    def show(stage: str, done: int, total: int) -> None:
        progress.update(tasks[stage], completed=done, total=total, visible=True)

    return show


def counter(progress: Progress, words: str) -> Callable[[int, int], None]:
    """What is called with how much is done and how much there is, shown as one bar."""
    task = progress.add_task(words, total=None)

    def show(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)

    return show


class _Rate(ProgressColumn):
    """How many are done a second, once that is known."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if not speed else f"{speed:.0f}/s" if speed >= 10 else f"{speed:.1f}/s")


def progress_bar(console: Console) -> Progress:
    """A bar with counts, the rate, the time gone by and the time that is left."""
    return Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )


def _check_store(store: Path, sources: Sequence[Path]) -> None:
    """Raises `SettingsError` for a store that a later build would read as a source."""
    for source in sources:
        if not store.resolve().is_relative_to(source.resolve()):
            continue
        below = store.resolve().relative_to(source.resolve())
        if not any(part.startswith(".") for part in below.parts):
            raise SettingsError(f"The store {store} lies inside the source {source}. Name another folder with --out.")


def report_findings(console: Console, collection: Collection) -> None:
    """Names what was left out of the sources, and what must be known of the rest."""
    for finding in collection.findings:
        label = "Left out" if finding.kind == "unreadable" else finding.severity.capitalize()
        console.print(f"{label}: {finding.source} {finding.message}", markup=False, soft_wrap=True)


def _summarise(console: Console, built: Build, collection: Collection) -> None:
    """What was built, and how many findings there are: as many as ``loccit audit`` has of the same sources."""
    manifest = built.manifest
    skipped = sum(finding.kind == "unreadable" for finding in collection.findings)
    console.print(
        f"{counted(manifest.documents, 'document')}, {counted(manifest.passages, 'passage')}, "
        f"{counted(manifest.works, 'work')} cited" + (f"; {counted(skipped, 'source')} left out" if skipped else ""),
        markup=False,
        soft_wrap=True,
    )
    if findings := (*collection.findings, *built.findings):
        errors = sum(finding.severity == "error" for finding in findings)
        console.print(f"{counted(len(findings), 'finding')}, {counted(errors, 'error')} among them: see loccit audit")
    if manifest.precision == "fp32" and manifest.fidelity:
        console.print(
            f"Note: int8 weights would cost {manifest.settings.model} too much (mean cosine with its own vectors "
            f"{manifest.fidelity.mean:.3f}, least {manifest.fidelity.least:.3f}, {manifest.fidelity.texts} texts): "
            "the encoder keeps fp32 weights, which take four times the space and more time.",
            markup=False,
            soft_wrap=True,
        )
    if withdrawn := Store(built.folder.parent.parent).withdrawn():
        console.print(f"Still withdrawn: {', '.join(sorted(withdrawn))}", markup=False, soft_wrap=True)
    state = "lay ready" if built.reused else f"built, {counted(built.encoded, 'text')} encoded"
    console.print(
        f"Snapshot {manifest.id} {state}; published in {built.folder.parent.parent}", markup=False, soft_wrap=True
    )
