"""The tools that models are given: `search` and `fetch`, as ChatGPT's connectors want them, and `ask`."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from corpus.errors import QueryError
from index import Answer, Query, Searcher
from service.answering import answer
from service.ask import AskRequest, Question
from service.projections.provenance import Provenance, matches, of_passage
from service.recording import Recorder

__all__ = ["INSTRUCTIONS", "TOOLS", "Tool"]

INSTRUCTIONS = (
    "loccit gives the passages of a source that answer a question, word for word, each with the numbered references "
    "that the source has for it. Quote them as they are, with their references; `inherited` means that a reference is "
    "only probably that of the passage. Where nothing is found, the source does not answer the question: say so."
)

_RESULTS = 10


class SearchArguments(msgspec.Struct, frozen=True):
    """A question in plain words."""

    query: Question


class FetchArguments(msgspec.Struct, frozen=True):
    """The id of a passage, as `search` gives it."""

    id: str


class SearchHit(msgspec.Struct, frozen=True):
    """A passage that answers: its id, its page and heading, and where it can be read."""

    id: str
    title: str
    url: str


class SearchHits(msgspec.Struct, frozen=True):
    """The passages that answer, best first; none where the source has no answer."""

    results: tuple[SearchHit, ...]


class Fetched(msgspec.Struct, frozen=True):
    """A passage, word for word; `metadata` says where it stands and what is cited for it."""

    id: str
    title: str
    text: str
    url: str
    metadata: Provenance


class Tool(NamedTuple):
    """What a tool is called and says of itself, what it takes and gives, and the function that does it.

    The function is given a searcher, what keeps questions, the arguments, and the address of the service.
    """

    name: str
    title: str
    description: str
    takes: type[msgspec.Struct]
    gives: type[msgspec.Struct]
    call: Callable[[Searcher, Recorder, Any, str], msgspec.Struct]


def _search(searcher: Searcher, recorder: Recorder, asked: SearchArguments, base: str) -> SearchHits:
    given = answer(searcher, Query(question=asked.query, k=_RESULTS), recorder)
    found = (match.provenance for match in matches(given))
    return SearchHits(tuple(SearchHit(each.passage_id, each.place, each.address(base)) for each in found))


def _fetch(searcher: Searcher, _: Recorder, asked: FetchArguments, base: str) -> Fetched:
    passage = searcher.passage(asked.id)
    if passage is None:
        raise QueryError("id", f"There is no passage {asked.id!r}. Take an id that `search` gives.")
    source = of_passage(searcher, passage)
    return Fetched(passage.id, source.place, passage.text, source.address(base), source)


def _ask(searcher: Searcher, recorder: Recorder, asked: AskRequest, _: str) -> Answer:
    return answer(searcher, Query(**msgspec.structs.asdict(asked)), recorder)


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "search",
            "Search the source",
            "The ids of the passages that answer a question in plain words. No results: the source has no answer.",
            SearchArguments,
            SearchHits,
            _search,
        ),
        Tool(
            "fetch",
            "Fetch a passage",
            "A passage by its id, word for word, with its place in the document and the references it has there.",
            FetchArguments,
            Fetched,
            _fetch,
        ),
        Tool(
            "ask",
            "Ask the source",
            "All of an answer at once: the passages, where they stand, how sure they are, and the works they cite. "
            "With status `no_match`, `nearest` is a near miss and no answer.",
            AskRequest,
            Answer,
            _ask,
        ),
    )
}
