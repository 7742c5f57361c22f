"""The one line that the log gets for each request, written from the journal in the order in which they ended."""

from datetime import UTC, datetime
from typing import Any

from g4f import log
from g4f.meter.batch import Batch
from g4f.meter.entry import Entry

_log = log.get()

#: Characters of one value in a line.
LONGEST = 200


def write_lines(batch: Batch) -> None:
    """Log the requests. Those that are alike share one line, made once, into which each puts its own values."""
    patterns = [_pattern(alike[0]) for alike in batch.alike]
    write = _log.shaped
    for entry, kind in zip(batch.entries, batch.kinds, strict=True):
        line = patterns[kind].copy()
        line["timestamp"] = datetime.fromtimestamp(entry.at, UTC)
        line["request_id"] = entry.request_id
        line["ms"] = round((entry.ended - entry.started) * 1000)
        if entry.answered_by is not None and entry.first is not None:
            line["first_token_ms"] = round((entry.first - entry.started) * 1000)
        usage = entry.usage
        if usage is not None:
            line["input_tokens"], line["output_tokens"] = usage.input_tokens, usage.output_tokens
        write(line)


def _pattern(entry: Entry) -> dict[str, Any]:
    """The line of a request."""
    status = entry.status or 0
    fields = {
        "request_id": entry.request_id,
        "method": entry.method,
        "path": entry.endpoint,
        "status": status,
        "caller": entry.caller_name,
        "ms": round(entry.seconds * 1000),
        **_route(entry),
        **{name: _bounded(value) for name, value in entry.fields.items()},
    }
    return log.shape("info" if status < 500 else "warning", "request.finished", fields, entry.at)


def _bounded(value: Any) -> Any:
    """A model's name, as others, is whatever a client wrote."""
    return value[:LONGEST] if isinstance(value, str) else value


def _route(entry: Entry) -> dict[str, Any]:
    """Who answered and after how many attempts; for what was tried in vain only how often."""
    journey, record, usage = entry.journey, entry.answered_by, entry.usage
    fields: dict[str, Any] = {"attempts": len(journey.attempts) or None}
    if record is not None:
        fields.update(
            provider=record.target.provider,
            upstream_model=record.target.model,
            key=record.target.key,
            skipped=len(journey.skipped) or None,
            dropped=", ".join(record.dropped) or None,
            first_token_ms=None if entry.to_first is None else round(entry.to_first * 1000),
        )
    if usage is not None:
        fields.update(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    return fields
