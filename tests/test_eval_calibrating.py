"""Probabilities fitted on examples, and what is said of them on others; answers taken out of a corpus."""

from pathlib import Path

import numpy as np
import pytest

from corpus.errors import QuestionSetError, SettingsError
from eval.calibrating import REFUSED, Example, examples, fit, half_of, judge
from eval.questions import EMBEDDED_QUESTIONS, Evidence, Question
from eval.removal import PassageRemoval
from index import BuildSettings, Snapshot, Store
from index.build import build_snapshot
from index.calibration import DEFAULT_CALIBRATION, FEATURES, calibration_of
from index.searcher import Searcher
from service.calibrating import calibrate
from tests.stores import read_pages, searcher_of, tiny_model

TOLD = "Pain eased in twelve of the twenty patients after the operation, and none of them lost the strength of an arm."
ALPHA = f"""====== Alpha ======

{TOLD} They went home soon.

Nobody knows how long the others of this small group lived.
"""
BETA = f"""====== Beta ======

As was told elsewhere: {TOLD.replace("twenty", "20")}

The weather was fine in all of these years.
"""


@pytest.fixture(scope="module")
def searcher(embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """A searcher of two pages of which one repeats a passage of the other."""
    folder = tmp_path_factory.mktemp("calibrating")
    return searcher_of(read_pages(folder / "pages", alpha=ALPHA, beta=BETA), embedded_store, folder / "store")


def asked(quote: str, document: str = "alpha") -> Question:
    """A question with one evidence."""
    return Question("q1", "In how many did pain ease?", (Evidence(document, quote),), answerable=True)


def starts(searcher: Searcher, rows: object) -> list[str]:
    """The first words of passages, by their rows."""
    return [searcher.passages[int(row)].text.split()[0] for row in sorted(rows)]  # type: ignore[call-overload]


def test_repeated_answers_are_removed_too(searcher: Searcher) -> None:
    """What covers the evidence answers; what says nearly the same on another page goes with it."""
    removal = PassageRemoval(list(searcher.passages), searcher.documents)
    gold = removal.gold(asked(TOLD))
    assert starts(searcher, gold.answering) == ["Pain"]
    assert starts(searcher, gold.removed) == ["Pain", "As"]


def test_what_is_fitted_names_its_encoder(embedded_store: Path, tmp_path: Path) -> None:
    """The file of a calibration names the model by which the stores are encoded, and a build takes it."""
    calibrate([(embedded_store, EMBEDDED_QUESTIONS)], [], given=None, out=tmp_path / "calibration.json")
    encoder = Snapshot.open(Store(embedded_store)).encoder.settings.model
    assert calibration_of(encoder, tmp_path / "calibration.json").encoder == encoder


def test_stores_of_several_encoders_are_refused(embedded_store: Path, tmp_path: Path) -> None:
    """One calibration is for one encoder: neither fitted on two nor judged on another."""
    settings = BuildSettings(model=str(tiny_model(tmp_path / "tiny")), chunk_tokens=16)
    build_snapshot(read_pages(tmp_path / "pages", alpha=TOLD), Store(tmp_path / "store"), settings)
    default, tiny = ((store, EMBEDDED_QUESTIONS) for store in (embedded_store, tmp_path / "store"))
    with pytest.raises(SettingsError, match="are encoded by several models"):
        calibrate([default, tiny], [], given=None, out=None)
    with pytest.raises(SettingsError, match="are encoded by several models"):
        calibrate([default], [tiny], given=None, out=None)
    with pytest.raises(SettingsError, match="was fitted on the encoder"):
        calibrate([], [tiny], given=DEFAULT_CALIBRATION, out=None)


def test_a_quote_of_few_words_is_removed_in_its_document(searcher: Searcher) -> None:
    """Of three words there is no run of four: whatever holds them in the same document goes."""
    removal = PassageRemoval(list(searcher.passages), searcher.documents)
    assert starts(searcher, removal.gold(asked("this small group")).removed) == ["Nobody"]


def test_whole_documents_are_removed_whole(searcher: Searcher) -> None:
    """Where a document is judged, all its passages answer."""
    removal = PassageRemoval(list(searcher.passages), searcher.documents)
    question = Question("q1", "Why?", (Evidence("beta"),), answerable=True)
    assert starts(searcher, removal.gold(question).answering) == ["As", "The"]


def test_each_answerable_question_is_asked_twice(searcher: Searcher) -> None:
    """Once with its answer and once without; an unanswerable one once."""
    questions = [asked(TOLD), Question("q2", "What did it cost?", (), answerable=False, kind="near")]
    found = list(examples("pages", searcher, questions, lambda done, total: None))
    assert [(each.kind, each.answerable, bool(each.answering.any())) for each in found] == [
        ("answerable", True, True),
        ("removed", False, False),
        ("near", False, False),
    ]
    assert [len(each.features) for each in found] == [4, 2, 4]


def made(n: int, *, answerable: bool, corpus: str, seed: int) -> list[Example]:
    """Examples whose first feature is higher by 2 where a passage answers; the rest is noise."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        features = random.normal(size=(6, len(FEATURES)))
        answering = np.zeros(6, dtype=np.bool_)
        if answerable:
            answering[0] = True
            features[0, 0] += 2
        found.append(Example(corpus, "made" if answerable else "near", answerable, features, answering))
    return found


def mixed(corpus: str, seed: int, n: int = 400) -> list[Example]:
    """As many answerable examples as others."""
    return made(n, answerable=True, corpus=corpus, seed=seed) + made(n, answerable=False, corpus=corpus, seed=seed + 1)


def test_what_is_fitted_carries_over() -> None:
    """The feature that tells is found, its probabilities mean what they say on new examples, and few are refused."""
    calibration = fit([*mixed("one", 1), *mixed("two", 3)])
    assert calibration.passage is not None
    weights = np.abs(calibration.passage.weights)
    assert weights.argmax() == 0
    assert weights[0] > 10 * np.median(weights)
    report = judge("three", calibration, mixed("three", 5, n=1500))
    assert (report.n, report.answerable) == (3000, 1500)
    assert report.anything.value == pytest.approx(0.8, abs=0.03)  # the greatest of six normals, one of them moved by 2
    assert report.brier.score.value is not None
    assert report.brier.score.value < report.base_rate == 0.25
    assert report.error is not None
    assert report.error < 0.05
    assert report.wrong_refusal.value == pytest.approx(REFUSED, abs=0.04)
    assert set(report.by_kind) == {"near"}


def test_corpora_weigh_the_same() -> None:
    """A corpus ten times as large does not decide ten times as much: where both tell the contrary, neither wins."""
    contrary = [
        Example(
            "small",
            each.kind,
            each.answerable,
            each.features * np.where(np.arange(len(FEATURES)) == 0, -1, 1),
            each.answering,
        )
        for each in mixed("small", 1, n=100)
    ]
    large = mixed("large", 7, n=1000)
    calibration = fit([*contrary, *large])
    alone = fit(large)
    assert calibration.passage is not None
    assert alone.passage is not None
    assert abs(calibration.passage.weights[0]) < 0.3 * alone.passage.weights[0]


def test_halves_are_told_by_documents() -> None:
    """Questions on one document are in one half; a split that is stated is kept."""
    halves = {half_of(Question(f"q{i}", "Why?", (Evidence("covidqa_630", "a"),), answerable=True)) for i in range(9)}
    assert len(halves) == 1
    assert {half_of(Question(str(i), "Why?", (), answerable=False)) for i in range(40)} == {"development", "test"}


def test_nothing_to_fit_or_to_report_is_told() -> None:
    """Examples of one outcome alone fit nothing; without any there is nothing to report."""
    for alone in (made(9, answerable=False, corpus="one", seed=1), made(9, answerable=True, corpus="one", seed=1)):
        with pytest.raises(QuestionSetError, match="Of 9 questions"):
            fit(alone)
    with pytest.raises(QuestionSetError, match="no question to report on for two"):
        judge("two", fit(mixed("one", 1)), [])
