"""Passages: exact slices of their document, within all limits, with ids that an edit elsewhere leaves alone."""

import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpus import Anchor, Document, Passage, Span, anchor, content_id, without_markers
from corpus.chunking import PieceLimit, count_tokens
from corpus.errors import LoccitError
from corpus.sources import EMBEDDED, read_document
from tests.documents import LIMIT, PIECES, document, passages

WORDS = PieceLimit(lambda text: len(text.split()), 12)
"""An encoder that counts words and takes twelve, so that limits are reached by short texts."""


def check(page: Document, found: tuple[Passage, ...], *, chunk_tokens: int, limit: PieceLimit) -> None:
    """What holds for the passages of every document."""
    blocks = [block for block in page.blocks if block.kind != "heading"]
    for passage in found:
        assert page.text[passage.start : passage.end] == passage.text
        assert sum(block.start <= passage.start and passage.end <= block.end for block in blocks) == 1
        content = without_markers(page.text, passage.start, passage.end, page.markers)
        assert content
        assert limit.count(content) <= limit.most
        assert passage.tokens == count_tokens(content)
        assert passage.tokens <= chunk_tokens or len(passage.sentences) == 1
        assert (passage.sentences[0].start, passage.sentences[-1].end) == (passage.start, passage.end)
        assert passage.lead is None or passage.lead.end <= passage.start
    assert [passage.start for passage in found] == sorted(passage.start for passage in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert len({passage.id for passage in found}) == len(found)


def uncovered(page: Document, found: tuple[Passage, ...]) -> str:
    """The text outside all passages and headings, without markers and white space."""
    spans = [(p.start, p.end) for p in found] + [(b.start, b.end) for b in page.blocks if b.kind == "heading"]
    left, position = "", 0
    for start, end in sorted(spans):
        left += without_markers(page.text, position, start, page.markers)
        position = end
    return left + without_markers(page.text, position, len(page.text), page.markers)


def sources(shared: Path) -> list[Path]:
    """Pages of every form, and every fifth article."""
    articles = sorted((shared / "data" / "covidqa" / "documents").glob("*.txt"))[::5]
    wiki = [*(shared / "corpus").glob("*.txt"), *(shared / "data" / "dokuwiki").glob("*.txt")]
    return [*EMBEDDED.glob("*.txt"), *wiki, *articles]


@pytest.mark.parametrize("chunk_tokens", [60, 200])
def test_passages_of_real_sources(shared: Path, chunk_tokens: int) -> None:
    """On every source at hand: exact slices of one paragraph each, within both limits, and nothing is lost."""
    files = sources(shared)
    assert len(files) >= 20
    for file in files:
        page = read_document(file, identity=file.stem)
        found = passages(page, chunk_tokens=chunk_tokens)
        check(page, found, chunk_tokens=chunk_tokens, limit=LIMIT)
        assert uncovered(page, found) == ""


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.sampled_from(["dokuwiki", "dokuwiki-export", "text"]),
)
def test_any_text_is_cut_within_the_limits(text: str, form: str) -> None:
    """Whatever the source: the same holds, or the source is refused by an error of loccit's own."""
    try:
        page = document(text, form)
        found = passages(page, chunk_tokens=8, limit=WORDS)
    except LoccitError:
        return
    check(page, found, chunk_tokens=8, limit=WORDS)
    assert uncovered(page, found) == ""


# Sizes


def test_a_short_paragraph_is_one_passage() -> None:
    """Its sentences are spans in the document; its headings are those above it; markers do not count."""
    page = document("====== T ======\n===== H =====\nIt rose ((Smith A. One. 2001.)). It fell.")
    (passage,) = passages(page)
    assert passage == Passage(
        id=content_id("page", "It rose. It fell.", 0),
        document_id="page",
        start=6,
        end=26,
        text="It rose 1). It fell.",
        headings=("H",),
        sentences=(Span(6, 17), Span(18, 26)),
        lead=None,
        citations=passage.citations,
        tokens=6,
    )
    assert [citation.reference for citation in passage.citations] == [page.works[1].id]


def test_headings_are_no_passages() -> None:
    """They stand above passages instead."""
    page = document("===== A =====\n==== B ====\nText one.\n===== C =====\nText two.")
    assert [passage.headings for passage in passages(page)] == [("B",), ("C",)]


