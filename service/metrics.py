"""What the service counts, for Prometheus. No text of a question or an answer is in it."""

import os

from litestar import MediaType, Response, get
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from service.exposure import INTERNAL

__all__ = [
    "ANSWERS",
    "REQUESTS",
    "REQUEST_SECONDS",
    "SHARED",
    "SNAPSHOT",
    "STAGE_SECONDS",
    "WAITING",
    "metrics",
]

disable_created_metrics()  # type: ignore[no-untyped-call]

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client finds the folder that several processes write to."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("loccit_requests", "Requests by route and status.", ("method", "route", "status"))
REQUEST_SECONDS = Histogram(
    "loccit_request_seconds", "From a request's head to its response's.", ("route",), buckets=_SECONDS
)
STAGE_SECONDS = Histogram("loccit_stage_seconds", "Time in each stage of a request.", ("stage",), buckets=_SECONDS)
ANSWERS = Counter(
    "loccit_answers", "Answers by status: the share of no_match is what the source does not tell.", ("status",)
)
WAITING = Gauge("loccit_queue", "Calls that wait for a thread.", multiprocess_mode="livesum")
SNAPSHOT = Gauge(
    "loccit_snapshot_loaded",
    "When the snapshot in force was loaded, in Unix seconds.",
    multiprocess_mode="livemin",
)


@get(
    "/metrics",
    sync_to_thread=False,
    media_type=MediaType.TEXT,
    tags=["Operation"],
    summary="Get metrics",
    opt=INTERNAL,
)
def metrics() -> Response[bytes]:
    """Counters and histograms in Prometheus's text form, of all worker processes together."""
    registry: CollectorRegistry = REGISTRY
    if SHARED in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
