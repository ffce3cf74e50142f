"""JATS XML: blocks as a reader sees them, callouts as markers of the right work, and whatever is broken."""

import re
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from corpus import Document, Work
from corpus.errors import LoccitError, SourceError
from corpus.passages import without_markers
from corpus.readers import recognise
from corpus.readers.jats import READER
from corpus.sources import read_document, read_text
from tests.documents import passages
from tests.fuzzing import check_document
from tests.samples import SAMPLES

ARTICLES = 20


class _Stated(NamedTuple):
    """What the XML says of a reference."""

    pmid: str | None
    doi: str | None
    words: str


def _root(path: Path) -> etree._Element:
    return etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()


def _references(path: Path) -> dict[str, _Stated]:
    """The references of an article by their ids, straight from the XML."""
    found = {}
    for ref in _root(path).iter("ref"):
        identifiers = {each.get("pub-id-type"): each.text for each in ref.iter("pub-id")}
        words = ref.findtext(".//article-title") or ref.findtext(".//source") or ""
        words = words or " ".join("".join(map(str, ref[-1].itertext())).split())[:30]
        found[str(ref.get("id"))] = _Stated(identifiers.get("pmid"), identifiers.get("doi"), " ".join(words.split()))
    return found


def _callouts(path: Path) -> list[tuple[str, str]]:
    """The id and the text of each callout, in the order of the XML."""
    return [
        (str(xref.get("rid")), "".join(map(str, xref.itertext())))
        for xref in _root(path).iter("xref")
        if xref.get("ref-type") == "bibr"
    ]


def _is(work: Work, stated: _Stated) -> bool:
    return (
        (stated.pmid is None or (work.pmid, work.id) == (stated.pmid, f"pmid:{stated.pmid}"))
        and (stated.doi is None or work.doi == stated.doi)
        and stated.words in work.text
    )


@pytest.mark.parametrize("place", range(ARTICLES))
def test_every_callout_of_an_article_is_a_marker_of_the_right_work_and_a_citation(shared: Path, place: int) -> None:
    """Counted against the XML itself: each callout is a figure of a marker, and its passage cites the work."""
    path = sorted((shared / "data" / "jats").glob("*.nxml"))[place]
    document = read_document(path, identity="page")
    assert (document.form, document.findings) == ("jats", ())
    figures = [
        (marker, figure.group())
        for marker in document.markers
        for figure in re.finditer(r"\d+", document.text[marker.start : marker.end])
    ]
    callouts = _callouts(path)
    # What floats beside its paragraph comes after it, so both sides are sorted.
    assert sorted(text for _, text in callouts) == sorted(text for _, text in figures)
    ids = {text: rid for rid, text in callouts}
    assert len(set(callouts)) == len(ids)
    stated = _references(path)
    assert len(document.references) == len(stated)
    cut = passages(document)
    for marker, figure in figures:
        assert int(figure) in marker.numbers
        assert _is(document.works[int(figure)], stated[ids[figure]])
    for marker in document.markers:
        around = next(passage for passage in cut if passage.start <= marker.start and marker.end <= passage.end)
        assert {document.works[number].id for number in marker.numbers} <= {c.reference for c in around.citations}
        assert all(c.basis == "marked" for c in around.citations if c.number in marker.numbers)


def test_the_articles_in_figures(shared: Path) -> None:
    """What the guide of this room says of the twenty articles; ``pytest -s`` prints it."""
    paths = sorted((shared / "data" / "jats").glob("*.nxml"))
    documents = [read_document(path, identity="page") for path in paths]
    works = [reference.work for document in documents for reference in document.references]
    tagged = [each.get("pub-id-type") for path in paths for each in _root(path).iter("pub-id")]
    figures = {
        "articles": len(documents),
        "callouts": sum(len(_callouts(path)) for path in paths),
        "markers": sum(len(document.markers) for document in documents),
        "numbers": sum(len(marker.numbers) for document in documents for marker in document.markers),
        "references": (len(works), sum(len(_references(path)) for path in paths)),
        "pmid": (sum(work.pmid is not None for work in works), tagged.count("pmid")),
        "doi": (sum(work.doi is not None for work in works), tagged.count("doi")),
    }
    named = sum(bool(work.csl.title and work.first_author) for work in works)
    print(figures, f"title and author: {named}")
    assert figures == {
        "articles": 20,
        "callouts": 679,
        "markers": 465,
        "numbers": 835,
        "references": (500, 500),
        "pmid": (394, 394),
        "doi": (334, 333),
    }
    assert named >= 485


