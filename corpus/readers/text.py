"""Plain text without references: paragraphs parted by blank lines, short unfinished lines as headings."""

from corpus.documents import Block
from corpus.readers.reading import Reader, Reading, is_heading, paragraphs

__all__ = ["TEXT"]


def _read(text: str) -> Reading:
    """The canonical text is the source itself, so offsets into the one are offsets into the other."""
    blocks: list[Block] = []
    heading: tuple[str, ...] = ()
    for start, end in paragraphs(text):
        line = text[start:end]
        if "\n" not in line and is_heading(line):
            heading = (line,)
            blocks.append(Block("heading", start, end))
        else:
            blocks.append(Block("paragraph", start, end, heading))
    return Reading(text=text, blocks=tuple(blocks))


TEXT = Reader(form="text", recognises=lambda text: True, read=_read)
