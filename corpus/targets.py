"""What is looked for: a quotation, and what is known of where it stood."""

import msgspec

from corpus.alignment import is_near_copy, probe
from corpus.contexts import Context, context_of
from corpus.documents import Document
from corpus.folding import Folded, fold, marked_spans
from corpus.quotations import Hit, Quotation
from corpus.spans import Span

__all__ = ["Surroundings", "Target"]

FAR = 1_000
"""Folded characters of the surroundings that are compared, of an older document at hand."""


class Surroundings(msgspec.Struct, frozen=True):
    """What stands before and after a place; None where that is not known."""

    before: Context | None = None
    after: Context | None = None

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return bool(self.sides)

    @property
    def sides(self) -> tuple[Context, ...]:
        """What is known of them, one side after the other."""
        return tuple(each for each in (self.before, self.after) if each is not None)

    def reach(self, text: str, hit: Hit) -> tuple[int, int]:
        """How far they are those of a place in a folded text, on each side."""
        return (
            self.before.reach(text, hit.start) if self.before else 0,
            self.after.reach(text, hit.end) if self.after else 0,
        )


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: words, and what is known of where they stood.

    `start` and `end` are their old place, `document` is that of the document. Of an older document at hand
    more is known: that `exact` is without its markers, whether it ended with one, how it went on far around,
    the whole folded text `before` it, the surroundings of other places that had the same words, and whether
    some had nearly the same.
    """

    exact: str
    surroundings: Surroundings = Surroundings()
    start: int | None = None
    end: int | None = None
    document: str | None = None
    bare: bool = False
    ends_with_mark: bool = False
    before: str | None = None
    others: tuple[Surroundings, ...] = ()
    had_near_copy: bool = False

    @classmethod
    def quoted(
        cls,
        exact: str,
        *,
        prefix: str | None = None,
        suffix: str | None = None,
        start: int | None = None,
        end: int | None = None,
        document: str | None = None,
    ) -> "Target":
        """The target that a quotation makes, with what stood around it and where it stood, as far as that is known.

        Without a `start` an empty `prefix` or `suffix` says nothing; with one, it was the edge of the document.
        """
        first = start is not None and len(prefix or "") >= start
        last = start is not None and suffix == ""
        return cls(
            exact=exact,
            surroundings=Surroundings(
                context_of(prefix, is_before=True, edge=first), context_of(suffix, is_before=False, edge=last)
            ),
            start=start,
            end=end,
            document=document,
        )

    @classmethod
    def standing(cls, document: Document, span: Span) -> "Target":
        """The target that a span of an older document makes."""
        folded = Folded(document.text, document.markers)
        exact = _bare(document, span)
        own = Hit(folded.offset(span.start), folded.offset(span.start) + len(fold(exact)))
        hits = [hit for hit in Quotation(exact, bare=True).hits(folded) if hit != own]
        return cls(
            exact=exact,
            surroundings=_surroundings(folded.text, own),
            start=span.start,
            end=span.end,
            document=document.id,
            bare=True,
            ends_with_mark=any(marker.end == span.end for marker in document.markers),
            before=folded.text[: own.start].rstrip(),
            others=tuple(_surroundings(folded.text, hit) for hit in hits),
            had_near_copy=any(
                is_near_copy(exact, document, folded, each.start, span, bare=True)
                for each in probe(exact, folded, bare=True)
            ),
        )


def _bare(document: Document, span: Span) -> str:
    """The words of a span without its markers."""
    text, at, parts = document.text, span.start, []
    for marked in marked_spans(text, document.markers, span.start, span.end):
        parts += [text[at : marked.start].rstrip(), " " if text[marked.end : marked.end + 1].isalnum() else ""]
        at = marked.end
    return "".join([*parts, text[at : span.end]])


def _surroundings(text: str, hit: Hit) -> Surroundings:
    before, after = text[max(0, hit.start - FAR) : hit.start].rstrip(), text[hit.end : hit.end + FAR].lstrip()
    return Surroundings(
        Context((before,), is_before=True, edge=hit.start <= FAR),
        Context((after,), is_before=False, edge=hit.end + FAR >= len(text)),
    )
