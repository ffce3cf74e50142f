"""The page that the project began with, from its file to an answer at the terminal."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from corpus import Passage
from index import Snapshot, Store
from tests.servers import LOCCIT

ATTRIBUTION = {
    "Metastases rarely occurred": [(2, "marked")],
    "The treatment of cervical spinal metastases represents": [],
    "Vazifehdan et al. performed": [(3, "named")],
    "They retrospectively studied": [(3, "inherited")],
    "At the last follow-up": [(3, "inherited")],
    "Palliative surgical treatment": [(3, "marked")],
    "Stangenberg et al. present": [(4, "named")],
    "A 59-year-old female": [(5, "marked")],
    "Adachi et al. described": [(6, "marked")],
    "a patient without a prior known": [(7, "marked")],
}
"""What supports the paragraphs that are one passage each, by how they begin."""

SPLIT = {"Although T2-hyperintense": 1, "Fourteen patients": 4, "Anterior vertebroplasty": 4, "a 73-year-old woman": 8}
"""The number that supports the paragraphs of several passages: inherited until the passage with the marker."""


@pytest.fixture(scope="module")
def store(shared: Path, embedded_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that `loccit build` makes of the folder of the seed page; the encoder is taken over from another."""
    root = tmp_path_factory.mktemp("seed") / "store"
    shutil.copytree(embedded_store, root)
    subprocess.run([LOCCIT, "build", shared / "corpus", "--out", root], check=True, capture_output=True)
    return root


@pytest.fixture(scope="module")
def snapshot(store: Path) -> Snapshot:
    """The snapshot of the seed page."""
    return Snapshot.open(Store(store))


def passages_of(snapshot: Snapshot, beginning: str) -> list[Passage]:
    """The passages of the paragraph that begins so."""
    (document,) = snapshot.documents.values()
    (block,) = [b for b in document.blocks if document.text.startswith(beginning, b.start)]
    return [p for p in snapshot.passages if block.start <= p.start < block.end]


@pytest.mark.parametrize("beginning", ATTRIBUTION)
def test_attribution_of_a_paragraph(snapshot: Snapshot, beginning: str) -> None:
    """Every passage of the paragraph cites the reference that the page gives for it, and by which basis."""
    for passage in passages_of(snapshot, beginning):
        assert [(c.number, c.basis) for c in passage.citations] == ATTRIBUTION[beginning]


@pytest.mark.parametrize("beginning", SPLIT)
def test_attribution_of_a_split_paragraph(snapshot: Snapshot, beginning: str) -> None:
    """The passage with the marker is marked, and earlier passages of its paragraph inherit."""
    passages = passages_of(snapshot, beginning)
    marker = f" {SPLIT[beginning]})."
    for passage in passages:
        basis = "marked" if marker in passage.text else "inherited"
        assert [(c.number, c.basis) for c in passage.citations] == [(SPLIT[beginning], basis)]


def test_every_paragraph_is_covered(snapshot: Snapshot) -> None:
    """The table above speaks of all paragraphs of the page, and the longest is split."""
    (document,) = snapshot.documents.values()
    paragraphs = [document.text[b.start :] for b in document.blocks if b.kind == "paragraph"]
    assert len(paragraphs) == 14
    assert all(any(text.startswith(key) for key in [*ATTRIBUTION, *SPLIT]) for text in paragraphs)
    assert len(passages_of(snapshot, "Although T2-hyperintense")) >= 2


def test_passages_are_exact_slices(snapshot: Snapshot) -> None:
    """Every passage is a slice of the document, and the document is the file up to its notes."""
    (document,) = snapshot.documents.values()
    assert all(document.text[p.start : p.end] == p.text for p in snapshot.passages)


def test_trailer_is_metadata(snapshot: Snapshot) -> None:
    """The page's trailer gives the date, and stands in no text."""
    (document,) = snapshot.documents.values()
    assert (document.title, document.modified) == ("Cervical spinal metastases", "2025-05-13")
    assert not any(words in document.text for words in ("Last modified", "127.0.0.1", "PMID"))


def test_median_survival(store: Path) -> None:
    """The question for the median survival gives the passage that tells it first, with its reference."""
    question = "What was the median survival after palliative surgery?"
    done = subprocess.run(
        [LOCCIT, "ask", "--index", store, question, "--json"], check=True, capture_output=True, text=True
    )
    answer = json.loads(done.stdout)
    first = answer["passages"][0]
    assert answer["status"] == "answered"
    assert "14.8 months" in first["text"]
    assert [citation["number"] for citation in first["citations"]] == [3]
    (reference,) = [r for r in answer["references"] if r["id"] == first["citations"][0]["reference"]]
    assert (reference["doi"], reference["pmid"]) == ("10.1007/s00590-017-2002-0", "28638950")
