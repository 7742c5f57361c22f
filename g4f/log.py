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


class Log:
    """Where the program's lines go: nowhere until `configure` was called, so that the library is silent in a host.

    It wraps structlog without touching structlog's global configuration, which belongs to the host program.
    """

    __slots__ = ("_out",)

    def __init__(self) -> None:
        self._out: Any = None

    def to(self, out: Any) -> None:
        self._out = out

    def debug(self, event: str, **fields: Any) -> None:
        if self._out is not None:
            self._out.debug(event, **fields)

    def info(self, event: str, **fields: Any) -> None:
        if self._out is not None:
            self._out.info(event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        if self._out is not None:
            self._out.warning(event, **fields)

    def error(self, event: str, **fields: Any) -> None:
        if self._out is not None:
            self._out.error(event, **fields)


_LOG = Log()


def get() -> Log:
    """The log. An event is a constant `noun.verb_past`; values go into fields."""
    return _LOG


def configure(level: Level = "info", format: Format = "auto", *, out: TextIO | None = None) -> None:  # noqa: A002
    """Write lines of `level` and above to `out` (stderr). `auto` is `console` on a terminal and `json` elsewhere."""
    stream = out or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    console = format == "console" or (format == "auto" and stream.isatty())
    renderer: Any = _render_json
    if console:
        renderer = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
        )
    _LOG.to(
        structlog.wrap_logger(
            structlog.PrintLogger(stream),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                only_listed,
                renderer,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(number),
        ).bind()
    )
    _tame_stdlib(number)


def _render_json(_: Any, __: str, event: Mapping[str, Any]) -> str:
    return orjson.dumps(event, default=str).decode()


class _ToLog(logging.Handler):
    """Carries what libraries log over as one line: who, and the type of the exception; not their text."""

    def emit(self, record: logging.LogRecord) -> None:
        exception = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        method = {logging.WARNING: "warning", logging.ERROR: "error"}.get(record.levelno, "debug")
        getattr(_LOG, method)("library.logged", where=record.name, exception=exception)


def _tame_stdlib(level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [_ToLog()]
    root.setLevel(max(level, logging.WARNING))
    # Parse errors of hostile requests are answered with 400; a line each would let strangers fill the log.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
