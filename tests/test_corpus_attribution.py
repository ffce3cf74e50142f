"""Which references support which passages, and on which basis; where nothing is certain, none."""

import time
from pathlib import Path

import msgspec
import pytest

from corpus import Basis
from corpus.attribution import cite, find_doubts, find_studies, find_supports
from corpus.authors import family_key, find_namings
from corpus.sources import read_document
from tests.documents import citations, document, passages

A = "((Alpha A, Other B. First work. 2001. PMID: 1.))"
B = "((Beta B. Second work. 2002. PMID: 2.))"
C = "((Gamma C. Third work. 2003. PMID: 3.))"

SEED: dict[str, tuple[int, Basis] | None] = {
    "Although T2-hyperintense": (1, "marked"),
    "Metastases rarely occurred": (2, "marked"),
    "The treatment of cervical spinal metastases represents": None,
    "Vazifehdan et al. performed": (3, "named"),
    "They retrospectively studied": (3, "inherited"),
    "At the last follow-up": (3, "inherited"),
    "Palliative surgical treatment": (3, "marked"),
    "Stangenberg et al. present": (4, "named"),
    "Fourteen patients": (4, "inherited"),
    "Anterior vertebroplasty": (4, "marked"),
    "A 59-year-old female": (5, "marked"),
    "Adachi et al. described": (6, "marked"),
    "a patient without a prior known diagnosis of RCC": (7, "marked"),
    "a 73-year-old woman": (8, "marked"),
}
"""How the paragraphs of the seed page begin, and what supports the last passage of each."""


@pytest.mark.parametrize("chunk_tokens", [100, 160, 200, 10_000])
def test_seed_page(shared: Path, chunk_tokens: int) -> None:
    """However it is cut, every passage of a paragraph cites its one reference; those before the marker inherit it."""
    page = read_document(shared / "corpus" / "cervical_spinal_metastases.txt", identity="seed")
    cut = passages(page, chunk_tokens=chunk_tokens)
    paragraphs = [block for block in page.blocks if block.kind != "heading"]
    for block, (beginning, expected) in zip(paragraphs, SEED.items(), strict=True):
        assert page.text.startswith(beginning, block.start)
        found = [
            [(citation.number, citation.basis) for citation in passage.citations]
            for passage in cut
            if block.start <= passage.start < block.end
        ]
        *earlier, last = found
        assert last == ([expected] if expected else [])
        assert earlier == ([[(expected[0], "inherited")]] if expected else [[]]) * len(earlier)


def test_the_long_paragraph_is_split(shared: Path) -> None:
    """The paragraph of 404 word pieces is at least two passages, and only the last carries the marker."""
    page = read_document(shared / "corpus" / "cervical_spinal_metastases.txt", identity="seed")
    first = page.blocks[1]
    bases = [p.citations[0].basis for p in passages(page, chunk_tokens=10_000) if p.start < first.end]
    assert bases == ["inherited", "marked"]


def test_citations_point_to_their_marker(shared: Path) -> None:
    """Each citation names the work and the place of its marker, also of one that stands outside the passage."""
    page = read_document(shared / "corpus" / "cervical_spinal_metastases.txt", identity="seed")
    for passage in passages(page):
        for citation in passage.citations:
            assert page.text[citation.marker.start : citation.marker.end] == f"{citation.number})"
            assert page.works[citation.number].id == citation.reference
            assert (citation.basis == "marked") == (passage.start <= citation.marker.start < passage.end)


