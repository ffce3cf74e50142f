"""RefNotes in XHTML: the marks and notes that the plug-in prints are those that are read of the markup.

The fragments are written here in the shape that the plug-in gave its output when it was run over the same markup.
"""

import time

import pytest

from corpus import Document
from corpus.documents import Marker
from corpus.readers import reader_of, recognise
from corpus.readers.reading import Reading
from corpus.sources import read_text

A, B = "Smith A. One. 2001.", "Jones B. Two. 2002."


def mark(row: str, note: int, own: int, label: str) -> str:
    """A mark: the second of a row for its first note has `own` 2 and `note` 1."""
    link = f'<a href="#refnotes:{row}:note{note}" name="refnotes:{row}:ref{own}" class="refnotes-ref note-popup">'
    return f"<sup>{link}{label}</a></sup>"


def notes(row: str, *texts: str) -> str:
    """The notes of a row as they are printed, each behind two links back."""
    printed = (
        f'<div class="note reduced"><sup><b><a href="#refnotes:{row}:ref{n}" name="refnotes:{row}:note{n}" '
        f'class="backref">{n})</a></b>,\n<b><a href="#refnotes:{row}:ref9{n}" class="backref">9{n})</a></b></sup>\n'
        f'<span id="refnotes:{row}:note{n}:text">\n{text}\n</span></div>\n'
        for n, text in enumerate(texts, 1)
    )
    return f'<div class="refnotes">\n<hr>\n<div class="notes">\n{"".join(printed)}</div>\n</div>\n'


def foot(number: int) -> str:
    """The mark of a footnote."""
    return f'<sup><a href="#fn__{number}" id="fnt__{number}" class="fn_top">{number})</a></sup>'


def footnotes(*texts: str) -> str:
    """The footnotes below a page."""
    printed = (
        f'<div class="fn"><sup><a href="#fnt__{n}" class="fn_bot">{n})</a></sup> '
        f'<div class="content">{text}</div></div>'
        for n, text in enumerate(texts, 1)
    )
    return f'<div class="footnotes">{"".join(printed)}</div>'


def xhtml(page: str) -> Reading:
    """A page in XHTML, read."""
    return reader_of("dokuwiki-xhtml").read(page)


def numbered(reading: Reading) -> list[tuple[int, str]]:
    """The references of a page."""
    return [(reference.number, reference.work.text) for reference in reading.references]


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        # Each mark has the next number, and a note with several marks as many references.
        (f"It [(a>{A})] x [({B})] y [(a)].",
         f"<p>\nIt {mark('1', 1, 1, '1)')} x {mark('1', 2, 2, '2)')} y {mark('1', 1, 3, '3)')}.\n</p>\n"
         f"{notes('1', A, B)}"),
        # All marks of a note have its number, which the namespace cite shows in brackets, and biblio as names.
        (f"It [(cite:a>{A})] x [(cite:b>{B})] y [(cite:a)].",
         f"<p>It {mark('cite:1', 1, 1, '[1]')} x {mark('cite:1', 2, 2, '[2]')} y "
         f"{mark('cite:1', 1, 3, '[1]')}.</p>{notes('cite:1', A, B)}"),
        (f"It [(biblio:knuth2001>{A})] x [(biblio:b>{B})] [(biblio:knuth2001)].",
         f"<p>It {mark('biblio:1', 1, 1, '[knuth2001]')} x {mark('biblio:1', 2, 2, '[b]')} "
         f"{mark('biblio:1', 1, 3, '[knuth2001]')}.</p>{notes('biblio:1', A, B)}".replace("sup>", "b>")),
        # The row whose mark comes first keeps its numbers, and each after it goes on from there.
        (f"a (({A})) b [(r>{B})] c ((C)) d [(n:d>D)] [(n:d)] ~~REFNOTES~~ e [(E e)]",
         f"<p>a {foot(1)} b {mark('1', 1, 1, '1)')} c {foot(2)} d {mark('n:1', 1, 1, '1)')} "
         f"{mark('n:1', 1, 2, '2)')}</p>"
         f"{notes('1', B)}<p>e {mark('2', 1, 1, '1)')}</p>{notes('2', 'E e')}{notes('n:1', 'D')}{footnotes(A, 'C')}"),
        (f"a [(r>{B})] b (({A})) c [(r)]",
         f"<p>a {mark('1', 1, 1, '1)')} b {foot(1)} c {mark('1', 1, 2, '2)')}</p>{notes('1', B)}{footnotes(A)}"),
        # Notes that mean the one before them, notes that are not there, and words with an address behind them.
        (f"a [(r>{A})] b [(Ibid., 7.)] c [(nope)] d [(See [[https://x.org/p|the report]])]",
         f"<p>a {mark('1', 1, 1, '1)')} b {mark('1', 2, 2, '2)')} c {mark('1', 3, 3, '3)')} "
         f"d {mark('1', 4, 4, '4)')}</p>"
         + notes("1", A, "Ibid., 7.", "", 'See <a href="https://x.org/p" class="urlextern">the report</a>')),
        # A row that is printed between paragraphs parts them, without an edge.
        (f"a [({A})]\n~~REFNOTES~~\nb", f"<p>\na {mark('1', 1, 1, '1)')}\n</p>\n{notes('1', A)}\n<p>\nb\n</p>"),
    ],
)  # fmt: skip
def test_markup_and_xhtml_agree(page: str, shown: str) -> None:
    """Text, blocks, markers, references and what is told of the rows are the same from both."""
    source, printed = reader_of("dokuwiki").read(page), xhtml(shown)
    assert printed.text == source.text
    assert printed.blocks == source.blocks
    assert printed.markers == source.markers
    assert printed.references == source.references
    assert printed.findings == tuple(finding for finding in source.findings if finding.span is None)


