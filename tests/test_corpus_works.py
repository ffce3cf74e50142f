"""One paper is one work: what joins, what never joins, and what contradicts itself."""

import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Document, Reference, Work
from corpus.contradictions import contradictions
from corpus.csl import Date, Item, Name
from corpus.references import parse_work
from corpus.sources import read_sources
from corpus.works import unify

AUTHORS, TITLE = "Ash B, Fir CD", "On the height of trees in old gardens"
AUTHORS_FIRST = f"{AUTHORS}. {TITLE}. J Bot. 2001 May;12(3):45-9."
JOURNAL_FIRST = f"J Bot. 2001 May;12(3):45-9. {TITLE}. {AUTHORS}."
OTHER = "Oak D, Elm EF. Why apples fall from some branches only. Pomology. 1999;7:101-9."
RECORD = Item(title=TITLE, issued=Date(((2001, 5),)), volume="12", page="45-9", author=(Name(family="Ash"),))


def page(identity: str, *notes: str | Work) -> Document:
    """A document whose references, numbered from 1, are some notes or works."""
    works = [parse_work(note) if isinstance(note, str) else note for note in notes]
    references = tuple(Reference(number, work) for number, work in enumerate(works, start=1))
    return Document(
        id=identity, title=identity, form="text", text="", sha256="", source_sha256="", references=references
    )


def ids(*notes: str | Work) -> list[str]:
    """The ids of the works of some notes, each on a page of its own."""
    documents = [page(f"page{at:02}", note) for at, note in enumerate(notes)]
    return [document.references[0].work.id for document in unify(documents)]


def test_a_note_without_an_identifier_is_the_same_with_it() -> None:
    """A paper cited bare, with its DOI in any case, with its PMID and with both is one work, known by the PMID."""
    notes = [
        AUTHORS_FIRST,
        f"{AUTHORS_FIRST} doi: 10.1000/TREES.",
        f"{AUTHORS_FIRST} doi: 10.1000/trees. PubMed PMID: 7.",
        f"{AUTHORS_FIRST} PMID: 7",
        f"{AUTHORS_FIRST} Epub 2001 Mar 1.",
    ]
    assert ids(*notes) == ["pmid:7"] * 5
    assert ids(*notes[:2]) == ["doi:10.1000/trees"] * 2
    assert ids(OTHER, *notes)[0].startswith("text:")


def test_notes_join_through_one_that_carries_both_identifiers() -> None:
    """A note known by its DOI alone and one by its PMID alone join through a third, whatever their words."""
    link = f"{AUTHORS_FIRST} doi: 10.1000/trees. PMID: 7"
    assert ids("Ash B. Trees. doi: 10.1000/trees", "PMID: 7") == ["doi:10.1000/trees", "pmid:7"]
    assert ids("Ash B. Trees. doi: 10.1000/trees", "PMID: 7", link) == ["pmid:7"] * 3


@pytest.mark.parametrize(
    "note",
    [
        "Personal communication", "Smith J, personal communication, 2001.", "Ditto", "See above.", "Ivi, p. 12",
        "Там же. С. 12", "op. cit., p. 45", "Smith et al. 2001", "See what is said of it in the section on treatment.",
    ],
)  # fmt: skip
def test_a_note_that_names_no_work_is_that_of_its_page(note: str) -> None:
    """The same words elsewhere mean something else, and joining twice changes nothing."""
    first, second = unify(documents := [page("a", note, note), page("b", note)])
    assert first.references[0].work.id == first.references[1].work.id != second.references[0].work.id
    assert unify(unify(documents)) == (first, second)


@pytest.mark.parametrize(
    "note", [OTHER, "WHO. Global report on cancer and what to do about it. 2014.", "Nature 2001;12:3-4."]
)
def test_a_note_that_names_a_work_without_identifiers_is_one_on_all_pages(note: str) -> None:
    """By a title with an author or a year, by a place in a journal, or by many words with a year."""
    assert len(set(ids(note, note))) == 1


def test_both_orders_of_one_citation_join_by_its_record() -> None:
    """Authors first and journal first are one work, since title, year, volume and first page agree."""
    first, second = parse_work(AUTHORS_FIRST), parse_work(JOURNAL_FIRST)
    works = [Work(id=work.id, text=work.text, csl=RECORD) for work in (first, second)]
    joined = ids(*works)
    assert joined == [min(first.id, second.id)] * 2
    assert ids(*reversed(works)) == joined


@pytest.mark.parametrize(
    "other",
    [
        Item(title=TITLE, issued=Date(((2001,),)), volume="12", page="46"),
        Item(title=TITLE, issued=Date(((2001,),)), volume="13", page="45"),
        Item(title=TITLE, issued=Date(((2002,),)), volume="12", page="45"),
        Item(title=TITLE, issued=Date(((2001,),)), volume="12"),
        Item(title="Author's reply", issued=Date(((2001,),)), volume="12", page="45"),
    ],
)
def test_records_that_differ_do_not_join(other: Item) -> None:
    """Another page, volume or year, one that is not told, or a title of three words: not the same work."""
    title = other.title or ""
    notes = [Work("text:a", "One note", record(title)), Work("text:b", "Another note", other)]
    assert len(set(ids(*notes))) == 2


