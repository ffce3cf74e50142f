"""From what speaks for an answer to the probability that it is one.

The numbers are fitted by ``loccit eval calibrate`` on questions whose answers are known to be in a corpus or not to
be, and belong to the encoder that they name: those of ``data/calibration.json`` to the default one. A snapshot of
another encoder has none unless its build was given some; its answers have no confidence, and the cosine of the best
sentence decides alone.
"""

from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from corpus.errors import SettingsError
from index.encoder import Vectors

__all__ = [
    "DEFAULT_CALIBRATION",
    "FEATURES",
    "UNCALIBRATED",
    "Calibration",
    "Features",
    "Logistic",
    "Probabilities",
    "calibration_of",
    "read_calibration",
]

Features = npt.NDArray[np.float64]
"""Features of passages, of shape ``(passages, features)``."""

FEATURES = (
    "match",  # late interaction with the passage, its title, headings and lead
    "sentence match",  # with its best sentence
    "weakest word",  # how well the content word of the question that matches least is matched
    "second weakest word",
    "unmatched",  # the share of the question's idf whose words match less than .6
    "cosine",
    "sentence cosine",
    "covered",  # the share of the idf of known concepts that the passage has by name
    "missing",  # the idf of the rarest known concept that it has not, of the greatest there can be
    "numbers missing",  # how many numbers of the question it has not, 2 at most
    "unknown",  # the share of the question's idf that no passage has
    "no number",  # whether a number is asked for, and its best sentence has none
    "ahead of the next",  # of the score
    "ahead of the rest",  # of the mean score of the first ten
    "words",  # how many content words the question has, of twelve at most
)
"""The names of the features, in their order."""

DEFAULT_CALIBRATION = Path(__file__).parent / "data" / "calibration.json"
"""The calibration of the default encoder."""

_NEAR = 0.44
"""The least cosine of a best sentence that counts as an answer where nothing is calibrated."""

Probabilities = npt.NDArray[np.float64]


class Logistic(msgspec.Struct, frozen=True):
    """A logistic regression: ``p = 1 / (1 + exp(-(features · weights + bias)))``.

    >>> Logistic((2.0,), -1.0).probabilities(np.array([[0.5], [1.0]])).round(3).tolist()
    [0.5, 0.731]
    """

    weights: tuple[float, ...]
    bias: float

    def logits(self, features: Features) -> Probabilities:
        """The logits of rows of features, of shape ``(rows,)``."""
        # Not a matrix product, which adds up in another order where there are other rows.
        logits: Probabilities = np.einsum("ij,j->i", features, np.array(self.weights)) + self.bias
        return logits

    def probabilities(self, features: Features) -> Probabilities:
        """The probabilities of rows of features, of shape ``(rows,)``."""
        probabilities: Probabilities = 1 / (1 + np.exp(-self.logits(features)))
        return probabilities


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """`passage` gives the probability that a passage answers, from `FEATURES`, and `anything` that any does.

    The latter has one feature, the greatest logit of the best passages. A question counts as answered from
    `answered_from` on. `features` are those for which the weights were fitted, and `encoder` is the fingerprint of
    the encoder's model; null where there are no weights.
    """

    encoder: str | None = None
    features: tuple[str, ...] = FEATURES
    passage: Logistic | None = None
    anything: Logistic | None = None
    answered_from: float = 0.5

    def confidences(self, features: Features) -> Probabilities | None:
        """The probability that each passage answers, of shape ``(passages,)``."""
        return None if self.passage is None else self.passage.probabilities(features)

    def answerable(self, features: Features) -> float | None:
        """The probability that any of some passages answers, 0 without passages."""
        if self.passage is None or self.anything is None:
            return None
        if not len(features):
            return 0.0
        greatest = self.passage.logits(features).max()
        return float(self.anything.probabilities(np.array([[greatest]]))[0])

    def answers(self, answerable: float | None, cosines: Vectors) -> bool:
        """Whether a question counts as answered, by that probability, or else by the best sentences' cosines."""
        if answerable is None:
            return len(cosines) > 0 and float(cosines.max()) >= _NEAR
        return answerable >= self.answered_from


UNCALIBRATED = Calibration()
"""That of an encoder for which nothing was fitted."""


def calibration_of(encoder: str, given: Path | None) -> Calibration:
    """The calibration in a file that was given, else the default one, if it was fitted on this encoder.

    `encoder` is the fingerprint of its model. Raises `SettingsError` as `read_calibration` does, and where what was
    given was fitted on another encoder.
    """
    found = read_calibration(given or DEFAULT_CALIBRATION)
    if found.encoder == encoder:
        return found
    if given is None:
        return UNCALIBRATED
    fitted = f"the encoder {found.encoder}" if found.encoder else "an encoder that it does not name"
    raise SettingsError(
        f"{given} was fitted on {fitted}, this one is {encoder}. Make a new one with: loccit eval calibrate."
    )


def read_calibration(path: Path) -> Calibration:
    """The calibration in a file. Raises `SettingsError` if it cannot be read, or is of other features."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Calibration)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} holds no calibration ({error}). Make one with: loccit eval calibrate.") from error
    fitting = all(len(each.weights) == n for each, n in ((found.passage, len(FEATURES)), (found.anything, 1)) if each)
    if found.features != FEATURES or not fitting:
        raise SettingsError(f"{path} was fitted on other features. Make a new one with: loccit eval calibrate.")
    return found
