"""Anchors and ids of passages, found again in a snapshot."""

from collections.abc import Mapping, Sequence

import msgspec

from corpus import Anchor, Citation, Document, Passage, Span, anchor
from corpus.contexts import ENOUGH
from corpus.diffs import Piece, aligned_length
from corpus.errors import QueryError
from corpus.locating import Locator
from corpus.locations import Location, Place, Verdict
from corpus.passages import document_of
from corpus.targets import Target
from index.earlier import EarlierSnapshots
from index.searcher import Searcher
from index.store import Store

__all__ = ["MAX_CONTEXT", "MAX_QUOTE", "Located", "LocatedPassage", "PassageLocator", "Quote"]

MAX_QUOTE = 20_000
"""The most code points of a quotation."""

MAX_CONTEXT = 2_000
"""The most code points of what stood before and after it."""


HASH_LENGTH = 12
"""Characters of the hash in a passage's id."""


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A quotation as another program kept it: its words, and as much of an anchor as there is.

    `sha256` is that of the text in which `start` and `end` count; `source` is a document's id or address.
    """

    exact: str
    prefix: str | None = None
    suffix: str | None = None
    start: int | None = None
    end: int | None = None
    sha256: str | None = None
    source: str | None = None


class LocatedPassage(msgspec.Struct, frozen=True):
    """A passage that has a part of what was found, and what it cites."""

    id: str
    start: int
    end: int
    citations: tuple[Citation, ...]


class Located(msgspec.Struct, frozen=True):
    """What became of an anchor: where it stands in this snapshot, or what is nearest to it.

    `document`, `span`, `anchor` and `passages` tell the place where the words stand, or for `changed` the
    nearest text. `similarity` is 1 where all words are equal; `diff` leads from the old words to the nearest
    text. `candidates` are the places of an `ambiguous` anchor, ten at most. `reason` says what decided.
    """

    verdict: Verdict
    reason: str
    snapshot: str
    document: str | None
    span: Span | None
    anchor: Anchor | None
    passages: tuple[LocatedPassage, ...]
    similarity: float
    diff: tuple[Piece, ...]
    candidates: tuple[Place, ...]


class PassageLocator:
    """Finds anchors and passages again in the snapshot of a searcher. Several threads may call it at once.

    ::

        locator = PassageLocator(searcher, Store(Path(".loccit")))
        locator.passage("cervical_spinal_metastases-9c1f0a2b3c4d").verdict
    """

    def __init__(self, searcher: Searcher, store: Store) -> None:
        self._searcher = searcher
        self._documents: Mapping[str, Document] = searcher.documents
        self._locator = Locator(searcher.documents)
        self._earlier = EarlierSnapshots(store, searcher.snapshot)

    def passage(self, identity: str, document: str | None = None) -> Located:
        """Where the passage of an id stands, which may be that of an older snapshot of the store.

        One of a withdrawn document is gone. Raises `QueryError` if no snapshot of the store has it.
        """
        if self._is_withdrawn(document_of(identity), document):
            return self._located(_WITHDRAWN)
        known = self._searcher.passage(identity)
        earlier = self._earlier.passage(identity)
        if earlier:
            found = self._locator.locate(_target(earlier.document, earlier.span, document))
            return self._located(self._agreeing(found, known))
        if known is None:
            raise QueryError(
                "passage",
                f"No snapshot of this store has the passage {identity!r}, so that its words are not known. "
                "Look for the words themselves.",
            )
        return self._located(self._of_this_snapshot(known))

    def quote(self, quote: Quote, document: str | None = None) -> Located:
        """Where a quotation stands; `document` is the id of the document in which it stood, if that is known.

        Raises `QueryError` if it is too long or holds no word.
        """
        _check(quote)
        if self._is_withdrawn(document, (quote.source or "").partition("#")[0]):
            return self._located(_WITHDRAWN)
        current = [each for each in self._documents.values() if self._is_home(each, quote, document)]
        for home in current:
            if home.sha256 == quote.sha256 and (span := _span_in(home, quote)):
                return self._located(_standing(home, span))
        earlier = self._earlier.document(quote.sha256) if quote.sha256 else None
        if earlier and self._is_withdrawn(earlier.id):
            return self._located(_WITHDRAWN)
        if earlier and (span := _span_in(earlier, quote)):
            return self._located(self._locator.locate(_target(earlier, span, document)))
        target = Target.quoted(
            quote.exact,
            prefix=quote.prefix,
            suffix=quote.suffix,
            start=quote.start,
            end=quote.end,
            document=document or (current[0].id if len(current) == 1 else None),
        )
        return self._located(self._locator.locate(target))

    def _is_withdrawn(self, *documents: str | None) -> bool:
        return not self._searcher.withdrawn.isdisjoint(documents)

    def _is_home(self, document: Document, quote: Quote, identity: str | None) -> bool:
        """Whether a quotation says that it comes from a document: by its id, by the text's hash or by its address."""
        if identity is not None:
            return document.id == identity
        address = (quote.source or "").partition("#")[0]
        return document.sha256 == quote.sha256 or (address != "" and address in {document.id, document.url})

    def _of_this_snapshot(self, passage: Passage) -> Location:
        """A passage that only this snapshot has. Of equal ones an id alone does not tell which was meant once."""
        document = self._documents[passage.document_id]
        stem = _stem(passage)
        equal = [each for each in self._searcher.passages_of(document.id) if _stem(each) == stem]
        if len(equal) == 1:
            return _standing(document, Span(passage.start, passage.end))
        equal.sort(key=lambda each: each.id != passage.id)
        return Location(
            verdict="ambiguous",
            reason=f"{len(equal)} passages of the document have these words, and an id only counts them: "
            "look for the anchor.",
            candidates=tuple(Place(document.id, Span(each.start, each.end)) for each in equal[:10]),
        )

    def _agreeing(self, found: Location, known: Passage | None) -> Location:
        """What was found for an older passage, unless the id now is that of another place with the same words."""
        if known is None or found.place is None:
            return found
        now = Place(known.document_id, Span(known.start, known.end))
        if (
            found.place.document == now.document
            and found.place.span.start < known.end
            and known.start < found.place.span.end
        ):
            return found
        return Location(
            verdict="ambiguous",
            reason="The id was that of one place, and now is that of another with the same words.",
            candidates=(found.place, now),
        )

    def _located(self, found: Location) -> Located:
        place = found.place
        return Located(
            verdict=found.verdict,
            reason=found.reason,
            snapshot=self._searcher.snapshot,
            document=place.document if place else None,
            span=place.span if place else None,
            anchor=found.anchor,
            passages=self._passages(place, found.diff) if place else (),
            similarity=found.similarity,
            diff=found.diff,
            candidates=found.candidates,
        )

    def _passages(self, place: Place, diff: Sequence[Piece]) -> tuple[LocatedPassage, ...]:
        """The passages of a place; of changed text those that have words of the quotation."""
        passages = [
            each
            for each in self._searcher.passages_of(place.document)
            if each.start < place.span.end and place.span.start < each.end
        ]
        if diff:
            passages = self._sharing(passages, diff)
        return tuple(LocatedPassage(each.id, each.start, each.end, each.citations) for each in passages)

    def _sharing(self, passages: Sequence[Passage], diff: Sequence[Piece]) -> list[Passage]:
        """The passages that share enough with a quotation, or more than any other."""
        shared = [
            aligned_length(self._documents[each.document_id], diff, Span(each.start, each.end)) for each in passages
        ]
        least = min(ENOUGH, max(shared, default=0))
        return [each for each, length in zip(passages, shared, strict=True) if length and length >= least]


