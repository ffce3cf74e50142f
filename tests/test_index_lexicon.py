"""The lexicon: terms that keep biomedical words whole, and BM25 by Lucene's formula."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, product
from math import log
from pathlib import Path

import bm25s
import msgspec
import numpy as np
import pytest

from index.lay_words import Concept, concepts
from index.lexicon import Lexicon
from index.lexicon_writer import LexiconWriter
from index.terms import terms

TEXTS = ("thorax nodule", "thorax thorax resection outcome", "median survival")
"""Texts of 2, 4 and 2 terms, 8/3 in the mean."""

K1, B = 0.9, 0.4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C1-C2", ["c1-c2", "c1", "c2"]),
        ("AQP4-IgG", ["aqp4-igg", "aqp4", "igg"]),
        ("T2-hyperintense", ["t2-hyperintens", "t2", "hyperintens"]),
        ("14.8", ["14.8"]),
        ("p<0.05", ["p", "0.05"]),
        ("α-synuclein", ["alpha-synuclein", "alpha", "synuclein"]),
        ("24 h/day", ["24", "h/day", "h", "day"]),
        ("TNF-α/IL-6", ["tnf-alpha/il-6", "tnf", "alpha", "il", "6"]),
        ("pT2N1M0", ["pt2n1m0"]),
        ("Überleben Größe", ["uberleben", "gross"]),
        ("1-42 months, 54–89 years", ["1-42", "1", "42", "month", "54-89", "54", "89", "year"]),
        ("What was the median survival of them?", ["median", "surviv", "them"]),
        ("Aspirin™ 5½ years", ["aspirin", "5½", "year"]),
        ("10⁶ cells, 37℃", ["10⁶", "cell", "37"]),
        ("metastases metastasis metastatic", ["metastas", "metastasi", "metastat"]),
        ("snake_case -- ... ?!", ["snake", "case"]),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    """Words are stemmed and without stop words; a compound is a term beside its parts, a number stays whole."""
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("printed", "typed"),
    [
        ("Sjögren", "Sjogren"),
        ("Guillain–Barré", "Guillain-Barre"),
        ("Jørgensen, Wałęsa, Curaçao", "Jorgensen, Walesa, Curacao"),
        ("TGF-β1 and IFN-γ", "TGF-beta1 and IFN-gamma"),
        ("ﬁbrosis", "fibrosis"),
        ("5 µg of μ-opioid", "5 ug of mu-opioid"),
        ("x\u0304bar", "xbar"),
        ("Sjo\u0308gren", "Sjögren"),
    ],
)
def test_words_are_found_as_one_types_them(tmp_path: Path, printed: str, typed: str) -> None:
    """Signs on letters, Greek ones and ligatures make no difference, whoever writes them."""
    assert terms(printed) == terms(typed)
    for text, question in ((printed, typed), (typed, printed)):
        assert Lexicon.build([text, "anything else"], tmp_path / text).scores(question)[0] > 0


@pytest.mark.parametrize("hyphen", ["-", "‐", "‑", "–"])
def test_hyphens_are_one(hyphen: str) -> None:
    """A compound is the same term with whatever hyphen it is written."""
    assert terms(f"C1{hyphen}C2") == terms("C1-C2")


def test_terms_from_many_threads() -> None:
    """Threads that stem at once do not disturb each other."""
    text = " ".join(a + b + "ing" for a, b in product("bcdfgh", "aeiou"))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: terms(text), range(200)))
    assert all(each == terms(text) for each in results)


def weight(occurs_in: int, frequency: int, length: int) -> float:
    """Lucene's BM25 of one term, with ``idf = ln(1 + (N - n + .5) / (n + .5))``, in one of the three texts."""
    return (
        log(1 + (3 - occurs_in + 0.5) / (occurs_in + 0.5))
        * frequency
        / (frequency + K1 * (1 - B + B * length / (8 / 3)))
    )


def test_scores_by_hand(tmp_path: Path) -> None:
    """A term in two of three texts, once in one of 2 terms and twice in one of 4, scores as the formula says."""
    scores = Lexicon.build(TEXTS, tmp_path / "lexicon").scores("thorax")
    assert scores == pytest.approx([0.470004 / 1.81, 0.470004 * 2 / 3.08, 0], abs=1e-6)
    assert scores == pytest.approx([weight(2, 1, 2), weight(2, 2, 4), 0], abs=1e-6)
    assert scores.dtype == np.float32


