"""Every measure of a question: which apply, what they are by hand, and what may not change them."""

import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.spans import Span
from eval.measures import DOCUMENT_MEASURES, MEASURES, SPAN_MEASURES
from eval.questions import Evidence, Question
from eval.responses import Cited, Response, Retrieved, faults
from eval.scoring import Judged, answering, cited_passage, first_answers, score
from eval.spans import GoldSpan

READING_MEASURES = (
    "recall after 500 characters",
    "recall after 1000 characters",
    "character precision@5",
    "character IoU@5",
    "highlight hit@1",
    "highlight hit@3",
    "first sentence hit@1",
    "first sentence hit@3",
)


def judged(identity: str, *spans: GoldSpan, references: tuple[str, ...] | None = None) -> Judged:
    """An answerable question with evidence at these places."""
    evidence = tuple(Evidence(span.document, "quoted", span.start, grade=span.grade) for span in spans)
    return Judged(Question(identity, "What?", evidence, True, references), spans)


def retrieved(
    document: str,
    start: int,
    end: int,
    highlight: Span | None = None,
    cited: str | None = None,
    text: str | None = None,
) -> Retrieved:
    """A passage that cites a work for each letter of `cited`."""
    return Retrieved(
        document=document,
        start=start,
        end=end,
        score=1.0,
        text=text,
        highlights=() if highlight is None else (highlight,),
        citations=None if cited is None else tuple(map(Cited, cited)),
    )


QUESTION = judged(
    "q",
    GoldSpan("page", 10, 20),
    GoldSpan("page", 100, 140, sentences=2),
    GoldSpan("other", 0, 10, grade=2),
    references=("a", "c"),
)
RANKING = (
    retrieved("page", 200, 650),
    retrieved("page", 0, 50, Span(5, 25), cited="ab"),
    retrieved("other", 0, 20, Span(0, 10), text="It rose. Then fell."),
    retrieved("page", 100, 125),
)
UNANSWERABLE = Judged(Question("u", "What?", (), answerable=False))
WHOLE = Judged(Question("w", "What?", (Evidence("page"), Evidence("other", grade=2)), answerable=True))
LOG3 = math.log2(3)


def test_every_measure_of_a_question_by_hand() -> None:
    """Its three spans, of two documents with grades 1 and 2, are found at ranks 2, 3 and 4."""
    values = score([QUESTION], {"q": Response(id="q", status="answered", passages=RANKING)})["q"]
    assert values == pytest.approx(
        {
            "nDCG@10": (1 / LOG3 + 1 / 2 + 1 / math.log2(5)) / (1 + 1 / LOG3 + 1 / 2),
            "R@5": 1,
            "R@10": 1,
            "RR@10": 1 / 2,
            "P@1": 0,
            "AP@10": (1 / 2 + 2 / 3 + 3 / 4) / 3,
            "Success@5": 1,
            "document nDCG@10": (1 + 2 / LOG3) / (2 + 1 / LOG3),
            **dict.fromkeys(DOCUMENT_MEASURES[1:], 1),
            "recall after 500 characters": 1 / 3,  # found after 470, 510 and 540
            "recall after 1000 characters": 1,
            "character precision@5": (10 + 10 + 25) / (450 + 50 + 20 + 25),
            "character IoU@5": (10 + 10 + 25) / (450 + 50 + 20 + 25 + 15),
            "highlight hit@1": 0,
            "highlight hit@3": 1,
            "first sentence hit@1": 0,
            "first sentence hit@3": 1,
            "highlight excess": 10,
            "citation precision": 1 / 2,
            "citation recall": 1 / 2,
            "citation F1": 1 / 2,
            "wrong refusal": 0,
        }
    )
    assert {*values, "wrong answer"} == set(MEASURES)


