"""Filters: by document, headings, and year and type of the cited work."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Document, Passage
from corpus.chunking import PieceLimit, chunk
from corpus.errors import QueryError
from corpus.sources import read_text
from index.answers import Query
from index.filters import filtered
from index.records import Records, RecordWriter

ALPHA = """====== Alpha ======

===== Pain =====

Neck pain eased in 12 patients ((Alpha A. First work. J One. 2001;1:1-2. Review. PMID: 11.)).

==== Late  pain ====

It came back in two ((Beta B. Second work. J Two. 2012;1:1-2. Case Reports; Review. PMID: 12.)).

===== Death =====

Nobody knows how many died.
"""
BETA = """====== Beta ======

===== Pain =====

Pain was worse at night ((Gamma G. Third work. J Three. 2020;1:1-2. PMID: 13.)).

It eased by day ((Delta D. A work of no year. Letter from the ward.)).
"""


def passages(page: Document) -> tuple[Passage, ...]:
    """The passages of a page."""
    return chunk(page, chunk_tokens=200, limit=PieceLimit(len, 10_000))


@pytest.fixture(scope="module")
def pages() -> dict[str, Document]:
    """Two pages, with works of three years and one of none."""
    read = {name: read_text(text, identity=name, form="dokuwiki") for name, text in (("alpha", ALPHA), ("beta", BETA))}
    assert [reference.work.year for page in read.values() for reference in page.references] == [2001, 2012, 2020, None]
    return read


@pytest.fixture(scope="module")
def texts(pages: dict[str, Document]) -> list[str]:
    """What the passages begin with, by row."""
    return [
        passage.text.split()[0] + " " + passage.text.split()[1] for page in pages.values() for passage in passages(page)
    ]


def written(pages: Sequence[Document], path: Path) -> Records:
    """The records of some pages, written and read again."""
    writer = RecordWriter(path)
    for page in pages:
        writer.add(page, passages(page))
    writer.close()
    return Records(path)


@pytest.fixture(scope="module")
def records(pages: dict[str, Document], tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Their records."""
    return written(list(pages.values()), tmp_path_factory.mktemp("facets") / "records.sqlite")


def kept(records: Records, texts: list[str], **filters: object) -> list[str] | None:
    """The passages that some filters leave."""
    rows = filtered(records, msgspec.convert({"question": "?", **filters}, Query))
    return None if rows is None else [texts[row] for row in rows]


def test_passages_in_sight(texts: list[str]) -> None:
    """What the other tests name."""
    assert texts == ["Neck pain", "It came", "Nobody knows", "Pain was", "It eased"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, None),
        ({"documents": ["beta"]}, ["Pain was", "It eased"]),
        ({"documents": []}, []),
        ({"headings": ["Pain"]}, ["Neck pain", "It came", "Pain was", "It eased"]),
        ({"headings": ["LATE pain ", "death"]}, ["It came", "Nobody knows"]),
        ({"documents": ["alpha"], "headings": ["pain"]}, ["Neck pain", "It came"]),
        ({"year_from": 2012}, ["It came", "Pain was"]),
        ({"year_to": 2012}, ["Neck pain", "It came"]),
        ({"year_from": 2002, "year_to": 2019}, ["It came"]),
        ({"year_from": 2019, "year_to": 2002}, []),
        ({"publication_types": ["review"]}, ["Neck pain", "It came"]),
        ({"publication_types": ["Case Reports"]}, ["It came"]),
        ({"publication_types": ["Review"], "year_to": 2005}, ["Neck pain"]),
    ],
)
def test_filters_by_hand(records: Records, texts: list[str], filters: dict[str, object], expected: list[str]) -> None:
    """A filter leaves the passages that have what is asked for, at any level of headings; several filters meet."""
    assert kept(records, texts, **filters) == expected


def test_year_and_type_are_asked_of_one_work(texts: list[str], records: Records) -> None:
    """A passage that cites an old review and a new report has no new review."""
    assert kept(records, texts, publication_types=["case reports"], year_to=2011) == []


@pytest.mark.parametrize(
    ("filters", "field", "words"),
    [
        ({"headings": ["Pains"]}, "headings", "No passage has 'Pains'. There are, among others: pain"),
        ({"publication_types": ["Reviews"]}, "publication_types", "review"),
    ],
)
def test_unknown_names_are_told_with_what_there_is(
    records: Records, filters: dict[str, object], field: str, words: str
) -> None:
    """A heading or type that no passage has is an error which names the nearest that there are."""
    with pytest.raises(QueryError, match=words) as caught:
        filtered(records, msgspec.convert({"question": "?", **filters}, Query))
    assert caught.value.field == field


def test_nothing_cited(tmp_path: Path) -> None:
    """Where nothing is cited, no year and no type is."""
    page = read_text("Nothing is cited here, by anybody.", identity="bare", form="text")
    records = written([page], tmp_path / "records.sqlite")
    assert kept(records, [], year_from=1) == []
    with pytest.raises(QueryError, match="There are none"):
        kept(records, [], publication_types=["Review"])


@given(st.integers(1990, 2030), st.integers(1990, 2030))
def test_years_are_those_of_the_works(records: Records, texts: list[str], first: int, last: int) -> None:
    """A filter of years leaves exactly what cites a work of one of them."""
    years = {"Neck pain": 2001, "It came": 2012, "Pain was": 2020}
    expected = [text for text, year in years.items() if first <= year <= last]
    assert kept(records, texts, year_from=first, year_to=last) == expected
