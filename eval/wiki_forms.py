"""Wiki-like pages written out as a wiki gives them: DokuWiki markup and text export."""

from collections.abc import Callable, Sequence
from typing import Literal

from corpus.documents import Document
from corpus.sources import read_text
from corpus.spans import Span
from eval.wiki_habits import Page, Piece

__all__ = ["FORMS", "PageForm", "read_page", "write_page"]

PageForm = Literal["dokuwiki", "dokuwiki-export"]

FORMS: tuple[PageForm, ...] = ("dokuwiki", "dokuwiki-export")


def write_page(page: Page, form: PageForm) -> str:
    """A page as text of a form."""
    return _markup(page) if form == "dokuwiki" else _export(page)


def read_page(page: Page, form: PageForm) -> tuple[Document, tuple[Span, ...]]:
    """The document that a reader makes of a page, and where each of its sentences stands there, in order.

    Raises `ValueError` where the document has lost a sentence.
    """
    document = read_text(write_page(page, form), identity="page", form=form)
    spans, cursor = [], 0
    for block in page.blocks:
        for piece in block.pieces:
            # A marker stands before the last character.
            start = document.text.index(piece.text[:-1], cursor)
            cursor = start + len(piece.text) - 1
            spans.append(Span(start, cursor))
    return document, tuple(spans)


def _markup(page: Page) -> str:
    def mark(works: Sequence[str]) -> str:
        return "".join(f" (({page.notes[work]}))" for work in works)

    blocks = []
    for block in page.blocks:
        words = _joined(block.pieces, mark)
        match block.kind:
            case "heading":
                blocks.append(f"===== {words} =====")
            case "rule":
                blocks.append("----")
            case "list_item":
                blocks.append(f"  * {words}")
            case "table_row":
                blocks.append(f"| {words} |")
            case "quotation":
                blocks.append(f"> {words}")
            case "paragraph":
                blocks.append(words)
    return f"====== {page.habit} ======\n\n" + "\n\n".join(blocks) + "\n"


def _export(page: Page) -> str:
    numbers: dict[str, list[int]] = {}
    count = 0

    def mark(works: Sequence[str]) -> str:
        nonlocal count
        marks = []
        for work in works:
            count += 1
            numbers.setdefault(work, []).append(count)
            marks.append(f"{count})")
        return " " + ", ".join(marks) if marks else ""

    blocks = [_joined(block.pieces, mark) for block in page.blocks if block.kind != "rule"]
    notes = [", ".join(f"{n})" for n in of) + f"\n{page.notes[work]}" for work, of in numbers.items()]
    trailer = "  • page.txt\n  • Last modified: 2025/05/13 02:17\n  • by 127.0.0.1\n"
    return page.habit.capitalize() + "\n\n" + "\n\n".join(blocks) + "\n\n\n" + "\n".join(notes) + "\n" + trailer


def _joined(pieces: Sequence[Piece], mark: Callable[[Sequence[str]], str]) -> str:
    """Sentences with their markers before the full stop, as most wikis set them."""
    return " ".join(
        piece.text[:-1] + mark(piece.marks) + piece.text[-1] if piece.marks else piece.text for piece in pieces
    )
