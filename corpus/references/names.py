"""Who a citation string names at its head: persons in three styles, and groups.

Vancouver (``van der Berg JA Jr, Smith K-L; Study Group.``), inverted (``Smith, J. A., & Jones, B.``) and
initials first (``J. A. Smith, B. Jones, and C. Lee,``).
"""

import re
from collections.abc import Callable

import msgspec

from corpus.csl import Name

__all__ = ["Names", "begins_with_person", "is_group", "read_names", "read_whole_names"]

_UPPER = r"(?:(?![a-zß-öø-ÿ])[^\W\d_])"
_PARTICLE = (
    r"(?:[Vv]an|[Vv]on|[Dd]e[rlns]?|[Dd]ella|[Dd]i|[Dd]a|[Dd]os?|[Dd]as|[Dd]u|[Ll]a|[Ll]e|[Ll]os|[Zz]u[mr]?|[Tt]e[rn]"
    r"|[Ee]l|[Aa]l|[Aa]f|[Aa]v|[Bb]in|[Ii]bn|['’]t|[Vv]an['’]t|y|e|[SM]t\.)"
)
_WORD = rf"(?:(?:[dDlLO]['’]|[a-z]{{1,7}}(?=[A-Z][a-z]))?{_UPPER}[\w'’]{{0,40}}(?:[-‐‑]\w[\w'’]{{0,40}}){{0,4}})"
_FAMILY = rf"(?:(?:{_PARTICLE}\s){{0,3}}{_WORD}(?:\s(?:{_PARTICLE}\s){{0,3}}{_WORD}){{0,3}}?)"
_SUFFIX = r"(?:Jr|Sr|II|III|IV|2nd|3rd|4th)\b\.?"
_CLOSE = (
    rf"(?:{_UPPER}\.[-‐‑]?){{2,5}}|{_UPPER}\.(?=[,;])|{_UPPER}(?:\s{_UPPER}){{1,3}}(?=[,.;:])"
    rf"|{_UPPER}{{1,4}}(?:[-‐‑]{_UPPER}{{1,2}}){{0,3}}(?!\w)"
)
_SPACED = rf"(?:{_UPPER}\.[-‐‑]?\s?){{0,5}}{_UPPER}\."
_NOTES = r"(?:\s?\(\d{1,2}(?:,\s?\d{1,2}){0,6}\)|\s?[*†‡]){0,4}"
_VANCOUVER = re.compile(
    rf"(?P<family>{_FAMILY})\s(?P<given>{_CLOSE})(?:,?\s(?P<suffix>{_SUFFIX}))?{_NOTES}(?=[\s,.;:(]|$|(?<=\.)\w)"
)
_VANCOUVER_SPACED = re.compile(
    rf"(?P<family>{_FAMILY})\s(?P<given>{_SPACED})(?:,?\s(?P<suffix>{_SUFFIX}))?(?=\s?(?:[,;&:(]|and\b|et\sal))"
)
_VANCOUVER_LAST = re.compile(rf"(?P<family>{_FAMILY})\s(?P<given>{_SPACED})(?:,?\s(?P<suffix>{_SUFFIX}))?(?=\s|$)")
"""After persons whose initials have spaces between; elsewhere the ``A.`` after initials begins a title."""
_INVERTED = re.compile(
    rf"(?P<family>{_FAMILY}),\s(?P<given>{_SPACED}(?!\w)|{_UPPER}{{1,3}}(?=[,;\s(]))(?:,?\s(?P<suffix>{_SUFFIX}))?"
)
_INITIALS_FIRST = re.compile(
    rf"(?P<given>{_SPACED})\s?(?P<family>(?=\w[\w'’]){_FAMILY})(?:,?\s(?P<suffix>{_SUFFIX}))?(?=[,;:\s.]|$)"
)
_BETWEEN = re.compile(r"\s?(?:[,;]\s?(?:(?:and|und|et|&)\s)?|\s(?:and|&)\s)")
_OTHERS = re.compile(r",?\s?(?:…\s?|\.\s?\.\s?\.\s?)?(?:\bet\sal\b|\band\s(?:others|colleagues)\b)")
_EDITORS = re.compile(r"[,.]?\s?[(\[]?\b(?:[Ee]ditors?|[Ee]ds?)\b\.?[)\]]?[.,:]?")
_END = re.compile(
    r"\s?(?:\.(?!\w)|:)\s?|\s?(?=\((?:1[89]|20)\d\d\b)|\s(?=(?:1[89]|20)\d\d\b)|,\s(?=[“\"‘'(]|(?:1[89]|20)\d\d\b)|\s?$"
)
_GROUP_END = re.compile(r"(?<![.\s]\w)\.(?=\s|$)|;|,(?=\s)|\s(?=\((?:1[89]|20)\d\d\b)|$")
_GROUP = re.compile(
    r"\b(?:Organi[sz]ations?|Associations?|Society|Societies|Groups?|Consorti(?:um|a)|Committees?|Institut(?:es?|ion)"
    r"|Cent(?:er|re)s?|Agency|Ministry|Department|Collaborat(?:ion|ive|ors)|Investigators?|Network|Foundation|Academy"
    r"|College|Council|Commission|Federation|Union|University|Bureau|Task Force|Team|Panel|Trialists|Initiative"
    r"|Alliance|Researchers|Coalition|Administration|Board|Programme|Program|Project|Writers|Secretariat|Taskforce)\b"
    r"|\b(?:study|working|research|collaborative|writing|expert) group\b|\binvestigators\b",
)
_NO_GROUP = re.compile(r"(?:Associations?|Collaborations?|Union|Project|Center)\s(?:of|between|with|among)\b")
_SMALL_WORDS = frozenset(
    "a and as at by de der des di et for für in la of on or the to und with group study".split()  # noqa: SIM905
)