def test_studies_of_the_seed_page(shared: Path) -> None:
    """The study of 24 patients is told over four paragraphs, and its lead is its first sentence."""
    page = read_document(shared / "corpus" / "cervical_spinal_metastases.txt", identity="seed")
    studies = find_studies(page)
    assert len(studies) == 8
    study = studies[2]
    assert page.text[study.start : study.end].count("\n\n") == 3
    assert page.text[study.lead.start : study.lead.end].startswith("Vazifehdan et al. performed this study")
    leads = [p.lead for p in passages(page) if study.start <= p.start < study.end]
    assert leads == [None, study.lead, study.lead, study.lead]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "footnote_forms.txt",
            [
                ("This page", [(1, "marked"), (2, "marked")]),
                ("The renderer", [(3, "marked")]),
                ("A study", []),
                ("This is", [(4, "marked")]),
                ("a list", [(5, "marked")]),
                ("a list", []),
                ("a nested", [(6, "marked")]),
                ("Outcome Result", []),
                ("pain better", [(7, "marked")]),
                ("survival 14.8", []),
                ("A quotation", [(8, "marked")]),
                ("Inside nowiki:", [(9, "marked")]),
                ("x =", []),
                ("Two marks", [(10, "marked"), (11, "marked")]),
            ],
        ),
        (
            "footnote_forms.export.txt",
            [
                ("This page", [(1, "marked"), (2, "marked")]),
                ("The renderer", [(3, "marked")]),
                ("A study", []),
                ("This is", [(4, "marked")]),
                ("a list", [(5, "marked")]),
                ("a list", []),
                ("a nested", [(6, "marked")]),
                ("pain better", [(7, "marked")]),
                ("survival 14.8", []),
                ("A quotation", [(8, "marked")]),
                ("Inside nowiki:", [(9, "marked")]),
                ("x =", []),
                ("Two marks", [(10, "marked"), (11, "marked")]),
            ],
        ),
    ],
)
def test_footnote_forms(shared: Path, path: str, expected: list[tuple[str, list[tuple[int, Basis]]]]) -> None:
    """Nothing inherits into or out of lists, tables, quotations and code, in markup as in its export."""
    page = read_document(shared / "data" / "dokuwiki" / path, identity="page")
    found = [
        (" ".join(p.text.split()[:2]), [(citation.number, citation.basis) for citation in p.citations])
        for p in passages(page)
    ]
    assert found == expected


# What one marker covers


def test_a_marker_supports_nothing_after_it() -> None:
    """Sentences behind the last marker of a paragraph have no support."""
    page = document(f"One rose here. Two rose here {A}. Three rose here.")
    (support,) = find_supports(page)
    assert page.text[support.start : support.end] == "One rose here. Two rose here 1)"
    end = page.text.index("Three")
    assert cite(page, [support], 0, end) != ()
    assert cite(page, [support], end, len(page.text)) == ()


def test_several_markers_in_a_paragraph() -> None:
    """Each covers its own sentence and the unmarked ones before it, back to the marker before."""
    page = document(f"One rose. Two rose {A}. Three rose. Four rose {B}. Five rose {C} and fell.")
    supported = [(support.number, page.text[support.start : support.end]) for support in find_supports(page)]
    assert supported == [
        (1, "One rose. Two rose 1)"),
        (2, "Three rose. Four rose 2)"),
        (3, "Five rose 3)"),
    ]


def test_two_markers_in_one_sentence() -> None:
    """Both cover the sentence from its beginning."""
    page = document(f"One rose. Two {A} rose and fell {B}. Three.")
    supported = [(support.number, page.text[support.start : support.end]) for support in find_supports(page)]
    assert supported == [(1, "One rose. Two 1)"), (2, "Two 1) rose and fell 2)")]


def test_adjacent_markers_are_one_group() -> None:
    """Marks side by side cover the same, and close a study together."""
    assert citations(f"Alpha et al. rose.\n\nText two here {A}, {B}{C}.") == [
        ("Alpha et", [(1, "named"), (2, "inherited"), (3, "inherited")]),
        ("Text two", [(1, "marked"), (2, "marked"), (3, "marked")]),
    ]


def test_a_work_behind_several_numbers_is_cited_once() -> None:
    """By its strongest basis; of equals by its first marker."""
    assert citations(f"One rose {A}. Two rose {A}.") == [("One rose", [(1, "marked")])]


def test_a_number_without_a_note_supports_nothing() -> None:
    """An empty footnote is marked, and leads nowhere."""
    assert citations("Text one here (( )).") == [("Text one", [])]


# What a study is


def test_a_study_ends_at_the_marker_that_closes_a_paragraph() -> None:
    """Paragraphs behind it, up to the next such marker, belong to the next study."""
    text = f"Alpha et al. rose.\n\nText two {A}.\n\nBeta et al. rose.\n\nThey fell.\n\nText five.{B}\n\nText six."
    assert citations(text) == [
        ("Alpha et", [(1, "named")]),
        ("Text two", [(1, "marked")]),
        ("Beta et", [(2, "named")]),
        ("They fell.", [(2, "inherited")]),
        ("Text five.2)", [(2, "marked")]),
        ("Text six.", []),
    ]


