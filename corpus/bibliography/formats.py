"""The formats in which works are given out."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from corpus.bibliography.records import csl_json
from corpus.documents import Work

__all__ = ["FORMATS", "BibliographyFormat", "Format", "bibliography"]

BibliographyFormat = Literal["csl", "bibtex", "ris"]


class Format(msgspec.Struct, frozen=True):
    """A format: its media type, and what writes it."""

    media_type: str
    write: Callable[[Sequence[Work]], str]


def bibliography(works: Iterable[Work], form: BibliographyFormat) -> str:
    r"""Some works in a format, each under its id, in their order.

    >>> from corpus.references import parse_work
    >>> bibliography([parse_work("A note. PMID: 7")], "csl")
    '[{"id":"pmid:7","type":"document","PMID":"7","note":"A note. PMID: 7"}]\n'
    """
    return FORMATS[form].write(tuple(works))


def _bibtex(works: Sequence[Work]) -> str:
    # What writes it is heavy, and seldom asked for.
    from corpus.bibliography.bibtex import bibtex

    return bibtex(works)


def _ris(works: Sequence[Work]) -> str:
    from corpus.bibliography.ris import ris

    return ris(works)


FORMATS: dict[BibliographyFormat, Format] = {
    "csl": Format("application/vnd.citationstyles.csl+json", csl_json),
    "bibtex": Format("application/x-bibtex", _bibtex),
    "ris": Format("application/x-research-info-systems", _ris),
}
