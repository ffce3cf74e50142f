"""Markdown read into canonical text, blocks, footnotes and numbered references."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import BlockKind
from corpus.readers import reader_of, recognise
from corpus.readers.reading import Reading
from corpus.sources import read_text

SMITH = "Smith A, Jones B. On rising. J Rise. 2020;1:1-9. PMID: 7."
JONES = "Jones B. On falling. J Fall. 2021;2:3-4."
DOE = "Doe C. On staying. J Stay. 2022;3:5-6."
LIST = f"## References\n\n1. {SMITH}\n2. {JONES}\n3. {DOE}\n"


def read(text: str) -> Reading:
    """A text read as Markdown."""
    return reader_of("markdown").read(text)


def blocks(text: str) -> list[tuple[BlockKind, str]]:
    """The blocks of a text: what they are and what they say."""
    reading = read(text)
    return [(block.kind, reading.text[block.start : block.end]) for block in reading.blocks]


def marks(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The marks of a text as they are seen, and the numbers that they name."""
    reading = read(text)
    return [(reading.text[marker.start : marker.end], marker.numbers) for marker in reading.markers]


def notes(text: str) -> list[tuple[int, str]]:
    """The numbers of a text, and the notes behind them."""
    return [(reference.number, reference.work.text) for reference in read(text).references]


def findings(text: str) -> list[str]:
    """The kinds of what was found."""
    return [finding.kind for finding in read(text).findings]


# What is Markdown


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\n## Section\n\nText.",
        "# Title\n\nText with **bold** words.",
        "## Section\n\n- one\n- two\n",
        "Text[^1].\n\n[^1]: A note.",
        "Text.^[An inline note]",
        "See [the page](https://example.org/a).",
        "See [the page][p].\n\n[p]: https://example.org/a",
        "```python\nx = 1\n```\n",
        "| a | b |\n|---|---|\n| c | d |\n",
        "---\ntitle: A page\n---\nText.",
    ],
)
def test_markdown_is_recognised(text: str) -> None:
    """Links, footnotes, code, tables, front matter each, or two lesser signs together, show Markdown."""
    assert recognise(text).form == "markdown"


@pytest.mark.parametrize(
    "text",
    [
        "It rose * and fell * then.",
        "# a comment\nset x = 1\n# another\nset y = 2",
        "Samples # 3 and # 4 rose.",
        "- one\n- two\n- three\n",
        "> quoted in a mail\n> twice",
        "Title\n=====\n\nText.",
        f"It rose [1].\n\nReferences\n\n[1] {SMITH}",
        "a | b | c\nd | e | f",
        "x = a[3] ** 2 ** k; y = b[i](c)",
        "----\nsigned",
    ],
)
def test_plain_text_is_not_markdown(text: str) -> None:
    """A sign or two that plain text has as well are no Markdown."""
    assert recognise(text).form == "text"


def test_wiki_markup_stays_wiki_markup() -> None:
    """A page that DokuWiki's reader claims is not asked for as Markdown."""
    assert recognise("===== Title =====\n\n**bold** and [[a|b]]\n\n# x\n").form == "dokuwiki"


# Blocks


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("It *rose* and **fell** ~~away~~ `so`.", [("paragraph", "It rose and fell away so.")]),
        ("One\nline\\\nmore  \nend", [("paragraph", "One\nline\nmore\nend")]),
        ("A [label](https://x.org) and <https://y.org>.", [("paragraph", "A label and https://y.org.")]),
        ("H<sub>2</sub>O, 10<sup>3</sup> m<sup>2</sup>", [("paragraph", "H2O, 10³ m²")]),
        ("a &amp; b \\* c", [("paragraph", "a & b * c")]),
        ("- a\n\n  below\n  - c\n", [("list_item", "a"), ("list_item", "below"), ("list_item", "c")]),
        ("1. a\n2. b", [("list_item", "a"), ("list_item", "b")]),
        ("- [x] done\n- [ ] open", [("list_item", "[x] done"), ("list_item", "[ ] open")]),
        ("> a\n> b\n\nc", [("quotation", "a\nb"), ("paragraph", "c")]),
        ("|a|b|\n|-|-|\n|c||\n|*d*|e|", [("table_row", "a b"), ("table_row", "c"), ("table_row", "d e")]),
        ("```\nx = [3]\n\ny\n```\n\n    z", [("code", "x = [3]\n\ny"), ("code", "z")]),
        ("![A curve](a.png)", [("caption", "A curve")]),
        ("![A curve](a.png) shows it.", [("paragraph", "A curve shows it.")]),
        ("<details>\n<summary>More</summary>\n<!-- hidden -->\nwords &lt; 3\n</details>",
         [("paragraph", "More"), ("paragraph", "words < 3")]),
        ("a\n\n---\n\nb", [("paragraph", "a"), ("paragraph", "b")]),
    ],
)  # fmt: skip
def test_blocks(source: str, expected: list[tuple[BlockKind, str]]) -> None:
    """Each block is what a reader sees of it, its inline mark-up flattened."""
    assert blocks(source) == expected


