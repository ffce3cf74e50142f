"""How well anchors last: edits of real pages, and what is said of their passages afterwards.

A silent wrong link is a verdict `unchanged` or `moved` that points at other words, or at another place than
the one that the passage is at now. What is true is known from the edit, by tags that words carry.
"""

import random
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from corpus.chunking import PieceLimit, chunk, count_tokens
from corpus.documents import Block, Document, markers_within
from corpus.errors import EmptySourceError
from corpus.locating import Locator
from corpus.locations import Location
from corpus.passages import Passage, anchor, without_markers
from corpus.sources import read_text
from corpus.spans import Span
from corpus.targets import Target
from eval.anchor_reports import AnchorReport, Case, Fate, KindCounts, ModeCounts
from eval.edits import KINDS, Page, edited, sentences, tagged, untagged

__all__ = ["measure_anchors"]

MODES = ("anchor", "anchor, page unknown", "quote", "older snapshot")
"""What is known of a passage: its anchor and its page, its anchor, its words as they are pasted, its old page."""

_TAGGED_WORD = re.compile(r"[^\W_]+(?P<tag>[\U000F0000-\U0010FFFD])")
_LIMIT = PieceLimit(count_tokens, 256)
_CHUNK_TOKENS = 200
_LEAST_PROSE = 8


class _Word(NamedTuple):
    tag: str
    start: int
    end: int


class _Tracked(NamedTuple):
    """A document, and where its tagged words stand in it."""

    document: Document
    words: list[_Word]


class _Truth(NamedTuple):
    fate: Fate
    document: str | None = None
    start: int = 0
    end: int = 0


