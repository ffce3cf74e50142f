"""What all systems are given: documents, the passages that loccit cuts them into, and judged questions."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from corpus.errors import QuestionSetError
from eval.beir import beir_documents, read_beir
from index import Snapshot, Store

__all__ = ["FEWEST", "Judged", "Material", "Text", "Texts", "check_dataset", "read_material", "write_passages"]


FEWEST = 25
"""So many questions are needed, for some to warm a server up."""


class Judged(msgspec.Struct, frozen=True):
    """A question and its relevant documents, with their grades."""

    id: str
    question: str
    grades: Mapping[str, int]


class Material(msgspec.Struct, frozen=True):
    """Documents in a JSON Lines file, and questions about them, in the order of the dataset."""

    documents: Path
    count: int
    questions: tuple[Judged, ...]


class Text(msgspec.Struct, frozen=True):
    """A passage as it is given to systems that do not cut documents, its headings before its own text."""

    id: str
    text: str


class Texts(msgspec.Struct, frozen=True):
    """Passages in a JSON Lines file, and the document of each by its id."""

    file: Path
    documents: Mapping[str, str]


def check_dataset(dataset: Path) -> None:
    """Raises `QuestionSetError` if a folder is not there."""
    if not dataset.is_dir():
        raise QuestionSetError(f"There is no dataset in {dataset}. Name a folder in BEIR's layout with --data.")


def read_material(dataset: Path, out: Path, *, documents: int | None, questions: int) -> Material:
    """Of a BEIR dataset the first `questions` questions, and its documents, written to the file `out`.

    With `documents` only so many are taken, the first ones, and the questions that they answer.

    Raises `QuestionSetError` if the folder is no such dataset, or too few questions are left.
    """
    texts = [text for text in beir_documents(dataset) if text.title or text.text.strip()][:documents]
    known = {text.id for text in texts}
    judged = [
        Judged(each.id, each.question, {one.document: one.grade for one in each.evidence})
        for each in read_beir(dataset).questions
        if known.issuperset(one.document for one in each.evidence)
    ][:questions]
    if len(judged) < FEWEST:
        raise QuestionSetError(
            f"{dataset} has {len(judged)} questions that the {len(texts)} documents taken answer; {FEWEST} are needed."
        )
    out.write_bytes(msgspec.json.Encoder().encode_lines(texts))
    return Material(out, len(texts), tuple(judged))


def write_passages(store: Path, out: Path) -> Texts:
    """The passages of the published snapshot, written to the file `out`."""
    passages = Snapshot.open(Store(store)).passages
    lines = [Text(each.id, "\n".join([*each.headings, each.text])) for each in passages]
    out.write_bytes(msgspec.json.Encoder().encode_lines(lines))
    return Texts(out, {each.id: each.document_id for each in passages})
