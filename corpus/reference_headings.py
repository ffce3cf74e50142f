"""What stands above a list of references, in many languages."""

import re
from bisect import bisect_left
from typing import NamedTuple

__all__ = ["Headings", "is_reference_heading"]

_NAMES = frozenset(
    {
        "bibliografi", "bibliografia", "bibliografie", "bibliografía", "bibliographie", "bibliography", "bronnen",
        "cited literature", "cited references", "einzelnachweise", "endnotes", "footnotes", "fuentes", "fußnoten",
        "irodalom", "kaynaklar", "kaynakça", "kilder", "källor", "literatur", "literatura", "literatura citada",
        "literature", "literature cited", "literaturverzeichnis", "literatuur", "literatuurlijst", "litteratur",
        "lähteet", "notas", "note", "note e riferimenti", "notes", "notes and references", "notes et références",
        "odkazy", "piśmiennictwo", "przypisy", "quellen", "quellenangaben", "quellenverzeichnis", "referanser",
        "reference list", "references", "references and notes", "references cited", "referencias",
        "referencias bibliográficas", "referenser", "referenties", "referências", "referências bibliográficas",
        "riferimenti", "riferimenti bibliografici", "références", "références bibliographiques", "selected references",
        "sources", "sources cited", "viitteet", "works cited", "źródła", "источники", "литература", "примечания",
        "список литературы", "ссылки", "参考文献", "参考资料", "參考文獻", "引用文献", "脚注", "참고문헌",
    }
)  # fmt: skip
"""What stands above a list of references."""
_ORNAMENT = re.compile(r"^[\s#*_=~\d.)§-]+|[\s#*_=~:.-]+$")
_LENGTH = 60
_SHORT_LINE = re.compile(rf"^[^\S\n]*(\S[^\n]{{1,{_LENGTH}}})$", re.MULTILINE)
_RULE = re.compile(r"[-=~ \t\n]*")
"""What may stand between a heading and its list."""


def is_reference_heading(line: str) -> bool:
    """Whether a line is what stands above a list of references, in any of many languages.

    >>> is_reference_heading("7. REFERENCES:"), is_reference_heading("Literaturverzeichnis"), is_reference_heading("It")
    (True, True, False)
    """
    line = line.strip()
    return len(line) <= _LENGTH and " ".join(_ORNAMENT.sub("", line).casefold().split()) in _NAMES


class _Heading(NamedTuple):
    """A heading, and up to where nothing but rules and blank lines follow it."""

    start: int
    end: int
    clear: int


class Headings:
    """The headings of references in a text, in its order."""

    def __init__(self, text: str) -> None:
        self._found = [
            _Heading(line.start(), line.end(), _end_of_rule(text, line.end()))
            for line in _SHORT_LINE.finditer(text)
            if is_reference_heading(line[1])
        ]
        self._starts = [heading.start for heading in self._found]

    def above(self, start: int) -> int | None:
        """Where the heading begins that stands right above `start`, if there is one."""
        i = bisect_left(self._starts, start) - 1
        return self._starts[i] if i >= 0 and start <= self._found[i].clear else None

    def first_within(self, start: int, end: int) -> int | None:
        """Where the first heading in ``[start, end)`` begins, if there is one."""
        i = bisect_left(self._starts, start)
        return self._starts[i] if i < len(self._starts) and self._starts[i] < end else None

    @property
    def last(self) -> tuple[int, int] | None:
        """Where the last heading begins and ends."""
        return self._found[-1][:2] if self._found else None


def _end_of_rule(text: str, start: int) -> int:
    rule = _RULE.match(text, start)
    return rule.end() if rule else start
