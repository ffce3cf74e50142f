"""``loccit locate``: an anchor or a passage found again."""

import re
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
import msgspec

from corpus.errors import QueryError
from service.options import store_option, store_or_default
from service.reporting import reporting

if TYPE_CHECKING:
    from index.locating import Located, Quote

__all__ = ["locate"]

_TYPES = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "nothing",
}
_TYPE = re.compile(rf"`((?:{'|'.join(_TYPES)})(?: \| (?:{'|'.join(_TYPES)}))*)`")


@click.command()
@click.argument("passage", required=False, metavar="[PASSAGE_ID]")
@click.option("--quote", metavar="TEXT", help="Words that a document had, as they were copied.")
@click.option(
    "--anchor", "file", type=click.File("rb"), metavar="FILE", help="An anchor or a W3C target as JSON; - is the input."
)
@click.option("--document", metavar="ID", help="The document in which it stood.")
@store_option("--index")
@click.option("--json", "as_json", is_flag=True, help="Print the body that POST /v1/locate answers with.")
@reporting
def locate(
    passage: str | None,
    quote: str | None,
    file: IO[bytes] | None,
    document: str | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Find a passage or an anchor again in the published snapshot.

    Exit code 0 if it is unchanged or moved, 1 if it is changed, gone or ambiguous.
    """
    from index import Searcher, Snapshot, Store
    from index.locating import PassageLocator, Quote

    if sum(each is not None for each in (passage, quote, file)) != 1:
        raise click.UsageError("Name a PASSAGE_ID, or give --quote or --anchor.")
    anchor = Quote(exact=quote) if quote is not None else _anchor(file.read()) if file is not None else None
    at = Store(store_or_default(store))
    locator = PassageLocator(Searcher(Snapshot.open(at)), at)
    try:
        located = locator.quote(anchor, document) if anchor else locator.passage(passage or "", document)
    except QueryError as error:
        cure = " with --quote" if passage is not None else ""
        hint = "PASSAGE_ID" if passage is not None else "--quote" if quote is not None else "--anchor"
        raise click.BadParameter(f"{str(error).removesuffix('.')}{cure}.", param_hint=hint) from error
    click.echo(msgspec.json.encode(located).decode() if as_json else "\n".join(_lines(located)))
    sys.exit(0 if located.verdict in {"unchanged", "moved"} else 1)


def _anchor(content: bytes) -> "Quote":
    """The quotation of a file that --anchor names."""
    from service.locate import AnchorRequest

    try:
        return msgspec.json.decode(content, type=AnchorRequest).quote()
    except msgspec.ValidationError as error:
        reason = _worded(error)
    except QueryError as error:
        reason = str(error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        reason = 'This is no JSON. Give an anchor as an answer has it, or {"exact": "the words"}.'
    raise click.BadParameter(reason, param_hint="--anchor")


def _worded(error: msgspec.ValidationError) -> str:
    """What is wrong with an anchor, without the names of types.

    >>> _worded(msgspec.ValidationError("Expected `int | null`, got `str` - at `$.start`"))
    'At `start`: expected a whole number or nothing, got a text.'
    """
    message, _, place = str(error).partition(" - at `$.")
    words = _TYPE.sub(lambda types: " or ".join(_TYPES[each] for each in types[1].split(" | ")), message)
    return f"At `{place[:-1]}`: {words[0].lower()}{words[1:]}." if place else f"{words}."


def _lines(located: "Located") -> list[str]:
    """What was found, for a reader at a terminal."""
    lines = [f"{located.verdict}: {located.reason}"]
    if located.document and located.span and located.anchor:
        lines += [f"{located.document} {located.span.start}-{located.span.end}", located.anchor.exact]
    signs = {"insert": "+ ", "delete": "- "}
    lines += [f"{signs[piece.kind]}{piece.text.strip()}" for piece in located.diff if piece.kind in signs]
    lines += [f"{each.document} {each.span.start}-{each.span.end}" for each in located.candidates]
    lines += [
        f"{each.id}  {', '.join(citation.reference for citation in each.citations) or 'no reference'}"
        for each in located.passages
    ]
    return lines