def test_letters_are_read_as_numbers_and_told() -> None:
    """Where the wiki prints letters or stars, the document has numbers, by the marks or by the notes they show."""
    marks = mark("t:1", 2, 1, "a)"), mark("t:1", 1, 2, "b)"), mark("t:1", 2, 3, "c)")
    found = xhtml(f"<p>x {' '.join(marks)}</p>{notes('t:1', A, B)}")
    assert found.text == "x 1) 2) 3)"
    assert numbered(found) == [(1, B), (2, A), (3, B)]
    assert [(it.kind, it.severity, it.numbers) for it in found.findings] == [("not-followed", "note", (1, 2, 3))]
    assert found.findings[0].message == "marks its RefNotes of :t: with letters or names; here they have numbers."


def test_a_note_without_a_mark_stands_behind_the_others() -> None:
    """So it can be told that nothing cites it."""
    assert numbered(xhtml(f"<p>x {mark('1', 2, 1, '1)')} {mark('1', 2, 2, '2)')}</p>{notes('1', A, B)}")) == [
        (1, B), (2, B), (3, A),
    ]  # fmt: skip


def test_what_only_looks_like_a_mark_is_text() -> None:
    """A link elsewhere of that class, one that does not lead to a note, and a mark within a footnote."""
    inside = f"See {mark('1', 1, 1, '1)')}."
    found = xhtml(
        f'<p>a <a class="refnotes-ref" href="#top">1)</a> <a href="#refnotes:1:note1">2)</a>{foot(1)}</p>'
        f"{footnotes(inside)}"
    )
    assert found.text == "a 1) 2)1)"
    assert found.markers == (Marker(7, 9, (1,)),)
    assert numbered(found) == [(1, "See 1).")]


def test_a_page_with_refnotes_alone_is_recognised() -> None:
    """By the class of its marks, as a fragment and within a whole page of any template."""
    body = f"<p>It {mark('1', 1, 1, '1)')}.</p>{notes('1', A)}"
    assert recognise(f"<p>It</p> {body}").form == "dokuwiki-xhtml"
    whole = (
        f"<html><head><title>T</title></head><body><nav>Menu</nav><p>up</p><div><main>{body}</main></div></body></html>"
    )
    document: Document = read_text(whole, identity="x")
    assert (document.form, document.text, len(document.references)) == ("dokuwiki-xhtml", "It 1).", 1)


@pytest.mark.parametrize(
    "piece",
    [mark("1", 1, 1, "1)"), mark("1", 999_999, 999_999, "x"),
     '<a class="refnotes-ref" href="#refnotes' + ":a" * 500 + '">',
     '<div class="refnotes">', '<span id="refnotes:1:note1:text">', notes("1", A)],
)  # fmt: skip
def test_broken_pages_take_no_time(piece: str) -> None:
    """The same over and over, closed or never, is read within seconds."""
    begun = time.perf_counter()
    assert xhtml("<p>before</p>" + piece * (1_000_000 // len(piece))).text.startswith("before")
    assert time.perf_counter() - begun < 20
