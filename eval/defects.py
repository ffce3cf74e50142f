"""Everything that is wrong with a question set, found in one go, and what kind of set it is.

A defect makes a run wrong or impossible. A warning may be meant: it is for the maker of the set to judge.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from corpus.documents import Document
from corpus.errors import QuestionSetError
from eval.questions import Line, Question, Remark, read_lines
from eval.spans import GoldSpan, find_span
from eval.wording import wording_overlap
from index.queries import MAX_QUESTION

__all__ = ["QuestionOverlap", "QuestionSetReport", "QuestionSetSummary", "Wording", "find_defects"]

COPIES = 0.8
"""The share of its content words in the evidence from which on a question counts as copied from there."""

WORST, NEAR = 5, 3
"""How many of the most copied questions, and of the nearest references, are named."""


class QuestionOverlap(msgspec.Struct, frozen=True):
    """The share of a question's content words that stand in its evidence."""

    question: str
    overlap: float


class Wording(msgspec.Struct, frozen=True):
    """How far the questions repeat their evidence; a set that does flatters a search by words.

    `questions` are those with a quote and a content word, `mean` is their mean overlap, `copying` the share
    of them that has an overlap of .8 or more, and `worst` are those of them with the most, at most five.
    """

    questions: int
    mean: float
    copying: float
    worst: tuple[QuestionOverlap, ...]


class QuestionSetSummary(msgspec.Struct, frozen=True):
    """What a set has, of the lines that could be read.

    `spans` and `whole_documents` count the evidence of either sort, `documents` the distinct documents named;
    `kinds` and `splits` leave out the questions that name none. `wording` is null if nothing is quoted.
    """

    questions: int
    answerable: int
    unanswerable: int
    kinds: dict[str, int]
    splits: dict[str, int]
    spans: int
    whole_documents: int
    documents: int
    wording: Wording | None


class QuestionSetReport(msgspec.Struct, frozen=True):
    """All that was found in the file called `name`, in the order of its lines.

    `documents_checked` tells whether quotes, documents and references were looked up, too.
    """

    name: str
    documents_checked: bool
    defects: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    summary: QuestionSetSummary


def find_defects(path: Path, documents: Mapping[str, Document] | None = None) -> QuestionSetReport:
    """Every defect and warning of a file; quotes and references are looked up where `documents` are given.

    Raises `QuestionSetError` only if the file cannot be read.
    """
    read = read_lines(path)
    defects = [*read.defects, *_contradictions(read.lines)]
    if documents is not None:
        for line in read.lines:
            faults = _document_faults(line.question, documents)
            defects.extend(Remark(fault, line.number, line.question.id) for fault in faults)
    return QuestionSetReport(
        name=path.name,
        documents_checked=documents is not None,
        defects=_in_order(defects),
        warnings=_in_order([*_too_long(read.lines), *_repetitions(read.lines), *_leaks(read.lines)]),
        summary=_summary([line.question for line in read.lines]),
    )