def test_a_paragraph_too_long_is_cut_into_parts_of_about_equal_size() -> None:
    """Ten sentences of six tokens under a budget of twenty make four parts, none of them a remnant."""
    found = passages(document("The pain rose in them. " * 10, "text"), chunk_tokens=20)
    assert [passage.tokens for passage in found] == [18, 12, 12, 18]
    assert [len(passage.sentences) for passage in found] == [3, 2, 2, 3]


def test_a_sentence_over_the_budget_stays_whole() -> None:
    """As long as the encoder takes it, a single sentence is not cut."""
    text = "It rose. " + "very " * 40 + "slowly. It fell."
    found = passages(document(text, "text"), chunk_tokens=20)
    assert [passage.tokens for passage in found] == [3, 42, 3]


def test_a_sentence_over_the_limit_of_the_encoder_is_cut_between_clauses() -> None:
    """At a semicolon, else at a comma, else between words, as near to the middle as there is one."""
    clauses = "one two three four five six seven; eight nine ten, eleven twelve thirteen fourteen."
    assert [p.text for p in passages(document(clauses, "text"), limit=WORDS)] == [
        "one two three four five six seven;",
        "eight nine ten, eleven twelve thirteen fourteen.",
    ]
    commas = "one two three four five, six seven eight, nine ten eleven twelve thirteen fourteen."
    assert [p.text for p in passages(document(commas, "text"), limit=WORDS)] == [
        "one two three four five, six seven eight,",
        "nine ten eleven twelve thirteen fourteen.",
    ]
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen."
    assert [p.text for p in passages(document(words, "text"), limit=WORDS)] == [
        "one two three four five six seven eight",
        "nine ten eleven twelve thirteen fourteen.",
    ]


def test_text_without_spaces_is_cut_at_its_punctuation() -> None:
    """Chinese and Japanese sentences are parted where they pause."""
    page = document("頸椎転移の治療は議論の的である、" * 40, "text")
    found = passages(page)
    check(page, found, chunk_tokens=200, limit=LIMIT)
    assert len(found) > 1
    assert "".join(passage.text for passage in found) == page.text


def test_no_cut_parts_a_marker_from_its_text() -> None:
    """A marker stays with the words before it, wherever a long sentence is cut."""
    text = " ".join(f"word{i} ((Note {i}. 200{i % 10}.))" for i in range(30)) + "."
    page = document(text)
    found = passages(page, limit=WORDS)
    check(page, found, chunk_tokens=200, limit=WORDS)
    assert len(found) >= 3
    assert not any(re.match(r"\d+\)", passage.text) for passage in found)
    assert all(re.search(r"\d+\)\.?$", passage.text) for passage in found)


@pytest.mark.parametrize("word", ["a.b-" * 100, "7" + ".5" * 300], ids=["letters", "figures"])
def test_a_word_over_the_limit_is_cut(word: str) -> None:
    """A word that the encoder does not take, such as encoded data, is cut too, and nothing of it is lost."""
    page = document(f"It rose. See {word}here.", "text")
    found = passages(page)
    check(page, found, chunk_tokens=200, limit=LIMIT)
    assert len(found) >= 2
    assert "".join(passage.text for passage in found).endswith(f"See {word}here.")


def test_data_is_cut_though_the_encoder_takes_it_for_one_piece() -> None:
    """A run of figures that the tokenizer does not know is one unknown word to it, but no passage to a reader."""
    page = document("It rose. " + "1" * 20_000, "text")
    assert LIMIT.count("1" * 20_000) < 5
    found = passages(page)
    assert max(len(passage.text) for passage in found) <= 20 * LIMIT.most
    assert "".join(passage.text for passage in found[1:]) == "1" * 20_000


# Ids


def test_repeated_paragraphs_have_different_ids() -> None:
    """The same words twice are two passages; what they say makes the first id whatever the markers."""
    first, second, third = passages(document("It rose ((Smith A. One. 2001.)).\n\nIt fell.\n\nIt rose."))
    assert first.id == content_id("page", "It rose.", 0)
    assert third.id == content_id("page", "It rose.", 1) == f"{first.id}-2"
    assert second.id == content_id("page", "It fell.", 0)


def test_white_space_and_markers_are_not_of_the_content() -> None:
    """A footnote, its number and a line break in another place leave the id alone."""
    ids = {
        passages(document(text))[0].id
        for text in ("It rose and fell.", "It rose\nand fell.", "It rose ((N.)) and fell.", "It rose and fell.((N.))")
    }
    assert len(ids) == 1