def test_only_the_first_five_passages_are_counted_as_shown() -> None:
    """The sixth passage, all of it evidence, changes neither precision nor IoU, and no highlight of it is a hit."""
    passages = [retrieved("page", 1000 + at, 1001 + at, Span(1000 + at, 1001 + at)) for at in range(5)]
    passages.append(retrieved("page", 10, 20, Span(10, 20)))
    values = score([judged("q", GoldSpan("page", 10, 20))], {"q": Response(id="q", passages=tuple(passages))})["q"]
    assert (values["character precision@5"], values["character IoU@5"]) == (0, 0)
    assert (values["highlight hit@1"], values["highlight hit@3"], values["highlight excess"]) == (0, 0, 0)
    assert (values["R@5"], values["R@10"], values["recall after 500 characters"]) == (0, 1, 1)


@pytest.mark.parametrize(("status", "refusal", "answer"), [("no_match", 1, 0), ("answered", 0, 1), (None, None, None)])
def test_statuses(status: str | None, refusal: int | None, answer: int | None) -> None:
    """A refusal is wrong where there is an answer, an answer where there is none; without a status neither counts."""
    responses = {name: msgspec.convert({"id": name, "status": status}, Response) for name in "qu"}
    values = score([QUESTION, UNANSWERABLE], responses)
    assert values["q"].get("wrong refusal") == refusal
    assert values["u"] == ({} if answer is None else {"wrong answer": answer})


@pytest.mark.parametrize(
    "responses",
    [
        {},
        {"q": Response(id="q")},
        {"q": Response(id="q", failure="HTTP 503")},
        {"q": Response(id="q", status="answered", failure="cut off", passages=RANKING)},
    ],
    ids=["missing", "empty", "failed", "failed after its passages"],
)
def test_no_response_scores_0_in_ranking_and_reading(responses: dict[str, Response]) -> None:
    """What did not come back counts as found nowhere, and says nothing of citations and refusals."""
    values = score([QUESTION], responses)["q"]
    assert values == dict.fromkeys((*SPAN_MEASURES, *DOCUMENT_MEASURES, *READING_MEASURES), 0.0)


def test_whole_documents_have_document_measures_alone() -> None:
    """Without spans there is nothing to count in characters, and no passage that answers."""
    response = Response(id="w", passages=(retrieved("third", 0, 9), retrieved("page", 0, 9, Span(0, 9), cited="a")))
    values = score([WHOLE], {"w": response})["w"]
    assert tuple(values) == DOCUMENT_MEASURES
    assert values["document nDCG@10"] == pytest.approx((1 / LOG3) / (2 + 1 / LOG3))
    assert (values["document R@5"], values["document RR@10"], values["document P@1"]) == (1 / 2, 1 / 2, 0)
    assert answering(WHOLE, response) is None


def test_a_document_has_its_highest_grade() -> None:
    """Two spans of one document make one document, as relevant as the better of them."""
    spans = (GoldSpan("page", 0, 9, grade=3), GoldSpan("page", 20, 29), GoldSpan("other", 0, 9))
    assert judged("q", *spans).grades == {"page": 3, "other": 1}


def test_highlights_are_measured_of_all_questions_or_of_none() -> None:
    """A passage without a highlight misses where others have one; a service without any is not judged by them."""
    two = [judged("a", GoldSpan("page", 10, 20)), judged("b", GoldSpan("page", 10, 20))]
    plain, lit = retrieved("page", 0, 30), retrieved("page", 0, 30, Span(10, 20))
    some = score(two, {"a": Response(id="a", passages=(plain,)), "b": Response(id="b", passages=(lit,))})
    assert [some[name]["highlight hit@1"] for name in "ab"] == [0, 1]
    assert "highlight excess" not in some["a"]
    none = score(two, {"a": Response(id="a", passages=(plain,)), "b": Response(id="b", failure="HTTP 503")})
    assert [name for name in (*none["a"], *none["b"]) if name.startswith("highlight")] == []


