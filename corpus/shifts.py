"""What is said of words that stand, but not at the offsets at which they stood."""

import msgspec

from corpus.spans import Span
from corpus.targets import Target

__all__ = ["Shift"]


class Shift(msgspec.Struct, frozen=True):
    """Words of a target that stand at another place.

    `before` is the folded text before them; `around` tells that all that is known of their surroundings is as it was.

    >>> target = Target.quoted("It rose.", start=10, end=18, document="page")
    >>> Shift(target, "page", Span(11, 19), before="Pain eased.", around=False).reason
    '1 character more stands before them.'
    """

    target: Target
    document: str
    span: Span
    before: str
    around: bool

    @property
    def reason(self) -> str:
        """What happened to them, as far as it is known, in a sentence."""
        if self.target.document not in {None, self.document}:
            return "The words stand in another document."
        if self.target.start is None or self.target.start == self.span.start:
            return "The words begin where they began; only marks, white space or signs among them changed."
        if self.target.before is not None and self.target.before == self.before:
            return "Only marks, white space or signs before them changed."
        if not self.target.surroundings.known:
            return f"{self._more}."
        if self.around:
            return f"{self._more}; what is known to have stood around them is as it was."
        return f"{self._more}; not all that stood around them is as it was."

    @property
    def _more(self) -> str:
        count = self.span.start - (self.target.start or 0)
        characters = "1 character" if abs(count) == 1 else f"{abs(count):,} characters"
        return f"{characters} {'more' if count > 0 else 'fewer'} {'stands' if abs(count) == 1 else 'stand'} before them"
