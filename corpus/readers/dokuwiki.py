"""DokuWiki markup with ``((footnotes))``, read as DokuWiki's own renderer would show it.

Each footnote becomes the next number, a repeated one too; its note is the reference of that number. Notes of the
plug-in RefNotes are numbered with them.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate

from corpus.notes import cites
from corpus.readers import refnotes
from corpus.readers.block_writer import BlockWriter, Mark
from corpus.readers.dokuwiki_blocks import gather, noted
from corpus.readers.dokuwiki_lexer import tokenize
from corpus.readers.dokuwiki_notes import number
from corpus.readers.dokuwiki_tokens import Token
from corpus.readers.reading import Reader, Reading

__all__ = ["READER"]

_SECTION_HEADING = re.compile(r"^[ \t]*={2,6}[ \t]*[^\s=][^\n]*={2,6}[ \t]*$", re.MULTILINE)
_NOTE_LENGTH = 2_000


def _recognises(text: str) -> bool:
    return bool(_SECTION_HEADING.search(text)) or _has_citing_note(text) or refnotes.is_used(text)


def _has_citing_note(text: str) -> bool:
    seen: set[str] = set()
    start = text.find("((")
    while start >= 0:
        end = text.find("))", start, start + _NOTE_LENGTH)
        note = text[start + 2 : max(start, end)]
        if note not in seen and _is_balanced(note) and cites(note):
            return True
        seen.add(note)
        start = text.find("((", max(start, end) + 2)
    return False


def _is_balanced(note: str) -> bool:
    """Whether brackets within a note are closed: double brackets also stand where brackets hold others."""
    depths = list(accumulate((character == "(") - (character == ")") for character in note))
    return min(depths, default=0) >= 0 and depths[-1:] == [0]


def _read(text: str) -> Reading:
    drafts = gather(tokenize(text))
    numbering = number(list(noted(drafts)))
    marks = iter(numbering.marks)
    writer = BlockWriter()
    for draft in drafts:
        if draft.apart:
            writer.part()
        writer.write(draft.kind, [_cell(cell, marks) for cell in draft.cells], level=draft.level)
    return Reading(
        text=writer.text,
        title=writer.title,
        footnotes=True,
        blocks=tuple(writer.blocks),
        markers=tuple(writer.markers),
        references=numbering.references,
        findings=(*writer.findings(), *numbering.findings),
    )


def _cell(tokens: Iterable[Token], marks: Iterator[Mark]) -> list[Mark]:
    """What is shown of some tokens, with the marks that were counted for their notes."""
    pieces: list[Mark] = []
    for token in tokens:
        piece = next(marks) if token.kind in {"note", "refnote", "notes"} else Mark(token.text)
        found = (token.finding,) if token.finding else ()
        pieces.append(piece._replace(findings=(*piece.findings, *found)))
    # So a cell is written that goes on with the one above.
    return [] if "".join(piece.text for piece in pieces).strip() == ":::" else pieces


READER = Reader(form="dokuwiki", recognises=_recognises, read=_read)
