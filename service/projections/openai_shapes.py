"""What a search in an OpenAI vector store takes and gives."""

from typing import Annotated, Literal

import msgspec

from index import MAX_K
from service.ask import Probability, Question

__all__ = ["Content", "Filter", "RankingOptions", "SearchPage", "SearchRequest", "SearchResult"]

MAX_QUERIES = 10
"""The most questions of one search."""


class Filter(msgspec.Struct, frozen=True):
    """A comparison of a `key` with a `value`, or several `filters` joined by `and` or `or`."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "and", "or"]
    key: str = ""
    value: str | float | bool | tuple[str | float, ...] = ""
    filters: tuple["Filter", ...] = ()


class RankingOptions(msgspec.Struct, frozen=True):
    """`score_threshold` is a probability that the passage answers. The ranker is loccit's own."""

    ranker: str | None = None
    score_threshold: Probability | None = None


class SearchRequest(msgspec.Struct, frozen=True):
    """One question or several, and what limits the results. Questions are never rewritten."""

    query: Question | Annotated[tuple[Question, ...], msgspec.Meta(min_length=1, max_length=MAX_QUERIES)]
    filters: Filter | None = None
    max_num_results: Annotated[int, msgspec.Meta(ge=1, le=MAX_K)] | None = None
    ranking_options: RankingOptions | None = None
    rewrite_query: bool | None = None


class Content(msgspec.Struct, frozen=True):
    """The words of a passage."""

    text: str
    type: Literal["text"] = "text"


class SearchResult(msgspec.Struct, frozen=True):
    """A passage, word for word; `score` is the probability that it answers. `attributes` lead back to the source."""

    file_id: str
    filename: str
    score: float
    attributes: dict[str, str | int]
    content: tuple[Content, ...]


class SearchPage(msgspec.Struct, frozen=True):
    """All results, best first; `data` is empty where the source has no answer."""

    search_query: tuple[str, ...]
    data: tuple[SearchResult, ...]
    has_more: bool = False
    next_page: str | None = None
    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
