r"""A BEIR dataset, in and out: a folder of ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/SPLIT.tsv``.

The layout is that of https://github.com/beir-cellar/beir. A corpus may be larger than memory, so it is read
one document at a time.

>>> from tempfile import mkdtemp
>>> from eval.questions import Evidence
>>> folder = Path(mkdtemp())
>>> question = Question("q1", "What rose?", (Evidence("page"),), answerable=True)
>>> write_beir([question], folder, documents=[SourceText("page", "", "It rose.")])
()
>>> [one.id for one in beir_documents(folder)]
['page']
>>> read_beir(folder).questions == (msgspec.structs.replace(question, split="test"),)
True
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import msgspec

from corpus.errors import QuestionSetError
from eval.judgements import Judgement, answerable, judged_questions, judgements, whole_number
from eval.questions import Question, QuestionSet, SourceText, read_utf8

__all__ = ["beir_documents", "read_beir", "write_beir"]

_HEADER = ("query-id", "corpus-id", "score")
_UNSPLIT = "test"
"""The split of questions that name none: the one that BEIR reads by default."""


class _Query(msgspec.Struct, rename={"id": "_id"}):
    id: str
    text: str


class _Document(msgspec.Struct, rename={"id": "_id"}):
    id: str
    text: str
    title: str | None = None


Record = TypeVar("Record", _Query, _Document)


def read_beir(folder: Path, split: str | None = None) -> QuestionSet:
    """The judged queries of all splits, or of one, as questions; each relevant document an evidence.

    The split of a question is the stem of its qrels file. The documents are not in what is returned: read
    them with `beir_documents`.

    Raises `QuestionSetError` if the folder is no BEIR dataset, an id comes twice or has white space, or a
    judgement names an unknown query or document.
    """
    files = _qrels(folder, split)
    queries = {query.id: query.text for query in _records(folder / "queries.jsonl", _Query)}
    documents = {document.id for document in beir_documents(folder)}
    return judged_questions({file.stem: _judgements(file, documents) for file in files}, queries, "queries.jsonl")


def beir_documents(folder: Path) -> Iterator[SourceText]:
    """The documents of a BEIR dataset, one after the other. Raises as `read_beir` does."""
    for document in _records(folder / "corpus.jsonl", _Document):
        yield SourceText(document.id, document.title or "", document.text)


def _qrels(folder: Path, split: str | None) -> list[Path]:
    """The qrels files of the splits asked for."""
    missing = [name for name in ("corpus.jsonl", "queries.jsonl") if not (folder / name).is_file()]
    files = sorted((folder / "qrels").glob("*.tsv"))
    if missing or not files:
        raise QuestionSetError(
            f"{folder} is no BEIR dataset: it has no {', no '.join([*missing, *([] if files else ['qrels/*.tsv'])])}. "
            "Name a folder with corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv."
        )
    chosen = [file for file in files if split in {None, file.stem}]
    if not chosen:
        known = ", ".join(file.stem for file in files)
        raise QuestionSetError(f"{folder} has no split {split!r}. Ask for one of: {known}.")
    return chosen


def _records(path: Path, form: type[Record]) -> Iterator[Record]:
    """The records of a JSON Lines file, one in memory at a time but for their ids."""
    decoder = msgspec.json.Decoder(form)
    seen: set[str] = set()
    try:
        file = path.open("rb")
    except OSError as error:
        fault = f"{path} cannot be read: {error.strerror}. A BEIR dataset is a folder that has it."
        raise QuestionSetError(fault) from error
    with file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                place = f"{path.name}, line {number}"
                record = _decoded(line, decoder, place)
                if record.id in seen:
                    raise QuestionSetError(f"{place}: the id {record.id!r} comes a second time. Keep one of them.")
                seen.add(record.id)
                yield record


def _decoded(line: bytes, decoder: msgspec.json.Decoder[Record], place: str) -> Record:
    try:
        record = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        fault = f"{place}: {error}. Write one JSON object with _id and text on the line."
        raise QuestionSetError(fault) from error
    if record.id.split() != [record.id]:
        fault = f"{place}: the id {record.id!r} is empty or has white space, which TREC files cannot carry. Rename it."
        raise QuestionSetError(fault)
    return record


def _judgements(path: Path, documents: set[str]) -> Iterator[Judgement]:
    for number, line in enumerate(read_utf8(path).split("\n"), start=1):
        cells = tuple(cell.strip() for cell in line.split("\t"))
        place = f"qrels/{path.name}, line {number}"
        if (number == 1) != (cells == _HEADER) or (number > 1 and line.strip() and len(cells) != len(_HEADER)):
            fault = f"{place} is {line!r}. Write the header query-id, corpus-id, score, then three columns, with tabs."
            raise QuestionSetError(fault)
        if number == 1 or not line.strip():
            continue
        if cells[1] not in documents:
            raise QuestionSetError(
                f"{place}: the document {cells[1]!r} is none of the {len(documents)} in corpus.jsonl. Correct or "
                "remove the line."
            )
        yield Judgement(cells[0], cells[1], whole_number(cells[2], place), place)


def write_beir(
    questions: Sequence[Question], out: Path, *, documents: Iterable[SourceText] | None = None
) -> tuple[str, ...]:
    """Write ``queries.jsonl`` and ``qrels/SPLIT.tsv``, and ``corpus.jsonl`` if there are `documents`.

    A question without a split goes into ``test``. The notes that are returned say what was left out.
    Raises `QuestionSetError` for a split or a document id that the form cannot carry.
    """
    kept, notes = answerable(questions)
    encoder = msgspec.json.Encoder()
    (out / "queries.jsonl").write_bytes(encoder.encode_lines(_Query(one.id, one.question) for one in kept))
    (out / "qrels").mkdir(exist_ok=True)
    for split, group in groupby(sorted(kept, key=_split), key=_split):
        if not split or Path(split).name != split:
            raise QuestionSetError(f"The split {split!r} cannot name a file. Rename it in the question set.")
        lines = (f"{one.query}\t{one.document}\t{one.grade}\n" for one in judgements(group))
        (out / "qrels" / f"{split}.tsv").write_text("\t".join(_HEADER) + "\n" + "".join(lines), encoding="utf-8")
    if documents is None:
        return (*notes, "corpus.jsonl was not written: name the store to have the documents, too.")
    with (out / "corpus.jsonl").open("wb") as corpus:
        for document in documents:
            corpus.write(encoder.encode(_Document(document.id, document.text, document.title)) + b"\n")
    return notes


def _split(question: Question) -> str:
    return _UNSPLIT if question.split is None else question.split
