"""Structured logs: one line a request, and only fields that are on the list below.

Secrets are kept out by construction: a field that nobody put on the list is dropped before it is rendered, and an
exception is logged by its type alone, because the texts of aiohttp's and pydantic's exceptions hold URLs, headers
and input values.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import orjson
import structlog

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "console"]

#: Every field a log line may carry. Values are names, numbers and words of closed vocabularies; never bodies or keys.
FIELDS = frozenset(
    {
        "event", "level", "timestamp",
        "request_id", "method", "path", "status", "code", "caller", "client",
        "model", "provider", "upstream_model", "key", "stream",
        "attempt", "attempts", "skipped", "failure", "upstream_status", "step", "delay_ms",
        "ms", "first_token_ms", "input_tokens", "output_tokens", "finish", "bytes",
        "generation", "digest", "file", "problem", "problems", "reason", "listen", "models", "providers",
        "version", "pid", "signal", "open_requests", "exception", "where", "hint", "url",
    }
)  # fmt: skip


def only_listed(_: Any, __: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Keep the fields that are in `FIELDS` and say something, the same ones first in every line."""
    first = {name: event[name] for name in ("timestamp", "level", "event")}
    return first | {name: value for name, value in event.items() if value is not None and name in FIELDS}


def configure(level: Level = "info", format: Format = "auto", *, out: TextIO | None = None) -> None:  # noqa: A002
    """Set up structlog and the standard library's loggers. `auto` is `console` on a terminal and `json` elsewhere."""
    stream = out or sys.stderr
    console = format == "console" or (format == "auto" and stream.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if console
        else _render_json
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_listed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _tame_stdlib(logging.getLevelName(level.upper()))


def get(**fields: Any) -> Any:
    """A logger with `fields` bound. Its methods are `debug`, `info`, `warning` and `error`: (event, **fields)."""
    return structlog.get_logger(**fields)


def _render_json(_: Any, __: str, event: Mapping[str, Any]) -> str:
    return orjson.dumps(event, default=str).decode()


class _ToStructlog(logging.Handler):
    """Carries what libraries log over as one line: who, and the type of the exception; not their text."""

    def emit(self, record: logging.LogRecord) -> None:
        exception = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        method = {logging.WARNING: "warning", logging.ERROR: "error"}.get(record.levelno, "debug")
        getattr(get(), method)("library.logged", where=record.name, exception=exception)


def _tame_stdlib(level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [_ToStructlog()]
    root.setLevel(max(level, logging.WARNING))
    # Parse errors of hostile requests are answered with 400; a line each would let strangers fill the log.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
