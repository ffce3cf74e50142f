"""Withdrawn documents: in no answer, list or count, whichever snapshot is published, until they are lifted."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from corpus import Passage
from corpus.errors import QueryError, SnapshotError
from corpus.sources import EMBEDDED, read_sources
from eval.calibrating import examples
from eval.targets import SearcherTarget
from index import Answer, Leg, Query, Searcher, Snapshot, Store
from index.build import build_snapshot
from index.locating import PassageLocator, Quote
from index.withdrawing import repeating, withdraw
from tests.stores import copied, read_pages

LEGS: tuple[Leg, ...] = ("hybrid", "dense", "lexical")
SHARED = (
    "Pain eased in most of the patients who were irradiated within a week, and it came back in few of them later on"
)
ALPHA = f"""====== Alpha ======

Median survival was 9 months ((Beta B. Second work. J Two. 2002. PMID: 222.)). The drug was quinoxaline.

===== Irradiation =====

{SHARED} ((Alpha A. First work. J One. 2001. doi: 10.1000/first. PMID: 111.)).
"""
BETA = """====== Beta ======

Neck pain returned in 3 patients ((Alpha A. First work. J One. 2001. PMID: 111.)).
"""
GAMMA = f"""====== Gamma ======

{SHARED}. Nobody knows why.
"""
QUESTIONS = (
    "What was the median survival?",
    "In how many patients did pain ease?",
    "Which drug was given, quinoxaline?",
    "How many patients had vertebroplasty?",
)
HIDDEN = frozenset({"alpha"})


@pytest.fixture(scope="module")
def store(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of three short pages and the embedded one, and an older snapshot of the short ones alone."""
    folder = tmp_path_factory.mktemp("withdrawals")
    store = copied(embedded_store, folder / "store")
    pages = read_pages(folder / "pages", alpha=ALPHA, beta=BETA, gamma=GAMMA)
    build_snapshot(pages, store)
    build_snapshot([*pages, *read_sources([EMBEDDED]).documents], store)
    return store


@pytest.fixture
def own(store: Store, tmp_path: Path) -> Store:
    """A copy of that store, to be changed."""
    return copied(store.root, tmp_path / "store")


@pytest.fixture(scope="module")
def whole(store: Store) -> Searcher:
    """A searcher of all four pages."""
    return Searcher(Snapshot.open(store))


@pytest.fixture(scope="module")
def left(whole: Searcher) -> Searcher:
    """The same without the page `alpha`."""
    return whole.without(HIDDEN)


def ask(searcher: Searcher, question: str, **options: object) -> Answer:
    """The answer to one question, never refused."""
    return searcher.search([msgspec.convert({"question": question, "min_confidence": 0, **options}, Query)])[0]


def ranked(answer: Answer) -> list[tuple[str, float]]:
    """The passages of an answer by their ids, and their scores."""
    return [(passage.id, passage.score) for passage in answer.passages]


def alpha_passages(searcher: Searcher) -> tuple[Passage, ...]:
    """The passages of the page that is withdrawn."""
    return searcher.passages_of("alpha")


# Answers


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_others_keep_scores_and_order(whole: Searcher, left: Searcher, question: str, leg: Leg) -> None:
    """What is withdrawn is left out of the ranking, and what is left stands as it stood."""
    before, after = (ranked(ask(each, question, k=50, leg=leg)) for each in (whole, left))
    assert any(passage.startswith("alpha-") for passage, _ in before)
    assert after == [(passage, score) for passage, score in before if not passage.startswith("alpha-")]


def test_as_many_passages_as_are_asked_for(whole: Searcher, left: Searcher) -> None:
    """A withdrawn passage leaves no gap: its place is taken by the next best."""
    first = ask(whole, QUESTIONS[0], k=3)
    assert "alpha" in {passage.document.id for passage in first.passages}
    then = ask(left, QUESTIONS[0], k=3)
    assert [passage.rank for passage in then.passages] == [1, 2, 3]
    assert "alpha" not in {passage.document.id for passage in then.passages}


def test_batches_answer_as_single_questions(left: Searcher) -> None:
    """Several questions at once get what each gets alone."""
    queries = [Query(question=question, min_confidence=0) for question in QUESTIONS]
    assert list(map(ranked, left.search(queries))) == [ranked(ask(left, question)) for question in QUESTIONS]


def test_confidence_is_that_of_what_is_left(whole: Searcher, left: Searcher) -> None:
    """A word that only withdrawn pages have counts as unknown, as if they had never been there."""
    with_it, without = (ask(each, QUESTIONS[2]) for each in (whole, left))
    assert with_it.answerable is not None
    assert without.answerable is not None
    assert without.answerable < with_it.answerable
    rows = np.array([row for row, passage in enumerate(whole.passages) if passage.document_id == "alpha"])
    features = whole.evidence(QUESTIONS[2], without=rows).features
    assert left.evidence(QUESTIONS[2]).features.tolist() == features.tolist()


