"""Answers: passages word for word, where they stand, what they cite, and when there is none."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import Document
from corpus.errors import QueryError
from corpus.sources import EMBEDDED, read_sources
from index import MAX_K, MAX_QUESTION, Answer, AnswerPassage, Leg, Query, Searcher, Snapshot, Store, describe_work
from index.calibration import UNCALIBRATED
from tests.stores import read_pages, searcher_of

LEGS: tuple[Leg, ...] = ("hybrid", "dense", "lexical")
MEDIAN = "What was the median survival after palliative surgery?"
QUESTIONS = (
    MEDIAN,
    "How many patients had vertebroplasty?",
    "C1-C2 intramedullary metastasis renal cell carcinoma",
    "What happened to the woman with quadriplegia?",
    "Who discovered penicillin?",
    "What is the dose of dexamethasone for cord compression?",
)
SOURCE = (EMBEDDED / "cervical_spinal_metastases.txt").read_text("utf-8")

ALPHA = """====== Alpha ======

Median survival was 9 months ((Beta B. Second work. 2002. PMID: 222.)). The drug was morphine.

===== Pain =====

Neck pain eased in 12 patients ((Alpha A. First   work.
2001. doi: 10.1000/first.)).
"""
BETA = """====== Beta ======

Neck pain returned in 3 patients ((Alpha A. First work, told again. 2001. doi: 10.1000/first.)).
"""


@pytest.fixture(scope="module")
def searcher(embedded_store: Path) -> Searcher:
    """A searcher of the embedded page."""
    return Searcher(Snapshot.open(Store(embedded_store)))


@pytest.fixture(scope="module")
def pages(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """A searcher of two short pages that cite one work, and of the embedded page; the first has a URL."""
    folder = tmp_path_factory.mktemp("pages")
    documents = read_pages(folder / "pages", alpha=ALPHA, beta=BETA)
    first = msgspec.structs.replace(documents[0], url="https://example.org/alpha?id=1")
    return searcher_of([first, documents[1], *read_sources([EMBEDDED]).documents], embedded_store, folder / "store")


def ask(searcher: Searcher, question: str, **options: object) -> Answer:
    """The answer to one question."""
    return searcher.search([msgspec.convert({"question": question, **options}, Query)])[0]


def returned(answer: Answer) -> Iterator[AnswerPassage]:
    """Every passage in an answer."""
    yield from answer.passages
    if answer.nearest:
        yield answer.nearest


def timeless(answer: Answer) -> Answer:
    """An answer without the time that it took."""
    return msgspec.structs.replace(answer, took_ms=0.0)


# What an answer holds


def test_answer_by_hand(searcher: Searcher) -> None:
    """The passage with the median survival comes first, with its place, its sentence, its study and its reference."""
    answer = ask(searcher, MEDIAN, k=3)
    first = answer.passages[0]
    document = searcher.documents["cervical_spinal_metastases"]
    assert (answer.status, answer.question, answer.snapshot, answer.nearest) == (
        "answered",
        MEDIAN,
        searcher.snapshot,
        None,
    )
    assert [passage.rank for passage in answer.passages] == [1, 2, 3]
    assert first.text.startswith("When last followed up, three patients were living")
    assert first.headings == ("Case series published in 2017", "Palliative surgery in 24 patients")
    assert msgspec.to_builtins(first.document) == {
        "id": "cervical_spinal_metastases",
        "title": "Cervical spinal metastases",
        "url": None,
        "modified": None,
    }
    (highlight,) = first.highlights
    assert document.text[highlight.start : highlight.end] == (
        "For the whole group, median survival amounted to 14.8 months, ranging from 1 to 47 months."
    )
    assert first.lead
    assert first.lead.text.startswith("Vazifehdan et al. examined survival")
    assert first.lead.text == document.text[first.lead.start : first.lead.end]
    assert [(citation.reference, citation.number, citation.basis) for citation in first.citations] == [
        ("pmid:28638950", 3, "inherited")
    ]
    reference = next(reference for reference in answer.references if reference.id == "pmid:28638950")
    assert json.loads(msgspec.json.encode(reference)) == {
        "id": "pmid:28638950",
        "numbers": [{"document": "cervical_spinal_metastases", "number": 3}],
        "text": "Vazifehdan F, Karantzoulis VG, Igoumenou VG. Surgical treatment for metastases of the cervical spine. "
        "Eur J Orthop Surg Traumatol. 2017 Aug;27(6):763-775. doi: 10.1007/s00590-017-2002-0. Epub 2017 Jun 21. "
        "PubMed PMID: 28638950.",
        "byline": "Vazifehdan et al.",
        "year": 2017,
        "doi": "10.1007/s00590-017-2002-0",
        "pmid": "28638950",
        "pmcid": None,
        "url": "https://doi.org/10.1007/s00590-017-2002-0",
    }


def test_answers_are_the_same_from_what_is_kept(embedded_store: Path) -> None:
    """Of a searcher that has kept questions and passages, answers are those of one that is asked first."""
    kept = Searcher(Snapshot.open(Store(embedded_store)))
    first = [timeless(ask(kept, question, k=10)) for question in QUESTIONS]
    again = [timeless(ask(kept, question, k=10)) for question in QUESTIONS]
    fresh = Searcher(Snapshot.open(Store(embedded_store)))
    assert first == again == [timeless(ask(fresh, question, k=10)) for question in reversed(QUESTIONS)][::-1]


def test_reading_ahead_changes_no_answer(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays too large to be kept in memory are asked of the disk before a question reads them, within their bounds."""
    asked = [Query(question=question, k=MAX_K, min_confidence=0) for question in QUESTIONS]
    before = [msgspec.structs.replace(answer, took_ms=0) for answer in searcher.search(asked)]
    monkeypatch.setattr("index.mapped._SMALL", 0)
    assert [msgspec.structs.replace(answer, took_ms=0) for answer in searcher.search(asked)] == before


