"""DokuWiki's XHTML, whole pages and fragments; and that its own renderer and the reader of its markup agree."""

import time
from pathlib import Path

import pytest

from corpus.readers import reader_of, recognise
from corpus.readers.reading import Reading
from corpus.sources import read_document, read_text
from tests.dokuwiki_pages import QUIRKS, random_page
from tests.dokuwiki_renderer import DokuWiki, dokuwiki, get

__all__ = ["dokuwiki"]

SEEDS = range(20_000, 20_100)
"""Of pages that were not looked at while the readers were written: those were made from 0 to 1,500."""


def markup(page: str) -> Reading:
    """A page in markup, read."""
    return reader_of("dokuwiki").read(page)


def xhtml(page: str) -> Reading:
    """A page in XHTML, read."""
    return reader_of("dokuwiki-xhtml").read(page)


def assert_agree(page: str, rendered: str) -> None:
    """Requires that a page is the same, read from its markup and from what DokuWiki makes of it, piece by piece."""
    source, shown = markup(page), xhtml(rendered)
    assert shown.text == source.text
    assert shown.blocks == source.blocks
    assert shown.markers == source.markers
    assert shown.references == source.references
    # Where a page begins with text, its markup has no title, and the XHTML takes the first heading of level 1.
    assert source.title in {None, shown.title}


# The real renderer


def test_every_quirk_agrees_with_the_renderer(dokuwiki: DokuWiki) -> None:
    """Fifty pages, each with a quirk of its own, give the same text, blocks, markers and references both ways."""
    assert len(QUIRKS) >= 50
    for page, rendered in zip(QUIRKS.values(), dokuwiki.render(list(QUIRKS.values())), strict=True):
        assert_agree(page, rendered)


def test_random_pages_agree_with_the_renderer(dokuwiki: DokuWiki) -> None:
    """So do pages thrown together from lines, lists, tables, quotations, listings and some six notes each."""
    pages = [random_page(seed) for seed in SEEDS]
    assert sum(len(markup(page).markers) for page in pages) > 500
    for page, rendered in zip(pages, dokuwiki.render(pages), strict=True):
        assert_agree(page, rendered)


@pytest.mark.parametrize("name", ["wiki/welcome", "wiki/dokuwiki", "wiki/syntax", "playground/playground"])
def test_the_pages_of_the_wiki_itself_agree(dokuwiki: DokuWiki, name: str) -> None:
    """DokuWiki's manual holds all of its syntax.

    Left out on both sides is what the markup alone does not tell: pages of other sites (RSS), what a plug-in
    writes (INFO), and embedded HTML and PHP, which a wiki shows as source, runs or hides as it is set up.
    """
    page = dokuwiki.page(name).read_text("utf-8")
    for opening, closing in (("<html>", "</html>"), ("<HTML>", "</HTML>"), ("<php>", "</php>"), ("<PHP>", "</PHP>")):
        while (start := page.rfind(f"\n{opening}")) >= 0 or (start := page.rfind(f" {opening}")) >= 0:
            page = page[:start] + page[page.index(closing, start) + len(closing) :]
    page = page.replace("~~INFO:syntaxplugins~~", "").replace("{{rss>", "{{")
    assert_agree(page, dokuwiki.render([page])[0])


@pytest.mark.parametrize(
    ("page", "source", "shown"),
    [
        # Formatting that is never closed: DokuWiki opens it to the end of the page and hides the mark.
        ("a // b", "a // b", "a  b"),
        ("**a\n\nb** c", "**a\n\nb** c", "a\nb c"),
        # Right below a quotation it sees neither list nor table.
        ("> a\n  * b", "a\n\nb", "a\n\n* b"),
        # A list in a note goes on to the end of its line, and with it the note.
        ("a ((x\n  * y)) b", "a 1) b", "a 1)"),
        # A heading without words is not shown.
        ("a\n\n======\n\nb", "a\n\n======\n\nb", "a\n\nb"),
        # Embedded HTML is shown as source unless the wiki allows it.
        ("<html><b>x</b></html> z", "z", "<b>x</b> z"),
    ],
)
def test_where_the_markup_is_read_otherwise(dokuwiki: DokuWiki, page: str, source: str, shown: str) -> None:
    """What the reader of markup keeps or sees on purpose where DokuWiki would lose it; the XHTML is what is shown."""
    assert (markup(page).text, xhtml(dokuwiki.render([page])[0]).text) == (source, shown)


