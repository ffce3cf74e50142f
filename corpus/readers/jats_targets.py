"""To which reference a callout leads: by its id and, where several references have that id, by what it prints.

A letter or an answer that is published within an article (``<sub-article>``, ``<response>``) is a scope of its own: it
may have a list whose ids are those of the article's list again.
"""

from collections import defaultdict

from corpus.readers.jats_callouts import ReferenceOrder
from corpus.readers.jats_xml import Element

__all__ = ["SCOPES", "Scope", "Targets", "scope_of"]

SCOPES = frozenset({"sub-article", "response"})
Scope = Element | None
"""The part of an article that has references of its own; None is the article itself."""


def scope_of(element: Element) -> Scope:
    """The scope in which an element stands."""
    return next(element.iterancestors(*SCOPES), None)


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
        self._known: dict[tuple[Scope, str], dict[str, int]] = {}
        """In each scope and under each id, the number that stands for each work."""
        self._printed: dict[tuple[Scope, str, str], set[int]] = {}
        """In each scope, under each id and printed number, those numbers."""
        self._scopes: defaultdict[str, list[Scope]] = defaultdict(list)
        """The scopes that have an id."""
        self._closed: set[Scope] = set()
        """Those with an id that another has, too: what they lack is not meant by an id of another's list."""

    def __contains__(self, identity: str) -> bool:
        return identity in self._scopes

    def add(self, identity: str, number: int, work: str | None, scope: Scope = None) -> None:
        """Gives an id to the reference of a number; of two to the same work the first stands for both."""
        first = self._known.setdefault((scope, identity), {}).setdefault(work or f"number {number}", number)
        self._printed.setdefault((scope, identity, self._order.printed(number)), set()).add(first)
        if scope not in self._scopes[identity]:
            self._scopes[identity].append(scope)
            self._closed |= set(self._scopes[identity]) if len(self._scopes[identity]) > 1 else set()

    def find(self, identity: str, printed: str, scope: Scope = None) -> int | None:
        """The one reference to which a callout leads; None where several may be meant, or there is none."""
        if not self.reaches(identity, scope):
            return None
        scope = self._meant(identity, scope)
        works = self._known[scope, identity]
        if len(works) == 1:
            return next(iter(works.values()))
        shown = self._printed.get((scope, identity, self._order.figures(printed)), ())
        return next(iter(shown)) if len(shown) == 1 else None

    def reaches(self, identity: str, scope: Scope = None) -> bool:
        """Whether an id can be meant by a callout that stands in some scope."""
        return (self._meant(identity, scope), identity) in self._known

    def _meant(self, identity: str, scope: Scope) -> Scope:
        """The scope whose list has an id: the callout's own, else those around it, else the only one."""
        while (scope, identity) not in self._known and scope not in self._closed:
            if scope is None:
                only = self._scopes.get(identity, [])
                return only[0] if len(only) == 1 else None
            scope = scope_of(scope)
        return scope
