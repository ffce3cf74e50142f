"""The source forms that loccit reads. To add one: a module here with a `READER`, and its name in the list."""

from functools import cache
from importlib import import_module

from corpus.errors import SourceError
from corpus.readers.reading import Reader, Reading

__all__ = ["Reader", "Reading", "reader_of", "readers", "recognise", "surely_other_form"]

_MODULES = (
    "jats",
    "dokuwiki_xhtml",
    "dokuwiki_export",
    "dokuwiki",
    "markdown",
    "text",
)
"""In the order in which they are asked whether a text is theirs; plain text takes what is left."""


@cache
def readers() -> tuple[Reader, ...]:
    """The readers of all forms, imported when they are first asked for."""
    return tuple(import_module(f"corpus.readers.{name}").READER for name in _MODULES)


def reader_of(form: str) -> Reader:
    """The reader of a form. Raises `SourceError` for an unknown one."""
    for reader in readers():
        if reader.form == form:
            return reader
    raise SourceError(f"There is no form {form!r}; there are {', '.join(reader.form for reader in readers())}.")


def recognise(text: str) -> Reader:
    """The reader whose form a text has."""
    return next(reader for reader in readers() if reader.recognises(text))


def surely_other_form(text: str, form: str) -> str | None:
    r"""The form that a text surely has, if it is not the `form` that it is said to have.

    Plain text may be called anything without tags, and what several forms allow is left to who says which it is.

    >>> surely_other_form("# Neck\n\nSee [this](https://wiki.example).", "dokuwiki-xhtml")
    'markdown'
    >>> surely_other_form("Neck: see [[this]].", "dokuwiki")
    """
    stated, found = reader_of(form), recognise(text)
    if found is stated:
        return None
    if found.tagged:
        return found.form
    if stated.tagged:
        return None if text.lstrip("\ufeff \t\r\n").startswith("<") else found.form
    return None if found.form == "text" or stated.recognises(text) else found.form
