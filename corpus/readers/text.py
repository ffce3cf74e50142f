"""Plain text: paragraphs parted by blank lines, short unfinished lines as headings, and the marks that a list proves.

Numbered reference lists are no part of the canonical text, which the last of them ends; marks are those for which they
speak.
"""

import re
from collections.abc import Iterable, Sequence

from corpus.documents import Block, BlockKind, Reference
from corpus.findings import Finding
from corpus.list_stretches import find_serving_lists, marks_out_of_reach, stretches
from corpus.notes import Note, cited_works
from corpus.readers.reading import Reader, Reading, is_heading, is_unfinished, paragraphs, with_headings
from corpus.reference_lists import ReferenceList
from corpus.reference_marks import find_reference_marks
from corpus.spans import Span

__all__ = ["READER", "doubts", "references"]

_CAPTION = re.compile(
    r"(?:Supp\w*\s+)?(?:Fig(?:ure|\.)?|Table|Box|Scheme|Movie|Video|Chart|Plate)\s*[A-Z]?\d+[A-Za-z]?\s*(?:$|[.:|)–—])"
)
_FIELD = re.compile(r"[\w-]+:\s+\S+$")
_NO_HEADING = re.compile(r"https?://|www\.|\||@")
_TITLE_LENGTH, _TITLE_WORDS = 300, 3
_BROKEN_OFF = re.compile(r"\b(?:a|an|and|as|at|by|for|from|in|into|is|of|on|or|that|the|their|to|was|were|with)$")


def _read(text: str) -> Reading:
    """The canonical text is the source without its reference lists, and up to the last of them."""
    lists = find_serving_lists(text)
    body, ends = _joined(stretches(text, lists))
    if not body.strip():
        return Reading(text=text, title=_title(text), blocks=_blocks(text))
    marks = find_reference_marks(body, [entry.number for each in lists for entry in each.entries])
    lost = tuple(marks_out_of_reach(marks.markers, lists, ends))
    return Reading(
        text=body,
        title=_title(body),
        blocks=_blocks(body),
        markers=marks.markers,
        references=references(lists, lost, _notes(text, lists)),
        findings=(*lost, *doubts(lists, marks.doubt, below=text[lists[-1].end :].strip())),
    )


def _joined(parts: Iterable[str]) -> tuple[str, list[int]]:
    """Some stretches as one text, and where each ends in it."""
    kept: list[str] = []
    ends: list[int] = []
    length = 0
    for part in parts:
        shown = (part.strip("\n") if kept else part).rstrip()
        if shown:
            shown = f"\n\n{shown}" if kept else shown
            kept.append(shown)
            length += len(shown)
        ends.append(length)
    return "".join(kept), ends


def _notes(text: str, lists: Sequence[ReferenceList]) -> list[Note]:
    return [Note(" ".join(text[entry.start : entry.end].split())) for each in lists for entry in each.entries]


def references(lists: Sequence[ReferenceList], lost: Iterable[Finding], notes: Iterable[Note]) -> tuple[Reference, ...]:
    """The works behind the `notes` of all entries; a number that marks name out of its list's reach has none."""
    entries = [entry for each in lists for entry in each.entries]
    without = {number for finding in lost for number in finding.numbers}
    works = zip(entries, cited_works(notes), strict=True)
    return tuple(Reference(entry.number, work) for entry, work in works if work and entry.number not in without)


def doubts(lists: Sequence[ReferenceList], doubt: str, *, below: str = "") -> tuple[Finding, ...]:
    """What remains open of lists: that they have no numbers or no marks, and what is not read `below` the last."""
    findings = []
    length = sum(len(each.entries) for each in lists)
    if not length:
        message = "has a reference list without numbers; no mark can point to it, and no passage will cite it."
        findings.append(Finding(kind="reference-never-cited", severity="warning", message=message))
    elif doubt:
        message = f"has a list of {length} references, but nothing in it is surely a mark: {doubt}."
        findings.append(Finding(kind="reference-never-cited", severity="warning", message=message))
    if below:
        message = f"has {len(below)} characters below its reference list, which were not read. Move them above it."
        findings.append(Finding(kind="malformed", severity="warning", message=message))
    return tuple(findings)


def _title(text: str) -> str | None:
    """The first line, where it stands alone above the rest and reads as a title: some words, without a full stop."""
    first, *others = paragraphs(text)[:2] or [Span(0, 0)]
    line = text[first.start : first.end]
    reads_as_one = (
        "\n" not in line
        and len(line) <= _TITLE_LENGTH
        and len(line.split()) >= _TITLE_WORDS
        and (line[:1].isupper() or line[:1].isdigit())
        and is_unfinished(line)
        and not (_NO_HEADING.search(line) or _BROKEN_OFF.search(line) or _FIELD.match(line) or _CAPTION.match(line))
    )
    return line if others and reads_as_one else None


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