def measure_anchors(
    pages: Sequence[Page],
    *,
    edits: int,
    seed: int,
    passages: int = 12,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> AnchorReport:
    """Make some edits of pages, the kinds in turn, and locate up to so many passages of each page afterwards.

    A page is edited among the two that follow it, since words also have to be told from those of other pages.
    """
    run = _Run(pages, seed, passages)
    for number in range(edits):
        run.edit(number)
        progress(number + 1, edits)
    return run.report()


class _Run:
    def __init__(self, pages: Sequence[Page], seed: int, passages: int) -> None:
        self._pages = pages
        self._passages = passages
        self._seed = seed
        self._edits = self._skipped = self._untouched = self._same_id = self._same_works = 0
        self._modes: dict[str, Counter[str]] = {mode: Counter() for mode in MODES}
        self._kinds: dict[tuple[str, Fate], Counter[str]] = {}
        self._documents: dict[str, Document] = {}
        self._tracked: dict[str, _Tracked] = {}
        self._wrong: list[Case] = []
        self._missed: list[Case] = []
        self._similarities: dict[Fate, list[float]] = {"whole": [], "edited": [], "gone": []}

    def edit(self, number: int) -> None:
        """One edit, and all questions about it."""
        rng = random.Random(f"{self._seed} {number}")  # noqa: S311 - a seeded choice, no secret
        kinds = list(KINDS)
        kind = kinds[number % len(kinds)]
        at = (number // len(kinds) + number) % len(self._pages)
        page = msgspec.structs.replace(self._pages[at], source=tagged(self._pages[at].source))
        others = [self._pages[(at + step) % len(self._pages)] for step in (1, 2) if len(self._pages) > step]
        try:
            before = self._before(page)
            after = [_tracked(each) for each in edited(kind, page, rng, _bank(others))]
        except (IndexError, ValueError, EmptySourceError):
            # The page has too little prose, or what is left of it has none.
            self._skipped += 1
            return
        self._edits += 1
        documents = {each.document.id: each.document for each in after}
        documents |= {other.id: self._read(other) for other in others if other.id not in documents}
        self._ask(kind, before, after, documents, rng)

    def _before(self, page: Page) -> _Tracked:
        if page.id not in self._tracked:
            self._tracked[page.id] = _tracked(page)
        return self._tracked[page.id]

    def _read(self, page: Page) -> Document:
        if page.id not in self._documents:
            self._documents[page.id] = _document(page)
        return self._documents[page.id]

    def _ask(
        self,
        kind: str,
        before: _Tracked,
        after: Sequence[_Tracked],
        documents: Mapping[str, Document],
        rng: random.Random,
    ) -> None:
        locator = Locator(documents)
        letters = "\n".join(_letters(each, Span(0, len(each.text))) for each in documents.values())
        # What has no tagged word, such as an address alone, cannot be followed.
        old = [each for each in _cut(before.document) if _words_within(before, each.start, each.end)]
        new = {each.document.id: _cut(each.document) for each in after}
        truths = {passage.id: _truth(before, passage, after) for passage in old}
        touched = [p for p in old if truths[p.id].fate != "whole"]
        chosen = touched[: self._passages // 2]
        rest = [passage for passage in old if passage not in chosen]
        chosen += rng.sample(rest, min(len(rest), self._passages - len(chosen)))
        for passage in chosen:
            truth = truths[passage.id]
            untouched = truth.fate == "whole" and _block_is_whole(before, passage, after)
            once = untouched and letters.count(_letters(before.document, _span(passage))) == 1
            if untouched:
                self._count_untouched(passage, truth, new)
            for mode, target in _targets(before.document, passage, rng):
                location = locator.locate(target)
                linked = location.verdict in {"unchanged", "moved"}
                right = linked and _is_right(location, before.document, passage, truth, documents, mode)
                self._judge(kind, mode, passage, truth, location, untouched=untouched, once=once, right=right)

    def _count_untouched(self, passage: Passage, truth: _Truth, new: Mapping[str, Sequence[Passage]]) -> None:
        self._untouched += 1
        there = [each for each in new[truth.document or ""] if each.start <= truth.start and truth.end <= each.end]
        own = passage.id.removeprefix(passage.document_id)
        same = [each for each in there if each.id.removeprefix(each.document_id) == own]
        self._same_id += bool(same)
        self._same_works += any(_marked(each) == _marked(passage) for each in same)

    def _judge(
        self,
        kind: str,
        mode: str,
        passage: Passage,
        truth: _Truth,
        location: Location,
        *,
        untouched: bool,
        once: bool,
        right: bool,
    ) -> None:
        linked = location.verdict in {"unchanged", "moved"}
        counts = self._modes[mode]
        counts["asked"] += 1
        counts["untouched"] += untouched
        counts["found"] += untouched and right
        counts["once"] += once
        counts["once found"] += once and right
        self._kinds.setdefault((kind, truth.fate), Counter())[location.verdict] += 1
        case = Case(passage.document_id, kind, mode, passage.text, truth.fate, location)
        if linked and not right:
            counts["wrong"] += 1
            self._wrong.append(case)
        elif untouched and not right:
            self._missed.append(case)
        if location.verdict in {"changed", "gone"}:
            self._similarities[truth.fate].append(location.similarity)

    def report(self) -> AnchorReport:
        return AnchorReport(
            edits=self._edits,
            skipped=self._skipped,
            untouched=self._untouched,
            same_id=self._same_id,
            same_works=self._same_works,
            modes=tuple(
                ModeCounts(
                    mode,
                    counts["asked"],
                    counts["untouched"],
                    counts["found"],
                    counts["once"],
                    counts["once found"],
                    counts["wrong"],
                )
                for mode, counts in self._modes.items()
            ),
            kinds=tuple(
                KindCounts(kind, fate, dict(counts))
                for (kind, fate), counts in sorted(self._kinds.items(), key=lambda item: list(KINDS).index(item[0][0]))
            ),
            wrong=tuple(self._wrong),
            missed=tuple(self._missed),
            similarities={fate: tuple(sorted(values)) for fate, values in self._similarities.items()},
        )


def _span(passage: Passage) -> Span:
    return Span(passage.start, passage.end)


def _marked(passage: Passage) -> set[str]:
    """The works whose markers a passage carries; others may rightly change with the paragraphs around it."""
    return {citation.reference for citation in passage.citations if citation.basis == "marked"}


def _document(page: Page) -> Document:
    return read_text(page.source, identity=page.id, form=page.form)


def _cut(document: Document) -> tuple[Passage, ...]:
    return chunk(document, chunk_tokens=_CHUNK_TOKENS, limit=_LIMIT)


def _bank(pages: Sequence[Page]) -> list[str]:
    """Sentences of other pages, without notes and markup."""
    found = [each for page in pages for paragraph in page.source.split("\n\n") for each in sentences(paragraph)]
    plain = [each for each in found if re.fullmatch(r"[A-Z][\w ,;'-]+\.", each) and len(each.split()) >= _LEAST_PROSE]
    return plain or ["This sentence was written when nothing else could be taken from elsewhere."]


def _tracked(page: Page) -> _Tracked:
    """A tagged page as its reader reads it without tags, and where its words stand.

    Raises `ValueError` if the tags make a difference to the reader.
    """
    document = _document(msgspec.structs.replace(page, source=untagged(page.source)))
    with_tags = _document(page)
    if untagged(with_tags.text) != document.text:
        raise ValueError(f"The tags change how {page.id} is read.")
    words = [
        _Word(match["tag"], match.start() - number, match.end() - number - 1)
        for number, match in enumerate(_TAGGED_WORD.finditer(with_tags.text))
    ]
    return _Tracked(document, words)


def _words_within(tracked: _Tracked, start: int, end: int) -> list[_Word]:
    first = bisect_left(tracked.words, start, key=lambda word: word.start)
    return tracked.words[first : bisect_right(tracked.words, end, key=lambda word: word.end)]


def _truth(before: _Tracked, passage: Passage, after: Sequence[_Tracked]) -> _Truth:
    """What became of a passage, by the tags of its words."""
    words = _words_within(before, passage.start, passage.end)
    tags = [word.tag for word in words]
    left = set(tags) & {word.tag for each in after for word in each.words}
    for each in after:
        place = next((i for i, word in enumerate(each.words) if word.tag == tags[0]), None)
        now = [] if place is None else each.words[place : place + len(tags)]
        if [word.tag for word in now] == tags:
            span, old = Span(now[0].start, now[-1].end), Span(words[0].start, words[-1].end)
            if _letters(each.document, span) == _letters(before.document, old):
                return _Truth("whole", each.document.id, span.start, span.end)
    return _Truth("edited" if left else "gone")


def _letters(document: Document, span: Span) -> str:
    """Letters and figures of a span, without markers: what no typography and no white space changes.

    In an export a mark is only text, which its reader takes for words where it stands out of turn.
    """
    text = without_markers(document.text, span.start, span.end, document.markers)
    if document.form == "dokuwiki-export":
        text = re.sub(r"\b\d{1,3}\)", "", text)
    return "".join(filter(str.isalnum, text))


def _block_is_whole(before: _Tracked, passage: Passage, after: Sequence[_Tracked]) -> bool:
    block = next(each for each in before.document.blocks if each.start <= passage.start < each.end)
    whole = msgspec.structs.replace(passage, start=block.start, end=block.end)
    truth = _truth(before, whole, after)
    if truth.fate != "whole":
        return False
    now = next(each for each in after if each.document.id == truth.document).document
    around = next(each for each in now.blocks if each.start <= truth.start < each.end)
    return _content(now, around) == _content(before.document, block)


def _content(document: Document, block: Block) -> tuple[str, int]:
    """The words of a block and how many markers it has: what makes the ids and the works of its passages."""
    markers = markers_within(document.markers, block.start, block.end)
    return without_markers(document.text, block.start, block.end, document.markers), len(markers)


def _targets(document: Document, passage: Passage, rng: random.Random) -> Iterator[tuple[str, Target]]:
    """A passage as each mode knows it."""
    own = anchor(document, _span(passage))
    known = {"prefix": own.prefix, "suffix": own.suffix}
    page = document.id
    yield MODES[0], Target.quoted(own.exact, **known, start=own.start, end=own.end, document=page)
    yield MODES[1], Target.quoted(own.exact, **known, start=own.start, end=own.end)
    yield MODES[2], Target.quoted(_pasted(own.exact, rng))
    yield MODES[3], Target.standing(document, _span(passage))


def _pasted(exact: str, rng: random.Random) -> str:
    """A quotation as copying leaves it: white space mangled, quotation marks and dashes made plain."""
    plain = exact.translate(str.maketrans("“”‘’–", "\"\"''-"))
    return re.sub(r"\s+", lambda _: rng.choice([" ", " ", "\n", "  ", "\u00a0"]), plain) + rng.choice(["", " ", "\n"])


def _is_right(
    location: Location,
    document: Document,
    passage: Passage,
    truth: _Truth,
    documents: Mapping[str, Document],
    mode: str,
) -> bool:
    """Whether a link points at the words of a passage, and at its true place.

    Of a pasted quotation nothing but its words is known, so that any single place that has them is theirs.
    """
    place = location.place
    if place is None:
        return False
    old = _span(passage)
    same_words = _letters(documents[place.document], place.span) == _letters(document, old)
    if mode == "quote" and truth.fate != "whole":
        return same_words
    in_place = truth.fate == "whole" and place.document == truth.document
    return same_words and in_place and place.span.start <= truth.start and truth.end <= place.span.end
