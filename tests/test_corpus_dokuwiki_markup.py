"""What real DokuWiki pages use beyond plain footnotes: RefNotes, plug-ins, links as references, broken markup.

The marks of RefNotes were looked up by rendering these pages with the plug-in itself in DokuWiki 2025-05-14b.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.csl import Name
from corpus.documents import BlockKind
from corpus.findings import Finding, FindingKind, Severity
from corpus.notes import Note, cited_works
from corpus.readers import reader_of, recognise
from corpus.readers.reading import Reading
from corpus.readers.refnotes import is_used, stated_note

A = "Smith A. One. 2001."
USED = f"Here [({A})] "
"""Without such a sign of the plug-in `[(` is text."""


def read(page: str) -> Reading:
    """A page in markup, read."""
    return reader_of("dokuwiki").read(page)


def marks(page: str) -> list[tuple[str, str | None]]:
    """The marks of a page as they stand in its text, each with the note behind it."""
    reading = read(page)
    works = {reference.number: reference.work.text for reference in reading.references}
    return [(reading.text[mark.start : mark.end], works.get(mark.numbers[0])) for mark in reading.markers]


def found(page: str) -> list[tuple[FindingKind, Severity, str, str | None]]:
    """What a page is told of: kind, severity, the words until the first stop, and the text at the place."""
    reading = read(page)
    return [(it.kind, it.severity, it.message.split(".")[0], _at(reading, it)) for it in reading.findings]


def _at(reading: Reading, finding: Finding) -> str | None:
    return reading.text[finding.span.start : finding.span.end] if finding.span else None


def blocks(page: str) -> list[tuple[BlockKind, str]]:
    """The blocks of a page."""
    reading = read(page)
    return [(block.kind, reading.text[block.start : block.end]) for block in reading.blocks]


# RefNotes


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (f"{USED} [(#1)] [(b>B)] [(b)] [(b>)] [(#2)]", [("1)", A), ("2)", A), *[(f"{n})", "B") for n in range(3, 7)]]),
        (f"{USED} [(b)] [(b>Later.)]", [("1)", A), ("2)", "Later."), ("3)", "Later.")]),
        (f"{USED} [(b>Old.)] [(b>New.)]", [("1)", A), ("2)", "New."), ("3)", "New.")]),
        (f"{USED} [(  b > Text here )] [( b )] [( #2 )]", [("1)", A), *[(f"{n})", "Text here") for n in (2, 3, 4)]]),
        (f"{USED} [(#1>Other.)]", [("1)", "Other."), ("2)", "Other.")]),
        (f"{USED} [(Smith (2001))] [(m (n) )]", [("1)", A), ("2)", "Smith (2001)"), ("3)", "m (n)")]),
        (f"{USED} [(:ns:)] [(see>http)]", [("1)", A), ("2)", ":ns:"), ("3)", "http")]),
        (f"{USED} [(two\n\nparts **of** it)]", [("1)", A), ("2)", "two parts of it")]),
        (f"{USED} %%[(x y)]%% <code>[(q r)]</code> ''[(z w)]''", [("1)", A), ("2)", "z w")]),
        (f"| a [({A})] | [(#1)] |\n  * [(#1)]\n    * x [(#1)]", [(f"{n})", A) for n in (1, 2, 3, 4)]),
        (f"{USED}\n===== H [(x y)] =====\n[(z w)] x", [("1)", A), ("2)", "z w")]),
        # Marks of a note share its number where the style says so, as it does for the namespace cite.
        (f"[(cite:a>{A})] x [(cite:b>B)] [(cite:a)]", [("1)", A), ("2)", "B"), ("1)", A)]),
        (f"{USED}[(b>B)] [(#1)]\n<refnotes>multi-ref-id: note</refnotes>", [("1)", A), ("2)", "B"), ("1)", A)]),
        ("<refnotes f>\ninherit: :cite:\n</refnotes>\nx [(f:a>A. 2001)] [(f:a)] [(f:#1)]", [("1)", "A. 2001")] * 3),
        # A paragraph of notes alone defines them; a note without a mark has a number after those that are printed.
        (f"[(a>{A})] [(u>Unused)]\n[(b>B)]\n\nText [(b)] and [(a)].", [("1)", "B"), ("2)", A)]),
        (f"**[(a>{A})]**\n\nText [(a)].", [("1)", A), ("2)", A)]),
        # Where the notes are printed, names are forgotten.
        (f"[(a>{A})] x ~~REFNOTES~~ y [(a>B)]", [("1)", A), ("2)", "B")]),
        (f"<refnotes>scoping: single</refnotes>\n[(a>{A})] x ~~REFNOTES~~ y [(a)]", [("1)", A), ("2)", A)]),
        # A mapped namespace is counted in the row with which it is printed.
        (f"x [(x:a>{A})] [(y:b>B)] [(x:a)]\n\n~~REFNOTES x y~~", [("1)", A), ("2)", "B"), ("3)", A)]),
    ],
)  # fmt: skip
def test_marks_of_refnotes(page: str, expected: list[tuple[str, str | None]]) -> None:
    """Each mark has the number and the note that the plug-in gives it, in the row whose mark comes first."""
    assert marks(page) == expected


def test_rows_after_the_first_go_on_from_it() -> None:
    """Footnotes and namespaces are counted apart by the wiki, and in one row here, which is told."""
    page = f"a (({A})) b [(B b)] c ((C)) d [(n:d)] [(n:d>D)] [(#1)] ~~REFNOTES~~ e [(E e)]"
    assert marks(page) == [
        ("1)", A), ("3)", "B b"), ("2)", "C"), ("5)", "D"), ("6)", "D"), ("4)", "B b"), ("7)", "E e"),
    ]  # fmt: skip
    assert [(finding.message, finding.numbers) for finding in read(page).findings] == [
        ("counts its RefNotes of : from 1 again; here they are 3 to 4.", (3, 4)),
        ("counts its RefNotes of :n: from 1 again; here they are 5 to 6.", (5, 6)),
        ("counts its RefNotes of : from 1 again; here they are 7 to 7.", (7,)),
    ]


def test_a_note_that_is_nowhere_defined() -> None:
    """It has a mark without reference, or, referred to by number, no mark at all; both are told."""
    page = f"{USED}[(nope)] [(:ref:db2001)] [(#7)] [(#name)]."
    assert marks(page) == [("1)", A), ("2)", None), ("4)", None), ("3)", None)]
    assert found(page)[:4] == [
        ("marker-without-reference", "warning", "names the note 'nope', which this page does not define", "2)"),
        ("marker-without-reference", "warning", "names the note ':ref:db2001', which this page does not define", "4)"),
        ("marker-without-reference", "warning", "refers to note '#7', which is not there", ""),
        ("marker-without-reference", "warning", "names the note '#name', which this page does not define", "3)"),
    ]


def test_an_unused_note_is_a_reference() -> None:
    """A note that is defined but has no mark is kept, so that it can be told."""
    reading = read(f"[(a>{A})] [(u>Unused)]\n\nText [(a)].")
    assert [(reference.number, reference.work.text) for reference in reading.references] == [(1, A), (2, "Unused")]


def test_styles_that_are_no_numbers_are_told() -> None:
    """Marks that the wiki prints as letters or names stand as numbers here."""
    assert found(f"[(biblio:knuth>{A})] x") == [
        ("not-followed", "note", "marks its RefNotes of :biblio: with letters or names; here they have numbers", None)
    ]


def test_brackets_of_pages_without_the_plug_in_are_text() -> None:
    """Formulas and figures in such brackets are no notes."""
    page = "x [(n = 12)] and [(NH4)2(SO4)] ((Smith A. One. 2001.))"
    assert read(page).text == "x [(n = 12)] and [(NH4)2(SO4)] 1)"
    assert [is_used(each) for each in (page, "[(#1)]", f"[({A})](https://x.org)", "~~REFNOTES~~")] == [
        False, True, False, True,
    ]  # fmt: skip
    assert recognise(f"It rose [({A})].").form == "dokuwiki"


def test_fields_of_a_note_are_fields_of_its_work() -> None:
    """What a note states one by one is not read out of its text, in either form."""
    note = stated_note("|authors=Knuth, Donald and Lee, C|title=The Art; Vol. 1|journal=J X|year=1968|pages=1-9|pmid=7")
    work = cited_works([note])[0]
    assert work is not None
    assert (work.id, work.text) == ("pmid:7", "Knuth, Donald and Lee, C. The Art; Vol. 1. J X. 1968;1-9. PMID: 7.")
    assert work.csl.author == (Name(family="Knuth", given="Donald"), Name(family="Lee", given="C"))
    assert (work.csl.title, work.csl.container_title, work.year) == ("The Art; Vol. 1", "J X", 1968)
    escaped = stated_note(r"title: A\; B; url: https://x.org; author: World Health Organization")
    assert (escaped.text, escaped.links) == ("World Health Organization. A; B.", ("https://x.org",))


def test_a_note_within_a_note_is_told() -> None:
    """It is read as text, though the wiki would count it."""
    assert found(f"{USED} ((see [(b>B)] there))")[0][:3] == (
        "not-followed", "warning", "holds a note within a note, which is read as text",
    )  # fmt: skip


def test_a_note_that_holds_another_is_told() -> None:
    """A footnote that lacks its end takes in the next one, on the wiki, too: an editor has to see that."""
    assert read("It rose ((Ash A. On. It fell ((Oak B. Off.)) so.").text == "It rose 1) so."
    assert found("It rose ((Ash A. On. It fell ((Oak B. Off.)) so.") == [
        (
            "malformed",
            "warning",
            "is a footnote that holds (( before )) comes; as on the wiki, all up to there is the note",
            "1)",
        ),
    ]


# Notes that point back, and links


def test_ibidem_is_the_work_of_the_note_before() -> None:
    """Such a note, with a page or without, is the same work under another number; others are works of their own."""
    page = f"a (({A})) b ((Ibid., p. 12-14)) c ((ebd.)) d ((idem)) e ((see above)) f ((Ibid. 7 f.)) g ((Ibidem Press.))"
    assert [text for _, text in marks(page)] == [A, A, A, A, "see above", "see above", "Ibidem Press."]


def test_ibidem_without_a_note_before() -> None:
    """It refers to nothing, which is told."""
    assert found("a ((ebd.)).") == [
        ("marker-without-reference", "warning", "'ebd", "1)"),
    ]
    assert read("a ((ebd.)).").references == ()


def test_the_address_behind_a_note() -> None:
    """The words of a link are what is seen; its address is the work's, with the identifier that it holds."""
    page = (
        "a (([[https://x.org/p|The report]])) b (([[https://doi.org/10.1000/x|A paper]])) c (([[pmid>123|here]])) "
        "d (([[https://y.org|The report]])) e ((https://z.org/q)) f ((see [[page|The report]]))"
    )
    works = [reference.work for reference in read(page).references]
    assert [work.text for work in works] == [
        "The report", "A paper", "here", "The report", "https://z.org/q", "see The report",
    ]  # fmt: skip
    assert [work.csl.url for work in works] == [
        "https://x.org/p", "https://doi.org/10.1000/x", "https://pubmed.ncbi.nlm.nih.gov/123", "https://y.org",
        "https://z.org/q", None,
    ]  # fmt: skip
    assert [work.id for work in works[1:3]] == ["doi:10.1000/x", "pmid:123"]
    assert works[0].id != works[3].id


