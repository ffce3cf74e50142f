"""The audit finds seeded defects of every kind, and finds nothing in a page without them."""

import ast
import random
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

import corpus
from corpus import Document, Finding, Reference, Span, Work
from corpus.audit import SEVERITIES, audit_documents
from corpus.findings import FindingKind
from corpus.references import parse_work
from corpus.sources import read_text

SMITH = "Smith A. The first of two trials. J Spine. 2001;1(1):1-9. PMID: 11."
JONES = "Jones B. The second of two trials. J Spine. 2002;2(2):2-9. PMID: 22."
LONG = (
    "Twenty patients with a tumour of the upper neck were followed for four years after the operation, and none of "
    "them had lost the strength of an arm or a leg when they were seen for the last time."
)
GOOD = (
    f"====== Neck ======\n\n===== 2001 =====\n\nSmith et al. studied it. It rose. (({SMITH}))\n\n"
    f"===== 2002 =====\n\nIt fell. (({JONES}))"
)
READERS_KINDS = {"unreadable", "encoding", "malformed", "not-followed"}
"""What is found while a source is read."""


def page(text: str, identity: str = "page") -> Document:
    """A page in DokuWiki markup."""
    return read_text(text, identity=identity, form="dokuwiki")


def listed(*references: tuple[int, str], text: str = "It rose 1). It fell 2).") -> Document:
    """A document whose numbers are the source's own."""
    document = read_text(text + "\n\n1)\nA. One.\n2)\nB. Two.\n", identity="page", form="dokuwiki-export")
    works = tuple(Reference(number, parse_work(note)) for number, note in references)
    return msgspec.structs.replace(document, references=works)


def findings(*documents: Document, kind: FindingKind) -> list[Finding]:
    """The findings of one kind."""
    return [finding for finding in audit_documents(documents) if finding.kind == kind]


def words(document: Document, finding: Finding) -> str:
    """The text at the place of a finding."""
    assert finding.span is not None
    return document.text[finding.span.start : finding.span.end]


def test_a_good_page_has_no_findings() -> None:
    """Marks, references, years and names agree."""
    assert audit_documents([page(GOOD)]) == ()


def test_every_kind_of_a_rule_has_a_severity() -> None:
    """What is not found while reading is found by a rule."""
    assert set(SEVERITIES) == set(get_args(FindingKind)) - READERS_KINDS


def test_the_guide_tells_how_severe_each_kind_is() -> None:
    """The severities in its table are those that readers and rules give."""
    given: set[tuple[object, object]] = {*SEVERITIES.items()}
    for path in Path(corpus.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call):
                fields = {each.arg: each.value for each in call.keywords}
                match fields.get("kind"), fields.get("severity"):
                    case ast.Constant(kind), ast.Constant(severity):
                        given.add((kind, severity))
    guide = Path(corpus.__file__).with_name("README.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ((?:error|warning|note)(?:, (?:warning|note))*) \|", guide, re.MULTILINE)
    told = {(kind, severity) for kind, severities in rows for severity in severities.split(", ")}
    assert {kind for kind, _ in told} == set(get_args(FindingKind))
    assert told == given


def test_a_marker_without_a_reference() -> None:
    """It is an error with its place, since a reader cannot follow it."""
    document = listed((1, SMITH))
    (finding,) = findings(document, kind="marker-without-reference")
    assert (finding.severity, finding.document, finding.numbers) == ("error", "page", (2,))
    assert words(document, finding) == "2)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("It rose (( )). It fell (( )).", [("malformed", (1,)), ("malformed", (2,))]),
        ("It rose ((ibid.)).", [("marker-without-reference", (1,))]),
        ("It rose [(cite:nope)], [(cite:nope)]. ~~REFNOTES~~", [("marker-without-reference", (1,))]),
    ],
)
def test_what_a_reader_has_told_is_not_told_again(text: str, told: list[tuple[FindingKind, tuple[int, ...]]]) -> None:
    """A mark behind which nothing stands is one finding, that of the reader, which knows why."""
    document = page(text)
    assert [(finding.kind, finding.numbers) for finding in document.findings] == told
    assert findings(document, kind="marker-without-reference") == []


