"""Source forms read into canonical text, blocks, markers and references.

What DokuWiki makes of markup was looked up with its own renderer, release 2025-05-14b; what is read
otherwise on purpose has a test of its own.
"""

import time
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import BlockKind, Document, Form
from corpus.errors import SourceError
from corpus.readers import reader_of, readers, recognise
from corpus.readers.reading import Reading
from corpus.sources import EMBEDDED, read_document
from tests.documents import PIECES, document

NOTE = "((Smith A, Jones B. Title. J X. 2020;1:1-9. PMID: 7.))"


def blocks(text: str, form: Form = "dokuwiki") -> list[tuple[BlockKind, str]]:
    """The blocks of a text: what they are and what they say."""
    reading = read(text, form)
    return [(block.kind, reading.text[block.start : block.end]) for block in reading.blocks]


def notes(text: str) -> list[tuple[int, str]]:
    """The numbers of a page in markup, and the notes behind them."""
    return [(reference.number, reference.work.text) for reference in read(text, "dokuwiki").references]


def read(text: str, form: Form) -> Reading:
    """A text read as the form that is named."""
    return reader_of(form).read(text)


class Rendered(HTMLParser):
    """DokuWiki's XHTML: the marks in order, the text without the notes, and the note behind each number."""

    def __init__(self, xhtml: str) -> None:
        super().__init__()
        self.text = ""
        self.marks: list[int] = []
        self.notes: dict[int, str] = {}
        self._numbers: list[int] = []
        self._in: list[str] = []
        self.feed(xhtml)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102 (HTMLParser's)
        names = dict(attrs)
        kind = names.get("class") or tag
        if kind == "fn_top":
            self.marks.append(int((names["id"] or "").removeprefix("fnt__")))
        elif kind == "fn_bot":
            self._numbers.append(int((names["id"] or "").removeprefix("fn__")))
        elif kind == "fn":
            self._numbers = []
        elif kind == "content":
            self.notes |= dict.fromkeys(self._numbers, "")
        self._in.append(kind)

    def handle_endtag(self, _: str) -> None:  # noqa: D102 (HTMLParser's)
        self._in.pop()

    def handle_data(self, data: str) -> None:  # noqa: D102 (HTMLParser's)
        if "content" in self._in:
            self.notes |= {number: self.notes[number] + data for number in self._numbers}
        elif "footnotes" not in self._in:
            self.text += data


def test_numbering_equals_dokuwiki(shared: Path) -> None:
    """Marks, notes and text of the page of footnote forms are those of DokuWiki's own XHTML."""
    folder = shared / "data" / "dokuwiki"
    rendered = Rendered((folder / "footnote_forms.xhtml").read_text("utf-8"))
    page = read_document(folder / "footnote_forms.txt", identity="footnote_forms")
    assert page.form == "dokuwiki"
    assert [number for marker in page.markers for number in marker.numbers] == rendered.marks == list(range(1, 12))
    assert {number: work.text for number, work in page.works.items()} == rendered.notes
    assert page.text.split() == rendered.text.split()


def test_markup_equals_its_export(shared: Path) -> None:
    """The page of footnote forms is the same page whether read from its markup or from its text export."""
    folder = shared / "data" / "dokuwiki"
    page = read_document(folder / "footnote_forms.txt", identity="footnote_forms")
    export = read_document(folder / "footnote_forms.export.txt", identity="footnote_forms")
    assert export.form == "dokuwiki-export"
    assert export.text == page.text
    assert export.markers == page.markers
    assert export.works.keys() == page.works.keys()
    for number, work in page.works.items():
        # An export keeps a link's words alone.
        csl = msgspec.structs.replace(work.csl, url=export.works[number].csl.url)
        assert msgspec.structs.replace(work, csl=csl) == export.works[number]
    assert export.title == page.title == "Footnote forms"
    assert (page.modified, export.modified) == (None, "2026-01-15")

    def prose(of: Document) -> list[str]:
        return [of.text[block.start : block.end] for block in of.blocks if block.kind == "paragraph"]

    lost = {"a nested item 6) and 100% of it. 2019.))", "A quotation with a mark 8)."}
    assert [text for text in prose(export) if text not in lost] == prose(page)
    assert [(block.start, block.end) for block in export.blocks] == [(block.start, block.end) for block in page.blocks]


def test_kinds_of_the_footnote_forms(shared: Path) -> None:
    """In markup each block is what it is; of an export, lists and tables are lines, which inherit nothing."""
    folder = shared / "data" / "dokuwiki"
    kinds = {
        path: [block.kind for block in read_document(folder / path, identity="x").blocks]
        for path in ("footnote_forms.txt", "footnote_forms.export.txt")
    }
    beginning = ["heading", "paragraph", "heading", "paragraph", "paragraph", "paragraph", "heading"]
    assert kinds["footnote_forms.txt"] == [
        *beginning, "list_item", "list_item", "list_item", "table_row", "table_row", "table_row", "quotation",
        "heading", "paragraph", "code", "paragraph",
    ]  # fmt: skip
    assert kinds["footnote_forms.export.txt"] == [
        *beginning, "line", "line", "paragraph", "heading", "line", "line", "paragraph",
        "heading", "paragraph", "line", "paragraph",
    ]  # fmt: skip


def test_seed_page(shared: Path) -> None:
    """Title, date, heading, the eight marks at their exact places, and the works behind them."""
    path = shared / "corpus" / "cervical_spinal_metastases.txt"
    page = read_document(path, identity="cervical_spinal_metastases")
    original = path.read_text("utf-8")
    assert (page.form, page.title, page.modified) == ("dokuwiki-export", "Cervical spinal metastases", "2025-05-13")
    assert original.startswith(page.text)
    assert page.findings == ()
    before = ["disorder", "lymphomas", "expected", "series", "significant", "patients", "warranted", "determined"]
    for number, (marker, word) in enumerate(zip(page.markers, before, strict=True), 1):
        assert page.text[: marker.end].endswith(f"{word} {number})")
        assert page.text[marker.end :].startswith(".\n") or marker.end + 1 == len(page.text)
    assert [block.headings for block in page.blocks if block.kind == "heading"] == [(), ()]
    assert {block.headings for block in page.blocks} == {(), ("2017",)}
    assert [work.pmid for work in page.works.values()] == [
        "33522744", "32656132", "28638950", "28760030", "33468836", "30030186", "32637205", "32523390"
    ]  # fmt: skip
    assert [work.pmcid for work in page.works.values() if work.pmcid] == ["PMC7335153", "PMC7332509", "PMC7236087"]
    for trailer in ("Last modified", "127.0.0.1", "cervical_spinal_metastases.txt", "Diehn FE"):
        assert trailer not in page.text


def test_embedded_page() -> None:
    """The page that comes with loccit is markup with eight footnotes."""
    page = read_document(EMBEDDED / "cervical_spinal_metastases.txt", identity="page")
    assert (page.form, page.title, len(page.markers)) == ("dokuwiki", "Cervical spinal metastases", 8)
    assert sorted(page.works) == list(range(1, 9))
    assert page.findings == ()


# What form a text has


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("===== A heading =====\nText.", "dokuwiki"),
        (f"Text without a heading {NOTE}.", "dokuwiki"),
        ("Text ((van der Berg JA. Title. 2020.)).", "dokuwiki"),
        ("Text ((https://example.org/page)).", "dokuwiki"),
        ("Text 1).\n\n1)\nSmith A. Title. 2020.", "dokuwiki-export"),
        ("Text.\n  • page.txt\n  • Last modified: 2025/05/13 02:17\n  • by 127.0.0.1", "dokuwiki-export"),
        ("Text.\n  • seite.txt\n  • Zuletzt geändert: 2025/05/13 02:17", "dokuwiki-export"),
        ("Text.", "text"),
        ("x = ((a + b) * (c + d)) / 2020 and f((x)) = ((2017))", "text"),
        ("Plain ((n = 12) as reported (PMID: 123456)) brackets.", "text"),
        ("Title\n=====\n\nSection\n-------\n\n====\n====================\nText.", "text"),
        ("# Markdown\n\n**bold** and [a link](https://example.org/a_(b)) (2020)\n\n```\n== x\n```", "markdown"),
        ("== AsciiDoc\n\n=== Section\n\nText.", "text"),
        ("Options:\n\n1)\nSurgery.\n\n2)\nRadiation.", "text"),
        ("To do\n  • buy.txt\n  • sell", "text"),
        ("To do\n  • on 2025/05/13 02:17", "text"),
    ],
)
def test_the_form_is_recognised_from_the_content(text: str, form: Form) -> None:
    """Markup by its headings or citing footnotes, an export by its marks or trailer, all else is plain text."""
    assert recognise(text).form == form


