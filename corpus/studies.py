"""Studies: runs of paragraphs that one marker group closes.

In a footnote source, a marker group that stands alone at the end of a prose paragraph closes a study. Back from
there over unmarked paragraphs, the study begins with the nearest paragraph that names the first author of a work
that closes it. Where none does, it begins with the farthest whose words are those of the work's title and of the
closing paragraph. A paragraph in between that shares few words with the study is the page's own, and so is all
before a paragraph that tells of somebody else's work.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import msgspec

from corpus.cited_authors import Authors, Cited, Who
from corpus.documents import Block, Document, Marker, Work, markers_within
from corpus.kinship import Kinship, content_words
from corpus.passages import without_markers
from corpus.sentences import sentence_spans
from corpus.spans import Span

__all__ = ["Page", "Run", "Study", "find_studies", "marker_groups"]

START, KEEP = 14, 7
"""How many distinctive words a paragraph shares with the title and with the closing paragraph, those of both counted
twice: so many that it may begin a study without naming its author; and so many, shared with the title and with any
other paragraph of the study, that it belongs to one that has begun. Chosen on the development half of the benchmark
of attribution."""
FIGURES = 3
"""A paragraph of a study that has begun is full of findings: so many of its figures count as shared words."""

MOST = 20
"""A group of more marks closes no study: it stands for a literature."""

_CLOSING = re.compile(r"[\s.,;:!?)\]\"'”’»]*")
_BETWEEN = re.compile(r"[\s,;]*")
_OPENING = re.compile(r"(?i:background|context|importance|introduction|objectives?|purpose|aims?)\s*:")
"""How the first section of a structured abstract is labelled. Without a later section it may be the page's own."""
_SECTION = re.compile(
    r"(?:[A-Z][a-z]+ (?:and|&) )?(?i:methods?|results?|findings?|conclusions?|interpretation)\s*:(?!\w)"
)
"""How its later sections are labelled."""
_CONTINUING = re.compile(rf"(?:They|Their|The(?:se)? (?:authors|investigators|researchers))(?!\w)|{_SECTION.pattern}")
"""How a paragraph begins that goes on with a study: of its authors, or with a later section of an abstract."""
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_TITLE_LENGTH = 1_000


class Study(msgspec.Struct, frozen=True):
    """A run of consecutive paragraphs that one marker group closes; `lead` is the first sentence of the study.

    A study that the page interrupts with a paragraph of its own is given in parts, all with the same `lead`.
    """

    start: int
    end: int
    lead: Span


class Run(NamedTuple):
    """A study as blocks, by their index: those of which it consists, the closing one last.

    `doubtful` are the unmarked paragraphs before the closing one that may belong to it, but by no evidence;
    `numbers` are those of the marker group.
    """

    paragraphs: tuple[int, ...]
    doubtful: tuple[int, ...]
    numbers: tuple[int, ...]

    def parts(self, document: Document) -> list[Span]:
        """The stretches of the text that follow on each other, from the first to the closing paragraph."""
        last = [i for i, after in pairwise(self.paragraphs) if after > i + 1]
        first = [after for i, after in pairwise(self.paragraphs) if after > i + 1]
        edges = zip([self.paragraphs[0], *first], [*last, self.paragraphs[-1]], strict=True)
        return [Span(document.blocks[i].start, document.blocks[j].end) for i, j in edges]


def find_studies(document: Document) -> tuple[Study, ...]:
    """The studies of a document, in its order. They do not overlap."""
    return Page(document).studies()


def marker_groups(document: Document, block: Block) -> list[list[Marker]]:
    """The markers of a block; those with nothing but commas and space between them form one group."""
    groups: list[list[Marker]] = []
    for marker in markers_within(document.markers, block.start, block.end):
        if groups and _BETWEEN.fullmatch(document.text, groups[-1][-1].end, marker.start):
            groups[-1].append(marker)
        else:
            groups.append([marker])
    return groups