def _in_order(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    return tuple(sorted(remarks, key=lambda remark: remark.line or 0))


def _same_words(lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Each question that was asked before, white space and case apart, after the first that asks it."""
    first: dict[str, Line] = {}
    for line in lines:
        earlier = first.setdefault(" ".join(line.question.question.split()).casefold(), line)
        if earlier is not line:
            yield earlier, line


def _contradictions(lines: Sequence[Line]) -> Iterator[Remark]:
    """Questions in the same words to which the set gives different answers."""
    for earlier, line in _same_words(lines):
        before, now = earlier.question, line.question
        if before.answerable != now.answerable:
            difference = "one is answerable, the other is not"
        elif set(before.evidence) != set(now.evidence):
            difference = "their evidence differs"
        else:
            continue
        fault = (
            f"question {before.id!r} on line {earlier.number} asks the same, but {difference}. Make them one "
            "question with all evidence, or ask in words that tell them apart."
        )
        yield Remark(fault, line.number, now.id)


def _too_long(lines: Sequence[Line]) -> Iterator[Remark]:
    """Questions that loccit would refuse, and that score 0 there."""
    for line in lines:
        length = len(line.question.question)
        if length > MAX_QUESTION:
            warning = f"the question has {length} characters, and loccit takes {MAX_QUESTION}. Shorten it."
            yield Remark(warning, line.number, line.question.id)


def _repetitions(lines: Sequence[Line]) -> Iterator[Remark]:
    """Questions in the same words with the same answer."""
    for earlier, line in _same_words(lines):
        before, now = earlier.question, line.question
        if before.answerable == now.answerable and set(before.evidence) == set(now.evidence):
            warning = (
                f"question {before.id!r} on line {earlier.number} asks the same and has the same evidence, so it "
                "counts twice. Remove one."
            )
            yield Remark(warning, line.number, now.id)


def _leaks(lines: Sequence[Line]) -> Iterator[Remark]:
    """Quotes that are evidence in two splits: what is tuned on one is not new in the other."""
    first: dict[tuple[str, str, int | None], Line] = {}
    for line in lines:
        for evidence in line.question.evidence:
            if evidence.quote is None or line.question.split is None:
                continue
            key = (evidence.document, evidence.quote.strip(), evidence.start)
            earlier = first.setdefault(key, line)
            if earlier.question.split != line.question.split:
                warning = (
                    f"a quote of document {evidence.document!r} is evidence here in split {line.question.split!r}, and "
                    f"of question {earlier.question.id!r} on line {earlier.number} in split "
                    f"{earlier.question.split!r}. Put both in one split."
                )
                yield Remark(warning, line.number, line.question.id)


def _document_faults(question: Question, documents: Mapping[str, Document]) -> Iterator[str]:
    """What the documents do not bear out: evidence and references that are not there, and spans that overlap."""
    spans: list[GoldSpan] = []
    for evidence in question.evidence:
        try:
            span = find_span(evidence, documents)
        except QuestionSetError as error:
            yield str(error)
        else:
            spans.extend([] if span is None else [span])
    spans.sort(key=lambda span: (span.document, span.start))
    for span, following in pairwise(spans):
        if span.document == following.document and following.start < span.end:
            yield (
                f"two of its spans overlap in document {span.document!r}: {span.start} to {span.end} and "
                f"{following.start} to {following.end}. Join them, or shorten one."
            )
    yield from _reference_faults(question, documents)


def _reference_faults(question: Question, documents: Mapping[str, Document]) -> Iterator[str]:
    """References that none of the documents with the evidence has."""
    sources = sorted({each.document for each in question.evidence if each.document in documents})
    works = {reference.work.id for source in sources for reference in documents[source].references}
    for reference in question.references or ():
        if sources and reference not in works:
            near = difflib.get_close_matches(reference, sorted(works), n=NEAR)
            yield (
                f"the reference {reference!r} is none of the {len(works)} works in the references of "
                f"{', '.join(sources)}. " + (f"The nearest are {', '.join(near)}." if near else "Leave it out.")
            )


def _summary(questions: Sequence[Question]) -> QuestionSetSummary:
    evidence = [each for question in questions for each in question.evidence]
    answerable = sum(question.answerable for question in questions)
    spans = sum(each.quote is not None for each in evidence)
    return QuestionSetSummary(
        questions=len(questions),
        answerable=answerable,
        unanswerable=len(questions) - answerable,
        kinds=_counted(question.kind for question in questions),
        splits=_counted(question.split for question in questions),
        spans=spans,
        whole_documents=len(evidence) - spans,
        documents=len({each.document for each in evidence}),
        wording=_wording(questions),
    )


def _counted(names: Iterable[str | None]) -> dict[str, int]:
    """How often each name comes, in the order of the names."""
    return dict(sorted(Counter(name for name in names if name is not None).items()))


def _wording(questions: Sequence[Question]) -> Wording | None:
    found = []
    for question in questions:
        overlap = wording_overlap(question.question, question.quotes) if question.quotes else None
        if overlap is not None:
            found.append(QuestionOverlap(question.id, overlap))
    if not found:
        return None
    # The sort is stable, so of equals the earlier are named.
    copied = sorted((one for one in found if one.overlap >= COPIES), key=lambda one: -one.overlap)
    mean = sum(one.overlap for one in found) / len(found)
    return Wording(len(found), mean, len(copied) / len(found), tuple(copied[:WORST]))
