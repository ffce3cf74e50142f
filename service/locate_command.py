"""``loccit locate``: an anchor or a passage found again."""

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
import msgspec

from corpus.errors import QueryError
from service.options import store_option, store_or_default
from service.reporting import reporting

if TYPE_CHECKING:
    from index.locating import Located
    from service.locate import LocateRequest

__all__ = ["locate"]


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
    from index.locating import PassageLocator
    from service.locate import locate_in

    if sum(each is not None for each in (passage, quote, file)) != 1:
        raise click.UsageError("Name a PASSAGE_ID, or give --quote or --anchor.")
    request = _request(passage, quote, None if file is None else file.read(), document)
    at = Store(store_or_default(store))
    located = locate_in(PassageLocator(Searcher(Snapshot.open(at)), at), request)
    click.echo(msgspec.json.encode(located).decode() if as_json else "\n".join(_lines(located)))
    sys.exit(0 if located.verdict in {"unchanged", "moved"} else 1)


def _request(passage: str | None, quote: str | None, anchor: bytes | None, document: str | None) -> "LocateRequest":
    from service.locate import AnchorRequest, LocateRequest

    try:
        if anchor is not None:
            return LocateRequest(anchor=msgspec.json.decode(anchor, type=AnchorRequest), document=document)
        given = {"passage": passage, "anchor": None if quote is None else {"exact": quote}, "document": document}
        return msgspec.convert(given, LocateRequest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise QueryError("anchor", f"What is looked for is no valid anchor: {error}") from error


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