def test_addresses_that_disagree_identify_nothing() -> None:
    """Of a note with links to two papers none is taken for the paper."""
    work = cited_works([Note("two papers", ("https://doi.org/10.1000/x", "https://doi.org/10.1000/y"))])[0]
    assert work is not None
    assert (work.doi, work.csl.url) == (None, "https://doi.org/10.1000/x")


# What plug-ins show and take in


@pytest.mark.parametrize(
    ("mark", "severity", "target"),
    [
        ("{{page>ns:other}}", "warning", "ns:other"),
        ("{{section>other#part&noheader}}", "warning", "other#part&noheader"),
        ("{{namespace>ns}}", "warning", "ns"),
        ("{{topic>a +b}}", "warning", "a +b"),
        ("{{url>https://x.org 100%}}", "note", "https://x.org 100%"),
        ("{{rss>https://x.org/feed 5}}", "note", "https://x.org/feed 5"),
        ("~~REDIRECT>ns:other~~", "warning", "ns:other"),
        ("#REDIRECT ns:other", "warning", "ns:other"),
        ("#redirect ns:other", "warning", "ns:other"),
    ],
)
def test_other_pages_are_not_followed(mark: str, severity: Severity, target: str) -> None:
    """What is taken in from elsewhere is no text of the page, parts its paragraphs, and is named."""
    page = f"Before.\n{mark}\nAfter."
    assert blocks(page) == [("paragraph", "Before."), ("paragraph", "After.")]
    [finding] = read(page).findings
    assert (finding.kind, finding.severity) == ("not-followed", severity)
    assert repr(target) in finding.message


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("A.\n<WRAP center round box 60%>\nB **c**.\n</WRAP>\nD.", ["A.", "B c.", "D."]),
        ("A.\n<note important>B.</note>\nC.", ["A.", "B.", "C."]),
        ("A <wrap hi>b</wrap> <color red/white>c</color> <fs 12px>d</fs>.", ["A b c d."]),
        ("~~DISCUSSION:off|Talk~~ {{tag>a b}} ~~TOC 1-3~~ A.", ["A."]),
        ("<hidden More>A.</hidden><button>B</button>", ["A.", "B"]),
        ("A <note that is no tag and p <color", ["A <note that is no tag and p <color"]),
        ("A.\n----\nB.", ["A.", "B."]),
    ],
)
def test_tags_of_plug_ins_are_not_shown(page: str, expected: list[str]) -> None:
    """Boxes part paragraphs, formatting goes, and what stands in either stays."""
    assert [text for _, text in blocks(page)] == expected