@pytest.mark.parametrize("closing", [".", ".”", ").", "!", ""])
def test_punctuation_may_stand_behind_the_marker(closing: str) -> None:
    """A marker closes a paragraph though a full stop, a bracket or a quotation mark follows."""
    assert citations(f"Alpha et al. rose.\n\nText two {A}{closing}")[0] == ("Alpha et", [(1, "named")])


@pytest.mark.parametrize(
    "paragraph",
    [
        f"Text two {A} goes on.",
        f"Text two {A}. And on {B}.",
        f"Text two {A}, as shown.",
    ],
)
def test_no_study_without_a_single_marker_at_the_end(paragraph: str) -> None:
    """A paragraph with its marker in the middle, or with several, is inherited by nothing."""
    assert citations(f"Alpha et al. rose.\n\n{paragraph}")[0] == ("Alpha et", [])


@pytest.mark.parametrize(
    "between",
    [
        "===== A heading =====",
        "----",
        "  * a list item",
        "| a table | row |",
        "> A quotation.",
        "<code>some code</code>",
        f"Another {C} text.",
    ],
)
def test_nothing_is_inherited_past_an_edge(between: str) -> None:
    """Headings, lists, tables, quotations, code and paragraphs with a marker end a study backwards."""
    found = citations(f"Alpha et al. rose.\n\n{between}\n\nText two {A}.")
    assert (found[0], found[-1][0]) == (("Alpha et", []), "Text two")


@pytest.mark.parametrize("block", [f"  * item {A}", f"| row {A} |", f"> Quotation {A}"])
def test_lists_tables_and_quotations_close_no_study(block: str) -> None:
    """Their markers cover what stands in the same block."""
    found = citations(f"Alpha et al. rose.\n\n{block}")
    assert found[0] == ("Alpha et", [])
    assert found[1][1] == [(1, "marked")]


def test_plain_text_cites_nothing() -> None:
    """Without references nothing is a marker, and nothing is supported."""
    assert citations("Text one.\n\nText two 1).", "text") == [("Text one.", []), ("Text two", [])]


def test_a_source_without_footnotes_inherits_nothing() -> None:
    """Where numbers are no footnote marks, a marker covers its own paragraph only."""
    page = document(f"Alpha et al. rose.\n\nText two {A}.")
    numbered = msgspec.structs.replace(page, footnotes=False)
    assert find_studies(numbered) == ()
    assert [support.start for support in find_supports(numbered)] == [page.text.index("Text two")]


# Authors


def test_a_study_begins_where_its_author_is_named() -> None:
    """Paragraphs before the one that names the first author are not of the study."""
    assert citations(f"Text one.\n\nAlpha et al. studied it.\n\nThe authors fused it.\n\nText four {A}.") == [
        ("Text one.", []),
        ("Alpha et", [(1, "named")]),
        ("The authors", [(1, "inherited")]),
        ("Text four", [(1, "marked")]),
    ]


@pytest.mark.parametrize(
    "foreign",
    [
        "Miller et al. studied it.",
        "Miller and colleagues studied it.",
        "Miller and Jones (2010) did.",
        "Beta (2002) did.",
    ],
)
def test_a_foreign_author_stops_inheritance(foreign: str) -> None:
    """A run that names somebody else before the marker tells of another work, and inherits nothing."""
    assert citations(f"Text zero {B}.\n\nText one.\n\n{foreign}\n\nText three.\n\nText four {A}.")[1:] == [
        ("Text one.", []),
        (" ".join(foreign.split()[:2]), []),
        ("Text three.", []),
        ("Text four", [(2, "marked")]),
    ]


def test_a_foreign_author_beside_the_own_one_does_not_matter() -> None:
    """The paragraph that names the study's own author begins it, whoever else is named there."""
    found = citations(f"Unlike Miller et al., Alpha et al. studied it.\n\nText two {A}.")
    assert found[0] == ("Unlike Miller", [(1, "named")])