def record(title: str) -> Item:
    """The record, under a title."""
    return Item(title=title, issued=RECORD.issued, volume="12", page="45-9")


def test_different_identifiers_never_join() -> None:
    """The same words under two PMIDs, or two DOIs, are two works; a note without identifiers joins neither."""
    assert ids(f"{AUTHORS_FIRST} PMID: 7", f"{AUTHORS_FIRST} PMID: 8") == ["pmid:7", "pmid:8"]
    dois = [f"{AUTHORS_FIRST} doi: 10.1000/a", f"{AUTHORS_FIRST} doi: 10.1000/b"]
    assert ids(*dois) == ["doi:10.1000/a", "doi:10.1000/b"]
    assert ids(f"{AUTHORS_FIRST} PMID: 7", f"{AUTHORS_FIRST} PMID: 8", AUTHORS_FIRST)[2].startswith("text:")


def test_two_dois_join_by_one_pmid() -> None:
    """A paper and its preprint under one PMID are one work."""
    notes = [f"{AUTHORS_FIRST} doi: 10.1000/{end}. PMID: 7" for end in "ab"]
    assert ids(*notes, f"{AUTHORS_FIRST} doi: 10.1000/b.") == ["pmid:7"] * 3


def test_one_doi_under_two_pmids_joins_nothing() -> None:
    """Which PMID is right cannot be told, so the bare DOI is a third work, and nothing is completed."""
    notes = [f"{AUTHORS_FIRST} doi: 10.1000/a. PMID: {pmid}" for pmid in (7, 8)]
    documents = unify([page("a", *notes), page("b", f"{AUTHORS_FIRST} doi: 10.1000/a.")])
    works = [reference.work for document in documents for reference in document.references]
    assert [work.id for work in works][:2] == ["pmid:7", "pmid:8"]
    assert works[2].pmid is None
    assert works[2].id.startswith("text:")


def test_an_identifier_belongs_to_most_documents() -> None:
    """A PMID that a page gives to another paper by mistake stays with the paper of the other pages."""
    right, wrong = f"{AUTHORS_FIRST} PMID: 7", f"{OTHER} PMID: 7"
    assert ids(right, wrong, right)[::2] == ["pmid:7"] * 2
    assert ids(right, wrong, right)[1].startswith("text:")
    tie = ids(right, wrong)
    assert all(each.startswith("text:") for each in tie)
    assert len(set(tie)) == 2


def test_short_notes_join_by_the_same_words_only() -> None:
    """What may stand before any link joins nothing; notes of different addresses are different."""
    assert ids("See there. PMID: 7", "See there. doi: 10.1000/a") == ["pmid:7", "doi:10.1000/a"]
    sheet = "World Health Organization. Fact sheet on tall trees and gardens."
    one, other = (f"{sheet} https://example.org/{end}" for end in "ab")
    assert len(set(ids(one, other))) == 2
    assert len(set(ids(one, one.replace("Fact", "FACT"), sheet))) == 1
    here = [Work(f"text:{end}", "Here", Item(url=f"https://example.org/{end}")) for end in "ab"]
    assert ids(*here) == ["text:a", "text:b"]


def test_text_stays_and_identifiers_come_from_the_work() -> None:
    """Each document keeps its own words and fields, and gets the DOI, PMID and PMCID that another note carries."""
    full = f"{AUTHORS_FIRST} doi: 10.1000/Trees. PMID: 7; PMCID: PMC9."
    bare, _ = unify([page("a", AUTHORS_FIRST), page("b", full)])
    work = bare.references[0].work
    assert (work.text, work.doi, work.pmid, work.pmcid) == (AUTHORS_FIRST, "10.1000/Trees", "7", "PMC9")
    assert work.csl.title == parse_work(AUTHORS_FIRST).csl.title


def test_identifiers_that_contradict_are_not_completed() -> None:
    """Where two DOIs stand under one PMID, a note without a DOI stays without."""
    documents = unify(
        [page("a", *(f"{AUTHORS_FIRST} {more} PMID: 7" for more in ("doi: 10.1000/a", "doi: 10.1000/b", "")))]
    )
    assert documents[0].references[2].work.doi is None


def test_two_numbers_of_one_page_are_one_work() -> None:
    """A paper that a page cites under two numbers, once without its PMID, is one."""
    (document,) = unify([page("a", AUTHORS_FIRST, f"{AUTHORS_FIRST} PMID: 7")])
    assert [each.work.id for each in document.references] == ["pmid:7"] * 2
    assert [each.number for each in document.references] == [1, 2]


def test_documents_without_anything_to_join_stay_as_they_are() -> None:
    """Nothing is copied or changed where each note is on a paper of its own."""
    documents = (page("a", AUTHORS_FIRST), page("b", OTHER))
    assert unify(documents) == documents
    assert unify(documents)[0] is documents[0]
    assert unify([]) == ()


