"""Where every way to ask meets the searcher."""

from collections.abc import Sequence

from index import Answer, Query, Searcher
from service.metrics import ANSWERS
from service.recording import Recorder

__all__ = ["answer", "answer_each"]


def answer(searcher: Searcher, query: Query, recorder: Recorder) -> Answer:
    """The answer to a query. Raises `QueryError` as the searcher does."""
    return answer_each(searcher, [query], recorder)[0]


def answer_each(searcher: Searcher, queries: Sequence[Query], recorder: Recorder) -> tuple[Answer, ...]:
    """The answers to several queries, in their order; the recorder keeps the questions if they are to be logged.

    Raises `QueryError` for the first that is out of bounds.
    """
    answers = searcher.search(queries)
    for each in answers:
        ANSWERS.labels(each.status).inc()
        recorder.asked(each)
    return answers
