"""Fusion: what makes a score, who is a candidate, and that nothing but the passage itself moves it."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from corpus import Document, Passage
from corpus.sources import EMBEDDED
from index import Leg, Snapshot, Store
from index.build import build_snapshot
from index.encoder import Encoding
from index.fusion import LEXICAL_WEIGHT, Ranking, rank
from index.late import quantized
from tests.stores import copied, read_pages

LEGS: tuple[Leg, ...] = ("hybrid", "dense", "lexical")
QUESTION = "Which drug relieves a stiff shoulder?"
SHOULDERS = "\n\n".join(
    f"{drug} relieves the stiff shoulder of {patient} patients, a drug for every shoulder."
    for drug in ("Morphine", "Ibuprofen", "Codeine", "Aspirin", "Naproxen", "Diclofenac", "Fentanyl", "Ketamine")
    for patient in ("old", "young", "frail", "stout", "tall", "short", "male", "female", "ill", "sad", "shy", "brave")
)
LEDGER = "The harbour office keeps a ledger. Its keeper was paid in zylophane, as the drug was called at sea."


def titled(pages: Sequence[Document]) -> list[Document]:
    """Pages with titles that are not the names of their files."""
    return [msgspec.structs.replace(page, title=f"All about {page.id}") for page in pages]


@pytest.fixture(scope="module")
def tiny(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A snapshot of three passages."""
    folder = tmp_path_factory.mktemp("tiny")
    store = copied(embedded_store, folder / "store")
    pages = read_pages(
        folder / "pages",
        drugs="Morphine relieves pain. It is a drug.",
        joints="The shoulder is a joint.\n\nA stiff shoulder hurts. Rest helps.",
    )
    build_snapshot(titled(pages), store)
    return Snapshot.open(store)


