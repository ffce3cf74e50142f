"""To which reference a callout leads: by its id and, where several references have that id, by what it prints."""

from corpus.readers.jats_callouts import ReferenceOrder

__all__ = ["Targets"]


class Targets:
    """The references behind each id to which a callout may point.

    >>> targets = Targets(ReferenceOrder({1: "1", 2: "2", 3: "3"}))
    >>> for identity, number in (("r1", 1), ("r2", 2), ("r2", 3)):
    ...     targets.add(identity, number, None)
    >>> targets.find("r1", "*"), targets.find("r2", "[3]"), targets.find("r2", "*")
    (1, 3, None)
    """

    def __init__(self, order: ReferenceOrder) -> None:
        self._order = order
        self._known: dict[str, dict[str, int]] = {}
        """Under each id, the number that stands for each work."""
        self._printed: dict[tuple[str, str], set[int]] = {}
        """Under each id and printed number, those numbers."""

    def __contains__(self, identity: str) -> bool:
        return identity in self._known

    def add(self, identity: str, number: int, work: str | None) -> None:
        """Gives an id to the reference of a number; of two to the same work the first stands for both."""
        first = self._known.setdefault(identity, {}).setdefault(work or f"number {number}", number)
        self._printed.setdefault((identity, self._order.printed(number)), set()).add(first)

    def find(self, identity: str, printed: str) -> int | None:
        """The one reference to which a callout leads; None where several may be meant, or there is none."""
        works = self._known.get(identity, {})
        if len(works) == 1:
            return next(iter(works.values()))
        shown = self._printed.get((identity, self._order.figures(printed)), ())
        return next(iter(shown)) if len(shown) == 1 else None
