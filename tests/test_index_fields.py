"""What of a passage is searched: its words, its sentences below title and headings, and all that the lexicon sees."""

import msgspec
import pytest

from corpus import Document, Passage, Span
from corpus.sources import read_text
from index.fields import fields

PAGE = """====== Neck ======

===== Pain =====

Pain eased ((Alpha A. First work. 2001. PMID: 11.)). It came back.
"""


@pytest.fixture
def document() -> Document:
    """A page with a title, a heading and two sentences."""
    return read_text(PAGE, identity="page", form="dokuwiki")


def passage(document: Document, *headings: str) -> Passage:
    """Its one paragraph, under some headings."""
    start = document.text.index("Pain eased")
    end = document.text.index("back.") + len("back.")
    second = document.text.index("It came")
    return Passage(
        id="page-1",
        document_id="page",
        start=start,
        end=end,
        text=document.text[start:end],
        headings=headings,
        sentences=(Span(start, second - 1), Span(second, end)),
        lead=None,
        citations=(),
        tokens=8,
    )


def test_sentences_stand_below_title_and_headings(document: Document) -> None:
    """Each sentence has title and headings before it, as far as the encoder takes them, and no marker."""
    found = fields(passage(document, "Pain"), document, lambda text: True)
    assert found.own == "Pain eased. It came back."
    assert found.sentences == ("Neck. Pain. Pain eased.", "Neck. Pain. It came back.")
    assert found.contexts == (len("Neck. Pain. "),) * 2
    assert found.lexical == "Neck\nPain\nPain eased. It came back."


def test_the_title_gives_way_first(document: Document) -> None:
    """Where the encoder takes no more, what is outermost is left out."""
    found = fields(passage(document, "Pain"), document, lambda text: len(text) <= len("Pain. It came back."))
    assert found.sentences == ("Pain. Pain eased.", "Pain. It came back.")
    assert found.contexts == (len("Pain. "),) * 2
    bare = fields(passage(document, "Pain"), document, lambda text: False)
    assert (bare.sentences, bare.contexts) == (("Pain eased.", "It came back."), (0, 0))


def test_a_title_that_is_a_heading_stands_once(document: Document) -> None:
    """Datasets have their title as a heading."""
    found = fields(passage(document, "Neck"), document, lambda text: True)
    assert found.sentences[0] == "Neck. Pain eased."


def test_the_name_of_a_file_is_no_title(document: Document) -> None:
    """Where the file's name stands in for a title nothing is said above the sentences."""
    named = msgspec.structs.replace(document, id="wiki-my_notes_12", title="my notes 12")
    assert fields(passage(named, "Pain"), named, lambda text: True).sentences[0] == "Pain. Pain eased."
    titled = msgspec.structs.replace(document, id="wiki-neck", title="Neck")
    assert fields(passage(titled, "Pain"), titled, lambda text: True).sentences[0] == "Neck. Pain. Pain eased."
