"""Each fault by the smallest example that has it, and none where all is well."""

import pytest

from eval.crediting import Indexed
from eval.faults import FAULTS, Fault, find_faults
from eval.questions import Evidence, Question
from eval.responses import Cited, Response, Retrieved
from eval.scoring import Judged
from eval.spans import GoldSpan
from index.answers import Status


def judged(*held: Indexed, references: tuple[str, ...] | None = None) -> Judged:
    """A question with evidence at 10 to 20, at 110 to 120 and so on, each held so by the index."""
    evidence = tuple(Evidence("page", "ten places", 10 + 100 * number) for number in range(len(held)))
    spans = tuple(GoldSpan("page", 10 + 100 * number, 20 + 100 * number) for number in range(len(held)))
    return Judged(Question("q", "What?", evidence, True, references), spans, held)


def response(*places: tuple[int, int], status: Status | None = "answered", cited: tuple[str, ...] = ()) -> Response:
    """Passages of the page at these places, best first, of which the last cites."""
    citations = {len(places) - 1: tuple(map(Cited, cited))}
    passages = (
        Retrieved(document="page", start=start, end=end, score=-float(at), citations=citations.get(at))
        for at, (start, end) in enumerate(places)
    )
    return Response(id="q", status=status, passages=tuple(passages))


UNANSWERABLE = Judged(Question("q", "What?", (), answerable=False))


def test_all_is_well() -> None:
    """Evidence found first, answered, and cited as it should be; or no evidence, and refused."""
    assert find_faults(judged("whole", references=("a", "b")), response((0, 30), cited=("b", "a"))) == ()
    assert find_faults(UNANSWERABLE, response((0, 30), status="no_match")) == ()


@pytest.mark.parametrize(
    ("came", "message"),
    [
        (None, "No response: it was never asked"),
        (Response(id="q", failure="HTTP 503 after 3 attempts"), "No response: HTTP 503 after 3 attempts"),
    ],
)
def test_no_response(came: Response | None, message: str) -> None:
    """Where nothing came back that is all that can be told."""
    assert find_faults(judged("split"), came) == (Fault("no response", message),)
    assert find_faults(UNANSWERABLE, came) == (Fault("no response", message),)


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        ("absent", Fault("not in the index", "Its evidence (page, 10 to 20) is in no passage of the index.")),
        (
            "partly",
            Fault("not in the index", "Only a part of its evidence (page, 10 to 20) is in a passage of the index."),
        ),
        ("split", Fault("split", "Its evidence (page, 10 to 20) is split over several passages, and none covers it.")),
        ("whole", Fault("below k", "Its evidence (page, 10 to 20) is in none of the 2 passages that came back.")),
    ],
)
def test_why_evidence_was_not_found(held: Indexed, fault: Fault) -> None:
    """What no ranking could have found is told apart from what this one did not find."""
    assert find_faults(judged(held), response((0, 15), (15, 30))) == (fault,)


def test_where_the_index_is_unknown_missing_evidence_is_below_k() -> None:
    """A service that does not show its passages is judged by those that came back."""
    unknown = Judged(judged("whole").question, judged("whole").spans)
    message = "Its evidence (page, 10 to 20) is in none of the 0 passages that came back."
    assert find_faults(unknown, response()) == (Fault("below k", message),)


def test_each_evidence_has_its_own_fault() -> None:
    """The first evidence is found, at rank 2; the others are missing for two reasons."""
    assert find_faults(judged("whole", "absent", "whole"), response((30, 60), (0, 30))) == (
        Fault("not in the index", "Its evidence (page, 110 to 120) is in no passage of the index."),
        Fault("below k", "Its evidence (page, 210 to 220) is in none of the 2 passages that came back."),
        Fault("not first", "The first passage that covers evidence has rank 2."),
    )


def test_a_second_evidence_further_down_is_no_fault() -> None:
    """It is enough that the first passage covers any evidence."""
    assert find_faults(judged("whole", "whole"), response((100, 130), (30, 60), (0, 30))) == ()


@pytest.mark.parametrize(
    ("documents", "faults"),
    [
        (["page"], ()),
        (["other", "other", "page"], (Fault("not first", "The first relevant document has rank 2."),)),
        (["other", "third", "other"], (Fault("below k", "No relevant document is among the 2 that came back."),)),
        ([], (Fault("below k", "No relevant document is among the 0 that came back."),)),
    ],
)
def test_whole_documents_are_looked_for_as_documents(documents: list[str], faults: tuple[Fault, ...]) -> None:
    """Ranks are those of documents: two passages of one share a rank."""
    whole = Judged(Question("q", "What?", (Evidence("page", grade=2),), answerable=True))
    ranked = [
        Retrieved(document=document, start=at, end=at + 1, score=-float(at)) for at, document in enumerate(documents)
    ]
    assert find_faults(whole, Response(id="q", passages=tuple(ranked))) == faults


@pytest.mark.parametrize("status", ["answered", "no_match", None])
def test_wrong_statuses(status: Status | None) -> None:
    """An answerable question is not refused, an unanswerable one is; without a status neither is judged."""
    refused = (Fault("refused", "It is answerable, and was refused."),) if status == "no_match" else ()
    answered = (Fault("answered", "It has no answer in the source, and was answered."),) if status == "answered" else ()
    assert find_faults(judged("whole"), response((0, 30), status=status)) == refused
    assert find_faults(UNANSWERABLE, response((0, 30), status=status)) == answered


def test_wrong_references() -> None:
    """Works are listed in order, those wrongly cited apart from those not cited, with the passage's rank."""
    found = find_faults(judged("whole", references=("a", "b")), response((30, 60), (0, 30), cited=("d", "a", "c")))
    assert found == (
        Fault("not first", "The first passage that covers evidence has rank 2."),
        Fault("wrong reference", "The passage at rank 2 wrongly cites c, d."),
        Fault("wrong reference", "The passage at rank 2 does not cite b."),
    )


def test_references_are_judged_only_where_they_are_known() -> None:
    """Neither a question without references nor a passage without the evidence says anything of citations."""
    assert find_faults(judged("whole"), response((0, 30), cited=("a",))) == ()
    (only,) = find_faults(judged("whole", references=()), response((30, 60), cited=("a",)))
    assert only.kind == "below k"
    (wrong,) = find_faults(judged("whole", references=()), response((0, 30), cited=("a",)))
    assert wrong == Fault("wrong reference", "The passage at rank 1 wrongly cites a.")


def test_the_kinds_in_their_order() -> None:
    """The gravest first, as they are looked for."""
    everything = find_faults(
        judged("absent", "split", "whole", "whole", references=("a",)),
        response((0, 5), (300, 330), status="no_match"),
    )
    kinds = [fault.kind for fault in everything]
    assert kinds == ["not in the index", "split", "below k", "not first", "refused", "wrong reference"]
    assert [kind for kind in FAULTS if kind not in kinds] == ["no response", "answered"]
    assert kinds == sorted(kinds, key=FAULTS.index)
