"""Documents that came with a question set, written as files from which a build makes the same documents."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from corpus.errors import SourceError
from corpus.sources import document_id, read_document
from eval.questions import SourceText

__all__ = ["WrittenDocuments", "document_name", "write_documents"]

LONGEST_NAME = 200
"""Bytes of a file's name without its ending; file systems take 255."""


class WrittenDocuments(msgspec.Struct, frozen=True):
    """The new ids of the documents that could not keep theirs, and notes for the user."""

    renamed: dict[str, str]
    notes: tuple[str, ...]


def write_documents(documents: Iterable[SourceText], folder: Path) -> WrittenDocuments:
    """Write each document as a text file, its title above its text, into a new folder.

    Each file is read back as `loccit build` will read it, so that the notes can tell which cannot be built.
    """
    folder.mkdir()
    taken: set[str] = set()
    renamed: dict[str, str] = {}
    unreadable: list[str] = []
    for document in documents:
        name = document_name(document.id, taken)
        taken.add(name.casefold())
        if name != document.id:
            renamed[document.id] = name
        path = folder / f"{name}.txt"
        path.write_bytes("\n\n".join(part for part in (document.title, document.text) if part).encode())
        try:
            read_document(path, identity=name, form="text")
        except SourceError as error:
            unreadable.append(f"{name} {error}")
    return WrittenDocuments(renamed, tuple(_notes(renamed, unreadable)))


def document_name(identity: str, taken: set[str]) -> str:
    """The name of the file from which a build makes a document of the same id: the id itself, if it can be.

    `taken` are the names of other files in small letters, since some file systems see no difference of case.

    >>> document_name("PMC-12", set()), document_name("a/b", set())
    ('PMC-12', 'a-b')
    """
    name = document_id(Path(f"{identity}.txt"))
    attempt = 0
    while name.casefold() in taken or len(name.encode()) > LONGEST_NAME:
        digest = hashlib.sha256(f"{identity}{attempt or ''}".encode(errors="surrogatepass")).hexdigest()[:12]
        short = name.encode()[: LONGEST_NAME - len(digest) - 1].decode(errors="ignore")
        name = document_id(Path(f"{short}-{digest}.txt"))
        attempt += 1
    return name


def _notes(renamed: dict[str, str], unreadable: list[str]) -> Iterable[str]:
    if renamed:
        old, new = next(iter(renamed.items()))
        yield (
            f"{len(renamed)} documents have another id now, since it is made from a file's name: {old!r} is {new!r}."
        )
    if unreadable:
        yield f"{len(unreadable)} documents cannot be built: {unreadable[0]}"
