"""Where a quotation stands now: unchanged, moved, changed or gone.

The words decide first, compared without markers. Where they stand more than once, what stood before and after
them decides, then their old position. What these leave open is `ambiguous`: a link to other words, or to
another place that has the same words, is worse than none.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from corpus.alignment import NEAR_COPY, Alignment, align_at, is_near_copy, probe, recased
from corpus.contexts import Context
from corpus.documents import Document
from corpus.folding import Folded, lower
from corpus.locations import Location, Place
from corpus.passages import anchor
from corpus.quotations import MAX_HITS, Hit, Quotation
from corpus.shifts import Shift
from corpus.spans import Span
from corpus.targets import Target

__all__ = ["Locator"]

CHANGED = 0.58
"""The similarity from which on the nearest text counts as the quotation, changed."""

SURE_WORDS = 10
"""So many words that stand in one place only are found again where nothing around them is as it was."""

NEAR, NEAR_BARE = 24, 96
"""Folded characters of the surroundings that are looked for elsewhere, more where an older document tells them."""

MOST_WINDOWS = 8
"""So many windows are aligned word by word, which takes the time of their length squared."""

MOST_CANDIDATES = 10
"""So many places of an ambiguous target are listed."""

_WORD = re.compile(r"\w+")


class _Found(NamedTuple):
    """A place that has the words; `before` and `after` is how far its surroundings are the old ones."""

    document: Document
    hit: Hit
    before: int
    after: int
    span: Span
    at_old_place: bool

    @property
    def sides(self) -> int:
        return bool(self.before) + bool(self.after)


class Locator:
    """Finds quotations in documents. Each document is folded when it is first looked at, and then kept.

    >>> from corpus.sources import read_text
    >>> page = read_text("Pain eased. It rose to eight. Then it fell.", identity="page")
    >>> locator = Locator({"page": page})
    >>> found = locator.locate(Target.quoted("It rose  to eight 1).", start=0, end=19, document="page"))
    >>> found.verdict, found.place
    ('moved', Place(document='page', span=Span(start=12, end=29)))
    """

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = documents
        self._folded: dict[str, Folded] = {}

    def locate(self, target: Target) -> Location:
        """Where a target stands now. Never raises, whatever the target is."""
        found = self._found(target)
        if len(found) >= MAX_HITS:
            return self._ambiguous(found, f"The words stand at {MAX_HITS} places or more: quote more of them.")
        if not found:
            return self._changed_or_gone(target)
        known = self._known(target)
        here = [each for each in found if each.document.id == target.document] if known else []
        chosen = self._chosen(here or found, target)
        if not target.surroundings.known:
            return self._settled(chosen, found, target, "Nothing is known of what stood around them.")
        return self._weighed(chosen, found, target)

    def _weighed(self, chosen: _Found | None, found: Sequence[_Found], target: Target) -> Location:
        """The place that was chosen, unless what stands in the old surroundings speaks against it."""
        told_apart = chosen is not None and (chosen.at_old_place or _told_apart(chosen, target))
        reworded = None if told_apart else self._in_old_surroundings(target, apart_from=chosen)
        if reworded and not any(each.sides for each in found):
            # A copy elsewhere has the very words, but in their old place they were changed.
            return self._changed(reworded, "In their old surroundings the words were changed; a copy stands elsewhere.")
        if reworded:
            return self._ambiguous(found, "In their old surroundings other words stand that may be these, changed.")
        if chosen and (doubt := self._doubt(chosen, found, target)):
            return self._ambiguous(found, doubt)
        return self._settled(chosen, found, target, "What stood around them does not tell which is meant.")

    def _known(self, target: Target) -> bool:
        return target.document is not None and target.document in self._documents

    def _fold(self, document: Document) -> Folded:
        if document.id not in self._folded:
            self._folded[document.id] = Folded(document.text, document.markers)
        return self._folded[document.id]

    def _in_order(self, target: Target) -> Iterator[Document]:
        """The documents, that of the target first."""
        if self._known(target):
            yield self._documents[target.document or ""]
        yield from (document for key, document in self._documents.items() if key != target.document)

    def _found(self, target: Target, *, caseless: bool = False) -> list[_Found]:
        quotation = Quotation(lower(target.exact) if caseless else target.exact, bare=target.bare)
        ends_with_mark = target.ends_with_mark or quotation.ends_with_mark
        found: list[_Found] = []
        for document in self._in_order(target):
            folded = self._fold(document)
            for hit in quotation.hits(folded.lowered() if caseless else folded):
                span = folded.span(hit.start, hit.end)
                span = _with_marks_after(document, span) if ends_with_mark else span
                same = target.document in (None, document.id)
                reach = target.surroundings.reach(folded.text, hit)
                found.append(_Found(document, hit, *reach, span, same and span.start == target.start))
            if len(found) >= MAX_HITS:
                break
        return found

    def _chosen(self, found: Sequence[_Found], target: Target) -> _Found | None:
        """The one of several places that is meant, if that can be told."""
        if len(found) == 1:
            return found[0]
        wanted = 2 if target.surroundings.before and target.surroundings.after else 1
        wanted = wanted if target.surroundings.known else 0
        at_old_place = [each for each in found if each.at_old_place and each.sides >= wanted]
        if len(at_old_place) == 1 and not self._repeats_at_once(at_old_place[0], found):
            return at_old_place[0]
        supported = [each for each in found if each.sides]
        if len(supported) == 1:
            return supported[0]
        # Only far surroundings tell a copy of a whole stretch from its original, after which something was changed.
        best = max(supported, key=lambda each: each.before + each.after, default=None)
        if best and best.sides == 2 and target.bare and all(_exceeds(best, each) for each in supported if each != best):
            return best
        return None

    def _repeats_at_once(self, found: _Found, all_found: Sequence[_Found]) -> bool:
        """Whether a place and another are parts of one stretch that stands there twice, one right behind the other.

        Then it is the same whether the copy was put before the original or behind it.
        """
        text = self._fold(found.document).text
        for other in all_found:
            if other.document.id != found.document.id or other is found:
                continue
            first, second = sorted((found.hit.start, other.hit.start))
            distance = second - first
            back = _common(text[max(0, first - distance) : first][::-1], text[max(0, second - distance) : second][::-1])
            if back + _common(text[first : first + distance], text[second : second + distance]) >= distance - 1:
                return True
        return False

    def _doubt(self, chosen: _Found, found: Sequence[_Found], target: Target) -> str | None:
        """Why the place that the words point to may not be the one that is meant."""
        own = chosen.before + chosen.after
        text = self._fold(chosen.document).text
        if any(sum(other.reach(text, chosen.hit)) >= own for other in target.others):
            return "The words stood at several places before; this may be another of them."
        if chosen.at_old_place or _told_apart(chosen, target):
            return None
        if not chosen.sides and self._known(target) and chosen.document.id != target.document:
            return "The words stand in another document, where nothing around them is as it was."
        if not chosen.sides:
            few = len(_WORD.findall(target.exact)) < SURE_WORDS
            return "So few words may stand elsewhere by chance, and nothing around them is as it was." if few else None
        if any(each.sides > chosen.sides for each in found):
            return "In another document more of what stood around the words is as it was."
        return self._double(chosen, target)

    def _double(self, chosen: _Found, target: Target) -> str | None:
        """Whether what stood around the words stands around other words, too."""
        sides = [
            (context, at)
            for context, reach, at in (
                (target.surroundings.before, chosen.before, chosen.hit.start),
                (target.surroundings.after, chosen.after, chosen.hit.end),
            )
            if context and reach
        ]
        documents = self._possible(chosen, target)
        for context, at in sides:
            near = _near(context, NEAR_BARE if target.bare else NEAR)
            if not any(
                document.id != chosen.document.id or abs(place - at) > 1
                for document in documents
                for place in near.places(self._fold(document).text)
            ):
                break
        else:
            return "What stood around the words stands elsewhere too, without them."
        if not target.had_near_copy and self._has_near_copy(chosen, documents, target):
            return "Words that differ in little stand elsewhere, and may be those that are meant, changed."
        return None

    def _possible(self, chosen: _Found, target: Target) -> list[Document]:
        """The documents in which the words may have stood: the old one, or any if that is not known."""
        if target.document is None:
            return list(self._documents.values())
        return [each for each in self._documents.values() if each.id in {chosen.document.id, target.document}]

    def _has_near_copy(self, chosen: _Found, documents: Sequence[Document], target: Target) -> bool:
        for document, start in self._windows(target, documents):
            own = chosen.span if document.id == chosen.document.id else None
            if is_near_copy(target.exact, document, self._fold(document), start, own, bare=target.bare):
                return True
        return False

    def _windows(self, target: Target, documents: Iterable[Document]) -> list[tuple[Document, int]]:
        """Where in some documents the words may begin if they were changed, the likeliest first."""
        found = [
            (document, each)
            for document in documents
            for each in probe(target.exact, self._fold(document), bare=target.bare)
        ]
        found.sort(key=lambda item: -item[1].votes)
        return [(document, each.start) for document, each in found[:MOST_WINDOWS]]

    def _settled(self, chosen: _Found | None, found: Sequence[_Found], target: Target, reason: str) -> Location:
        if chosen is None:
            return self._ambiguous(found, f"The words stand at {len(found)} places. {reason}")
        same_place = (target.document in (None, chosen.document.id)) and (
            target.start in (None, chosen.span.start)
            and (target.start is None or target.end in (None, chosen.span.end))
        )
        before = self._fold(chosen.document).text[: chosen.hit.start].rstrip()
        around = chosen.sides == len(target.surroundings.sides)
        shift = Shift(target, chosen.document.id, chosen.span, before, around)
        return Location(
            verdict="unchanged" if same_place else "moved",
            reason="The words stand where they stood." if same_place else shift.reason,
            place=Place(chosen.document.id, chosen.span),
            anchor=anchor(chosen.document, chosen.span),
            similarity=1.0,
        )

    def _ambiguous(self, found: Sequence[_Found], reason: str) -> Location:
        ordered = sorted(found, key=lambda each: -each.before - each.after)[:MOST_CANDIDATES]
        return Location(
            verdict="ambiguous", reason=reason, candidates=tuple(Place(each.document.id, each.span) for each in ordered)
        )

    def _changed_or_gone(self, target: Target) -> Location:
        nearest = self._in_old_surroundings(target) or self._nearest(target)
        if (nearest is None or nearest.similarity < NEAR_COPY) and (recased := self._recased(target)):
            return recased
        if nearest is None or nearest.similarity < CHANGED:
            similarity = nearest.similarity if nearest else 0.0
            return Location(
                verdict="gone",
                similarity=similarity,
                reason=f"No text is near enough: the nearest has a similarity of {similarity:.2f}, below {CHANGED}.",
            )
        return self._changed(nearest, "The nearest text differs from the words.")

    def _recased(self, target: Target) -> Location | None:
        """Where the words stand in another case, if anything tells that they are those that are meant."""
        found = self._found(target, caseless=True)
        if target.surroundings.known and len(_WORD.findall(target.exact)) < SURE_WORDS:
            found = [each for each in found if each.sides]
        if not found:
            return None
        here = [each for each in found if each.document.id == target.document]
        if chosen := self._chosen(here or found, target):
            nearest = recased(target.exact, chosen.document, chosen.span, bare=target.bare)
            return self._changed(nearest, "The words stand there in another case.")
        return self._ambiguous(found, f"The words stand at {len(found)} places in another case.")

    def _changed(self, nearest: Alignment, reason: str) -> Location:
        return Location(
            verdict="changed",
            reason=reason,
            place=Place(nearest.document, nearest.span),
            anchor=anchor(self._documents[nearest.document], nearest.span),
            similarity=nearest.similarity,
            diff=nearest.diff,
        )

    def _in_old_surroundings(self, target: Target, *, apart_from: _Found | None = None) -> Alignment | None:
        """The nearest text beside what stood around the words, if it is near enough and other than they."""
        found: list[Alignment] = []
        width = 3 * len(target.exact) // 2
        for document, place, is_before in islice(self._old_places(target), MOST_WINDOWS):
            start, end = (place, place + width) if is_before else (place - width, place)
            found += align_at(target.exact, document, self._fold(document), start, end, bare=target.bare)
        best = max(found, key=lambda each: each.similarity * (not _overlap(each, apart_from)), default=None)
        return best if best and CHANGED <= best.similarity < 1 and not _overlap(best, apart_from) else None

    def _old_places(self, target: Target) -> Iterator[tuple[Document, int, bool]]:
        """Where what stood around the words stands: in their document, or in any if it is not there."""
        any_there = False
        for document in self._in_order(target):
            for context in target.surroundings.sides:
                for place in _near(context, NEAR).places(self._fold(document).text):
                    any_there = True
                    yield document, place, context.is_before
            if any_there and document.id == target.document:
                return

    def _nearest(self, target: Target) -> Alignment | None:
        """The nearest text of all documents; if that of the target has one that is near, none is looked for beyond."""
        best: Alignment | None = None
        margin = max(100, len(target.exact) // 2)
        home = [self._documents[target.document or ""]] if self._known(target) else []
        for documents in (home, self._documents.values()):
            for document, start in self._windows(target, documents):
                end = start + len(target.exact) + 2 * margin
                found = align_at(target.exact, document, self._fold(document), start - margin, end, bare=target.bare)
                best = max([*found, *([best] if best else [])], key=lambda each: each.similarity, default=None)
            if best and best.similarity >= CHANGED:
                return best
        return best


def _told_apart(found: _Found, target: Target) -> bool:
    """Whether copies say nothing against a place: an older text had some, from which far surroundings tell it."""
    return found.sides == 2 and bool(target.others or target.had_near_copy)


def _near(context: Context, length: int) -> Context:
    """The part of a context next to the words, which is looked for elsewhere."""
    texts = tuple(each[-length:] if context.is_before else each[:length] for each in context.texts)
    return Context(texts, context.is_before, edge=False)


def _exceeds(best: _Found, other: _Found) -> bool:
    return best.before >= other.before and best.after >= other.after and best[2:4] != other[2:4]


def _overlap(aligned: Alignment, found: _Found | None) -> bool:
    if found is None or aligned.document != found.document.id:
        return False
    return aligned.span.start < found.span.end and found.span.start < aligned.span.end


def _common(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _with_marks_after(document: Document, span: Span) -> Span:
    """A span with the markers right behind it in its block, since its words ended with one."""
    end = span.end
    block = bisect_right(document.blocks, span.end - 1, key=lambda each: each.start)
    next_block = document.blocks[block].start if block < len(document.blocks) else len(document.text)
    first = bisect_left(document.markers, end, key=lambda marker: marker.start)
    for marker in document.markers[first:]:
        if marker.start >= next_block or document.text[end : marker.start].strip(" ,;\n\t"):
            break
        end = marker.end
    return Span(span.start, end)
