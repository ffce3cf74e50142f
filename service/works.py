"""Works over HTTP: what the corpus says of each, and every passage that cites it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import FromPath

from corpus import Anchor, Basis, Passage, Span, Work, anchor
from corpus.bibliography import Links, fullest, links, vancouver
from corpus.bibliography.records import Record, record
from index import DocumentSummary, Note, Searcher, summarise
from service.dependencies import Limit, Offset, SearcherDependency
from service.formats import FormatQuery, not_acceptable, work_response
from service.parameters import known_parameters
from service.problems import not_found

__all__ = ["CitingPassage", "WorkDetails", "WorkPage", "WorkSummary", "works_router"]


class WorkSummary(msgspec.Struct, frozen=True):
    """A work: its citation word for word, and how many documents and passages cite it."""

    id: str
    text: str
    year: int | None
    documents: int
    passages: int


class WorkPage(msgspec.Struct, frozen=True):
    """Some of the works, in the order in which they are first cited; `total` counts them all."""

    total: int
    offset: int
    works: tuple[WorkSummary, ...]


class CitingPassage(msgspec.Struct, frozen=True):
    """A passage that cites a work: by which number and marker, and on what basis."""

    id: str
    document: DocumentSummary
    headings: tuple[str, ...]
    text: str
    anchor: Anchor
    basis: Basis
    number: int
    marker: Span


class WorkDetails(msgspec.Struct, frozen=True):
    """A work, and some of the passages that cite it; `total` counts them all.

    `record` is in CSL-JSON, `citation` the same in the Vancouver style. `notes` are the citations as the documents
    have them, word for word.
    """

    id: str
    citation: str
    record: Record
    links: Links
    notes: tuple[Note, ...]
    total: int
    offset: int
    passages: tuple[CitingPassage, ...]


@get("/works", sync_to_thread=True, summary="List works")
def list_works(
    searcher: SearcherDependency,
    limit: Limit = 100,
    offset: Offset = 0,
) -> WorkPage:
    """The works that the documents of the snapshot cite, `limit` of them from `offset` on."""
    ids = searcher.works.ids
    shown = ids[offset : offset + limit]
    return WorkPage(len(ids), offset, tuple(_summary(searcher, work_id) for work_id in shown))


@get("/works/{work_id:path}", sync_to_thread=True, summary="Get a work", responses=not_acceptable)
def get_work(
    work_id: FromPath[str],
    request: Request[Any, Any, Any],
    searcher: SearcherDependency,
    form: FormatQuery = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response[WorkDetails | str]:
    """A work, and `limit` of the passages that cite it from `offset` on; or its record as CSL-JSON, BibTeX or RIS.

    It may be named by its id (`pmid:28638950`, `doi:10.1007/s00590-017-2002-0`, `text:…`), or by any DOI, PMID or
    PMCID that a note on it carries, in any case. In an address, `#`, `?` and `%` of a DOI are percent-encoded.
    """
    # The path itself was normalised, but a DOI may hold two slashes in a row.
    raw = request.scope["raw_path"].partition(b"?")[0]
    asked = unquote(raw.partition(b"/works/")[2]) or work_id.removeprefix("/")
    found = searcher.works.find(asked)
    if found is None:
        raise not_found("work", asked)
    work = fullest(searcher.works.versions(found))
    return work_response(request, form, [work], lambda: _details(searcher, work, limit, offset))


def works_router() -> Router:
    """The routes for works."""
    return Router("/", route_handlers=[list_works, get_work], tags=["Works"], guards=[known_parameters])


def _summary(searcher: Searcher, work_id: str) -> WorkSummary:
    work = fullest(searcher.works.versions(work_id))
    documents = {number.document for note in searcher.works.notes(work_id) for number in note.numbers}
    return WorkSummary(work_id, work.text, work.year, len(documents), len(searcher.works.passages(work_id)))


def _details(searcher: Searcher, work: Work, limit: int, offset: int) -> WorkDetails:
    passages: Sequence[Passage] = searcher.works.passages(work.id)
    return WorkDetails(
        id=work.id,
        citation=vancouver(work),
        record=record(work),
        links=links(work),
        notes=searcher.works.notes(work.id),
        total=len(passages),
        offset=offset,
        passages=tuple(_citing(searcher, passage, work.id) for passage in passages[offset : offset + limit]),
    )


def _citing(searcher: Searcher, passage: Passage, work_id: str) -> CitingPassage:
    document = searcher.documents[passage.document_id]
    citation = next(citation for citation in passage.citations if citation.reference == work_id)
    return CitingPassage(
        id=passage.id,
        document=summarise(document),
        headings=passage.headings,
        text=passage.text,
        anchor=anchor(document, Span(passage.start, passage.end)),
        basis=citation.basis,
        number=citation.number,
        marker=citation.marker,
    )