def test_boxes_within_rows_and_items() -> None:
    """A box does not break a row or an item."""
    assert blocks("| <WRAP>a</WRAP> | b |\n  * c <note>d</note> e") == [("table_row", "a b"), ("list_item", "c d e")]


def test_tables_with_spans() -> None:
    """Cells that a span leaves empty are no text, and their row keeps its marks."""
    page = "^ A  ^^ B ^\n| a ((x)) || ::: |\n| ::: | b | c ((y)) |"
    assert blocks(page) == [("table_row", "A B"), ("table_row", "a 1)"), ("table_row", "b c 2)")]


def test_what_is_not_looked_into_holds_no_notes() -> None:
    """Code with a language and a name, in lists too, and text between percent signs."""
    page = "  * a <code python x.py>f((1)) [(n)]</code>\n\n%%((x))%% <nowiki>((y))</nowiki> <bibtex>((z))</bibtex>"
    assert read(page).markers == ()
    assert blocks(page)[1:] == [("code", "f((1)) [(n)]"), ("paragraph", "((x)) ((y))")]
    assert found(page) == [("not-followed", "note", "holds <bibtex>, which is no text and is left out", "")]


# Broken markup


def test_what_is_not_closed_is_told_where_it_stands() -> None:
    """A note, code and an empty note, each once with its place, however often."""
    assert found("a ((b\n\nc ((d") == [
        ("malformed", "warning", "opens a footnote with (( here, and nothing closes it; it is read as text", "("),
    ]
    assert read("a ((b\n\nc ((d").findings[0].message.endswith("So at 2 places; this is the first.")
    assert found("a <code>b")[0][2] == "opens <code> here, and nothing closes it; it is read as text"
    assert found("a (( )) b") == [("malformed", "warning", "is an empty note", "1)")]
    assert found(f"{USED} [(b")[0][3] == "["


