"""Keys of the service: who may ask and administer, kept by their hashes in ``STORE/keys.json``.

A key is 192 random bits, so that SHA-256 keeps it: a slow hash protects what can be guessed, and this cannot be.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from corpus.errors import KeysError

__all__ = ["Key", "KeyFile", "NewKey", "Scope", "looks_like_key"]

Scope = Literal["ask", "admin"]

_PUBLISHABLE = "loccit_pk_"
_SECRET = "loccit_sk_"  # noqa: S105, the beginning of every secret key is no secret


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key as it is kept. One with `origins` is publishable: it stands in pages of those origins, for all to read."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    origins: tuple[str, ...]
    created: datetime
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

    @property
    def publishable(self) -> bool:
        """Whether it stands in pages, and so is no secret."""
        return bool(self.origins)


class NewKey(msgspec.Struct, frozen=True):
    """A key that was just made, and the words to send, which are kept nowhere."""

    key: Key
    words: str


class _Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1]
    keys: tuple[Key, ...] = ()


def looks_like_key(words: str) -> bool:
    """Whether something that was sent is meant for a key of this service."""
    return words.startswith((_PUBLISHABLE, _SECRET))


class KeyFile:
    """The keys of a store. What another process changes is seen at the next look.

    Where the file cannot be read or is damaged, `KeysError` is raised, so that nobody is let in by mistake.
    """

    def __init__(self, store: Path) -> None:
        self.path = store / "keys.json"
        self._state: tuple[int, ...] = ()
        self._keys: tuple[Key, ...] = ()

    def read(self) -> tuple[Key, ...]:
        """The keys in force; the file is read again only when it was changed."""
        try:
            stat = self.path.stat()
            state = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if state != self._state:
                self._keys = msgspec.json.decode(self.path.read_bytes(), type=_Keys).keys
                self._state = state
        except FileNotFoundError:
            self._state, self._keys = (), ()
        except OSError as error:
            raise KeysError(
                f"{self.path} cannot be read: {error.strerror}. It belongs to whoever made the first key; make keys as "
                "the user that serves, or give that user the file."
            ) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise KeysError(
                f"{self.path} is damaged: {error}. Bring it back from a copy, or remove it and make new keys."
            ) from error
        return self._keys

    def find(self, words: str) -> Key | None:
        """The key that was sent, if it is in force; how long this takes tells nothing of the others."""
        digest = _digest(words)
        matching = [key for key in self.read() if hmac.compare_digest(key.sha256, digest)]
        return matching[0] if matching else None

    def create(self, name: str, scopes: Sequence[Scope], origins: Sequence[str]) -> NewKey:
        """A new key, in force at once.

        Raises `KeysError` if there is no store, or for a publishable key that may do more than ask.
        """
        if origins and set(scopes) != {"ask"}:
            raise KeysError("A key with origins stands in pages for all to read, so it can only have the scope ask.")
        words = (_PUBLISHABLE if origins else _SECRET) + secrets.token_hex(24)
        key = Key(
            id=secrets.token_hex(4),
            name=name,
            scopes=tuple(dict.fromkeys(scopes)),
            origins=tuple(dict.fromkeys(origins)),
            created=datetime.now(UTC).replace(microsecond=0),
            sha256=_digest(words),
        )
        self._change(lambda keys: (*keys, key))
        return NewKey(key, words)

    def revoke(self, identity: str) -> None:
        """Take a key out of force. Raises `KeysError` if there is none of that id."""

        def without(keys: tuple[Key, ...]) -> tuple[Key, ...]:
            if all(key.id != identity for key in keys):
                known = ", ".join(key.id for key in keys) or "none"
                raise KeysError(f"There is no key {identity!r} in {self.path}. There are: {known}.")
            return tuple(key for key in keys if key.id != identity)

        self._change(without)

    def _change(self, change: Callable[[tuple[Key, ...]], tuple[Key, ...]]) -> None:
        """Reads, changes and replaces the file while no other process does."""
        with self._locked():
            body = msgspec.json.encode(_Keys(1, change(self.read())))
            aside = self.path.with_name("keys.json.new")
            aside.unlink(missing_ok=True)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(msgspec.json.format(body, indent=2) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            lock = self.path.with_name("keys.lock").open("w")
        except FileNotFoundError:
            raise KeysError(
                f"There is no store at {self.path.parent}. Make one with loccit build SOURCE --out {self.path.parent}."
            ) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
