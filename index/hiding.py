"""Withdrawn documents hidden from all that is read out of a file of records.

Each table that tells of documents is overlaid, in the connection alone, by a temporary view of the same name without
what belongs to them. SQLite finds temporary names before those of the file, so every query that is written for the
tables sees the rest only, and none can forget to ask. Rows keep their numbers.
"""

import sqlite3
from collections.abc import Iterable

import numpy as np

from index.facets import read_rows
from index.texts import Rows

__all__ = ["hide"]

_HIDDEN = """
PRAGMA temp_store = MEMORY;
CREATE TEMP TABLE withdrawn (document TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE hidden (passage INTEGER PRIMARY KEY);
"""

_VIEWS = """
CREATE TEMP VIEW documents AS SELECT * FROM main.documents WHERE id NOT IN temp.withdrawn;
CREATE TEMP VIEW passages AS SELECT * FROM main.passages WHERE row NOT IN temp.hidden;
CREATE TEMP VIEW findings AS SELECT * FROM main.findings WHERE document NOT IN temp.withdrawn;
CREATE TEMP VIEW notes AS SELECT * FROM main.notes WHERE document NOT IN temp.withdrawn;
CREATE TEMP VIEW citations AS SELECT * FROM main.citations WHERE passage NOT IN temp.hidden;
CREATE TEMP VIEW headings AS SELECT heading, shown(rows) AS rows FROM main.headings WHERE shown(rows) IS NOT NULL;
CREATE TEMP VIEW years AS SELECT year, shown(rows) AS rows FROM main.years WHERE shown(rows) IS NOT NULL;
CREATE TEMP VIEW types AS SELECT type, year, shown(rows) AS rows FROM main.types WHERE shown(rows) IS NOT NULL;
CREATE TEMP VIEW identifiers AS SELECT * FROM main.identifiers AS every
    WHERE EXISTS (SELECT 1 FROM temp.notes WHERE notes.work = every.work);
"""
"""An identifier belongs to its work, whichever note carries it, and goes with the last note on the work."""


def hide(connection: sqlite3.Connection, documents: Iterable[str]) -> Rows:
    """Hides some documents from a connection; returns the rows of their passages, ascending.

    Ids of documents that the file does not have are passed over.
    """
    connection.executescript(_HIDDEN)
    connection.executemany("INSERT INTO withdrawn VALUES (?)", [(each,) for each in documents])
    stretches = connection.execute("SELECT first, passages FROM documents WHERE id IN withdrawn ORDER BY first")
    rows = [row for first, count in stretches.fetchall() for row in range(first, first + count)]
    connection.executemany("INSERT INTO hidden VALUES (?)", [(row,) for row in rows])
    (passages,) = connection.execute("SELECT count(*) FROM passages").fetchone()
    hidden = np.array(rows, dtype=np.int64)
    is_hidden = np.zeros(passages, dtype=np.bool_)
    is_hidden[hidden] = True

    def shown(content: bytes) -> bytes | None:
        """A list of rows without those that are hidden; None where none is left."""
        listed = read_rows(content)
        return listed[~is_hidden[listed]].tobytes() or None

    connection.create_function("shown", 1, shown, deterministic=True)
    connection.executescript(_VIEWS)
    return hidden
