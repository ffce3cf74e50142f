"""Settings from ``LOCCIT_*`` variables of the environment and an optional ``loccit.toml``."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from corpus.errors import SettingsError

__all__ = ["Settings", "read_settings"]

_PREFIX = "LOCCIT_"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service finds its store, where it listens, and which other origins' pages may ask.

    `allow_origins` is a list in the file, and separated by commas in the environment. Of `workers` processes each
    answers on `threads` threads, by default as many as there are cores for it; up to `queue` requests wait for one,
    and none is answered later than `deadline` seconds after it came. `sync_user` with `sync_password`, or `sync_token`,
    is the account by which `loccit sync` asks a wiki.
    """

    store: Path = Path(".loccit")
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8000
    allow_origins: tuple[str, ...] = ()
    workers: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None
    queue: Annotated[int, msgspec.Meta(ge=0)] = 128
    deadline: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    sync_user: str = ""
    sync_password: str = ""
    sync_token: str = ""


def read_settings(environment: Mapping[str, str] = os.environ, file: Path = Path("loccit.toml")) -> Settings:
    """The settings in force; the environment goes before the file.

    Raises `SettingsError` for an unknown key or a value of the wrong kind.
    """
    values: dict[str, Any] = _file_values(file)
    for name, value in environment.items():
        if name.startswith(_PREFIX):
            key = name.removeprefix(_PREFIX).lower()
            values[key] = _listed(value) if key == "allow_origins" else value
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        known = ", ".join(Settings.__struct_fields__)
        raise SettingsError(f"A setting is wrong: {error}. The settings are: {known}.") from error


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _file_values(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is no TOML file: {error}") from error