class Names(msgspec.Struct, frozen=True):
    """The names that were read, where they end, and whether what follows is surely no name any more."""

    names: tuple[Name, ...]
    end: int
    closed: bool
    editors: bool = False


def read_names(text: str, start: int = 0, end: int | None = None) -> Names | None:
    """The names at `start`, in the style that reads most of them; None where nobody is named.

    >>> [name.family or name.literal for name in read_names("van der Berg JA, Lee K; COVID Study Group. Title.").names]
    ['van der Berg', 'Lee', 'COVID Study Group']
    >>> read_names("Smith, J. A., & Jones, B. (2001). Title.").names[1]
    Name(family='Jones', given='B.', suffix=None, literal=None)
    """
    end = len(text) if end is None else end
    styles: tuple[tuple[re.Pattern[str], ...], ...] = (
        (_VANCOUVER_SPACED, _VANCOUVER),
        (_INVERTED, _INITIALS_FIRST),
        (_INITIALS_FIRST,),
    )
    found = [read for style in styles if (read := _read(text, start, end, _matcher(style)))]
    return max(found, key=lambda read: (read.closed, read.end), default=None) or _read_group(text, start, end)


def read_whole_names(text: str) -> tuple[Name, ...]:
    """The names of a text that holds nothing else, else none.

    >>> [name.family for name in read_whole_names("Beck JA(1), Mead S(2), Collinge J.")]
    ['Beck', 'Mead', 'Collinge']
    """
    read = _read(text, 0, len(text), _matcher((_VANCOUVER_SPACED, _VANCOUVER)))
    return read.names if read and read.closed and read.end == len(text) else ()


def begins_with_person(text: str, start: int) -> bool:
    """Whether another person, initials first, stands where a title should begin.

    >>> begins_with_person("Poe. W. M. Clark, Ph.D.; G. R. Low. Title.", 5), begins_with_person("E. coli, again.", 0)
    (True, False)
    """
    match = _INITIALS_FIRST.match(text, start)
    return match is not None and text[match.end() : match.end() + 1] in {",", ";"}


def is_group(text: str) -> bool:
    """Whether a text is the name of an organisation or a group: it says so, and is written as a name.

    >>> is_group("World Health Organization"), is_group("Association of aspirin with stroke")
    (True, False)
    """
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", text) if word not in _SMALL_WORDS and len(word) > 2]
    named = all(word[0].isupper() or word in {"investigators", "working", "writing"} for word in words)
    return bool(words) and named and len(text) <= 200 and bool(_GROUP.search(text)) and not _NO_GROUP.match(text)


def _matcher(style: tuple[re.Pattern[str], ...]) -> Callable[[str, int, int], re.Match[str] | None]:
    def match(text: str, at: int, end: int) -> re.Match[str] | None:
        return next((found for pattern in style if (found := pattern.match(text, at, end))), None)

    return match


def _read(text: str, start: int, end: int, match: Callable[[str, int, int], re.Match[str] | None]) -> Names | None:
    """Person after person, and the groups among them; a group may stand first where persons follow."""
    names: list[Name] = []
    at, persons, stopped = start, 0, start
    while at < end:
        spaced = bool(names) and ". " in (names[-1].given or "")
        if person := (spaced and _VANCOUVER_LAST.match(text, at, end)) or match(text, at, end):
            names.append(_person(person))
            at, persons = person.end(), persons + 1
        elif group := _group_at(text, at, end, behind_persons=persons > 0 and text[at - 2 : at] == "; "):
            names.append(Name(literal=group))
            at += len(group)
        else:
            at = stopped
            break
        stopped = at
        between = _BETWEEN.match(text, at, end)
        if not between or _OTHERS.match(text, at, end) or _EDITORS.match(text, at, end):
            break
        at = between.end()
    return _closed(text, tuple(names), stopped, end) if persons else None


def _closed(text: str, names: tuple[Name, ...], at: int, end: int) -> Names:
    if others := _OTHERS.match(text, at, end):
        at = others.end()
    if editors := _EDITORS.match(text, at, end):
        return Names(names, editors.end(), closed=True, editors=True)
    if text[at - 1] == "." and text[at : at + 1] in {" ", ""} and text[at + 1 : at + 2] != "-":
        return Names(names, min(at + 1, end), closed=True)
    closing = _END.match(text, at, end)
    return Names(names, closing.end() if closing else at, closed=closing is not None)


def _person(match: re.Match[str]) -> Name:
    return Name(
        family=match["family"], given=match["given"].rstrip(), suffix=match["suffix"] and match["suffix"].rstrip(".")
    )


def _group_at(text: str, at: int, end: int, *, behind_persons: bool) -> str | None:
    """The group that is named at `at`: up to a stop or a semicolon, or a comma before a person.

    Behind persons and a semicolon a short name needs no word such as Consortium (``EURALS``).
    """
    for match in _GROUP_END.finditer(text, at, min(end, at + 200)):
        if match.group() == "," and not _VANCOUVER.match(text, match.end() + 1, end):
            continue
        group = text[at : match.start()].strip()
        loosely = behind_persons and (_GROUP.search(group) or not re.search(r"(?:^|\s)[a-z]", group))
        return group if group and (loosely or is_group(group)) else None
    return None


def _read_group(text: str, start: int, end: int) -> Names | None:
    """A group alone at the head (``World Health Organization. Title.``)."""
    for match in _GROUP_END.finditer(text, start, min(end, start + 200)):
        if match.group() == ",":
            continue
        group = text[start : match.start()].strip()
        closing = _END.match(text, match.start(), end)
        return Names((Name(literal=group),), closing.end(), closed=True) if closing and is_group(group) else None
    return None