def test_articles_are_plain_text(shared: Path) -> None:
    """Ninety-two articles with brackets, formulas and numbered lists are no wiki pages; offsets are theirs."""
    files = sorted((shared / "data" / "covidqa" / "documents").glob("*.txt"))
    assert len(files) == 92
    for file in files:
        page = read_document(file, identity=file.stem)
        assert (page.form, page.markers, page.references, page.findings) == ("text", (), (), ())
        assert page.text == file.read_text("utf-8")


@pytest.mark.parametrize("form", ["dokuwiki", "dokuwiki-export", "text"])
def test_a_form_can_be_forced(form: Form) -> None:
    """The form that is asked for is taken, whatever the content looks like."""
    assert document("Rose ((n)) 1).\n\n1)\nA note.", form).form == form


# Plain text


def test_plain_text_keeps_its_offsets() -> None:
    """The canonical text is the source; paragraphs are parted by blank lines, a short line is a heading."""
    text = "  Results\n\nFirst 𝒜 line\nsecond line.\n \n\n\tIt rose.\n\nIt fell."
    page = document(text, "text")
    assert page.text == text
    assert [(b.kind, text[b.start : b.end], b.headings) for b in page.blocks] == [
        ("heading", "Results", ()),
        ("paragraph", "First 𝒜 line\nsecond line.", ("Results",)),
        ("paragraph", "It rose.", ("Results",)),
        ("paragraph", "It fell.", ("Results",)),
    ]


