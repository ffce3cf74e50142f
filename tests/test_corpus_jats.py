"""JATS XML: blocks as a reader sees them, callouts as markers of the right work, and whatever is broken."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from corpus import Work, read_document
from tests.documents import passages

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
