"""How well marks are found in plain text and Markdown: articles whose marks are known, written in many styles.

An article's own marks are taken out and written again in each style, its reference list below; what is read back is
compared with what was written. A mark is right if it stands at its place and leads to the works that it should.

Run ``python -m eval.mark_styles FOLDER`` with a folder of JATS articles. Those at odd positions, in the order of their
names, were used to develop the readers; the table tells them from the others.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from corpus import Document, Marker, Reference
from corpus.readers import reader_of
from corpus.sources import read_document

__all__ = ["STYLES", "Score", "Style", "Written", "score", "write"]

_BETWEEN = re.compile(r"[\s,;–—‐‑−-]*")
_DASH = re.compile(r"[–—‐‑−-]")
_BRACKETS = {"[": "]", "(": ")"}
_RAISED = str.maketrans("0123456789,-–", "⁰¹²³⁴⁵⁶⁷⁸⁹˒⁻⁻")
_ESCAPED = re.compile(r"([!-/:-@\[-`{-~])")

_UNLINKED = {"PMC1550956": ("[15]", "[16]")}
"""Marks that the footnotes of an article's tables print, but which its XML does not link."""


class Score(msgspec.Struct, frozen=True):
    """Counts of marks: those `written`, those `found`, and the `right` ones among them."""

    written: int = 0
    found: int = 0
    right: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.written + other.written, self.found + other.found, self.right + other.right)

    @property
    def precision(self) -> float:
        """The share of right ones among those found; 1 where none is found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of those written that are found."""
        return self.right / self.written if self.written else 1.0


class Style(msgspec.Struct, frozen=True):
    """How marks are written: in the `source` and as a reader sees them, and the entries of the list.

    `after_stop` puts a mark behind the punctuation that follows it, `spaced` puts a space before it.
    """

    name: str
    form: str
    source: Callable[[Sequence[int]], str]
    entry: Callable[[int, str], str]
    shown: Callable[[Sequence[int]], str] | None = None
    spaced: bool = False
    after_stop: bool = False
    heading: str = "References"
    singly: bool = False
    """Each number of a group is a mark of its own."""


class Written(NamedTuple):
    """An article in one style: its source, and where marks stand among the letters and figures that are seen."""

    source: str
    marks: list[tuple[int, tuple[str, ...]]]


class _Group(NamedTuple):
    """Marks of an article that stand side by side, with the brackets around them."""

    start: int
    end: int
    numbers: tuple[int, ...]


def _ranges(numbers: Sequence[int], dash: str = "–", comma: str = ", ") -> str:
    parts = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run_numbers = [number for _, number in run]
        ends = [str(run_numbers[0]), str(run_numbers[-1])]
        parts += [dash.join(ends)] if len(run_numbers) > 2 else [str(number) for number in run_numbers]
    return comma.join(parts)


def _in_brackets(number: int, note: str) -> str:
    return f"[{number}] {note}"


def _with_stop(number: int, note: str) -> str:
    return f"{number}. {note}"


STYLES = (
    Style("[3, 5–7]", "text", lambda n: f"[{_ranges(n)}]", _in_brackets, spaced=True),
    Style("[3][5]", "text", lambda n: f"[{n[0]}]", _with_stop, spaced=False, singly=True),
    Style("[3,5-7], no heading", "text", lambda n: f"[{_ranges(n, '-', ',')}]", _with_stop, spaced=True, heading=""),
    Style("(3, 5–7)", "text", lambda n: f"({_ranges(n)})", _with_stop, spaced=True),
    Style("(3) (5)", "text", lambda n: f"({n[0]})", _with_stop, spaced=True, singly=True),
    Style("word.³", "text", lambda n: _ranges(n, "-", ",").translate(_RAISED), _with_stop, after_stop=True),
    Style("word.3,5–7", "text", lambda n: _ranges(n, comma=","), _with_stop, after_stop=True),
    Style("word3.", "text", lambda n: _ranges(n, "-", ","), _with_stop),
    Style("[^3]", "markdown", lambda n: f"[^{n[0]}]", lambda k, note: f"[^{k}]: {note}\n", singly=True),
    Style("[3, 5–7]", "markdown", lambda n: f"[{_ranges(n)}]", _with_stop, spaced=True),
    Style(
        "[[3]](#r3)", "markdown", lambda n: f"[[{n[0]}]](#r{n[0]})", _with_stop, lambda n: f"[{n[0]}]",
        spaced=True, singly=True,
    ),
    Style(
        "[3](#r3)", "markdown", lambda n: f"[{n[0]}](#r{n[0]})", lambda k, note: f'<a id="r{k}"></a>[{k}] {note}\n',
        lambda n: f"[{n[0]}]", spaced=True, singly=True, heading="Literature",
    ),
    Style(
        "<sup>3,5–7</sup>", "markdown", lambda n: f"<sup>{_ranges(n, '-', ',')}</sup>", _with_stop,
        lambda n: _ranges(n, "-", ",").replace(",", "˒").translate(_RAISED), after_stop=True,
    ),
)  # fmt: skip


