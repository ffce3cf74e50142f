"""Reference lists with slips, wrapped lines, and several on one page: no mark leads to another's work."""

import time

import pytest

from corpus import Document
from corpus.audit import audit_documents
from corpus.list_stretches import find_serving_lists
from corpus.reference_lists import find_reference_lists
from corpus.sources import read_text
from tests.documents import citations

FORMS = pytest.mark.parametrize("form", ["text", "markdown"])


def note(number: int, chapter: int = 1) -> str:
    """A citation whose PMID tells chapter and number."""
    author, title = "ABCDEFGHIJ"[number % 10], {1: "On rising of the neck", 2: "Falls", 9: "Staying"}[chapter]
    return f"{author}mith C. {title}. J Rise. 20{number:02};{chapter}:1-9. PMID: {chapter}{number:02}."


def listed(*numbers: int, chapter: int = 1, parted: str = "\n", heading: str = "## References\n\n") -> str:
    """A list with these numbers, of a chapter."""
    return heading + parted.join(f"{number}. {note(number, chapter)}" for number in numbers)


def cited(document: Document) -> list[tuple[str, str | None]]:
    """Each mark with the PMID of its first number's work, or None if it leads nowhere for certain."""
    return [
        (document.text[mark.start : mark.end], work.pmid if work else None)
        for mark in document.markers
        for work in [document.works.get(mark.numbers[0])]
    ]


def told(document: Document) -> list[tuple[str, tuple[int, ...]]]:
    """What the reader and the audit tell of numbers."""
    return [(each.kind, each.numbers) for each in (*document.findings, *audit_documents([document])) if each.numbers]


def notes_of(text: str) -> list[tuple[int, str]]:
    """Numbers and notes of the only list of a text."""
    (found,) = find_reference_lists(text)
    return [(entry.number, " ".join(text[entry.start : entry.end].split())) for entry in found.entries]


# Slips


@FORMS
@pytest.mark.parametrize("parted", ["\n", "\n\n"])
@pytest.mark.parametrize("head", ["{}. ", "[{}] "])
@pytest.mark.parametrize(
    ("numbers", "findings"),
    [
        ((1, 2, 3, 7), [("number-gap", (4, 5, 6))]),
        ((1, 7, 2, 3), [("number-gap", (4, 5, 6))]),
        ((1, 3, 2, 7, 4, 5, 6), [("reference-never-cited", (4, 5, 6))]),
        ((1, 2, 3, 40, 7), [("reference-never-cited", (40,)), ("number-gap", (4, 5, 6, *range(8, 40)))]),
    ],
)
def test_entries_out_of_order(
    form: str, parted: str, head: str, numbers: tuple[int, ...], findings: list[tuple[str, tuple[int, ...]]]
) -> None:
    """Each is an entry of its own, whatever numbers are left out before it; the audit tells gaps."""
    body = "# T\n\nIt rose [1]. It fell [2]. It stayed [3]. It went [7]."
    entries = parted.join(head.format(number) + note(number) for number in numbers)
    page = read_text(f"{body}\n\nReferences\n\n{entries}\n", identity="page", form=form)
    assert [(reference.number, reference.work.text) for reference in page.references] == [
        (number, note(number)) for number in numbers
    ]
    assert cited(page) == [("[1]", "101"), ("[2]", "102"), ("[3]", "103"), ("[7]", "107")]
    assert told(page) == findings


@FORMS
@pytest.mark.parametrize("parted", ["\n", "\n\n"])
@pytest.mark.parametrize("place", [1, 3, 4])
def test_a_number_given_again(form: str, parted: str, place: int) -> None:
    """Wherever it stands, both works have it, its marks cite none, and the entries around it are whole."""
    entries = [f"{number}. {note(number)}" for number in (1, 2, 3, 4)]
    entries.insert(place, f"2. {note(2, chapter=9)}")
    page = read_text(
        f"Rose [1]. Fell [2]. Went [3]. Came [4].\n\nReferences\n\n{parted.join(entries)}\n", identity="page", form=form
    )
    assert cited(page) == [("[1]", "101"), ("[2]", None), ("[3]", "103"), ("[4]", "104")]
    assert told(page) == [("number-repeated", (2,))]


def test_an_entry_without_a_year_behind_a_gap() -> None:
    """The number after its own, directly below, shows that it is one."""
    source = f"References\n1. {note(1)}\n2. {note(2)}\n5. WHO guideline.\n6. {note(6)}"
    assert notes_of(source) == [(1, note(1)), (2, note(2)), (5, "WHO guideline."), (6, note(6))]


