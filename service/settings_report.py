"""``loccit serve --check``: the settings in force, and what they come to."""

from collections.abc import Iterator
from typing import Any

import msgspec

from service.access import Access
from service.exposure import Mode, require_access
from service.settings import EffectiveSettings, Settings

__all__ = ["settings_report"]

_SECRET_ENDINGS = ("key", "password", "secret", "token")

_MODES: dict[Mode, str] = {
    "loopback": "from this machine without a key",
    "keys": "with a key of scope ask alone",
    "public": "by everyone, without a key",
}


def settings_report(effective: EffectiveSettings) -> str:
    """Each setting with where it came from, then who may ask and how much.

    Raises `KeysError` if the keys cannot be read, `SettingsError` if nobody could ask.
    """
    require_access(effective.settings)
    width = max(map(len, Settings.__struct_fields__))
    lines = []
    for name, value in msgspec.structs.asdict(effective.settings).items():
        lines.append(f"{name:<{width}}  {masked(name, value)}  ({effective.sources.get(name, 'default')})")
    return "\n".join([*lines, "", *_consequences(effective.settings)])


def masked(name: str, value: Any) -> str:
    """A setting's value as it is shown, which a secret's is not.

    >>> masked("port", 8000), masked("sync_password", "rosebud"), masked("allowed_hosts", ())
    ('8000', '***', 'none')
    """
    if value in (None, ""):
        return "not set"
    if value == ():
        return "none"
    if name.endswith(_SECRET_ENDINGS):
        return "***"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _consequences(settings: Settings) -> Iterator[str]:
    access = Access(settings)
    keys = access.keys.read()
    publishable = sum(key.publishable for key in keys)
    yield f"Asked:            {_MODES[access.mode]}"
    yield f"Keys:             {len(keys) - publishable} secret, {publishable} publishable"
    yield f"Names (Host):     {', '.join(sorted(access.hosts)) if access.hosts else 'any'}"
    yield f"Rate by caller:   {_rate(access.callers.per_minute)}"
    yield f"Rate by visitor:  {_rate(access.visitors.per_minute)}"
    yield f"GET /v1/ask:      {'on' if access.by_address else 'off'}"


def _rate(per_minute: int) -> str:
    return f"{per_minute} requests a minute" if per_minute else "no limit"
