"""Broken and hostile input: every reader ends, soundly or with an error of loccit's own."""

import random
import time
from contextlib import suppress

import pytest

from corpus.chunking import chunk
from corpus.errors import LoccitError
from corpus.readers import readers, recognise
from corpus.sources import read_text
from tests.documents import LIMIT
from tests.fuzzing import check_document, fuzz, hostile, mutated, seeds
from tests.samples import SAMPLES

FORMS = [reader.form for reader in readers()]


def test_every_form_has_a_sample_of_its_own() -> None:
    """The pages that are broken and grown begin sound: recognised, with markers and works for each section."""
    assert set(SAMPLES) == set(FORMS)
    for form, sample in SAMPLES.items():
        document = read_text(sample(5), identity="page", form=form)
        check_document(document)
        assert recognise(sample(5)).form == form
        assert {1, 2, 3, 4, 5} <= {number for marker in document.markers for number in marker.numbers}
        assert "pmid:13" in {work.id for work in document.works.values()}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", list(hostile(1)))
def test_hostile_runs(form: str, name: str) -> None:
    """A hundred thousand characters that open, nest or repeat are read soundly, and soon."""
    began = time.monotonic()
    with suppress(LoccitError):
        check_document(read_text(hostile(100_000)[name], identity="page", form=form))
    assert time.monotonic() - began < 20


def test_broken_pages() -> None:
    """Pages that were cut, spliced and strewn with marks and bytes."""
    told: list[str] = []
    counts = fuzz(10, 1, seeds(), told.append)
    assert told == []
    assert all(counts[f"{form}: read"] for form in [*FORMS, None])


@pytest.mark.parametrize("form", FORMS)
def test_passages_of_broken_pages_are_slices(form: str) -> None:
    """Whatever was read can be cut, and a passage is what stands at its place."""
    numbers = random.Random(7)
    pages = [sample(3) for sample in SAMPLES.values()]
    for _ in range(20):
        try:
            document = read_text(mutated(pages, numbers)[:4_000], identity="page", form=form)
        except LoccitError:
            continue
        for passage in chunk(document, chunk_tokens=64, limit=LIMIT):
            assert document.text[passage.start : passage.end] == passage.text
            assert {citation.reference for citation in passage.citations} <= {w.id for w in document.works.values()}