def test_items_and_rows_follow_at_once() -> None:
    """The canonical text parts blocks by a blank line, items of a list and rows of a table by a line's end."""
    assert read("a\n\n- b\n- c\n\n> d\n\n| e |\n|---|\n| f |").text == "a\n\nb\nc\n\nd\n\ne\nf"


def test_headings_stand_above_their_sections() -> None:
    """The first heading of level 1 is the title and no part of the paths."""
    reading = read("# T\n\na\n\n## B\n\nb\n\n### C\n\nc\n\nD\n-\n\nd")
    assert reading.title == "T"
    assert [(reading.text[b.start : b.end], b.headings) for b in reading.blocks if b.kind == "paragraph"] == [
        ("a", ()), ("b", ("B",)), ("c", ("B", "C")), ("d", ("D",)),
    ]  # fmt: skip


def test_front_matter() -> None:
    """Title, address and date come from the fields before the text, which are no part of it."""
    reading = read("---\ntitle: 'A page'\nurl: https://x.org/p\ndate: 2025/05/13 02:17\n---\n# First\n\na\n")
    assert (reading.title, reading.url, reading.modified) == ("A page", "https://x.org/p", "2025-05-13")
    assert reading.text == "First\n\na"
    assert reading.blocks[1].headings == ("First",)
    assert read("---\nurl: javascript:x\ndate: soon\n---\na").url is None


# Footnotes


def test_footnotes_are_numbered_by_first_use() -> None:
    """A note used twice keeps its number; inline notes and notes of several paragraphs are notes like others."""
    source = f"a[^z] b[^a] c[^z] d^[An *inline* {JONES}].\n\n[^a]: One.\n\n    Two.\n[^z]: {SMITH}\n"
    assert read(source).footnotes
    assert read(source).text == "a[1] b[2] c[1] d[3]."
    assert marks(source) == [("[1]", (1,)), ("[2]", (2,)), ("[1]", (1,)), ("[3]", (3,))]
    assert notes(source) == [(1, SMITH), (2, "One. Two."), (3, f"An inline {JONES}")]
    assert findings(source) == []


def test_marks_stand_in_every_kind_of_block() -> None:
    """Headings, items, quotations and cells carry marks, at their places."""
    source = "# T[^1]\n\n- i[^1]\n\n> q[^1]\n\n| a | b[^1] |\n|---|---|\n| c[^1] | *d*[^1] |\n\n[^1]: " + SMITH
    reading = read(source)
    assert [reading.text[: marker.start][-1] for marker in reading.markers] == ["T", "i", "q", "b", "c", "d"]


def test_the_address_behind_a_note_identifies_its_work() -> None:
    """A link in a footnote is not shown, but tells which work is meant."""
    reading = read("a[^1]\n\n[^1]: [Smith 2020](https://doi.org/10.1234/abc)")
    assert [(reference.work.id, reference.work.text) for reference in reading.references] == [
        ("doi:10.1234/abc", "Smith 2020")
    ]


def test_broken_footnotes_are_told() -> None:
    """Undefined ones are text; unused ones, and those defined twice, lead nowhere."""
    source = f"a[^1] b[^no] `[^code]` c[^2].\n\n[^1]: {SMITH}\n[^2]: {JONES}\n\n[^2]: {DOE}\n[^3]: Unused.\n"
    assert read(source).text == "a[1] b[^no] [^code] c[2]."
    assert notes(source) == [(1, SMITH)]
    assert [(finding.kind, finding.numbers) for finding in read(source).findings] == [
        ("marker-without-reference", ()), ("reference-never-cited", ()), ("number-repeated", (2,)),
    ]  # fmt: skip
    assert "[^no]." in read(source).findings[0].message


def test_a_heading_above_footnotes_alone_goes() -> None:
    """The heading under which a renderer would show the notes stands above nothing here."""
    assert blocks(f"a[^1]\n\n## References\n\n[^1]: {SMITH}") == [("paragraph", "a[1]")]


