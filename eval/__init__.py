"""Measures of a searcher, or of any service, over a question set: rankings, refusals and citations.

A run reads like this: `read_questions` → `judge` → `Target.responses` → `RunFolder` → `make_report` (all of it
in `run`), and then `compare_runs`.
"""

from eval.abstention import (
    BrierScore,
    CoverageAtRisk,
    ReliabilityBin,
    RiskCoverage,
    RiskCoveragePoint,
    auroc,
    brier,
    reliability,
    risk_coverage,
)
from eval.adapters import Asking, CommandTarget
from eval.citations import BasisReport, CitationReport, CitedPassage, citation_measures, citation_report
from eval.comparisons import Gate, GateResult, MeasureComparison, RunComparison, compare_runs, read_gate
from eval.crediting import covers, credit, indexed
from eval.faults import Fault, find_faults
from eval.intervals import Estimate, bootstrap, mean_interval, rate_interval, ratio_interval
from eval.measures import MEASURES, Measure, over_documents, over_spans
from eval.questions import EMBEDDED_QUESTIONS, Evidence, Question, read_questions, write_questions
from eval.remote import UrlTarget
from eval.reports import Abstention, Group, QuestionResult, Report, Settings, SignalQuality, Speed, make_report
from eval.responses import Cited, Response, Retrieved
from eval.run_folder import Run, RunFolder
from eval.runs import judge, run
from eval.scoring import Judged, score
from eval.significance import Comparison, NonInferiority, compare, holm, non_inferiority, randomization_test
from eval.spans import GoldSpan, locate
from eval.summaries import compared, summary
from eval.sweeps import Sweep, SweepPoint
from eval.targets import Asked, SearcherTarget, Target
from eval.wording import wording_overlap

__all__ = [
    "EMBEDDED_QUESTIONS",
    "MEASURES",
    "Abstention",
    "Asked",
    "Asking",
    "BasisReport",
    "BrierScore",
    "CitationReport",
    "Cited",
    "CitedPassage",
    "CommandTarget",
    "Comparison",
    "CoverageAtRisk",
    "Estimate",
    "Evidence",
    "Fault",
    "Gate",
    "GateResult",
    "GoldSpan",
    "Group",
    "Judged",
    "Measure",
    "MeasureComparison",
    "NonInferiority",
    "Question",
    "QuestionResult",
    "ReliabilityBin",
    "Report",
    "Response",
    "Retrieved",
    "RiskCoverage",
    "RiskCoveragePoint",
    "Run",
    "RunComparison",
    "RunFolder",
    "SearcherTarget",
    "Settings",
    "SignalQuality",
    "Speed",
    "Sweep",
    "SweepPoint",
    "Target",
    "UrlTarget",
    "auroc",
    "bootstrap",
    "brier",
    "citation_measures",
    "citation_report",
    "compare",
    "compare_runs",
    "compared",
    "covers",
    "credit",
    "find_faults",
    "holm",
    "indexed",
    "judge",
    "locate",
    "make_report",
    "mean_interval",
    "non_inferiority",
    "over_documents",
    "over_spans",
    "randomization_test",
    "rate_interval",
    "ratio_interval",
    "read_gate",
    "read_questions",
    "reliability",
    "risk_coverage",
    "run",
    "score",
    "summary",
    "wording_overlap",
    "write_questions",
]
