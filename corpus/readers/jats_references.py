"""The reference list of an article: the number of each reference, and the work behind it."""

from collections.abc import Iterator
from typing import NamedTuple

from corpus.documents import Reference
from corpus.findings import Finding
from corpus.readers.jats_callouts import ReferenceOrder
from corpus.readers.jats_citations import cited_work
from corpus.readers.jats_targets import Targets, scope_of
from corpus.readers.jats_xml import Element, line

__all__ = ["Bibliography", "read_references"]

_CITATIONS = ("citation-alternatives", "element-citation", "mixed-citation", "citation", "nlm-citation")


class Bibliography(NamedTuple):
    """The references of an article, and to which of them a callout leads."""

    references: tuple[Reference, ...]
    targets: Targets
    order: ReferenceOrder
    findings: tuple[Finding, ...]


def read_references(article: Element) -> Bibliography:
    """The references of all lists of an article, in its order.

    Their numbers are their labels, if these are integers and all different, else their places in the lists.
    """
    refs = list(article.iter("ref"))
    labels = [_label(ref) for ref in refs]
    stated = [int(label) for label in labels if label.isdecimal() and len(label) < 7]
    numbers = stated if len(set(stated)) == len(refs) else list(range(1, len(refs) + 1))
    references: list[Reference] = []
    several: list[int] = []
    empty: list[int] = []
    order = ReferenceOrder(dict(zip(numbers, labels, strict=True)))
    targets = Targets(order)
    for number, ref in zip(numbers, refs, strict=True):
        citations = list(_citations(ref))
        works = [work for citation in citations if (work := cited_work(citation))]
        references += [Reference(number, work) for work in works[:1]]
        several += [number] if len(works) > 1 else []
        empty += [] if works else [number]
        scope = scope_of(ref)
        for identity in _ids(ref, citations):
            targets.add(identity, number, works[0].id if works else None, scope)
    findings = (*_several(several), *_empty(empty))
    return Bibliography(tuple(references), targets, order, findings)


def _label(ref: Element) -> str:
    """The label of a reference, without the stops and brackets around it."""
    label = ref.find("label")
    if label is None:
        label = ref.find("*/label")
    return line(label).strip("[](). ") if label is not None else ""


def _citations(ref: Element) -> Iterator[Element]:
    """The citations of a reference, else its note."""
    found = [child for child in ref if child.tag in _CITATIONS]
    yield from found or [child for child in ref if child.tag in {"note", "p"}]


def _ids(ref: Element, citations: list[Element]) -> Iterator[str]:
    """The ids that stand for the first work of a reference: its own, and those of its first citation."""
    elements = [ref, *(citations[0].iter() if citations else ())]
    yield from (identity for element in elements if (identity := element.get("id")))


def _several(numbers: list[int]) -> Iterator[Finding]:
    if numbers:
        message = (
            f"has several works under number {_listed(numbers)}; only the first was taken. Give each its own number."
        )
        yield Finding(kind="number-repeated", severity="warning", message=message, numbers=tuple(numbers))


def _empty(numbers: list[int]) -> Iterator[Finding]:
    if numbers:
        message = f"has no words in reference {_listed(numbers)}, so that nothing is cited by it. Add them."
        yield Finding(kind="malformed", severity="warning", message=message, numbers=tuple(numbers))


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
