"""Measures of a searcher over a question set: rankings, refusals and citations.

A run reads like this: `read_questions` → `locate` → `ask` → `make_report` → `RunFolder` (all of it in `run`).
"""

from eval.asking import Asked, Searchable, ask
from eval.citations import BasisPrecision, CitationReport, CitedPassage, citation_report
from eval.intervals import Estimate, mean_interval, rate_interval, ratio_interval
from eval.measures import MEASURES, measure
from eval.questions import EMBEDDED_QUESTIONS, Evidence, Question, read_questions
from eval.refusals import Refusals, refusals
from eval.reports import Group, QuestionResult, Report, Settings, Versions, make_report
from eval.runs import AnswerLine, RunFolder, run
from eval.spans import GoldSpan, covers, credit, locate
from eval.summaries import summary
from eval.wording import wording_overlap

__all__ = [
    "EMBEDDED_QUESTIONS",
    "MEASURES",
    "AnswerLine",
    "Asked",
    "BasisPrecision",
    "CitationReport",
    "CitedPassage",
    "Estimate",
    "Evidence",
    "GoldSpan",
    "Group",
    "Question",
    "QuestionResult",
    "Refusals",
    "Report",
    "RunFolder",
    "Searchable",
    "Settings",
    "Versions",
    "ask",
    "citation_report",
    "covers",
    "credit",
    "locate",
    "make_report",
    "mean_interval",
    "measure",
    "rate_interval",
    "ratio_interval",
    "read_questions",
    "refusals",
    "run",
    "summary",
    "wording_overlap",
]