def _article(body: str = "", *, references: str = "", meta: str = "", prolog: str = "") -> Document:
    """An article of which only some parts matter."""
    front = f"<front><article-meta>{meta}</article-meta></front>"
    xml = f"{prolog}<article>{front}<body>{body}</body><back>{references}</back></article>"
    document = read_text(xml, identity="page")
    assert document.form == "jats"
    check_document(document)
    return document


def _list(*refs: str) -> str:
    return f"<ref-list>{''.join(refs)}</ref-list>"


NINE = _list(
    *(
        f'<ref id="r{n}"><label>{n}.</label><mixed-citation>Fir {n}. 200{n}.</mixed-citation></ref>'
        for n in range(1, 10)
    )
)


def _x(rid: str, text: str) -> str:
    return f'<xref ref-type="bibr" rid="{rid}">{text}</xref>'


@pytest.mark.parametrize(
    ("body", "shown", "marks", "bare"),
    [
        (f"[{_x('r3', '3')}–{_x('r5', '5')}].", "[3–5]", (3, 4, 5), "It rose."),
        (f"<sup>{_x('r3', '3')},{_x('r5', '5')}</sup>.", "3,5", (3, 5), "It rose."),
        (f"[{_x('r2', '2')}-{_x('r4', '4')},{_x('r7', '7')}].", "[2-4,7]", (2, 3, 4, 7), "It rose."),
        (f"{_x('r3', '[3]')}{_x('r4', '[4]')}.", "[3][4]", (3, 4), "It rose."),
        (f"[{_x('r3 r4 r5', '3–5')}].", "[3–5]", (3, 4, 5), "It rose."),
        (f"[{_x('r3', '3–5')}].", "[3–5]", (3, 4, 5), "It rose."),
        (f"[{_x('r3', '3a')}–{_x('r5', '5b')}].", "[3a–5b]", (3, 4, 5), "It rose."),
        (f"(see {_x('r3', 'Fir, 2003')}; {_x('r4', 'Oak, 2004')}).", "(see Fir, 2003; Oak, 2004)", (3, 4), "It rose."),
        (f"(Fir et al., {_x('r3', '2003')}, {_x('r4', '2004')}).", "(Fir et al., 2003, 2004)", (3, 4), "It rose."),
        (f"as {_x('r3', 'Fir et al. (2003)')} saw.", "(2003)", (3,), "It rose as Fir et al. saw."),
        (f"as Fir et al. ({_x('r3', '2003')}) saw.", "(2003)", (3,), "It rose as Fir et al. saw."),
        (f"(in mice, {_x('r3', 'Fir et al., 2003')}).", ", 2003", (3,), "It rose (in mice, Fir et al.)."),
        (f"[{_x('r3', '3')}, p. 7].", "[3, p. 7]", (3,), "It rose."),
        (f"(95% CI 2–5) (ref. {_x('r3', '3')}).", "(ref. 3)", (3,), "It rose (95% CI 2–5)."),
        (f"(p &lt; .05 [{_x('r3', '3')}]).", "[3]", (3,), "It rose (p < .05)."),
        (f"[{_x('r7', '7')}–{_x('r3', '3')}].", "[7–3]", (7, 3), "It rose."),
        (f"[{_x('r3', '2003')}–{_x('r5', '2005')}].", "[2003–2005]", (3, 5), "It rose."),
        (f"[{_x('r3', '3')}—{_x('r5', '5')}].", "[3—5]", (3, 5), "It rose."),
        (f"[{_x('r3', '3—5')}].", "[3—5]", (3,), "It rose."),
    ],
)
def test_a_mark_is_what_can_go_without_harm_to_the_sentence(
    body: str, shown: str, marks: tuple[int, ...], bare: str
) -> None:
    """Ranges name what lies within, brackets that hold only callouts go with them, authors in the sentence stay."""
    document = _article(f"<p>It rose {body}</p>", references=NINE)
    (marker,) = document.markers
    assert (document.text[marker.start : marker.end], marker.numbers) == (shown, marks)
    assert without_markers(document.text, 0, len(document.text), document.markers) == bare


