"""Source files and folders, read into documents."""

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import charset_normalizer
import msgspec

from corpus.documents import Block, Document, Form
from corpus.errors import EmptySourceError, SourceError
from corpus.readers import READERS, recognise

__all__ = ["EMBEDDED", "Collection", "Finding", "document_id", "read_document", "read_sources", "read_text"]

EMBEDDED = Path(__file__).parent / "data"
"""The folder of the page that comes with loccit."""

_BYTE_ORDER_MARKS = {
    # Those of UTF-32 first: they begin like those of UTF-16.
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OTHER_FORMATS = {b"%PDF-": "a PDF", b"{\\rtf": "an RTF file", b"PK\x03\x04": "a ZIP archive or office file"}
_BINARY = "is binary. loccit reads text; leave the file out or export its text."
_WESTERN = "cp1252"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x7f]")


class Finding(msgspec.Struct, frozen=True):
    """Something that the operator must know of a source: `skipped` tells whether it was left out."""

    source: str
    message: str
    skipped: bool


class Collection(msgspec.Struct, frozen=True):
    """What was read: documents in the order of their ids, and findings in the order of the files."""

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]


class _File(NamedTuple):
    path: Path
    name: Path
    """The path below the source root, from which the document's id is made."""


def read_sources(
    sources: Sequence[Path], *, form: Form | None = None, progress: Callable[[str], None] = lambda name: None
) -> Collection:
    """Reads files, and folders with all that is below them.

    A file that cannot be read is left out and named in the findings. `form` forces a source form for
    all files; `progress` is called with each file's name once it is done.

    Raises `SourceError` if a source does not exist, or if two files would get the same document id.
    """
    documents: dict[str, Document] = {}
    taken: dict[str, Path] = {}
    findings: list[Finding] = []
    for file in _files(sources):
        identity = document_id(file.name)
        try:
            document, notes = read_document(file.path, identity=identity, form=form)
        except SourceError as error:
            findings.append(Finding(str(file.path), str(error), skipped=True))
        else:
            if identity in taken:
                raise SourceError(
                    f"{taken[identity]} and {file.path} would both be the document {identity!r}. "
                    "Rename one, or build their common folder as one source."
                )
            taken[identity], documents[identity] = file.path, document
            findings.extend(Finding(str(file.path), note, skipped=False) for note in notes)
        progress(str(file.name))
    return Collection(tuple(documents[key] for key in sorted(documents)), tuple(findings))


def _files(sources: Iterable[Path]) -> Iterator[_File]:
    """The files of all sources; hidden ones are passed over, a file named twice comes once."""
    seen: set[Path] = set()
    for source in sources:
        if not source.exists():
            raise SourceError(f"{source} does not exist. Name a file or a folder of sources.")
        root = source if source.is_dir() else source.parent
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            name = path.relative_to(root)
            hidden = source.is_dir() and any(part.startswith(".") for part in name.parts)
            if path.is_file() and not hidden and path.resolve() not in seen:
                seen.add(path.resolve())
                yield _File(path, name)


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


def read_document(path: Path, *, identity: str, form: Form | None = None) -> tuple[Document, list[str]]:
    """One file as a document, and what the operator must know of it.

    Raises `SourceError` if the file is binary or in no known encoding, `EmptySourceError` if it holds no text.
    """
    try:
        original = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}. Check the file's permissions.") from error
    text, notes = _decoded(original)
    document = read_text(text, identity=identity, title=path.stem.replace("_", " "), form=form, original=original)
    return document, notes + _unmatched(document)


def read_text(
    text: str, *, identity: str, title: str = "", form: Form | None = None, original: bytes | None = None
) -> Document:
    """A text as a document, with `title` where it has none of its own; `original` is its file, if it comes from one.

    Raises `EmptySourceError` if it holds no text beyond headings.
    """
    reader = next(reader for reader in READERS if reader.form == form) if form else recognise(text)
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
        modified=reading.modified,
        blocks=reading.blocks,
        markers=reading.markers,
        references=reading.references,
    )


def _has_words(text: str, block: Block) -> bool:
    return any(map(str.isalnum, text[block.start : block.end]))


def _decoded(original: bytes) -> tuple[str, list[str]]:
    """The text of a file, line ends made uniform, and a note where it is not plain UTF-8."""
    if not original.strip():
        raise EmptySourceError("is empty. Add text, or leave the file out.")
    for beginning, name in _OTHER_FORMATS.items():
        if original.startswith(beginning):
            raise SourceError(f"is {name}. loccit reads text; export its text, or leave the file out.")
    text, notes = _text(original)
    if "\0" in text or 20 * len(_CONTROL.findall(text)) > len(text):
        raise SourceError(_BINARY)
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _text(original: bytes) -> tuple[str, list[str]]:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if original.startswith(mark):
            return _strict(original, encoding), [_read_as(encoding)]
    try:
        return original.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return _detected(original)


def _strict(original: bytes, encoding: str) -> str:
    try:
        return original.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(f"begins like {encoding} but is not ({error.reason}). Save it as UTF-8.") from error


def _detected(original: bytes) -> tuple[str, list[str]]:
    """The text in the encoding that fits best: UTF-8 still, if most of what is not ASCII fits it."""
    if b"\0" in original:
        raise SourceError(_BINARY)
    text = original.decode("utf-8-sig", errors="replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    if 10 * broken < sum(character > "\x7f" for character in text):
        places = "1 place" if broken == 1 else f"{broken} places"
        return text, [f"is UTF-8 but for {places}, now marked �. Correct the file if that matters."]
    matches = charset_normalizer.from_bytes(original)
    best = matches.best()
    if best is None:
        raise SourceError("is binary or in no encoding that could be detected. Save it as UTF-8 text.")
    for match in matches:
        # Of encodings that fit about as well, Western European is by far the most usual.
        fits_as_well = match.chaos <= best.chaos and match.coherence >= best.coherence - 0.05
        if fits_as_well and _WESTERN in match.could_be_from_charset:
            return str(match), [_read_as(_WESTERN)]
    return str(best), [_read_as(best.encoding)]


def _read_as(encoding: str) -> str:
    return f"is not UTF-8; it was read as {encoding}. Save it as UTF-8 if that is wrong."


def _unmatched(document: Document) -> list[str]:
    """References to which no marker points: the passages they support cannot be told."""
    marked = {number for marker in document.markers for number in marker.numbers}
    missing = [reference.number for reference in document.references if reference.number not in marked]
    if not missing:
        return []
    numbers = ", ".join(map(str, missing))
    return [f"has no certain marker for reference {numbers}; no passage will cite it."]
