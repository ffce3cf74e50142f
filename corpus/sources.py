"""Source files and folders, read into documents."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from corpus.decoding import decode
from corpus.documents import Block, Document, Form
from corpus.errors import EmptySourceError, SourceError
from corpus.findings import Finding
from corpus.listing import list_files
from corpus.readers import reader_of, recognise, surely_other_form
from corpus.source_files import SourceFile
from corpus.works import unify

__all__ = ["EMBEDDED", "Collection", "document_id", "read_document", "read_sources", "read_text"]

EMBEDDED = Path(__file__).parent / "data"
"""The folder of the page that comes with loccit."""


MAX_BYTES = 32 * 2**20
"""The largest file that is read, which bounds the memory that a source can take."""


class Collection(msgspec.Struct, frozen=True):
    """What was read: documents in the order of their ids, and findings in the order of the files."""

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]


def read_sources(
    sources: Sequence[Path], *, form: Form | None = None, progress: Callable[[str], None] = lambda name: None
) -> Collection:
    """Reads files, folders with all that is below them, the data folders of wikis, and manifests.

    A paper that several of them cite is one work. A file that cannot be read is left out and named in the
    findings. `form` forces a source form for all files; `progress` is called with each file's name once it is done.

    Raises `SourceError` if a source does not exist, or if two files would get the same document id.
    """
    documents: dict[str, Document] = {}
    taken: dict[str, Path] = {}
    listing = list_files(sources)
    findings = [*listing.findings]
    for file in listing.files:
        identity = document_id(file.name)
        try:
            document = _described(_read(file, identity, form), file)
        except SourceError as error:
            findings.append(Finding(kind="unreadable", severity="error", message=str(error), source=str(file.path)))
        else:
            if identity in taken:
                raise SourceError(
                    f"{taken[identity]} and {file.path} would both be the document {identity!r}. "
                    "Rename one, or build their common folder as one source."
                )
            taken[identity], documents[identity] = file.path, document
            findings.extend(msgspec.structs.replace(found, source=str(file.path)) for found in document.findings)
        progress(str(file.name))
    return Collection(unify(documents[key] for key in sorted(documents)), tuple(findings))


def _read(file: SourceFile, identity: str, form: Form | None) -> Document:
    return read_document(
        file.path, identity=identity, form=form or file.form, form_by="--form" if form else file.form_by
    )


def _described(document: Document, file: SourceFile) -> Document:
    """The document with what is known of its file from elsewhere."""
    return msgspec.structs.replace(
        document,
        title=file.title or document.title,
        url=file.url or document.url,
        modified=file.modified or document.modified,
    )


def document_id(name: Path) -> str:
    """The id of a document: a slug of its path below the source root, letters of all scripts kept.

    >>> document_id(Path("Spine/Metastasen der Wirbelsäule.txt"))
    'Spine-Metastasen-der-Wirbelsäule'
    """
    # File systems differ in whether they store an accent with its letter or after it.
    path = unicodedata.normalize("NFC", "/".join(name.with_suffix("").parts))
    slug = "".join(character if _in_slug(character) else "-" for character in path)
    return re.sub("-+", "-", slug).strip("-.") or "document"


def _in_slug(character: str) -> bool:
    return character.isalnum() or character in "._" or unicodedata.category(character).startswith("M")


def read_document(path: Path, *, identity: str, form: Form | None = None, form_by: str | None = None) -> Document:
    """One file as a document. `form_by` is who says what its form is; if its content surely has another, that is told.

    Raises `SourceError` if the file is too large, binary or in no known encoding, `EmptySourceError` if it
    holds no text.
    """
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise SourceError(f"has {size:,} bytes, the most is {MAX_BYTES:,}. Split it, or leave the file out.")
        original = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}. Check the file's permissions.") from error
    text, findings = decode(original)
    other = surely_other_form(text, form) if form and form_by else None
    wrong = f"was read as {form} because {form_by} says so, but its content looks like {other}. Correct the form."
    try:
        document = read_text(text, identity=identity, title=path.stem.replace("_", " "), form=form, original=original)
    except SourceError as error:
        raise SourceError(wrong) if other else error from error
    own = document.findings
    if other:
        # What a reader finds malformed that is not its own says nothing.
        own = tuple(finding for finding in own if finding.kind != "malformed")
        findings.append(Finding(kind="malformed", severity="error", message=wrong))
    return msgspec.structs.replace(document, findings=(*findings, *own))


def read_text(
    text: str, *, identity: str, title: str = "", form: Form | None = None, original: bytes | None = None
) -> Document:
    """A text as a document, with `title` where it has none of its own; `original` is its file, if it comes from one.

    Raises `EmptySourceError` if it holds no text beyond headings.
    """
    reader = reader_of(form) if form else recognise(text)
    reading = reader.read(text)
    if not any(_has_words(reading.text, block) for block in reading.blocks if block.kind != "heading"):
        raise EmptySourceError("holds no text beyond headings. Add text, or leave the file out.")
    return Document(
        id=identity,
        title=reading.title or title,
        form=reader.form,
        text=reading.text,
        sha256=hashlib.sha256(reading.text.encode()).hexdigest(),
        source_sha256=hashlib.sha256(text.encode() if original is None else original).hexdigest(),
        footnotes=reading.footnotes,
        url=reading.url,
        modified=reading.modified,
        blocks=reading.blocks,
        markers=reading.markers,
        references=reading.references,
        findings=reading.findings,
    )


def _has_words(text: str, block: Block) -> bool:
    return any(map(str.isalnum, text[block.start : block.end]))