def test_callouts_that_lead_nowhere_are_told() -> None:
    """One of a reference that is not listed, and one without words, are no markers but findings."""
    document = _article(f"<p>It [{_x('r77', '77')}] rose {_x('r3', '')}.</p>", references=NINE)
    assert document.markers == ()
    assert [(found.kind, found.numbers) for found in document.findings] == [
        ("marker-without-reference", ()),
        ("malformed", (3,)),
    ]


def test_an_em_dash_between_marks_is_punctuation() -> None:
    """Only within brackets of their own are the callouts around it one mark."""
    document = _article(f"<p>It rose<sup>{_x('r3', '3')}</sup>—<sup>{_x('r5', '5')}</sup>fell.</p>", references=NINE)
    assert [marker.numbers for marker in document.markers] == [(3,), (5,)]


def _ref(identity: str, label: str, note: str) -> str:
    return f"<ref id='{identity}'><label>{label}</label><mixed-citation>{note}. 2001.</mixed-citation></ref>"


@pytest.mark.parametrize(
    ("refs", "callout", "numbers"),
    [
        ((_ref("r1", "1", "Ash"), _ref("r2", "2", "Fir"), _ref("r2", "3", "Oak")), "3", (3,)),
        ((_ref("r1", "1", "Ash"), _ref("r2", "2", "Fir"), _ref("r2", "3", "Oak")), "<sup>[2]</sup>", (2,)),
        ((_ref("r1", "1", "Ash"), _ref("r2", "2", "Fir"), _ref("r2", "3", "Oak")), "Oak, 2001", None),
        ((_ref("r1", "1", "Ash"), _ref("r2", "2", "Fir"), _ref("r2", "3", "Oak")), "1", None),
        ((_ref("r2", "2", "Fir"), _ref("r2", "2", "Oak"), _ref("r3", "3", "Ash")), "2", None),
        ((_ref("r2", "3", "Fir"), _ref("r2", "2", "Oak"), _ref("r3", "2", "Ash")), "2", (2,)),
        ((_ref("r2", "", "Fir"), _ref("r2", "", "Oak")), "2", (2,)),
        ((_ref("r2", "1", "Fir"), _ref("r2", "2", "Fir")), "Fir", (1,)),
    ],
)
def test_an_id_of_several_references_is_told_apart_by_what_the_callout_prints(
    refs: tuple[str, ...], callout: str, numbers: tuple[int, ...] | None
) -> None:
    """Where that is the number of one of them, by its label if it has one, it is meant; else none is, which is told."""
    document = _article(f"<p>It rose [{_x('r2', callout)}].</p>", references=_list(*refs))
    assert [marker.numbers for marker in document.markers] == ([numbers] if numbers else [])
    told = [(found.kind, found.severity) for found in document.findings]
    assert told == ([] if numbers else [("number-repeated", "error")])


def _answered(body: str, answer: str, answer_refs: str) -> Document:
    """An article with three references, and an answer within it that has a list of its own."""
    own = _list(_ref("b1", "1", "Ash"), _ref("b2", "2", "Fir"), _ref("b3", "3", "Elm"))
    back = f"</back><response><body>{answer}</body><back>{answer_refs}</back></response><back>"
    return _article(body, references=own + back)


def _cited(page: Document) -> list[list[str]]:
    """What stands before the first stop of each work, marker by marker."""
    return [[page.works[number].text.split(".")[0] for number in marker.numbers] for marker in page.markers]


def test_an_answer_within_an_article_cites_its_own_list() -> None:
    """Where its ids are those of the article again, each goes by its own list, and what that lacks cites nothing."""
    body, answer = (
        f"<p>It rose [{_x('b1', '1')}].</p>",
        f"<p>No [{_x('b1', '1')}–{_x('b2', '2')}, {_x('b3', '3')}].</p>",
    )
    page = _answered(body, answer, _list(_ref("b1", "1", "Oak"), _ref("b2", "2", "Yew")))
    assert _cited(page) == [["Ash"], ["Oak", "Yew"]]
    message = "has 1 callouts of references that its list does not have (b3). Add them."
    assert [(found.kind, found.message) for found in page.findings] == [("marker-without-reference", message)]


def test_an_answer_with_ids_of_its_own_may_cite_the_list_of_the_article() -> None:
    """An id that one list alone has is meant, wherever the callout stands."""
    body, answer = f"<p>It rose [{_x('c1', '1')}].</p>", f"<p>No [{_x('c1', '1')}], but [{_x('b3', '3')}].</p>"
    page = _answered(body, answer, _list(_ref("c1", "1", "Oak")))
    assert _cited(page) == [["Oak"], ["Oak"], ["Elm"]]
    assert not page.findings