def test_a_whole_page_is_its_fragment(dokuwiki: DokuWiki) -> None:
    """A page as the wiki serves it, with sidebar and all, is the document that its content and its markup are."""
    parts = (f"===== Part {seed} =====\n\n{random_page(seed)}\n\n" for seed in SEEDS[:20])
    page = "====== Spine ======\n\n" + "".join(parts)
    begun = time.time()
    dokuwiki.page("spine").write_text(page, "utf-8")
    dokuwiki.page("sidebar").write_text("===== Menu =====\n  * [[start]] ((A note of the sidebar.))\n", "utf-8")
    with dokuwiki.served() as address:
        fragment = get(f"{address}/doku.php?id=spine&do=export_xhtmlbody")
        export = get(f"{address}/doku.php?id=spine&do=export_xhtml")
        whole = get(f"{address}/doku.php?id=spine&purge=true")
    assert "A note of the sidebar" in whole
    assert "dw__toc" in whole
    assert [recognise(text).form for text in (whole, fragment, export)] == ["dokuwiki-xhtml"] * 3
    assert_agree(page, fragment)
    assert_agree(page, export)
    source, shown = markup(page), xhtml(whole)
    assert (shown.title, shown.url) == ("Spine", f"{address}/doku.php?id=spine")
    assert shown.modified in {time.strftime("%Y-%m-%d", time.gmtime(now)) for now in (begun, time.time())}
    # A sidebar is rendered first, and DokuWiki goes on counting, so that the numbers of the page begin with 2.
    assert [marker.numbers[0] - 1 for marker in shown.markers] == [marker.numbers[0] for marker in source.markers]
    assert [reference.work for reference in shown.references] == [reference.work for reference in source.references]
    assert [(block.kind, block.headings) for block in shown.blocks] == [
        (block.kind, block.headings) for block in source.blocks
    ]


def test_one_page_three_ways(shared: Path) -> None:
    """The page of footnote forms is one document from its markup, its XHTML and its text export."""
    folder = shared / "data" / "dokuwiki"
    names = ("footnote_forms.txt", "footnote_forms.xhtml", "footnote_forms.export.txt")
    page, shown, export = (read_document(folder / name, identity="page") for name in names)
    assert (page.form, shown.form, export.form) == ("dokuwiki", "dokuwiki-xhtml", "dokuwiki-export")
    assert page.sha256 == shown.sha256 == export.sha256
    assert page.blocks == shown.blocks
    assert page.markers == shown.markers == export.markers
    assert page.references == shown.references
    # An export has lost the addresses behind the words of a note.
    named = [[(r.number, r.work.id, r.work.text) for r in of.references] for of in (page, export)]
    assert named[0] == named[1]
    assert page.works[2] == page.works[3]
    assert page.title == shown.title == export.title == "Footnote forms"


# Rules and boxes


@pytest.mark.parametrize(
    ("page", "shown", "apart"),
    [
        ("a\n\nb", "<p>\na\n</p>\n\n<p>\nb\n</p>", [False, False]),
        ("----\na\n----\nb\n\nc\n----",
         "<hr />\n\n<p>\na\n</p>\n<hr />\n\n<p>b</p><p>c</p><hr />", [False, True, False]),
        ("a\n----\n----\n===== H =====\nb",
         '<p>a</p><hr /><hr /><h2 class="sectionedit1">H</h2><div class="level2"><p>b</p></div>',
         [False, True, False]),
        ("a\n<WRAP round box>\nb\n\nc\n</WRAP>\nd",
         '<p>a</p><div class="wrap_round wrap_box plugin_wrap"><p>b</p><p>c</p></div><p>d</p>',
         [False, True, False, True]),
        ("a\n<note tip>b</note>\nc", '<p>a</p><div class="plugin_note notetip">b</div><p>c</p>', [False, True, True]),
        ("a\n<WRAP box>\n  * b\n  * c\n</WRAP>\n| d | e |",
         '<p>a</p><div class="wrap_box plugin_wrap"><ul><li class="level1"><div class="li">b</div></li>'
         '<li class="level1"><div class="li">c</div></li></ul></div>'
         '<div class="table sectionedit1"><table class="inline"><tr><td>d</td><td>e</td></tr></table></div>',
         [False, True, False, True]),
        ("| <WRAP>a</WRAP> | b |\n\ne",
         '<div class="table"><table><tr><td><div class="plugin_wrap">a</div></td><td>b</td></tr></table></div>'
         '<p>e</p>', [False, False]),
        ("a <wrap hi>b</wrap>\n\nc", '<p>a <span class="wrap_hi plugin_wrap">b</span></p><p>c</p>', [False, False]),
        ("<WRAP>\na\n</WRAP>", '<div class="plugin_wrap"><p>a</p></div>', [False]),
    ],
)  # fmt: skip
def test_blocks_behind_a_rule_or_an_edge_stand_apart(page: str, shown: str, apart: list[bool]) -> None:
    """The first block behind a rule, or the edge of a plug-in's box, in both forms; none within a row or an item."""
    assert [block.apart for block in markup(page).blocks] == apart
    assert [block.apart for block in xhtml(shown).blocks] == apart