_WITHDRAWN = Location(verdict="gone", reason="Its document is withdrawn.")


def _target(document: Document, span: Span, identity: str | None) -> Target:
    """The target of a span of an older document, which may have been known by another id."""
    target = Target.standing(document, span)
    return msgspec.structs.replace(target, document=identity) if identity else target


def _standing(document: Document, span: Span) -> Location:
    return Location(
        verdict="unchanged",
        reason="The text is the same.",
        place=Place(document.id, span),
        anchor=anchor(document, span),
        similarity=1.0,
    )


def _stem(passage: Passage) -> str:
    """The id of a passage without the number of its occurrence: that of its words."""
    return passage.id[: len(passage.document_id) + 1 + HASH_LENGTH]


def _span_in(document: Document, quote: Quote) -> Span | None:
    """The place of a quotation in a document, if its words stand exactly there."""
    if quote.start is None or document.text[quote.start : quote.start + len(quote.exact)] != quote.exact:
        return None
    return Span(quote.start, quote.start + len(quote.exact))


def _check(quote: Quote) -> None:
    if not any(map(str.isalnum, quote.exact)):
        raise QueryError("exact", "The quotation holds no word. Give the words that are looked for.")
    if len(quote.exact) > MAX_QUOTE:
        raise QueryError(
            "exact", f"The quotation has {len(quote.exact):,} characters, the most is {MAX_QUOTE:,}. Give a part of it."
        )
    for name, context in (("prefix", quote.prefix), ("suffix", quote.suffix)):
        if context is not None and len(context) > MAX_CONTEXT:
            raise QueryError(
                name, f"It has {len(context):,} characters, the most is {MAX_CONTEXT:,}. Give a part of it."
            )
    if any("\ud800" <= character <= "\udfff" for character in quote.exact):
        raise QueryError("exact", "The quotation holds half of a surrogate pair. Write it in valid Unicode.")
