"""The measures: what each is called, what it tells, and whether more of it is better.

Ranking measures are computed by `ir_measures`, over documents (graded judgements count) and over spans of
evidence: each gold span is one item, relevant with grade 1, and is retrieved where it is credited, at the
first passage that covers it. A passage that credits nothing is one item that is not relevant. One
difficulty remains: a passage may be the first to cover several spans, and two items cannot share a place.

`places` resolves it. The first span credited to a passage takes the passage's own place. Each further
one takes the next later place that no crediting passage holds, from the passage that credits nothing and
stands there, or after the end. So:

- no crediting passage is ever pushed down, and the first one keeps its rank: RR, P@1 and Success are what
  they are when one counts passages;
- nDCG@10 is never above 1, is 1 when every span is credited as early as separate passages could have
  brought them, and never falls when a span is credited earlier. It does not reward a passage for holding
  several spans beyond what separate passages one after the other would have earned: a span that would
  need an eleventh place counts nothing, even where a tenth passage holds it.

Recall asks only which spans the first passages cover, so there a place would be wrong: the ranking is
cut after that many passages and all that they are credited with counts (`SetR` of the cut ranking).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import ir_measures
import msgspec
from ir_measures import AP, RR, P, Qrel, ScoredDoc, SetR, Success, nDCG

__all__ = [
    "CITATION_MEASURES",
    "DOCUMENT_MEASURES",
    "MEASURES",
    "SPAN_MEASURES",
    "Credits",
    "Measure",
    "over_documents",
    "over_spans",
    "places",
]

Credits = Sequence[Sequence[int]]
"""For each passage of a ranking, best first, the gold spans credited to it (`eval.crediting.credit`)."""

_CUT = {"R@5": 5, "R@10": 10}
_PLACED = {"nDCG@10": nDCG @ 10, "RR@10": RR @ 10, "P@1": P @ 1, "AP@10": AP @ 10, "Success@5": Success @ 5}
_DOCUMENT = {
    "document nDCG@10": nDCG @ 10,
    "document R@5": ir_measures.R @ 5,
    "document R@10": ir_measures.R @ 10,
    "document RR@10": RR @ 10,
    "document P@1": P @ 1,
    "document AP@10": AP @ 10,
    "document Success@5": Success @ 5,
}

SPAN_MEASURES = ("nDCG@10", "R@5", "R@10", "RR@10", "P@1", "AP@10", "Success@5")
"""Of the ranking, over spans of evidence."""

DOCUMENT_MEASURES = tuple(_DOCUMENT)
"""Of the ranking, over documents, each at the place of its best passage."""

CITATION_MEASURES = ("citation precision", "citation recall", "citation F1")
"""Of the citations of the passage that answers."""


class Measure(msgspec.Struct, frozen=True):
    """A figure that each question has for itself, if it applies.

    `share` tells a yes or no, whose mean is a rate. `unit` is that of the mean; null for a figure from 0 to 1.
    """

    name: str
    tells: str
    better: Literal["higher", "lower"] = "higher"
    share: bool = False
    unit: str | None = None


_TOLD = {
    "nDCG@10": "gain of the first ten, discounted by rank, beside the best that was possible",
    "R@5": "share of the evidence in the first five",
    "R@10": "share of the evidence in the first ten",
    "RR@10": "1 / rank of the first that is relevant, 0 beyond ten",
    "P@1": "whether the first is relevant",
    "AP@10": "precision at the rank of each that is relevant, averaged over all that are",
    "Success@5": "whether any of the first five is relevant",
}

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        *(Measure(name, f"{_TOLD[name]}; items are spans of evidence") for name in SPAN_MEASURES),
        *(Measure(name, f"{_TOLD[name.split()[1]]}; items are documents") for name in DOCUMENT_MEASURES),
        Measure("recall after 500 characters", "share of the evidence found once so much was read from the top"),
        Measure("recall after 1000 characters", "share of the evidence found once so much was read from the top"),
        Measure("character precision@5", "share of the characters of the first five passages that are evidence"),
        Measure("character IoU@5", "evidence in the first five passages over what is either evidence or in them"),
        Measure("highlight hit@1", "whether a highlight of the first passage overlaps the evidence", share=True),
        Measure("highlight hit@3", "whether a highlight of the first three overlaps the evidence", share=True),
        Measure("first sentence hit@1", "whether the first passage's first sentence overlaps the evidence", share=True),
        Measure("first sentence hit@3", "the same of any of the first three passages", share=True),
        Measure(
            "highlight excess",
            "characters outside the evidence that are highlighted in the first passage that covers it",
            better="lower",
            unit="characters",
        ),
        Measure("citation precision", "share of the works cited by the passage that answers that support it"),
        Measure("citation recall", "share of the works that support the evidence that the passage cites"),
        Measure("citation F1", "twice the right works over those cited and those wanted; right to cite none scores 1"),
        Measure("wrong refusal", "an answerable question was refused", better="lower", share=True),
        Measure("wrong answer", "an unanswerable question was answered", better="lower", share=True),
    )
}
"""Every measure of a question by its name, in the order in which they are reported."""


def over_spans(spans: Mapping[str, int], rankings: Mapping[str, Credits]) -> dict[str, dict[str, float]]:
    """Every span measure of every judged question: question id → name of the measure → value from 0 to 1.

    `spans` has the number of gold spans of each judged question, at least 1. A judged question that is
    missing from `rankings` scores 0; a question that is not judged is left out.

    nDCG has binary gain and the discount ``1 / log2(rank + 1)`` (Järvelin and Kekäläinen 2002, as in
    trec_eval ``ndcg_cut``); its ideal has all gold spans in the first places.

    >>> over_spans({"q1": 1, "q2": 1}, {"q1": [[], [0]]})["q1"]["RR@10"]
    0.5
    """
    qrels = [Qrel(question, f"span:{span}", 1) for question, count in spans.items() for span in range(count)]
    values: dict[str, dict[str, float]] = {question: dict.fromkeys(SPAN_MEASURES, 0.0) for question in spans}
    _fill(values, _PLACED, qrels, rankings)
    for name, depth in _CUT.items():
        cut = {question: ranking[:depth] for question, ranking in rankings.items()}
        _fill(values, {name: SetR}, qrels, cut)
    return values


def over_documents(
    grades: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Every document measure of every judged question.

    `grades` has the relevant documents of each judged question with their grades, at least 1, which are
    the gains of nDCG; for all else a document is relevant or not. `rankings` are documents, best first.

    >>> over_documents({"q": {"a": 1, "b": 2}}, {"q": ["c", "b"]})["q"]["document R@5"]
    0.5
    """
    qrels = [Qrel(question, document, grade) for question, of in grades.items() for document, grade in of.items()]
    values: dict[str, dict[str, float]] = {question: dict.fromkeys(DOCUMENT_MEASURES, 0.0) for question in grades}
    scored = (
        ScoredDoc(question, document, -float(place))
        for question, ranking in rankings.items()
        for place, document in enumerate(dict.fromkeys(ranking), start=1)
    )
    _calculate(values, _DOCUMENT, qrels, scored)
    return values


