"""The works that a snapshot's documents cite: their notes, and the passages that cite them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from corpus import Document, Passage, Work
from index.answers import NumberInDocument

__all__ = ["CitedWorks", "Note"]


class Note(msgspec.Struct, frozen=True):
    """A citation as documents have it, word for word, and its numbers there."""

    text: str
    numbers: tuple[NumberInDocument, ...]


class CitedWorks:
    """The works of some documents by their ids, in the order in which they are first cited."""

    def __init__(self, documents: Iterable[Document], passages: Iterable[Passage]) -> None:
        self._notes: defaultdict[str, defaultdict[Work, list[NumberInDocument]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._passages: defaultdict[str, list[Passage]] = defaultdict(list)
        self._carriers: defaultdict[str, set[str]] = defaultdict(set)
        for document in documents:
            for reference in document.references:
                work = reference.work
                self._notes[work.id][work].append(NumberInDocument(document.id, reference.number))
                for identifier in work.identifiers:
                    self._carriers[identifier].add(work.id)
        for passage in passages:
            for citation in passage.citations:
                self._passages[citation.reference].append(passage)

    @property
    def ids(self) -> Sequence[str]:
        """The ids of all works."""
        return tuple(self._notes)

    def find(self, identity: str) -> str | None:
        """The id of the work that somebody names by its id, or by any DOI, PMID or PMCID that one of its notes carries.

        ``doi:`` and ``pmid:`` may be left out, and case makes no difference. An identifier that the notes on several
        works carry finds the one that is known by it, if there is such a work.
        """
        if identity in self._notes:
            return identity
        named = _normalised(identity)
        carriers = {named} if named in self._notes else self._carriers.get(named, set())
        return next(iter(carriers)) if len(carriers) == 1 else None

    def versions(self, work_id: str) -> Sequence[Work]:
        """A work as the notes of the documents have it, each once, in the order of the documents."""
        return tuple(self._notes[work_id])

    def notes(self, work_id: str) -> tuple[Note, ...]:
        """What the documents have on a work, word for word, with its numbers there."""
        numbers: defaultdict[str, list[NumberInDocument]] = defaultdict(list)
        for work, places in self._notes[work_id].items():
            numbers[work.text] += places
        return tuple(Note(text, tuple(places)) for text, places in numbers.items())

    def passages(self, work_id: str) -> Sequence[Passage]:
        """The passages that cite a work, in the order of the documents."""
        return self._passages.get(work_id, ())


def _normalised(identity: str) -> str:
    """An identifier under its kind, in lower case."""
    lower = identity.lower()
    kind = "doi" if lower.startswith("10.") else "pmcid" if lower.startswith("pmc") else "pmid"
    bare = kind != "pmid" or lower.isdecimal()
    return f"{kind}:{lower}" if bare and not lower.startswith("pmcid:") else lower
