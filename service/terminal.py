"""Answers for a reader at a terminal."""

from collections.abc import Callable, Sequence

from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.style import Style
from rich.text import Text

from corpus import Anchor, Basis, Finding
from index import Answer, AnswerPassage, AnswerReference

__all__ = ["print_answer"]

_BASIS: dict[Basis, str] = {"marked": "cited here", "named": "names the author", "inherited": "probably from"}


FindingsOf = Callable[[str], Sequence[Finding]]
"""What is known to be wrong in a document, by its id."""


def print_answer(answer: Answer, console: Console, findings_of: FindingsOf, *, filtered: bool = False) -> None:
    """The passages of an answer, the sentence that answers highlighted, and the references they cite.

    `filtered` tells that there were filters, which may have left nothing to search.
    """
    if answer.status == "no_match" and answer.nearest is None and filtered:
        console.print("These filters leave no passage that could answer. Ask with fewer.", style="bold")
        return
    if answer.status == "no_match":
        console.print("The source has no answer to this question.", style="bold")
        if answer.nearest is None:
            return
        console.print("The nearest passage, which may not answer:\n")
    for passage in answer.passages or filter(None, [answer.nearest]):
        console.print(_passage(passage, findings_of))
    if answer.references:
        console.print(Rule("References", align="left", style="dim"))
    for reference in answer.references:
        console.print(_reference(reference, several=_several_documents(answer)))


def _passage(passage: AnswerPassage, findings_of: FindingsOf) -> Group:
    where = " › ".join((passage.document.title, *passage.headings))
    head = Text.assemble((f"{passage.rank}. ", "bold"), (where, "bold"), (f"   {passage.id}", "dim"))
    body = Text(passage.text)
    for span in passage.highlights:
        body.stylize("bold underline", span.start - passage.anchor.start, span.end - passage.anchor.start)
    return Group(head, Padding(body, (0, 0, 0, 3)), Padding(_citations(passage, findings_of), (0, 0, 1, 3)))


def _citations(passage: AnswerPassage, findings_of: FindingsOf) -> Text:
    if not passage.citations:
        return Text(_without_reference(_dangling(findings_of(passage.document.id), passage.anchor)), "dim italic")
    stated = "; ".join(f"[{citation.number}] {_BASIS[citation.basis]}" for citation in passage.citations)
    return Text(stated, "dim")


def _without_reference(dangling: Sequence[int]) -> str:
    """Why a passage has no citation; `dangling` are the numbers of its marks that lead nowhere."""
    if not dangling:
        return "The source gives no reference for this passage."
    marks = ", ".join(f"[{number}]" for number in dangling)
    subject = f"mark {marks} has" if len(dangling) == 1 else f"marks {marks} have"
    return f"The source’s {subject} no entry in its list of references."


def _dangling(findings: Sequence[Finding], anchor: Anchor) -> list[int]:
    """The numbers of marks in a passage of which a reader or the audit found that nothing stands behind them."""
    dead = (
        finding
        for finding in findings
        if finding.kind in {"marker-without-reference", "malformed"}
        and finding.span
        and anchor.start <= finding.span.start
        and finding.span.end <= anchor.end
    )
    return list(dict.fromkeys(number for finding in dead for number in finding.numbers))


def _several_documents(answer: Answer) -> bool:
    return len({number.document for reference in answer.references for number in reference.numbers}) > 1


def _reference(reference: AnswerReference, *, several: bool) -> Text:
    """A reference with its numbers; where several documents are shown, each number with its document."""
    numbers = ", ".join(f"{n.document} {n.number}" if several else str(n.number) for n in reference.numbers)
    line = Text.assemble((f"[{numbers}] ", "bold"), reference.text)
    for link in _links(reference):
        line.append("  ")
        line.append(link, Style(link=link, underline=True))
    return line


def _links(reference: AnswerReference) -> list[str]:
    links = []
    if reference.doi:
        links.append(f"https://doi.org/{reference.doi}")
    if reference.pmid:
        links.append(f"https://pubmed.ncbi.nlm.nih.gov/{reference.pmid}/")
    if not links and reference.url:
        links.append(reference.url)
    return links
