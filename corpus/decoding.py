"""The text in the bytes of a file."""

import codecs
import re

import charset_normalizer

from corpus.errors import EmptySourceError, SourceError
from corpus.findings import Finding

__all__ = ["decode"]

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
_BEGINNING = 4096
_DECLARATION = re.compile(rb"""<(?:\?xml|meta)\b[^>]*?\b(?:encoding|charset)\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_PLAIN = rb"<html \n \u0041 +AGE- >"
"""Letters and signs that only encodings which extend ASCII read as they are."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x7f]")


def decode(original: bytes) -> tuple[str, list[Finding]]:
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


def _text(original: bytes) -> tuple[str, list[Finding]]:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if original.startswith(mark):
            return _strict(original, encoding), [_read_as(encoding)]
    if wide := _wide(original):
        return _strict(original, wide), [_read_as(wide)]
    try:
        return original.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return _declared(original) or _detected(original)


def _wide(original: bytes) -> str | None:
    """UTF-16 without a byte order mark: of each pair of bytes the same one is almost always zero."""
    beginning = original[:_BEGINNING]
    zeros = beginning[::2].count(0), beginning[1::2].count(0)
    most, least = max(zeros), min(zeros)
    if len(original) % 2 or 5 * most < 2 * len(beginning) or 20 * least > most:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _declared(original: bytes) -> tuple[str, list[Finding]] | None:
    """The text in the encoding that an XML declaration or an HTML page states, if it can be read so."""
    stated = _DECLARATION.search(original[:_BEGINNING])
    if not stated:
        return None
    encoding = stated[1].decode("ascii")
    try:
        # What reads the declaration's own letters otherwise is not what the file is in, or no encoding of texts.
        return (original.decode(encoding), []) if _PLAIN.decode(encoding) == _PLAIN.decode("ascii") else None
    except (LookupError, UnicodeError):
        return None


def _strict(original: bytes, encoding: str) -> str:
    try:
        return original.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(f"begins like {encoding} but is not ({error.reason}). Save it as UTF-8.") from error


def _detected(original: bytes) -> tuple[str, list[Finding]]:
    """The text in the encoding that fits best: UTF-8 still, if most of what is not ASCII fits it."""
    if b"\0" in original:
        raise SourceError(_BINARY)
    text = original.decode("utf-8-sig", errors="replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    if 10 * broken < sum(character > "\x7f" for character in text):
        places = "1 place" if broken == 1 else f"{broken} places"
        message = f"is UTF-8 but for {places}, now marked �. Correct the file if that matters."
        return text, [Finding(kind="encoding", severity="warning", message=message)]
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


def _read_as(encoding: str) -> Finding:
    message = f"is not UTF-8; it was read as {encoding}. Save it as UTF-8 if that is wrong."
    return Finding(kind="encoding", severity="note", message=message)
