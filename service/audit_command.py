"""``loccit audit``: what a careful editor would want to know of some sources."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from corpus.documents import Form
from corpus.findings import Finding, Severity
from service.options import form_option
from service.reporting import reporting

__all__ = ["Audit", "audit"]

_COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "dim"}

_WIDTH = 160
"""Characters in a line where no terminal says how many it has."""


class Audit(msgspec.Struct, frozen=True):
    """How many documents were read, and what was found in them and in what could not be read."""

    documents: int
    findings: tuple[Finding, ...]


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@form_option
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@reporting
def audit(sources: tuple[Path, ...], form: Form | None, as_json: bool) -> None:
    """Show what an editor should mend in SOURCES: marks without references, wrong years, repeated text and more.

    Exit code 1 tells of a finding of severity error.
    """
    from corpus.audit import audit_documents
    from corpus.sources import read_sources

    collection = read_sources(sources, form=form)
    found = Audit(len(collection.documents), (*collection.findings, *audit_documents(collection.documents)))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        _print(found)
    sys.exit(any(finding.severity == "error" for finding in found.findings))


def _print(found: Audit) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    order: Sequence[Severity] = tuple(_COLOURS)
    if found.findings:
        table = Table("severity", "kind", Column("where", overflow="fold"), "what", box=None, pad_edge=False)
        for finding in sorted(found.findings, key=lambda finding: order.index(finding.severity)):
            cells = (finding.severity, finding.kind, _where(finding), finding.message)
            table.add_row(*(Text(cell, style=_COLOURS[finding.severity]) for cell in cells))
        console.print(table)
    counts = Counter(finding.severity for finding in found.findings)
    console.print(
        f"Documents: {found.documents}. Findings: " + ", ".join(f"{counts[each]} {each}" for each in order) + "."
    )


def _where(finding: Finding) -> str:
    """The document, or the file that is none, and the characters of its text."""
    place = finding.document or finding.source or ""
    return f"{place} {finding.span.start}–{finding.span.end}" if finding.span else place