def places(ranking: Credits) -> tuple[str, ...]:
    """The items of a ranking, best first: ``span:`` and its number, or ``passage:`` and its rank.

    >>> places([[0, 1], [], [2], []])
    ('span:0', 'span:1', 'span:2', 'passage:4')
    """
    items: list[str] = []
    waiting: deque[str] = deque()
    for rank, credited in enumerate(ranking, start=1):
        waiting.extend(f"span:{span}" for span in credited[1:])
        if credited:
            items.append(f"span:{credited[0]}")
        elif waiting:
            items.append(waiting.popleft())
        else:
            items.append(f"passage:{rank}")
    return (*items, *waiting)


def _fill(
    values: dict[str, dict[str, float]],
    measures: Mapping[str, ir_measures.Measure],
    qrels: Sequence[Qrel],
    rankings: Mapping[str, Credits],
) -> None:
    """Measures rankings of items, with strictly decreasing scores, so that no tool is left to break a tie."""
    scored = (
        ScoredDoc(question, item, -float(place))
        for question, ranking in rankings.items()
        for place, item in enumerate(places(ranking), start=1)
    )
    _calculate(values, measures, qrels, scored)


def _calculate(
    values: dict[str, dict[str, float]],
    measures: Mapping[str, ir_measures.Measure],
    qrels: Sequence[Qrel],
    scored: Iterable[ScoredDoc] | Iterator[ScoredDoc],
) -> None:
    names = {measure: name for name, measure in measures.items()}
    for metric in ir_measures.iter_calc(list(names), qrels, list(scored)):
        if metric.query_id in values:
            values[metric.query_id][names[metric.measure]] = float(metric.value)
