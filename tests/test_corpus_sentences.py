"""Sentences: where they end, the markers that they keep, and their offsets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Marker
from corpus.sentences import sentence_spans
from tests.documents import document


def sentences(text: str, *markers: Marker) -> list[str]:
    """The sentences of a text with its markers."""
    return [text[span.start : span.end] for span in sentence_spans(text, markers=markers)]


@pytest.mark.parametrize(
    "sentence",
    [
        "It was seen at approx. 6 months.",
        "Smith et al. reported three cases.",
        "See Fig. 3 and Tab. 2 for more.",
        "Some drugs (e.g. morphine, i.e. an opioid) helped.",
        "It was C-2 vs. C-3 in 5 patients.",
        "The dose was 0.5 mg per day.",
        "Dr. Miller of St. Gallen operated.",
        "E. coli was found.",
        "The interval was ca. 3 weeks.",
    ],
)
def test_abbreviations_end_no_sentence(sentence: str) -> None:
    """A full stop after an abbreviation or within a number ends nothing; the sentences around it stay apart."""
    assert sentences(f"It rose. {sentence} Then it fell.") == ["It rose.", sentence, "Then it fell."]


def test_a_marker_goes_with_the_sentence_before_it() -> None:
    """Before the full stop, glued behind it, or behind it with a space: the sentence keeps its marker."""
    text = "It rose 1). It fell.2) It stayed. 3) It ended.4)"
    markers = [Marker(text.index(f"{n})"), text.index(f"{n})") + 2, (n,)) for n in (1, 2, 3, 4)]
    assert sentences(text, *markers) == ["It rose 1).", "It fell.2)", "It stayed. 3)", "It ended.4)"]


@pytest.mark.parametrize("mark", [" 1).", ".1)", ". 1)", "1). "])
def test_a_marker_moves_no_boundary(mark: str) -> None:
    """The sentences without their marker are those of the text that never had it."""
    text = f"It rose at approx. 5 months{mark} It fell (no. 7) then. It stayed."
    at = text.index("1)")
    found = sentences(text, Marker(at, at + 2, (1,)))
    assert [sentence.replace(" 1)", "").replace("1)", "").strip() for sentence in found] == [
        "It rose at approx. 5 months.",
        "It fell (no. 7) then.",
        "It stayed.",
    ]


def test_a_marker_glued_to_the_next_sentence() -> None:
    """The sentence behind a mark begins behind it, even where the space is missing."""
    text = "It rose.1)It fell."
    assert sentences(text, Marker(8, 10, (1,))) == ["It rose.1)", "It fell."]


def test_offsets_count_code_points() -> None:
    """Letters beyond the basic plane and combining accents count one each."""
    text = "𝒜𝒷 rose. 😀 Cafe\u0301 fell. It ended."
    spans = sentence_spans(text)
    assert [(span.start, span.end) for span in spans] == [(0, 8), (9, 22), (23, 32)]


def test_a_stretch_of_a_text() -> None:
    """Only the stretch is cut, and its spans count from the start of the text."""
    text = "Out. It rose. It fell. Out."
    assert [text[s.start : s.end] for s in sentence_spans(text, 5, 22)] == ["It rose.", "It fell."]
    assert sentence_spans("  \n ") == ()


@settings(deadline=None)
@given(st.text(st.sampled_from("aB.!?)(\"'“” \n\t1é𝒜。 \u00a0\u2028\x1c"), max_size=60), st.data())
def test_spans_cover_the_text(text: str, data: st.DataObject) -> None:
    """Whatever the text and its markers: spans are in order, disjoint, trimmed, and leave out white space only."""
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=3)))
    markers = []
    for number, place in enumerate(places):
        at = place + 2 * number
        text = f"{text[:at]}{number})" + text[at:]
        markers.append(Marker(at, at + 2, (number,)))
    position = 0
    for span in sentence_spans(text, markers=markers):
        assert position <= span.start < span.end
        assert not text[position : span.start].strip()
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        position = span.end
    assert not text[position:].strip()


def test_each_marker_lies_in_one_sentence() -> None:
    """No boundary runs through a marker."""
    page = document("Pain ((Note. 2001)) rose. Pain fell.((Note. 2002)) Pain stayed ((Note. 2003))away. Pain ended")
    spans = sentence_spans(page.text, markers=page.markers)
    for marker in page.markers:
        assert sum(span.start <= marker.start and marker.end <= span.end for span in spans) == 1
    assert [page.text[span.start : span.end] for span in spans] == [
        "Pain 1) rose.",
        "Pain fell.2)",
        "Pain stayed 3)away.",
        "Pain ended",
    ]
