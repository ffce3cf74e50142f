"""The TREC files of a run: outside tools that read them come to the measures that loccit reports.

One difference is meant. A passage that is the first to cover several spans has one place in a TREC run, and
each further span takes a later one (`eval.measures.places`), while recall counts all that the first passages
cover. So R@5 and R@10 of the files equal those reported where no passage is credited with two spans, and are
never above them.
"""

from collections.abc import Mapping
from pathlib import Path

import ir_measures
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.crediting import credit
from eval.questions import Evidence, Question
from eval.reports import Machine, Settings
from eval.responses import Response, Retrieved
from eval.run_folder import RunFolder
from eval.scoring import Judged, score
from eval.spans import GoldSpan
from eval.targets import Asked

SETTINGS = Settings(
    questions="set.jsonl",
    questions_sha256="00",
    split=None,
    k=10,
    asked=Asked(kind="command", name="./ask"),
    documents=None,
    versions={},
    machine=Machine("Linux", "x86_64", 2),
)

RANKED = {
    "nDCG@10": "ndcg_cut_10",
    "RR@10": "recip_rank",
    "P@1": "P_1",
    "AP@10": "map_cut_10",
    "Success@5": "success_5",
}
RECALLED = {"R@5": "recall_5", "R@10": "recall_10"}
"""Our names of measures, which are those of ir_measures, and the names of trec_eval."""

Values = Mapping[str, Mapping[str, float]]
"""The value of each measure of each question."""


def by_ir_measures(run: Path, qrels: Path) -> Values:
    """What ir_measures makes of two TREC files."""
    measures = [ir_measures.parse_measure(name) for name in (*RANKED, *RECALLED)]
    values: dict[str, dict[str, float]] = {}
    judgements = list(ir_measures.read_trec_qrels(str(qrels)))  # type: ignore[no-untyped-call]
    ranking = list(ir_measures.read_trec_run(str(run)))  # type: ignore[no-untyped-call]
    for one in ir_measures.iter_calc(measures, judgements, ranking):
        values.setdefault(one.query_id, {})[str(one.measure)] = one.value
    return values


def by_trec_eval(run: Path, qrels: Path) -> Values:
    """What trec_eval makes of two TREC files; it has no RR@10, so a reciprocal rank beyond ten is made 0."""
    with qrels.open() as judgements, run.open() as ranking:
        evaluator = pytrec_eval.RelevanceEvaluator(
            pytrec_eval.parse_qrel(judgements),
            {"ndcg_cut.10", "recip_rank", "P.1", "map_cut.10", "success.5", "recall"},
        )
        told = evaluator.evaluate(pytrec_eval.parse_run(ranking))
    values = {
        question: {ours: of[theirs] for ours, theirs in (RANKED | RECALLED).items()} for question, of in told.items()
    }
    return {question: {**of, "RR@10": of["RR@10"] if of["RR@10"] >= 1 / 10 else 0.0} for question, of in values.items()}


def written(path: Path, judged: list[Judged], responses: list[Response]) -> tuple[Path, Path, Path, Path]:
    """The TREC files of a run of these questions and responses."""
    folder = RunFolder(path)
    folder.begin(SETTINGS, judged)
    list(folder.keep(responses))
    folder.finish()
    return folder.trec


def passage(document: str, start: int, end: int, score: float) -> Retrieved:
    """A passage with a place and a score."""
    return Retrieved(document=document, start=start, end=end, score=score)


def test_the_files_by_hand(tmp_path: Path) -> None:
    """One span a line, at its place; equal scores fall by the least step, for trec_eval reads no ranks."""
    question = Question("q1", "What?", (Evidence("page", "x"), Evidence("page", "y", grade=2)), answerable=True)
    judged = [
        Judged(question, (GoldSpan("page", 0, 10), GoldSpan("page", 20, 30, grade=2))),
        Judged(Question("u1", "Why?", (), answerable=False)),
    ]
    ranking = (passage("page", 0, 40, 1.0), passage("other", 0, 9, 1.0), passage("page", 50, 60, 0.5))
    responses = [Response(id="q1", passages=ranking), Response(id="u1", passages=ranking[1:2])]
    assert [path.read_text() for path in written(tmp_path, judged, responses)] == [
        "q1 Q0 span:page:0-10 1 1 command\n"
        "q1 Q0 span:page:20-30 2 0.99999994 command\n"
        "q1 Q0 passage:page:50-60 3 0.5 command\n"
        "u1 Q0 passage:other:0-9 1 1 command\n",
        "q1 0 span:page:0-10 1\nq1 0 span:page:20-30 1\n",
        "q1 Q0 page 1 1 command\nq1 Q0 other 2 0.99999994 command\nu1 Q0 other 1 1 command\n",
        "q1 0 page 2\n",
    ]