def test_short_lines_without_text_below_are_not_lost() -> None:
    """A heading stands above something: at the end, or in a long row, a short line is a line to be searched."""
    assert [kind for kind, _ in blocks("Results\n\nIt rose.\n\nAspirin 100 mg daily", "text")] == [
        "heading", "paragraph", "line",
    ]  # fmt: skip
    assert [kind for kind, _ in blocks("Pain\n\nFever\n\nCough\n\nChills\n\nThese were seen.", "text")] == [
        "line", "line", "line", "line", "paragraph",
    ]  # fmt: skip


# Text exports


def test_an_export_of_several_paragraphs() -> None:
    """The first heading is the title, a later one stands above what follows it; notes and trailer are no text."""
    text = (
        "Page title\n\nIt rose 1).\n\n2017\n\nIt fell 2).\n\n\n"
        "1)\nSmith A. One. 2001.\n2), 3)\nJones B. Two.\nOn two lines. 2002.\n"
        "  • page.txt\n  • Last modified: 2025/05/13 02:17\n"
    )
    page = document(text, "dokuwiki-export")
    assert page.text == "Page title\n\nIt rose 1).\n\n2017\n\nIt fell 2)."
    assert (page.title, page.modified) == ("Page title", "2025-05-13")
    assert [block.headings for block in page.blocks] == [(), (), (), ("2017",)]
    assert [marker.numbers for marker in page.markers] == [(1,), (2,)]
    assert {number: work.text for number, work in page.works.items()} == {
        1: "Smith A. One. 2001.",
        2: "Jones B. Two. On two lines. 2002.",
        3: "Jones B. Two. On two lines. 2002.",
    }