@pytest.mark.parametrize(
    "wrapped",
    [
        "Smith A. On rising. J Rise. 2001;1:763-\n775. PMID: 7.",
        "Smith A. On rising. J Rise.\n2017. 27:1-9. doi: 10.1000/x. PMID: 7.",
        "Smith A. On rising. J Rise.\n2017 May;27(1):1-9. PMID: 7.",
        "Smith A. Rising of the neck at grade\n1. Spine J. 2001;1:1-9. PMID: 7.",
        "Smith A. Rising of the neck, part\n7. Eur Spine J. 2001;1:1-9. PMID: 7.",
        "Smith A (2001). On rising. Spine\n12. Suppl 1:S1-9. PMID: 7.",
        "Smith, A., Doe, B.\n(2001). On rising. J Rise,\n12(3), 1-9.",
        "Smith A. On rising in\n24 patients. J Rise. 2001;1:1-9.",
        "World Health Organization. Guideline.\n2019. Geneva: WHO; 2019.",
        "Smith A. On rising. J Rise 2001;1:1-9.\n   7. Jones B. Comment. 2002. PMID: 7.",
    ],
)
@pytest.mark.parametrize("head", ["[{}] ", "{}. ", "{}) ", "({}) ", "{} "])
def test_wrapped_lines_are_no_entries(wrapped: str, head: str) -> None:
    """A line of an entry that begins with pages, a year or a part's number goes on with it."""
    notes = [note(1), wrapped, note(3), note(4)]
    source = "References\n" + "\n".join(head.format(number) + each for number, each in enumerate(notes, 1))
    assert notes_of(source) == [(number, " ".join(each.split())) for number, each in enumerate(notes, 1)]
    # In Markdown a line may begin a list of its own with a 1, and a number without a stop means nothing.
    if head != "{} " and "\n1." not in wrapped:
        page = read_text(f"# T\n\nRose [1]. Fell [2]. Went [3, 4].\n\n{source}", identity="page", form="markdown")
        assert [reference.number for reference in page.references] == [1, 2, 3, 4]
        assert [work.pmid for work in page.works.values()][2:] == ["103", "104"]


def test_typed_numbers_count_in_markdown() -> None:
    """What would be counted on is not what the marks of the text mean; only equal numbers leave the counting to it."""
    typed = read_text(f"Rose [1]. Fell [3]. Went [7].\n\n{listed(1, 3, 7)}\n8. x", identity="page", form="markdown")
    assert cited(typed) == [("[1]", "101"), ("[3]", "103"), ("[7]", "107")]
    source = f"Rose [1]. Fell [2].\n\n## References\n\n1. {note(1)}\n1. {note(2)}\n"
    assert cited(read_text(source, identity="page", form="markdown")) == [("[1]", "101"), ("[2]", "102")]


# Marks that lead nowhere


@FORMS
def test_marks_beyond_the_list_are_told(form: str) -> None:
    """Of brackets that a list proves, one whose number it lacks is a mark, and what it marks is not another's."""
    source = f"Rose [1]. Fell [2, 3].\n\nStayed there [7]. Went away [3]. Came [2, 9].\n\n{listed(1, 2, 3)}"
    page = read_text(source, identity="page", form=form)
    assert cited(page) == [("[1]", "101"), ("[2, 3]", "102"), ("[7]", None), ("[3]", "103"), ("[2, 9]", "102")]
    assert told(page) == [("marker-without-reference", (7,)), ("marker-without-reference", (9,))]
    alone = source.replace(" Went away [3]. Came [2, 9].", "")
    assert citations(alone, form) == [
        ("Rose [1].", [(1, "marked"), (2, "marked"), (3, "marked")]),
        ("Stayed there", []),
    ]


@pytest.mark.parametrize("look_alike", ["[2020]", "[5-100]", "95% CI [7, 9]", "Eq. [7]", "x_[7]", "word⁷", "(7)"])
def test_look_alikes_beyond_the_list(look_alike: str) -> None:
    """Years, wide ranges, intervals, indices and weaker signs are no marks of references that a list lacks."""
    page = read_text(f"Rose [1]. Fell [2]. See {look_alike}. Went [3].\n\n{listed(1, 2, 3)}", identity="page")
    assert cited(page) == [("[1]", "101"), ("[2]", "102"), ("[3]", "103")]


def test_a_range_with_a_gap_names_what_is_lacking() -> None:
    """It may be something else, so it cites nothing."""
    page = read_text(f"Rose [1]. Fell [2]. See [1-4]. Went [3].\n\n{listed(1, 2, 3)}", identity="page", form="text")
    assert [mark.numbers for mark in page.markers] == [(1,), (2,), (4,), (3,)]


# Several lists

ONE = "# One\n\nRose [1]. Fell [2]. Went [3]."
TWO = "# Two\n\nRan [1]. Hid [2]. Sat [3]. Lay [4]."


@FORMS
@pytest.mark.parametrize("heading", ["## References\n\n", ""])
def test_numbers_of_two_lists_cite_nothing(form: str, heading: str) -> None:
    """Two chapters with a list each: a number of both means neither, which is told; the others mean their own."""
    first, second = (listed(*range(1, n), chapter=c, heading=heading) for c, n in ((1, 4), (2, 5)))
    page = read_text(f"{ONE}\n\n{first}\n\n{TWO}\n\n{second}", identity="page", form=form)
    assert cited(page) == [("[1]", None), ("[2]", None), ("[3]", None)] * 2 + [("[4]", "204")]
    assert told(page) == [("number-repeated", (1, 2, 3))]
    assert page.text == f"{ONE}\n\n{TWO}".replace("# ", "# " if form == "text" else "")


