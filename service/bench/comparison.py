"""A whole comparison: material read, systems measured, and the report of it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from service.bench.machine import Machine, busy_with_other_work
from service.bench.material import read_material
from service.bench.report import Report, report
from service.bench.rounds import Effort, measure, measure_client
from service.bench.systems import System

__all__ = ["compare"]


def compare(
    systems: Sequence[System],
    dataset: Path,
    effort: Effort,
    *,
    machine: Machine,
    work: Path,
    tell: Callable[[str], None],
) -> Report:
    """Compares the first system, which cuts the passages for all, with the others on a BEIR dataset.

    `work` is an empty folder for what is made on the way, and `tell` is called with what is done next. Raises
    `QuestionSetError` for a dataset that is none or too small, `TargetError` for a system that does not work.
    """
    material = read_material(dataset, work / "documents.jsonl", documents=effort.documents, questions=effort.questions)
    other_work = busy_with_other_work()
    measured = measure(systems, material, effort, work, tell)
    tell("the client alone")
    client_alone = measure_client(systems[0], material, effort, work)
    return report(
        measured,
        machine=machine,
        other_work=other_work(),
        documents=material.count,
        passages=len((work / "passages.jsonl").read_bytes().splitlines()),
        questions=len(material.questions),
        effort=effort,
        client_alone=client_alone,
    )
