"""What is said beside a passage where a product shows text alone."""

from corpus import Basis
from service.projections.provenance import CitedWork, Match

__all__ = ["BASES", "NOT_CITED", "NO_MATCH", "in_text"]

BASES: dict[Basis, str] = {"marked": "cited here", "named": "names the author", "inherited": "probably from"}
NOT_CITED = "No reference in the source."
NO_MATCH = "The source does not answer this."


def in_text(match: Match) -> str:
    """A passage word for word, and below it the page, the place, and what the page cites for it, a line each."""
    source = match.provenance
    revised = f", revised {source.modified}" if source.modified else ""
    lines = [
        match.passage.text,
        "",
        f"From: {source.place}{revised}",
        f"Passage: {source.passage_id}, characters {source.start} to {source.end}",
        *([f"Study: {source.lead}"] if source.lead else []),
        *(map(_cited, source.citations) if source.citations else [NOT_CITED]),
    ]
    return "\n".join(lines)


def _cited(work: CitedWork) -> str:
    """The note word for word, and after it the identifiers that it does not hold itself.

    >>> _cited(CitedWork(3, "inherited", "pmid:7", "A note. PMID: 7.", 2001, "10.1000/x", "7", None))
    '[3] probably from: A note. PMID: 7. doi:10.1000/x'
    """
    named = (("doi", work.doi), ("PMID", work.pmid))
    missing = (f"{kind}:{value}" for kind, value in named if value and value not in work.text)
    return " ".join((f"[{work.number}] {BASES[work.basis]}: {work.text}", *missing))