def test_recall_is_the_one_difference(tmp_path: Path) -> None:
    """The fifth passage covers two spans: both are recalled by five passages, but one has the sixth place."""
    question = Question("q", "What?", (Evidence("page", "x"), Evidence("page", "y")), answerable=True)
    judged = [Judged(question, (GoldSpan("page", 0, 10), GoldSpan("page", 20, 30)))]
    ranking = [passage("other", at, at + 1, 9.0 - at) for at in range(4)] + [passage("page", 0, 40, 1.0)]
    response = Response(id="q", passages=tuple(ranking))
    run, qrels, *_ = written(tmp_path, judged, [response])
    reported = score(judged, {"q": response})["q"]
    for outside in (by_ir_measures(run, qrels)["q"], by_trec_eval(run, qrels)["q"]):
        assert (outside["R@5"], outside["R@10"]) == (1 / 2, 1)
        assert (reported["R@5"], reported["R@10"]) == (1, 1)
        assert all(reported[name] == pytest.approx(outside[name]) for name in RANKED)


DOCUMENTS = st.sampled_from(["page", "other", "third"])
PLACES = st.tuples(DOCUMENTS, st.integers(0, 6), st.integers(1, 5))
SCORES = st.sampled_from([-1.0, 0.0, 0.1, 0.1 + 1e-9, 1 / 3, 1 / 3 + 1e-16, 2.0, 2e9]) | st.floats(-9, 9)
"""Few enough to meet ties, with some that differ only in double precision."""


@st.composite
def runs(draw: st.DrawFn, *, spans: bool) -> tuple[list[Judged], list[Response]]:
    """One to three questions with evidence, and rankings of up to 14 passages with equal scores among them."""
    judged, responses = [], []
    for identity in ("q1", "q2", "q3")[: draw(st.integers(1, 3))]:
        found = draw(st.lists(PLACES, min_size=1, max_size=4, unique_by=None if spans else lambda place: place[0]))
        gold = tuple(
            GoldSpan(document, 10 * start, 10 * (start + length), draw(st.integers(1, 2)))
            for document, start, length in dict.fromkeys(found)
        )
        evidence = tuple(
            Evidence(
                span.document, "x" if spans else None, span.start if spans else None, grade=draw(st.integers(1, 3))
            )
            for span in gold
        )
        judged.append(Judged(Question(identity, "What?", evidence, answerable=True), gold if spans else ()))
        ranked = draw(st.lists(PLACES, max_size=14, unique=True))
        scores = sorted((draw(SCORES) for _ in ranked), reverse=True)
        passages = [
            passage(document, 10 * start, 10 * (start + length), value)
            for (document, start, length), value in zip(ranked, scores, strict=True)
        ]
        responses.append(Response(id=identity, passages=tuple(passages)))
    return judged, responses[: draw(st.integers(0, 3))]


def check(files: tuple[Path, Path], reported: Values, prefix: str, names: tuple[str, ...]) -> None:
    """Both tools agree with what is reported of each question; one that is missing from a run has 0 there."""
    for outside in (by_ir_measures(*files), by_trec_eval(*files)):
        assert set(outside) <= set(reported)
        for question, values in reported.items():
            told = outside.get(question, dict.fromkeys(names, 0.0))
            assert {name: values[prefix + name] for name in names} == pytest.approx(
                {name: told[name] for name in names}
            )


@settings(deadline=None, max_examples=40)
@given(runs(spans=True))
def test_outside_tools_agree_over_spans_and_documents(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[list[Judged], list[Response]]
) -> None:
    """Every ranking measure but recall over spans is the same for any run, ties and missing responses included."""
    judged, responses = made
    run, qrels, run_of_documents, qrels_of_documents = written(tmp_path_factory.mktemp("run"), judged, responses)
    by_id = {response.id: response for response in responses}
    reported = score(judged, by_id)
    check((run, qrels), reported, "", tuple(RANKED))
    check((run_of_documents, qrels_of_documents), reported, "document ", (*RANKED, *RECALLED))
    told = by_trec_eval(run, qrels)
    for each in judged:
        if each.question.id in told:
            values, credited = told[each.question.id], credit(each.spans, by_id[each.question.id].passages)
            recalls = [(values[name], reported[each.question.id][name]) for name in RECALLED]
            assert all(outside <= ours + 1e-12 for outside, ours in recalls)
            if all(len(spans) < 2 for spans in credited):
                assert all(outside == pytest.approx(ours) for outside, ours in recalls)


@settings(deadline=None, max_examples=25)
@given(runs(spans=False))
def test_outside_tools_agree_over_whole_documents(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[list[Judged], list[Response]]
) -> None:
    """Where whole documents are judged, both pairs of files are of documents."""
    judged, responses = made
    files = written(tmp_path_factory.mktemp("run"), judged, responses)
    reported = score(judged, {response.id: response for response in responses})
    check((files[0], files[1]), reported, "document ", (*RANKED, *RECALLED))
    assert files[0].read_text() == files[2].read_text()
    assert files[1].read_text() == files[3].read_text()
