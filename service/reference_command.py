"""``loccit eval references``: how well the strings of a table are parsed."""

from pathlib import Path

import click

from service.reporting import reporting

__all__ = ["eval_references"]

_FILE = click.Path(path_type=Path)


@click.command("references")
@click.argument("file", type=_FILE)
@click.option("--labels", type=_FILE, metavar="FILE", help="JSON Lines with pmid, title and first_author.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@reporting
def eval_references(file: Path, labels: Path | None, as_json: bool) -> None:
    """Parse the citation strings in FILE, and compare with what they should give.

    FILE has tab-separated columns: citation, and one whose name begins with pmid.
    """
    import msgspec

    from eval.citation_strings import StringReport, read_citation_strings, read_labels, report_on

    def readable(report: StringReport) -> str:
        """The report as lines for the terminal."""
        scores = [
            f"{name:<24}{score.right:>6} of {score.n:<6}{score.share:7.1%}" for name, score in report.scores.items()
        ]
        filled = [f"  {name:<22}{count:>6}{count / report.strings:18.1%}" for name, count in report.filled.items()]
        return "\n".join([f"{report.strings} strings", *scores, "filled", *filled, *report.differences])

    report = report_on(read_citation_strings(file), read_labels(labels) if labels else [])
    click.echo(msgspec.json.encode(report).decode() if as_json else readable(report))
