"""Records on disk: what is read one by one is what was written, and what is kept stays small."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index import Snapshot, Store
from index.manifest import LAYOUT
from index.recent import Recent
from index.records import Records


@pytest.fixture(scope="module")
def records(embedded_store: Path) -> Records:
    """The records of the embedded page."""
    return Records(Store(embedded_store).current() / LAYOUT.records)


def test_passages_are_a_sequence(records: Records) -> None:
    """Passages are found by row, from either end and in slices, and by their ids."""
    passages = records.passages
    assert len(passages) == len(list(passages)) == 16
    assert passages[-1] == passages[15] == passages[14:][1]
    assert [records.row_of(passage.id) for passage in passages] == list(range(16))
    assert records.row_of("no-such") is None
    with pytest.raises(IndexError):
        passages[16]


def test_documents_are_a_mapping(records: Records) -> None:
    """Documents are found by their ids, and name the rows of their passages."""
    assert list(records.documents) == ["cervical_spinal_metastases"]
    assert len(records.documents) == 1
    document = records.documents["cervical_spinal_metastases"]
    assert all(document.text[each.start : each.end] == each.text for each in records.passages)
    assert records.rows_of(document.id) == range(16)
    assert (records.rows_of("no-such"), records.documents.get("no-such")) == (range(0), None)


def test_many_threads_read_at_once(embedded_store: Path) -> None:
    """Threads that read all records at once get the same."""
    snapshot = Snapshot.open(Store(embedded_store))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: (list(snapshot.passages), list(snapshot.documents.values())), range(24)))
    assert all(result == results[0] for result in results)


def test_kept_sizes_are_bounded() -> None:
    """What does not fit pushes out what was asked for longest ago; what is too large alone is not kept."""
    recent = Recent[str, str](most=10)
    for key in ("first", "second", "third"):
        recent.put(key, key.upper(), size=4)
    assert [recent.get(key) for key in ("first", "second", "third")] == [None, "SECOND", "THIRD"]
    assert recent.get("second") == "SECOND"
    recent.put("fourth", "FOURTH", size=4)
    assert [recent.get(key) for key in ("second", "third", "fourth")] == ["SECOND", None, "FOURTH"]
    recent.put("second", "AGAIN", size=6)
    assert [recent.get(key) for key in ("second", "fourth")] == ["AGAIN", "FOURTH"]
    recent.put("large", "LARGE", size=11)
    assert [recent.get(key) for key in ("second", "fourth", "large")] == ["AGAIN", "FOURTH", None]