@pytest.mark.parametrize(
    ("form", "source"),
    [
        ("text", "One paragraph.\n\n----\n\nAnother one.\n\n* * *\n\nA third."),
        ("dokuwiki-export", "It rose 1).\n\n----\n\nIt fell 2).\n\n1)\nA. One.\n2)\nB. Two.\n"),
        ("jats", "<article><body><p>a</p><boxed-text><p>b</p></boxed-text><hr/><p>c</p></body></article>"),
    ],
)
def test_no_other_form_tells_of_rules(form: str, source: str) -> None:
    """Their rules and boxes are lost or read otherwise, and set no block apart."""
    blocks = reader_of(form).read(source).blocks
    assert len(blocks) > 1
    assert not any(block.apart for block in blocks)


# What a page says of itself, and what is no content


BARE = """
<h2 class="sectionedit1" id="cord">Cord</h2>
<div class="level2">

<p>
It rose<sup><a href="#fn__1" id="fnt__1" class="fn_top">1)</a></sup>.
</p>

</div>
<div class="footnotes">
<div class="fn"><sup><a href="#fnt__1" id="fn__1" class="fn_bot">1)</a></sup>
<div class="content">Smith A. One. J X. 2001;1:2.</div></div>
</div>
"""


def page(content: str, *, head: str = "", before: str = "", after: str = "") -> str:
    """A page of a template that is not DokuWiki's own."""
    head = f'<meta name="generator" content="DokuWiki"/><title>ns:cord [The wiki]</title>{head}'
    menu = '<nav><h3>Menu</h3><ul><li><div class="li">a</div></li></ul></nav>'
    body = f'{menu}{before}<div class="x">{content}</div>{after}'
    return f'<!DOCTYPE html>\n<html lang="de"><head>{head}</head><body class="dokuwiki">{body}</body></html>'


@pytest.mark.parametrize(
    "whole",
    [
        page(BARE),
        page(f'<div class="dw-page"><div id="dw__toc"><h3>TOC</h3></div><div class="dw-content">{BARE}</div></div>'),
        page(f'<main id="dokuwiki__content"><p>You are here</p><div class="page group">{BARE}</div><p>low</p></main>'),
        page(f'<main id="dokuwiki__content"><p>You are here</p><div class="pad">{BARE}</div><p>low</p></main>'),
        page(f"<p>up</p><!-- wikipage start -->{BARE}<!-- wikipage stop --><p>low</p>"),
        page(f"<p>up</p><div>{BARE}</div>", before=f'<div class="dw__sidebar">{BARE}</div><aside>{BARE}</aside>'),
        page(BARE, after='<footer><div class="license">Except where otherwise noted</div></footer>'),
    ],
)  # fmt: skip
def test_content_is_found_in_any_template(whole: str) -> None:
    """Menus, sidebars, the table of contents and the footer are left out, whatever the template calls them."""
    assert recognise(whole).form == "dokuwiki-xhtml"
    found, bare = xhtml(whole), xhtml(BARE)
    assert (found.text, found.title) == ("Cord\n\nIt rose1).", "Cord")
    assert (found.blocks, found.markers, found.references) == (bare.blocks, bare.markers, bare.references)


@pytest.mark.parametrize(
    ("head", "after", "modified"),
    [
        ("", '<div class="docInfo"><bdi>ns/cord.txt</bdi> · Last modified: 2025/05/13 02:17 by A</div>', "2025-05-13"),
        ("", "<ul><li>cord.txt</li><li>Zuletzt geändert: 2025-05-13 02:17</li></ul>", "2025-05-13"),
        ('<meta name="date" content="2024-01-02T03:04:05+0000"/>', "", "2024-01-02"),
        ("", "<p>© 2025/05/13 02:17</p>", None),
    ],
)  # fmt: skip
def test_the_date_of_a_page(head: str, after: str, modified: str | None) -> None:
    """It stands below the content behind the name of the page's file, in any language, else in the head."""
    assert xhtml(page(BARE, head=head, after=after)).modified == modified


