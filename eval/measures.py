"""What the ranking measures are: nDCG@10, R@5, RR@10 and P@1 over spans of evidence, by `ir_measures`.

Each gold span is one item, relevant with grade 1, and is retrieved where it is credited, at the first
passage that covers it. A passage that credits nothing is one item that is not relevant. One difficulty
remains: a passage may be the first to cover several spans, and two items cannot share a place.

`places` resolves it. The first span credited to a passage takes the passage's own place. Each further
one takes the next later place that no crediting passage holds, from the passage that credits nothing and
stands there, or after the end. So:

- no crediting passage is ever pushed down, and the first one keeps its rank: RR@10 and P@1 are what
  they are when one counts passages;
- nDCG@10 is never above 1, is 1 when every span is credited as early as separate passages could have
  brought them, and never falls when a span is credited earlier. It does not reward a passage for holding
  several spans beyond what separate passages one after the other would have earned: a span that would
  need an eleventh place counts nothing, even where a tenth passage holds it.

R@5 asks only which spans the first five passages cover, so there a place would be wrong: the ranking is
cut after five passages and all that they are credited with counts (`SetR` of the cut ranking).
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

import ir_measures
from ir_measures import RR, P, Qrel, ScoredDoc, SetR, nDCG

__all__ = ["MEASURES", "Credits", "measure", "places"]

MEASURES = ("nDCG@10", "R@5", "RR@10", "P@1")
"""The names of the measures, in the order in which they are reported."""

Credits = Sequence[Sequence[int]]
"""For each passage of a ranking, best first, the gold spans credited to it (`eval.spans.credit`)."""

RECALL_DEPTH = 5
_PLACED = {nDCG @ 10: "nDCG@10", RR @ 10: "RR@10", P @ 1: "P@1"}


def measure(spans: Mapping[str, int], rankings: Mapping[str, Credits]) -> dict[str, dict[str, float]]:
    """Every measure of every judged question: question id → name of the measure → value from 0 to 1.

    `spans` has the number of gold spans of each judged question, at least 1. A judged question that is
    missing from `rankings` scores 0; a question that is not judged is left out.

    nDCG has binary gain and the discount ``1 / log2(rank + 1)`` (Järvelin and Kekäläinen 2002, as in
    trec_eval ``ndcg_cut``); its ideal has all gold spans in the first places.

    >>> measure({"q1": 1, "q2": 1}, {"q1": [[], [0]]})["q1"]["RR@10"]
    0.5
    """
    qrels = [Qrel(question, f"span:{span}", 1) for question, count in spans.items() for span in range(count)]
    cut = {question: ranking[:RECALL_DEPTH] for question, ranking in rankings.items()}
    values: dict[str, dict[str, float]] = {question: dict.fromkeys(MEASURES, 0.0) for question in spans}
    for metric in ir_measures.iter_calc(list(_PLACED), qrels, list(_run(rankings))):
        values[metric.query_id][_PLACED[metric.measure]] = float(metric.value)
    for metric in ir_measures.iter_calc([SetR], qrels, list(_run(cut))):
        values[metric.query_id]["R@5"] = float(metric.value)
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


def _run(rankings: Mapping[str, Credits]) -> Iterator[ScoredDoc]:
    """The items with strictly decreasing scores, so that no tool is left to break a tie."""
    for question, ranking in rankings.items():
        for place, item in enumerate(places(ranking), start=1):
            yield ScoredDoc(question, item, -float(place))