def test_what_stands_below_the_notes_is_no_note() -> None:
    """A licence under the last note stays out of its text, and a list of the page is no trailer."""
    page = document("It rose 1).\n\n1)\nSmith A. One. 2001.\n\nContent under CC BY-SA 4.0.", "dokuwiki-export")
    assert page.works[1].text == "Smith A. One. 2001."
    assert blocks("It rose.\n\n• First drug.\n• Second drug.", "dokuwiki-export")[-1] == (
        "paragraph",
        "• First drug.\n• Second drug.",
    )


def test_an_empty_note_is_no_reference() -> None:
    """A number without a note is known, but leads nowhere."""
    assert document("It rose 1). It fell 2).\n\n1)\nSmith A. One.\n2)\n", "dokuwiki-export").works.keys() == {1}
    assert notes("It rose (( )) and fell ((Smith A. One.)).") == [(2, "Smith A. One.")]


def test_ibidem_in_an_export() -> None:
    """Such a note is the work of the one before it; without one its mark leads nowhere."""
    export = "It rose 1). It fell 2), it stayed 3).\n\n1)\nA. One. 2001.\n2)\nIbid., 7.\n3)\nB. Two.\n"
    reading = read(export, "dokuwiki-export")
    assert [(r.number, r.work.text) for r in reading.references] == [
        (1, "A. One. 2001."), (2, "A. One. 2001."), (3, "B. Two."),
    ]  # fmt: skip
    lone = read("It rose 1). It fell 2).\n\n1)\nIbid.\n2)\nB. Two.\n", "dokuwiki-export")
    assert [r.number for r in lone.references] == [2]
    assert [marker.numbers for marker in lone.markers] == [(1,), (2,)]


def test_items_of_an_exported_list_stay_apart() -> None:
    """Lines that end unfinished though there was room are items, even where the first is the longest."""
    prose = "This page has its paragraphs in single lines, " * 4 + "as an export has them.\n\n"
    assert blocks(f"{prose}an item\na longer item of the list\nan item", "dokuwiki-export")[1:] == [
        ("line", "an item"), ("line", "a longer item of the list"), ("line", "an item"),
    ]  # fmt: skip
    long = "a list item without a mark, which is longer than the widths at which text is wrapped"
    assert blocks(f"{prose}{long}\nan item 1)\n\n1)\nSmith A. One.", "dokuwiki-export")[1:] == [
        ("line", long), ("line", "an item 1)"),
    ]  # fmt: skip


def test_wrapped_lines_of_an_export_stay_together() -> None:
    """A paragraph that was broken to fit a width is one paragraph, also where a line ends in a mark."""
    text = (
        "The median survival of the patients was 14.8 months after the\n"
        "surgery, and complications were seen in five of them at follow-up 1)\n"
        "while pain relief was complete or almost complete in 21 of the 24\n"
        "patients.\n\n1)\nSmith A. One."
    )
    assert [kind for kind, _ in blocks(text, "dokuwiki-export")] == ["paragraph"]


