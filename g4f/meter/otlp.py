"""Spans on their way to a collector: OTLP over HTTP, by OpenTelemetry's own exporter.

The packages are an extra (`g4f[otel]`) and are imported when a file first asks for traces. Only the file says where
spans go: no proxy and no redirect is followed.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from g4f.config.schema import Traces
from g4f.meter.spans import Span
from g4f.version import __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

#: Seconds that a collector gets to take some spans.
PATIENCE = 5.0

#: Sends spans; whether they were taken.
Send = Callable[[Sequence[Span]], bool]


def sender(traces: Traces) -> Send:
    """A function that sends spans to where the file says. Raises ImportError without the packages."""
    import requests
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import SpanExportResult

    # Whoever sends says that it cannot, once; the exporter would with each batch.
    logging.getLogger(OTLPSpanExporter.__module__).setLevel(logging.CRITICAL)
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    exporter = OTLPSpanExporter(
        endpoint=traces.endpoint,
        headers={name.lower(): value.get_secret_value() for name, value in traces.headers.items()},
        timeout=PATIENCE,
        session=session,
    )
    resource = Resource({"service.name": traces.service, "service.version": __version__})
    make = _maker(resource)

    def send(spans: Sequence[Span]) -> bool:
        return exporter.export([make(span) for span in spans]) is SpanExportResult.SUCCESS

    return send


def _maker(resource: object) -> "Callable[[Span], ReadableSpan]":
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    assert isinstance(resource, Resource)  # noqa: S101 - made above
    scope = InstrumentationScope("g4f", __version__)

    def context(trace: int, span: int, *, remote: bool) -> SpanContext:
        return SpanContext(trace, span, is_remote=remote, trace_flags=TraceFlags(TraceFlags.SAMPLED))

    def make(span: Span) -> ReadableSpan:
        return ReadableSpan(
            name=span.name,
            context=context(span.trace, span.span, remote=False),
            parent=None if span.parent is None else context(span.trace, span.parent, remote=span.server),
            resource=resource,
            attributes=span.attributes,
            kind=SpanKind.SERVER if span.server else SpanKind.CLIENT,
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(),
            start_time=span.start,
            end_time=span.end,
            instrumentation_scope=scope,
        )

    return make
