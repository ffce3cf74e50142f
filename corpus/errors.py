"""Everything that loccit raises on purpose.

::

    LoccitError
    ├── SourceError          a source cannot be read
    │   └── EmptySourceError   it holds no text
    ├── EncoderError         an encoder cannot be loaded or exported
    │   └── TextTooLongError   a text exceeds what the encoder takes
    ├── SnapshotError        a store or snapshot is missing, damaged or of another format
    ├── QueryError           a question or one of its options is out of bounds
    ├── QuestionSetError     a question set is malformed
    ├── TargetError          what is evaluated does not answer
    ├── RunError             a run folder is missing, unfinished or does not fit another
    ├── SettingsError        a setting is unknown or out of bounds
    └── KeysError            the keys of a store cannot be read or changed

A message states the numbers and the cure, so that it can be shown to a user as it stands.
"""

__all__ = [
    "EmptySourceError",
    "EncoderError",
    "KeysError",
    "LoccitError",
    "QueryError",
    "QuestionSetError",
    "RunError",
    "SettingsError",
    "SnapshotError",
    "SourceError",
    "TargetError",
    "TextTooLongError",
]


class LoccitError(Exception):
    """Base of every error that loccit raises on purpose."""


class SourceError(LoccitError):
    """A source file or folder cannot be read."""


class EmptySourceError(SourceError):
    """A source holds no text."""


class EncoderError(LoccitError):
    """An encoder cannot be loaded or exported."""


class TextTooLongError(EncoderError):
    """A text has more word pieces than the encoder takes; it is never cut in silence."""


class SnapshotError(LoccitError):
    """A store or a snapshot is missing, damaged or of another format."""


class QueryError(LoccitError):
    """A question or one of its options is out of bounds; `field` names which."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class QuestionSetError(LoccitError):
    """A question set is malformed."""


class TargetError(LoccitError):
    """What is evaluated does not answer, or not in the agreed form."""


class RunError(LoccitError):
    """A run folder is missing or unfinished, or does not fit another."""


class SettingsError(LoccitError):
    """A setting is unknown or out of bounds."""


class KeysError(LoccitError):
    """The keys of a store cannot be read or changed."""
