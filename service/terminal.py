"""Answers for a reader at a terminal."""

from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.style import Style
from rich.text import Text

from corpus import Basis, Citation
from index import Answer, AnswerPassage, AnswerReference

__all__ = ["print_answer"]

_BASIS: dict[Basis, str] = {"marked": "cited here", "named": "names the author", "inherited": "probably from"}


def print_answer(answer: Answer, console: Console) -> None:
    """The passages of an answer, the sentence that answers highlighted, and the references they cite."""
    if answer.status == "no_match":
        console.print("The source has no answer to this question.", style="bold")
        if answer.nearest is None:
            return
        console.print("The nearest passage, which may not answer:\n")
    for passage in answer.passages or filter(None, [answer.nearest]):
        console.print(_passage(passage))
    if answer.references:
        console.print(Rule("References", align="left", style="dim"))
    for reference in answer.references:
        console.print(_reference(reference, several=_several_documents(answer)))


def _passage(passage: AnswerPassage) -> Group:
    where = " › ".join((passage.document.title, *passage.headings))
    head = Text.assemble((f"{passage.rank}. ", "bold"), (where, "bold"), (f"   {passage.id}", "dim"))
    body = Text(passage.text)
    for span in passage.highlights:
        body.stylize("bold underline", span.start - passage.anchor.start, span.end - passage.anchor.start)
    return Group(head, Padding(body, (0, 0, 0, 3)), Padding(_citations(passage.citations), (0, 0, 1, 3)))


def _citations(citations: tuple[Citation, ...]) -> Text:
    if not citations:
        return Text("The source gives no reference for this passage.", "dim italic")
    stated = "; ".join(f"[{citation.number}] {_BASIS[citation.basis]}" for citation in citations)
    return Text(stated, "dim")


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
