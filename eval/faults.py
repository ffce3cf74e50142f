"""What went wrong with a question, in words that follow from the data."""

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import msgspec

from eval.citations import strongest
from eval.crediting import Indexed, credit
from eval.responses import Response
from eval.scoring import Judged, answering, cited_passage

__all__ = ["FAULTS", "Fault", "FaultKind", "find_faults"]

FaultKind = Literal[
    "no response", "not in the index", "split", "below k", "not first", "refused", "answered", "wrong reference"
]
FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)
"""The kinds of faults, in the order in which they are looked for."""

_HELD: dict[Indexed | None, tuple[FaultKind, str]] = {
    "absent": ("not in the index", "Its evidence {span} is in no passage of the index."),
    "partly": ("not in the index", "Only a part of its evidence {span} is in a passage of the index."),
    "split": ("split", "Its evidence {span} is split over several passages, and none covers it."),
}
_BELOW: tuple[FaultKind, str] = ("below k", "Its evidence {span} is in none of the {passages} passages that came back.")


class Fault(msgspec.Struct, frozen=True):
    """One thing that went wrong, and the sentence that says so."""

    kind: FaultKind
    message: str


def find_faults(judged: Judged, response: Response | None) -> tuple[Fault, ...]:
    """Everything that went wrong with a question, the gravest first; nothing if all is well."""
    if response is None or response.failure is not None:
        message = "it was never asked" if response is None else response.failure or ""
        return (Fault("no response", f"No response: {message}"),)
    return (*_ranking(judged, response), *_status(judged, response), *_references(judged, response))


def _ranking(judged: Judged, response: Response) -> Iterator[Fault]:
    """Evidence that was not found, and why; or found, but not by the first passage."""
    credited = credit(judged.spans, response.passages)
    ranks = {span: rank for rank, spans in enumerate(credited, start=1) for span in spans}
    held: Sequence[Indexed | None] = judged.indexed or [None] * len(judged.spans)
    for position, how in enumerate(held):
        if position in ranks:
            continue
        span = judged.spans[position]
        kind, message = _HELD.get(how, _BELOW)
        place = f"({span.document}, {span.start} to {span.end})"
        yield Fault(kind, message.format(span=place, passages=len(response.passages)))
    if not judged.spans and judged.question.answerable:
        yield from _document_ranking(judged, response)
    elif ranks and min(ranks.values()) > 1:
        yield Fault("not first", f"The first passage that covers evidence has rank {min(ranks.values())}.")


def _document_ranking(judged: Judged, response: Response) -> Iterator[Fault]:
    documents = list(dict.fromkeys(passage.document for passage in response.passages))
    found = [rank for rank, document in enumerate(documents, start=1) if document in judged.grades]
    if not found:
        yield Fault("below k", f"No relevant document is among the {len(documents)} that came back.")
    elif found[0] > 1:
        yield Fault("not first", f"The first relevant document has rank {found[0]}.")


def _status(judged: Judged, response: Response) -> Iterator[Fault]:
    if judged.question.answerable and response.status == "no_match":
        yield Fault("refused", "It is answerable, and was refused.")
    if not judged.question.answerable and response.status == "answered":
        yield Fault("answered", "It has no answer in the source, and was answered.")


def _references(judged: Judged, response: Response) -> Iterator[Fault]:
    """The passage is right, but what it cites is not."""
    cited, passage = cited_passage(judged, response), answering(judged, response)
    if cited is None or passage is None:
        return
    rank = response.passages.index(passage) + 1
    given, wanted = set(strongest(cited.citations)), set(cited.references)
    for verb, works in (("wrongly cites", given - wanted), ("does not cite", wanted - given)):
        if works:
            yield Fault("wrong reference", f"The passage at rank {rank} {verb} {', '.join(sorted(works))}.")