def test_filters(left: Searcher) -> None:
    """Filters find nothing that is withdrawn, and a withdrawn document is named as such."""
    with pytest.raises(QueryError, match=r"The document 'alpha' is withdrawn\. Leave it out\.") as refused:
        ask(left, QUESTIONS[0], documents=["beta", "alpha"])
    assert refused.value.field == "documents"
    with pytest.raises(QueryError, match="No passage has 'Irradiation'") as unknown:
        ask(left, QUESTIONS[0], headings=["Irradiation"])
    assert "irradiation" not in str(unknown.value).lower().replace("no passage has 'irradiation'", "")
    assert ask(left, QUESTIONS[0], year_from=2002, year_to=2002).passages == ()
    assert {each.document.id for each in ask(left, QUESTIONS[1], year_to=2001).passages} == {"beta"}


def test_all_may_be_withdrawn(whole: Searcher) -> None:
    """A store of which nothing is left answers that there is no answer."""
    answer = ask(whole.without(frozenset(whole.documents)), QUESTIONS[0])
    assert (answer.status, answer.passages, answer.nearest) == ("no_match", (), None)


def test_nothing_withdrawn_changes_nothing(whole: Searcher, left: Searcher) -> None:
    """A searcher is itself where nothing changes, and lifting gives back every answer."""
    assert whole.without(frozenset()) is whole
    assert left.without(HIDDEN) is left
    lifted = left.without(frozenset())
    for question in QUESTIONS:
        before, after = (msgspec.structs.replace(ask(each, question), took_ms=0) for each in (whole, lifted))
        assert before == after


# All else that is read


def test_documents_passages_and_findings(whole: Searcher, left: Searcher) -> None:
    """Nothing of a withdrawn document is listed, counted or read."""
    assert list(left.documents) == ["beta", "gamma", "cervical_spinal_metastases"]
    assert len(left.documents) == 3
    assert "alpha" not in left.documents
    assert whole.findings_of("gamma")
    assert left.passages_of("alpha") == ()
    assert left.findings_of("alpha") == ()
    for passage in alpha_passages(whole):
        assert left.passage(passage.id) is None
        assert left.is_withdrawn(passage=passage.id)
        with pytest.raises(SnapshotError, match="withdrawn"):
            left.passages[[each.id for each in whole.passages].index(passage.id)]
    assert not left.is_withdrawn(passage=left.passages_of("beta")[0].id)
    with pytest.raises(SnapshotError, match="withdrawn"):
        list(left.passages)


def test_works(whole: Searcher, left: Searcher) -> None:
    """A work that only withdrawn pages cite is no more, and of another only what the others say of it is left."""
    assert "pmid:222" in whole.works.ids
    assert "pmid:222" not in left.works.ids
    assert left.works.find("222") is None
    assert [note.text for note in left.works.notes("pmid:111")] == ["Alpha A. First work. J One. 2001. PMID: 111."]
    assert {passage.document_id for passage in left.works.passages("pmid:111")} == {"beta"}
    assert whole.works.find("10.1000/first") == "pmid:111"
    assert left.works.find("10.1000/first") == "pmid:111"  # a DOI is its work's, whichever page gave it
    assert left.works.find("PMID:111") == "pmid:111"


def test_located_as_gone(own: Store) -> None:
    """A passage of a withdrawn page is gone, though an older snapshot still tells its words."""
    searcher = Searcher(Snapshot.open(own))
    (passage, *_) = alpha_passages(searcher)
    sha256 = searcher.documents["alpha"].sha256
    assert PassageLocator(searcher, own).passage(passage.id).verdict == "unchanged"
    locator = PassageLocator(searcher.without(HIDDEN), own)
    quote = Quote(exact=passage.text, start=passage.start, end=passage.end, sha256=sha256)
    for located in (
        locator.passage(passage.id),
        locator.quote(quote),
        locator.quote(Quote(exact=passage.text, source="alpha")),
        locator.quote(Quote(exact=passage.text), "alpha"),
    ):
        assert (located.verdict, located.reason) == ("gone", "Its document is withdrawn.")
        assert (located.document, located.span, located.anchor) == (None, None, None)
        assert (located.passages, located.diff, located.candidates) == ((), (), ())
    assert locator.quote(Quote(exact="The drug was quinoxaline.")).verdict == "gone"
    assert locator.quote(Quote(exact=f"{SHARED}.", source="gamma")).document == "gamma"


def test_evaluation(left: Searcher) -> None:
    """An evaluation knows of no withdrawn document, and probabilities are not fitted on part of a snapshot."""
    target = SearcherTarget(left)
    assert "alpha" not in target.documents
    assert target.passages_of("alpha") == ()
    with pytest.raises(SnapshotError, match="Use a store from which nothing is withdrawn"):
        list(examples("store", left, (), lambda done, total: None))


