"""Quotations found again in documents that were edited: every verdict, and none that is wrong in silence."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Anchor, Document, Marker, Span, anchor
from corpus.folding import Folded, fold
from corpus.locating import Locator
from corpus.locations import Location, Place
from corpus.quotations import Quotation, without_marks
from corpus.sources import read_text
from corpus.targets import Target
from tests.documents import PIECES

FIRST = "Pain eased in most of the patients after the operation."
SECOND = "Median survival was nine months, and longer after radiotherapy."
THIRD = "Nobody knows why the third group did so much worse than the others."
FOURTH = "The authors ask for trials of surgery against radiotherapy alone."
NOTES = ("((Alpha A. First. 2001. PMID: 11.))", "((Beta B. Second. 2002. PMID: 12.))")
PAGE = f"{FIRST} {SECOND}{NOTES[0]}\n\n{THIRD} {FOURTH}{NOTES[1]}"


def page(source: str, identity: str = "page") -> Document:
    """A page in wiki markup."""
    return read_text(source, identity=identity, form="dokuwiki")


def anchor_of(words: str, source: str = PAGE) -> Anchor:
    """The anchor of some words, as an answer gives it."""
    document = page(source)
    start = document.text.index(words)
    return anchor(document, Span(start, start + len(words)))


def target_of(known: Anchor, document: str | None = "page") -> Target:
    """What is looked for when an anchor and its document are known."""
    return Target.quoted(
        known.exact, prefix=known.prefix, suffix=known.suffix, start=known.start, end=known.end, document=document
    )


def locate(target: Target, *sources: str, **named: str) -> Location:
    """What is said of a target in pages of these sources, the first of them `page`."""
    pages = [page(source, "page" if not i else f"page{i + 1}") for i, source in enumerate(sources)]
    pages += [page(source, identity) for identity, source in named.items()]
    return Locator({each.id: each for each in pages}).locate(target)


def words_at(found: Location, source: str) -> str:
    """The words of a page to which a location points."""
    assert found.place
    return page(source).text[found.place.span.start : found.place.span.end]


# Verdicts


@pytest.mark.parametrize("words", [FIRST, SECOND, f"{SECOND}1)", f"{THIRD} {FOURTH}2)"])
def test_unchanged(words: str) -> None:
    """In the same text every passage is unchanged, with its own anchor."""
    known = anchor_of(words)
    found = locate(target_of(known), PAGE)
    assert (found.verdict, found.anchor, found.similarity, found.diff) == ("unchanged", known, 1.0, ())


def test_new_footnote_moves_and_changes_no_word() -> None:
    """A footnote at the start counts all marks up; the words are found behind it, their marks included."""
    edited = PAGE.replace(FIRST, f"{FIRST}((New N. Before all. 2000.))", 1)
    found = locate(target_of(anchor_of(f"{FOURTH}2)")), edited)
    assert found.verdict == "moved"
    assert words_at(found, edited) == f"{FOURTH}3)"


def test_more_references_at_a_mark_change_no_word() -> None:
    """A second note beside the first, or a note less, leaves the words what they were."""
    source = PAGE.replace(NOTES[0], f"{NOTES[0]}, {NOTES[1]}")
    found = locate(target_of(anchor_of(f"{FIRST} {SECOND}1)")), source)
    assert (found.verdict, words_at(found, source)) == ("moved", f"{FIRST} {SECOND}1), 2)")
    back = locate(target_of(anchor_of(f"{FIRST} {SECOND}1), 2)", source)), PAGE)
    assert (back.verdict, words_at(back, PAGE)) == ("moved", f"{FIRST} {SECOND}1)")


def test_moved_to_another_page() -> None:
    """When a page is renamed or split, its passages are found where they now are."""
    assert locate(target_of(anchor_of(SECOND)), FOURTH, other=PAGE).place == Place("other", Span(56, 119))
    halves = PAGE.split("\n\n")
    found = locate(target_of(anchor_of(THIRD)), halves[0], second=halves[1])
    assert (found.verdict, found.place) == ("moved", Place("second", Span(0, len(THIRD))))


def test_changed_shows_the_words_that_differ() -> None:
    """The nearest text comes with what was deleted and what was inserted, and the pieces join to both texts."""
    edited = PAGE.replace("nine months", "eight long months")
    found = locate(target_of(anchor_of(SECOND)), edited)
    assert (found.verdict, words_at(found, edited)) == ("changed", SECOND.replace("nine months", "eight long months"))
    assert [(piece.kind, piece.text) for piece in found.diff] == [
        ("equal", "Median survival was "),
        ("delete", "nine "),
        ("insert", "eight long "),
        ("equal", "months, and longer after radiotherapy."),
    ]
    assert "".join(piece.text for piece in found.diff if piece.kind != "insert") == SECOND
    assert "".join(piece.text for piece in found.diff if piece.kind != "delete") == words_at(found, edited)
    text = page(edited).text
    assert all(piece.span is None or text[piece.span.start : piece.span.end] == piece.text for piece in found.diff)


@pytest.mark.parametrize(
    ("quoted", "nearest"),
    [
        ("smoke calms bees by masking", "Smoke calms bees by masking"),
        ("masking the scent. The", "masking the alarm scent2)."),
        ("smoke calms bees by masking the alarm scent the", "Smoke calms bees by masking the alarm scent2)."),
    ],
)
def test_changed_takes_no_stray_word_of_a_neighbour(quoted: str, nearest: str) -> None:
    """A word of the quotation that stands in the paragraph before or after, too, does not draw that one in."""
    source = (
        "Keepers calm their hives with smoke((Jones A. First. 2011. PMID: 11.)).\n\n"
        "Smoke calms bees by masking the alarm scent((Roe B. Second. 1995. PMID: 12.)).\n\n"
        "The queen lays many eggs((Win C. Third. 1987. PMID: 13.))."
    )
    found = locate(Target.quoted(quoted), source)
    assert (found.verdict, words_at(found, source)) == ("changed", nearest)


@pytest.mark.parametrize("part", ["Median survival was eight months,", "Median survival was"])
def test_changed_keeps_a_paragraph_that_was_cut_in_two(part: str) -> None:
    """Where an edge was put into changed words, the nearest text is on both sides of it."""
    whole = SECOND.replace("nine", "eight")
    edited = f"{FIRST} " + whole.replace(part, part + "\n\n")
    found = locate(target_of(anchor_of(SECOND)), edited)
    assert (found.verdict, words_at(found, edited).split()) == ("changed", whole.split())


def test_changed_keeps_short_items_of_a_list() -> None:
    """The lines of a quotation are found on lines of the page, however short they are."""
    source = "  * fever\n  * a cough\n  * pain\n  * weakness"
    found = locate(Target.quoted("fever\nno cough\npain\nweakness"), source)
    assert (found.verdict, words_at(found, source).split()) == ("changed", ["fever", "a", "cough", "pain", "weakness"])


def test_diff_cuts_no_number() -> None:
    """A number with its separators and decimal point is one word, which is there or not."""
    source = "In all 1,200 of them came, 3.7 a day, p<.01 (2 of 10)."
    found = locate(Target.quoted("In all 1,000 of them came, 3.5 a day, p<.05 (2 of 10)."), source)
    assert [(piece.kind, piece.text) for piece in found.diff] == [
        ("equal", "In all "),
        ("delete", "1,000 "),
        ("insert", "1,200 "),
        ("equal", "of them came, "),
        ("delete", "3.5 "),
        ("insert", "3.7 "),
        ("equal", "a day, p<"),
        ("delete", ".05 "),
        ("insert", ".01 "),
        ("equal", "(2 of 10)."),
    ]


# What moved


def test_marks_before_are_told_from_other_words() -> None:
    """Where only marks before the words changed, that is what is said; so it is where other text was put there."""
    old = page(PAGE)
    span = Span(old.text.index(THIRD), old.text.index(THIRD) + len(THIRD))
    counted = locate(Target.standing(old, span), PAGE.replace(FIRST, f"{FIRST}((New N. Before all. 2000.))", 1))
    assert (counted.verdict, counted.reason) == ("moved", "Only marks, white space or signs before them changed.")
    reworded = locate(Target.standing(old, span), PAGE.replace("most", "three in four", 1))
    assert (reworded.verdict, reworded.reason.partition(";")[0]) == ("moved", "9 characters more stand before them")
    anchored = locate(target_of(anchor_of(THIRD)), f"Oh.\n\n{PAGE}")
    assert (
        anchored.reason == "5 characters more stand before them; what is known to have stood around them is as it was."
    )


def test_marks_among_the_words_do_not_move_them() -> None:
    """Words that begin where they began do not stand elsewhere, whatever became of their marks."""
    found = locate(target_of(anchor_of(f"{FIRST} {SECOND}1)")), PAGE.replace(NOTES[0], f"{NOTES[0]}{NOTES[1]}"))
    assert (found.verdict, found.reason) == (
        "moved",
        "The words begin where they began; only marks, white space or signs among them changed.",
    )


def test_other_page_is_said_to_be_another() -> None:
    """Words that are found on another page are said to stand there."""
    found = locate(target_of(anchor_of(SECOND)), FOURTH, other=PAGE)
    assert (found.verdict, found.reason) == ("moved", "The words stand in another document.")


def test_mark_of_the_next_paragraph_is_not_taken() -> None:
    """The mark with which the next paragraph begins is none of words that ended with one."""
    edited = f"{FIRST} {SECOND}\n\n{NOTES[0]} {THIRD}"
    found = locate(target_of(anchor_of(f"{SECOND}1)")), edited)
    assert (found.verdict, words_at(found, edited)) == ("moved", SECOND)


def test_gone() -> None:
    """Words that no text is near to are gone, and nothing is linked."""
    found = locate(target_of(anchor_of(SECOND)), f"{FIRST}\n\n{THIRD}")
    assert (found.verdict, found.place, found.anchor, found.candidates) == ("gone", None, None, ())


# Copies


def test_copy_is_told_from_its_original() -> None:
    """Of two places with the words, the one is meant that has the old surroundings."""
    edited = f"{SECOND} And so on.\n\n{PAGE}"
    found = locate(target_of(anchor_of(SECOND)), edited)
    text = page(edited).text
    assert (found.verdict, found.place) == ("moved", Place("page", Span(text.rindex(SECOND), text.rindex(SECOND) + 63)))


def test_reworded_original_is_not_its_copy() -> None:
    """Where the words were changed in their place, a copy elsewhere is no moved passage."""
    edited = PAGE.replace("nine", "eight") + f"\n\nIt is often quoted. {SECOND}"
    found = locate(target_of(anchor_of(SECOND)), edited)
    assert (found.verdict, words_at(found, edited)) == ("changed", SECOND.replace("nine", "eight"))


def test_undecided_is_ambiguous() -> None:
    """Equal places that nothing tells apart are listed, and none is linked."""
    edited = f"Alone. {SECOND} First.\n\n{THIRD}\n\nOther. {SECOND} Second."
    found = locate(target_of(anchor_of(SECOND)), edited)
    text = page(edited).text
    starts = [text.index(SECOND), text.rindex(SECOND)]
    assert (found.verdict, found.place) == ("ambiguous", None)
    assert [each.span.start for each in found.candidates] == starts
    quoted = locate(Target.quoted(SECOND), edited)
    assert (quoted.verdict, [each.span.start for each in quoted.candidates]) == ("ambiguous", starts)


def test_copy_right_behind_its_original_is_ambiguous() -> None:
    """A paragraph that stands twice in a row is the same text whichever is the copy."""
    one = f"{FIRST} {SECOND}\n\n{THIRD}"
    twice = f"{FIRST} {SECOND}\n\n{FIRST} {SECOND}\n\n{THIRD}"
    assert locate(target_of(anchor_of(f"{FIRST} {SECOND}", one)), twice).verdict == "ambiguous"


def test_copy_on_another_page_is_not_a_moved_passage() -> None:
    """A page that pasted the words does not have the passage that was deleted here."""
    without = PAGE.replace(f"{SECOND}{NOTES[0]}", "")
    assert locate(target_of(anchor_of(SECOND)), without, other=f"Quoted: {SECOND} So far.").verdict == "ambiguous"
    both = locate(target_of(anchor_of(SECOND)), PAGE, other=f"Quoted: {SECOND} So far.")
    assert (both.verdict, both.place) == ("unchanged", Place("page", Span(56, 119)))


def test_pasted_whole_and_edited_here_is_ambiguous() -> None:
    """Where another page has the passage with its surroundings, and this one has it changed, neither is linked."""
    edited = PAGE.replace("nine", "eight")
    assert locate(target_of(anchor_of(SECOND), None), edited, other=f"Quoted.\n\n{PAGE}").verdict == "ambiguous"


def test_few_words_need_their_surroundings() -> None:
    """A word or two that stand somewhere else are no moved passage."""
    source = f"====== Page ======\n\n| pain | better |\n\n{FIRST}"
    assert locate(target_of(anchor_of("pain better", source)), f"{FIRST} Less pain better mood.").verdict == "ambiguous"


def test_older_document_tells_more_than_its_anchor() -> None:
    """The whole older text tells two equal rows apart whose near surroundings are equal too."""
    row = "It fell in the second year and rose in the third."
    source = f"{FIRST}\n\n{row} {SECOND} {row}\n\n{THIRD}\n\n{row} {SECOND} {row}\n\n{FOURTH}"
    old = page(source)
    start = old.text.rindex(SECOND)
    edited = f"Something new stands first.\n\n{source}"
    known = anchor(old, Span(start, start + len(SECOND)))
    assert locate(target_of(known), edited).verdict == "ambiguous"
    found = locate(Target.standing(old, Span(start, start + len(SECOND))), edited)
    assert (found.verdict, found.place) == ("moved", Place("page", Span(start + 29, start + 29 + len(SECOND))))


def test_one_of_two_equal_places_deleted() -> None:
    """With the older text at hand, the place that is left is known to be the other."""
    source = f"{FIRST} {SECOND}\n\n{THIRD}\n\n{FOURTH} {SECOND}"
    old = page(source)
    span = Span(old.text.index(SECOND), old.text.index(SECOND) + len(SECOND))
    found = locate(Target.standing(old, span), f"{FIRST}\n\n{THIRD}\n\n{FOURTH} {SECOND}")
    assert found.verdict == "ambiguous"


# Quotations as they are pasted


@pytest.mark.parametrize(
    "pasted",
    [
        f"{SECOND}",
        f"  {SECOND}\n",
        SECOND.replace(" ", "\n"),
        SECOND.replace(" ", "\u00a0\t "),
        f"{SECOND}7)",
        f"{SECOND} 7), 8)",
        SECOND.replace("survival was", "survival\u200b was"),
        SECOND.replace(", and", " , and"),
    ],
)
def test_pasted_quotation(pasted: str) -> None:
    """White space, marks and characters without width make no difference to where words are found."""
    found = locate(Target.quoted(pasted), PAGE)
    assert found.verdict == "unchanged"
    assert words_at(found, PAGE).removesuffix("1)") == SECOND


def test_typographic_signs_are_alike() -> None:
    """Quotation marks, dashes, apostrophes and the ellipsis are found in any of their forms."""
    source = "She said: “it wasn’t 3–5 months…” And «left»."
    for pasted in ('She said: "it wasn\'t 3-5 months..."', "„it wasn‘t 3−5 months...”", "Cafe\u0301"):
        found = locate(Target.quoted(pasted), f"{source} Café.")
        assert found.verdict == "unchanged", pasted


def test_other_words_are_other_words() -> None:
    """Case, a figure, a bracket, joined words or part of a word make another text."""
    source = "The range was 3-8) and 10 of 24 patients rose. Cannot be."
    for pasted in ("the range was 3-8)", "10 of 25 patients", "The range was 3- and 10", "Can not be", "tients rose"):
        assert locate(Target.quoted(pasted), source).verdict in {"changed", "gone"}, pasted


def test_a_year_that_closes_a_bracket_is_no_mark() -> None:
    """It is part of the words, so that where it is gone they are not as they were."""
    quoted = "2015). Pain eased in most of the patients after the operation."
    assert locate(Target.quoted(quoted), f"It rose (Smith, {quoted}").verdict == "unchanged"
    assert locate(Target.quoted(quoted), f"It rose (Smith, 2015) and it fell. {FIRST}").verdict == "changed"


@pytest.mark.parametrize("pasted", [SECOND.upper(), f"{SECOND} 1)".title(), FIRST.swapcase()])
def test_words_in_another_case_are_changed_at_their_place(pasted: str) -> None:
    """Case is a change of the words, but not of the place; the similarity passes over it."""
    found = locate(Target.quoted(pasted), PAGE)
    assert (found.verdict, found.similarity) == ("changed", 1.0)
    assert words_at(found, PAGE).casefold() == pasted.casefold().replace(" 1)", "1)")
    assert {piece.kind for piece in found.diff} == {"delete", "insert", "equal"}


def test_words_in_another_case_at_two_places_are_ambiguous() -> None:
    """Nothing tells which is meant, unless one is in the document of the quotation."""
    pasted = SECOND.upper()
    assert locate(Target.quoted(pasted), PAGE, PAGE).verdict == "ambiguous"
    found = locate(Target.quoted(pasted, document="page2"), PAGE, PAGE)
    assert found.verdict == "changed"
    assert found.place
    assert found.place.document == "page2"


def test_few_words_in_another_case_need_their_surroundings() -> None:
    """Of an anchor whose words are gone, a heading in capitals is not what is left."""
    known = anchor_of("authors ask for trials of surgery")
    assert (
        locate(target_of(known), "===== Authors ask for Trials of Surgery =====\n\nOther words stand here.").verdict
        == "gone"
    )


def test_marks_are_left_out_only_where_they_are_marks() -> None:
    """A number with a bracket that counts items is a word, unless the document has a mark there."""
    text = "For three reasons: cost, 2) time 9). So"
    folded = Folded(text, [Marker(text.index("9)"), text.index("9)") + 2, (9,))])
    assert list(Quotation("three reasons: 1) cost, 2) time 4). So").hits(folded)) == []
    assert len(list(Quotation("three reasons: cost, 2) time 4). So").hits(folded))) == 1
    assert len(list(Quotation("cost, 2) time. So").hits(folded))) == 1


@pytest.mark.parametrize(
    ("quotation", "text"),
    [
        ("It rose 3).", "It rose."),
        ("It rose.[3] Then", "It rose. Then"),
        ("It rose [3, 5–7].", "It rose."),
        ("It (range 3-8) rose 9), 10) again", "It (range 3-8) rose again"),
        ("(V1) and (24) rose 2)", "(V1) and (24) rose"),
        ("at C1-C2 7).", "at C1-C2."),
    ],
)
def test_without_marks(quotation: str, text: str) -> None:
    """What looks like a mark goes with the space before it; what closes a bracket stays."""
    assert fold(without_marks(quotation)) == fold(text)


# Any input

NOISE = st.lists(st.sampled_from([*PIECES, FIRST, SECOND, "1) ", "[2]", "…", "’"]), max_size=30).map("".join)
OFFSETS = st.none() | st.integers(-5, 400) | st.integers(-(2**60), 2**60)


@given(source=NOISE, other=NOISE, exact=NOISE | st.text(max_size=60), around=NOISE, start=OFFSETS, end=OFFSETS)
def test_never_raises(source: str, other: str, exact: str, around: str, start: int | None, end: int | None) -> None:
    """Whatever is looked for wherever, spans are valid, and words that are said to stand somewhere stand there."""
    documents = {each.id: each for each in (page(f"{FIRST} {source}"), page(f"{SECOND} {other}", "other"))}
    target = Target.quoted(exact, prefix=around, suffix=other, start=start, end=end, document="page")
    found = Locator(documents).locate(target)
    for place in filter(None, (found.place, *found.candidates)):
        assert 0 <= place.span.start < place.span.end <= len(documents[place.document].text)
    if found.verdict in {"unchanged", "moved"}:
        assert found.anchor
        assert letters(found.anchor.exact) in {letters(exact), *marks_read_otherwise(exact, found.anchor.exact)}


def letters(text: str) -> str:
    """Letters of a text."""
    return "".join(filter(str.isalpha, fold(text)))


def marks_read_otherwise(exact: str, found: str) -> set[str]:
    """Letters are never part of a mark, but composed or decomposed they differ."""
    import unicodedata

    return {letters(found)} if unicodedata.normalize("NFC", exact) != exact or fold(found) != found else set()


@given(source=NOISE, start=st.integers(0, 300), length=st.integers(1, 80))
def test_in_the_same_text_everything_is_found(source: str, start: int, length: int) -> None:
    """A stretch of whole words of a document is found in that document, there or as one of several places."""
    document = page(f"{FIRST} {source}")
    words = document.text[start : start + length].split()[1:-1]
    exact = " ".join(words)
    if any(map(str.isalnum, without_marks(exact))):
        found = Locator({"page": document}).locate(Target.quoted(exact))
        assert found.verdict in {"unchanged", "ambiguous"} or document.markers


def test_large_corpus_answers_at_once() -> None:
    """A quotation is found, or told to be gone, in a corpus of 10 MB within a fifth of a second."""
    filler = " ".join(
        f"Sentence {number} tells of case {number * 7919 % 10007} in its own words." for number in range(2000)
    )
    documents = {f"d{i}": read_text(f"{filler} {i}.", identity=f"d{i}", form="text") for i in range(100)}
    documents["last"] = page(PAGE, "last")
    locator = Locator(documents)
    assert locator.locate(Target.quoted(SECOND)).place == Place("last", Span(56, 119))
    for quoted in (SECOND, SECOND.replace("nine", "eight"), "Words of which nobody in this corpus ever heard so far."):
        begun = time.process_time()
        locator.locate(Target.quoted(quoted))
        assert time.process_time() - begun < 0.2