@FORMS
@pytest.mark.parametrize("swapped", [False, True])
def test_a_number_that_the_own_list_lacks(form: str, swapped: bool) -> None:
    """A mark does not lead to the list of another chapter, and that is told at its place."""
    chapters = [
        f"{ONE} Slid [4].\n\n{listed(1, 2, 3)}",
        f"{TWO}\n\n{listed(1, 2, 3, 4, chapter=2)}",
    ]
    page = read_text("\n\n".join(chapters[::-1] if swapped else chapters), identity="page", form=form)
    assert ("[4]", "204") not in cited(page)
    (finding,) = page.findings
    assert (finding.kind, finding.severity, finding.numbers) == ("marker-without-reference", "error", (4,))
    assert finding.span
    assert page.text[: finding.span.end].endswith("Slid [4]")
    assert told(page)[1:] == [("number-repeated", (1, 2, 3))]


@FORMS
def test_lists_that_are_numbered_through(form: str) -> None:
    """No number is in doubt, and a later chapter may name what an earlier one lists."""
    source = f"{ONE}\n\n{listed(1, 2, 3)}\n\n# Two\n\nRan [4]. Hid [2]. Sat [5].\n\n{listed(4, 5, chapter=2)}"
    page = read_text(source, identity="page", form=form)
    assert cited(page)[3:] == [("[4]", "204"), ("[2]", "102"), ("[5]", "205")]
    assert told(page) == []


@FORMS
def test_one_list_twice(form: str) -> None:
    """The same works under the same numbers are no contradiction."""
    again = f"{ONE}\n\n{listed(1, 2, 3)}"
    page = read_text(f"{again}\n\n{again}", identity="page", form=form)
    assert cited(page) == [("[1]", "101"), ("[2]", "102"), ("[3]", "103")] * 2
    assert told(page) == []


@FORMS
@pytest.mark.parametrize(
    "other",
    [
        "## Notes\n\n1. Counted in 2017.\n2. Counted in 2018.",
        f"The trials were these:\n\n{listed(1, 2, 3, chapter=9, heading='')}",
        "1. One\n2. Two\n3. References",
        "",
    ],
    ids=["notes", "works", "contents", "nothing"],
)
def test_a_list_at_the_end_serves_all_chapters(form: str, other: str) -> None:
    """Notes of a table, a list of works that is told, and a table of contents take no number from it."""
    body = f"{ONE} Came [4]. Left [5].\n\n{other}\n\n# Two\n\nRan [6]. Hid [2]. Sat [7]."
    page = read_text(f"{body}\n\n{listed(1, 2, 3, 4, 5, 6, 7)}", identity="page", form=form)
    assert [pmid for _, pmid in cited(page)] == ["101", "102", "103", "104", "105", "106", "102", "107"]
    assert [kind for kind, _ in told(page)] == []
    assert all(line[3:] in page.text for line in other.splitlines()[-1:])


@FORMS
@pytest.mark.parametrize("heading", ["## Further reading\n\n", "## Literature\n\n"])
def test_a_list_that_no_mark_means(form: str, heading: str) -> None:
    """What follows a list of references at once, and has few of the numbers, is no list for the marks."""
    other = listed(1, chapter=9, heading=heading)
    page = read_text(f"{ONE}\n\n{listed(1, 2, 3)}\n\n{other}", identity="page", form=form)
    assert cited(page) == [("[1]", "101"), ("[2]", "102"), ("[3]", "103")]


def test_two_lists_that_the_same_marks_could_mean() -> None:
    """Of two that follow each other at once and have the same numbers, neither is cited."""
    notes = listed(1, 2, 3, heading="Notes\n")
    source = f"{ONE}\n\n{notes}\n\n{listed(1, 2, 3, chapter=2)}"
    assert len(find_serving_lists(source)) == 2
    assert [pmid for _, pmid in cited(read_text(source, identity="page"))] == [None, None, None]


def test_a_chapter_whose_list_broke_off() -> None:
    """Its numbers begin anew, so its marks do not mean the list of the other chapter, even if their own has few."""
    body = f"{ONE}\n\n{listed(1, 2, 3, 4)}\n\n{TWO}\n\n{listed(1, chapter=2)}"
    assert cited(read_text(body, identity="page")) == [
        *[("[1]", None), ("[2]", None), ("[3]", None)],
        *[("[1]", None), ("[2]", None), ("[3]", None), ("[4]", None)],
    ]


# Time


@pytest.mark.parametrize(
    "piece",
    [
        f"1. {note(1)}\n", f"2. {note(2)}\n", "7. PMID: 7\n", "1. a\n2. b\n",
        f"Rose [1].\n\n{listed(1, 2)}\n\n", f"Rose [1] [7-9] [77].\n\n1. {note(1)}\n\n",
    ],
)  # fmt: skip
def test_many_lists_take_no_time(piece: str) -> None:
    """A third of a million characters of lists and slips are read in a moment."""
    start = time.perf_counter()
    read_text(f"It rose [1].\n\n{listed(1, 2)}\n{piece * (300_000 // len(piece))}", identity="page", form="text")
    assert time.perf_counter() - start < 15