PIECES = (
    "[(", ")]", "((", "))", "a", "a>", ">>", "x:", ":", "#1", "#2", "[(a)]", f"[({A})]", "[(x:a>B)]", "title: T; ",
    "|title=T", "~~REFNOTES~~", "~~REFNOTES x~~", "~~REFNOTES y x /2~~", "<refnotes x>", "</refnotes>", "<refnotes/>",
    "multi-ref-id: note", "inherit: y", "scoping: single", "\n", "\n\n", "  * ", "| ", "^", "<WRAP b>", "</WRAP>",
    "<color red>", "{{page>p}}", "~~REDIRECT>p~~", "[[https://x.org|l]]", "%%", "<code>", "</code>", "**", " ", "ibid.",
    "== H ==\n", "\\\\ ", "> ", "<bibtex>", "</bibtex>", "𝒜e\u0301", "\x00",
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=50).map("".join))
def test_markers_are_exact_whatever_the_page(page: str) -> None:
    """Markers stand in order and apart, within blocks, each is the number that it names, and each is known once."""
    reading = read(page)
    position = 0
    for marker in reading.markers:
        assert position <= marker.start < marker.end <= len(reading.text)
        assert reading.text[marker.start : marker.end] == f"{marker.numbers[0]})"
        assert any(block.start <= marker.start and marker.end <= block.end for block in reading.blocks)
        position = marker.end
    numbers = [reference.number for reference in reading.references]
    assert numbers == sorted(set(numbers))
    for finding in reading.findings:
        assert finding.span is None or 0 <= finding.span.start <= finding.span.end <= len(reading.text)


@pytest.mark.parametrize(
    "piece",
    [
        "((", "[(", "[(a", "[(a>", "[(:a", "[(x:a>B)] ~~REFNOTES x y~~ ", "[(#1)]", "[(a>B)]\n\n", "[(a>>b: c; ",
        "<WRAP>", "<color a", "~~REFNOTES ", "~~AAAA:", "<refnotes a>", "{{page>", "{{page>a}}", "[[pmid>1|",
        "((ibid.))", "#REDIRECT a\n", "<bibtex>",
    ],
)  # fmt: skip
def test_broken_pages_take_no_time(piece: str) -> None:
    """A hundred thousand characters of marks that never close, or close at once, are read in a moment."""
    page = "~~REFNOTES~~" + piece * (100_000 // len(piece))
    start = time.perf_counter()
    reader_of("dokuwiki").recognises(page)
    read(page)
    assert time.perf_counter() - start < 10


def test_deep_nesting() -> None:
    """A hundred thousand notes within one another, and a million brackets, are read like any others."""
    assert read("~~REFNOTES~~" + "[(" * 100_000 + ")]" * 100_000).markers[0].numbers == (1,)
    assert read("((" * 1_000_000).text == "((" * 1_000_000
