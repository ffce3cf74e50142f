"""A manifest: a list of files with their title, address and date, as JSON Lines or CSV.

::

    {"file": "pages/spine.txt", "title": "The spine", "url": "https://wiki.example/spine", "modified": "2025-05-13"}

Paths are relative to the manifest, and lead to files below its folder alone. Only `file` must be given; `id` names the
document, `form` forces a form. A folder may hold one, named ``manifest.jsonl`` or ``manifest.csv``, which then
describes the files of that folder.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from corpus.decoding import decode
from corpus.errors import SourceError
from corpus.findings import Finding, FindingKind
from corpus.readers import reader_of
from corpus.source_files import Listing, SourceFile

__all__ = ["is_manifest", "manifest_within", "read_manifest"]

_NAMES = ("manifest.jsonl", "manifest.csv")
_BEGINNING = 65_536
_URL = re.compile(r"https?://\S+", re.IGNORECASE)

_Row = str | dict[str, str]
"""A line of JSON, or the fields of a line of CSV."""


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line."""

    file: str
    id: str | None = None
    title: str | None = None
    url: str | None = None
    modified: str | None = None
    form: str | None = None


def is_manifest(path: Path) -> bool:
    """Whether a file is a manifest: JSON Lines or CSV whose first line tells of a `file`."""
    rows = _ROWS.get(path.suffix.lower())
    if rows is None or not path.is_file():
        return False
    with path.open("rb") as opened:
        beginning = opened.read(_BEGINNING)
    try:
        _, first = next(rows(decode(beginning)[0]))
        return "file" in (msgspec.json.decode(first, type=dict[str, object]) if isinstance(first, str) else first)
    except (SourceError, StopIteration, csv.Error, msgspec.MsgspecError):
        return False


def manifest_within(folder: Path) -> Path | None:
    """The manifest that a folder holds, if it does."""
    return next((folder / name for name in _NAMES if is_manifest(folder / name)), None)


def read_manifest(path: Path) -> Listing:
    """The files that a manifest names. One whose line is wrong is left out, and told; so is a line that names none."""
    try:
        text = decode(path.read_bytes())[0]
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check the file's permissions.") from error
    files: dict[Path, SourceFile | None] = {}
    findings: list[Finding] = []

    def tell(kind: FindingKind, line: int, reason: object, outcome: str) -> None:
        message = f"line {line}: {str(reason).removesuffix('.')}. {outcome}"
        findings.append(Finding(kind=kind, severity="error", message=message, source=str(path)))

    line = 0
    try:
        for line, row in _ROWS[path.suffix.lower()](text):
            named = _named(path, row)
            if named in files:
                tell("malformed", line, f"{named} was named before", "The first line counts; take one out.")
                continue
            try:
                file = _source_file(path, _entry(row))
            except (msgspec.MsgspecError, SourceError, OSError) as error:
                file = None
                if named:
                    tell("unreadable", line, error, f"{named.name} is left out until then.")
                else:
                    tell("malformed", line, error, "It describes no file until it is corrected.")
            if named:
                files[named] = file
    except csv.Error as error:
        tell("malformed", line + 1, error, "Nothing after it was read; correct the line.")
    left_out = frozenset(named for named, file in files.items() if file is None)
    return Listing(tuple(file for file in files.values() if file), tuple(findings), left_out)


def _named(manifest: Path, row: _Row) -> Path | None:
    """The file that a line names, even if the line is wrong."""
    try:
        fields = msgspec.json.decode(row, type=dict[str, object]) if isinstance(row, str) else row
        name = fields.get("file")
        return (manifest.parent / name).resolve() if isinstance(name, str) and name else None
    except (msgspec.MsgspecError, OSError, ValueError, RuntimeError):
        return None


def _entry(row: _Row) -> _Entry:
    if isinstance(row, str):
        return msgspec.json.decode(row, type=_Entry)
    return msgspec.convert({key: value for key, value in row.items() if value}, _Entry)


def _source_file(manifest: Path, entry: _Entry) -> SourceFile:
    path = manifest.parent / entry.file
    if not path.is_file():
        raise SourceError(f"{entry.file} does not exist below {manifest.parent}. Correct the path.")
    if not path.resolve().is_relative_to(manifest.parent.resolve()):
        raise SourceError(
            f"{entry.file} lies outside of {manifest.parent}, and a manifest describes only what is below its folder. "
            "Move the file there, or name it as a source of its own."
        )
    if entry.url and not _URL.fullmatch(entry.url):
        raise SourceError(f"the url {entry.url!r} is no web address. Give one that begins with https://.")
    if entry.form:
        reader_of(entry.form)
    return SourceFile(
        path=path,
        # An id has no ending that could be cut off.
        name=Path(f"{entry.id}.txt" if entry.id else entry.file),
        form=entry.form,
        form_by="its manifest",
        title=entry.title,
        url=entry.url,
        modified=entry.modified and _iso_date(entry.modified),
    )


def _iso_date(value: str) -> str:
    """The day of an ISO date, or of one with a time."""
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        raise SourceError(f"modified is {value!r}. Write a date like 2025-05-13.") from None


def _json_lines(text: str) -> Iterator[tuple[int, _Row]]:
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _comma_separated(text: str) -> Iterator[tuple[int, _Row]]:
    reader = csv.DictReader(io.StringIO(text), restkey="(beyond the named columns)")
    return ((reader.line_num, row) for row in reader)


_ROWS: dict[str, Callable[[str], Iterator[tuple[int, _Row]]]] = {".jsonl": _json_lines, ".csv": _comma_separated}