def write(article: Document, style: Style) -> Written:
    """An article with its marks in a style."""
    groups = _groups(article)
    works = {reference.number: reference.work.text for reference in article.references}
    lines: list[str] = []
    marks: list[tuple[int, tuple[str, ...]]] = []
    seen = 0
    for block in article.blocks:
        pieces = list(_pieces(article.text, block.start, block.end, groups, style))
        source = ""
        for text, numbers in pieces:
            if numbers:
                marks.append((seen, tuple(works[number] for number in numbers)))
                source += style.source(numbers)
                seen += _length(style.shown(numbers) if style.shown else text)
            else:
                source += _ESCAPED.sub(r"\\\1", text) if style.form == "markdown" else text
                seen += _length(text)
        if source.strip():
            begins = "## " if style.form == "markdown" and block.kind == "heading" else ""
            lines.append(begins + " ".join(source.split()))
    return Written("\n\n".join([*lines, *_list(article.references, style)]), marks)


def _list(references: Sequence[Reference], style: Style) -> Iterator[str]:
    if style.heading:
        yield f"## {style.heading}" if style.form == "markdown" else style.heading
    notes = ((each.number, " ".join(each.work.text.split())) for each in references)
    escape = style.form == "markdown"
    yield "\n".join(style.entry(n, _ESCAPED.sub(r"\\\1", note) if escape else note) for n, note in notes)


def _length(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _groups(article: Document) -> list[_Group]:
    known = {reference.number for reference in article.references}
    groups: list[_Group] = []
    for marker in article.markers:
        numbers = tuple(number for number in marker.numbers if number in known)
        if groups and numbers and _BETWEEN.fullmatch(article.text, groups[-1].end, marker.start):
            before = groups.pop()
            dash = _DASH.search(article.text, before.end, marker.start)
            between = range(before.numbers[-1] + 1, numbers[0]) if dash else ()
            numbers = tuple(dict.fromkeys((*before.numbers, *between, *numbers)))
            groups.append(_Group(before.start, marker.end, numbers))
        elif numbers:
            groups.append(_Group(marker.start, marker.end, numbers))
    groups = [_with_brackets(article.text, group) for group in groups]
    linked = {group.start for group in groups}
    for mark in _UNLINKED.get(article.id, ()):
        places = (match.start() for match in re.finditer(re.escape(mark), article.text))
        groups += (_Group(at, at + len(mark), (int(mark.strip("[]")),)) for at in places if at not in linked)
    return sorted(groups)


def _with_brackets(text: str, group: _Group) -> _Group:
    opening = text[group.start - 1 : group.start]
    closed = opening in _BRACKETS and text[group.end : group.end + 1] == _BRACKETS[opening]
    return _Group(group.start - closed, group.end + closed, group.numbers)


def _pieces(
    text: str, start: int, end: int, groups: Sequence[_Group], style: Style
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The text of a block and the marks in it, as they are to be written."""
    at = start
    for group in groups:
        if not start <= group.start < end:
            continue
        before = text[at : group.start].rstrip()
        at = group.end
        stop = text[at : at + 1] if style.after_stop and text[at : at + 1] in tuple(".,;:") else ""
        at += len(stop)
        yield before + stop + (" " if style.spaced and before else ""), ()
        numbers = tuple(sorted(group.numbers))
        for one in [(number,) for number in numbers] if style.singly else [numbers]:
            yield style.source(one), one
        if text[at : at + 1].isalnum():
            yield " ", ()
    yield text[at:end], ()


def score(article: Document, style: Style) -> Score:
    """How many of the marks of an article are found when it is read back in a style."""
    written = write(article, style)
    reading = reader_of(style.form).read(written.source)
    works = {reference.number: reference.work.text for reference in reading.references}
    found = {
        (at, tuple(works.get(n, "") for n in marker.numbers)) for at, marker in _placed(reading.text, reading.markers)
    }
    return Score(len(written.marks), len(found), len(found & set(written.marks)))


def _placed(text: str, markers: Sequence[Marker]) -> Iterator[tuple[int, Marker]]:
    """Markers with the number of letters and figures before each."""
    seen = 0
    for before, marker in pairwise([Marker(0, 0, ()), *markers]):
        seen += _length(text[before.start : marker.start])
        yield seen, marker


def _table(articles: Sequence[Document]) -> Iterator[str]:
    yield "| form | marks | written | precision | recall | precision, other half | recall, other half |"
    yield "|---|---|---|---|---|---|---|"
    for style in STYLES:
        scores = [score(article, style) for article in articles]
        seen, unseen = sum(scores[::2], Score()), sum(scores[1::2], Score())
        figures = [f"{value:.3f}" for each in (seen, unseen) for value in (each.precision, each.recall)]
        yield f"| {style.form} | `{style.name}` | {(seen + unseen).written} | {' | '.join(figures)} |"


def main(folder: str) -> None:
    """Prints the table for the articles of a folder."""
    files = sorted(Path(folder).glob("*.nxml"))
    articles = [read_document(file, identity=file.stem, form="jats") for file in files]
    print("\n".join(_table(articles)))


if __name__ == "__main__":
    main(sys.argv[1])
