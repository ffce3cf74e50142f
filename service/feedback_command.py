"""``loccit feedback``: what was asked and thought, given out to be judged."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from corpus.errors import SettingsError
from service.options import store_option
from service.reporting import reporting
from service.settings import read_settings

if TYPE_CHECKING:
    from eval.questions import Evidence, Question
    from index.records import Records
    from service.feedback_store import Feedback

__all__ = ["feedback"]

TO_JUDGE = "to judge"
"""The kind of a question of which nobody has said yet what answers it."""

_ALL = 1 << 31


@click.group()
def feedback() -> None:
    """What readers asked, and what they thought of the answers."""


@feedback.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="Where to write.")
@click.option("--unanswered", is_flag=True, help="Questions without an answer, instead of those with feedback.")
@store_option("--index")
@reporting
def export(out: Path, unanswered: bool, store: Path | None) -> None:
    """Write logged questions as a question set in which each is still to be judged."""
    from eval.questions import Question, write_questions
    from index import Snapshot, Store
    from service.feedback_store import FeedbackStore

    settings = read_settings()
    at = Store(store or settings.store)
    kept = FeedbackStore.of(msgspec.structs.replace(settings, store=at.root))
    if unanswered:
        found = [Question("", each.question, (), answerable=False) for each in kept.unanswered(_ALL, 0).records]
    else:
        found = list(_with_feedback(kept.feedback(_ALL, 0).records, Snapshot.read_records(at)))
    if not found:
        raise SettingsError(
            f"{at.root} keeps no such question, so {out} was not written. Without --unanswered only questions are "
            "written on whose answers there is feedback. Questions are kept only while log_questions is on, for "
            f"{settings.log_retention_days} days."
        )
    named = (
        msgspec.structs.replace(each, id=f"asked-{number}", kind=TO_JUDGE) for number, each in enumerate(found, start=1)
    )
    write_questions(named, out)
    click.echo(f"{len(found)} questions to judge in {out}")


def _with_feedback(given: "Iterable[Feedback]", records: "Records") -> "Iterator[Question]":
    """The questions that have feedback; what was helpful to more than it was not is proposed as their evidence."""
    from eval.questions import Question
    from service.feedback_store import folded_question

    wordings: dict[str, str] = {}
    votes: dict[str, dict[str, int]] = {}
    for each in given:
        if each.question is None:
            continue
        folded = folded_question(each.question)
        wordings.setdefault(folded, each.question)
        of_question = votes.setdefault(folded, {})
        if each.passage is not None:
            of_question[each.passage] = of_question.get(each.passage, 0) + (1 if each.helpful else -1)
    for folded, wording in wordings.items():
        helpful = (passage for passage, count in votes[folded].items() if count > 0)
        evidence = tuple(found for passage in helpful if (found := _evidence(passage, records)))
        yield Question("", wording, evidence, answerable=bool(evidence))


def _evidence(passage_id: str, records: "Records") -> "Evidence | None":
    """The span of a passage, if the published snapshot has it."""
    from eval.questions import Evidence

    row = records.row_of(passage_id)
    if row is None:
        return None
    passage = records.passages[row]
    return Evidence(passage.document_id, passage.text, passage.start, passage.end)
