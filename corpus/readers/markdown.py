"""Markdown, with footnotes or with numbers in brackets and a list of references.

Of a text that has both, the footnotes are the references if they cite, else the list is: their numbers would be
confused. A list that is one of references is no part of the canonical text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

import msgspec
from markdown_it.token import Token

from corpus.documents import Block, Marker, Reference
from corpus.findings import Finding
from corpus.list_stretches import marks_out_of_reach
from corpus.notes import Note, cited_works
from corpus.readers.markdown_notes import Footnotes, footnotes, without_footnotes
from corpus.readers.markdown_page import Page, separator
from corpus.readers.markdown_pieces import Piece, pieces
from corpus.readers.markdown_tokens import DEEPEST, Parsed, parse
from corpus.readers.reading import Reader, Reading
from corpus.readers.text import doubts, references
from corpus.reference_marks import find_reference_marks
from corpus.spans import Span

__all__ = ["READER"]

_PROOFS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"\A---[ \t]*\n(?:[\w-]+:[^\n]*\n|[ \t]*-?[^\n:]*\n){1,60}?---[ \t]*$",
        r"^ {0,3}\[\^[^\]\s]{1,80}\]:[ \t]*\S",
        r"\w[.,;:]?\^\[[^\[\]\n]{0,200}[^\W\d_]{3}[^\[\]\n]{0,400}\]",
        r"\[[^\[\]\n]{1,200}\]\((?:https?://|#|\.{0,2}/|mailto:)[^\s()]{1,400}",
        r"^ {0,3}\[[^\[\]\n]{1,80}\]:[ \t]+<?https?://\S+>?[ \t]*$",
        r"^ {0,3}(?P<fence>```|~~~)[\w+-]*[ \t]*\n(?:(?! {0,3}(?P=fence))[^\n]*\n){0,400}? {0,3}(?P=fence)[ \t]*$",
        r"^[ \t]*\|?[^\n|]*\|[^\n]*\n(?=[^\n]*\|)[ \t]*\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)*\|?[ \t]*$",
    )
)
"""Each alone shows that a text is Markdown: front matter, footnotes, links, definitions, fenced code, tables."""
_HINTS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"(?:\A|\n[ \t]*\n)# \S[^\n]*\n[ \t]*(?:\n|\Z)",
        r"(?:\A|\n[ \t]*\n)#{2,6} \S[^\n]*\n",
        r"(?<![\w*])\*\*(?=[^\s*])[^*\n]{0,200}[^\s*]\*\*(?![\w*])",
    )
)
_WEAK_HINT = re.compile(
    r"^(?:[-*+] \S[^\n]*\n[ \t]*\n?(?=[-*+] )|> \S)|(?<![\w*_])([*_])(?=[^\s*_])[^*_\n]{0,200}[^\s*_]\1(?![\w*_])",
    re.MULTILINE,
)
"""What plain text has too."""
_FIELD = re.compile(r"^(\w[\w-]*):[ \t]+(\S[^\n]*)$", re.MULTILINE)
_DATE = re.compile(r"\b(\d{4})[-/](\d{2})[-/](\d{2})(?!\d)")
_DATE_FIELDS = ("modified", "last_modified", "last-modified", "lastmod", "updated", "date")
_ADDRESS_FIELDS = ("url", "canonical", "canonical_url", "permalink", "source")


def _recognises(text: str) -> bool:
    if any(proof.search(text) for proof in _PROOFS):
        return True
    hints = sum(hint.search(text) is not None for hint in _HINTS)
    return hints + (_WEAK_HINT.search(text) is not None) >= 2 if hints else False


def _read(text: str) -> Reading:
    parsed = parse(text)
    notes = footnotes(parsed)
    body = without_footnotes(parsed.tokens)
    page = Page.of(pieces(body, parsed.links))
    by_notes = bool(notes.by_number) and (notes.cite or not page.lists)
    if notes.by_number and not by_notes:
        page = Page.of(pieces(body, parsed.links, note="[^{}]"))
    fields = _front_matter(parsed.tokens)
    written = _written(page.kept, fields)
    findings = (*_left_out(parsed), *notes.findings(page.pieces), *_conflict(notes, page, by_notes=by_notes))
    written = msgspec.structs.replace(written, findings=findings)
    if by_notes:
        return msgspec.structs.replace(written, footnotes=True, references=notes.references())
    return _with_marks(written, page, parsed.links)


def _written(kept: Sequence[Piece], fields: Mapping[str, str]) -> Reading:
    """The canonical text of some pieces, with the marks of their footnotes and the fields of the front matter."""
    first = next((piece for piece in kept if piece.kind == "heading" and piece.level == 1), None)
    title = _first(fields, ("title",)) or (first.text if first else None)
    texts: list[str] = []
    length = 0
    blocks: list[Block] = []
    markers: list[Marker] = []
    above: list[tuple[int, str]] = []
    for before, piece in pairwise([Piece("heading", ""), *kept]):
        parted = separator(before, piece)
        start = length + len(parted)
        length = start + len(piece.text)
        texts += [parted, piece.text]
        if piece.kind == "heading":
            above = [(level, text) for level, text in above if level < piece.level]
            above += [(piece.level, piece.text)] if piece is not first or piece.text != title else []
        headings = () if piece.kind == "heading" else tuple(text for _, text in above)
        blocks.append(Block(piece.kind, start, length, headings))
        markers += (Marker(start + mark.start, start + mark.end, mark.numbers) for mark in piece.marks)
    date = _DATE.search(_first(fields, _DATE_FIELDS) or "")
    address = _first(fields, _ADDRESS_FIELDS) or ""
    return Reading(
        text="".join(texts),
        title=title,
        modified="-".join(date.groups()) if date else None,
        url=address if address.startswith(("http://", "https://")) else None,
        blocks=tuple(blocks),
        markers=tuple(markers),
    )


def _with_marks(reading: Reading, page: Page, links: Mapping[str, str]) -> Reading:
    """A reading whose marks are those that its lists prove, or that definitions of numbers do (``[3]: https://…``)."""
    bare = msgspec.structs.replace(reading, markers=())
    if not page.lists:
        return _with_defined_marks(bare, page, links)
    numbers = [entry.number for listed in page.lists for entry in listed.entries]
    marks = find_reference_marks(reading.text, numbers, _spared(reading, page.kept))
    lost = tuple(marks_out_of_reach(marks.markers, page.lists, _ends(reading, page)))
    return msgspec.structs.replace(
        bare,
        markers=marks.markers,
        references=references(page.lists, lost, page.notes()),
        findings=(*reading.findings, *lost, *doubts(page.lists, marks.doubt)),
    )


def _ends(reading: Reading, page: Page) -> list[int]:
    """Where the text above each list ends."""
    ends = [0, *(block.end for block in reading.blocks)]
    return [ends[pieces] for pieces in accumulate(map(len, page.parts[:-1]))]


def _with_defined_marks(bare: Reading, page: Page, links: Mapping[str, str]) -> Reading:
    defined = {int(label): address for label, address in links.items() if label.isdecimal()}
    numbers = sorted(number for number in defined if defined[number].startswith(("http://", "https://")))
    marks = find_reference_marks(bare.text, numbers, _spared(bare, page.kept))
    if not marks.markers:
        return bare
    works = zip(numbers, cited_works(Note(defined[number]) for number in numbers), strict=True)
    found = tuple(Reference(number, work) for number, work in works if work)
    return msgspec.structs.replace(bare, markers=marks.markers, references=found)


def _spared(reading: Reading, kept: Sequence[Piece]) -> list[Span]:
    """Where no number is a mark: code, labels of links, and footnotes."""
    spared: list[Span] = []
    for block, piece in zip(reading.blocks, kept, strict=True):
        if piece.kind == "code":
            spared.append(Span(block.start, block.end))
        stretches = [*piece.spared, *(Span(mark.start, mark.end) for mark in piece.marks)]
        spared += (Span(block.start + each.start, block.start + each.end) for each in sorted(stretches, key=_start))
    return spared


def _start(span: Span) -> int:
    return span.start


def _front_matter(tokens: Sequence[Token]) -> dict[str, str]:
    """The plain fields of the front matter, by their names in small letters."""
    if not tokens or tokens[0].type != "front_matter":
        return {}
    return {name.lower(): value.strip().strip("\"'") for name, value in _FIELD.findall(tokens[0].content)}


def _first(fields: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((fields[name] for name in names if fields.get(name)), None)


def _left_out(parsed: Parsed) -> Iterator[Finding]:
    if parsed.unparsed:
        places = "1 paragraph" if parsed.unparsed == 1 else f"{parsed.unparsed} paragraphs"
        message = f"has {places} with too many brackets or tags that do not close; what stands there was taken as text."
        yield Finding(kind="malformed", severity="warning", message=message)
    if parsed.too_deep:
        message = f"has lists or quotations that lie more than {DEEPEST} deep; what is deeper was left out."
        yield Finding(kind="malformed", severity="warning", message=message)


def _conflict(notes: Footnotes, page: Page, *, by_notes: bool) -> Iterator[Finding]:
    """Where there are footnotes and a list as well, that one of them is not followed."""
    if notes.by_number and page.lists:
        followed, other = ("footnotes", "list") if by_notes else ("list", "footnotes")
        message = (
            f"has footnotes and a list of references; its numbers are those of the {followed}, not of the {other}."
        )
        yield Finding(kind="not-followed", severity="note", message=message)


READER = Reader(form="markdown", recognises=_recognises, read=_read)
