"""TREC topics and relevance judgements, in and out: each judgement is of a whole document.

The forms are those of https://trec.nist.gov: a qrels line is ``topic iteration document relevance``.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from corpus.errors import QuestionSetError
from eval.judgements import Judgement, answerable, judged_questions, judgements, whole_number
from eval.questions import Question, QuestionSet, read_utf8

__all__ = ["TopicField", "read_topics", "read_trec", "write_trec"]

TopicField = Literal["title", "description"]
"""Which field of a topic is asked: its few key words, or its sentence."""

_NAMES: Mapping[TopicField, tuple[str, ...]] = {
    "title": ("title", "query"),
    "description": ("description", "desc", "question"),
}
_TOPIC = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)
_FIELD = re.compile(
    r"<(\w+)>\s*(?:(?:Number|Topic|Description|Narrative):)?(.*?)(?=<\w+>|</|\Z)", re.DOTALL | re.IGNORECASE
)
_ATTRIBUTES = ("number", "num", "id", "qid")
"""Where a topic in XML has its id."""


def read_trec(topics: Path, qrels: Path, *, field: TopicField = "title", split: str | None = None) -> QuestionSet:
    """The judged topics as questions, each relevant document an evidence with its grade.

    Topics are in the classic form (``<top> <num> Number: 301 <title> …``), in XML (``<topic number="1">``), or
    lines of an id, a tab and a text. Raises `QuestionSetError`, which names the file and the line or topic.
    """
    return judged_questions({split: _judgements(qrels)}, read_topics(topics, field=field), topics.name)


def read_topics(path: Path, *, field: TopicField = "title") -> dict[str, str]:
    """The chosen field of each topic by the topic's id, white space made single."""
    text = read_utf8(path).lstrip()
    if text[:5].lower() == "<top>":
        found = _classic(text)
    elif text.startswith("<"):
        found = _xml(text, path)
    else:
        found = _lines(text, path)
    topics: dict[str, str] = {}
    for identity, fields in found:
        if identity in topics:
            raise QuestionSetError(f"{path.name} has two topics {identity!r}. Give every topic an id of its own.")
        name = next((name for name in _NAMES[field] if name in fields), None)
        if name is None:
            known = ", ".join(fields) or "none"
            fault = f"{path.name}: topic {identity!r} has no {field}; its fields are {known}. Choose the other field."
            raise QuestionSetError(fault)
        topics[identity] = fields[name]
    if not topics:
        fault = f"{path.name} holds no topic. Give topics as <top>, in XML, or as lines of an id, a tab and a text."
        raise QuestionSetError(fault)
    return topics


def _classic(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for topic in _TOPIC.finditer(text):
        fields = {name.lower(): " ".join(value.split()) for name, value in _FIELD.findall(topic[1])}
        yield fields.pop("num", ""), fields


def _xml(text: str, path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        # expat loads nothing from outside, and since 2.4.1 limits how far entities expand.
        root = ET.fromstring(text)  # noqa: S314
    except ET.ParseError as error:
        raise QuestionSetError(
            f"{path.name} is no XML: {error}. Correct it, or give lines of id, tab, text."
        ) from error
    for topic in root.iter("topic"):
        identity = next((topic.attrib[name] for name in _ATTRIBUTES if name in topic.attrib), "")
        fields = {child.tag: " ".join("".join(child.itertext()).split()) for child in topic}
        yield identity.strip(), fields or {"title": " ".join((topic.text or "").split())}


def _lines(text: str, path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        identity, tab, words = line.partition("\t")
        if not tab:
            raise QuestionSetError(f"{path.name}, line {number} has no tab. Write an id, a tab and the text.")
        yield identity.strip(), {"title": " ".join(words.split())}


def _judgements(path: Path) -> Iterator[Judgement]:
    for number, line in enumerate(read_utf8(path).split("\n"), start=1):
        cells = line.split()
        place = f"{path.name}, line {number}"
        if cells and len(cells) != 4:
            raise QuestionSetError(f"{place} has {len(cells)} columns. Write topic, 0, document and relevance.")
        if cells:
            yield Judgement(cells[0], cells[2], whole_number(cells[3], place), place)


def write_trec(questions: Sequence[Question], out: Path) -> tuple[str, ...]:
    """Write ``topics.tsv`` and ``qrels.txt``, whole documents being the items; the notes say what was left out."""
    kept, notes = answerable(questions)
    lines = [f"{one.query} 0 {one.document} {one.grade}\n" for one in judgements(kept)]
    topics = [f"{question.id}\t{' '.join(question.question.split())}\n" for question in kept]
    (out / "topics.tsv").write_text("".join(topics), encoding="utf-8")
    (out / "qrels.txt").write_text("".join(lines), encoding="utf-8")
    return notes