# DokuWiki markup


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("**bold** //italic// __under__ ''mono''", "bold italic under mono"),
        ("H<sub>2</sub>O, 10<sup>3</sup>, <del>gone</del>", "H2O, 103, gone"),
        ("**//__''deep''__//**", "deep"),
        ("a **b\nc** d", "a b\nc d"),
        ("a ** b", "a ** b"),
        ("__init__ and a__b", "init and a__b"),
        ("a <sub>b and </sub", "a <sub>b and </sub"),
        ("see http://x.org/a//b// and c", "see http://x.org/a//b// and c"),
        ("//see http://x.org/a// end", "see http://x.org/a// end"),
        ("and/or, https://x.org/__a__--b, ok", "and/or, https://x.org/__a__--b, ok"),
        ("www.x.org/a__b__ www.x.org/--", "www.x.org/a__b__ www.x.org/–"),
        ("%%**raw** ((x)) -- %% and <nowiki>//raw//</nowiki>", "**raw** ((x)) --  and //raw//"),
        ("''%%((x))%%'' 50%% of 7", "((x)) 50%% of 7"),
        ("one\\\\ two\\\\\nthree \\\\ four\\\\", "one\ntwo\nthree\nfour"),
        ("c:\\\\path stays", "c:\\\\path stays"),
        ("a -- b --- c... (c) (tm) (r) -> <- <-> => <= <=> >> <<", "a – b — c… © ™ ® → ← ↔ ⇒ ⇐ ⇔ » «"),
        ("3x4 and 640x480, 0x10, x2", "3×4 and 640×480, 0x10, x2"),
        ('He said "no" and ("yes") -"q"- **"b"**', "He said “no” and (“yes”) -“q”- “b”"),
        ("it's 'so'", "it's 'so'"),
        ("[[page]] [[ns:page]] [[ns:page#sec]] [[#sec]]", "page page sec sec"),
        ("[[page|the label]] [[http://x.org]] [[http://x.org|L]]", "the label http://x.org L"),
        ("[[wp>Foo]] [[doku>a:b|c]] [[a@b.org]] [[.:a]] [[ns:]] [[b:start]]", "Foo c a@b.org a ns b"),
        ("[[page|{{img.png|alt}}]] [[page|**b** -- c]] [[pa\nge|la\nbel]]", "alt **b** -- c la bel"),
        ("[[a]]] b and [[never closed", "a] b and [[never closed"),
        ("{{img.png}}{{ img.png?200 |A caption}} {{doc.pdf}} {{a:doc.pdf|Doc}}", "A caption doc.pdf Doc"),
        ("<me@x.org> wrote", "me@x.org wrote"),
        ("~~NOTOC~~Text~~NOCACHE~~", "Text"),
        ("a | b ^ c", "a | b ^ c"),
        ("\tone\n", "one"),
        ("\U000f0000 and \U00100000 and \ufffc", "\U000f0000 and \U00100000 and \ufffc"),
    ],
)
def test_what_a_reader_sees_of_a_line(source: str, text: str) -> None:
    """Formatting marks go, signs are set, links show their label; what is not closed stays as it is."""
    assert read(source, "dokuwiki").text == text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A\nb.\n\nC.\n \t\nD.", [("paragraph", "A\nb."), ("paragraph", "C."), ("paragraph", "D.")]),
        ("  * one\n  * two\n    - nested\n", [("list_item", "one"), ("list_item", "two"), ("list_item", "nested")]),
        ("\t* one\n\t\t- two", [("list_item", "one"), ("list_item", "two")]),
        ("  * item\nnot indented", [("list_item", "item"), ("paragraph", "not indented")]),
        ("  * item\n    below it", [("list_item", "item"), ("paragraph", "below it")]),
        ("^ A ^ B ^\n| c | **d** |\n| ::: | e |", [("table_row", "A B"), ("table_row", "c d"), ("table_row", "e")]),
        ("| [[a|b]] | %%|%% |", [("table_row", "b |")]),
        ("| shown | not shown\ntext", [("table_row", "shown"), ("paragraph", "text")]),
        ("text\n| a |\ntext", [("paragraph", "text"), ("table_row", "a"), ("paragraph", "text")]),
        ("> one\n> two\nafter", [("quotation", "one\ntwo"), ("paragraph", "after")]),
        ("before\n----\nafter", [("paragraph", "before"), ("paragraph", "after")]),
        ("a\n<code c>\nx ((1))\n\ny\n</code>\nb", [("paragraph", "a"), ("code", "x ((1))\n\ny"), ("paragraph", "b")]),
        ("a\n  x **y**\n    z\nb", [("paragraph", "a"), ("code", "x **y**\n  z"), ("paragraph", "b")]),
        ("<file>\nx\n</file>", [("code", "x")]),
        ("<code>\nnever closed", [("paragraph", "<code>\nnever closed")]),
        ("**a <code>x</code> b**", [("paragraph", "a <code>x</code> b")]),
        ("text\n==== Head ====\nmore", [("paragraph", "text"), ("heading", "Head"), ("paragraph", "more")]),
        ("====== **A** //b// %%c%% ======\nx", [("heading", "**A** //b// %%c%%"), ("paragraph", "x")]),
        ("= no heading =\n====\nx", [("paragraph", "= no heading =\n====\nx")]),
        ("{{img.png}}\n\n~~NOTOC~~\n\nx", [("paragraph", "x")]),
    ],
)  # fmt: skip
def test_blocks(source: str, expected: list[tuple[BlockKind, str]]) -> None:
    """Paragraphs, lists, tables, quotations, code and headings, as DokuWiki parts them."""
    assert blocks(source) == expected