def test_confidence_is_a_probability(searcher: Searcher) -> None:
    """Each passage has one, to four decimals, the same however many are asked for; one leg alone tells of none."""
    for question in QUESTIONS:
        most = ask(searcher, question, k=50, min_confidence=0)
        confidences = [passage.confidence for passage in most.passages]
        assert all(each is not None and 0 < each < 1 and round(each, 4) == each for each in confidences)
        fewer = ask(searcher, question, k=3, min_confidence=0)
        assert [passage.confidence for passage in fewer.passages] == confidences[:3]
        dense = ask(searcher, question, leg="dense", min_confidence=0)
        assert {passage.confidence for passage in dense.passages} == {None}
        assert dense.answerable == most.answerable


def test_status_comes_from_the_probability(searcher: Searcher, embedded_store: Path) -> None:
    """A question is answered from the calibration's bound on, or from the one that is asked for."""
    bound = Snapshot.open(Store(embedded_store)).calibration.answered_from
    for question in QUESTIONS:
        answer = ask(searcher, question)
        assert answer.answerable is not None
        assert answer.status == ("answered" if answer.answerable >= bound else "no_match")
        assert ask(searcher, question, min_confidence=answer.answerable).status == "answered"
        assert ask(searcher, question, min_confidence=min(1.0, answer.answerable + 0.001)).status == "no_match"


def test_without_a_calibration_confidence_is_null(embedded_store: Path) -> None:
    """Nothing is made up: no probability is told, and none can be asked for; the nearest sentence decides."""
    snapshot = Snapshot.open(Store(embedded_store))
    snapshot.calibration = UNCALIBRATED
    searcher = Searcher(snapshot)
    assert {passage.confidence for q in QUESTIONS for passage in returned(ask(searcher, q))} == {None}
    assert ask(searcher, MEDIAN).answerable is None
    assert ask(searcher, MEDIAN).status == "answered"
    assert ask(searcher, "Who discovered penicillin?").status == "no_match"
    with pytest.raises(QueryError, match="not calibrated"):
        ask(searcher, MEDIAN, min_confidence=0.5)


