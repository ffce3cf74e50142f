"""How often the status is wrong: refused though there is an answer, answered though there is none."""

from collections.abc import Mapping, Sequence

import msgspec

from eval.intervals import Estimate, rate_interval
from eval.questions import Question
from index.answers import Status

__all__ = ["Refusals", "refusals"]


class Refusals(msgspec.Struct, frozen=True):
    """The rates of the two wrong statuses, each with the number of questions that could have had it.

    `wrong_refusals` is over the answerable questions, `wrong_answers` over the unanswerable ones.
    """

    wrong_refusals: Estimate
    wrong_answers: Estimate


def refusals(questions: Sequence[Question], statuses: Mapping[str, Status]) -> Refusals:
    """Both rates, from the status of each question by its id, asked with ``min_confidence=None``."""
    answerable = [statuses[question.id] for question in questions if question.answerable]
    unanswerable = [statuses[question.id] for question in questions if not question.answerable]
    return Refusals(
        wrong_refusals=rate_interval(answerable.count("no_match"), len(answerable)),
        wrong_answers=rate_interval(unanswerable.count("answered"), len(unanswerable)),
    )
