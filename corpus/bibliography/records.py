"""Works as CSL-JSON records, from which the other formats are made.

Source: the schema ``csl-data.json`` of the Citation Style Language, version 1.0.2.
"""

from collections.abc import Iterable, Sequence

import msgspec

from corpus.csl import Item
from corpus.documents import Work

__all__ = ["Record", "csl_json", "fullest", "record", "year_month_day"]


class Record(Item, frozen=True, omit_defaults=True, kw_only=True, rename="kebab"):
    """A record under its id. `note` is the citation word for word where no title could be read of it."""

    id: str
    note: str | None = None


def record(work: Work) -> Record:
    """The record of a work.

    >>> record(Work(id="text:1", text="See the atlas.")).note
    'See the atlas.'
    """
    fields = {name: getattr(work.csl, name) for name in work.csl.__struct_fields__}
    return Record(id=work.id, note=None if work.csl.title else work.text, **fields)


def csl_json(works: Sequence[Work]) -> str:
    """Some works as an array of CSL-JSON."""
    return msgspec.json.encode([_id_first(record(work)) for work in works]).decode() + "\n"


def fullest(works: Iterable[Work]) -> Work:
    """Of one work as several notes have it, that of which most fields could be read; the first of equals.

    >>> from corpus.references import parse_work
    >>> fullest([parse_work("Smith A. 2001."), parse_work("Smith A. 2001. doi: 10.1000/a")]).doi
    '10.1000/a'
    """
    empty = Item()
    return max(works, key=lambda work: sum(getattr(work.csl, n) != getattr(empty, n) for n in empty.__struct_fields__))


def year_month_day(of: Item) -> tuple[int, ...]:
    """The date of publication, as far as it is known; the first of a range."""
    return of.issued.date_parts[0] if of.issued else ()


def _id_first(of: Record) -> dict[str, object]:
    built: dict[str, object] = msgspec.to_builtins(of)
    return {"id": built.pop("id"), "type": of.type, **built}
