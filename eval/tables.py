"""A question set as a table: a CSV file as a spreadsheet writes it, one evidence a row."""

import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

from corpus.errors import QuestionSetError
from eval.questions import Evidence, Question, QuestionSet, question_faults, read_utf8

__all__ = ["COLUMNS", "read_table"]

COLUMNS = (
    "id",
    "question",
    "document",
    "quote",
    "start",
    "references",
    "answerable",
    "kind",
    "split",
    "pair",
    "grade",
)
"""The columns that a table may have; `question` and `document` it must have."""

_REQUIRED = {"question", "document"}
_ANSWERS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_NO_REFERENCE = "none"
_ONCE = ("question", "answerable", "kind", "split", "pair")
"""The columns that speak of the question as a whole: its further rows repeat them or leave them empty."""


class _Row(NamedTuple):
    place: str
    cells: dict[str, str]


def read_table(path: Path) -> QuestionSet:
    """The questions of a table whose cells are parted by commas, semicolons or tabs.

    Rows with the same `id` are one question with several evidence; a row without gets the id ``row-`` and its
    number below the header. A question is answerable unless `answerable` says no, false or 0. References are
    parted by spaces or semicolons; an empty cell means that citations are not judged, ``none`` that there
    should be none. A row with a document but no quote judges the whole document.

    Raises `QuestionSetError`, which names the file, the line, what is wrong there and how to mend it.
    """
    groups: dict[str, list[_Row]] = {}
    for number, row in enumerate(_rows(path), start=1):
        groups.setdefault(row.cells["id"].strip() or f"row-{number}", []).append(row)
    if not groups:
        raise QuestionSetError(f"{path.name} holds no question below its header. Write one row for each evidence.")
    return QuestionSet(tuple(_question(identity, rows) for identity, rows in groups.items()))


def _rows(path: Path) -> list[_Row]:
    """The rows that are not empty, with a cell for every known column."""
    text = read_utf8(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[_Row] = []
    try:
        header = _header(next(reader, []), path.name)
        for cells in reader:
            place = f"{path.name}, line {reader.line_num}"
            if len(cells) > len(header):
                fault = f"{place} has {len(cells)} cells, the header {len(header)}. Put quotation marks round commas."
                raise QuestionSetError(fault)
            if any(map(str.strip, cells)):
                rows.append(_Row(place, dict.fromkeys(COLUMNS, "") | dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        fault = f"{path.name}, line {reader.line_num}: {error}. Save it as CSV from a spreadsheet."
        raise QuestionSetError(fault) from error
    return rows


def _delimiter(text: str) -> str:
    """What parts the cells: that of the three by which the header has the most known columns."""
    header = text.partition("\n")[0].lower()
    return max(",;\t", key=lambda mark: sum(cell.strip(' "\r') in COLUMNS for cell in header.split(mark)))


def _header(cells: list[str], name: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    unknown = sorted(set(header) - set(COLUMNS))
    missing = sorted(_REQUIRED - set(header))
    if unknown or missing or len(set(header)) < len(header):
        faults = [f"unknown: {', '.join(map(repr, unknown))}"] if unknown else []
        faults += [f"missing: {', '.join(missing)}"] if missing else []
        raise QuestionSetError(
            f"{name}: the columns of its first line are not right ({'; '.join(faults) or 'one comes twice'}). "
            f"A table has question and document, and may have the others of {', '.join(COLUMNS)}."
        )
    return header


def _question(identity: str, rows: list[_Row]) -> Question:
    once = {column: _once(column, rows) for column in _ONCE}
    said = [row.cells["references"].strip() for row in rows if row.cells["references"].strip()]
    references = [each for cell in said if cell.lower() != _NO_REFERENCE for each in re.split(r"[;\s]+", cell) if each]
    question = Question(
        id=identity,
        question=once["question"],
        evidence=tuple(evidence for row in rows if (evidence := _evidence(row)) is not None),
        answerable=_answer(once["answerable"], rows[0].place),
        references=tuple(dict.fromkeys(references)) if said else None,
        kind=once["kind"] or None,
        split=once["split"] or None,
        pair=once["pair"] or None,
    )
    for fault in question_faults(question):
        raise QuestionSetError(f"{rows[0].place}, question {identity!r}: {fault}")
    return question


def _once(column: str, rows: list[_Row]) -> str:
    """What the rows of a question say in a column that speaks of it as a whole."""
    said = ""
    for row in rows:
        cell = row.cells[column].strip()
        if said and cell and cell != said:
            raise QuestionSetError(
                f"{row.place}: the {column} is {cell!r}, but an earlier row of the same id has {said!r}. "
                "Make them equal, or give the rows different ids."
            )
        said = said or cell
    return said


def _answer(cell: str, place: str) -> bool:
    if cell and cell.lower() not in _ANSWERS:
        raise QuestionSetError(f"{place}: answerable is {cell!r}. Write one of {', '.join(_ANSWERS)}.")
    return _ANSWERS[cell.lower()] if cell else True


def _evidence(row: _Row) -> Evidence | None:
    """The evidence of a row; None where the row names no document."""
    document, quote = row.cells["document"].strip(), row.cells["quote"]
    start, grade = (_number(row, "start", least=0), _number(row, "grade", least=1))
    if not document:
        if quote.strip():
            raise QuestionSetError(f"{row.place} has a quote but no document. Name the document it stands in.")
        return None
    return Evidence(document, quote if quote.strip() else None, start, grade=1 if grade is None else grade)


LONGEST_NUMBER = 12
"""Digits of a number in a table."""


def _number(row: _Row, column: str, *, least: int) -> int | None:
    cell = row.cells[column].strip()
    if not cell:
        return None
    if not cell.isdecimal() or len(cell) > LONGEST_NUMBER or int(cell) < least:
        raise QuestionSetError(
            f"{row.place}: {column} is {cell[:20]!r}. Write a whole number from {least}, or nothing."
        )
    return int(cell)