@pytest.fixture(scope="module")
def large(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A snapshot with more passages than either leg gives candidates, one of them of another subject."""
    folder = tmp_path_factory.mktemp("large")
    store = copied(embedded_store, folder / "store")
    more = "\n\n".join(f"A stiff shoulder is drug number {n}." for n in range(20))
    build_snapshot(titled(read_pages(folder / "pages", ledger=LEDGER, shoulders=f"{SHOULDERS}\n\n{more}")), store)
    return Snapshot.open(store)


@pytest.fixture(scope="module")
def embedded(embedded_store: Path) -> Snapshot:
    """The embedded page's snapshot."""
    return Snapshot.open(Store(embedded_store))


def ranked(
    snapshot: Snapshot, question: str, leg: Leg = "hybrid", most: int = 50, within: list[int] | None = None
) -> Ranking:
    """The ranking of a question."""
    return rank(
        snapshot,
        question=question,
        encoding=snapshot.encoder.encode_queries([question])[0],
        leg=leg,
        most=most,
        within=None if within is None else np.array(within, dtype=np.int64),
    )


def late_by_hand(asked: Encoding, passages: list[list[Encoding]]) -> list[float]:
    """How well the pieces of a question match those of each passage, given as its encoded sentences."""
    held = [{int(piece) for sentence in each for piece in sentence.pieces} for each in passages]
    having = [sum(int(piece) in each for each in held) for piece in asked.pieces]
    idf = np.array([math.log(1 + (len(held) - n + 0.5) / (n + 0.5)) for n in having])
    wanted = quantized(asked.states).astype(float)
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    scores = []
    for each in passages:
        states = np.concatenate([quantized(sentence.states) for sentence in each]).astype(float)
        cosines = wanted @ states.T / np.linalg.norm(states, axis=1)
        scores.append(float(idf @ cosines.max(axis=1) / idf.sum()))
    return scores


def searched(snapshot: Snapshot, passage: Passage) -> list[Encoding]:
    """The sentences of a passage below the title; of the title's states only those with the first are kept."""
    document, encoder = snapshot.documents[passage.document_id], snapshot.encoder
    texts = [f"{document.title}. {document.text[span.start : span.end]}" for span in passage.sentences]
    above = len(encoder.pieces(f"{document.title}."))
    first, *others = encoder.encode_passages(texts)
    return [first, *(other._replace(states=other.states[above:]) for other in others)]


def by_hand(snapshot: Snapshot, question: str) -> dict[str, list[float]]:
    """The score of every passage on each leg, as the formula says, from the texts alone."""
    encoder = snapshot.encoder
    (asked,) = encoder.encode_queries([question])
    sentences = [searched(snapshot, passage) for passage in snapshot.passages]
    vector = asked.vector.astype(float)
    cosines = [each.vector @ vector for each in encoder.encode_passages([p.text for p in snapshot.passages])]
    best = [max(sentence.vector @ vector for sentence in each) for each in sentences]
    late = late_by_hand(asked, sentences)
    dense = [(one + other) / 2 + 4 * match for one, other, match in zip(cosines, best, late, strict=True)]
    lexical = [float(score) for score in snapshot.lexicon.scores(question)]
    highest = max(lexical)
    return {
        "cosine": cosines,
        "dense": dense,
        "lexical": lexical,
        "hybrid": [d + 0.35 * score / highest if highest else d for d, score in zip(dense, lexical, strict=True)],
    }


@pytest.mark.parametrize("question", [QUESTION, "What helps?", "shoulder joint", "xyzzy"])
@pytest.mark.parametrize("leg", LEGS)
def test_scores_by_hand(tiny: Snapshot, question: str, leg: Leg) -> None:
    """Dense is the mean of two cosines and 4 times the match of pieces; hybrid adds .35 for the best lexical hit."""
    ranking = ranked(tiny, question, leg)
    expected = {row: score for row, score in enumerate(by_hand(tiny, question)[leg]) if leg != "lexical" or score}
    assert ranking.rows.tolist() == sorted(expected, key=lambda row: -expected[row])
    assert ranking.scores == pytest.approx([expected[row] for row in ranking.rows.tolist()], abs=1e-5)


def test_best_lexical_hit_gets_the_whole_weight(tiny: Snapshot) -> None:
    """The weight is DESIGN's, and the passage with the best BM25 gets all of it on top of its dense score."""
    assert LEXICAL_WEIGHT == 0.35
    top = int(tiny.lexicon.scores(QUESTION).argmax())
    hybrid, dense = (ranked(tiny, QUESTION, leg) for leg in ("hybrid", "dense"))
    gain = hybrid.scores[hybrid.rows.tolist().index(top)] - dense.scores[dense.rows.tolist().index(top)]
    assert gain == pytest.approx(0.35, abs=1e-6)


def test_best_sentences_are_the_nearest(tiny: Snapshot) -> None:
    """With each passage stand the cosine of its nearest sentence, and which sentence's pieces match best."""
    ranking = ranked(tiny, "Does rest help?")
    asked = tiny.encoder.encode_queries(["Does rest help?"])[0].vector
    for row, best in zip(ranking.rows, ranking.best, strict=True):
        assert best == pytest.approx((tiny.vectors_of_sentences(row) @ asked).max(), abs=1e-6)
    top = tiny.passages[ranking.rows[0]]
    span = top.sentences[ranking.sentences.places[0]]
    assert tiny.documents[top.document_id].text[span.start : span.end] == "Rest helps."


def test_candidate_that_the_dense_leg_missed_gets_its_true_score(large: Snapshot) -> None:
    """A passage beyond the dense top that the lexicon finds is scored by its real cosine, not by none."""
    question = f"{QUESTION} zylophane"
    expected = by_hand(large, question)
    (row,) = [row for row, passage in enumerate(large.passages) if "zylophane" in passage.text]
    assert sum(score > expected["cosine"][row] for score in expected["cosine"]) >= 100
    hybrid = ranked(large, question)
    assert hybrid.scores[hybrid.rows.tolist().index(row)] == pytest.approx(expected["hybrid"][row], abs=1e-5)
    assert expected["dense"][row] > 0.01


def test_candidate_that_the_lexicon_missed_gets_its_true_score(large: Snapshot) -> None:
    """A passage of the dense top that stands beyond the lexical top gets its real BM25, not 0."""
    expected = by_hand(large, QUESTION)
    assert sum(score > 0 for score in expected["lexical"]) > 100
    hybrid = ranked(large, QUESTION, most=200)
    assert len(hybrid.rows) > 100
    assert hybrid.scores == pytest.approx([expected["hybrid"][row] for row in hybrid.rows.tolist()], abs=1e-5)


@pytest.mark.parametrize("leg", LEGS)
def test_first_are_the_same_however_many_are_asked(large: Snapshot, leg: Leg) -> None:
    """Fewer passages are the beginning of more."""
    many = ranked(large, QUESTION, leg, most=50)
    assert len(many.rows) == 50
    assert (np.diff(many.scores) <= 0).all()
    for most in (1, 5, 10):
        few = ranked(large, QUESTION, leg, most=most)
        assert few.rows.tolist() == many.rows[:most].tolist()
        assert few.scores.tobytes() == many.scores[:most].tobytes()


@pytest.mark.parametrize("leg", LEGS)
def test_filter_moves_no_score(embedded: Snapshot, leg: Leg) -> None:
    """Among whatever other passages, a passage has the same score bit for bit, so a filter changes no order."""
    question = "How many patients had complete pain relief after surgery?"
    whole = ranked(embedded, question, leg)
    scores = dict(zip(whole.rows.tolist(), whole.scores.tolist(), strict=True))
    choice = np.random.default_rng(5)
    for _ in range(60):
        size = choice.integers(1, len(embedded.passages))
        within = choice.choice(len(embedded.passages), size, replace=False).tolist()
        some = ranked(embedded, question, leg, within=within)
        assert some.rows.tolist() == [row for row in whole.rows.tolist() if row in within]
        assert some.scores.tolist() == [scores[row] for row in some.rows.tolist()]


@pytest.mark.parametrize("leg", LEGS)
def test_nothing_within_gives_nothing(embedded: Snapshot, leg: Leg) -> None:
    """Of no passages, none is ranked."""
    assert ranked(embedded, QUESTION, leg, within=[]).rows.tolist() == []


@pytest.mark.parametrize("leg", LEGS)
def test_equal_scores_keep_the_order_of_passages(embedded_store: Path, tmp_path: Path, leg: Leg) -> None:
    """The same page under three names scores the same bit for bit, and the first in the order of ids comes first."""
    page = (EMBEDDED / "cervical_spinal_metastases.txt").read_text("utf-8")
    store = copied(embedded_store, tmp_path / "store")
    build_snapshot(read_pages(tmp_path / "pages", b=page, a=page, c=page), store)
    snapshot = Snapshot.open(store)
    ranking = ranked(snapshot, "What was the median survival after palliative surgery?", leg, most=30)
    places = [(snapshot.passages[row].document_id, snapshot.passages[row].start) for row in ranking.rows.tolist()]
    for first in range(0, 30, 3):
        group = places[first : first + 3]
        assert group == [(name, group[0][1]) for name in "abc"]
        assert len(set(ranking.scores[first : first + 3].tolist())) == 1
