"""What stands behind the place of a work in a citation string: kinds of publication, language, article number."""

import re

from corpus.references.identifiers import DOI, URL

__all__ = ["find_article_number", "find_genre", "find_language", "skip_remarks", "tail_start"]

_GENRES = (
    r"(?:Review|Systematic Review|Case Reports?|Clinical Trial(?:, Phase [IV]{1,3})?|Randomi[sz]ed Controlled Trial"
    r"|Controlled Clinical Trial|Meta-Analysis|Editorial|Letter|Comment|Practice Guideline|Guideline|Historical Article"
    r"|Multicenter Study|Comparative Study|Observational Study|Evaluation Study|Validation Study|Biography|Lecture"
    r"|Classical Article|Interview|News|Abstract|Preprint|Retracted Publication|Published Erratum)"
)
_LANGUAGES = (
    r"(?:Afrikaans|Arabic|Bulgarian|Catalan|Chinese|Croatian|Czech|Danish|Dutch|English|Estonian|Finnish|French|Georgian"
    r"|German|Greek|Hebrew|Hungarian|Icelandic|Italian|Japanese|Korean|Latvian|Lithuanian|Norwegian|Persian|Polish"
    r"|Portuguese|Romanian|Russian|Serbian|Slovak|Slovenian|Spanish|Swedish|Thai|Turkish|Ukrainian|Vietnamese)"
)
_GENRE = re.compile(
    rf"(?:^|(?<=[.;,\]?!]\s))(?P<plain>{_GENRES})(?=[.;,]|$)|\[(?P<bracketed>{_GENRES})\]", re.IGNORECASE
)
_LANGUAGE = re.compile(
    rf"[\[(](?:Article\s)?in\s(?P<article>{_LANGUAGES})(?:,[^\]]{{0,60}})?[\])]|(?:^|(?<=[.;\]]\s))(?:Article\sin\s)?"
    rf"(?P<plain>{_LANGUAGES})(?=[.;]|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\b(?:pii|Article(?:\s(?:ID|No\.?|number))?)\b:?\s(?P<number>[A-Za-z]{0,10}\d{1,12}(?:[.-]\d{1,9}){0,3})(?![\w(-])"
)
_REMARK = re.compile(
    r"\s?(?:(?:doi:?\s?)?" + DOI.pattern + r"|" + URL.pattern + r"|pii:\s\S+|\[Epub ahead of print\]\.?"
    r"|(?:Epub|eCollection)(?:\s\w+){1,4}\.|(?:Online ahead of print|Print \d{4}[^.]{0,12})\.|doi:|[.;])",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:(?:^|(?<=[\s(\[.]))(?:doi\b|(?:PubMed )?PMID\b|(?:PubMed Central )?PMCID\b|pii:|Epub\b|eCollection\b|ISBN\b"
    r"|Erratum in\b|Comment (?:in|on)\b|Available (?:from|at)\b|Retrieved (?:from|[A-Z])|Accessed\b|PMC\s?\d|Free PMC)"
    r"|(?<![\w@])https?://|\b10\.\d{4,9}/)",
    re.IGNORECASE,
)


def tail_start(text: str, start: int = 0) -> int:
    """Where identifiers, addresses and remarks on other editions begin; the end of the text where none stands.

    >>> text = "Smith A. Title. Cell. 2016 May 26. pii: S0092-8674(16)30591-8. doi: 10.1000/x."
    >>> text[:tail_start(text)]
    'Smith A. Title. Cell. 2016 May 26. '
    """
    match = _TAIL.search(text, start)
    return match.start() if match else len(text)


def skip_remarks(text: str, start: int) -> int:
    """The end of the identifiers and remarks that follow at `start` one by one.

    >>> text = "12:3-4. doi: 10.1000/x. Epub 2001 May 3. Title."
    >>> text[skip_remarks(text, 6):]
    'Title.'
    """
    while match := _REMARK.match(text, start):
        start = match.end()
    return start + len(text[start : start + 1]) - len(text[start : start + 1].lstrip())


def find_genre(text: str) -> str | None:
    """The kinds of publication that a text names as parts of their own, parted by semicolons.

    >>> find_genre("doi: 10.1000/x. Case Reports; Review. PMID: 7.")
    'Case Reports; Review'
    """
    found = [match["plain"] or match["bracketed"] for match in _GENRE.finditer(text)]
    return "; ".join(dict.fromkeys(found)) or None


def find_language(text: str) -> str | None:
    """The language that a text names as a part of its own or as that of the article.

    >>> find_language("[A title]. [Article in German] Nervenarzt."), find_language("PMID: 7. Japanese.")
    ('German', 'Japanese')
    """
    match = _LANGUAGE.search(text)
    return match and (match["article"] or match["plain"])


def find_article_number(text: str) -> str | None:
    """The number that stands for pages; the long item identifiers of publishers (``S0092-8674(16)30591-8``) are none.

    >>> find_article_number("pii: a010124. doi: 10.1000/x"), find_article_number("pii: S0092-8674(16)30591-8.")
    ('a010124', None)
    """
    match = _NUMBER.search(text)
    return match and match["number"]
