"""What a careful editor would want to know of a collection: each rule looks for one kind of finding."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from corpus.attribution import Support, cite, find_supports
from corpus.authors import find_namings
from corpus.contradictions import ContradictionKind, contradictions
from corpus.documents import Block, Document, Work
from corpus.duplicates import find_duplicates
from corpus.findings import Finding, FindingKind, Severity
from corpus.references import cites_several
from corpus.spans import Span

__all__ = ["SEVERITIES", "audit_documents"]

SEVERITIES: dict[FindingKind, Severity] = {
    "marker-without-reference": "error",
    "number-repeated": "error",
    "identifier-contradiction": "error",
    "reference-never-cited": "warning",
    "number-gap": "warning",
    "identifier-malformed": "warning",
    "study-without-reference": "warning",
    "year-contradiction": "warning",
    "near-duplicate": "warning",
    "work-repeated": "note",
    "only-inherited": "note",
}
"""How grave each kind is that a rule finds."""

_YEAR_HEADING = re.compile(r"(?:19|20)\d\d")
_STATED = re.compile(r"(?<![\w/.])(?P<name>PMID|PMCID|DOI)\b(?!\.org/):?[ \t]*(?P<value>[^\s;,]*)", re.IGNORECASE)
"""An identifier by its name; that of an address (``https://doi.org/``) names none."""
_WELL_FORMED = {
    "pmid": re.compile(r"[1-9]\d{0,7}[.)\]]*"),
    "pmcid": re.compile(r"PMC[1-9]\d{0,8}[.)\]]*", re.IGNORECASE),
    "doi": re.compile(r"(?:doi:|(?:https?://)?(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE),
}
_CONTRADICTED: dict[ContradictionKind, str] = {
    "different-notes": "is given to clearly different notes",
    "different-identifiers": "stand in notes on one work",
}
_Rule = Callable[[Document], Iterator[Finding]]


def audit_documents(documents: Sequence[Document]) -> tuple[Finding, ...]:
    """What the rules find in some documents, document by document in their order.

    What a reader noticed stands in each `Document.findings` and is not repeated here.
    """
    found = {document.id: [finding for rule in _RULES for finding in rule(document)] for document in documents}
    for finding in _across(documents):
        found[finding.document or ""].append(finding)
    return tuple(finding for findings in found.values() for finding in findings)


def _finding(
    kind: FindingKind, document: Document, message: str, *, span: Span | None = None, numbers: Iterable[int] = ()
) -> Finding:
    return Finding(
        kind=kind,
        severity=SEVERITIES[kind],
        message=message,
        document=document.id,
        span=span,
        numbers=tuple(numbers),
    )


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers, those of three or more in a row as a range."""
    edges = [0, *(i for i in range(1, len(numbers)) if numbers[i] > numbers[i - 1] + 1), len(numbers)]
    runs = [numbers[start:end] for start, end in pairwise(edges)]
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else _listed(run) for run in runs)


def _markers_without_reference(document: Document) -> Iterator[Finding]:
    """Marks that lead nowhere, but for those of which the reader has told why, such as that the note is empty."""
    told = [finding for finding in document.findings if finding.kind in {"marker-without-reference", "malformed"}]
    places = {finding.span for finding in told if finding.kind == "marker-without-reference"}
    listed = {reference.number for reference in document.references}
    known = listed.union(*(finding.numbers for finding in told))
    for marker in document.markers:
        span = Span(marker.start, marker.end)
        missing = [number for number in marker.numbers if number not in known]
        if missing and span not in places:
            message = f"marks reference {_listed(missing)}, which the list of references does not have. Add it."
            yield _finding("marker-without-reference", document, message, span=span, numbers=missing)


def _references_never_cited(document: Document) -> Iterator[Finding]:
    marked = {number for marker in document.markers for number in marker.numbers}
    missing = sorted({reference.number for reference in document.references} - marked)
    if missing:
        message = f"has no certain marker for reference {_listed(missing)}; no passage will cite it."
        yield _finding("reference-never-cited", document, message, numbers=missing)


def _number_gaps(document: Document) -> Iterator[Finding]:
    numbers = {reference.number for reference in document.references}
    if gaps := sorted(set(range(1, max(numbers, default=0))) - numbers):
        message = f"has no reference {_ranges(gaps)}, though it counts to {max(numbers)}."
        yield _finding("number-gap", document, message, numbers=gaps)


def _numbers_repeated(document: Document) -> Iterator[Finding]:
    works = {(reference.number, reference.work.id) for reference in document.references}
    counts = Counter(number for number, _ in works)
    if repeated := sorted(number for number, count in counts.items() if count > 1):
        message = (
            f"gives number {_listed(repeated)} to more than one reference; its markers can mean either and cite none."
        )
        yield _finding("number-repeated", document, message, numbers=repeated)


def _several_works(document: Document) -> Iterator[Finding]:
    """Notes on more than one work, but for those of which the reader has told."""
    told = {number for found in document.findings if found.kind == "number-repeated" for number in found.numbers}
    several = {reference.number for reference in document.references if cites_several(reference.work.text)} - told
    if several:
        message = (
            f"has several works under number {_listed(sorted(several))}; only the first was taken."
            " Give each its own number."
        )
        found = _finding("number-repeated", document, message, numbers=sorted(several))
        yield msgspec.structs.replace(found, severity="warning")


def _works_repeated(document: Document) -> Iterator[Finding]:
    numbers: dict[str, list[int]] = {}
    for reference in document.references:
        numbers.setdefault(reference.work.id, []).append(reference.number)
    for work, found in numbers.items():
        if len(set(found)) > 1:
            message = f"cites one work ({work}) under the numbers {_listed(found)}."
            yield _finding("work-repeated", document, message, numbers=found)


def _malformed_identifiers(document: Document) -> Iterator[Finding]:
    for reference in document.references:
        for stated in _STATED.finditer(reference.work.text):
            name, value = stated["name"].lower(), stated["value"]
            if not _WELL_FORMED[name].fullmatch(value) and _is_stated(name, value):
                message = f"reference {reference.number} states {stated['name']} {value or 'without a value'!r}."
                yield _finding("identifier-malformed", document, message, numbers=[reference.number])


def _is_stated(name: str, value: str) -> bool:
    """Whether a malformed value was meant as an identifier, and is not the next word of a sentence."""
    return not value or any(map(str.isdigit, value)) or name != "doi"


def _supported(document: Document) -> Iterator[Finding]:
    """What is wrong with the support of passages, which is found once for all that ask for it."""
    if document.references:
        supports = find_supports(document)
        yield from _studies(document, supports)
        yield from _contradicted_years(document, supports)


def _studies(document: Document, supports: Sequence[Support]) -> Iterator[Finding]:
    """Paragraphs that tell of a study which nothing supports, and those that only inheritance supports."""
    for block in document.blocks:
        if block.kind != "paragraph":
            continue
        span = Span(block.start, block.end)
        citations = cite(document, supports, block.start, block.end)
        if citations and all(citation.basis == "inherited" for citation in citations):
            numbers = [citation.number for citation in citations]
            message = f"is supported by reference {_listed(numbers)} only through a later paragraph's marker."
            yield _finding("only-inherited", document, message, span=span, numbers=numbers)
        elif not citations and any(naming.surely for naming in find_namings(document.text[block.start : block.end])):
            message = "names the authors of a study, but no reference supports it. Add a marker."
            yield _finding("study-without-reference", document, message, span=span)


def _contradicted_years(document: Document, supports: Sequence[Support]) -> Iterator[Finding]:
    """Headings that are a year, over works of another year."""
    for heading, blocks in _sections(document):
        text = document.text[heading.start : heading.end].strip()
        if not _YEAR_HEADING.fullmatch(text):
            continue
        cited: dict[int, Work] = {
            citation.number: document.works[citation.number]
            for block in blocks
            for citation in cite(document, supports, block.start, block.end)
        }
        wrong = {number: work.year for number, work in sorted(cited.items()) if work.year not in (None, int(text))}
        if wrong:
            years = ", ".join(f"reference {number} is of {year}" for number, year in wrong.items())
            span = Span(heading.start, heading.end)
            message = f"stands under the heading {text}, but {years}."
            yield _finding("year-contradiction", document, message, span=span, numbers=wrong)


def _sections(document: Document) -> Iterator[tuple[Block, list[Block]]]:
    """Each heading with the blocks up to the next."""
    heading: Block | None = None
    blocks: list[Block] = []
    for block in document.blocks:
        if block.kind == "heading":
            if heading:
                yield heading, blocks
            heading, blocks = block, []
        else:
            blocks.append(block)
    if heading:
        yield heading, blocks


def _across(documents: Sequence[Document]) -> Iterator[Finding]:
    """What is found only where all documents are seen at once; each document that takes part has its finding."""
    by_id = {document.id: document for document in documents}
    for contradiction in contradictions(documents):
        numbers: dict[str, list[int]] = {}
        for place in contradiction.places:
            numbers.setdefault(place.document, []).append(place.number)
        places = "; ".join(f"{document} {_ranges(sorted(set(own)))}" for document, own in numbers.items())
        message = f"{', '.join(contradiction.identifiers)} {_CONTRADICTED[contradiction.kind]}: reference {places}."
        for document_id, own in numbers.items():
            yield _finding("identifier-contradiction", by_id[document_id], message, numbers=own)
    for duplicate in find_duplicates(documents):
        document, earlier = by_id[duplicate.place.document], duplicate.earlier
        share = f"{duplicate.similarity:.0%} of the shorter"
        message = f"repeats characters {earlier.span.start} to {earlier.span.end} of {earlier.document} ({share})."
        yield _finding("near-duplicate", document, message, span=duplicate.place.span)


_RULES: tuple[_Rule, ...] = (
    _markers_without_reference,
    _references_never_cited,
    _number_gaps,
    _numbers_repeated,
    _several_works,
    _works_repeated,
    _malformed_identifiers,
    _supported,
)