def test_a_reference_that_is_never_cited() -> None:
    """All of a document come in one finding."""
    document = listed((1, SMITH), (2, JONES), (3, "C. Three."), (4, "D. Four."))
    (finding,) = findings(document, kind="reference-never-cited")
    assert (finding.severity, finding.numbers) == ("warning", (3, 4))
    assert finding.message == "has no certain marker for reference 3, 4; no passage will cite it."


def test_gaps_in_the_numbers() -> None:
    """Numbers that are left out below the last."""
    (finding,) = findings(listed((1, SMITH), (4, JONES)), kind="number-gap")
    assert finding.numbers == (2, 3)
    (finding,) = findings(listed((1, SMITH), (3, SMITH), (2019, JONES)), kind="number-gap")
    assert finding.message == "has no reference 2, 4 to 2018, though it counts to 2019."


def test_a_number_given_twice() -> None:
    """Two works under one number are an error; the same work twice is none."""
    (finding,) = findings(listed((1, SMITH), (1, JONES), (2, JONES), (2, JONES)), kind="number-repeated")
    assert (finding.severity, finding.numbers) == ("error", (1,))


def test_two_works_in_one_note() -> None:
    """The first is cited, with no identifier of the second, which is told as a warning."""
    bare = JONES.replace("PMID: 22.", "doi: 10.1000/jones.")
    document = page(f"It rose. (({SMITH} {bare}))\n\nIt fell. (({SMITH} Epub 2001 May 3. PMCID: PMC7.))")
    (finding,) = findings(document, kind="number-repeated")
    assert (finding.severity, finding.numbers) == ("warning", (1,))
    assert finding.message == "has several works under number 1; only the first was taken. Give each its own number."
    assert [(work.id, work.doi, work.year) for work in document.works.values()] == [
        ("pmid:11", None, 2001), ("pmid:11", None, 2001),
    ]  # fmt: skip


def test_one_work_under_two_numbers() -> None:
    """A note that stands twice is worth a note."""
    (finding,) = findings(page(f"It rose. (({SMITH}))\n\nIt fell. (({SMITH}))"), kind="work-repeated")
    assert (finding.severity, finding.numbers) == ("note", (1, 2))


@pytest.mark.parametrize(
    "defect",
    ["PMID: 1234567890", "PMID: none", "PMID:", "PMCID: 123456", "PMCID: PMCX", "doi: 10.12/short", "doi: 11.1000/x"],
)
def test_a_malformed_identifier(defect: str) -> None:
    """An identifier that cannot be one is named with its reference."""
    (finding,) = findings(listed((1, SMITH), (2, f"B. Two. 2002. {defect}")), kind="identifier-malformed")
    assert (finding.severity, finding.numbers) == ("warning", (2,))


@pytest.mark.parametrize(
    "sound",
    ["PMID: 7", "PubMed PMID: 12345678; PubMed Central PMCID: PMC123.", "doi: 10.1000/x.", "DOI: https://doi.org/10.1000/x",
     "https://doi.org/10.1000/x", "http://dx.doi.org/10.1000/x PMID: 7", "doi.org/10.1000/x", "doi: doi:10.1000/x",
     "a doi is missing"],
)  # fmt: skip
def test_a_sound_identifier(sound: str) -> None:
    """Identifiers as they are printed, and the word alone, are no findings."""
    assert findings(listed((1, SMITH), (2, f"B. Two. 2002. {sound}")), kind="identifier-malformed") == []


def test_a_study_without_a_reference() -> None:
    """A paragraph that names authors, and that no marker supports."""
    document = page(f"It rose. (({SMITH}))\n\n===== Next =====\n\nMiller et al. found otherwise.")
    (finding,) = findings(document, kind="study-without-reference")
    assert words(document, finding) == "Miller et al. found otherwise."


def test_a_page_without_references_has_no_studies() -> None:
    """Where nothing is cited at all, a name is no defect."""
    assert audit_documents([page("====== T ======\n\nMiller et al. found otherwise.")]) == ()


def test_what_only_inheritance_supports() -> None:
    """A paragraph whose reference stands in a later one."""
    document = page(f"Smith et al. studied twenty.\n\nThey were old.\n\nThey died. (({SMITH}))")
    (finding,) = findings(document, kind="only-inherited")
    assert (finding.severity, finding.numbers, words(document, finding)) == ("note", (1,), "They were old.")


