"""``loccit eval check``, ``import`` and ``export``: question sets looked through, taken in and given out."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
import msgspec

from corpus.documents import Document
from corpus.errors import SettingsError
from eval.beir import beir_documents, read_beir, write_beir
from eval.defects import QuestionSetReport, find_defects
from eval.questions import Question, QuestionSet, SourceText, read_questions, write_questions
from eval.squad import read_squad
from eval.tables import read_table
from eval.trec import TopicField, read_trec, write_trec
from index import Snapshot, Store
from service.counting import counted
from service.writing import write_documents

__all__ = [
    "check_set",
    "export_set",
    "take_in_beir",
    "take_in_squad",
    "take_in_table",
    "take_in_trec",
]


def _documents(store: Path | None) -> Mapping[str, Document] | None:
    """The documents of a store's snapshot; None where no store was named."""
    if store is None:
        return None
    return Snapshot.open(Store(store)).documents


def check_set(file: Path, store: Path | None, *, as_json: bool) -> None:
    """Prints what is wrong with a question set and what kind it is; a defect ends it with exit code 1."""
    report = find_defects(file, _documents(store))
    click.echo(msgspec.json.encode(report).decode() if as_json else _readable(report))
    if report.defects:
        sys.exit(1)


def _readable(report: QuestionSetReport) -> str:
    lines = [f"Defect: {defect.told(report.name)}" for defect in report.defects]
    lines += [f"Warning: {warning.told(report.name)}" for warning in report.warnings]
    summary = report.summary
    lines += [
        f"{summary.questions} questions: {summary.answerable} answerable, {summary.unanswerable} unanswerable",
        f"Evidence in {summary.documents} documents: {summary.spans} spans, {summary.whole_documents} whole documents",
    ]
    for name, counts in (("Kinds", summary.kinds), ("Splits", summary.splits)):
        if counts:
            lines.append(f"{name}: {', '.join(f'{key} {count}' for key, count in counts.items())}")
    if summary.wording is not None:
        wording = summary.wording
        lines.append(
            f"Wording: on average {wording.mean:.0%} of a question's content words stand in its evidence; "
            f"{wording.copying:.0%} of {wording.questions} questions have 80% or more there"
        )
        if wording.worst:
            lines.append(f"Most copied: {', '.join(f'{one.question} {one.overlap:.0%}' for one in wording.worst)}")
    if not report.documents_checked:
        lines.append("Quotes, documents and references were not looked up: name the store with --index.")
    lines.append(f"{counted(len(report.defects), 'defect')}, {counted(len(report.warnings), 'warning')}")
    return "\n".join(lines)


def take_in_beir(folder: Path, split: str | None, out: Path) -> None:
    """A BEIR dataset, taken in."""
    _take_in(read_beir(folder, split), out, beir_documents(folder))


def take_in_squad(file: Path, split: str | None, out: Path) -> None:
    """A file in the form of SQuAD, taken in with its contexts as documents."""
    read = read_squad(file, split)
    _take_in(read, out, read.documents)


def take_in_trec(topics: Path, qrels: Path, field: TopicField, split: str | None, out: Path) -> None:
    """TREC topics and their judgements, taken in."""
    _take_in(read_trec(topics, qrels, field=field, split=split), out)


def take_in_table(file: Path, out: Path) -> None:
    """A table with one evidence a row, taken in."""
    _take_in(read_table(file), out)


def _take_in(read: QuestionSet, out: Path, documents: Iterable[SourceText] | None = None) -> None:
    """Writes what was read, and tells what came of it."""
    _make_empty(out)
    questions, notes = read.questions, list(read.notes)
    if documents is not None:
        written = write_documents(documents, out / "documents")
        notes += written.notes
        questions = tuple(_renamed(question, written.renamed) for question in questions)
    write_questions(questions, out / "questions.jsonl")
    _tell(notes)
    click.echo(f"{counted(len(questions), 'question')} written to {out / 'questions.jsonl'}")
    if documents is not None:
        click.echo(f"Build their documents with: loccit build {out / 'documents'} --form text")


def _renamed(question: Question, names: Mapping[str, str]) -> Question:
    """The question with its evidence in the documents' new names."""
    evidence = tuple(
        msgspec.structs.replace(each, document=names.get(each.document, each.document)) for each in question.evidence
    )
    return msgspec.structs.replace(question, evidence=evidence)


def export_set(file: Path, to: str, out: Path, store: Path | None) -> None:
    """A question set written in the form of TREC or BEIR."""
    questions = read_questions(file)
    documents = _documents(store)
    _make_empty(out)
    if to == "trec":
        notes = write_trec(questions, out)
    elif documents is None:
        notes = write_beir(questions, out)
    else:
        texts = (SourceText(document.id, document.title, document.text) for document in documents.values())
        notes = write_beir(questions, out, documents=texts)
    _tell(notes)
    click.echo(f"{counted(len(questions), 'question')} read, exported to {out}")


def _make_empty(out: Path) -> None:
    """Makes the folder. Raises `SettingsError` if it holds anything."""
    out.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in out.iterdir())
    if names:
        raise SettingsError(
            f"{out} is not empty: it holds {len(names)} entries, such as {names[0]}. Nothing was overwritten: name a "
            "new or an empty folder."
        )


def _tell(notes: Iterable[str]) -> None:
    for note in notes:
        click.echo(f"Note: {note}", err=True)