@pytest.mark.parametrize(
    ("author", "text"),
    [
        ("Alpha A", "Alpha et al. found"),
        ("Alpha A", "ALPHA et al. found"),
        ("Alpha A", "by Alpha A et al., who"),
        ("Alpha A", "Alpha, et al. found"),
        ("Alpha A", "Alpha and co-workers found"),
        ("Alpha A", "Alpha & colleagues found"),
        ("Alpha A", "Alpha (2001) found"),
        ("Alpha A", "Alpha and Beta (2001) found"),
        ("Alpha A", "Alpha's group found"),
        ("Alpha A", "(Alpha et al.)"),
        ("Asiltürk M", "Asilturk et al. found"),
        ("Asilturk M", "Asiltürk et al. found"),
        ("Müller-Thomsen T", "Muller‐Thomsen et al. found"),
        ("O'Day E", "O’Day et al. found"),
        ("van der Berg JA", "Van der Berg et al. found"),
        ("Di Angelantonio E", "as Di Angelantonio et al. found"),
        ("Garcia Lopez J", "the Garcia Lopez et al. series"),
        ("Long B", "Long et al. found"),
        ("May C", "May et al. found"),
    ],
)
def test_how_an_author_is_named(author: str, text: str) -> None:
    """With what follows an author, with or without accents, particles and initials."""
    family = family_key(author.rsplit(" ", 1)[0])
    assert [family in naming.families for naming in find_namings(f"Text before. {text} it.")][-1:] == [True]


@pytest.mark.parametrize(
    ("author", "text"),
    [
        ("Long B", "Long segments were fused in long studies"),
        ("Young A", "Young patients did well. Young's modulus was low"),
        ("May C", "In May 2017 and in May (2017) patients were seen"),
        ("Beck D", "The Beck score, and Becker et al."),
        ("Berg A", "as van den Berg et al. found"),
        ("Alpha A", "alphabet et al., and the Alpha variant in 2001"),
        ("Paris P", "in Paris, 2001"),
    ],
)
def test_what_names_no_author(author: str, text: str) -> None:
    """A family name that is a common word, a month or part of another name is no naming by itself."""
    family = family_key(author.rsplit(" ", 1)[0])
    assert not any(family in naming.families for naming in find_namings(f"Text before. {text} it."))


def test_a_common_word_is_not_named() -> None:
    """Long is named as an author only with what goes with one."""
    note = "((Long B. Work. 2001. PMID: 1.))"
    assert citations(f"Long segments were fused.\n\nText two {note}.")[0] == ("Long segments", [])
    assert citations(f"Long et al. fused.\n\nText two {note}.")[0] == ("Long et", [(1, "named")])


@pytest.mark.parametrize(
    "foreign", ["Beta reported", "Miller reported", "Beta and Gamma described", "Miller advocated"]
)
def test_a_bare_name_that_reports_stops_inheritance(foreign: str) -> None:
    """So does a name with nothing but its verb, of the page's references or not; a common word does not."""
    rest = f"{foreign} that it fell.\n\nText four {A}."
    assert citations(f"Text zero {B}.\n\nAlpha et al. rose.\n\n{rest}")[1:3] == [
        ("Alpha et", []),
        (" ".join(foreign.split()[:2]), []),
    ]


def test_patients_who_report_are_no_authors() -> None:
    """Neither are words that the page writes small elsewhere."""
    for subject in ("Patients", "Aspirin"):
        text = f"Alpha et al. rose with aspirin.\n\n{subject} reported nothing.\n\nText four {A}."
        assert citations(text)[0] == ("Alpha et", [(1, "named")])


def test_an_author_in_passing_does_not_matter() -> None:
    """A study that compares itself with somebody else's is still one."""
    text = f"Alpha et al. rose.\n\nTheir risk fell in contrast to Miller et al. (2010).\n\nText four {A}."
    assert citations(text)[:2] == [("Alpha et", [(1, "named")]), ("Their risk", [(1, "inherited")])]


@pytest.mark.parametrize(
    ("naming", "expected"),
    [
        ("Alpha et al. (2001)", [(1, "named")]),
        ("In 2001, Alpha et al.", [(1, "named")]),
        ("Alpha et al.", [(1, "inherited")]),
        ("Alpha et al. (2009)", []),
        ("Alpha et al. (1990)", []),
    ],
)
def test_two_works_by_one_name(naming: str, expected: list[tuple[int, Basis]]) -> None:
    """The year must tell which is meant; without one the study is inherited, with another's it is not."""
    other = "((Alpha Z. Later work. 2009. PMID: 9.))"
    assert citations(f"{naming} rose.\n\nText two {A}.\n\nText three {other}.")[0][1] == expected