def test_address_and_title_of_a_page() -> None:
    """The canonical link, if it leads to the web; without a heading, the title without the name of the wiki."""
    link = '<link rel="canonical" href="{}"/>'
    document = read_text(page("<p>\nText.\n</p>", head=link.format("https://w.org/ns:cord")), identity="x")
    assert (document.title, document.url, document.text) == ("ns:cord", "https://w.org/ns:cord", "Text.")
    assert xhtml(page(BARE, head=link.format("javascript:alert(1)"))).url is None
    assert xhtml('<p>a</p><h2 class="sectionedit1">b</h2><h1 class="sectionedit2">c</h1>').title == "c"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a<script>var x = '<p>no</p>';</script> b<style>p { }</style></p>", "a b"),
        ('<p>a <span style="display: none">no</span><span hidden>no</span> b</p>', "a  b"),
        ('<p>a</p><div class="secedit editbutton_section"><form><button>Edit</button></form></div>', "a"),
        ('<div id="dw__toc" class="dw__toc"><h3>Contents</h3></div><p>a</p>', "a"),
        ("<p>a\0b &#0; c</p>", "ab \N{REPLACEMENT CHARACTER} c"),
        ("<p>a <b>b <i>c</p><p>d", "a b c\n\nd"),
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "a\nb\n\nc\n\nd"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\n\nc"),
        ("<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "a\nb\nc\n\nd"),
        ("<!-- <p>no</p> --><p>a</p>", "a"),
        ('<p>a<sup><a class="fn_top" href="#x">note</a></sup></p>', "anote"),
    ],
)  # fmt: skip
def test_what_is_read_of_odd_pages(source: str, text: str) -> None:
    """What a reader sees, however the tags are left open; scripts, styles, buttons and hidden words never."""
    assert xhtml(source).text == text


def test_a_note_behind_several_numbers() -> None:
    """A note that is printed once behind several numbers is one work with as many references, with or without a box."""
    heads = "".join(f'<sup><a href="#fnt__{n}" id="fn__{n}" class="fn_bot">{n})</a></sup>\n, ' for n in (2, 3, 7))
    marks = "".join(f'<sup><a href="#fn__{n}" class="fn_top">{n})</a></sup>' for n in (2, 3, 7))
    for note in ('<div class="content">Smith A. 2001.</div>', "Smith A. 2001."):
        found = xhtml(f'<p>a{marks}</p><div class="footnotes"><div class="fn">{heads.rstrip(", ")} {note}</div></div>')
        assert found.text == "a2)3)7)"
        assert [(r.number, r.work.text) for r in found.references] == [(n, "Smith A. 2001.") for n in (2, 3, 7)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (BARE, "dokuwiki-xhtml"),
        ("\n<p>\nText without any sign.\n</p>\n", "dokuwiki-xhtml"),
        (f"====== Page ======\n<code>\n{BARE}</code>", "dokuwiki"),
        (f"Text ((Smith A. 2001.)) {BARE}", "dokuwiki"),
        ("<p>Some page</p><p>of the web</p>", "text"),
    ],
)
def test_xhtml_is_recognised_from_the_content(text: str, form: str) -> None:
    """By what DokuWiki alone writes, at the beginning of the text; a page that shows such code is none."""
    assert recognise(text).form == form


# Bad input


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<b>", "<p>", "</p>", "<ul><li>", "<table><tr><td>", "<blockquote>", "<", "<!--", "<div class=",
     '<a class="fn_top">1)</a>', '<div class="fn"><a class="fn_bot">1)</a>', "<br/>", " \n", "<h1>", "<pre>", "&"],
)  # fmt: skip
def test_broken_pages_take_no_time(piece: str) -> None:
    """A hundred thousand times the same, never closed, is read within seconds and without an exception."""
    begun = time.perf_counter()
    read = xhtml("<p>before</p>" + piece * 100_000)
    assert read.text.startswith("before")
    assert time.perf_counter() - begun < 30


def test_what_is_nested_too_deep_is_told() -> None:
    """A page is read down to 512 open tags, as browsers do, and what is left out is said."""
    deep = xhtml("<p>before</p>" + "<div>" * 100_000 + "within" + "</div>" * 100_000 + "</p></b>" * 100_000)
    assert [(found.kind, found.severity) for found in deep.findings] == [("malformed", "error")]
    assert deep.text == "before"
    assert xhtml("<div>" * 500 + "within").text == "within"
    assert xhtml("<div>" * 500 + "within").findings == ()


def test_time_is_linear() -> None:
    """Ten times the page takes about ten times as long."""

    def seconds(times: int) -> float:
        begun = time.perf_counter()
        assert len(xhtml(BARE * times).markers) == times
        return time.perf_counter() - begun

    seconds(100)
    assert seconds(10_000) < 25 * max(0.05, seconds(1_000))
