"""One paper is one Work everywhere: the notes of a collection joined by what they cite.

Notes join, surest sign first, by PMID, by DOI, by PMCID, by the same words, by the same words but for identifiers and
addresses, and by title, year, volume and first page. A join never brings together two PMIDs, nor two DOIs without a
common PMID. Where it would, none of the notes concerned join by that sign: which of them errs cannot be told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from corpus.csl import Item
from corpus.documents import Document, Reference, Work
from corpus.references import text_key, work_id
from corpus.unnamed import with_own_notes
from corpus.work_signs import SIGNS, TITLE_WORDS, address

__all__ = ["alike", "meeting", "unify"]

_KEPT = 8
"""With so many of the different notes behind one identifier is a note compared, which keeps the time linear."""


def unify(documents: Iterable[Document]) -> tuple[Document, ...]:
    r"""The documents, each reference pointing to the work that all notes on the same paper share.

    A work's id is its PMID, else its DOI, else that of its words; a note that names no work (``See above.``) has an id
    of its document's own. The `text` stays that of each document's own note, and so do the fields of its record, but
    for the identifiers that another note on the work carries and that no note on any other work does: they belong to
    the work. The order of the documents makes no difference. Linear in time.

    >>> from corpus.sources import read_text
    >>> note = "Smith A. On the height of trees. J Bot. 2001;1:2-9."
    >>> pages = [read_text(f"It rose. 1)\n\n1)\n{note}{more}\n", identity=name, form="dokuwiki-export")
    ...          for name, more in (("a", " PMID: 7."), ("b", ""))]
    >>> [reference.work.id for page in unify(pages) for reference in page.references]
    ['pmid:7', 'pmid:7']
    """
    documents = tuple(map(with_own_notes, documents))
    cited: defaultdict[Work, set[str]] = defaultdict(set)
    for document in documents:
        for reference in document.references:
            cited[reference.work].add(document.id)
    known = _known(cited)
    return tuple(_with_works(document, known) for document in documents)


def _with_works(document: Document, known: Mapping[Work, Work]) -> Document:
    references = tuple(Reference(each.number, known[each.work]) for each in document.references)
    return document if references == document.references else msgspec.structs.replace(document, references=references)


def _known(cited: Mapping[Work, set[str]]) -> dict[Work, Work]:
    """For each work as one note has it, the same as all notes have it."""
    works = sorted(cited, key=lambda work: (work.text, work.id))
    clusters = _Clusters(works)
    for sign in SIGNS:
        for sharing in meeting(works, sign.key).values():
            fullest = clusters.fullest(sharing)
            for group in alike(fullest) if sign.identifies else [fullest]:
                clusters.join(group, sign.single)
    groups = clusters.groups()
    holders = _holders(groups, cited)
    known = {}
    for at, group in enumerate(groups):
        identity = _identity(at, group, holders)
        for work in group:
            known[work] = msgspec.structs.replace(work, id=identity, csl=_completed(work.csl, group, holders))
    return known


def meeting(works: Iterable[Work], key: Callable[[Work], str | None]) -> dict[str, list[Work]]:
    """The works that have a key in common with another, by that key."""
    found: defaultdict[str, list[Work]] = defaultdict(list)
    for work in works:
        if value := key(work):
            found[value].append(work)
    return {value: sharing for value, sharing in found.items() if len(sharing) > 1}


def alike(works: Sequence[Work]) -> list[list[Work]]:
    """Notes that carry one identifier, parted where they are clearly different; mostly all are one group.

    Two notes on one paper share nearly all words, in whatever order; two papers of one group in one journal rarely
    half. A note of too few words contradicts no other.

    >>> from corpus.references import parse_work
    >>> notes = ["Ash B. On the height of trees. PMID: 7.", "Fir C. Why do some apples fall? PMID: 7.", "PMID: 7."]
    >>> [[work.text for work in group] for group in alike([parse_work(note) for note in notes])]
    [['Ash B. On the height of trees. PMID: 7.'], ['Fir C. Why do some apples fall? PMID: 7.'], ['PMID: 7.']]
    """
    parts: list[list[Work]] = []
    firsts: list[frozenset[str]] = []
    silent: list[Work] = []
    for words, work in sorted(((_words(work), work) for work in works), key=lambda each: (-len(each[0]), each[1].text)):
        at = next((at for at, first in enumerate(firsts[:_KEPT]) if 2 * len(words & first) >= len(words)), len(parts))
        if len(words) < TITLE_WORDS:
            silent.append(work)
        elif at < len(parts):
            parts[at].append(work)
        else:
            parts.append([work])
            firsts.append(words)
    if len(parts) == 1:
        parts[0] += silent
        return parts
    return [*parts, silent] if silent else parts


class _Clusters:
    """Works that were found to be the same, as disjoint sets of their rows."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._works = works
        self._rows = {work: row for row, work in enumerate(works)}
        self._parents = list(range(len(works)))
        self._fullest = list(works)
        self._carried = [
            {kind for kind, value in (("pmid", work.pmid), ("doi", work.doi), ("address", address(work))) if value}
            for work in works
        ]

    def fullest(self, works: Iterable[Work]) -> list[Work]:
        """For each set to which some works belong, its longest note, which tells best what it is on."""
        return [self._fullest[root] for root in sorted({self._root(self._rows[work]) for work in works})]

    def join(self, works: Iterable[Work], single: Iterable[str]) -> None:
        """Joins the sets of some works, unless more than one of the sets brings what is to be single."""
        roots = sorted({self._root(self._rows[work]) for work in works})
        if all(sum(kind in self._carried[root] for root in roots) <= 1 for kind in single):
            for root in roots[1:]:
                self._parents[root] = roots[0]
                self._carried[roots[0]] |= self._carried[root]
            self._fullest[roots[0]] = max((self._fullest[root] for root in roots), key=lambda work: len(work.text))

    def groups(self) -> list[list[Work]]:
        """The sets, each in the order of the works."""
        found: defaultdict[int, list[Work]] = defaultdict(list)
        for row, work in enumerate(self._works):
            found[self._root(row)].append(work)
        return list(found.values())

    def _root(self, row: int) -> int:
        while self._parents[row] != row:
            self._parents[row] = self._parents[self._parents[row]]
            row = self._parents[row]
        return row


