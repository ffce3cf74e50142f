"""Sources in, passages with citation anchors out.

Here is what all rooms speak of. Reading, cutting and auditing are imported by their modules (`corpus.sources`,
`corpus.chunking`, `corpus.audit`), so that who only answers need not load them.
"""

from corpus.documents import Block, BlockKind, Document, Form, Marker, Reference, Work
from corpus.findings import Finding
from corpus.passages import Anchor, Basis, Citation, Passage, anchor, content_id, without_markers
from corpus.spans import Span

__all__ = [
    "Anchor",
    "Basis",
    "Block",
    "BlockKind",
    "Citation",
    "Document",
    "Finding",
    "Form",
    "Marker",
    "Passage",
    "Reference",
    "Span",
    "Work",
    "anchor",
    "content_id",
    "without_markers",
]
