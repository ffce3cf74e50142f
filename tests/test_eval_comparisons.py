"""Two runs compared: differences, tests, gates, and what cannot be compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from corpus.errors import RunError, SettingsError
from eval.comparisons import Gate, compare_runs, read_gate
from eval.questions import Evidence, Question
from eval.reports import Machine, Settings
from eval.responses import Response, Retrieved
from eval.run_folder import RunFolder
from eval.scoring import Judged
from eval.spans import GoldSpan
from eval.summaries import compared
from eval.targets import Asked

GOLD = GoldSpan("page", 0, 10)


def write_run(
    folder: Path, ranks: Mapping[str, int | None], *, sha256: str = "0a", answered: Sequence[str] = ()
) -> Path:
    """A finished run whose questions find their evidence at these ranks.

    Questions that begin with ``u`` are unanswerable; those `answered` have that status, the others are refused.
    """
    judged = [
        Judged(Question(name, f"{name}?", (), answerable=False))
        if name.startswith("u")
        else Judged(Question(name, f"{name}?", (Evidence("page", "It rose so."),), answerable=True), (GOLD,))
        for name in ranks
    ]
    responses = [
        Response(
            id=name,
            status="answered" if name in answered else "no_match",
            passages=tuple(
                Retrieved(document="page", start=0 if at == rank else 100 * at, end=100 * at + 20, score=9.0 - at)
                for at in range(1, 6)
            ),
        )
        for name, rank in ranks.items()
    ]
    machine = Machine("Linux", "x86_64", 2)
    settings = Settings(
        questions="set.jsonl",
        questions_sha256=sha256,
        split=None,
        k=10,
        asked=Asked(kind="command", name="x"),
        documents=1,
        versions={},
        machine=machine,
    )
    run = RunFolder(folder)
    run.begin(settings, judged)
    list(run.keep(responses))
    run.finish()
    return folder


NAMES = [f"q{number}" for number in range(8)]


def test_two_runs(tmp_path: Path) -> None:
    """Three of eight questions move from rank 2 to 1 and one from 1 to 2, which may well be chance."""
    a = write_run(tmp_path / "a", dict.fromkeys(NAMES, 1) | {"q0": 2, "q1": 2, "q2": 2})
    b = write_run(tmp_path / "b", dict.fromkeys(NAMES, 1) | {"q3": 2})
    comparison = compare_runs(a, b)
    found = {measure.name: measure for measure in comparison.measures}
    rank = found["RR@10"]
    assert rank.a == pytest.approx((5 + 1.5) / 8)
    assert rank.b == pytest.approx((7 + 0.5) / 8)
    assert (rank.comparison.wins, rank.comparison.ties, rank.comparison.losses) == (3, 4, 1)
    assert rank.comparison.difference.value == pytest.approx(1 / 8)
    # Of the 16 ways to sign four halves, all but the 6 with two of each are as far from 0.
    assert rank.comparison.p_value == pytest.approx(10 / 16)
    assert rank.p_adjusted == 1.0
    assert [(each.a.id, round(each.difference, 3)) for each in comparison.changed] == [
        ("q0", 0.369),
        ("q1", 0.369),
        ("q2", 0.369),
        ("q3", -0.369),
    ]
    assert comparison.leading == "nDCG@10"


def test_less_is_better_where_it_is(tmp_path: Path) -> None:
    """A wrong answer less is a win, though its difference is negative, and a gate holds its rise to be a loss."""
    unanswerable = {f"u{number}": None for number in range(6)}
    a = write_run(tmp_path / "a", {"q0": 1, **unanswerable}, answered=["q0", "u1", "u2"])
    b = write_run(tmp_path / "b", {"q0": 1, **unanswerable}, answered=["q0"])
    (wrong,) = [each for each in compare_runs(a, b).measures if each.name == "wrong answer"]
    assert (wrong.comparison.wins, wrong.comparison.losses) == (2, 0)
    assert wrong.comparison.difference.value == pytest.approx(-1 / 3)
    gate = Gate("wrong answer", -0.05)
    assert compare_runs(b, a, [gate]).gates[0].result.difference.value == pytest.approx(-1 / 3)
    assert compare_runs(b, a, [gate]).gates[0].result.verdict != "passed"


def test_gates(tmp_path: Path) -> None:
    """The same run passes at any margin, a far worse one fails, and few questions with one loss cannot tell."""
    many = [f"q{number:03}" for number in range(60)]
    a = write_run(tmp_path / "a", dict.fromkeys(many, 1))
    b = write_run(tmp_path / "b", dict.fromkeys(many, 4))
    c = write_run(tmp_path / "c", dict.fromkeys(many, 1) | {"q000": 2})
    gate = [Gate("RR@10", -0.01)]
    assert compare_runs(a, a, gate).gates[0].result.verdict == "passed"
    assert "gate RR@10: passed; none of the 60 questions changed" in compared(compare_runs(a, a, gate))
    assert compare_runs(a, b, gate).gates[0].result.verdict == "failed"
    result = compare_runs(a, c, gate).gates[0].result
    assert result.verdict == "too small"
    assert result.needed is not None
    assert result.needed > 60
    assert "gate RR@10: too small; the guarded lower end" in compared(compare_runs(a, c, gate))


def test_the_table(tmp_path: Path) -> None:
    """Each measure has a line with both values, the difference, its interval, p, and counts of questions."""
    a = write_run(tmp_path / "a", dict.fromkeys(NAMES, 1) | {"q0": 2})
    b = write_run(tmp_path / "b", dict.fromkeys(NAMES, 1))
    lines = compared(compare_runs(a, b)).splitlines()
    assert lines[:2] == [f"A  {a}", f"B  {b}"]
    (line,) = [line for line in lines if line.startswith("P@1 ")]
    assert line.split() == ["P@1", "0.875", "1.000", "+0.125", "+0.000", "to", "+0.375", "1.000", "1", "7", "0"]


def test_other_questions_are_not_compared(tmp_path: Path) -> None:
    """Runs of two question sets are refused, with both named."""
    a, b = write_run(tmp_path / "a", {"q0": 1}), write_run(tmp_path / "b", {"q0": 1}, sha256="ff")
    with pytest.raises(
        RunError, match=r"asked other questions: set.jsonl \(SHA-256 0a…\) and set.jsonl \(SHA-256 ff…\)"
    ):
        compare_runs(a, b)


def test_an_empty_run_is_not_compared(tmp_path: Path) -> None:
    """A run in which nothing came back says nothing."""
    a, b = write_run(tmp_path / "a", {"q0": 1}), write_run(tmp_path / "b", {"q0": 1})
    folder = RunFolder(b)
    folder.answers.write_bytes(b"")
    folder.finish()
    with pytest.raises(RunError, match="is empty: none of its 1 questions has a response"):
        compare_runs(a, b)


def test_a_partial_run_is_compared_with_a_warning(tmp_path: Path) -> None:
    """What is missing scores 0, and the comparison says how much is."""
    a, b = write_run(tmp_path / "a", dict.fromkeys(NAMES, 1)), write_run(tmp_path / "b", dict.fromkeys(NAMES, 1))
    folder = RunFolder(b)
    folder.answers.write_bytes(b"".join(folder.answers.read_bytes().splitlines(keepends=True)[:-1]))
    folder.finish()
    comparison = compare_runs(a, b)
    assert comparison.warnings == (f"{b} is partial: 1 questions have no response, and score 0.",)
    (first,) = [each for each in comparison.measures if each.name == "P@1"]
    assert (first.a, first.b, first.comparison.n) == (1.0, 0.875, 8)
    with pytest.raises(RunError, match="is partial, and a gate would not see what is missing"):
        compare_runs(a, b, [Gate("wrong refusal", -0.01)])


def test_folders_that_are_no_runs(tmp_path: Path) -> None:
    """A missing folder and measures of another form are named."""
    a = write_run(tmp_path / "a", {"q0": 1})
    with pytest.raises(RunError, match=r"none/measures\.json cannot be read: No such file"):
        compare_runs(a, tmp_path / "none")
    (a / "measures.json").write_text("{}")
    with pytest.raises(RunError, match=r"measures\.json is not as loccit eval run writes it"):
        compare_runs(a, a)


def test_a_baseline_is_its_measures_alone(tmp_path: Path) -> None:
    """Only measures.json is needed of a run to compare with it, so that a baseline can be kept small."""
    a = write_run(tmp_path / "a", dict.fromkeys(NAMES, 1))
    for path in a.iterdir():
        if path.name != "measures.json":
            path.unlink()
    b = write_run(tmp_path / "b", dict.fromkeys(NAMES, 1))
    assert compare_runs(a, b, [Gate("nDCG@10", -0.01)]).gates[0].result.verdict == "passed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nDCG@10", "Write a measure and a margin, as nDCG@10=-0.01"),
        ("nDCG@10=small", "Write a measure and a margin"),
        ("nDCG@7=-0.01", "names no measure. The measures are: nDCG@10"),
        ("nDCG@10=0.01", "Give how much may be lost, such as -0.01"),
        ("nDCG@10=nan", "Give how much may be lost"),
    ],
)
def test_a_bad_gate(text: str, message: str) -> None:
    """A gate without a margin, on an unknown measure, or with a margin that is none is refused."""
    with pytest.raises(SettingsError, match=message):
        read_gate(text)


def test_a_gate_on_what_was_not_measured(tmp_path: Path) -> None:
    """A measure that the runs do not have is named, with those that they have."""
    a = write_run(tmp_path / "a", {"q0": 1})
    with pytest.raises(SettingsError, match=r"The runs have no citation F1. They have: nDCG@10"):
        compare_runs(a, a, [Gate("citation F1", -0.01)])


def test_a_gate_on_documents() -> None:
    """A name with a space is read whole."""
    assert read_gate("document nDCG@10=-0.02") == Gate("document nDCG@10", -0.02)
