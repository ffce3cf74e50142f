"""Late interaction: what a match of single word pieces scores, worked by hand on states of two numbers."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from index.encoder import Encoding, Vectors
from index.late import LateInteraction, quantized

RIGHT, UP = [1.0, 0.0], [0.0, 1.0]
SLANTED = [0.6, 0.8]


def vectors(*rows: list[float]) -> Vectors:
    """Some states."""
    return np.array(rows, dtype=np.float32)


def asked(pieces: list[int], *states: list[float]) -> Encoding:
    """An encoded question; its vector does not matter here."""
    return Encoding(vectors(RIGHT)[0], np.array(pieces, dtype=np.int64), vectors(*states).reshape(-1, 2))


@pytest.fixture
def late() -> LateInteraction:
    """Three sentences in two passages, of which the first has the pieces 1, 2 and 3, the second 1 and 4."""
    return interaction((RIGHT, SLANTED), (RIGHT,), (RIGHT, RIGHT), having={1: 2, 2: 1, 3: 1, 4: 1})


def interaction(
    *sentences: tuple[list[float], ...],
    having: dict[int, int],
    leads: tuple[int, int] = (-1, -1),
    contexts: tuple[int, int] = (0, 0),
) -> LateInteraction:
    """Three sentences in two passages; `having` counts the passages that have a piece."""
    return LateInteraction(
        states=np.concatenate([quantized(vectors(*states)) for states in sentences]),
        offsets=np.cumsum([0, *map(len, sentences)]),
        contexts=np.array(contexts),
        leads=np.array(leads),
        frequencies=np.array([having.get(piece, 0) for piece in range(10)]),
        sentence_offsets=np.array([0, 2, 3]),
    )


ROWS = np.array([0, 1], dtype=np.int64)


def scores_of(late: LateInteraction, question: Encoding, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """How well some passages match."""
    return late.scores(question, late.matches(question, rows))


def test_the_best_match_of_a_piece_counts(late: LateInteraction) -> None:
    """Up is nearest to the slanted state of the first passage, .8, and stands square on all of the second."""
    assert scores_of(late, asked([9], UP), ROWS) == pytest.approx([0.8, 0.0], abs=0.005)


def test_rare_pieces_count_more(late: LateInteraction) -> None:
    """A piece that both passages have weighs ln(1 + .5 / 2.5), one that none has ln(1 + 2.5 / .5)."""
    common, rare = math.log(1 + 0.5 / 2.5), math.log(1 + 2.5 / 0.5)
    scores = scores_of(late, asked([1, 9], RIGHT, UP), ROWS)
    assert scores == pytest.approx([(common + 0.8 * rare) / (common + rare), common / (common + rare)], abs=0.005)


def test_a_lead_is_matched_too() -> None:
    """The second passage, led by the first sentence, finds its slanted state, and has its pieces."""
    led = interaction((RIGHT, SLANTED), (RIGHT,), (RIGHT, RIGHT), having={1: 2, 2: 2, 3: 1, 4: 1}, leads=(-1, 0))
    assert scores_of(led, asked([9], UP), ROWS) == pytest.approx([0.8, 0.8], abs=0.005)
    # Piece 2 now stands in both passages, piece 3 in one: of the pair the latter counts ln 2 / ln 1.2 times as much.
    weight = math.log(1 + 1.5 / 1.5) / (math.log(1 + 1.5 / 1.5) + math.log(1 + 0.5 / 2.5))
    assert scores_of(led, asked([2, 3], UP, RIGHT), ROWS[:1]) == pytest.approx([0.8 * (1 - weight) + weight], abs=0.005)


def test_the_best_sentence_of_a_passage(late: LateInteraction) -> None:
    """Up is nearest to the first sentence of the first passage; what stands square on both is the first, too."""
    right_and_up = asked([3, 9], RIGHT, UP)
    assert late.best_sentences(right_and_up, ROWS).places.tolist() == [0, 0]
    swapped = interaction((RIGHT,), (RIGHT, SLANTED), (RIGHT, RIGHT), having={1: 2, 2: 1, 3: 1, 4: 1})
    assert swapped.best_sentences(right_and_up, ROWS).places.tolist() == [1, 0]
    assert late.best_sentences(asked([]), ROWS).places.tolist() == [0, 0]


def test_title_and_headings_choose_no_sentence() -> None:
    """The pieces above the first sentence find its passage, and count for all its sentences alike."""
    above = interaction((UP, RIGHT), (SLANTED,), (UP,), having={1: 2}, contexts=(1, 0))
    assert scores_of(above, asked([9], UP), ROWS) == pytest.approx([1.0, 1.0], abs=0.005)
    assert above.best_sentences(asked([9], UP), ROWS).places.tolist() == [0, 0]
    assert above.best_sentences(asked([9, 8], UP, SLANTED), ROWS).places.tolist() == [1, 0]


def test_a_question_without_pieces_scores_nothing(late: LateInteraction) -> None:
    """Where nothing is asked, nothing matches."""
    assert scores_of(late, asked([]), ROWS).tolist() == [0.0, 0.0]


def test_a_score_does_not_depend_on_the_others(late: LateInteraction) -> None:
    """A passage has one score, bit for bit, whatever else is scored."""
    question = asked([1, 2, 9], RIGHT, UP, SLANTED)
    together = scores_of(late, question, ROWS)
    assert [scores_of(late, question, ROWS[row : row + 1])[0] for row in (0, 1)] == together.tolist()


def test_quantized_states_keep_their_direction() -> None:
    """Random states of 128 numbers keep a cosine of at least .999 with themselves in int8."""
    states = np.random.default_rng(1).normal(size=(200, 128)).astype(np.float32)
    rounded = quantized(states).astype(np.float32)
    cosines = (states * rounded).sum(axis=1) / np.linalg.norm(states, axis=1) / np.linalg.norm(rounded, axis=1)
    assert rounded.max() == 127
    assert cosines.min() > 0.999