def test_links_to_boxes_and_figures_are_no_callouts() -> None:
    """Their id may be that of a reference by mistake; a link of no such kind is a callout."""
    links = (f'<xref ref-type="{kind}" rid="r2">2</xref>' for kind in ("boxed-text", "fig", "other"))
    document = _article(f"<p>As Box {', '.join(links)} shows.</p>", references=NINE)
    assert [document.text[mark.start - 2 : mark.end] for mark in document.markers] == [", 2"]
    assert not document.findings


def test_a_range_that_the_list_of_the_article_ends_within_takes_nothing_from_the_answer() -> None:
    """The references of an answer are counted on from those of the article, which nobody prints."""
    page = _answered(f"<p>It rose [{_x('b2', '2–4')}].</p>", "<p>No.</p>", _list(_ref("b1", "1", "Oak")))
    assert [marker.numbers for marker in page.markers] == [(2,)]


PAGE = """
<sec id="s1"><label>2.</label><title>Methods</title>
 <p id="p1">We did <list><list-item><label>a)</label><p>one;</p></list-item><list-item><p>two</p></list-item></list> and
  so on.<fn><label>1</label><p>A note.</p></fn> See <xref ref-type="fig" rid="f1">Fig. 1</xref><fig id="f1">
  <label>Figure 1</label><caption><title>Flow.</title><p>Of patients.</p></caption><graphic/></fig>
  for H<sub>2</sub>O.<!-- no --></p>
 <sec><table-wrap id="t1"><label>Table 1</label><caption><p>Ages</p></caption><alternatives><graphic/><table>
  <tr><th>Age<break/>(years)</th><th>n</th></tr><tr><td><p>12</p><p>13</p></td><td>34</td></tr><tr><td><hr/></td></tr>
  </table></alternatives><table-wrap-foot><p>Mean.</p></table-wrap-foot></table-wrap>
 <disp-quote><p>Said so.</p></disp-quote>
 <boxed-text id="b1"><caption><title>Key</title></caption><p>One.</p></boxed-text>
 <p>As <inline-formula><math><mi>p</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></math></inline-formula> shows
  <inline-formula><alternatives><tex-math>$x$</tex-math><inline-graphic/></alternatives></inline-formula>.</p>
 <preformat>a  b</preformat><supplementary-material><label>File 1</label><caption><p>Data.</p></caption>
 </supplementary-material></sec></sec>
"""


def test_the_parts_of_an_article_are_blocks_as_a_reader_sees_them() -> None:
    """What floats stands behind its paragraph, labels before what they label, captions above their tables."""
    meta = """
        <title-group><article-title>On <italic>trees</italic><xref ref-type='fn'>*</xref></article-title></title-group>
        <article-id pub-id-type='doi'>10.1000/x</article-id>
        <pub-date pub-type='pmc-release'><day>1</day><month>1</month><year>2021</year></pub-date>
        <pub-date pub-type='epub'><day>3</day><month>2</month><year>2020</year></pub-date>
        <abstract><sec><title>Aims</title><p>Short.</p></sec></abstract>
        <abstract><title>Summary</title><p>So.</p></abstract>"""
    document = _article(PAGE, meta=meta, references="<ack><p>Thanks.</p></ack>" + NINE)
    assert (document.title, document.url, document.modified) == ("On trees", "https://doi.org/10.1000/x", "2020-02-03")
    top = "2. Methods"
    assert [
        (block.kind, block.headings, block.locator, document.text[block.start : block.end]) for block in document.blocks
    ] == [
        ("heading", (), None, "On trees"),
        ("heading", (), None, "Abstract"),
        ("heading", (), None, "Aims"),
        ("paragraph", ("Abstract", "Aims"), None, "Short."),
        ("heading", (), None, "Summary"),
        ("paragraph", ("Summary",), None, "So."),
        ("heading", (), "s1", "2. Methods"),
        ("paragraph", (top,), "s1", "We did"),
        ("list_item", (top,), "s1", "a) one;"),
        ("list_item", (top,), "s1", "two"),
        ("paragraph", (top,), "s1", "and so on. See Fig. 1 for H2O."),
        ("paragraph", (top,), "s1", "1 A note."),
        ("caption", (top,), "f1", "Figure 1 Flow."),
        ("caption", (top, "Figure 1 Flow."), "f1", "Of patients."),
        ("caption", (top,), "t1", "Table 1 Ages"),
        ("table_row", (top, "Table 1 Ages"), "t1", "Age (years) n"),
        ("table_row", (top, "Table 1 Ages"), "t1", "12 13 34"),
        ("caption", (top, "Table 1 Ages"), "t1", "Mean."),
        ("quotation", (top,), "s1", "Said so."),
        ("caption", (top,), "b1", "Key"),
        ("paragraph", (top, "Key"), "b1", "One."),
        ("paragraph", (top,), "s1", "As p=1/2 shows ."),
        ("code", (top,), "s1", "a  b"),
        ("caption", (top,), "s1", "File 1 Data."),
        ("paragraph", (), None, "Thanks."),
    ]
    assert [found.kind for found in document.findings] == ["not-followed"]


