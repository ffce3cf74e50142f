"""The first passages of a ranking, read together with the question and put in order again."""

from typing import NamedTuple

import numpy as np

from corpus.errors import QueryError
from index.encoder import Vectors
from index.fields import as_read
from index.fusion import Ranking
from index.reranker import Reranker
from index.snapshot import Snapshot
from index.texts import Rows

__all__ = ["RERANKED", "Reranking", "check_question", "reranking"]

RERANKED = 20
"""So many of the best passages are read, whatever `k` is, so that the order is the same for any."""


class Reranking(NamedTuple):
    """The places of passages in a ranking, best first, and their scores, both ``(passages,)``."""

    order: Rows
    scores: Vectors


def check_question(reranker: Reranker, question: str) -> None:
    """Raises `QueryError` for a question that would leave too little room for a passage."""
    pieces, most = reranker.count(question), reranker.most_of_question
    if pieces > most:
        raise QueryError(
            "question",
            f"The question has {pieces} word pieces, the reranker takes {most} beside a passage. Shorten the question.",
        )


def reranking(snapshot: Snapshot, reranker: Reranker, question: str, ranking: Ranking) -> Reranking:
    """A ranking whose first `RERANKED` passages are in the order of their logits, and the others below, as they were.

    Of equal logits the better rank comes first. The scores are those of the reranker; below them they go on with the
    differences of the ranking's, so that they never rise.
    """
    rows = ranking.rows[:RERANKED].tolist()
    passages = [snapshot.passages[row] for row in rows]
    texts = [as_read(passage, snapshot.documents[passage.document_id]) for passage in passages]
    logits = reranker.logits(question, texts)
    first = np.argsort(-logits, kind="stable")
    scores = reranker.scores(logits[first])
    below = ranking.scores[len(rows) :]
    order = np.concatenate([first, np.arange(len(rows), len(ranking.rows))])
    return Reranking(order, np.concatenate([scores, scores[-1:] + (below - below[:1])]))