# The store


def test_no_rollback_and_no_rebuild_brings_it_back(own: Store, tmp_path: Path) -> None:
    """A withdrawn page stays out of older snapshots and of new ones, and comes back when it is lifted."""
    current = own.pointer.read_text("utf-8").strip()
    withdraw(own, "alpha", "A patient can be recognised.")
    assert "alpha" not in Searcher(Snapshot.open(own)).documents
    older = next(folder.name for folder in own.others(current) if b"alpha" in (folder / "records.db").read_bytes())
    own.point_to(older)
    rolled_back = Searcher(Snapshot.open(own))
    assert (rolled_back.snapshot, list(rolled_back.documents)) == (older, ["beta", "gamma"])
    assert not any(passage.document.id == "alpha" for passage in ask(rolled_back, QUESTIONS[0], k=50).passages)
    edited = read_pages(tmp_path / "pages", alpha=ALPHA.replace("9 months", "10 months"), beta=BETA)
    build_snapshot(edited, own)
    assert list(Searcher(Snapshot.open(own)).documents) == ["beta"]
    assert list(Snapshot.read_records(own).documents) == ["beta"]
    assert own.withdrawals.lift("alpha")
    assert list(Searcher(Snapshot.open(own)).documents) == ["alpha", "beta"]
    assert not own.withdrawals.lift("alpha")


def test_what_is_kept(own: Store) -> None:
    """The file tells id, date and reason; withdrawing again changes the reason and keeps the date."""
    assert own.withdrawals.read() == ()
    first = withdraw(own, "beta", "Wrong dose.")
    again = withdraw(own, "beta", "Wrong dose of morphine.")
    withdraw(own, "alpha")
    assert again.since == first.since
    assert [(each.document, each.reason) for each in own.withdrawals.read()] == [
        ("alpha", None),
        ("beta", "Wrong dose of morphine."),
    ]
    assert not (own.root / "withdrawn.new").exists()


def test_unknown_page_is_named_with_the_nearest(own: Store) -> None:
    """A page that the snapshot does not have is an error; `Withdrawals.add` takes it for when it comes."""
    with pytest.raises(QueryError, match=r"no document 'gama' in the published snapshot\. Nearest: gamma"):
        withdraw(own, "gama")
    assert own.withdrawn() == frozenset()
    own.withdrawals.add("later")
    assert own.withdrawn() == {"later"}
    assert len(Searcher(Snapshot.open(own)).documents) == 4
    for wrong in ("", " ", "a" * 1001, "\ud800"):
        with pytest.raises(QueryError):
            own.withdrawals.add(wrong)


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"document": 1}]', b'["alpha"]', b"\xff", b"[", b"null"])
def test_damaged_file_answers_nothing(own: Store, content: bytes) -> None:
    """Where it cannot be known what is withdrawn, nothing is answered, and nothing is overwritten."""
    (own.root / "withdrawn.json").write_bytes(content)
    for attempt in (
        lambda: Snapshot.open(own),
        lambda: Snapshot.read_records(own),
        lambda: own.withdrawals.add("alpha"),
        lambda: own.withdrawals.lift("alpha"),
    ):
        with pytest.raises(SnapshotError, match=r"withdrawn\.json cannot be read .* nothing is answered until it can"):
            attempt()
    assert (own.root / "withdrawn.json").read_bytes() == content


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """What several processes withdraw at once is withdrawn, all of it."""
    program = (
        "import sys; from pathlib import Path; from index.withdrawals import Withdrawals\n"
        "for n in range(20): Withdrawals(Path(sys.argv[1])).add(f'{sys.argv[2]}{n:02}')"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name], env=environment) for name in "abc"
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert Store(tmp_path).withdrawn() == {f"{name}{number:02}" for name in "abc" for number in range(20)}


def test_no_store(tmp_path: Path) -> None:
    """Nothing is withdrawn from what is not there."""
    with pytest.raises(SnapshotError, match="is no store"):
        Store(tmp_path / "none").withdrawals.add("alpha")


def test_pages_that_repeat_it_are_told(own: Store) -> None:
    """Other pages that have a paragraph of the withdrawn one are named, unless they are withdrawn too."""
    withdraw(own, "alpha")
    assert repeating(own, "alpha") == ("gamma",)
    withdraw(own, "gamma")
    assert repeating(own, "alpha") == ()
    assert repeating(own, "later") == ()


def test_copy_of_a_store_keeps_what_is_withdrawn(own: Store, tmp_path: Path) -> None:
    """What is withdrawn goes where the store goes."""
    withdraw(own, "alpha")
    shutil.copytree(own.root, tmp_path / "copy")
    assert Store(tmp_path / "copy").withdrawn() == {"alpha"}