def test_identifiers_of_what_else_was_published_are_not_those_of_the_work() -> None:
    """A remark on an erratum names the erratum; what stands before it is of the work."""

    def work(comment: str) -> tuple[str | None, str | None]:
        citation = (
            "<element-citation><article-title>On trees</article-title><source>J Bot</source><year>2001</year>"
            f"<comment>{comment}</comment></element-citation>"
        )
        page = _article(f"<p>It rose {_x('a', '1')}.</p>", references=_list(f"<ref id='a'>{citation}</ref>"))
        return page.works[1].doi, page.works[1].pmid

    assert work("Erratum in: J Bot. 2002. doi: 10.1000/e PMID: 99") == (None, None)
    assert work("doi: 10.1000/t. Comment in: J Bot. 2002. PMID: 99") == ("10.1000/t", None)
    assert work("[PubMed] PMID: 77") == (None, "77")


def test_tagged_fields_come_before_words_and_identifiers_make_the_work() -> None:
    """A citation without punctuation is set in a line; one with keeps its words and is read where nothing is tagged."""

    def group(role: str, family: str, given: str) -> str:
        name = f"<name><surname>{family}</surname><given-names>{given}</given-names></name>"
        return f"<person-group person-group-type='{role}'>{name}</person-group>"

    document = _article(
        f"<p>It rose {_x('a', '1')}.</p>",
        references=_list(
            f"<ref id='a'><element-citation publication-type='journal'>{group('author', 'Ash', 'Ann B.')}"
            "<article-title>On trees.</article-title><source>J Bot</source><year>2001</year><volume>7</volume>"
            "<issue>2</issue><fpage>5</fpage><lpage>9</lpage><pub-id pub-id-type='doi'>10.1000/T</pub-id>"
            "</element-citation></ref>",
            "<ref id='b'><mixed-citation publication-type='journal'><name><surname>Oak</surname>"
            "<given-names>C</given-names></name>. On leaves. J Bot. 2002;8(1):2-3."
            "<pub-id pub-id-type='pmid'>77</pub-id></mixed-citation></ref>",
            f"<ref id='c'><element-citation publication-type='book'>{group('author', 'Elm', 'D')}"
            f"{group('editor', 'Yew', 'E')}<chapter-title>Bark</chapter-title><source>All trees</source>"
            "<publisher-name>Wood</publisher-name><publisher-loc>Rome</publisher-loc><year>2003</year></element-citation></ref>",
            "<ref id='d'><element-citation><collab>Tree Group</collab><source>Report</source><year>2004</year>"
            "<comment>doi:10.1000/d</comment></element-citation><element-citation><source>Other</source></element-citation></ref>",
        ),
    )
    assert [(reference.number, reference.work.id, reference.work.text) for reference in document.references] == [
        (1, "doi:10.1000/t", "Ash AB. On trees. J Bot. 2001;7(2):5-9. doi: 10.1000/T."),
        (2, "pmid:77", "Oak C. On leaves. J Bot. 2002;8(1):2-3."),
        (3, document.works[3].id, "Elm D. Bark. In: Yew E, editor. All trees. Rome: Wood; 2003."),
        (4, "doi:10.1000/d", "Tree Group. Report. 2004. doi: 10.1000/d."),
    ]
    second = document.works[2].csl
    assert (second.type, second.author[0].family, second.title, second.page) == (
        "article-journal",
        "Oak",
        "On leaves",
        "2-3",
    )
    assert (document.works[3].csl.type, document.works[3].csl.editor[0].family) == ("chapter", "Yew")
    assert [(found.kind, found.numbers) for found in document.findings] == [("number-repeated", (4,))]


