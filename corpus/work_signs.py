"""By what notes are seen to cite one work.

A sign gives each note a key, and notes of one key cite one work, unless their identifiers contradict each other.
"""

from collections.abc import Callable
from typing import NamedTuple

from corpus.documents import Work
from corpus.references import text_key
from corpus.unnamed import names_work

__all__ = ["SIGNS", "TITLE_WORDS", "Sign", "address", "key_of_words"]

TITLE_WORDS = 4
"""Fewer words make no title by which a work is known (``Author reply``), and no note that could contradict another."""
_KEY_WORDS = 8
"""So many words make notes one that carry different identifiers: ``Smith et al. 2001`` may be any of Smith's papers."""


class Sign(NamedTuple):
    """By what notes join, and of which identifiers only one of the joined may bring any."""

    key: Callable[[Work], str | None]
    single: tuple[str, ...]
    identifies: bool = False
    """An identifier may be mistyped, so that notes which are clearly different do not join by it."""


def key_of_words(work: Work) -> str | None:
    """The words of a note but for identifiers and addresses; None for fewer words than tell of one work.

    >>> key_of_words(Work(id="pmid:7", text="See the abstract, PMID: 7"))
    """
    if not names_work(work):
        return None
    key = text_key(work.text)
    return key if len(key.split()) >= _KEY_WORDS else None


def _pmid(work: Work) -> str | None:
    return work.pmid


def _doi(work: Work) -> str | None:
    return work.doi and work.doi.lower()


def address(work: Work) -> str | None:
    """The address of a note that has no identifier: there it tells one page of a site from another."""
    return None if work.pmid or work.doi else work.csl.url


def _same_words(work: Work) -> str | None:
    return None if work.pmid or work.doi else work.id


def _same_address(work: Work) -> str | None:
    at = address(work)
    return at and f"{text_key(work.text)} {at}"


def _same_record(work: Work) -> str | None:
    """Title, year, volume and first page, by which ``authors first`` and ``journal first`` are seen to be one."""
    item = work.csl
    title = text_key(item.title or "")
    if len(title.split()) < TITLE_WORDS or not (work.year and item.volume and item.page):
        return None
    return f"{title}|{work.year}|{item.volume}|{item.page.replace('–', '-').partition('-')[0].strip().casefold()}"


SIGNS = (
    Sign(_pmid, (), identifies=True),
    Sign(_doi, ("pmid",), identifies=True),
    Sign(lambda work: work.pmcid, ("pmid", "doi"), identifies=True),
    Sign(_same_words, ("pmid", "doi")),
    Sign(_same_address, ("pmid", "doi")),
    Sign(key_of_words, ("pmid", "doi", "address")),
    Sign(_same_record, ("pmid", "doi", "address")),
)
"""All signs, the surest first."""
