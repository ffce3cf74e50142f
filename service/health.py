"""Whether the service lives, and whether it can answer."""

import msgspec
from litestar import Router, get
from litestar.datastructures import State

from service.current import current_of
from service.exposure import PROBE

__all__ = ["Health", "Readiness", "health_router"]


class Health(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str


class Readiness(msgspec.Struct, frozen=True):
    """Questions are answered, from this snapshot."""

    status: str
    snapshot: str


@get("/live", sync_to_thread=False, summary="Is the process alive?")
def live() -> Health:
    """Answers as long as the process does."""
    return Health("live")


@get("/ready", sync_to_thread=False, summary="Can it answer questions?")
def ready(state: State) -> Readiness:
    """Answers with the snapshot in force; 503 until the first is loaded."""
    return Readiness("ready", current_of(state).searcher.snapshot)


def health_router() -> Router:
    """The routes for probes."""
    return Router("/health", route_handlers=[live, ready], tags=["Operation"], opt=PROBE)
