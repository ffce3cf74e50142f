"""What a report says of a run, from answers that are built here, against values worked by hand."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.citations import citation_report
from eval.faults import Fault
from eval.intervals import Estimate, mean_interval, rate_interval
from eval.measures import DOCUMENT_MEASURES, MEASURES
from eval.questions import Evidence, Question
from eval.reports import Abstention, Group, Machine, Report, Settings, Speed, make_report
from eval.responses import Cited, Response, Retrieved
from eval.scoring import Judged
from eval.spans import GoldSpan
from eval.targets import Asked
from index.answers import Status

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


def judged(identity: str, kind: str | None = None, *, answerable: bool = True) -> Judged:
    """A question whose evidence, if it has any, stands at 0 to 10 and rests on work a."""
    evidence = (Evidence("page", "ten places"),) if answerable else ()
    references = ("a",) if answerable else ()
    spans = (GoldSpan("page", 0, 10),) if answerable else ()
    return Judged(Question(identity, "Which ten patients?", evidence, answerable, references, kind), spans)


def response(
    identity: str,
    *,
    found: bool,
    confidence: float | None = None,
    answerable: float | None = None,
    score: float = 1.0,
    status: Status = "answered",
    took_ms: float | None = None,
) -> Response:
    """One passage, which holds the evidence if `found`, and cites work a rightly and b wrongly."""
    start = 0 if found else 50
    passage = Retrieved(
        document="page",
        start=start,
        end=start + 20,
        score=score,
        confidence=confidence,
        citations=(Cited("a", "marked"), Cited("b", "named")),
    )
    return Response(id=identity, status=status, passages=(passage,), answerable=answerable, took_ms=took_ms)


def report(questions: list[Judged], *responses: Response) -> Report:
    """The report of a run of these."""
    return make_report(SETTINGS, questions, {response.id: response for response in responses})


def abstention(questions: list[Judged], *responses: Response) -> Abstention:
    """What a report says of abstention, where it says anything."""
    found = report(questions, *responses).abstention
    assert found is not None
    return found


FOUR = [judged("a"), judged("b"), judged("c"), judged("d", answerable=False)]


def test_probabilities_are_judged_as_such() -> None:
    """Two of four first passages answer, three of four questions have an answer."""
    found = abstention(
        FOUR,
        response("a", found=True, confidence=0.9, answerable=0.8),
        response("b", found=False, confidence=0.8, answerable=0.4),
        response("c", found=True, confidence=0.3, answerable=0.6),
        response("d", found=False, confidence=0.1, answerable=0.5),
    )
    assert (found.n, found.unanswerable) == (4, 0.25)
    passage, anything = found.passage, found.anything
    assert (passage.signal, passage.n, passage.right) == ("confidence", 4, 2)
    assert passage.auroc.value == 3 / 4  # 0.9 is above both wrong ones, 0.3 above one
    assert passage.brier is not None
    assert passage.brier.score.value == pytest.approx((0.1**2 + 0.8**2 + 0.7**2 + 0.1**2) / 4)
    assert [(one.probability, one.observed.value) for one in passage.reliability] == [
        (0.1, 0),
        (0.3, 1),
        (0.8, 0),
        (0.9, 1),
    ]
    assert (anything.signal, anything.n, anything.right) == ("answerable", 4, 3)
    assert anything.auroc.value == 2 / 3  # 0.8 and 0.6 are above 0.5, and 0.4 is not
    assert anything.brier is not None
    assert anything.brier.score.value == pytest.approx((0.2**2 + 0.6**2 + 0.4**2 + 0.5**2) / 4)
    points = [(point.coverage, point.risk) for point in found.risk_coverage.points]
    assert points == [(1 / 4, 0), (2 / 4, 1 / 2), (3 / 4, 1 / 3), (1, 1 / 2)]


def test_the_score_stands_in_where_any_probability_is_missing() -> None:
    """It orders the questions, but is no probability; a response without passages lies below the lowest score."""
    found = abstention(
        FOUR,
        response("a", found=True, score=-3.0, confidence=0.9),
        response("b", found=True, score=7.0),
        Response(id="c"),
        response("d", found=False, score=5.0),
    )
    assert (found.passage.signal, found.anything.signal) == ("score", "score")
    assert (found.passage.brier, found.passage.reliability) == (None, ())
    assert found.passage.auroc.value == 3 / 4  # right -3 and 7 against wrong 5 and none
    assert found.anything.auroc.value == 1 / 3  # only 7 is above 5
    assert len(found.risk_coverage.points) == 4  # no tie of -3 and none


def test_no_passages_lie_below_even_the_greatest_scores() -> None:
    """Scores of 2**60 have no neighbour that is 1 less, and still no tie arises."""
    found = abstention([judged("a"), judged("b")], response("a", found=True, score=2.0**60), Response(id="b"))
    assert found.passage.auroc.value == 1


def test_a_response_without_passages_is_least_sure_as_a_probability() -> None:
    """Its probability is 0 of anything, whatever it says is answerable, and the others keep theirs."""
    found = abstention(
        [judged("a"), judged("b", answerable=False)],
        response("a", found=True, confidence=0.6, answerable=0.7),
        Response(id="b", answerable=0.9),
    )
    assert [one.probability for one in found.passage.reliability] == [0, 0.6]
    assert [one.probability for one in found.anything.reliability] == [0, 0.7]
    assert found.anything.auroc.value == 1


def test_each_signal_is_read_for_itself() -> None:
    """A service may give the one probability and not the other."""
    found = abstention(
        FOUR[:2],
        response("a", found=True, answerable=0.7, score=2.0),
        response("b", found=False, answerable=0.2, score=1.0),
    )
    assert (found.passage.signal, found.anything.signal) == ("score", "answerable")
    assert found.passage.brier is None
    assert found.anything.brier is not None


def test_failed_responses_do_not_count_for_abstention_and_without_passages_there_is_none() -> None:
    """Only what came back can be sure of anything."""
    assert abstention(FOUR, response("a", found=True), Response(id="b", failure="HTTP 503")).n == 1
    assert report(FOUR, Response(id="a"), Response(id="b", failure="HTTP 503")).abstention is None
    assert report(FOUR).abstention is None


def test_speed_by_hand() -> None:
    """Of 10, 20, 30 and 40 ms the median lies halfway and the 95% point 0.85 of the way from 30 to 40."""
    times = zip("abcd", (30.0, 10.0, 40.0, 20.0), strict=True)
    found = report(FOUR, *(response(name, found=True, took_ms=took) for name, took in times)).speed
    assert found == Speed(4, 25.0, 38.5, 39.7, 40.0)


def test_speed_counts_sound_answers_that_were_timed() -> None:
    """A failure is no answer, and a time that is not known is none; without any there is no speed."""
    failed = Response(id="a", failure="timeout", took_ms=9000)
    assert report(FOUR, failed, response("b", found=True, took_ms=5.0), response("c", found=True)).speed == Speed(
        1, 5.0, 5.0, 5.0, 200.0
    )
    assert report(FOUR, failed, response("c", found=True)).speed is None


def test_a_run_is_complete_once_every_question_has_a_sound_response() -> None:
    """Failed and missing ones are counted alike, and both score 0 in what is ranked."""
    found = report(FOUR, response("a", found=True), Response(id="b", failure="HTTP 503"), response("d", found=False))
    assert (found.complete, found.missing) == (False, 2)
    assert found.overall.measures["P@1"] == mean_interval([1, 0, 0])
    assert report(FOUR, *(response(name, found=True) for name in "abcd")).complete


def test_aggregates_by_kind() -> None:
    """Shares have Wilson's interval, all else the bootstrap's; a kind has its own questions, and none has no group."""
    questions = [judged("a", "number"), judged("b", "number"), judged("c"), judged("d", "absent", answerable=False)]
    found = report(
        questions,
        response("a", found=True),
        response("b", found=False),
        response("c", found=True, status="no_match"),
        response("d", found=False),
    )
    assert (found.overall.n, found.overall.answerable) == (4, 3)
    assert found.overall.measures["wrong refusal"] == rate_interval(1, 3)
    assert found.overall.measures["wrong answer"] == rate_interval(1, 1)
    assert found.overall.measures["RR@10"] == mean_interval([1, 0, 1])
    assert found.overall.measures["character precision@5"] == mean_interval([1 / 2, 0, 1 / 2])
    assert list(found.by_kind) == ["absent", "number"]
    assert found.by_kind["absent"] == Group(1, 0, {"wrong answer": rate_interval(1, 1)})
    assert found.by_kind["number"].measures["nDCG@10"] == mean_interval([1, 0])
    assert found.by_kind["number"].measures["wrong refusal"] == rate_interval(0, 2)
    assert list(found.overall.measures) == [name for name in MEASURES if name in found.overall.measures]


def test_citations_are_those_of_the_passages_that_answer() -> None:
    """Each of the two cites the right work and a wrong one; where the evidence is missed nothing is counted."""
    found = report(FOUR, response("a", found=True), response("b", found=False), response("c", found=True)).citations
    assert (found.n, found.true_positives, found.false_positives, found.false_negatives) == (2, 2, 2, 0)
    assert (found.precision.value, found.recall.value) == (1 / 2, 1)
    assert found.by_basis["named"].precision.value == 0
    assert report(FOUR).citations == citation_report([])


def test_each_question_for_itself() -> None:
    """In the order of the set, with its status, its measures in their order, its faults and its words."""
    found = report([FOUR[3], FOUR[0]], response("a", found=True, status="no_match"))
    unanswerable, answerable = found.questions
    assert (unanswerable.id, unanswerable.answerable, unanswerable.status) == ("d", False, None)
    assert (unanswerable.measures, unanswerable.wording_overlap) == ({}, None)
    assert unanswerable.faults == (Fault("no response", "No response: it was never asked"),)
    assert (answerable.id, answerable.status, answerable.measures["wrong refusal"]) == ("a", "no_match", 1)
    assert list(answerable.measures) == [name for name in MEASURES if name in answerable.measures]
    assert answerable.faults == (
        Fault("refused", "It is answerable, and was refused."),
        Fault("wrong reference", "The passage at rank 1 wrongly cites b."),
    )
    assert answerable.wording_overlap == 1 / 2  # of ten and patients, the quote has ten
    assert found.wording_overlap == mean_interval([1 / 2])


def test_whole_documents() -> None:
    """Document measures alone, and the first passage answers if its document is relevant."""
    whole = [
        Judged(Question("w", "Which?", (Evidence("page", grade=2),), answerable=True)),
        Judged(Question("v", "Which?", (Evidence("other"),), answerable=True)),
    ]
    found = report(whole, response("w", found=False, score=2.0), response("v", found=False))
    assert tuple(name for name in found.overall.measures if name != "wrong refusal") == DOCUMENT_MEASURES
    assert found.overall.measures["document nDCG@10"] == mean_interval([0, 1])
    assert found.abstention is not None
    assert (found.abstention.passage.right, found.abstention.passage.auroc.value) == (1, 1)
    assert found.wording_overlap == Estimate(None, None, None, 0)


@settings(deadline=None, max_examples=15)  # the first call of ir_measures loads its providers
@given(st.data())
def test_the_order_of_questions_changes_no_figure(data: st.DataObject) -> None:
    """Neither a value nor an end of an interval; only the questions themselves stand in the order of their set."""
    questions = [judged(f"q{at}", data.draw(st.sampled_from(["x", "y", None]))) for at in range(7)]
    questions.append(judged("q7", answerable=False))
    unit = st.floats(0, 1)
    responses = [
        response(each.question.id, found=data.draw(st.booleans()), confidence=data.draw(unit), took_ms=data.draw(unit))
        for each in questions[data.draw(st.integers(0, 3)) :]
    ]
    straight = report(questions, *responses)
    mixed = report(data.draw(st.permutations(questions)), *data.draw(st.permutations(responses)))
    assert msgspec.structs.replace(mixed, questions=()) == msgspec.structs.replace(straight, questions=())
    assert sorted(mixed.questions, key=lambda each: each.id) == list(straight.questions)


def test_a_report_is_read_as_it_was_written() -> None:
    """Nothing of it is lost in JSON."""
    found = report(FOUR, *(response(name, found=True, confidence=0.5, took_ms=1.0) for name in "abcd"))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Report) == found
