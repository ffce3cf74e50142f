"""Works in BibTeX. Written by pybtex.

Source: Oren Patashnik, BibTeXing (1988), for types, fields and names; ``thesis``, ``online`` and the fields of
identifiers are those of biblatex.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from pybtex.database import BibliographyData, Entry, Person
from pybtex.database.output.bibtex import Writer

from corpus.bibliography.records import Record, record, year_month_day
from corpus.csl import ItemType, Name
from corpus.documents import Work

__all__ = ["bibtex"]

_TYPES: dict[ItemType, str] = {
    "article-journal": "article",
    "book": "book",
    "chapter": "incollection",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "thesis",
    "webpage": "online",
}
_PUBLISHERS: dict[ItemType, str] = {"report": "institution", "thesis": "school"}
_LATEX = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        **{
            sign: f"{{\\text{name}}}"
            for sign, name in {
                "\\": "backslash", "~": "asciitilde", "^": "asciicircum", "<": "less", ">": "greater", '"': "quotedbl",
            }.items()
        },
        "`": "{\\`{}}",
    }
)  # fmt: skip
"""Signs that mean something to LaTeX, or that its older fonts lack."""
_BRACES = str.maketrans({"{": "{\\textbraceleft}", "}": "{\\textbraceright}"})
_NO_KEY = re.compile(r"[^\w:./+-]|(?![\x00-\x7f]).", re.DOTALL)
_PARTICLES = re.compile(r"((?:[^\W\d_A-Z]\S*\s)+)(\S.*)")


class _Writer(Writer):  # type: ignore[misc] # pybtex carries no types
    """As pybtex writes, but for the encoding: it takes what it is given for LaTeX, and would leave braces be."""

    def _encode(self, text: str) -> str:
        return text


def bibtex(works: Sequence[Work]) -> str:
    r"""Some works in BibTeX, each under its id, but for the signs that BibTeX does not allow in a key.

    >>> from corpus.csl import Item
    >>> item = Item(type="article-journal", author=(Name(family="van Ash", given="B"),), title="50% of trees")
    >>> print(bibtex([Work(id="pmid:7", text="…", csl=item)]).strip())
    @article{pmid:7,
        author = "van Ash, B",
        title = "{50\% of trees}"
    }
    """
    entries: dict[str, Entry] = {}
    taken: Counter[str] = Counter()
    for work in works:
        of = record(work)
        entry = Entry(_TYPES.get(of.type, "misc"), fields=_fields(of), persons=dict(_persons(of)))
        entries[_key(of.id, taken)] = entry
    written: str = _Writer(encoding="UTF-8").to_string(BibliographyData(entries))
    return written


def _key(identity: str, taken: Counter[str]) -> str:
    """A key from an id; BibTeX sees no difference of case."""
    key = _NO_KEY.sub("-", identity)
    taken[key.lower()] += 1
    return key if taken[key.lower()] == 1 else f"{key}::{taken[key.lower()]}"


def _fields(of: Record) -> dict[str, str]:
    """The fields; braces around a title keep styles from changing its letters to lower case."""
    year, month = [*map(str, year_month_day(of)[:2]), "", ""][:2]
    shown = {
        "title": of.title and f"{{{_latex(of.title)}}}",
        **_container(of),
        "year": year,
        "month": month,
        "volume": of.volume and _latex(of.volume),
        "number": _latex(of.issue or of.number or ""),
        "pages": of.page and _latex(of.page).replace("–", "-").replace("-", "--"),
        "edition": of.edition and _latex(of.edition),
        _PUBLISHERS.get(of.type, "publisher"): of.publisher and _latex(of.publisher),
        "address": of.publisher_place and _latex(of.publisher_place),
        "language": of.language and _latex(of.language),
        "type" if of.type in {"report", "thesis"} else "keywords": of.genre and _latex(of.genre),
        "isbn": of.isbn and _latex(of.isbn),
        "doi": of.doi and _verbatim(of.doi),
        "pmid": of.pmid and _latex(of.pmid),
        "pmcid": of.pmcid and _latex(of.pmcid),
        "url": of.url and _verbatim(of.url),
        "note": of.note and _latex(of.note),
    }
    return {name: value for name, value in shown.items() if value}


def _container(of: Record) -> dict[str, str | None]:
    if of.type == "article-journal":
        return {"journal": of.container_title and _latex(of.container_title)}
    return {"booktitle": of.container_title and f"{{{_latex(of.container_title)}}}"}


def _latex(text: str) -> str:
    """A text in one line as LaTeX shows it; no two hyphens, commas or quotes may make one sign."""
    escaped = " ".join(text.split()).translate(_LATEX)
    if not _balanced(text):
        escaped = re.sub(r"\\([{}])", lambda brace: brace[1].translate(_BRACES), escaped)
    return re.sub(r"([-',])(?=\1)", r"\1{}", escaped)


def _balanced(text: str) -> bool:
    """Whether each brace closes one that is open: BibTeX counts them, whether or not LaTeX would."""
    depths = list(accumulate((character == "{") - (character == "}") for character in text))
    return min(depths, default=0) >= 0 and not (depths and depths[-1])


def _verbatim(identifier: str) -> str:
    """An identifier or address, which is taken as it stands; only braces would count."""
    return re.sub(r"[{}\\]", lambda sign: f"%{ord(sign.group()):02X}", "".join(identifier.split()))


def _persons(of: Record) -> Iterable[tuple[str, list[Any]]]:
    for role, names in (("author", of.author), ("editor", of.editor)):
        if names:
            yield role, [_person(name) for name in names]


def _person(name: Name) -> Any:
    """A person, or in braces what BibTeX would take apart."""
    family, given, suffix = (_latex(part or "") for part in (name.family, name.given, name.suffix))
    if name.literal or not given or not family:
        whole = _latex(name.literal or " ".join(filter(None, [name.given, name.family, name.suffix])))
        return _made(last=f"{{{whole}}}")
    particles = _PARTICLES.fullmatch(family)
    if particles:
        return _made(
            prelast=particles[1].strip(), last=_whole(particles[2]), lineage=_whole(suffix), first=_whole(given)
        )
    return _made(last=_whole(family), lineage=_whole(suffix), first=_whole(given))


def _whole(part: str) -> str:
    """A part of a name, in braces where it holds a comma, ``and`` or a word in lower case."""
    risky = "," in part or any(word[:1].islower() for word in part.split())
    return f"{{{part}}}" if risky else part


def _made(**parts: str) -> Any:
    """A person of these parts as they stand, since pybtex would cut them at each space."""
    person = Person()
    for part, value in parts.items():
        getattr(person, f"{part}_names").extend([value] if value else [])
    return person
