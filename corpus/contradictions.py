"""Where the identifiers of notes contradict each other, or the notes themselves."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from corpus.documents import Document, Work
from corpus.work_signs import key_of_words
from corpus.works import alike, meeting

__all__ = ["Contradiction", "ContradictionKind", "Place", "contradictions"]

ContradictionKind = Literal["different-notes", "different-identifiers"]
"""``different-notes``: one identifier, but notes that are clearly on different works. ``different-identifiers``: one
work, told by the first of the identifiers or, where none is shared, by the words of the notes, but several PMIDs or
DOIs."""


class Place(msgspec.Struct, frozen=True, order=True):
    """A reference of a document, by its number."""

    document: str
    number: int


class Contradiction(msgspec.Struct, frozen=True):
    """Notes of which at least one must be wrong, at their places; `identifiers` are such as ``pmid:7``."""

    kind: ContradictionKind
    identifiers: tuple[str, ...]
    places: tuple[Place, ...]


def contradictions(documents: Iterable[Document]) -> tuple[Contradiction, ...]:
    r"""The contradictions between the notes of some documents, in the order of their identifiers. Linear in time.

    It makes no difference whether the documents have been through `corpus.works.unify`.

    >>> from corpus.sources import read_text
    >>> notes = "1)\nAsh B. On the height of trees. PMID: 7.\n2)\nFir C. Why do some apples fall? PMID: 7.\n"
    >>> for found in contradictions([read_text(f"One.1) Two.2)\n\n{notes}", identity="page", form="dokuwiki-export")]):
    ...     print(found.kind, *found.identifiers, [place.number for place in found.places])
    different-notes pmid:7 [1, 2]
    """
    places: defaultdict[Work, list[Place]] = defaultdict(list)
    for document in documents:
        for reference in document.references:
            places[reference.work].append(Place(document.id, reference.number))
    found: dict[tuple[Place, ...], Contradiction] = {}
    for kind, identifiers, works in _all(list(places)):
        at = tuple(sorted(place for work in works for place in places[work]))
        found.setdefault(at, Contradiction(kind, identifiers, at))
    return tuple(sorted(found.values(), key=lambda each: (each.identifiers, each.places)))


def _all(works: Sequence[Work]) -> Iterator[tuple[ContradictionKind, tuple[str, ...], Sequence[Work]]]:
    for key in (_pmid, _doi):
        for identifier, sharing in meeting(works, key).items():
            if len(alike(sharing)) > 1:
                yield "different-notes", (identifier,), sharing
            elif others := _several(sharing, _doi if key is _pmid else _pmid):
                yield "different-identifiers", (identifier, *others), sharing
    for sharing in meeting(works, key_of_words).values():
        if others := _several(sharing, _pmid) or _several(sharing, _doi):
            yield "different-identifiers", others, sharing


def _several(works: Sequence[Work], key: Callable[[Work], str | None]) -> tuple[str, ...]:
    """The identifiers of some works, where there is more than one."""
    values = sorted({value for work in works if (value := key(work))})
    return tuple(values) if len(values) > 1 else ()


def _pmid(work: Work) -> str | None:
    return work.pmid and f"pmid:{work.pmid}"


def _doi(work: Work) -> str | None:
    return work.doi and f"doi:{work.doi.lower()}"