NOTES = [
    f"{words} {more}".strip()
    for words in (AUTHORS_FIRST, OTHER, "See there.", "")
    for more in ("", "PMID: 7", "PMID: 8", "doi: 10.1/a", "doi: 10.1/b", "doi: 10.1/a. PMID: 7", "PMC5", "PMC5 PMID: 8")
]


@given(st.lists(st.lists(st.sampled_from(NOTES), max_size=4), max_size=6), st.randoms())
def test_whatever_the_notes_no_cluster_holds_two_pmids(pages: list[list[str]], random: Random) -> None:
    """Under each id there is at most one PMID; the order of documents changes nothing, nor does a second time."""
    documents = [page(f"page{at}", *notes) for at, notes in enumerate(pages)]
    unified = unify(documents)
    pmids: dict[str, set[str]] = {}
    for reference in (reference for document in unified for reference in document.references):
        pmids.setdefault(reference.work.id, set()).update(filter(None, [reference.work.pmid]))
    assert all(len(each) <= 1 for each in pmids.values())
    shuffled = list(documents)
    random.shuffle(shuffled)
    assert {each.id: each for each in unify(shuffled)} == {each.id: each for each in unified}
    assert unify(unified) == unified


def test_time_is_linear_even_where_identifiers_are_worthless() -> None:
    """Thousands of different notes under one PMID take no longer than the same under their own."""
    notes = [f"Author{at} B. Study of plant{at} and soil{at} in field{at}. J Bot. 2001;{at}:1." for at in range(3000)]
    took = []
    for pmids in (range(1, 3001), [7] * 3000):
        documents = [page("a", *(f"{note} PMID: {pmid}" for note, pmid in zip(notes, pmids, strict=True)))]
        start = time.perf_counter()
        unify(documents)
        contradictions(documents)
        took.append(time.perf_counter() - start)
    assert took[1] < 10 * took[0] + 1


# Contradictions


def found(*documents: Document) -> list[tuple[str, tuple[str, ...], list[tuple[str, int]]]]:
    """The contradictions as kind, identifiers and places."""
    return [
        (each.kind, each.identifiers, [(place.document, place.number) for place in each.places])
        for each in contradictions(documents)
    ]


def test_contradictions_are_told_with_their_places() -> None:
    """A PMID of two papers, a DOI of two PMIDs, a PMID of two DOIs, one paper with two PMIDs."""
    right = page("a", f"{AUTHORS_FIRST} PMID: 7", f"{OTHER} doi: 10.1000/a. PMID: 9")
    wrong = page("b", f"{OTHER} PMID: 7", f"{OTHER} doi: 10.1000/a. PMID: 10")
    assert found(right, wrong) == [
        ("different-identifiers", ("doi:10.1000/a", "pmid:10", "pmid:9"), [("a", 2), ("b", 2)]),
        ("different-identifiers", ("pmid:10", "pmid:7", "pmid:9"), [("a", 2), ("b", 1), ("b", 2)]),
        ("different-notes", ("pmid:7",), [("a", 1), ("b", 1)]),
    ]
    two_dois = page("a", *(f"{AUTHORS_FIRST} doi: 10.1000/{end}. PMID: 7" for end in "ab"))
    assert found(two_dois) == [
        ("different-identifiers", ("pmid:7", "doi:10.1000/a", "doi:10.1000/b"), [("a", 1), ("a", 2)])
    ]


def test_agreeing_notes_contradict_nothing() -> None:
    """One paper with and without its identifiers, in both orders, holds no contradiction, before and after joining."""
    documents = [page("a", AUTHORS_FIRST, f"{AUTHORS_FIRST} doi: 10.1000/A. PMID: 7", "PMID: 7"), page("b", OTHER)]
    documents.append(page("c", f"{JOURNAL_FIRST} doi: 10.1000/a PMID: 7"))
    assert found(*documents) == []
    assert found(*unify(documents)) == []


def test_sources_are_read_with_their_works_joined(tmp_path: Path) -> None:
    """Two pages of a folder cite one paper, one of them without its PMID: one work."""
    for name, note in (("a", AUTHORS_FIRST), ("b", f"{AUTHORS_FIRST} PMID: 7")):
        (tmp_path / f"{name}.txt").write_text(f"It grew. 1)\n\n1)\n{note}\n", "utf-8")
    documents: Sequence[Document] = read_sources([tmp_path], form="dokuwiki-export").documents
    assert [document.references[0].work.id for document in documents] == ["pmid:7", "pmid:7"]


def test_real_citations_join_with_and_without_their_identifiers(shared: Path) -> None:
    """Of the real strings, each joins with itself stripped of PMID and PMCID, and with no other paper."""
    rows = (shared / "data/citations/pubmed_citations.tsv").read_text("utf-8").splitlines()[1:]
    notes = [row.split("\t", 1)[1] for row in rows]
    stripped = [note.partition("PubMed PMID:")[0].partition(" PMID:")[0] for note in notes]
    whole, bare = unify([page("whole", *notes), page("bare", *stripped)])
    pairs = list(zip(whole.references, bare.references, strict=True))
    assert [(a.work.text, b.work.text) for a, b in pairs if a.work.id != b.work.id] == []
    assert {a.work.id for a, _ in pairs} == {parse_work(note).id for note in notes}
