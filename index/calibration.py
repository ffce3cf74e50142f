"""When a question counts as answered.

Confidence is not calibrated yet, so it stays null; the status comes from a simple rule on the best signal
measured so far, the cosine of the question with the best sentence of the passages found.
"""

import msgspec

__all__ = ["Calibration"]


class Calibration(msgspec.Struct, frozen=True):
    """The rule for ``no_match``: answered if some sentence's cosine is at least `answered_from`."""

    answered_from: float = 0.5

    def answers(self, best_sentence: float) -> bool:
        """Whether a question whose best sentence has that cosine counts as answered."""
        return best_sentence >= self.answered_from
