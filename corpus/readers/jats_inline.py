"""The text within a block: pieces with callouts among them, white space made even, and formulas in one line."""

import re
from collections.abc import Iterable

from lxml import etree

from corpus.readers.jats_callouts import Callout
from corpus.readers.jats_xml import Element

__all__ = ["BREAK", "CLOSE", "Closing", "Opening", "Piece", "assembled", "formula_text"]

BREAK = "\v"
"""A line break that the source asks for; XML itself cannot hold this character."""
_SPACE = re.compile(r"[ \t\r\n]+")
_MATH = {"msqrt": "√", "mroot": "√", "mfenced": "(", "mspace": " "}
_MATH_TEXT = frozenset({"mi", "mn", "mo", "mtext", "ms"})
_INVISIBLE = re.compile("[\u2061-\u2064\\s]+")


class Opening:
    """Where a callout begins in a row of pieces."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        self.numbers = numbers


class Closing:
    """Where a callout ends."""


Piece = str | Opening | Closing
CLOSE = Closing()


def assembled(pieces: Iterable[Piece], *, verbatim: bool) -> tuple[str, list[Callout]]:
    r"""The text of some pieces, white space made even unless it is `verbatim`, and the callouts in it.

    >>> assembled([" It rose [", Opening((3,)), "3", CLOSE, "]\n .", BREAK, " Then"], verbatim=False)
    ('It rose [3] .\nThen', [Callout(start=9, end=10, numbers=(3,))])
    """
    texts: list[str] = []
    callouts: list[Callout] = []
    length, gap = 0, ""
    numbers: tuple[int, ...] | None = None
    begin: int | None = None
    for piece in pieces:
        if isinstance(piece, Opening):
            numbers, begin = piece.numbers, None
        elif isinstance(piece, Closing):
            if numbers:
                callouts.append(Callout(length if begin is None else begin, length, numbers))
            numbers = None
        elif verbatim:
            texts.append(piece.replace(BREAK, "\n"))
            length += len(texts[-1])
        else:
            words = _SPACE.sub(" ", piece)
            body = words.strip(" ")
            if piece == BREAK:
                gap = "\n"
            elif not body:
                gap = gap or (" " if words else "")
            else:
                if words[0] == " ":
                    gap = gap or " "
                texts += [gap if length else "", body]
                length += len(texts[-2])
                begin = length if begin is None else begin
                length += len(body)
                gap = " " if words[-1] == " " else ""
    return _stripped("".join(texts), callouts)


def _stripped(text: str, callouts: list[Callout]) -> tuple[str, list[Callout]]:
    """A text without the white space of any kind around it."""
    whole, before = text.strip(), len(text) - len(text.lstrip())

    def moved(at: int) -> int:
        return min(max(0, at - before), len(whole))

    return whole, [Callout(moved(each.start), moved(each.end), each.numbers) for each in callouts]


def formula_text(formula: Element) -> str:
    """A formula in one line: the bar of a fraction is a stroke; what is raised or lowered stands in the line.

    >>> formula_text(etree.fromstring("<math><mi>a</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></math>"))
    'a=1/2'
    """
    texts: list[str] = []
    walk = etree.iterwalk(formula, events=("start", "end"))
    for event, element in walk:
        tag, around = str(element.tag), element.getparent()
        if event == "start":
            if tag.startswith("annotation"):
                walk.skip_subtree()
            elif tag in _MATH_TEXT:
                texts.append(_INVISIBLE.sub(" " if tag == "mtext" else "", element.text or ""))
            texts.append(_MATH.get(tag, ""))
        elif tag == "mfenced":
            texts.append(")")
        if event == "end" and around is not None and around.tag == "mfrac" and element.getprevious() is None:
            texts.append("/")
    return "".join(texts)
