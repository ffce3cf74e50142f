"""Replies to the chat component deep-chat: quotations as markup, in which all text of the source is escaped."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, post
from litestar.params import JSONBody
from markupsafe import Markup, escape

from corpus import Work
from corpus.bibliography import links
from corpus.csl import Item
from corpus.errors import QueryError
from index import MAX_K, AnswerPassage, Query, Status
from service.answering import answer
from service.dependencies import RecorderDependency, SearcherDependency
from service.examples import taking
from service.problems import EXAMPLE
from service.projections.errors import Fault, shaped
from service.projections.provenance import CitedWork, Match, Provenance, matches
from service.projections.wording import BASES, NO_MATCH, NOT_CITED

__all__ = ["deep_chat_router", "markup"]

_EXAMPLE = '{"messages": [{"role": "user", "text": "What was the median survival?"}]}'


_FAULT = '{"error": "messages: No message of the user has a text. Send a question as `text`."}'


class Message(msgspec.Struct, frozen=True):
    """A message of the chat. deep-chat sends more of each, which is not used."""

    text: str | None = None
    role: str = "user"


class ChatRequest(msgspec.Struct, frozen=True):
    """What was said; the last text of the user is the question. `k` is set by the page that embeds the chat."""

    messages: Annotated[tuple[Message, ...], msgspec.Meta(min_length=1)]
    k: Annotated[int, msgspec.Meta(ge=1, le=MAX_K)] = 3


class Custom(msgspec.Struct, frozen=True):
    """What a page's script may want of an answer: its id, and where its passages are from."""

    answer: str
    status: Status
    passages: tuple[Provenance, ...]


class Reply(msgspec.Struct, frozen=True):
    """What is shown, as markup, and for scripts."""

    html: str
    custom: Custom
    role: Literal["ai"] = "ai"


@post(
    "/deep-chat",
    status_code=200,
    sync_to_thread=True,
    summary="Chat as deep-chat does",
    opt={EXAMPLE: _EXAMPLE, "scope": "ask"},
    operation_class=taking(_EXAMPLE, faults={"application/json": _FAULT}),
)
def chat(data: JSONBody[ChatRequest], searcher: SearcherDependency, recorder: RecorderDependency) -> Reply:
    """The passages that answer the last message, as quotations with their references."""
    asked = [message.text for message in data.messages if message.text and message.role == "user"]
    if not asked:
        raise QueryError("messages", "No message of the user has a text. Send a question as `text`.")
    given = answer(searcher, Query(question=asked[-1], k=data.k), recorder)
    found = matches(given)
    custom = Custom(given.id, given.status, tuple(match.provenance for match in found))
    return Reply(str(markup(found)), custom)


def deep_chat_router() -> Router:
    """The route for chats, whose errors are shown in the chat."""
    return Router("/", route_handlers=[chat], exception_handlers=shaped(_error), tags=["Other products"])


def markup(found: Sequence[Match]) -> Markup:
    """The passages as quotations; the sentence that stands out is marked."""
    return Markup("").join(map(_quotation, found)) if found else Markup("<p>{}</p>").format(NO_MATCH)


def _quotation(match: Match) -> Markup:
    source = match.provenance
    lead = Markup("<p><small>{}</small></p>").format(source.lead) if source.lead else Markup()
    page = _link(source.link, source.place) if source.link else escape(source.place)
    revised = Markup(", revised {}").format(source.modified) if source.modified else Markup()
    cited = Markup("").join(map(_cited, source.citations)) or Markup("<li>{}</li>").format(NOT_CITED)
    quoted = Markup("<blockquote>{}</blockquote>").format(_marked(match.passage))
    return Markup("<p><cite>{}</cite>{}</p>{}{}<ul>{}</ul>").format(page, revised, lead, quoted, cited)


def _marked(passage: AnswerPassage) -> Markup:
    """The words, with the sentences that stand out marked; offsets count from the document's beginning."""
    pieces, at = Markup(), 0
    for span in passage.highlights:
        start, end = span.start - passage.anchor.start, span.end - passage.anchor.start
        pieces += Markup("{}<mark>{}</mark>").format(passage.text[at:start], passage.text[start:end])
        at = end
    return pieces + passage.text[at:]


def _cited(work: CitedWork) -> Markup:
    found = links(Work(work.reference, work.text, Item(doi=work.doi, pmid=work.pmid)))
    named = [("DOI", found.doi), ("PubMed", found.pubmed)]
    leading = Markup(" ").join(_link(address, name) for name, address in named if address)
    return Markup("<li>[{}] {}: {} {}</li>").format(work.number, BASES[work.basis], work.text, leading)


def _link(address: str, words: str) -> Markup:
    """A link, if the address is one of the web; the words alone if not."""
    if not address.lower().startswith(("https://", "http://")):
        return escape(words)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(address, words)


def _error(fault: Fault) -> Response[Any]:
    return Response({"error": fault.message}, status_code=fault.status)