@given(
    words=st.lists(st.sampled_from(sorted(set(re.findall(r"[\w.-]+", SOURCE)))), min_size=1, max_size=12),
    k=st.integers(1, MAX_K),
    leg=st.sampled_from(LEGS),
    refuse=st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_everything_returned_is_a_slice(searcher: Searcher, words: list[str], k: int, leg: Leg, refuse: bool) -> None:
    """Whatever is asked, texts, anchors, leads, highlights and markers are slices of the document."""
    answer = ask(searcher, " ".join(words), k=k, leg=leg, min_confidence=None if refuse else 0)
    assert len(answer.passages) <= k
    assert [passage.rank for passage in answer.passages] == list(range(1, len(answer.passages) + 1))
    for passage in returned(answer):
        document = searcher.documents[passage.document.id]
        anchor = passage.anchor
        assert document.text[anchor.start : anchor.end] == passage.text == anchor.exact
        assert document.text[: anchor.start].endswith(anchor.prefix)
        assert document.text[anchor.end :].startswith(anchor.suffix)
        assert anchor.sha256 == document.sha256
        known = searcher.passage(passage.id)
        assert known
        assert set(passage.highlights) <= set(known.sentences)
        assert len(passage.highlights) == 1
        for span in passage.highlights:
            assert anchor.start <= span.start < span.end <= anchor.end
        for citation in passage.citations:
            assert document.works[citation.number].id == citation.reference
            marker = document.text[citation.marker.start : citation.marker.end]
            assert marker == f"{citation.number})"
    assert {reference.id for reference in answer.references} == {
        citation.reference for passage in returned(answer) for citation in passage.citations
    }


def test_anchor_of_a_page_with_a_url(pages: Searcher) -> None:
    """Where the document has a URL, the anchor links to the words themselves; elsewhere it has no link."""
    answer = ask(pages, "What was the drug?", documents=["alpha"], min_confidence=0)
    anchor = answer.passages[0].anchor
    assert anchor.exact == "Median survival was 9 months 1). The drug was morphine."
    assert anchor.prefix == "Alpha\n\n"
    assert anchor.suffix.startswith("\n\nPain")
    assert (
        anchor.link
        == "https://example.org/alpha?id=1#:~:text=Median%20survival%20was%209%20months%201%29.%20The%20drug%20was%20morphine."
    )
    assert {passage.anchor.link for passage in ask(pages, MEDIAN, documents=["beta"], min_confidence=0).passages} == {
        None
    }


def test_link_of_a_long_passage_quotes_its_ends(embedded_store: Path, tmp_path: Path) -> None:
    """A long passage is linked by its first and last words, its hyphens and commas encoded."""
    (document,) = read_sources([EMBEDDED]).documents
    with_url = msgspec.structs.replace(document, url="https://example.org/page")
    searcher = searcher_of([with_url], embedded_store, tmp_path / "store")
    for passage in ask(searcher, MEDIAN, k=50, min_confidence=0).passages:
        assert passage.anchor.link
        page, _, fragment = passage.anchor.link.partition("#:~:text=")
        assert page == "https://example.org/page"
        assert "-" not in fragment
        first, last = fragment.split(",")
        words = passage.text.split()
        assert (unquote(first).split(), unquote(last).split()) == (words[:5], words[-5:])


# References


def test_references_stand_in_order_of_first_citation(pages: Searcher) -> None:
    """Works come in the order in which the passages cite them, once each, with their numbers in what is shown."""
    answer = ask(pages, "In how many patients did neck pain ease?", k=3, documents=["alpha", "beta"], min_confidence=0)
    cited = [citation.reference for passage in answer.passages for citation in passage.citations]
    assert [reference.id for reference in answer.references] == list(dict.fromkeys(cited))
    assert (answer.passages[0].document.id, answer.passages[0].headings) == ("alpha", ("Pain",))
    first = answer.references[0]
    assert first.id == "doi:10.1000/first"
    assert [(number.document, number.number) for number in first.numbers] == [("alpha", 2), ("beta", 1)]
    assert first.text == "Alpha A. First work. 2001. doi: 10.1000/first."


def test_reference_text_is_that_of_the_document_cited_first(pages: Searcher) -> None:
    """A work that two pages print differently is given as the page of the best passage prints it."""
    answer = ask(pages, "neck pain", documents=["beta"], min_confidence=0)
    assert [reference.text for reference in answer.references] == [
        "Alpha A. First work, told again. 2001. doi: 10.1000/first."
    ]
    assert [(n.document, n.number) for n in answer.references[0].numbers] == [("beta", 1)]


def test_references_are_verbatim(searcher: Searcher) -> None:
    """Each reference is a footnote of the source, word for word."""
    answer = ask(searcher, MEDIAN, k=50, min_confidence=0)
    assert len(answer.references) == 8
    assert all(f"(({reference.text}))" in SOURCE for reference in answer.references)


def test_describe_work_gives_the_numbers_in_the_documents_asked_for(pages: Searcher) -> None:
    """A work's numbers are those in the documents given, in their order."""
    alpha, beta = pages.documents["alpha"], pages.documents["beta"]

    def numbers(*documents: Document) -> list[tuple[str, int]]:
        return [(n.document, n.number) for n in describe_work(beta.works[1], documents).numbers]

    assert numbers(beta, alpha) == [("beta", 1), ("alpha", 2)]
    assert numbers(alpha) == [("alpha", 2)]
    assert numbers() == []


# Filters, k and legs


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("documents", [["alpha"], ["beta", "alpha"], ["cervical_spinal_metastases"], ["beta", "beta"]])
def test_filter_keeps_order_and_k(pages: Searcher, leg: Leg, documents: list[str]) -> None:
    """A filter leaves out the other documents' passages, changes no score and no order, and fills up to `k`."""
    question = "How many patients had neck pain, and what was the median survival?"
    whole = ask(pages, question, k=50, leg=leg, min_confidence=0)
    some = ask(pages, question, k=2, leg=leg, min_confidence=0, documents=documents)
    expected = [passage for passage in whole.passages if passage.document.id in documents][:2]
    assert [(passage.id, passage.score) for passage in some.passages] == [(p.id, p.score) for p in expected]
    assert len(some.passages) == min(2, sum(p.document.id in documents for p in whole.passages))


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize(
    "filters",
    [
        {"headings": ["pain"]},
        {"headings": ["Palliative surgery in 24 patients"]},
        {"year_from": 2010, "year_to": 2018},
        {"year_to": 2001, "documents": ["alpha", "beta"]},
        {"publication_types": ["article-journal"]},
    ],
)
def test_filters_of_headings_and_works_keep_order_and_k(pages: Searcher, leg: Leg, filters: dict[str, object]) -> None:
    """A filter leaves what its facet says, in the same order with the same scores, as much as there is of it."""
    question = "How many patients had neck pain, and what was the median survival?"
    whole = ask(pages, question, k=50, leg=leg, min_confidence=0)
    some = ask(pages, question, k=50, leg=leg, min_confidence=0, **filters)
    assert 0 < len(some.passages) < len(whole.passages)
    ids = [passage.id for passage in some.passages]
    assert [(p.id, p.score) for p in some.passages] == [(p.id, p.score) for p in whole.passages if p.id in ids]
    for k in (1, 2):
        first = ask(pages, question, k=k, leg=leg, min_confidence=0, **filters)
        assert [passage.id for passage in first.passages] == ids[:k]


def test_filter_of_years_is_by_the_cited_work(pages: Searcher) -> None:
    """What remains cites a work of the years asked for, by the year that the answer's references tell."""
    answer = ask(pages, MEDIAN, k=50, min_confidence=0, year_from=2017, year_to=2017)
    years = {reference.id: reference.year for reference in answer.references}
    assert answer.passages
    assert all(2017 in [years[c.reference] for c in passage.citations] for passage in answer.passages)


def test_no_documents_give_no_match(pages: Searcher) -> None:
    """Of no documents at all, nothing is found, not even a near miss, also when nothing is refused."""
    answer = ask(pages, MEDIAN, documents=[], min_confidence=0)
    assert (answer.status, answer.passages, answer.references, answer.nearest) == ("no_match", (), (), None)


@pytest.mark.parametrize("leg", LEGS)
def test_fewer_are_the_beginning_of_more(searcher: Searcher, leg: Leg) -> None:
    """`k` cuts the list and changes nothing in it."""
    most = ask(searcher, MEDIAN, k=50, leg=leg)
    scores = [passage.score for passage in most.passages]
    assert scores == sorted(scores, reverse=True)
    assert ask(searcher, MEDIAN, k=1, leg=leg).passages == most.passages[:1]
    assert ask(searcher, MEDIAN, k=4, leg=leg).passages == most.passages[:4]


def test_legs_score_by_themselves(searcher: Searcher) -> None:
    """The lexical leg finds only what shares a term; the dense one ranks everything."""
    assert ask(searcher, "xyzzy", leg="lexical", min_confidence=0).passages == ()
    assert len(ask(searcher, "xyzzy", leg="dense", min_confidence=0, k=50).passages) == 16
    lexical = ask(searcher, "quadriplegia", leg="lexical", min_confidence=0)
    assert {"quadriplegia" in (p.text + " ".join(p.headings)).lower() for p in lexical.passages} == {True}


def test_cited_words_find_a_passage(searcher: Searcher) -> None:
    """An author or a PMID finds the passages that cite the work."""
    for question in ("Karantzoulis", "28638950"):
        answer = ask(searcher, question, leg="lexical", min_confidence=0, k=3)
        assert {citation.reference for p in answer.passages for citation in p.citations} == {"pmid:28638950"}


# Whether there is an answer


def test_no_match_gives_the_nearest(searcher: Searcher) -> None:
    """A question without an answer gets no passage, but the nearest one with what it cites."""
    answer = ask(searcher, "Who discovered penicillin?")
    assert (answer.status, answer.passages) == ("no_match", ())
    assert answer.nearest
    assert answer.nearest.rank == 1
    forced = ask(searcher, "Who discovered penicillin?", min_confidence=0)
    assert forced.status == "answered"
    assert answer.nearest == forced.passages[0]
    assert [reference.id for reference in answer.references] == [c.reference for c in answer.nearest.citations]


@pytest.mark.parametrize("question", QUESTIONS)
def test_status_is_independent_of_k_and_leg(searcher: Searcher, question: str) -> None:
    """However many passages are asked for, and by whichever leg, a question is answered or is not."""
    statuses = {ask(searcher, question, k=k, leg=leg).status for k in (1, 2, 10, 50) for leg in LEGS}
    assert len(statuses) == 1


def test_status_of_a_leg_is_that_of_both(embedded_store: Path, tmp_path: Path) -> None:
    """Where one leg's top holds nothing that answers and the other's does, the question is answered on both."""
    line = "The keeper of the harbour wrote into ledger {} what rope, tar and zylophane the ships had brought."
    entries = "\n\n".join(line.format(n) for n in range(12))
    answer = "The colour of haemoglobin."
    searcher = searcher_of(
        read_pages(tmp_path / "pages", entries=entries, answer=answer), embedded_store, tmp_path / "store"
    )
    question = "hemoglobin color, zylophane"
    assert answer not in {passage.text for passage in ask(searcher, question, k=50, leg="lexical").passages}
    assert {ask(searcher, question, leg=leg).status for leg in LEGS} == {"answered"}


@pytest.mark.parametrize("question", [*QUESTIONS, "xyzzy", "?"])
def test_min_confidence_zero_never_refuses(searcher: Searcher, question: str) -> None:
    """With 0 every question gets `k` passages, in the order that it has without."""
    forced = ask(searcher, question, min_confidence=0)
    assert (forced.status, len(forced.passages), forced.nearest) == ("answered", 5, None)
    usual = ask(searcher, question)
    if usual.status == "answered":
        assert usual.passages == forced.passages


# The same again


def test_answers_are_the_same_again(searcher: Searcher) -> None:
    """Alone, again, among other questions and from eight threads at once, only the time differs."""
    queries = [Query(question=question, leg=leg) for question in QUESTIONS for leg in LEGS]
    alone = [timeless(searcher.search([query])[0]) for query in queries]
    assert [timeless(answer) for answer in searcher.search(queries)] == alone
    assert [timeless(answer) for answer in searcher.search(queries[::-1])][::-1] == alone
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda _: [timeless(answer) for answer in searcher.search(queries)], range(8)))
    assert all(answers == alone for answers in rounds)