_Holders = Mapping[str, list[int]]
"""The groups whose notes carry an identifier, those cited in most documents first; none first where two are equal."""


def _holders(groups: Sequence[Sequence[Work]], cited: Mapping[Work, set[str]]) -> _Holders:
    found: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for at, works in enumerate(groups):
        for work in works:
            for identifier in work.identifiers:
                found[identifier][at] |= cited[work]
    return {identifier: _ranked(by_group) for identifier, by_group in found.items()}


def _ranked(by_group: Mapping[int, set[str]]) -> list[int]:
    ranked = sorted(by_group, key=lambda at: -len(by_group[at]))
    tie = len(ranked) > 1 and len(by_group[ranked[0]]) == len(by_group[ranked[1]])
    return [-1, *ranked] if tie else ranked


def _identity(at: int, works: Sequence[Work], holders: _Holders) -> str:
    """The id of a group. An identifier that others carry too is that of the group cited in most documents."""
    own = sorted({each for work in works for each in work.identifiers if holders[each][0] == at})
    named = next((each for kind in ("pmid:", "doi:") for each in own if each.startswith(kind)), None)
    return named or min(_identity_of_words(work) for work in works)


def _completed(item: Item, works: Sequence[Work], holders: _Holders) -> Item:
    """The record with the identifiers of the group, where only one is known and no other group carries it."""
    missing = {}
    for kind in ("doi", "pmid", "pmcid"):
        if getattr(item, kind) is None:
            values = {value for work in works if (value := getattr(work, kind))}
            sure = [value for value in values if len(holders[f"{kind}:{value.lower()}"]) == 1]
            if len({value.lower() for value in values}) == 1 and sure:
                missing[kind] = min(values)
    return msgspec.structs.replace(item, **missing) if missing else item


def _words(work: Work) -> frozenset[str]:
    """The words of a note that are of letters alone, and more than one."""
    return frozenset(word for word in text_key(work.text).split() if len(word) > 1 and word.isalpha())


def _identity_of_words(work: Work) -> str:
    """The id that a note has without identifiers, or with such as belong to another work."""
    if work.id.startswith("text:"):
        return work.id
    return work_id(f"{work.text} {work.doi or ''} {work.pmid or ''}", None, None)
