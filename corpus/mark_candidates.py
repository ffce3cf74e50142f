"""Figures that may be marks of references, by the style in which they are written and by what stands around them."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from corpus.spans import Span

__all__ = ["STYLES", "Candidate", "MarkStyle", "find_candidates"]

MarkStyle = Literal["brackets", "parentheses", "signs", "carets", "figures"]
"""``[3]`` · ``(3)`` · ``word³`` · ``word^3^`` · ``word3`` or ``word.3``"""

_SIGNS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻˒ʼ", "0123456789-,,")
_DASH = "[-‐‑‒–—−]"
_NUMBERS = rf"\d{{1,4}}(?:\s?{_DASH}\s?\d{{1,4}})?(?:\s?[,;]\s?\d{{1,4}}(?:\s?{_DASH}\s?\d{{1,4}})?){{0,40}}"
_TIGHT = rf"\d{{1,3}}(?:{_DASH}\d{{1,3}})?(?:,\s?\d{{1,3}}(?:{_DASH}\d{{1,3}})?){{0,40}}"
_PATTERNS: dict[MarkStyle, re.Pattern[str]] = {
    # A range may have brackets of its own for either end: "[3]–[6]".
    "brackets": re.compile(rf"\[(?P<numbers>{_NUMBERS})\](?:\s?{_DASH}\s?\[(?P<last>\d{{1,4}})\])?(?![^\W_])"),
    "parentheses": re.compile(rf"\((?P<numbers>{_NUMBERS})\)(?:\s?{_DASH}\s?\((?P<last>\d{{1,4}})\))?(?![^\W_])"),
    "signs": re.compile(r"(?<![\d⁰¹²³⁴-⁹⁻])(?P<numbers>[⁰¹²³⁴-⁹]{1,4}(?:(?:[⁻–,˒ʼ]|, )[⁰¹²³⁴-⁹]{1,4}){0,40})"),
    "carets": re.compile(rf"(?<![\d^])\^(?P<numbers>{_TIGHT})\^"),
    "figures": re.compile(
        rf"(?:(?<=[^\W\d_]{{3}})|(?<=[^\W\d_][.,;:?!)\]”’\"%])|(?<=[)%\]][.,;:])|(?<=[.,;:][”’\")]))"
        rf"(?P<numbers>{_TIGHT})(?![\w%°/’']|[.,:]\d|{_DASH}\w|,[^\W\d_])"
    ),
}
STYLES = tuple(_PATTERNS)
_MOST_IN_RANGE, _MOST_IN_BROKEN_RANGE = 100, 10
_HIGHEST_IN_BRACKETS = 999
"""What is higher is no number of a reference that a list lacks, but a year."""
_CONTEXT = 60
_NEAR = 500
_BETWEEN_MARKS = re.compile(r"(?:\s|[,;&]|\band\b)*")
_NAMES_A_PICTURE = re.compile(
    r"(?:^|[\W_])(?:fig|figs|figures?|tables?|tabs?|eq|eqs|eqns?|equations?|algorithms?|theorem|lemma|formulae?)\.?$",
    re.IGNORECASE,
)
_NAMES_A_THING = re.compile(
    _NAMES_A_PICTURE.pattern[: -len(r"\.?$")].removesuffix(")")
    + r"|step|grade|stage|type|phase|level|box|section|sect|sec|chapter|chap|appendix|item|question|case|panel|part"
    r"|score|scheme|model|no|nos|nr|numbers?|vol|volumes?|pp?|pages?|day|week|class|category|criterion|hypothesis"
    r"|example|group|version|ver|movie|video|file|supplement|arm|cohort|aim|rule|definition|experiment|site|lane|line"
    r"|row|column|inequality|relation|isoform|exon|chromosome|protein|factor|receptor|subtype|strain)\.?$",
    re.IGNORECASE,
)
_NAMES_AN_INTERVAL = re.compile(
    r"(?:^|\W)(?:CI|ranges?|IQR|intervals?|median|mean|between|from|ages?|aged)[:,=]?$"
    r"|(?:^|[^\w-])[<>≤≥=±~]?\d+(?:[.,·]\d+)*%?$",
    re.IGNORECASE,
)
_IS_FIGURE = re.compile(r"(?:^|[\s(\[])[<>≤≥=±~$€£]?\d[\w.,·/]*$")
_MEASURE = re.compile(r"(?:^|[\s(\[;=])(\d{1,4})(?:[.,·]\d+)?\s[^\W\d_]{1,9}$")
_MEASURED = re.compile(r"\s\d")
_IS_YEAR = re.compile(r"(?:^|\W)(?:19|20)\d\d$")
_UNIT = re.compile(r"(?:^|[\W\d_])(?:[kcdmµμn]?m|s|sec|in|ft|yd|min|h|R|r|χ|x|K|Å)$")
_ABBREVIATED = re.compile(
    r"(?:^|\W)(?:figs?|eqs?|nos?|nr|vols?|sect?|refs?|chap|ch|pp?|vs|v|ver|tabs?|suppl?|[A-Z])[.:]$", re.IGNORECASE
)
_BARE_WORD = re.compile(r"(?<![\w-])[^\W\d_]{4,60}(?!\w)")
_CLOSES_CLAUSE = re.compile(r"\s*(?:[.,;:!?)\]]|$|\n\s*\n)")
_INTRODUCES = re.compile(r"(?:[,;:•–—-]|\b(?:and|or|und|oder|et|ou))$", re.IGNORECASE)
_FOLLOWS_A_SENTENCE = re.compile(r"(?<!\bal)[.?!]$")


class Candidate(NamedTuple):
    """A figure that may be a mark, and the numbers that it would name."""

    start: int
    end: int
    numbers: tuple[int, ...]


def find_candidates(style: MarkStyle, text: str, known: frozenset[int], spared: Sequence[Span]) -> list[Candidate]:
    """What may be marks of a style, in the order of the text.

    They begin in no `spared` stretch and stand where a mark may. A number that is not `known` can be one that the list
    of references lacks: below the highest known one, or any in brackets. A range that is not known whole may be
    something else, and names only what is lacking.

    >>> find_candidates("brackets", "95% CI [1, 2], as known [2] and [1-3].", frozenset({1, 2}), [])
    [Candidate(start=24, end=27, numbers=(2,)), Candidate(start=32, end=37, numbers=(3,))]
    """
    highest = _HIGHEST_IN_BRACKETS if style == "brackets" else 0
    highest = max(highest, *known)
    found: list[Candidate] = []
    starts = [span.start for span in spared]
    for match in _PATTERNS[style].finditer(text):
        within = bisect_right(starts, match.start()) - 1
        if within >= 0 and match.start() < spared[within].end:
            continue
        numbers = _named(match, style, known)
        if numbers and max(numbers) <= highest:
            found.append(Candidate(match.start(), match.end(), numbers))
    match style:
        case "parentheses":
            return list(_in_parentheses(text, found))
        case "brackets":
            return [each for each in found if _may_be_bracketed(text, each)]
        case "figures":
            return list(_glued(text, found))
        case "signs" | "carets":
            return [each for each in found if _may_be_raised(text, each)]


def _named(match: re.Match[str], style: MarkStyle, known: frozenset[int]) -> tuple[int, ...]:
    """The numbers that a mark names, ascending in each range; nothing where it cannot be a mark."""
    written = match["numbers"].translate(_SIGNS) if style == "signs" else match["numbers"]
    last = match.groupdict().get("last")
    if last:
        written = f"{written}-{last}"
    numbers: list[int] = []
    for written_part in re.split(r"[,;]", written):
        written_ends = [end.strip() for end in re.split(_DASH, written_part)]
        ends = [int(end) for end in written_ends]
        if (
            len(ends) > 2
            or any(end.startswith("0") for end in written_ends)
            or not 0 <= ends[-1] - ends[0] <= _MOST_IN_RANGE
        ):
            return ()
        part = range(ends[0], ends[-1] + 1)
        if len(ends) > 1 and (missing := [number for number in part if number not in known]):
            if len(part) > _MOST_IN_BROKEN_RANGE:
                return ()
            numbers.extend(missing)
        else:
            numbers.extend(part)
    return tuple(dict.fromkeys(numbers))


def _before(text: str, start: int) -> str:
    """What stands before a mark in its paragraph, without the space between."""
    before = text[max(0, start - _CONTEXT) : start]
    return before[before.rfind("\n\n") + 1 :].rstrip()


def _may_be_bracketed(text: str, candidate: Candidate) -> bool:
    """Not at the beginning of a paragraph, not an interval, not ``Eq. [3]``, and no index as in code."""
    before = _before(text, candidate.start)
    interval = len(candidate.numbers) > 1 and not _IS_YEAR.search(before) and _is_interval(before, candidate)
    glued = not text[candidate.start - 1 : candidate.start].isspace()
    index = glued and before[-1:] in "_=*+<>/\\"
    return bool(before) and not (interval or index or _NAMES_A_PICTURE.search(before))


def _is_interval(before: str, candidate: Candidate) -> bool:
    """Whether numbers are the bounds of what stands before them: ``95% CI [1, 5]``, ``3 days [1–5]``."""
    measure = _MEASURE.search(before)
    within = measure is not None and candidate.numbers[0] <= int(measure[1]) <= candidate.numbers[-1]
    return within or _NAMES_AN_INTERVAL.search(before) is not None


def _may_be_raised(text: str, candidate: Candidate) -> bool:
    """Behind a word or a stop, not a unit (``m²``) and not a figure (``10³``) unless it is a year."""
    before = text[max(0, candidate.start - 8) : candidate.start]
    if not before or before[-1].isspace() or _UNIT.search(before):
        return False
    return not before[-1].isdigit() or _IS_YEAR.search(before) is not None


def _glued(text: str, found: Sequence[Candidate]) -> Iterator[Candidate]:
    """Behind a stop, or at the end of a word that closes a clause or stands in the text without a figure too.

    A word that often ends in one figure is a name (``caspase3``).
    """
    words = [text[_word_start(text, each.start) : each.end] for each in found]
    often = Counter(words)
    bare = {word.lower() for word in _BARE_WORD.findall(text)} if found else set()
    for each, word in zip(found, words, strict=True):
        before = text[max(0, each.start - _CONTEXT) : each.start]
        if not before[-1].isalpha():
            if not _ABBREVIATED.search(before):
                yield each
        elif often[word] < 3 and not (_NAMES_A_THING.search(before) or _MEASURED.match(text, each.end)):
            plain = word[: each.start - each.end]
            if _is_plain_word(plain) and (plain.lower() in bare or _CLOSES_CLAUSE.match(text, each.end)):
                yield each


def _is_plain_word(word: str) -> bool:
    return len(word) >= 4 and word[1:].islower()


def _word_start(text: str, end: int) -> int:
    start = end
    while start > max(0, end - _CONTEXT) and text[start - 1].isalpha():
        start -= 1
    return start


def _in_parentheses(text: str, found: Sequence[Candidate]) -> Iterator[Candidate]:
    """Those that follow a word, and are no numbers of items: ``(1) pain, (2) fever and (3) cough``.

    Those that follow a sentence, or a word without a space, count only where most do.
    """
    before = [_before(text, each.start) for each in found]
    glued = [not text[each.start - 1 : each.start].isspace() for each in found]
    beside = [False] * len(found)
    for i in range(1, len(found)):
        if _BETWEEN_MARKS.fullmatch(text, found[i - 1].end, found[i].start):
            before[i], glued[i], beside[i] = before[i - 1], glued[i - 1], True
    after_sentence = [_FOLLOWS_A_SENTENCE.search(words) is not None for words in before]
    items = _items(text, found, before, after_sentence, beside)
    allowed = [not item and _may_follow(words) for item, words in zip(items, before, strict=True)]
    for unusual in (after_sentence, glued):
        if 2 * sum(a and b for a, b in zip(allowed, unusual, strict=True)) <= sum(allowed):
            allowed = [a and not b for a, b in zip(allowed, unusual, strict=True)]
    return (each for each, may in zip(found, allowed, strict=True) if may)


def _items(
    text: str, found: Sequence[Candidate], before: Sequence[str], after_sentence: Sequence[bool], beside: Sequence[bool]
) -> list[bool]:
    """Which of some candidates number items: they begin a clause, or belong to the same list as one that does."""
    items = [not words or _INTRODUCES.search(words) is not None for words in before]
    successive = [
        b.numbers == (a.numbers[-1] + 1,) and b.start < a.end + _NEAR and "\n\n" not in text[a.end : b.start]
        for a, b in pairwise(found)
    ]
    for i, follows in enumerate(successive):
        items[i + 1] |= (follows and items[i] and after_sentence[i + 1]) or (beside[i + 1] and items[i])
    for i, follows in reversed(list(enumerate(successive))):
        items[i] |= follows and items[i + 1] and not beside[i + 1]
    return items


def _may_follow(before: str) -> bool:
    """Whether a mark in parentheses may follow some words: not ``12 (3)`` and not ``Figure (3)``."""
    figure = _IS_FIGURE.search(before) and not _IS_YEAR.search(before)
    return not (figure or _NAMES_A_THING.search(before) or before[-1:] in tuple("([{=<>+*/^_"))