def test_a_year_above_works_of_another() -> None:
    """The heading is named with the works that contradict it."""
    document = page(GOOD.replace("===== 2001 =====", "===== 1999 ====="))
    (finding,) = findings(document, kind="year-contradiction")
    assert (words(document, finding), finding.numbers) == ("1999", (1,))
    assert finding.message == "stands under the heading 1999, but reference 1 is of 2001."


def test_one_identifier_on_clearly_different_notes() -> None:
    """Each page that carries the identifier is told, with the other places."""
    other = "Miller C. Why do fractures of the hip heal? Bone. 1990;3(3):3-9. PMID: 11."
    documents = [page(f"It rose. (({SMITH}))", "a"), page(f"It fell. (({JONES})) It stayed. (({other}))", "b")]
    found = findings(*documents, kind="identifier-contradiction")
    assert [(finding.severity, finding.document, finding.numbers) for finding in found] == [
        ("error", "a", (1,)), ("error", "b", (2,)),
    ]  # fmt: skip
    assert found[0].message == "pmid:11 is given to clearly different notes: reference a 1; b 2."


def test_one_note_with_different_identifiers() -> None:
    """A PMID that was mistyped on one of two pages."""
    documents = [page(f"It rose. (({SMITH}))", "a"), page(f"It rose. (({SMITH.replace('PMID: 11', 'PMID: 12')}))", "b")]
    found = findings(*documents, kind="identifier-contradiction")
    assert [finding.document for finding in found] == ["a", "b"]
    assert found[0].message == "pmid:11, pmid:12 stand in notes on one work: reference a 1; b 1."


def test_a_paragraph_pasted_on_two_pages() -> None:
    """It is found word for word, and with a few words changed; the earlier page is named."""
    changed = LONG.replace("four years", "six years")
    documents = [page(f"{LONG} (({SMITH}))", "a"), page(f"See above.\n\n{changed}", "b"), page(LONG, "c")]
    found = findings(*documents, kind="near-duplicate")
    assert [finding.document for finding in found] == ["b", "c"]
    assert words(documents[1], found[0]) == changed
    assert found[1].message.startswith("repeats characters 0 to ")
    assert found[1].message.endswith(" of a (100% of the shorter).")


def test_paragraphs_that_only_share_words_are_no_duplicates() -> None:
    """The same words in another order, and short paragraphs, are left alone."""
    backwards = " ".join(reversed(LONG.split()))
    assert (
        findings(page(LONG, "a"), page(backwards, "b"), page("It rose.\n\nIt rose.", "c"), kind="near-duplicate") == []
    )


def test_paragraphs_that_share_a_phrase_are_no_duplicates() -> None:
    """Of a short paragraph few runs of words are kept; where all of these agree, the others decide."""
    rng = random.Random(1)
    words = [first + last for first in ("ba", "ce", "di", "fo", "gu", "ha") for last in ("nat", "ret", "lim", "sop")]
    phrase = ["in", "the", "present", "study", "of", "bees", "we"]
    paragraphs = [" ".join([*rng.choices(words, k=3), *phrase, *rng.choices(words, k=12)]) for _ in range(4_000)]
    assert findings(page("\n\n".join(paragraphs)), kind="near-duplicate") == []


def test_findings_come_in_the_order_of_the_documents() -> None:
    """Each document's findings stand together."""
    two = page(f"It rose. (({SMITH}))\n\nIt fell. (({SMITH}))\n\n{LONG}", "b")
    found = audit_documents([page(f"{LONG}\n\n{LONG}", "a"), two])
    assert [(finding.document, finding.kind) for finding in found] == [
        ("a", "near-duplicate"), ("b", "work-repeated"), ("b", "near-duplicate"),
    ]  # fmt: skip
    assert found[0].span == Span(len(LONG) + 2, 2 * len(LONG) + 2)


def test_a_work_without_identifiers_is_no_defect() -> None:
    """A book has none."""
    assert Work(id="text:1", text="A book.").pmid is None
    assert findings(listed((1, "Greenberg M. Handbook. 2020."), (2, JONES)), kind="identifier-malformed") == []