def test_labels_are_the_numbers_only_if_each_is_one() -> None:
    """Else the places in the list are, so that numbers are unique."""
    refs = [
        f"<ref id='r{label}'><label>{label}</label><note><p>Note {label} of 2001.</p></note></ref>" for label in "975"
    ]
    assert [each.number for each in _article("<p>A</p>", references=_list(*refs)).references] == [9, 7, 5]
    refs = [ref.replace("7</label>", "9</label>") for ref in refs]
    assert [each.number for each in _article("<p>A</p>", references=_list(*refs)).references] == [1, 2, 3]


@pytest.mark.parametrize(
    "page",
    [
        "<article><front/><body><p>A</p></body></article>",
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- x --><!DOCTYPE article PUBLIC "a>b" "c.dtd">\n'
        "<article><body><p>A</p></body></article>",
        "<pmc-articleset><article><front><article-meta/></front><body><p>A</p></body></article></pmc-articleset>",
        '<j:article xmlns:j="http://jats.nlm.nih.gov"><j:body><j:p>A</j:p></j:body></j:article>',
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><article xmlns="a"><front>'
        "<article-meta/></front><body><p>A</p></body></article></GetRecord></OAI-PMH>",
    ],
)
def test_an_article_is_recognised_by_its_content(page: str) -> None:
    """Bare or in an envelope, with or without declaration, document type and name spaces."""
    document = read_text(page, identity="page")
    assert (document.form, document.text, document.findings) == ("jats", "A", ())


@pytest.mark.parametrize(
    "page", ["<article><h1>A</h1><p>B</p></article>", "<p>A</p>", "A <article>", "", "<html><article><front>"]
)
def test_other_pages_are_not_recognised(page: str) -> None:
    """HTML has articles too."""
    assert recognise(page).form != "jats"


def test_nothing_outside_of_the_file_is_read_and_no_entity_expanded() -> None:
    """Known characters are read by name; what else is named stands as it is, and is told."""
    lol = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    prolog = f'<!DOCTYPE article [<!ENTITY a "lol">{lol}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    document = _article('<p id="&m;">An &alpha; &amp; &m; &x; rose.</p>', prolog=prolog)
    assert document.text == "An α & &m; &x; rose."
    assert [found.severity for found in document.findings] == ["warning"]
    assert "&m;, &x;" in document.findings[0].message


def test_a_broken_article_is_read_as_far_as_it_goes() -> None:
    """Bare signs are mended, a file that ends early is an error, wherever it ends."""
    document = read_text("<article><body><p>AT&T rose, 3 < 5.</p></body></article>", identity="page")
    assert (document.text, [found.severity for found in document.findings]) == ("AT&T rose, 3 < 5.", ["warning"])
    assert _article("<a:>A</a:><b:1>B</b:1><x:p>C</x:p>").text.startswith("A")
    page = SAMPLES["jats"](3)
    for end in range(1, len(page), 7):
        try:
            cut = read_text(page[:end], identity="page", form="jats")
        except LoccitError:
            continue
        check_document(cut)
        assert any(found.kind == "malformed" and found.severity == "error" for found in cut.findings)
    with pytest.raises(SourceError, match="no element"):
        READER.read("no XML")


@pytest.mark.parametrize("tag", ["sec", "italic", "list", "math", "table"])
def test_depth_costs_neither_recursion_nor_time(tag: str) -> None:
    """A hundred thousand levels end the file where they pass 2048, which is told."""
    document = _article("<p>A rose.</p>" + f"<{tag}>" * 100_000 + "x" + f"</{tag}>" * 100_000)
    assert document.text.startswith("A rose.")
    assert [found.severity for found in document.findings] == ["error"]


def test_time_is_linear_in_the_length() -> None:
    """Ten times the article takes about ten times the time."""

    def seconds(sections: int) -> float:
        page = SAMPLES["jats"](sections)
        began = time.process_time()
        READER.read(page)
        return time.process_time() - began

    seconds(10)
    assert seconds(2_000) < 30 * seconds(200)


def test_an_article_of_ten_megabytes_is_read() -> None:
    """In well under a minute, with all its callouts."""
    began = time.process_time()
    reading = READER.read(SAMPLES["jats"](15_000))
    assert (len(reading.markers), len(reading.references)) == (15_000, 15_000)
    assert time.process_time() - began < 60
