"""The spans of a finished request: one for it, one for each of its attempts, in the words of OpenTelemetry's GenAI
conventions (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/).

They hold names, numbers and words of closed vocabularies; never prompts, answers or keys.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from g4f.exchange.trace import TraceContext
from g4f.gateway.record import AttemptRecord, Outcome
from g4f.meter.entry import Entry

Attributes = Mapping[str, str | int | float | bool | list[str]]

#: What the conventions call providers of the catalog (gen_ai.provider.name); others go by their own names.
_PROVIDERS = MappingProxyType(
    {
        "OpenAI": "openai",
        "Anthropic": "anthropic",
        "Cohere": "cohere",
        "GeminiPro": "gcp.gemini",
        "Mistral": "mistral_ai",
        "DeepSeek": "deepseek",
        "Groq": "groq",
        "Perplexity": "perplexity",
        "xAI": "x_ai",
    }
)
#: And operations (gen_ai.operation.name).
_OPERATIONS = MappingProxyType({"embeddings": "embeddings", "completion": "text_completion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`server`: it serves a request; else it is a call. Times are in Unix nanoseconds. `error` is why it failed."""

    name: str
    server: bool
    trace: int
    span: int
    parent: int | None
    start: int
    end: int
    attributes: Attributes
    error: str | None = None


def spans(entry: Entry) -> Iterator[Span]:
    """The spans of a request; none where nobody traces it."""
    context = entry.journey.trace
    if context is None or not context.sampled:
        return
    offset = entry.at - entry.ended  # from the clock that times are taken with to that of the wall
    yield _request(entry, context, offset)
    for number, record in enumerate(entry.journey.attempts, 1):
        yield _attempt(entry, record, number, context, offset)


def _request(entry: Entry, context: TraceContext, offset: float) -> Span:
    model = str(entry.fields.get("model") or "")
    record, status = entry.answered_by, entry.status or 0
    code = entry.fields.get("code")
    written: dict[str, Any] = {
        "gen_ai.operation.name": _operation(entry),
        "gen_ai.request.model": model,
        "gen_ai.request.stream": bool(entry.fields.get("stream")) or None,
        "gen_ai.response.finish_reasons": [entry.fields["finish"]] if entry.fields.get("finish") else None,
        "http.request.method": entry.method,
        "http.route": entry.endpoint,
        "http.response.status_code": status,
        "gen_ai.response.time_to_first_chunk": entry.to_first if entry.fields.get("stream") else None,
        "error.type": code or (str(status) if status >= 400 else None),
        "g4f.request_id": entry.request_id,
        "g4f.caller": entry.caller_name,
        "g4f.route": entry.journey.route,
        "g4f.generation": entry.journey.generation,
        "g4f.attempts": len(entry.journey.attempts),
        "g4f.skipped": [f"{skip.provider}={skip.reason.value}" for skip in entry.journey.skipped] or None,
        **_usage(entry),
    }
    if record is not None:
        written |= {
            "gen_ai.provider.name": _provider(record),
            "gen_ai.response.model": record.target.model,
        }
    return Span(
        name=f"{_operation(entry)} {model}".strip(),
        server=True,
        trace=context.trace,
        span=context.span,
        parent=context.parent,
        start=_nanoseconds(entry.started + offset),
        end=_nanoseconds(entry.at),
        attributes=_said(written),
        error=str(code or status) if status >= 500 or (record is not None and not entry.whole) else None,
    )


def _attempt(entry: Entry, record: AttemptRecord, number: int, context: TraceContext, offset: float) -> Span:
    failure = record.failure
    written: dict[str, Any] = {
        "gen_ai.operation.name": _operation(entry),
        "gen_ai.provider.name": _provider(record),
        "gen_ai.request.model": record.target.model,
        "error.type": failure.kind.value if failure else None,
        "http.response.status_code": failure.status if failure else None,
        "g4f.provider": record.target.provider,
        "g4f.key": record.target.key,
        "g4f.proxy": record.target.proxy,
        "g4f.attempt": number,
        "g4f.outcome": record.outcome.value,
    }
    answers = record is entry.answered_by
    if answers:
        written |= _usage(entry)
    end = entry.ended if answers else record.began + record.seconds
    return Span(
        name=f"{_operation(entry)} {record.target.model}",
        server=False,
        trace=context.trace,
        span=context.attempt(number),
        parent=context.span,
        start=_nanoseconds(record.began + offset),
        end=_nanoseconds(end + offset),
        attributes=_said(written),
        error=failure.kind.value if failure and record.outcome is Outcome.FAILED else None,
    )


def _usage(entry: Entry) -> dict[str, Any]:
    usage = entry.usage
    if usage is None:
        return {}
    return {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens or None,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens or None,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens or None,
    }


def _provider(record: AttemptRecord) -> str:
    return _PROVIDERS.get(record.target.provider, record.target.provider)


def _operation(entry: Entry) -> str:
    written = str(entry.fields.get("operation") or "chat")
    return _OPERATIONS.get(written, written)


def _said(written: Mapping[str, Any]) -> Attributes:
    return {name: value for name, value in written.items() if value not in (None, "")}


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)
