"""``loccit eval check``, ``import`` and ``export``: question sets looked through, taken in and given out."""

from pathlib import Path
from typing import Any

import click

from service.reporting import reporting

__all__ = ["check", "export", "import_"]

_FILE = click.Path(path_type=Path)
_index = click.option("--index", "store", type=_FILE, metavar="STORE", help="The store with the documents.")
_out = click.option("--out", type=_FILE, required=True, metavar="DIR", help="The folder to write, new or empty.")
_split = click.option("--split", metavar="NAME", help="The split that the questions belong to.")


@click.command("check")
@click.argument("file", type=_FILE)
@_index
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@reporting
def check(file: Path, store: Path | None, as_json: bool) -> None:
    """Find every defect of the question set in FILE, and say what kind of set it is.

    A defect ends it with exit code 1, a warning does not. Quotes and references are looked up with --index only.
    """
    from service.question_sets import check_set

    check_set(file, store, as_json=as_json)


@click.group("import")
def import_() -> None:
    """Take in a question set of another form.

    DIR gets questions.jsonl, and documents/ where the form carries documents: build them with
    `loccit build DIR/documents --form text`.
    """


@import_.command("beir")
@click.argument("folder", type=_FILE)
@click.option("--split", metavar="NAME", help="Only this split, such as test; by default all.")
@_out
@reporting
def import_beir(folder: Path, split: str | None, out: Path) -> None:
    """Take in a BEIR dataset: a FOLDER of corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv."""
    from service.question_sets import take_in_beir

    take_in_beir(folder, split, out)


@import_.command("squad")
@click.argument("file", type=_FILE)
@_split
@_out
@reporting
def import_squad(file: Path, split: str | None, out: Path) -> None:
    """Take in a FILE in the form of SQuAD 1.1 or 2.0, its contexts as documents."""
    from service.question_sets import take_in_squad

    take_in_squad(file, split, out)


@import_.command("trec")
@click.argument("topics", type=_FILE)
@click.option("--qrels", type=_FILE, required=True, help="The judgements: lines of topic, 0, document, relevance.")
@click.option(
    "--field",
    type=click.Choice(["title", "description"]),
    default="title",
    show_default=True,
    help="The field of a topic that is the question.",
)
@_split
@_out
@reporting
def import_trec(topics: Path, qrels: Path, field: Any, split: str | None, out: Path) -> None:
    """Take in TREC TOPICS (<top>, XML, or lines of id, tab and text) with their judgements."""
    from service.question_sets import take_in_trec

    take_in_trec(topics, qrels, field, split, out)


@import_.command("csv")
@click.argument("file", type=_FILE)
@_out
@reporting
def import_csv(file: Path, out: Path) -> None:
    """Take in a table, one evidence a row.

    FILE has the columns question and document, and may have id, quote, start, references, answerable, kind, split,
    pair and grade; rows of one id are one question.
    """
    from service.question_sets import take_in_table

    take_in_table(file, out)


@click.command("export")
@click.argument("file", type=_FILE)
@click.option("--to", type=click.Choice(["trec", "beir"]), required=True, help="The form to write.")
@_out
@_index
@reporting
def export(file: Path, to: str, out: Path, store: Path | None) -> None:
    """Write the question set in FILE for other tools, with whole documents as its items.

    TREC: topics.tsv and qrels.txt. BEIR: queries.jsonl, qrels/SPLIT.tsv and, with --index, corpus.jsonl.
    """
    from service.question_sets import export_set

    export_set(file, to, out, store)
