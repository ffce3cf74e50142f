"""What a build writes of sentences before and after they are encoded."""

from pathlib import Path

import numpy as np
import pytest

from corpus import Document, Passage, Span
from index import Store
from index.draft import Draft
from index.encoder import Encoder
from index.late import LateInteraction, quantized
from index.manifest import LAYOUT
from index.vectors import TextVectors

TEXT = "Neck\n\nPain eased. \ufffd\ufffd\ufffd It came back."
"""Signs that stand in for what could not be read are nothing to the encoder."""


@pytest.fixture
def document() -> Document:
    """A page of three sentences, of which the second has no word piece."""
    return Document(id="page", title="Neck", form="text", text=TEXT, sha256="", source_sha256="")


def passage() -> Passage:
    """Its one passage."""
    starts = [TEXT.index(each) for each in ("Pain", "\ufffd", "It came")]
    ends = [*(each - 1 for each in starts[1:]), len(TEXT)]
    return Passage(
        id="page-1",
        document_id="page",
        start=starts[0],
        end=len(TEXT),
        text=TEXT[starts[0] :],
        headings=(),
        sentences=tuple(map(Span, starts, ends)),
        lead=None,
        citations=(),
        tokens=8,
    )


def test_a_sentence_without_pieces_is_not_the_title(embedded_store: Path, tmp_path: Path, document: Document) -> None:
    """Below a title it has no state but zeros, which match nothing, where the others have their own pieces."""
    encoder = Encoder(Store(embedded_store).current() / LAYOUT.encoder)
    with Draft(tmp_path, encoder) as draft:
        draft.add(document, [passage()])
        assert draft.close(()).sentences == 3
    vectors = TextVectors(tmp_path, mode="r+")
    assert vectors.encode(*Draft.texts(tmp_path), encoder, lambda done, total: None) == 4
    title, eased, back = encoder.encode_passages(["Neck", "Neck. Pain eased.", "Neck. It came back."])
    above = len(title.pieces) + 1  # the stop behind it
    first, second, third = np.split(vectors.states, vectors.offsets[1:-1])
    assert (first == quantized(eased.states)).all()
    assert second.shape == (1, encoder.width)
    assert not second.any()
    assert (third == quantized(back.states[above:])).all()
    late = LateInteraction(
        states=vectors.states,
        offsets=vectors.offsets,
        contexts=np.load(tmp_path / LAYOUT.contexts),
        leads=np.load(tmp_path / LAYOUT.leads),
        frequencies=np.load(tmp_path / LAYOUT.frequencies),
        sentence_offsets=np.load(tmp_path / LAYOUT.sentence_offsets),
    )
    (asked,) = encoder.encode_queries(["Did it come back?"])
    assert late.best_sentences(asked, np.array([0])).places.tolist() == [2]
