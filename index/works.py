"""The works that a snapshot's documents cite: their notes, and the passages that cite them."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from corpus import Passage, Work
from index.answers import NumberInDocument
from index.records import Records

__all__ = ["CitedWorks", "Note"]


_WORKS = """
SELECT work FROM notes WHERE ?1 IS NULL OR document IN (SELECT value FROM json_each(?1))
GROUP BY work ORDER BY min(row)
"""

_VERSIONS = """
SELECT body FROM notes WHERE work = ?2 AND (?1 IS NULL OR document IN (SELECT value FROM json_each(?1)))
ORDER BY row
"""


class Note(msgspec.Struct, frozen=True):
    """A citation as documents have it, word for word, and its numbers there."""

    text: str
    numbers: tuple[NumberInDocument, ...]


class CitedWorks:
    """The works that documents cite, all or some of them, by their ids, in the order in which they are first cited."""

    def __init__(self, records: Records, documents: Sequence[str] | None = None) -> None:
        self._records = records
        # Documents are named by a JSON array, since a query has no place for a list.
        self._within = None if documents is None else msgspec.json.encode(documents).decode()

    @property
    def ids(self) -> Sequence[str]:
        """The ids of all works."""
        found = self._records.select(_WORKS, self._within)
        return tuple(work for (work,) in found)

    def find(self, identity: str) -> str | None:
        """The id of the work that somebody names by its id, or by any DOI, PMID or PMCID that one of its notes carries.

        ``doi:`` and ``pmid:`` may be left out, and case makes no difference. An identifier that the notes on several
        works carry finds the one that is known by it, if there is such a work.
        """
        named = _normalised(identity)
        for known in (identity, named):
            if self._records.select("SELECT 1 FROM notes WHERE work = ? LIMIT 1", known):
                return known
        carriers = self._records.select("SELECT work FROM identifiers WHERE identifier = ? LIMIT 2", named)
        return carriers[0][0] if len(carriers) == 1 else None

    def versions(self, work_id: str) -> Sequence[Work]:
        """A work as the notes of the documents have it, each once, in the order of the documents."""
        found = self._records.select(_VERSIONS, self._within, work_id)
        return tuple(msgspec.json.decode(body, type=Work) for body in dict.fromkeys(body for (body,) in found))

    def notes(self, work_id: str) -> tuple[Note, ...]:
        """What the documents have on a work, word for word, with its numbers there."""
        numbers: defaultdict[str, list[NumberInDocument]] = defaultdict(list)
        found = self._records.select("SELECT body, document, number FROM notes WHERE work = ? ORDER BY row", work_id)
        for body, document, number in found:
            numbers[msgspec.json.decode(body, type=Work).text].append(NumberInDocument(document, number))
        return tuple(Note(text, tuple(places)) for text, places in numbers.items())

    def passages(self, work_id: str) -> Sequence[Passage]:
        """The passages that cite a work, in the order of the documents."""
        found = self._records.select("SELECT passage FROM citations WHERE work = ? ORDER BY passage", work_id)
        return tuple(self._records.passages[row] for (row,) in found)


def _normalised(identity: str) -> str:
    """An identifier under its kind, in lower case."""
    lower = identity.lower()
    kind = "doi" if lower.startswith("10.") else "pmcid" if lower.startswith("pmc") else "pmid"
    bare = kind != "pmid" or lower.isdecimal()
    return f"{kind}:{lower}" if bare and not lower.startswith("pmcid:") else lower
