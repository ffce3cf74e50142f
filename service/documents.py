"""Documents, their texts and references, and passages over HTTP."""

from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, Router, get
from litestar.params import FromPath, QueryParameter

from corpus import Block, Document, Finding, Marker, Passage, Work
from corpus.quoting import quotation
from index import AnswerReference, ListedDocument, Searcher, describe_work
from service.dependencies import Limit, Offset, SearcherDependency
from service.formats import FormatQuery, not_acceptable, work_response
from service.parameters import known_parameters
from service.problems import not_found, withdrawn

__all__ = ["DocumentDetails", "DocumentPage", "documents_router"]


class DocumentPage(msgspec.Struct, frozen=True):
    """Some of the documents, in the order of their ids; `total` counts all, or all that were looked for."""

    total: int
    offset: int
    documents: tuple[ListedDocument, ...]


class DocumentDetails(msgspec.Struct, frozen=True):
    """A document without its text: how it was read, what it holds, and what an editor should know of it."""

    id: str
    title: str
    url: str | None
    modified: str | None
    form: str
    sha256: str
    source_sha256: str
    characters: int
    blocks: int
    markers: int
    references: int
    findings: tuple[Finding, ...]


class PassageDetails(Passage, frozen=True, kw_only=True):
    """A passage, and the works that it cites."""

    references: tuple[AnswerReference, ...]


@get("/documents", sync_to_thread=True, summary="List documents")
def list_documents(
    searcher: SearcherDependency,
    limit: Limit = 100,
    offset: Offset = 0,
    find: Annotated[str, QueryParameter(max_length=200, description="Words of a title or an id.")] = "",
) -> DocumentPage:
    """The documents of the snapshot, `limit` of them from `offset` on.

    With `find`, only those whose titles or ids hold each of its words, in any case; parts of words will do.
    """
    found = searcher.list_documents(find=find, limit=limit, offset=offset)
    return DocumentPage(found.total, offset, found.documents)


@get("/documents/{document_id:str}", sync_to_thread=True, summary="Get a document")
def get_document(document_id: FromPath[str], searcher: SearcherDependency) -> DocumentDetails:
    """A document's title, dates, hashes and counts, and the findings of its audit."""
    document = _document(searcher, document_id)
    return DocumentDetails(
        id=document.id,
        title=document.title,
        url=document.url,
        modified=document.modified,
        form=document.form,
        sha256=document.sha256,
        source_sha256=document.source_sha256,
        characters=len(document.text),
        blocks=len(document.blocks),
        markers=len(document.markers),
        references=len(document.references),
        findings=searcher.findings_of(document.id),
    )


@get(
    "/documents/{document_id:str}/text",
    sync_to_thread=True,
    media_type=MediaType.TEXT,
    summary="Get a document's text",
)
def get_text(document_id: FromPath[str], searcher: SearcherDependency) -> Response[str]:
    """The canonical text, in which every offset counts code points."""
    document = _document(searcher, document_id)
    return Response(document.text, media_type=MediaType.TEXT)


@get(
    "/documents/{document_id:str}/references",
    sync_to_thread=True,
    summary="Get a document's references",
    responses=not_acceptable,
)
def get_references(
    document_id: FromPath[str],
    request: Request[Any, Any, Any],
    searcher: SearcherDependency,
    form: FormatQuery = None,
) -> Response[tuple[AnswerReference, ...] | str]:
    """The works that a document cites, in the order of their first numbers; also as CSL-JSON, BibTeX or RIS."""
    document = _document(searcher, document_id)
    works: dict[str, Work] = {}
    for reference in document.references:
        works.setdefault(reference.work.id, reference.work)
    cited = list(works.values())
    return work_response(request, form, cited, lambda: tuple(describe_work(work, [document]) for work in cited))


@get("/documents/{document_id:str}/markers", sync_to_thread=True, summary="Get a document's markers")
def get_markers(document_id: FromPath[str], searcher: SearcherDependency) -> tuple[Marker, ...]:
    """Where the marks of references stand in the text, and the numbers that they name."""
    return _document(searcher, document_id).markers


@get("/documents/{document_id:str}/blocks", sync_to_thread=True, summary="Get a document's blocks")
def get_blocks(document_id: FromPath[str], searcher: SearcherDependency) -> tuple[Block, ...]:
    """Where its headings, paragraphs, list items and so on stand in the text, and under which headings."""
    return _document(searcher, document_id).blocks


@get("/documents/{document_id:str}/passages", sync_to_thread=True, summary="Get a document's passages")
def get_passages(document_id: FromPath[str], searcher: SearcherDependency) -> tuple[Passage, ...]:
    """The passages into which a document was cut, in their order."""
    return searcher.passages_of(_document(searcher, document_id).id)


@get("/passages/{passage_id:str}", sync_to_thread=True, summary="Get a passage")
def get_passage(passage_id: FromPath[str], searcher: SearcherDependency) -> PassageDetails:
    """A passage by its id, which stays the same while its words stay the same, and the works that it cites."""
    passage = _passage(searcher, passage_id)
    document = searcher.documents[passage.document_id]
    cited = {document.works[citation.number].id: document.works[citation.number] for citation in passage.citations}
    references = tuple(describe_work(work, [document]) for work in cited.values())
    return PassageDetails(**msgspec.structs.asdict(passage), references=references)


@get(
    "/passages/{passage_id:str}/quotation",
    sync_to_thread=True,
    media_type=MediaType.TEXT,
    summary="Get a passage to quote",
)
def get_quotation(passage_id: FromPath[str], searcher: SearcherDependency) -> Response[str]:
    """The words of a passage as a quotation of its page at the date of its revision, and what the page cites for it."""
    passage = _passage(searcher, passage_id)
    return Response(quotation(searcher.documents[passage.document_id], passage), media_type=MediaType.TEXT)


def documents_router() -> Router:
    """The routes for documents and passages."""
    return Router(
        "/",
        route_handlers=[
            list_documents,
            get_document,
            get_text,
            get_markers,
            get_blocks,
            get_passages,
            get_references,
            get_passage,
            get_quotation,
        ],
        tags=["Documents"],
        guards=[known_parameters],
    )


def _passage(searcher: Searcher, passage_id: str) -> Passage:
    if searcher.is_withdrawn(passage=passage_id):
        raise withdrawn("passage", passage_id)
    passage = searcher.passage(passage_id)
    if passage is None:
        raise not_found("passage", passage_id)
    return passage


def _document(searcher: Searcher, document_id: str) -> Document:
    if document_id in searcher.withdrawn:
        raise withdrawn("document", document_id)
    document = searcher.documents.get(document_id)
    if document is None:
        raise not_found("document", document_id)
    return document
