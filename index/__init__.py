"""Passages in, a snapshot in a store, and answers out of it.

Building is imported from `index.build`, so that who only answers need not load it.
"""

from index.answers import (
    Answer,
    AnswerPassage,
    AnswerReference,
    DocumentSummary,
    Leg,
    NumberInDocument,
    Query,
    Quotation,
    Status,
)
from index.contents import DocumentList, ListedDocument
from index.describing import describe_work, summarise
from index.manifest import BuildSettings, Manifest
from index.queries import MAX_K, MAX_QUESTION
from index.searcher import Searcher
from index.snapshot import Snapshot
from index.store import Store
from index.works import CitedWorks, Note

__all__ = [
    "MAX_K",
    "MAX_QUESTION",
    "Answer",
    "AnswerPassage",
    "AnswerReference",
    "BuildSettings",
    "CitedWorks",
    "DocumentList",
    "DocumentSummary",
    "Leg",
    "ListedDocument",
    "Manifest",
    "Note",
    "NumberInDocument",
    "Query",
    "Quotation",
    "Searcher",
    "Snapshot",
    "Status",
    "Store",
    "describe_work",
    "summarise",
]