@pytest.mark.parametrize(
    ("references", "cited", "measures"),
    [
        (None, "a", {}),  # not known what should be cited
        (("a",), None, {}),  # the service gives no citations
        (("a",), "", {"citation recall": 0, "citation F1": 0}),
        ((), "a", {"citation precision": 0, "citation F1": 0}),
        ((), "", {"citation F1": 1}),
    ],
)
def test_citations_are_judged_where_both_sides_are_known(
    references: tuple[str, ...] | None, cited: str | None, measures: dict[str, float]
) -> None:
    """Empty says that nothing is cited or should be; null says that it is not known."""
    question = judged("q", GoldSpan("page", 10, 20), references=references)
    response = Response(id="q", passages=(retrieved("page", 30, 60, cited="x"), retrieved("page", 0, 30, cited=cited)))
    values = score([question], {"q": response})["q"]
    assert {name: value for name, value in values.items() if name.startswith("citation")} == measures
    assert (cited_passage(question, response) is None) == (not measures)


def test_whether_the_first_passage_answers() -> None:
    """It covers evidence, or is of a relevant document; there is none for an unanswerable question."""
    response = Response(id="q", passages=(retrieved("page", 0, 30),))
    assert first_answers(QUESTION, response)
    assert first_answers(WHOLE, response)
    assert not first_answers(UNANSWERABLE, response)
    assert not first_answers(QUESTION, Response(id="q"))
    assert not first_answers(QUESTION, Response(id="q", passages=RANKING))
    assert not first_answers(WHOLE, Response(id="q", passages=(retrieved("third", 0, 30),)))


PLACES = st.builds(
    lambda document, start, length: retrieved(document, start, start + length, Span(start, start + 1)),
    st.sampled_from(["page", "other", "third"]),
    st.integers(0, 150),
    st.integers(2, 120),
)
RANKINGS = st.lists(PLACES, min_size=1, max_size=12).map(tuple)


def scored(passages: tuple[Retrieved, ...]) -> dict[str, float]:
    """The measures of QUESTION, ranked so."""
    return score([QUESTION], {"q": Response(id="q", status="answered", passages=passages)})["q"]


@settings(deadline=None, max_examples=50)  # the first call of ir_measures loads its providers
@given(RANKINGS)
def test_the_ids_of_passages_change_nothing(passages: tuple[Retrieved, ...]) -> None:
    """Evidence is found by its place, so an index that numbers its passages anew scores the same."""
    renumbered = tuple(msgspec.structs.replace(each, id=f"p{9 - at}") for at, each in enumerate(passages))
    assert scored(renumbered) == scored(passages)


@settings(deadline=None, max_examples=50)
@given(RANKINGS)
def test_all_but_excess_lies_from_0_to_1(passages: tuple[Retrieved, ...]) -> None:
    """Whatever is ranked, and however passages overlap."""
    values = scored(passages)
    assert set(values) >= {*SPAN_MEASURES, *DOCUMENT_MEASURES, *READING_MEASURES}
    assert all(0 <= value <= 1 + 1e-12 for name, value in values.items() if name != "highlight excess")


@settings(deadline=None, max_examples=50)
@given(RANKINGS, st.data())
def test_cutting_a_passage_changes_no_measure_over_documents(
    passages: tuple[Retrieved, ...], data: st.DataObject
) -> None:
    """Its halves keep its score and stand in its place, and a document is ranked by its best passage."""
    at = data.draw(st.integers(0, len(passages) - 1))
    middle = data.draw(st.integers(passages[at].start + 1, passages[at].end - 1))
    halves = (msgspec.structs.replace(passages[at], end=middle), msgspec.structs.replace(passages[at], start=middle))
    cut, whole = scored((*passages[:at], *halves, *passages[at + 1 :])), scored(passages)
    assert [cut[name] for name in DOCUMENT_MEASURES] == [whole[name] for name in DOCUMENT_MEASURES]


@pytest.mark.parametrize(("took_ms", "told"), [(None, []), (0.0, []), (-1.0, ["took_ms is -1.0"])])
def test_a_negative_time_is_a_fault_of_a_response(took_ms: float | None, told: list[str]) -> None:
    """It would make a service seem faster than none."""
    found = faults(Response(id="q", took_ms=took_ms, passages=RANKING))
    assert [fault.partition(". ")[0] for fault in found] == told