def test_a_year_that_is_not_of_the_work() -> None:
    """Another paper by the same author is told of; a year between online and print does not matter."""
    assert citations(f"Alpha et al. (2010) rose.\n\nText two {A}.")[0][1] == []
    assert citations(f"Alpha et al. (2000) rose.\n\nText two {A}.")[0][1] == [(1, "named")]


def test_somebody_else_earlier_in_the_paragraph() -> None:
    """A marker covers nothing before the sentence that turns to its author, or else its own sentence alone."""
    page = document(f"Miller et al. rose. They fell. Alpha et al. fused. It held {A}. Miller et al. sat. It hurt {B}.")
    supported = [page.text[support.start : support.end] for support in find_supports(page)]
    assert supported == ["Alpha et al. fused. It held 1)", "It hurt 2)"]


# Words


TITLED = (
    "((Alpha A, Other B. Endovascular embolisation of ruptured cerebellar aneurysms in children. J. 2001. PMID: 1.))"
)
TELLING = "Endovascular embolisation with detachable platinum coils occluded ruptured cerebellar aneurysms of children."
CLOSING = f"Detachable platinum coils occluded cerebellar aneurysms in children by endovascular embolisation {TITLED}."


def test_a_study_begins_with_the_words_of_its_title() -> None:
    """A paragraph may be of a study that names nobody, if it and the closing one speak of what the title says."""
    assert citations(f"It rose.\n\n{TELLING}\n\nCoils occluded cerebellar aneurysms in children.\n\n{CLOSING}") == [
        ("It rose.", []),
        ("Endovascular embolisation", [(1, "inherited")]),
        ("Coils occluded", [(1, "inherited")]),
        ("Detachable platinum", [(1, "marked")]),
    ]


def test_few_common_words_bind_nothing() -> None:
    """A paragraph on the same matter in other words is the page's own."""
    assert citations(f"Ruptured aneurysms of children are rare.\n\n{CLOSING}")[0] == ("Ruptured aneurysms", [])


def test_the_words_of_the_whole_page_bind_nothing() -> None:
    """What every paragraph speaks of tells nothing of one study."""
    others = "".join(f"{TELLING} {word}.\n\n((Beta B. Other. 2002. PMID: 2.))\n\n" for word in ("One", "Two", "Three"))
    assert citations(f"{others}{TELLING}\n\n{CLOSING}")[-2] == ("Endovascular embolisation", [])


def test_a_paragraph_of_the_page_within_a_study() -> None:
    """It is left out, and the study is in two parts with one lead."""
    page = document(f"Alpha et al. saw {TELLING}\n\nOur department differs.\n\n{CLOSING}")
    assert [(p.text.split()[0], [c.basis for c in p.citations]) for p in passages(page)] == [
        ("Alpha", ["named"]),
        ("Our", []),
        ("Detachable", ["marked"]),
    ]
    assert [p.lead is None for p in passages(page)] == [True, True, False]
    first, second = find_studies(page)
    assert first.lead == second.lead
    assert page.text[first.end : second.start].strip() == "Our department differs."


@pytest.mark.parametrize("label", ["RESULTS:", "Conclusions:", "Patients and Methods:", "They", "Their", "The authors"])
def test_a_paragraph_that_goes_on(label: str) -> None:
    """Sections of an abstract and those who did the study go on with it, whatever their words."""
    assert citations(f"Alpha et al. rose.\n\n{label} fell.\n\nText {A}.")[1][1] == [(1, "inherited")]


def test_the_first_section_of_an_abstract_begins_a_study() -> None:
    """Whoever pastes an abstract with its labels names nobody."""
    assert citations(f"It rose.\n\nBACKGROUND: It fell.\n\nRESULTS: It sat.\n\nText {A}.") == [
        ("It rose.", []),
        ("BACKGROUND: It", [(1, "inherited")]),
        ("RESULTS: It", [(1, "inherited")]),
        ("Text 1).", [(1, "marked")]),
    ]


