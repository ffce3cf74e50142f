"""Plain text: its headings, its reference list, and the marks that the list proves."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import BlockKind, Document
from corpus.audit import audit_documents
from corpus.readers import reader_of
from corpus.readers.reading import Reading
from corpus.reference_headings import is_reference_heading
from corpus.reference_lists import find_reference_lists
from corpus.reference_marks import find_reference_marks
from corpus.sources import read_document, read_text
from eval.mark_styles import STYLES, Score, Style, score

NOTES = (
    "Smith A, Jones B. On rising. J Rise. 2020;1:1-9. PMID: 7.",
    "Jones B. On falling. J Fall. 2021;2:3-4.",
    "Doe C, Roe D. On staying. J Stay. 2022;3:5-6.",
    "World Health Organization. Guideline on rest. Geneva: WHO; 2019.",
)
LIST = "References\n" + "\n".join(f"{number}. {note}" for number, note in enumerate(NOTES, 1))


def read(text: str) -> Reading:
    """A text read as plain text."""
    return reader_of("text").read(text)


def shown(text: str, *numbers: int) -> str:
    """A text with each mark that is found shown in braces."""
    for mark in reversed(find_reference_marks(text, numbers or (1, 2, 3, 4)).markers):
        text = f"{text[: mark.start]}{{{','.join(map(str, mark.numbers))}}}{text[mark.end :]}"
    return text


def kinds(text: str) -> list[BlockKind]:
    """The kinds of the blocks of a text."""
    return [block.kind for block in read(text).blocks]


# The list


@pytest.mark.parametrize(
    "heading", ["References", "REFERENCES:", "7. References", "Literatur\n=========", "参考文献", "Works Cited\n", ""]
)
@pytest.mark.parametrize("head", ["[{}] ", "{}. ", "{}) ", "({}) ", "{} ", "{}.", "[{}]: "])
def test_lists_are_found(heading: str, head: str) -> None:
    """Under headings of many languages or none, numbered in any usual way, and no part of the text."""
    body = "A title\n\nIt rose [1], fell [2, 3] and stayed [4]."
    entries = "\n".join(head.format(number) + note for number, note in enumerate(NOTES, 1))
    source = f"{body}\n\n{heading}\n{entries}\n"
    reading = read(source)
    assert reading.text == body
    assert [(reference.number, reference.work.text) for reference in reading.references] == list(enumerate(NOTES, 1))
    assert [marker.numbers for marker in reading.markers] == [(1,), (2, 3), (4,)]
    assert (reading.findings, reading.footnotes) == ((), False)


def test_entries_of_several_lines() -> None:
    """An entry goes on up to the next number; what stands behind a blank line, as the foot of a page, is not its."""
    listed = f"1. Smith A. On\n   rising. 2020\n\nPage 7\n\n2. {NOTES[1]}"
    source = f"Rose [1], fell [2].\n\nReferences\n\n{listed}\n\nSee also there."
    reading = read(source)
    assert [reference.work.text for reference in reading.references] == ["Smith A. On rising. 2020", NOTES[1]]
    assert [finding.kind for finding in reading.findings] == ["malformed"]
    assert "15 characters below" in reading.findings[0].message


@pytest.mark.parametrize(
    "listed",
    [
        "1. Wash your hands.\n2. Dry them.\n3. Go home.",
        "Notes\n1. Wash your hands.\n2. Dry them.",
        "1. In 2017 the first was seen.\n2. In 2018 the second was seen.\n3. In 2019 no more were.",
        f"2. {NOTES[1]}\n3. {NOTES[2]}",
        f"1. {NOTES[0]}",
        f"1. {NOTES[0]}\n3. {NOTES[2]}",
    ],
)
def test_other_lists_are_text(listed: str) -> None:
    """Steps, sentences with years, and lists that do not count up from 1 stay where they are."""
    source = f"It rose [1] and fell [2].\n\n{listed}"
    assert read(source).text == source
    assert (read(source).references, read(source).markers) == ((), ())


def test_the_list_at_the_end_is_taken() -> None:
    """Numbered sections and steps before the list do not disturb it."""
    source = (
        f"1. Introduction\n\nIt rose (1, 2).\n\n2. Steps\n\n1. Wash.\n2. Dry.\n\n3. End\n\nIt fell (3, 4).\n\n{LIST}"
    )
    reading = read(source)
    assert [marker.numbers for marker in reading.markers] == [(1, 2), (3, 4)]
    assert reading.text.endswith("It fell (3, 4).")


def test_a_list_without_numbers_is_not_text() -> None:
    """Nothing can point to its entries; they are left out and that is told."""
    reading = read("It rose (Smith 2020).\n\nReferences\n\n" + "\n\n".join(NOTES[:3]))
    assert (reading.text, reading.references) == ("It rose (Smith 2020).", ())
    assert [finding.kind for finding in reading.findings] == ["reference-never-cited"]


def test_headings_of_lists() -> None:
    """A name with ornaments, but no sentence that begins with it."""
    assert is_reference_heading("## VII. Literatur ##") is False
    assert is_reference_heading("## 7. Literatur ##")
    assert not is_reference_heading("References were checked.")
    assert find_reference_lists("") == ()


# The marks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rose [1]. Fell [2, 3]. Stayed [3–4].", "Rose {1}. Fell {2,3}. Stayed {3,4}."),
        ("Rose[1]. Fell[2][3]. Stayed [3]-[4].", "Rose{1}. Fell{2}{3}. Stayed {3,4}."),
        ("Rose (1). Fell (2, 3). Stayed (3–4).", "Rose {1}. Fell {2,3}. Stayed {3,4}."),
        ("Rose (1). Fell (2) (3) and (4) too.", "Rose {1}. Fell {2} {3} and {4} too."),
        ("Rose. (1) Fell. (2) Stayed. (3, 4) End.", "Rose. {1} Fell. {2} Stayed. {3,4} End."),
        ("Rose in 2017 (1). Smith et al. (2) fell (3).", "Rose in 2017 {1}. Smith et al. {2} fell {3}."),
        ("It rose.1 Then fell,2,3 and stayed.3–4", "It rose.{1} Then fell,{2,3} and stayed.{3,4}"),
        (
            "It falls. This rises1. That falls2,3 and stays there4.",
            "It falls. This rises{1}. That falls{2,3} and stays there{4}.",
        ),
        ("They said “so.”1 He (or she)2 fell.3", "They said “so.”{1} He (or she){2} fell.{3}"),
        ("Rose.¹ Fell²,³ and stayed.²⁻⁴", "Rose.{1} Fell{2,3} and stayed.{2,3,4}"),
        ("Rose.^1^ Fell^2,3^ and stayed.^4^", "Rose.{1} Fell{2,3} and stayed.{4}"),
    ],
)
def test_styles(text: str, expected: str) -> None:
    """Brackets, parentheses, raised figures and figures behind a word or a stop."""
    assert shown(text) == expected


@pytest.mark.parametrize(
    "look_alike",
    [
        "in 2017 and (2018)", "a dose of 2 mg (3 mg)", "Figure 2 and Fig.3", "Table (3)", "Figure (2)",
        "p < .05 and 1.5",
        "H2O, CD4 and CO2", "12 (3) and 45 (2)", "in group (2)", "(1) pain, (2) fever, and (3) cough",
        "these: (1) pain; (2) fever", "either (1) pain or (2) fever", "mean 3.4 (2.1)", "step (3)", "f(2) = 3",
        "caspase3 and mir4", "IL2, p53 and H1N1", "kg/m2 and mm3", "No.3, vol.2 and p.4", "grade 3, type 2",
        "at 10:3 and 4-2",
        "95% CI [1, 3]", "IQR 2 [1–4]", "m² and 10³", "version 1.2.3", "1,2,3", "x^2",
    ],
)  # fmt: skip
@pytest.mark.parametrize("style", ["[{}]", "({})", "raised"])
def test_look_alikes_are_no_marks(look_alike: str, style: str) -> None:
    """Years, doses, enumerations, figures, units and names are passed over wherever they stand."""

    def mark(word: str, number: int) -> str:
        return f"{word}.{number} " if style == "raised" else f"{word} {style.format(number)}. "

    def found(word: str, number: int) -> str:
        return f"{word}.{{{number}}} " if style == "raised" else f"{word} {{{number}}}. "

    text, expected = ("".join(
        [each("It rose", 1), each("It fell", 2), f"Also {look_alike}, so\n\n", each("Seen", 3), each("Gone", 4)]
    ) for each in (mark, found))  # fmt: skip
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "There are (1) pain, (2) fever, (3) cough and (4) rash.",
        "(1) Pain. (2) Fever. (3) Cough. (4) Rash.",
        "Of 12 (4) and 13 (3) and 14 (2) patients.",
        "H2O, CO2, CD4 and IL1 rose in 2017.",
        "It rose by 3 in 4 of 12.",
        "Seen (4), then (3), then (2).",
        "One rose3 and one fell1.",
    ],
)
def test_in_doubt_none_is_taken(text: str) -> None:
    """Where no style names enough of the list, or a weak sign is out of order, no figure is a mark; that is told."""
    assert shown(text) == text
    finding = read(f"{text}\n\n{LIST}").findings[0]
    assert (finding.kind, finding.severity) == ("reference-never-cited", "warning")


def test_brackets_need_no_order() -> None:
    """A list in the order of the alphabet is named in any order."""
    assert shown("Seen [4], then [3], then [1].") == "Seen {4}, then {3}, then {1}."


def test_a_number_named_too_early_is_none() -> None:
    """In a text that names its references in order, 12 (of patients) cannot be named before 11."""
    text = "".join(f"Word ({number}). " for number in range(1, 12))
    early = text.replace("Word (3)", "Patients (12), word (3)") + "End (12)."
    numbers = [marker.numbers[0] for marker in find_reference_marks(early, range(1, 13)).markers]
    assert numbers == list(range(1, 13))


# Headings


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Results", "heading"), ("2017", "heading"), ("A review: what is known", "heading"), ("N", "line"),
        ("SHA: f2df4fc3", "line"), ("Abstract: nan", "line"), ("Journal of Rest | www.example.org", "line"),
        ("Seen at least in part of", "line"),
        ("Figure 2 .", "caption"), ("Table 3. Doses and their effects.", "caption"), ("Fig. 2: A curve", "caption"),
        ("Figure 2 shows the rise.", "paragraph"), ("It rose.", "paragraph"),
    ],
)  # fmt: skip
def test_headings_and_their_look_alikes(line: str, kind: BlockKind) -> None:
    """Single letters, fields of a preface, addresses, broken-off lines and captions are no headings."""
    assert kinds(f"{line}\n\nIt was seen there.")[0] == kind


def test_headings_of_articles(shared: Path) -> None:
    """Of ninety-two articles without mark-up the headings are their titles and few lines more."""
    found = []
    for file in sorted((shared / "data" / "covidqa" / "documents").glob("*.txt")):
        page = read_document(file, identity=file.stem)
        found += [page.text[block.start : block.end] for block in page.blocks if block.kind == "heading"]
    assert len(found) == 42
    assert not [line for line in found if line.startswith(("SHA", "Abstract", "Figure")) or len(line) < 10]


# Measured


@pytest.mark.parametrize("style", STYLES, ids=lambda style: f"{style.form}: {style.name}")
def test_marks_of_articles_are_found(articles: list[Document], style: Style) -> None:
    """Articles written in every style are read back: hardly a wrong mark, and most of the right ones."""
    total = sum((score(article, style) for article in articles), Score())
    assert total.precision >= 0.995
    assert total.recall >= FLOORS.get(style.name, 0.99)


@pytest.fixture(scope="module")
def articles(shared: Path) -> list[Document]:
    """Twenty articles whose marks are known."""
    files = sorted((shared / "data" / "jats").glob("*.nxml"))
    assert len(files) == 20
    return [read_document(file, identity=file.stem, form="jats") for file in files]


FLOORS = {"(3, 5–7)": 0.95, "(3) (5)": 0.94, "word.3,5–7": 0.93, "word3.": 0.86}
"""The least recall of the styles whose signs mean other things too."""


# Bad input


PIECES = (
    "[1]", "[2, 3]", "(1)", "(2–3)", "word.1", "word2", "³", "^1^", "1. ", "[1] ", "2) ", "1 ", "References\n", "\n",
    "\n\n", " ", "\t",
    *(f"{number}. {note}\n" for number, note in enumerate(NOTES, 1)), "word", "It rose. ", "[", "(", "9", ",", "–",
    "\x00", "\u2028", "𝒜",
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.text(max_size=80)))
def test_any_text_is_read(text: str) -> None:
    """Whatever the text, what is read stands in it in its order, and marks lie in order and apart within its blocks."""
    reading = read(text)
    position = 0
    for block in reading.blocks:
        position = text.index(reading.text[block.start : block.end], position)
    position = 0
    for marker in reading.markers:
        assert position <= marker.start < marker.end <= len(reading.text)
        assert marker.numbers
        assert any(block.start <= marker.start and marker.end <= block.end for block in reading.blocks)
        position = marker.end


@pytest.mark.parametrize(
    "piece",
    [
        "[1] ", "(1) ", "(1), ", "word.1 ", "word1 ", "¹", "^1^ ", "[1-99] ", "9", "1,", "1. a\n", "[1] a\n",
        "References\n", "a\n=\n", "\n\n(1)",
    ],
)  # fmt: skip
def test_broken_text_takes_no_time(piece: str) -> None:
    """Half a million characters of marks, numbers and headings above a list are read in a moment."""
    start = time.perf_counter()
    read(piece * (500_000 // len(piece)) + f"\n\n{LIST}")
    assert time.perf_counter() - start < 15


def test_a_list_alone_is_text() -> None:
    """A file that is nothing but a list stays what it is."""
    assert read_text(LIST, identity="page").text == LIST


def test_numbers_left_out_or_given_twice() -> None:
    """The list goes on behind them, and a mark of a number that two references have cites none."""
    notes = [
        (1, "Smith A. On rising."),
        (2, "Jones B. On falling."),
        (2, "Miller C. On staying."),
        (5, "Fox D. On it."),
    ]
    listed = "\n".join(f"{number}. {note} J Rise. 200{number};1:1-9." for number, note in notes)
    page = read_text(
        f"It rose [1]. It fell [2]. It stayed [5].\n\nReferences\n\n{listed}\n", identity="page", form="text"
    )
    assert [(reference.number, reference.work.first_author) for reference in page.references] == [
        (1, "Smith"), (2, "Jones"), (2, "Miller"), (5, "Fox"),
    ]  # fmt: skip
    assert [marker.numbers for marker in page.markers] == [(1,), (2,), (5,)]
    assert sorted(page.works) == [1, 5]
    assert [finding.kind for finding in audit_documents([page])] == ["number-gap", "number-repeated"]


# The title


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("Clinical characteristics of neck pain", "Clinical characteristics of neck pain"),
        ("Neck pain: 12 cases in one hospital", "Neck pain: 12 cases in one hospital"),
        ("Neck pain", None),  # too few words to be told from a heading
        ("Neck pain came back in twelve patients.", None),
        ("neck pain in twelve patients", None),
        ("Report: https://example.org/neck pain", None),
        ("Table 1. Pain in twelve patients", None),
        ("Neck pain in twelve patients\nof one hospital", None),
    ],
)
def test_the_first_line_may_be_the_title(first: str, title: str | None) -> None:
    """A line of some words, alone above the rest and without a full stop, names the text; else the file does."""
    document = read_text(f"{first}\n\nPain eased in most of them.", identity="notes", title="notes", form="text")
    assert document.title == (title or "notes")
