"""The one line that the log gets for each request, written from the journal."""

from collections.abc import Sequence
from typing import Any

from g4f import log
from g4f.meter.entry import Entry

_log = log.get()

#: Characters of one value in a line.
LONGEST = 200


def write_lines(entries: Sequence[Entry]) -> None:
    """Log the requests."""
    for entry in entries:
        status = entry.status or 0
        method = _log.info if status < 500 else _log.warning
        method(
            "request.finished",
            at=entry.at,
            request_id=entry.request_id,
            method=entry.method,
            path=entry.endpoint,
            status=status,
            caller=entry.caller_name,
            ms=round(entry.seconds * 1000),
            **_route(entry),
            **{name: _bounded(value) for name, value in entry.fields.items()},
        )


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
