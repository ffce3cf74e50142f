"""Plain text without references: paragraphs parted by blank lines, short unfinished lines as headings."""

from corpus.documents import BlockKind
from corpus.readers.reading import Reader, Reading, is_heading, paragraphs, with_headings

__all__ = ["READER"]


def _read(text: str) -> Reading:
    """The canonical text is the source itself, so offsets into the one are offsets into the other."""
    stretches = [(span, _kind(text[span.start : span.end])) for span in paragraphs(text)]
    return Reading(text=text, blocks=with_headings(stretches, text, titled=False))


def _kind(paragraph: str) -> BlockKind:
    return "heading" if "\n" not in paragraph and is_heading(paragraph) else "paragraph"


READER = Reader(form="text", recognises=lambda text: True, read=_read)
