"""The source forms that loccit reads. To add one: a module with a `Reader`, and a line here."""

from corpus.readers.dokuwiki import DOKUWIKI
from corpus.readers.dokuwiki_export import DOKUWIKI_EXPORT
from corpus.readers.reading import Reader, Reading
from corpus.readers.text import TEXT

__all__ = ["READERS", "Reader", "Reading", "recognise"]

READERS: tuple[Reader, ...] = (DOKUWIKI_EXPORT, DOKUWIKI, TEXT)
"""In the order in which they are asked whether a text is theirs; plain text takes what is left."""


def recognise(text: str) -> Reader:
    """The reader whose form a text has."""
    return next(reader for reader in READERS if reader.recognises(text))