def test_ids_tell_questions_apart(searcher: Searcher) -> None:
    """The id of an answer is that of its snapshot, question and options."""
    ids = [
        ask(searcher, MEDIAN).id,
        ask(searcher, MEDIAN).id,
        ask(searcher, MEDIAN + " ").id,
        ask(searcher, MEDIAN, k=4).id,
        ask(searcher, MEDIAN, leg="dense").id,
        ask(searcher, MEDIAN, min_confidence=0).id,
        ask(searcher, MEDIAN, documents=["cervical_spinal_metastases"]).id,
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 6
    assert all(re.fullmatch(r"[0-9a-f]{16}", each) for each in ids)


def test_took_is_a_time_in_milliseconds(searcher: Searcher) -> None:
    """An answer tells how long it took."""
    assert 0 < ask(searcher, MEDIAN).took_ms < 5000


def test_no_queries_no_answers(searcher: Searcher) -> None:
    """Nothing asked, nothing answered."""
    assert searcher.search([]) == ()


# What cannot be asked


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"question": ""}, "question", "empty"),
        ({"question": " \n\t "}, "question", "empty"),
        ({"question": "a" * (MAX_QUESTION + 1)}, "question", "has 1001 characters, the most is 1000"),
        ({"question": "1 " * 300}, "question", "has 302 word pieces, the encoder takes 256"),
        ({"question": "half \udcff a pair"}, "question", "surrogate"),
        ({"question": MEDIAN, "k": 0}, "k", "k is 0; it must be from 1 to 50"),
        ({"question": MEDIAN, "k": -1}, "k", "k is -1"),
        ({"question": MEDIAN, "k": MAX_K + 1}, "k", "k is 51; it must be from 1 to 50"),
        ({"question": MEDIAN, "year_from": 0}, "year_from", "must be from 1 to 9999"),
        ({"question": MEDIAN, "year_to": 10**20}, "year_to", "must be from 1 to 9999"),
        ({"question": MEDIAN, "year_from": 2010, "year_to": 2009}, "year_from", "after year_to, 2009"),
        ({"question": MEDIAN, "documents": ["\udcff"]}, "documents", "half of a surrogate pair"),
        ({"question": MEDIAN, "min_confidence": 1.5}, "min_confidence", "min_confidence is 1.5"),
        ({"question": MEDIAN, "min_confidence": float("nan")}, "min_confidence", "min_confidence is nan"),
        ({"question": MEDIAN, "documents": ("cervical_spinal_metastases", "no-such")}, "documents", "'no-such'"),
    ],
)
def test_out_of_bounds(searcher: Searcher, options: dict[str, object], field: str, words: str) -> None:
    """Each option out of bounds is refused with its field and the bound, before anything is searched."""
    bad = Query(**options)  # type: ignore[arg-type]
    with pytest.raises(QueryError) as error:
        searcher.search([Query(question=MEDIAN), bad])
    assert error.value.field == field
    assert words in str(error.value)


def test_longest_question_is_answered(searcher: Searcher) -> None:
    """A question of 1,000 characters within the encoder's limit is taken whole."""
    question = ("spine " * 200)[: MAX_QUESTION - 1] + "?"
    assert len(question) == MAX_QUESTION
    assert ask(searcher, question).question == question


@pytest.mark.parametrize("question", ["\0", "😀", "<script>alert(1)</script>", "' OR 1=1 --", "\u202e", "a\nb", "𝛼"])
def test_odd_questions_are_taken_as_they_are(searcher: Searcher, question: str) -> None:
    """Signs of any kind are asked and given back unchanged."""
    assert ask(searcher, question).question == question


def test_passage_by_id(searcher: Searcher) -> None:
    """A passage is found by its id, and an unknown id is none."""
    first = ask(searcher, MEDIAN).passages[0]
    found = searcher.passage(first.id)
    assert found
    assert (found.text, found.start, found.end) == (first.text, first.anchor.start, first.anchor.end)
    assert searcher.passage("no-such") is None
