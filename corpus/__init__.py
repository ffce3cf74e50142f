"""Sources in, passages with citation anchors out."""

from corpus.attribution import Study, Support, cite, find_studies, find_supports
from corpus.audit import audit_documents
from corpus.chunking import PieceLimit, chunk, count_tokens
from corpus.documents import Block, BlockKind, Document, Form, Marker, Reference, Work
from corpus.findings import Finding
from corpus.passages import Anchor, Basis, Citation, Passage, anchor, content_id, without_markers
from corpus.references import parse_work
from corpus.sentences import sentence_spans
from corpus.sources import EMBEDDED, Collection, document_id, read_document, read_sources, read_text
from corpus.spans import Span

__all__ = [
    "EMBEDDED",
    "Anchor",
    "Basis",
    "Block",
    "BlockKind",
    "Citation",
    "Collection",
    "Document",
    "Finding",
    "Form",
    "Marker",
    "Passage",
    "PieceLimit",
    "Reference",
    "Span",
    "Study",
    "Support",
    "Work",
    "anchor",
    "audit_documents",
    "chunk",
    "cite",
    "content_id",
    "count_tokens",
    "document_id",
    "find_studies",
    "find_supports",
    "parse_work",
    "read_document",
    "read_sources",
    "read_text",
    "sentence_spans",
    "without_markers",
]