def test_a_new_footnote_renumbers_without_changing_ids() -> None:
    """In an export, marks behind a new one move and get other numbers; the ids of their passages stay."""
    before = document("It rose 1).\n\nIt fell.\n\nIt ended 2).\n\n1)\nA.\n2)\nB.", "dokuwiki-export")
    after = document("It rose 1).\n\nIt fell 2).\n\nIt ended 3).\n\n1)\nA.\n2)\nN.\n3)\nB.", "dokuwiki-export")
    assert [passage.id for passage in passages(before)] == [passage.id for passage in passages(after)]


SENTENCES = st.sampled_from(
    [
        "It rose.",
        "It fell by 3 (range 1-5).",
        "“Why?” they asked.",
        "**Bold** //it// and ''mono''.",
        "See [[a|b]] -- twice.",
    ]
)
PARAGRAPHS = st.lists(st.lists(SENTENCES, min_size=1, max_size=6).map(" ".join), min_size=2, max_size=5)
ADDITIONS = st.sampled_from([" ((Smith A. One. 2001. PMID: 7.))", "((n))", " A new sentence.", ' "Unpaired.', " ** //"])


@settings(deadline=None)
@given(PARAGRAPHS, ADDITIONS, st.data())
def test_an_edit_elsewhere_changes_no_id(paragraphs: list[str], addition: str, data: st.DataObject) -> None:
    """A footnote or a sentence more in one paragraph: the passages of all others keep ids and contents."""
    edited = data.draw(st.integers(0, len(paragraphs) - 1))
    after = [text + addition * (i == edited) for i, text in enumerate(paragraphs)]
    assume(len(set(paragraphs)) == len(paragraphs))

    def contents(texts: list[str]) -> list[list[tuple[str, str]]]:
        page = document("====== T ======\n\n" + "\n\n".join(texts))
        cut = passages(page, chunk_tokens=15)
        blocks = [block for block in page.blocks if block.kind == "paragraph"]
        return [
            [
                (p.id, without_markers(page.text, p.start, p.end, page.markers))
                for p in cut
                if block.start <= p.start < block.end
            ]
            for block in blocks
        ]

    before, now = contents(paragraphs), contents(after)
    assert len(before) == len(now) == len(paragraphs)
    # Ids tell the same words in several places apart by counting, so only words that stand once are compared.
    said = [content for part in [*before, *now] for _, content in part]
    for i, (old, new) in enumerate(zip(before, now, strict=True)):
        if i != edited:
            assert [content for _, content in old] == [content for _, content in new]
            assert [p for p in old if said.count(p[1]) == 2] == [p for p in new if said.count(p[1]) == 2]


# Anchors and contents


def test_without_markers() -> None:
    """Markers go with the space before them, glued words stay two words, and all white space is single."""
    page = document("It rose ((a)), ((b)) and\nfell((c)). Then((d))it  ended.")
    assert page.text == "It rose 1), 2) and\nfell3). Then4)it  ended."
    assert without_markers(page.text, 0, len(page.text), page.markers) == "It rose, and fell. Then it ended."
    assert without_markers(page.text, 3, 7, page.markers) == "rose"


def test_an_anchor_finds_its_place_again() -> None:
    """It carries the hash of the text, the place, the words and what stands around them."""
    page = document("It rose. " * 5 + "It fell.", "text")
    found = anchor(page, Span(45, 53))
    assert found == Anchor(
        sha256=page.sha256,
        start=45,
        end=53,
        exact="It fell.",
        prefix="ose. It rose. It rose. It rose. ",
        suffix="",
        link=None,
    )


def test_a_link_to_a_text_fragment() -> None:
    """Where the document has an address: first and last words, percent-encoded, hyphens too."""
    page = msgspec.structs.replace(
        document("A-b c & d. One two three four five six seven.", "text"), url="https://x.org/p"
    )
    assert anchor(page, Span(0, 10)).link == "https://x.org/p#:~:text=A%2Db%20c%20%26%20d."
    assert anchor(page, Span(0, len(page.text))).link == (
        "https://x.org/p#:~:text=A%2Db%20c%20%26%20d.%20One,three%20four%20five%20six%20seven."
    )
