"""A snapshot over HTTP, the widget, and the ``loccit`` command."""

from service.app import create_app
from service.settings import Settings, read_settings

__all__ = ["Settings", "create_app", "read_settings"]
