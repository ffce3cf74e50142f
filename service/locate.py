"""Finding anchors and passages again, over HTTP."""

from functools import lru_cache
from typing import Annotated

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from corpus.errors import QueryError
from index import Searcher, Store
from index.locating import MAX_CONTEXT, MAX_QUOTE, Located, PassageLocator, Quote
from service.dependencies import SearcherDependency
from service.examples import taking
from service.problems import EXAMPLE

__all__ = ["AnchorRequest", "LocateRequest", "locate_router"]

_QUOTED = '{"anchor": {"exact": "the words that you quoted"}}'

_Exact = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_QUOTE)]
_Context = Annotated[str, msgspec.Meta(max_length=MAX_CONTEXT)]
_Offset = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]

MAX_SELECTORS = 10


class TextQuoteSelector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag=True):
    """Words and what stands around them, as in the Web Annotation Data Model, section 4.2.4."""

    exact: _Exact
    prefix: _Context | None = None
    suffix: _Context | None = None


class TextPositionSelector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag=True):
    """Offsets in a text, as in the Web Annotation Data Model, section 4.2.5."""

    start: _Offset
    end: _Offset


_Selector = TextQuoteSelector | TextPositionSelector


class AnchorRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An anchor as an answer gave it, or as much of it as was kept: `exact` alone will do.

    Instead, the target of a web annotation: its `selector`, one or several, and its `source`.
    """

    sha256: _Name | None = None
    start: _Offset | None = None
    end: _Offset | None = None
    exact: _Exact | None = None
    prefix: _Context | None = None
    suffix: _Context | None = None
    link: Annotated[str, msgspec.Meta(max_length=50_000)] | None = None
    type: _Name | None = None
    source: _Name | None = None
    selector: _Selector | Annotated[list[_Selector], msgspec.Meta(max_length=MAX_SELECTORS)] | None = None

    def quote(self) -> Quote:
        """The quotation that it holds. Raises `QueryError` if there is none."""
        values = {name: getattr(self, name) for name in ("exact", "prefix", "suffix", "start", "end", "sha256")}
        selectors = self.selector if isinstance(self.selector, list) else [self.selector] if self.selector else []
        for selector in selectors:
            values |= {name: value for name, value in msgspec.structs.asdict(selector).items() if value is not None}
        if values["exact"] is None:
            raise QueryError("exact", "The words of the anchor are missing. Write them as `exact`.")
        return Quote(**values, source=self.source or self.link)


class LocateRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either the id of a passage or an anchor, and the document in which it stood, if that is known."""

    passage: _Name | None = None
    anchor: AnchorRequest | None = None
    document: _Name | None = None


def locate_router(store: Store) -> Router:
    """The route for finding anchors again; older snapshots of the store tell of passages that are no more."""

    @lru_cache(maxsize=1)
    def locator_of(searcher: Searcher) -> PassageLocator:
        """The texts are folded once for each snapshot."""
        return PassageLocator(searcher, store)

    @post(
        "/locate",
        status_code=200,
        sync_to_thread=True,
        summary="Find an anchor again",
        opt={EXAMPLE: _QUOTED},
        operation_class=taking(_QUOTED),
    )
    def locate(data: JSONBody[LocateRequest], searcher: SearcherDependency) -> Located:
        """Whether a passage or an anchor is unchanged, moved, changed, gone or ambiguous, and where it stands now.

        Words alone are enough: `{"anchor": {"exact": "the words that you quoted"}}`. What is known beside them, such as
        what stood before and after, tells equal words apart.
        """
        locator = locator_of(searcher)
        if data.passage is not None and data.anchor is None:
            return locator.passage(data.passage, data.document)
        if data.anchor is not None and data.passage is None:
            return locator.quote(data.anchor.quote(), data.document)
        raise QueryError("passage", "Send either `passage`, the id of one, or `anchor`, and not both.")

    return Router("/", route_handlers=[locate], tags=["Locate"])