class Page:
    """A document as attribution reads it: who is named where, which words are distinctive, where studies are."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.authors = Authors(document)
        self._titles: dict[str, frozenset[str]] = {}

    @cached_property
    def runs(self) -> dict[int, Run]:
        """The studies, by the start of the paragraph that closes each, in the order of the document."""
        found = {}
        for i, block in enumerate(self._document.blocks):
            groups = marker_groups(self._document, block)
            if self._closes_study(block, groups):
                found[block.start] = self._run(i, groups[0])
        return found

    def studies(self) -> tuple[Study, ...]:
        """The studies, in the order of the document. They do not overlap."""
        document = self._document
        studies = []
        for run in self.runs.values():
            first = document.blocks[run.paragraphs[0]]
            lead = sentence_spans(document.text, first.start, first.end, document.markers)[0]
            studies += [Study(part.start, part.end, lead) for part in run.parts(document)]
        return tuple(studies)

    def cited(self, group: Iterable[Marker]) -> Cited:
        """The works that a group of markers cites."""
        numbers = (number for marker in group for number in marker.numbers)
        works = [self._document.works[number] for number in numbers if number in self._document.works]
        titles = frozenset[str]().union(*(self._title(work) for work in works))
        return Cited(((work, self.authors.rivals(work)) for work in works), titles)

    def _title(self, work: Work) -> frozenset[str]:
        """The distinctive words of a title, or of the whole note where no title is known."""
        if work.id not in self._titles:
            self._titles[work.id] = self._kinship.distinctive(
                content_words((work.csl.title or work.text)[:_TITLE_LENGTH])
            )
        return self._titles[work.id]

    @cached_property
    def _kinship(self) -> Kinship:
        document = self._document
        return Kinship(without_markers(document.text, b.start, b.end, document.markers) for b in document.blocks)

    def _closes_study(self, block: Block, groups: Sequence[Sequence[Marker]]) -> bool:
        return (
            self._document.footnotes
            and block.kind == "paragraph"
            and len(groups) == 1
            and len(groups[0]) <= MOST
            and _CLOSING.fullmatch(self._document.text, groups[0][-1].end, block.end) is not None
        )

    def _run(self, closing: int, group: Sequence[Marker]) -> Run:
        before = list(self._before(closing))
        kept = self._kept(before, closing, self.cited(group)) if before else []
        doubtful = sorted(set(before) - set(kept))
        numbers = tuple(number for marker in group for number in marker.numbers)
        return Run((*reversed(kept), closing), tuple(doubtful), numbers)

    def _before(self, closing: int) -> Iterator[int]:
        """The unmarked paragraphs before a closing one, the nearest first."""
        for i in range(closing - 1, -1, -1):
            block, after = self._document.blocks[i : i + 2]
            if after.apart or block.kind != "paragraph":
                return
            if markers_within(self._document.markers, block.start, block.end):
                return
            yield i

    def _kept(self, before: Sequence[int], closing: int, cited: Cited) -> list[int]:
        """Those of the paragraphs before a closing one that belong to its study, the nearest first."""
        first = self._first(before, closing, cited)
        if first is None:
            return []
        between = before[: before.index(first)]
        uses = Counter(word for i in (closing, *between, first) for word in self._words(i))
        related = frozenset(word for word, count in uses.items() if count > 1)
        return [*(i for i in between if self._belongs(i, cited, related)), first]

    def _belongs(self, i: int, cited: Cited, related: frozenset[str]) -> bool:
        """Whether a paragraph between the first and the closing one is of the study, and not the page's own."""
        if self._begins_with(_CONTINUING, i):
            return True
        block = self._document.blocks[i]
        figures = len(_FIGURE.findall(self._document.text, block.start, block.end))
        return self._kin(i, cited, related) + min(figures, FIGURES) >= KEEP

    def _first(self, before: Sequence[int], closing: int, cited: Cited) -> int | None:
        """The paragraph with which a study begins, if that is not the closing one."""
        first = None
        if self._who_in(closing, cited):
            return None
        sectioned = self._begins_with(_SECTION, closing)
        for i in before:
            who = self._who_in(i, cited)
            if who == "own":
                return i
            if who == "other":
                return None
            opens = sectioned and self._begins_with(_OPENING, i)
            if opens or self._kin(i, cited, self._words(closing)) >= START:
                first = i
            sectioned = sectioned or self._begins_with(_SECTION, i)
        return first

    def _begins_with(self, words: re.Pattern[str], i: int) -> bool:
        return words.match(self._document.text, self._document.blocks[i].start) is not None

    def _kin(self, i: int, cited: Cited, related: frozenset[str]) -> int:
        """How many distinctive words a paragraph shares with the titles of works and with what is related to it."""
        words = self._words(i)
        return len(words & cited.titles) + len(words & related)

    def _words(self, i: int) -> frozenset[str]:
        return self._kinship.words[i]

    def _who_in(self, i: int, cited: Cited) -> Who:
        block = self._document.blocks[i]
        return self.authors.who(Span(block.start, block.end), cited)