def test_scores_of_terms_add_up(tmp_path: Path) -> None:
    """Each term of the question adds its score, twice if it is asked twice, and unknown ones none."""
    lexicon = Lexicon.build(TEXTS, tmp_path / "lexicon")
    thorax, survival = weight(2, 1, 2), weight(1, 1, 2)
    assert lexicon.scores("nodule of the thorax") == pytest.approx(
        [thorax + weight(1, 1, 2), weight(2, 2, 4), 0], abs=1e-6
    )
    assert lexicon.scores("survival survival xyzzy") == pytest.approx([0, 0, 2 * survival], abs=1e-6)


@pytest.mark.parametrize("question", ["xyzzy", "the of and", "?", ""])
def test_no_shared_term_scores_nothing(tmp_path: Path, question: str) -> None:
    """A question that shares no term with any text scores 0 in all."""
    assert Lexicon.build(TEXTS, tmp_path / "lexicon").scores(question).tolist() == [0, 0, 0]


def test_texts_without_terms(tmp_path: Path) -> None:
    """Texts of stop words and signs alone can be indexed, and nothing finds them."""
    lexicon = Lexicon.build(["the of and", "..."], tmp_path / "lexicon")
    assert lexicon.scores("the survival").tolist() == [0, 0]


def test_postings_are_those_of_bm25s(tmp_path: Path) -> None:
    """Bit for bit, every term adds to every passage what bm25s computes, also where postings are sorted in parts."""
    choice = np.random.default_rng(3)
    words = [f"w{n}" for n in range(400)]
    texts = [" ".join(choice.choice(words, choice.integers(0, 60))) for _ in range(700)]
    found = [terms(text) for text in texts]
    vocabulary = {term: number for number, term in enumerate(dict.fromkeys(["", *chain.from_iterable(found)]))}
    engine = bm25s.BM25(method="lucene", k1=K1, b=B)
    engine.index(([[vocabulary[term] for term in each] or [0] for each in found], vocabulary), show_progress=False)
    for sorted_at_once in (1 << 22, 1000):
        writer = LexiconWriter(tmp_path / str(sorted_at_once), sorted_at_once=sorted_at_once)
        for text in texts:
            writer.add(text)
        writer.close()
        lexicon = Lexicon(tmp_path / str(sorted_at_once), len(texts))
        for term in words:
            if lexicon.knows(term):
                assert lexicon.scores(term).tobytes() == engine.get_scores([term]).tobytes()
    question = "w1 w2 w3 w5 w8 w13 w21"
    assert lexicon.scores(question) == pytest.approx(engine.get_scores(terms(question)), abs=1e-6)


SAVE = "import sys; from pathlib import Path; from index.lexicon import Lexicon; \
Lexicon.build(sys.argv[2:], Path(sys.argv[1]))"


def test_saved_lexicon_is_the_same_in_every_process(tmp_path: Path) -> None:
    """Two processes, whose sets have different orders, write the same bytes."""
    for seed in ("1", "2"):
        command = [sys.executable, "-c", SAVE, str(tmp_path / seed), *TEXTS]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / seed).iterdir()} for seed in ("1", "2"))
    assert len(first) >= 4
    assert first == second


def test_a_question_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """Where the postings of a lay word's other name are damaged, that question fails, and the next scores as ever."""
    texts = ["renal tumor", "kidney cyst", "kidney renal"]
    lexicon = Lexicon.build(texts, tmp_path / "lexicon")
    expected = lexicon.scores("tumor of the kidney").tolist()
    vocabulary = msgspec.json.decode((tmp_path / "lexicon" / "vocabulary.json").read_bytes(), type=dict[str, int])
    starts = np.load(tmp_path / "lexicon" / "starts.npy")
    rows = np.load(tmp_path / "lexicon" / "rows.npy", mmap_mode="r+")
    place = starts[vocabulary["renal"] + 1] - 1
    kept, rows[place] = int(rows[place]), len(texts)
    damaged = Lexicon(tmp_path / "lexicon", len(texts))
    with pytest.raises(IndexError):
        damaged.scores("tumor of the kidney")
    rows[place] = kept
    assert damaged.scores("tumor of the kidney").tolist() == expected


def test_lay_words_score_half(tmp_path: Path) -> None:
    """A lay word scores by itself, or at half weight by the best of the professional words for it."""
    lexicon = Lexicon.build(["renal tumor", "kidney cyst", "kidney renal"], tmp_path / "lexicon")
    renal, kidney = lexicon.scores("renal"), lexicon.scores("kidney")
    assert concepts("kidney") == (Concept(("kidney",), (("renal",),)),)
    assert renal[0] > 0
    assert kidney == pytest.approx([renal[0] / 2, renal[0], renal[2]], abs=1e-6)
