"""How well citation strings are parsed: identifiers against a table, titles and first authors against labels.

The table has tab-separated columns, of which ``citation`` holds the string and one whose name begins with ``pmid``
the number that the string should give. What DOI a string carries is told by a rule of its own, the characters
after ``doi:`` up to a space. Labels are JSON Lines with ``pmid``, ``title`` and ``first_author``, read by a person.
"""

import re
from collections import Counter
from pathlib import Path

import msgspec

from corpus.documents import Work
from corpus.errors import SourceError
from corpus.references import parse_work

__all__ = ["CitationString", "Label", "Score", "StringReport", "read_citation_strings", "read_labels", "report_on"]

_DOI = re.compile(r"doi: ?(\S+)", re.IGNORECASE)


class CitationString(msgspec.Struct, frozen=True):
    """A string and the PMID that it should give; None where that is unknown."""

    citation: str
    pmid: str | None


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person read in the string of a PMID."""

    pmid: str
    title: str
    first_author: str


class Score(msgspec.Struct, frozen=True):
    """How many of some are right."""

    right: int
    n: int

    @property
    def share(self) -> float:
        """From 0 to 1; 1 where there is nothing to get wrong."""
        return self.right / self.n if self.n else 1.0


class StringReport(msgspec.Struct, frozen=True):
    """Scores by name, how many strings fill each field, and what differs from what was expected."""

    strings: int
    scores: dict[str, Score]
    filled: dict[str, int]
    differences: tuple[str, ...]


def read_citation_strings(path: Path) -> list[CitationString]:
    """The strings of a table. Raises `SourceError` where it has no column ``citation``."""
    header, *lines = path.read_text(encoding="utf-8").split("\n")
    columns = header.rstrip("\r").split("\t")
    if "citation" not in columns:
        raise SourceError(f"{path.name} has the columns {columns}. Name the one with the strings citation.")
    pmid = next((i for i, column in enumerate(columns) if column.startswith("pmid")), None)
    rows = [line.rstrip("\r").split("\t") for line in lines if line.strip()]
    short = next((number for number, row in enumerate(rows, start=2) if len(row) != len(columns)), None)
    if short is not None:
        raise SourceError(f"{path.name}: row {short} has not {len(columns)} columns as the header has. Mend that row.")
    at = columns.index("citation")
    return [CitationString(row[at], None if pmid is None else row[pmid]) for row in rows]


def read_labels(path: Path) -> list[Label]:
    """The labels of a file of JSON Lines. Raises `SourceError` where a line is none."""
    try:
        return msgspec.json.Decoder(Label).decode_lines(path.read_bytes())
    except msgspec.MsgspecError as error:
        raise SourceError(f"{path.name}: {error}. Write pmid, title and first_author in each line.") from None


def report_on(strings: list[CitationString], labels: list[Label]) -> StringReport:
    """What parsing all strings gives.

    >>> report_on([CitationString("Roe A. Bones. J X. 2001;1:2. doi: 10.1000/x. PMID: 7", "7")], []).scores["DOI"]
    Score(right=1, n=1)
    """
    works = [parse_work(string.citation) for string in strings]
    checks = [*_identifiers(strings, works), *_labelled(strings, works, labels)]
    names = dict.fromkeys(check.name for check in checks)
    return StringReport(
        strings=len(strings),
        scores={name: _score([check for check in checks if check.name == name]) for name in names},
        filled=_filled(works),
        differences=tuple(
            f"{check.name}: {check.found!r} instead of {check.expected!r} in {check.text[:100]!r}"
            for check in checks
            if not check.right
        ),
    )


class _Check(msgspec.Struct, frozen=True):
    name: str
    expected: str | None
    found: str | None
    text: str

    @property
    def right(self) -> bool:
        return self.found == self.expected


def _identifiers(strings: list[CitationString], works: list[Work]) -> list[_Check]:
    found = []
    for string, work in zip(strings, works, strict=True):
        if string.pmid is not None:
            found.append(_Check("PMID", string.pmid, work.pmid, work.text))
        doi = _DOI.search(string.citation)
        found.append(_Check("DOI" if doi else "no DOI", doi and doi.group(1).rstrip(".;,"), work.doi, work.text))
    return found


def _labelled(strings: list[CitationString], works: list[Work], labels: list[Label]) -> list[_Check]:
    by_pmid = {string.pmid: work for string, work in zip(reversed(strings), reversed(works), strict=True)}
    found = []
    for label in labels:
        work = by_pmid.get(label.pmid)
        text = work.text if work else f"PMID {label.pmid}"
        found.append(_Check("labelled title", label.title, work.csl.title if work else None, text))
        found.append(_Check("labelled first author", label.first_author, work.first_author if work else None, text))
    return found


def _score(checks: list[_Check]) -> Score:
    return Score(sum(check.right for check in checks), len(checks))


def _filled(works: list[Work]) -> dict[str, int]:
    """How many works have each field, in the order of the record."""
    items = [work.csl for work in works]
    counts = Counter(name for item in items for name in item.__struct_fields__ if getattr(item, name))
    return {name: counts[name] for name in (items[0].__struct_fields__ if items else ()) if counts[name]}
