"""Settings swept: the same questions over every combination, so that quality can be weighed against cost."""

import itertools
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from corpus.documents import Document
from corpus.errors import SettingsError
from eval.intervals import Estimate
from eval.reports import Report, leading, telling
from eval.runs import run
from eval.targets import SearcherTarget
from index.answers import Leg
from index.build import build_snapshot
from index.fusion import LEXICAL_WEIGHT
from index.manifest import LAYOUT, BuildSettings
from index.models import DEFAULT_MODEL
from index.searcher import Searcher
from index.snapshot import Snapshot
from index.store import Store

__all__ = ["Grid", "Sweep", "SweepPoint", "sweep"]

_ENCODER = f"{LAYOUT.encoder}/"


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a sweep. Weights count for the hybrid leg alone."""

    models: tuple[str, ...] = (DEFAULT_MODEL,)
    chunk_tokens: tuple[int, ...] = (BuildSettings().chunk_tokens,)
    legs: tuple[Leg, ...] = ("hybrid",)
    lexical_weights: tuple[float, ...] = (LEXICAL_WEIGHT,)

    def builds(self) -> list[BuildSettings]:
        """The snapshots that are needed, those of one model one after the other."""
        both = dict.fromkeys(itertools.product(self.models, self.chunk_tokens))
        return [BuildSettings(model=model, chunk_tokens=size) for model, size in both]

    def rankings(self) -> list[tuple[Leg, float | None]]:
        """The ways to rank each of them."""
        fused = [("hybrid", weight) for weight in dict.fromkeys(self.lexical_weights)]
        return [each for leg in dict.fromkeys(self.legs) for each in (fused if leg == "hybrid" else [(leg, None)])]  # type: ignore[misc]


class SweepPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One combination of settings, and what it gives.

    `lexical_weight` is null for a leg that does not fuse. `index_bytes` is the size of the snapshot without its
    encoder, `p50_ms` the median time that a question took, `run` the folder of its run beside the sweep's own.
    """

    model: str
    chunk_tokens: int
    leg: Leg
    lexical_weight: float | None
    passages: int
    index_bytes: int
    p50_ms: float
    run: str
    measures: dict[str, Estimate]


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """All combinations, over the same questions; `leading` is the measure by which they are plotted."""

    questions: str
    split: str | None
    n: int
    answerable: int
    leading: str
    points: tuple[SweepPoint, ...]


def sweep(
    documents: Sequence[Document],
    questions: Path,
    grid: Grid,
    *,
    out: Path,
    split: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Sweep:
    """Build, ask and score every combination, each in a run folder ``out/runs/…`` of its own.

    All snapshots lie in the store ``out/store``, and each text is encoded once by each model. `progress` is
    called with how many combinations are done, and how many there are.

    Raises `SettingsError` for an empty grid, and what `build_snapshot` and `run` raise.
    """
    total = len(grid.builds()) * len(grid.rankings())
    if not total:
        raise SettingsError("The sweep has nothing to try. Give at least one value of each setting.")
    store = Store(out / "store")
    points: list[SweepPoint] = []
    reports: list[Report] = []
    for settings in grid.builds():
        build_snapshot(documents, store, settings)
        snapshot = Snapshot.open(store)
        for leg, weight in grid.rankings():
            name = f"{len(points) + 1:02}-{_name(settings, leg, weight)}"
            # What an earlier sweep left here, finished or not, is made anew.
            shutil.rmtree(out / "runs" / name, ignore_errors=True)
            reports.append(run(_target(snapshot, leg, weight), questions, out=out / "runs" / name, split=split))
            points.append(_point(snapshot, leg, weight, name, reports[-1]))
            progress(len(points), total)
    return Sweep(
        questions=questions.name,
        split=split,
        n=reports[-1].overall.n,
        answerable=reports[-1].overall.answerable,
        leading=leading(reports[-1].overall.measures),
        points=tuple(points),
    )


def _target(snapshot: Snapshot, leg: Leg, weight: float | None) -> SearcherTarget:
    searcher = Searcher(snapshot, lexical_weight=LEXICAL_WEIGHT if weight is None else weight)
    settings = {**msgspec.structs.asdict(snapshot.manifest.settings), "lexical_weight": weight}
    return SearcherTarget(searcher, leg=leg, settings=settings)


def _point(snapshot: Snapshot, leg: Leg, weight: float | None, name: str, report: Report) -> SweepPoint:
    manifest = snapshot.manifest
    return SweepPoint(
        model=manifest.settings.model,
        chunk_tokens=manifest.settings.chunk_tokens,
        leg=leg,
        lexical_weight=weight,
        passages=manifest.passages,
        index_bytes=sum(file.size for path, file in manifest.files.items() if not path.startswith(_ENCODER)),
        p50_ms=report.speed.p50 if report.speed else 0.0,
        run=f"runs/{name}",
        measures={name: report.overall.measures[name] for name in telling(report)},
    )


def _name(settings: BuildSettings, leg: Leg, weight: float | None) -> str:
    """What a combination is, as part of the name of its run folder."""
    model = Path(settings.model).name
    return "-".join([model, str(settings.chunk_tokens), leg, *([] if weight is None else [f"{weight:g}"])])
