"""When two notes cite one work: by PMID, else by DOI, else by the words of the note."""

import hashlib
import re
import unicodedata

from corpus.references.identifiers import DOI, URL

__all__ = ["text_key", "work_id"]

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_ADDED = re.compile(
    "|".join(
        (
            r"(?:\b(?:Available\s(?:from|at)|Retrieved\sfrom)\b:?\s?)?" + URL.pattern,
            r"(?:\bdoi\b:?\s?)?" + DOI.pattern,
            r"(?:\bPubMed\s)?\bPMID\b:?\s?\d{1,8}\b",
            r"(?:\bPubMed\sCentral\s)?\b(?:PMCID\b:?\s?)?PMC\s?\d{1,9}\b",
            r"\bpii\b:?\s?[^\s;]+",
            rf"\bEpub(?:\s(?:ahead\sof\sprint|[12]\d\d\d|{_MONTH}|\d\d?)(?!\w)){{0,4}}",
        )
    ),
    re.IGNORECASE,
)
"""What is added to a citation and tells nothing of the work: identifiers, addresses, the day it stood online."""


def work_id(text: str, doi: str | None, pmid: str | None) -> str:
    """What the work of a note is known by: ``pmid:…``, else ``doi:…`` in lower case, else a hash of the note's words.

    >>> work_id("Smith A. Title.", "10.1000/X", None)
    'doi:10.1000/x'
    >>> work_id("Smith A: Title", None, None) == work_id("SMITH A. Title.", None, None)
    True
    """
    if pmid:
        return f"pmid:{pmid}"
    if doi:
        return f"doi:{doi.lower()}"
    return "text:" + hashlib.sha256(_words(text).encode()).hexdigest()[:16]


def text_key(text: str) -> str:
    """The words of a note without case, punctuation, identifiers and addresses; empty where it holds nothing else.

    Notes that cite one work, one with its DOI or PMID and one without, have one key.

    >>> text_key("Smith A. Title. J X. 2001;1:2. doi: 10.1000/x. Epub 2001 May 3. PMID: 7.")
    'smith a title j x 2001 1 2'
    """
    return _words(_ADDED.sub(" ", " ".join(text.split())))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
