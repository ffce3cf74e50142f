"""By what passages are filtered: their headings, and year and type of the works that they cite."""

from collections.abc import Iterator

from corpus import Document, Passage, Work

__all__ = ["cited", "folded", "publication_types", "under"]


def under(passage: Passage) -> Iterator[str]:
    """The headings of a passage, folded."""
    return map(folded, passage.headings)


def cited(passage: Passage, document: Document) -> Iterator[tuple[int | None, str | None]]:
    """Year and folded type of the works that a passage of a document cites, one of each type that a work has."""
    works = {document.works[citation.number].id: document.works[citation.number] for citation in passage.citations}
    for work in works.values():
        for kind in publication_types(work) or (None,):
            yield work.year, kind and folded(kind)


def publication_types(work: Work) -> tuple[str, ...]:
    """What kind of publication a work is: what the source itself calls it, and its type in CSL.

    >>> from corpus.csl import Item
    >>> publication_types(Work("pmid:1", "…", Item(type="article-journal", genre="Case Reports; Review")))
    ('Case Reports', 'Review', 'article-journal')
    """
    named = (each.strip() for each in (work.csl.genre or "").split(";"))
    return (*filter(None, named), *(() if work.csl.type == "document" else (work.csl.type,)))


def folded(name: str) -> str:
    """A name without differences of case and white space.

    >>> folded("Late  Pain ")
    'late pain'
    """
    return " ".join(name.casefold().split())