# Numbers and a list


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a [3].", [("[3]", (3,))]),
        ("a [1, 3].", [("[1, 3]", (1, 3))]),
        ("a [1–3].", [("[1–3]", (1, 2, 3))]),
        ("a [1-2,3].", [("[1-2,3]", (1, 2, 3))]),
        ("a [1]–[3].", [("[1]–[3]", (1, 2, 3))]),
        ("a [1][3].", [("[1]", (1,)), ("[3]", (3,))]),
        ("a [3](#ref3).", [("[3]", (3,))]),
        ("a [[3]](#r3).", [("[3]", (3,))]),
        ("a ([1](#r1), [3](#r3)).", [("[1]", (1,)), ("[3]", (3,))]),
        ("a \\[3\\].", [("[3]", (3,))]),
        ("a rose.<sup>1–3</sup>", [("¹⁻³", (1, 2, 3))]),
        ("a rose.<sup>[3](#r3)</sup>", [("[3]", (3,))]),
        ("a (1, 2).", [("(1, 2)", (1, 2))]),
    ],
)
def test_marks_that_a_list_proves(source: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    """Single numbers, groups, ranges and links to entries of the list."""
    others = (
        "Then [1] and [2] and [3] too.\n\n" if "[" in source else "It rose (1) and (3).\n\n" if "(1" in source else ""
    )
    found = marks(f"{source}\n\n{others}{LIST}")
    assert found[: len(expected)] == expected
    assert not read(f"{source}\n\n{others}{LIST}").footnotes


@pytest.mark.parametrize(
    "source",
    [
        "`x[3]` and `[2]`",
        "```\nx[3]\n```",
        "[a label [3]](https://x.org)",
        "[version 3](https://x.org)",
        "- [x] done",
        "an index a_[3]",
        "in [2020]",
        "95% CI [1, 3]",
        "a median of 12 [1–3]",
        "Eq. [3]",
        "[3]H-thymidine",
    ],
)
def test_look_alikes_are_no_marks(source: str) -> None:
    """Code, labels of links, task lists, indices, intervals and years."""
    assert marks(f"It rose [1] and fell [2].\n\n{source}\n\nIt stayed [3].\n\n{LIST}") == [
        ("[1]", (1,)), ("[2]", (2,)), ("[3]", (3,)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "listed",
    [
        LIST,
        LIST.replace("References", "Literatur"),
        LIST.replace("## References", "**Références**"),
        LIST.replace("## References", "References\n---"),
        LIST.removeprefix("## References\n"),
        f"# Notes\n\n[1] {SMITH}\n[2] {JONES}\n[3] {DOE}",
        f"# Sources:\n\n[1] {SMITH}\n\n[2] {JONES}\n\n[3] {DOE}",
        f"# Bibliography\n\n[1]: {SMITH}\n[2]: {JONES}\n[3]: {DOE}",
        f"# Bibliography\n\n- [1] {SMITH}\n- [2] {JONES}\n- [3] {DOE}",
        f'# 参考文献\n\n<a id="r1"></a>[1] {SMITH}\n\n<a id="r2"></a>[2] {JONES}\n\n<a id="r3"></a>[3] {DOE}',
        f"# References\n\n1) {SMITH}\n\n2) {JONES}\n\n3) {DOE}",
    ],
)
def test_the_list_is_read_and_not_shown(listed: str) -> None:
    """An ordered list or numbered lines, with a heading in any language or none, never part of the text."""
    source = f"# T\n\nIt rose [1], fell [2] and stayed [3].\n\n{listed}"
    assert read(source).text == "T\n\nIt rose [1], fell [2] and stayed [3]."
    assert notes(source) == [(1, SMITH), (2, JONES), (3, DOE)]
    assert findings(source) == []


def test_what_stands_below_the_list_is_kept() -> None:
    """An appendix is read like the text before the list."""
    assert read(f"# T\n\nIt rose [1].\n\n{LIST}\n## Appendix\n\nIt fell [2].").text == (
        "T\n\nIt rose [1].\n\nAppendix\n\nIt fell [2]."
    )


def test_links_of_the_list_identify_works() -> None:
    """The address behind the title of an entry belongs to that entry alone."""
    listed = "## References\n\n1. Jones B. [On falling](https://doi.org/10.1234/a). 2021.\n2. " + SMITH
    reading = read(f"It fell [1] and rose [2].\n\n{listed}")
    assert [reference.work.id for reference in reading.references] == ["doi:10.1234/a", "pmid:7"]


def test_a_list_of_steps_is_text() -> None:
    """What does not cite is no list of references, whatever its heading says."""
    source = "It rose [1].\n\n## Notes\n\n1. Wash your hands.\n2. Dry them.\n"
    assert (marks(source), notes(source)) == ([], [])
    assert ("list_item", "Dry them.") in blocks(source)


def test_definitions_of_numbers_are_references() -> None:
    """A number that is defined as the address of a page cites that page; a label of words is a link."""
    source = "It rose [1], [2][1] and [the docs][2].\n\n[1]: https://x.org/a\n[2]: https://x.org/b\n"
    assert read(source).text == "It rose [1], [2][1] and the docs."
    assert marks(source) == [("[1]", (1,)), ("[2]", (2,)), ("[1]", (1,))]
    assert notes(source) == [(1, "https://x.org/a"), (2, "https://x.org/b")]


def test_footnotes_and_a_list_are_not_mixed() -> None:
    """The numbers are those of the footnotes if these cite, else those of the list; the other is told."""
    citing = f"It rose[^1] and fell [2].\n\n[^1]: {SMITH}\n\n{LIST}"
    assert (marks(citing), findings(citing)) == ([("[1]", (1,))], ["not-followed"])
    remark = f"It rose[^1] and fell [2], [1].\n\n[^1]: Not in winter.\n\n{LIST}"
    assert read(remark).text == "It rose[^1] and fell [2], [1]."
    assert (marks(remark), findings(remark)) == ([("[2]", (2,)), ("[1]", (1,))], ["not-followed"])


def test_a_list_without_marks_is_told() -> None:
    """Where no style of marks is proven none is taken."""
    assert (marks(f"It rose.\n\n{LIST}"), findings(f"It rose.\n\n{LIST}")) == ([], ["reference-never-cited"])


# Bad input


PIECES = (
    "[", "]", "(", ")", "![", "^[", "[^1]", "[^1]: ", "\n", "\n\n", "> ", "- ", "1. ", "    ", "\t", "`", "```\n",
    "~~~\n", "*", "**",
    "_", "~~", "|", "|---|", "a | b\n", "# ", "---\n", "<", ">", "<sup>", "</sup>", "<!--", "&amp;", "\\", "[1]",
    "[2, 3]", "(1)",
    "word", "It rose.", ".1", "³", "[3](#r)", "[1]: https://x.org\n", "## References\n", f"1. {SMITH}\n",
    f"2. {JONES}\n",
    f"[3] {DOE}\n", "\x00", "\u2028", "é", "𝒜", "title: x\n", "<details>\n", "![a](b)", "<br>", "[x]", "\x0b", "\x1c",
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.text(max_size=80)))
def test_any_text_is_read(text: str) -> None:
    """Whatever the text, blocks are in order and cover it, and marks lie in order within them."""
    recognise(text)
    reading = read(text)
    position = 0
    for block in reading.blocks:
        assert position <= block.start < block.end
        assert not reading.text[position : block.start].strip()
        position = block.end
    assert not reading.text[position:].strip()
    position = 0
    known = {reference.number for reference in reading.references}
    for marker in reading.markers:
        assert position <= marker.start < marker.end <= len(reading.text)
        assert any(block.start <= marker.start and marker.end <= block.end for block in reading.blocks)
        assert reading.footnotes or known.issuperset(marker.numbers)
        position = marker.end


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![",
        "^[",
        "[^",
        "[^1]: ",
        "> ",
        "- ",
        "  - a\n",
        "> - a\n",
        "*a_",
        "x<!--",
        "x<?",
        "[a](",
        "a\n=\n",
        "a|b\n-|-\n",
        "<a b='",
        "\x00",
    ],
)
def test_broken_text_takes_no_time(piece: str) -> None:
    """A hundred thousand characters of marks that never close are read in a moment."""
    start = time.perf_counter()
    read(piece * (100_000 // len(piece)))
    assert time.perf_counter() - start < 10


def test_depth_has_an_end() -> None:
    """Beyond a depth no text is read; brackets too many to be matched are text; both are told."""
    deep = read("> " * 50_000 + "a\n\nb")
    assert (deep.text, [finding.kind for finding in deep.findings]) == ("b", ["malformed"])
    unmatched = read("![" * 20_000 + "\n\n*b*")
    assert unmatched.text.endswith("[\n\nb")
    assert [finding.kind for finding in unmatched.findings] == ["malformed"]
    assert findings("^[" * 200 + "a" + "]" * 200) == ["malformed"]


def test_a_line_of_a_megabyte() -> None:
    """One long line with marks throughout is read like any other."""
    reading = read("It *rose* [1] and [fell](https://x.org/a) [2, 3]. " * 20_000 + f"\n\n{LIST}")
    assert len(reading.markers) == 40_000


def test_a_page_of_markdown_is_a_document() -> None:
    """The form is told, and a reference list alone is no text."""
    page = read_text(f"# T\n\nIt rose [1].\n\n{LIST}", identity="page")
    assert (page.form, page.title, page.text) == ("markdown", "T", "T\n\nIt rose [1].")
