"""Spans for OpenTelemetry, where ``opentelemetry-api`` is installed; without it, none.

Which exporter gets them is for the SDK's own settings to say. A span names the route and the stages, and holds no
address, since that of a question holds the question.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from index.stages import Seconds

try:
    from opentelemetry import propagate, trace
except ImportError:
    INSTALLED = False
else:
    INSTALLED = True

__all__ = ["INSTALLED", "Finish", "traced"]

Finish = Callable[[str, str, int, Seconds], None]
"""Takes the method, route, status and stages of a request that has been answered."""


@contextmanager
def traced(headers: Mapping[str, str]) -> Iterator[Finish]:
    """A span for the block, below the one that the caller's headers name."""
    if not INSTALLED:
        yield lambda method, route, status, stages: None
        return
    tracer = trace.get_tracer("loccit")
    context = propagate.extract(dict(headers))
    with tracer.start_as_current_span("request", context, kind=trace.SpanKind.SERVER) as span:

        def finish(method: str, route: str, status: int, stages: Seconds) -> None:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.request.method", method)
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)
            for stage, seconds in stages.items():
                span.set_attribute(f"loccit.stage.{stage}.ms", round(1000 * seconds, 3))
            if status >= 500:
                span.set_status(trace.StatusCode.ERROR)

        yield finish