def test_nested_items_follow_at_once_and_other_blocks_after_a_blank_line() -> None:
    """The canonical text parts blocks as a text export does."""
    assert read("  * a\n    * b\n  * c\n\nd", "dokuwiki").text == "a\nb\n\nc\n\nd"


def test_headings_stand_above_their_sections() -> None:
    """The first heading is the title; the others stand above what follows, down to one of their level."""
    page = document("====== T ======\na\n===== B =====\nb\n==== C ====\nc\n==== D ====\nd\n======= E =======\ne")
    assert page.title == "T"
    assert [(page.text[b.start : b.end], b.headings) for b in page.blocks if b.kind == "paragraph"] == [
        ("a", ()), ("b", ("B",)), ("c", ("B", "C")), ("d", ("B", "D")), ("e", ("E",)),
    ]  # fmt: skip


def test_a_heading_below_text_is_no_title() -> None:
    """Only a heading at the very start names the page."""
    page = document("a\n===== B =====\nb")
    assert page.title == ""
    assert page.blocks[-1].headings == ("B",)


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("a ((n)). b.((m)) c", "a 1). b.2) c", [(1, "n"), (2, "m")]),
        ("a ((n)) b ((n)) c", "a 1) b 2) c", [(1, "n"), (2, "n")]),
        ("a **b ((n)) c** //((m))//", "a b 1) c 2)", [(1, "n"), (2, "m")]),
        ("a ((one\n\ntwo\nthree)) b", "a 1) b", [(1, "one two three")]),
        ("a ((one\n  * two\n  * three\n)) b", "a 1) b", [(1, "one two three")]),
        ('a ((**b** -- [[http://x.org|l]] "q")) c', "a 1) c", [(1, "b – l “q”")]),
        ("a ((b ((n)) d)) e", "a 1) d)) e", [(1, "b ((n")]),
        ("a ((b ((c) d)) e", "a 1) e", [(1, "b (© d")]),
        ("f(((x)))", "f1))", [(1, "(x")]),
        ("((a (b) )) and ((a (b)))", "1) and 2))", [(1, "a (b)"), (2, "a (b")]),
        ("a ((%%))%% b)) c", "a 1) c", [(1, ")) b")]),
        ("a ((<code>))</code> b)) c", "a 1) c", [(1, ")) b")]),
        ("a (([[x))y|z]])) c", "a 1) c", [(1, "z")]),
        ("a ((https://x.org/p_(q) r)) c", "a 1) c", [(1, "https://x.org/p_(q) r")]),
        ("https://x.org/a((n)) b", "https://x.org/a1) b", [(1, "n")]),
        ("in 2017((n)) b", "in 20171) b", [(1, "n")]),
        ("a ((never closed", "a ((never closed", []),
        ("===== A ((n)) =====\nb ((m))", "A ((n))\n\nb 1)", [(1, "m")]),
        ("%%((n))%% ''((m))''", "((n)) 1)", [(1, "m")]),
        ("  x ((n))\n\na ((m))", "x ((n))\n\na 1)", [(1, "m")]),
        ("  * a ((n\no)) b\n    c ((m)) d\n  * e", "a 1) b\n\nc 2) d\n\ne", [(1, "n o"), (2, "m")]),
        ("| a ((n\no)) | b |\n| c | d ((lost))\ne ((m))", "a 1) b\n\nc\n\ne 2)", [(1, "n o"), (2, "m")]),
        ("> a ((n))\n> b", "a 1)\nb", [(1, "n")]),
        ("a ((n)) ((m))((o)) b", "a 1) 2)3) b", [(1, "n"), (2, "m"), (3, "o")]),
    ],
)
def test_footnotes(source: str, text: str, expected: list[tuple[int, str]]) -> None:
    """Footnotes are found, numbered and read exactly where DokuWiki finds them."""
    reading = read(source, "dokuwiki")
    assert reading.text == text
    assert notes(source) == expected
    assert [text[marker.start : marker.end] for marker in reading.markers] == [
        f"{marker.numbers[0]})" for marker in reading.markers
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # A stray formatting mark is text, and reaches no further than its paragraph.
        ("a ** b\n\nc ** d", [("paragraph", "a ** b"), ("paragraph", "c ** d")]),
        ("either//or", [("paragraph", "either//or")]),
        ("**a //b** c//", [("paragraph", "a b c")]),
        # A footnote whose closing mark stands within a link does not swallow the page.
        ("a ((x [[y)) z]]\n\nb ((c", [("paragraph", "a ((x y)) z"), ("paragraph", "b ((c")]),
        # Only a line of its own is a heading.
        ("x == y ==\nz", [("paragraph", "x == y ==\nz")]),
        # What follows code within an item belongs to the item, and nothing is inherited there.
        ("  * a <code>x</code> b", [("list_item", "a"), ("code", "x"), ("list_item", "b")]),
        # A table below a list is a table, and a quotation within a quotation part of it.
        ("  * a\n| x | y |", [("list_item", "a"), ("table_row", "x y")]),
        ("> one\n>> two\n> three", [("quotation", "one\ntwo\nthree")]),
        # Signs to plug-ins, and the name of a code file, are not shown.
        ("~~DISCUSSION~~ {{tag>x y}} a", [("paragraph", "a")]),
        ("<file txt a.txt>\nx\n</file>", [("code", "x")]),
    ],
)
def test_what_is_read_otherwise_on_purpose(source: str, expected: list[tuple[BlockKind, str]]) -> None:
    """Where DokuWiki's own rendering would lose text or let a stray mark swallow it, or guesses less well."""
    assert blocks(source) == expected


