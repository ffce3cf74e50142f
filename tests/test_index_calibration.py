"""From features to probabilities, and what a file of them must hold."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from corpus.errors import SettingsError
from index.calibration import (
    DEFAULT_CALIBRATION,
    FEATURES,
    UNCALIBRATED,
    Calibration,
    Logistic,
    calibration_of,
    read_calibration,
)
from index.models import DEFAULT_MODEL, model_fingerprint, model_folder

FIRST_ONLY = (1.0, *[0.0] * (len(FEATURES) - 1))
BY_HAND = Calibration(passage=Logistic(FIRST_ONLY, -1.0), anything=Logistic((2.0,), 1.0), answered_from=0.6)


def rows(*firsts: float) -> np.ndarray:
    """Features of passages, all but the first 0."""
    return np.array([[first, *[0.0] * (len(FEATURES) - 1)] for first in firsts]).reshape(len(firsts), -1)


def test_confidence_by_hand() -> None:
    """A logit of 1 is a probability of e / (1 + e), one of 0 of a half."""
    confidences = BY_HAND.confidences(rows(2.0, 1.0))
    assert confidences is not None
    assert confidences == pytest.approx([math.e / (1 + math.e), 0.5])


def test_the_best_passage_decides_whether_anything_answers() -> None:
    """The greatest logit, 1, twice that and 1 more is 3."""
    assert BY_HAND.answerable(rows(0.0, 2.0, 1.0)) == pytest.approx(1 / (1 + math.exp(-3)))
    assert BY_HAND.answerable(np.zeros((0, len(FEATURES)))) == 0.0


@pytest.mark.parametrize(("probability", "answers"), [(0.6, True), (0.59, False)])
def test_answered_from_its_probability_on(probability: float, answers: bool) -> None:
    """The probability decides where there is one, whatever the cosines are."""
    assert BY_HAND.answers(probability, np.array([1.0], dtype=np.float32)) is answers


@pytest.mark.parametrize(("cosines", "answers"), [([0.2, 0.44], True), ([0.43], False), ([], False)])
def test_cosines_decide_where_nothing_is_calibrated(cosines: list[float], answers: bool) -> None:
    """Without numbers there is no probability, and the cosine of the best sentence decides."""
    assert UNCALIBRATED.confidences(rows(1.0)) is None
    assert UNCALIBRATED.answerable(rows(1.0)) is None
    assert UNCALIBRATED.answers(None, np.array(cosines, dtype=np.float64)) is answers


def test_the_default_calibration_is_whole() -> None:
    """The numbers that come with loccit are of these features, and of the default encoder, which they name."""
    found = read_calibration(DEFAULT_CALIBRATION)
    assert found.encoder == model_fingerprint(model_folder(DEFAULT_MODEL))
    assert found.passage is not None
    assert found.anything is not None
    assert 0 < found.answered_from < 1
    assert found.anything.weights[0] > 0


def test_a_calibration_goes_with_its_encoder(tmp_path: Path) -> None:
    """An encoder has the default numbers if they were fitted on it, else those that were given, if they were."""
    default = read_calibration(DEFAULT_CALIBRATION)
    assert default.encoder is not None
    assert calibration_of(default.encoder, None) == default
    assert calibration_of("another", None) == UNCALIBRATED
    path = tmp_path / "calibration.json"
    for encoder, words in (("another", "the encoder another"), (None, "an encoder that it does not name")):
        given = Calibration(encoder=encoder, passage=BY_HAND.passage, anything=BY_HAND.anything)
        path.write_bytes(msgspec.json.encode(given))
        with pytest.raises(SettingsError, match=f"was fitted on {words}, this one is {default.encoder}"):
            calibration_of(default.encoder, path)
        if encoder:
            assert calibration_of(encoder, path) == given


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "holds no calibration"),
        (b'{"answered_from": "high"}', "holds no calibration"),
        (msgspec.json.encode(Calibration(features=("match",))), "other features"),
        (msgspec.json.encode(Calibration(passage=Logistic((1.0,), 0.0))), "other features"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    """A file of something else, or of other features, is an error that says how to make one."""
    path = tmp_path / "calibration.json"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=words):
        read_calibration(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_calibration(tmp_path / "missing.json")
