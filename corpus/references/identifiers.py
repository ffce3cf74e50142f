"""The identifiers that a citation string carries: DOI, PMID, PMCID and address."""

import re

__all__ = [
    "DOI",
    "PMCID",
    "PMID",
    "URL",
    "find_doi",
    "find_isbn",
    "find_pmcid",
    "find_pmid",
    "find_url",
    "without_closing_punctuation",
]

DOI = re.compile(r"\b10\.\d{4,9}/(?:(?!PMID)[^\s\"<>]|<[^\s\"<>:]*:[^\s\"<>]*>)+", re.IGNORECASE)
"""Angle brackets stand in old DOIs (``10.1002/(SICI)1097-0142(19990101)85:1<1::AID-CNCR1>3.0.CO;2-0``)."""
URL = re.compile(r"\bhttps?://[^\s\"<>]+", re.IGNORECASE)
PMID = re.compile(r"(?:\bPMID:?\s*|\bpubmed\.ncbi\.nlm\.nih\.gov/|\bnih\.gov/pubmed/)(\d{1,8})\b", re.IGNORECASE)
PMCID = re.compile(r"\bPMC\s?(\d{1,9})\b", re.IGNORECASE)
_ISBN = re.compile(r"\bISBN(?:-?1[03])?:?\s?(\d(?:[ -]?\d){8,11}[ -]?[\dXx])(?![\w-])", re.IGNORECASE)


def find_doi(text: str) -> str | None:
    """The first DOI, without the punctuation of the sentence around it.

    A closing bracket belongs to the DOI only where the DOI opens it.

    >>> find_doi("(doi: 10.1016/S0140-6736(05)67889-0)")
    '10.1016/S0140-6736(05)67889-0'
    """
    match = DOI.search(text)
    return match and without_closing_punctuation(match.group())


def find_pmid(text: str) -> str | None:
    """The first number in PubMed that is labelled, or stands in an address of PubMed.

    >>> find_pmid("PubMed PMID: 28638950; PubMed Central PMCID: PMC3326586.")
    '28638950'
    """
    match = PMID.search(text)
    return match and match.group(1)


def find_pmcid(text: str) -> str | None:
    """The first number in PubMed Central, ``PMC`` included.

    >>> find_pmcid("pmc 123")
    'PMC123'
    """
    match = PMCID.search(text)
    return match and f"PMC{match.group(1)}"


def find_isbn(text: str) -> str | None:
    """The first number of a book, of 10 or 13 figures as printed, that is labelled.

    >>> find_isbn("New York: Thieme; 2020. ISBN 978-1-68420-137-2.")
    '978-1-68420-137-2'
    """
    match = _ISBN.search(text)
    return match.group(1) if match and len(re.sub(r"[ -]", "", match.group(1))) in {10, 13} else None


def find_url(text: str) -> str | None:
    """The first address, without the punctuation of the sentence around it.

    >>> find_url("At https://example.org/a_(b)/page.html.")
    'https://example.org/a_(b)/page.html'
    """
    match = URL.search(text)
    return match and without_closing_punctuation(match.group())


def without_closing_punctuation(value: str) -> str:
    """An identifier or address cut back, in one go, over stops, quotes and the brackets that it does not open."""
    unopened = {")": value.count(")") - value.count("("), "]": value.count("]") - value.count("[")}
    end = len(value)
    while end and (value[end - 1] in ".,;:'”’" or unopened.get(value[end - 1], 0) > 0):
        end -= 1
        unopened[value[end]] = unopened.get(value[end], 0) - 1
    return value[:end]
