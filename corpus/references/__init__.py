"""Citation strings, as printed in a reference list, parsed into works."""

from corpus.references.identity import text_key, work_id
from corpus.references.works import cites_several, parse_work

__all__ = ["cites_several", "parse_work", "text_key", "work_id"]
