"""What speaks for a passage, by hand on two short pages."""

from pathlib import Path

import numpy as np
import pytest

from index.calibration import FEATURES
from index.evidence import STANDING
from index.searcher import Searcher
from tests.stores import read_pages, searcher_of

ALPHA = """====== Vertebroplasty ======

===== Pain =====

Neck pain eased in 12 patients after vertebroplasty. They were followed for 9 months.
"""
BETA = """====== Radiotherapy ======

===== Survival =====

Median survival was 14 months in 31 women. The dose was not told.
"""


@pytest.fixture(scope="module")
def searcher(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """A searcher of both pages."""
    folder = tmp_path_factory.mktemp("evidence")
    return searcher_of(read_pages(folder / "pages", alpha=ALPHA, beta=BETA), embedded_store, folder / "store")


def of_first(searcher: Searcher, question: str) -> dict[str, float]:
    """The features of the first passage, by their names."""
    return dict(zip(FEATURES, searcher.evidence(question).features[0].tolist(), strict=True))


def test_every_feature_of_every_passage(searcher: Searcher) -> None:
    """There is a finite number for each feature, and the rows are those of the answer."""
    found = searcher.evidence("In how many patients did neck pain ease?")
    assert found.features.shape == (2, len(FEATURES))
    assert np.isfinite(found.features).all()
    assert searcher.passages[int(found.rows[0])].document_id == "alpha"


def test_what_is_named_is_covered(searcher: Searcher) -> None:
    """A question in the passage's own words misses nothing; one on something else does."""
    own = of_first(searcher, "neck pain eased vertebroplasty")
    assert (own["covered"], own["missing"], own["unknown"], own["unmatched"]) == (1.0, 0.0, 0.0, 0.0)
    other = of_first(searcher, "neck pain eased radiotherapy")
    assert 0 < other["covered"] < 1
    assert other["missing"] > 0
    assert other["weakest word"] < own["weakest word"]


def test_what_no_passage_has_is_unknown(searcher: Searcher) -> None:
    """A word that stands nowhere is unknown, and misses in no passage alone."""
    found = of_first(searcher, "neck pain zebrafish")
    assert found["unknown"] > 0
    assert found["missing"] == 0


def test_numbers_are_looked_for(searcher: Searcher) -> None:
    """A number of the question that the passage has not is counted; so is a number that is asked for in vain."""
    assert of_first(searcher, "neck pain in 12 patients")["numbers missing"] == 0
    assert of_first(searcher, "neck pain in 24 patients")["numbers missing"] == 1
    assert of_first(searcher, "How many patients had neck pain?")["no number"] == 0
    without = searcher.evidence("How many months was the dose of radiotherapy told?")
    first = searcher.passages[int(without.rows[0])]
    assert first.document_id == "beta"


def test_the_first_is_ahead(searcher: Searcher) -> None:
    """The first passage is ahead of the mean, the others are behind it, by the same in all."""
    features = searcher.evidence("neck pain eased").features
    ahead = features[:, FEATURES.index("ahead of the rest")]
    assert ahead[0] > 0 > ahead[-1]
    assert ahead.sum() == pytest.approx(0, abs=1e-5)
    assert len(set(features[:, FEATURES.index("ahead of the next")].tolist())) == 1


def test_passages_can_be_left_out(searcher: Searcher) -> None:
    """Without the passage that answers, another is first."""
    answering = searcher.evidence("neck pain eased").rows[:1]
    left = searcher.evidence("neck pain eased", without=answering)
    assert set(left.rows.tolist()).isdisjoint(answering.tolist())
    assert len(left.rows) == 1


def test_what_only_left_out_passages_have_is_unknown(searcher: Searcher) -> None:
    """A term is as unknown without its only passage as if that had never been there, and misses in no other."""
    question = "vertebroplasty of the neck"
    whole = of_first(searcher, question)
    left = searcher.evidence(question, without=searcher.evidence(question).rows[:1]).features[0]
    assert whole["unknown"] == 0
    assert left[FEATURES.index("unknown")] == 1
    assert left[FEATURES.index("missing")] == 0


def test_a_question_without_words_has_features(searcher: Searcher) -> None:
    """Signs alone match nothing, and break nothing."""
    found = searcher.evidence("???")
    assert np.isfinite(found.features).all()
    assert found.features[0, FEATURES.index("words")] == 0
    assert len(found.rows) <= STANDING