@pytest.mark.parametrize("label", ["Introduction", "Aim", "BACKGROUND"])
def test_a_label_alone_begins_no_study(label: str) -> None:
    """A page may label a paragraph of its own; an abstract has a later section, too."""
    assert citations(f"{label}: It fell.\n\nThey sat.\n\nText {A}.") == [
        (f"{label}: It", []),
        ("They sat.", []),
        ("Text 1).", [(1, "marked")]),
    ]
    assert citations(f"{label}: It fell.\n\nConclusion: it sat {A}.")[0][1] == [(1, "inherited")]


@pytest.mark.parametrize("cited", ["(Beta, 2002)", "(Beta 2002)", "[see Beta and Roe, 2002]"])
def test_a_paragraph_that_cites_another_in_brackets(cited: str) -> None:
    """Authors and year in brackets tell whose work a paragraph is on, where the page cites one of them."""
    words = "Alarm pheromone perception among antennae of honey bees in hives in smoke"
    told = f"{words} was described before"
    closing = (
        f"{words} fell ((Alpha A. {words}. 2001. PMID: 11.)).\n\nOthers differ ((Beta B. Wings. 2002. PMID: 12.))."
    )
    assert citations(f"{told}.\n\n{closing}")[0][1] == [(1, "inherited")]
    assert citations(f"{told} (Alpha, 2001).\n\n{closing}")[0][1] == [(1, "named")]
    assert citations(f"{told} {cited}.\n\n{closing}")[0][1] == []
    assert citations(f"{told} (Kent, 2002).\n\n{closing}")[0][1] == [(1, "inherited")]


def test_doubts_are_told() -> None:
    """Paragraphs before a study that nothing binds to it, for an editor to decide."""
    page = document(f"It rose.\n\n===== Heading =====\n\nIt fell.\n\nIt sat.\n\nText {A}, {B}.")
    doubts = find_doubts(page)
    assert [(page.text[doubt.start : doubt.end], doubt.numbers) for doubt in doubts] == [
        ("It fell.", (1, 2)),
        ("It sat.", (1, 2)),
    ]


def test_many_notes_take_no_time() -> None:
    """Thousands of paragraphs, markers and authors are attributed in a moment."""

    def name(i: int) -> str:
        return "Fam" + str(i).translate(str.maketrans("0123456789", "abcdefghij"))

    parts = [
        f"{name(i)} et al. said so.\n\nIt rose (({name(i)} A. Work. 2001. PMID: {i + 1}.)).\n\n" for i in range(3000)
    ]
    page = document("".join(parts))
    start = time.perf_counter()
    supports = find_supports(page)
    found = [cite(page, supports, block.start, block.end) for block in page.blocks]
    studies = find_studies(page)
    assert time.perf_counter() - start < 10
    assert (len(supports), len(studies)) == (3000, 3000)
    assert [citation.basis for support in found for citation in support] == ["named", "marked"] * 3000


def test_many_paragraphs_of_one_study_take_no_time() -> None:
    """Neither does a study without end, nor words without end."""
    page = document(
        "Alpha et al. rose.\n\n" + "It rose with coils.\n\n" * 20_000 + "Name and " * 20_000 + f"\n\nText {A}."
    )
    start = time.perf_counter()
    supports = find_supports(page)
    assert time.perf_counter() - start < 10
    assert len(supports) == 2


def test_many_works_of_one_name_take_no_time() -> None:
    """Neither do thousands of marks side by side, which close no study but cover their paragraph."""
    notes = [f"((Alpha A. Work {i}. {1900 + i % 100}. PMID: {i + 1}.))" for i in range(5000)]
    studies = "".join(f"Alpha et al. ({1900 + i % 100}) rose.\n\nText {note}.\n\n" for i, note in enumerate(notes))
    page = document(f"{studies}Alpha et al. rose.\n\n{'Alpha et al. fell. ' * 500}Text {''.join(notes)}.")
    start = time.perf_counter()
    supports = find_supports(page)
    found = [cite(page, supports, block.start, block.end) for block in page.blocks[:-1]]
    assert time.perf_counter() - start < 10
    assert len(supports) == 10_000
    assert found[-1] == ()
