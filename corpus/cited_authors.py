"""Whose works a document cites, and which stretch of it names their authors or somebody else."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from corpus.authors import Naming, family_key, find_namings
from corpus.documents import Document, Work
from corpus.spans import Span

__all__ = ["Authors", "Cited", "Who"]

_WORD = re.compile(r"[^\W\d_]+")

Who = Literal["own", "other"] | None


class Cited:
    """The works that a group of markers cites: who wrote them, and the words of their titles."""

    def __init__(self, works: Iterable[tuple[Work, frozenset[int | None]]], titles: frozenset[str]) -> None:
        self.titles = titles
        self._by_family: dict[str, dict[int | None, tuple[Work, frozenset[int | None]]]] = {}
        for work, rivals in works:
            if work.first_author:
                self._by_family.setdefault(family_key(work.first_author), {})[work.year] = work, rivals

    def may_be_of(self, naming: Naming) -> bool:
        """Whether a naming may mean one of the works."""
        return any(
            naming.may_mean(work, rivals)
            for family in naming.families & self._by_family.keys()
            for work, rivals in self._by_family[family].values()
        )


class Authors:
    """The first authors of all works of a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._years: dict[str, Counter[int | None]] = {}
        """By first author: how many works there are of each year."""
        for work in {work.id: work for work in document.works.values()}.values():
            if work.first_author:
                self._years.setdefault(family_key(work.first_author), Counter())[work.year] += 1

    def rivals(self, work: Work) -> frozenset[int | None]:
        """The years of other works whose first author has the same name."""
        years = self._years.get(family_key(work.first_author), Counter()) if work.first_author else Counter()
        return frozenset(year for year, count in years.items() if count > (year == work.year))

    def who(self, span: Span, cited: Cited) -> Who:
        """Whether a stretch names the first author of what is cited, or else somebody else as an author."""
        namings = find_namings(self._document.text[span.start : span.end])
        if any(cited.may_be_of(naming) and not naming.passing for naming in namings):
            return "own"
        return "other" if any(self._is_other(naming, cited) for naming in namings) else None

    def _is_other(self, naming: Naming, cited: Cited) -> bool:
        """Whether a naming tells of somebody else's work, and not only in passing."""
        if naming.passing or cited.may_be_of(naming):
            return False
        known = naming.surely or any(family in self._years for family in naming.families)
        return known or (naming.word is not None and naming.word not in self._common)

    @cached_property
    def _common(self) -> frozenset[str]:
        """The words of the document that stand in small letters somewhere, and so are hardly names."""
        return frozenset(word for word in _WORD.findall(self._document.text) if word.islower())
