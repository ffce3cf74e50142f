"""Where a work can be found: its addresses at DOI, PubMed and PubMed Central."""

from urllib.parse import quote

import msgspec

from corpus.documents import Work

__all__ = ["Links", "links"]


class Links(msgspec.Struct, frozen=True):
    """Addresses, percent-encoded; None where the work has no such identifier."""

    doi: str | None = None
    pubmed: str | None = None
    pmc: str | None = None


def links(work: Work) -> Links:
    """The addresses of a work.

    Signs that mean something else in an address are encoded, as the DOI Handbook asks for (section 2.5.2).

    >>> from corpus.csl import Item
    >>> found = links(Work(id="pmid:7", text="A note.", csl=Item(doi="10.1/a<1:b>2.0;c#d", pmid="7", pmcid="PMC9")))
    >>> found.doi, found.pubmed
    ('https://doi.org/10.1/a%3C1:b%3E2.0;c%23d', 'https://pubmed.ncbi.nlm.nih.gov/7/')
    >>> found.pmc
    'https://pmc.ncbi.nlm.nih.gov/articles/PMC9/'
    """
    return Links(
        doi=work.doi and f"https://doi.org/{quote(work.doi, safe='/:;()')}",
        pubmed=work.pmid and f"https://pubmed.ncbi.nlm.nih.gov/{quote(work.pmid, safe='')}/",
        pmc=work.pmcid and f"https://pmc.ncbi.nlm.nih.gov/articles/{quote(work.pmcid, safe='')}/",
    )
