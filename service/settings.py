"""Settings from ``LOCCIT_*`` variables of the environment and an optional ``loccit.toml``."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from corpus.errors import SettingsError
from service.addresses import check_host, check_network
from service.origins import check_origin

__all__ = ["EffectiveSettings", "Settings", "effective_settings", "read_settings"]

FILE = Path("loccit.toml")

_PREFIX = "LOCCIT_"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service finds its store, where it listens, who may ask, and how much.

    Lists are lists in the file, and separated by commas in the environment.

    - `store`: the folder of snapshots and keys; `host` and `port`: where to listen, 0 for a free port.
    - `public`: whether everyone who reaches the service may ask without a key.
    - `allow_origins`: the origins whose pages may ask, each as a browser writes it (``https://wiki.example.org``).
    - `allowed_hosts`: the names by which the service may be called, without ports. By default any; on a loopback
      address only the names of this machine.
    - `trusted_proxies`: addresses or networks whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.
    - `max_body`: the most bytes of a request's body. The default takes the longest quotation to locate.
    - `rate_limit`: requests a minute by secret key or client address, 0 for no limit. By default 120, and none on a
      loopback address.
    - `widget_rate_limit`: requests a minute by publishable key and client address, 0 for no limit.
    - `ask_by_address`: whether ``GET /v1/ask`` is there, whose questions stand in addresses, and so in the logs of
      whatever is on the way. By default it is, unless `public`.
    - `workers`: processes that answer, each on `threads` threads, by default as many as there are cores; up to
      `queue` requests wait for one, and none is answered later than `deadline` seconds after it came.
    - `log_level`: from which level on is logged.
    - `log_questions`: whether questions are kept; they, and feedback, are for `log_retention_days`.
    - `sync_user` with `sync_password`, or `sync_token`: the account by which ``loccit sync`` asks a wiki.

    Raises `SettingsError` for an origin, a host or a network that is none.
    """

    store: Path = Path(".loccit")
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8000
    public: bool = False
    allow_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    max_body: Annotated[int, msgspec.Meta(ge=1024, le=2**30)] = 256 * 1024
    rate_limit: Annotated[int, msgspec.Meta(ge=0)] | None = None
    widget_rate_limit: Annotated[int, msgspec.Meta(ge=0)] = 60
    ask_by_address: bool | None = None
    workers: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None
    queue: Annotated[int, msgspec.Meta(ge=0)] = 128
    deadline: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_questions: bool = False
    log_retention_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30
    sync_user: str = ""
    sync_password: str = ""
    sync_token: str = ""

    def __post_init__(self) -> None:
        for origin in self.allow_origins:
            check_origin(origin, "allow_origins")
        for host in self.allowed_hosts:
            check_host(host, "allowed_hosts")
        for network in self.trusted_proxies:
            check_network(network, "trusted_proxies")


class EffectiveSettings(msgspec.Struct, frozen=True):
    """The settings in force, and where each came from that has not its default: an option, a variable or the file."""

    settings: Settings
    sources: Mapping[str, str]


def read_settings(environment: Mapping[str, str] = os.environ, file: Path = FILE) -> Settings:
    """The settings in force; the environment goes before the file, and an empty variable counts for none.

    Raises `SettingsError` for an unknown key or a value of the wrong kind.
    """
    return effective_settings({}, environment, file).settings


def effective_settings(
    options: Mapping[str, Any], environment: Mapping[str, str] = os.environ, file: Path = FILE
) -> EffectiveSettings:
    """The settings in force, where options of the command line that are not None go before all else.

    Raises as `read_settings` does.
    """
    named: dict[str, tuple[Any, str]] = {key: (value, str(file)) for key, value in _file_values(file).items()}
    for name, value in environment.items():
        if name.startswith(_PREFIX) and value:
            named[name.removeprefix(_PREFIX).lower()] = (value, name)
    _refuse_unknown({key: source for key, (_, source) in named.items()})
    named |= {key: (value, f"--{key}") for key, value in options.items() if value is not None}
    sources = {key: source for key, (_, source) in named.items()}
    values = {
        key: _listed(value) if key in _LISTS and isinstance(value, str) else value for key, (value, _) in named.items()
    }
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        key = str(error).rpartition("`$.")[2].partition("`")[0].partition("[")[0]
        raise SettingsError(f"The setting `{key}` ({sources.get(key)}) is wrong: {error}.") from error
    return EffectiveSettings(settings, sources)


_LISTS = {field.name for field in msgspec.structs.fields(Settings) if isinstance(field.default, tuple)}


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _refuse_unknown(sources: Mapping[str, str]) -> None:
    known = Settings.__struct_fields__
    for key, source in sources.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            cure = f"Did you mean `{near[0]}`?" if near else f"There are {', '.join(known)}."
            raise SettingsError(f"There is no setting `{key}` ({source}). {cure}")


def _file_values(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is no TOML file: {error}") from error
