"""The documents of a snapshot as a list to page through, read without their texts."""

import msgspec

from index.records import Records

__all__ = ["DocumentList", "ListedDocument", "list_documents"]

_COUNT = "SELECT count(*) FROM documents WHERE named(?, title, id)"
_LIST = """
SELECT id, title, url, modified, passages FROM documents WHERE named(?, title, id) ORDER BY row LIMIT ? OFFSET ?
"""


class ListedDocument(msgspec.Struct, frozen=True):
    """A document by its title, its address, the date of its revision, and the number of its passages."""

    id: str
    title: str
    url: str | None
    modified: str | None
    passages: int


class DocumentList(msgspec.Struct, frozen=True):
    """Some of the documents, in the order of their ids; `total` counts all that were looked for."""

    total: int
    documents: tuple[ListedDocument, ...]


def list_documents(records: Records, *, find: str = "", limit: int, offset: int = 0) -> DocumentList:
    """The documents whose titles or ids hold every word of `find`, `limit` of them from `offset` on."""
    ((total,),) = records.select(_COUNT, find)
    return DocumentList(total, tuple(ListedDocument(*row) for row in records.select(_LIST, find, limit, offset)))
