"""The report on anchors as tables."""

from eval.anchor_reports import AnchorReport, Fate

__all__ = ["anchor_table"]

_VERDICTS = ("unchanged", "moved", "changed", "gone", "ambiguous")
_NEAREST: tuple[Fate, ...] = ("edited", "gone")


def anchor_table(report: AnchorReport) -> str:
    """The counts by what was known of a passage, and the verdicts by edit, in Markdown."""
    lines = [
        f"{report.edits} edits ({report.skipped} more could not be made). Of {report.untouched} untouched passages "
        f"{_share(report.same_id, report.untouched)} kept their id, {_share(report.same_works, report.untouched)} "
        "id and works.",
        "",
        "| known | asked | untouched | found | of words that stand once | silent wrong links |",
        "|---|--:|--:|--:|--:|--:|",
        *(
            f"| {each.mode} | {each.asked} | {each.untouched} | {_share(each.found, each.untouched)} "
            f"| {_share(each.once_found, each.once)} | {each.wrong} |"
            for each in report.modes
        ),
        "",
        f"| edit | words | {' | '.join(_VERDICTS)} |",
        f"|---|---|{'--:|' * len(_VERDICTS)}",
        *(
            f"| {each.kind} | {each.fate} | {' | '.join(str(each.verdicts.get(name, 0)) for name in _VERDICTS)} |"
            for each in report.kinds
        ),
        "",
        *(f"Similarity where the words were {fate}: {_range(report, fate)}" for fate in _NEAREST),
    ]
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def _range(report: AnchorReport, fate: Fate) -> str:
    values = report.similarities[fate]
    if not values:
        return "none."
    return f"{values[0]:.2f} to {values[-1]:.2f}, the middle {values[len(values) // 2]:.2f}."