# Whatever the source


@settings(deadline=None)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.text(max_size=60)))
def test_any_text_is_read_whole(text: str) -> None:
    """Blocks stand in order and apart, cover all but white space, and hold the markers whole, in every form."""
    for reader in readers():
        reader.recognises(text)
        try:
            reading = reader.read(text)
        except SourceError:
            assert reader.form == "jats"  # which alone refuses what is not of its form
            continue
        assert reader.form not in {"dokuwiki-export", "text"} or text.startswith(reading.text)
        position = 0
        for block in reading.blocks:
            assert position <= block.start < block.end
            assert not reading.text[position : block.start].strip()
            assert reading.text[block.start : block.end] == reading.text[block.start : block.end].strip()
            position = block.end
        assert not reading.text[position:].strip()
        spans = [(block.start, block.end) for block in reading.blocks]
        for marker in reading.markers:
            if reader.form.startswith("dokuwiki"):
                assert reading.text[marker.start : marker.end] == f"{marker.numbers[0]})"
            assert any(start <= marker.start and marker.end <= end for start, end in spans)
        assert [m.numbers for m in reading.markers] == sorted(m.numbers for m in reading.markers)


@pytest.mark.parametrize(
    "piece",
    [
        "((", "((A", "[[", "{{", "%%", "%%a ", "<code>", "<nowiki>", "<sub>", "** ", "a//b ", "((%%))", '"a" ', "~~A",
        "<a", "=", "== x ", "-", "1)\n", "1) ", "• a.txt\n", "(( \n\n", " \n", "|", "((x)) ", "  * a\n", "> a\n", "http://a.b;",
    ],
)  # fmt: skip
def test_broken_pages_take_no_time(piece: str) -> None:
    """A hundred thousand characters of marks that never close are read in a moment."""
    text = "((" + piece * (100_000 // len(piece)) + "x"
    start = time.perf_counter()
    for reader in readers():
        reader.recognises(text)
        with suppress(SourceError):
            reader.read(text)
    assert time.perf_counter() - start < 10
