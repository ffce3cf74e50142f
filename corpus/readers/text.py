"""Plain text: paragraphs parted by blank lines, short unfinished lines as headings, and the marks that a list proves.

A numbered reference list at the end ends the canonical text; marks are those for which it speaks.
"""

import re

from corpus.documents import Block, BlockKind, Reference
from corpus.findings import Finding
from corpus.notes import Note, cited_works
from corpus.readers.reading import Reader, Reading, is_heading, paragraphs, with_headings
from corpus.reference_lists import ReferenceList, find_reference_list
from corpus.reference_marks import find_reference_marks

__all__ = ["READER", "doubts"]

_CAPTION = re.compile(
    r"(?:Supp\w*\s+)?(?:Fig(?:ure|\.)?|Table|Box|Scheme|Movie|Video|Chart|Plate)\s*[A-Z]?\d+[A-Za-z]?\s*(?:$|[.:|)–—])"
)
_FIELD = re.compile(r"[\w-]+:\s+\S+$")
_NO_HEADING = re.compile(r"https?://|www\.|\||@")
_BROKEN_OFF = re.compile(r"\b(?:a|an|and|as|at|by|for|from|in|into|is|of|on|or|that|the|their|to|was|were|with)$")


def _read(text: str) -> Reading:
    """The canonical text is the source up to its reference list, so offsets into the one are offsets into the other."""
    found = find_reference_list(text)
    body = text[: found.start].rstrip() if found else text
    if found is None or not body.strip():
        return Reading(text=text, blocks=_blocks(text))
    references = _references(text, found)
    marks = find_reference_marks(body, [entry.number for entry in found.entries])
    return Reading(
        text=body,
        blocks=_blocks(body),
        markers=marks.markers,
        references=references,
        findings=doubts(found, marks.doubt, below=text[found.end :].strip()),
    )


def _references(text: str, found: ReferenceList) -> tuple[Reference, ...]:
    notes = [Note(" ".join(text[entry.start : entry.end].split())) for entry in found.entries]
    works = zip(found.entries, cited_works(notes), strict=True)
    return tuple(Reference(entry.number, work) for entry, work in works if work)


def doubts(found: ReferenceList, doubt: str, *, below: str = "") -> tuple[Finding, ...]:
    """What remains open of a list: that it has no numbers or no marks, and what stands `below` it and is not read."""
    findings = []
    if not found.entries:
        message = "has a reference list without numbers; no mark can point to it, and no passage will cite it."
        findings.append(Finding(kind="reference-never-cited", severity="warning", message=message))
    elif doubt:
        length = len(found.entries)
        message = f"has a list of {length} references, but nothing in it is surely a mark: {doubt}."
        findings.append(Finding(kind="reference-never-cited", severity="warning", message=message))
    if below:
        message = f"has {len(below)} characters below its reference list, which were not read. Move them above it."
        findings.append(Finding(kind="malformed", severity="warning", message=message))
    return tuple(findings)


def _blocks(text: str) -> tuple[Block, ...]:
    return with_headings([(span, _kind(text[span.start : span.end])) for span in paragraphs(text)], text, titled=False)


def _kind(paragraph: str) -> BlockKind:
    """What a paragraph is. Fields of a preface, captions and broken-off lines are no headings."""
    if _CAPTION.match(paragraph):
        return "caption"
    if "\n" in paragraph or not is_heading(paragraph):
        return "paragraph"
    ends_openly = _FIELD.match(paragraph) or _NO_HEADING.search(paragraph) or _BROKEN_OFF.search(paragraph)
    return "line" if ends_openly or sum(map(str.isalnum, paragraph)) < 2 else "heading"


READER = Reader(form="text", recognises=lambda text: True, read=_read)
