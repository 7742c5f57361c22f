"""Structured logs: one line a request, and only fields that are on the list below.

Lines are written in batches by a thread of their own, so that a slow reader of the log never holds up a request.
Secrets are kept out by construction: a field that nobody put on the list is dropped before it is rendered, and an
exception is logged by its type alone, because the texts of aiohttp's and pydantic's exceptions hold URLs, headers
and input values.
"""

import atexit
import contextlib
import io
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal, Protocol, TextIO

import orjson

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "console"]

_LEVELS: Mapping[str, int] = MappingProxyType({"debug": 10, "info": 20, "warning": 30, "error": 40})

#: Every field a log line may carry. Values are names, numbers and words of closed vocabularies; never bodies or keys.
FIELDS = frozenset(
    {
        "event", "level", "timestamp",
        "request_id", "method", "path", "status", "code", "caller", "client",
        "dropped", "model", "provider", "upstream_model", "key", "stream",
        "attempt", "attempts", "skipped", "failure", "upstream_status", "step", "delay_ms",
        "ms", "seconds", "first_token_ms", "input_tokens", "output_tokens", "finish", "bytes",
        "generation", "digest", "file", "problem", "problems", "reason", "listen", "models", "providers",
        "version", "pid", "signal", "open_requests", "exception", "where", "hint", "url", "cooldowns",
        "worker", "workers", "chat",
    }
)  # fmt: skip


def shape(level: str, event: str, fields: Mapping[str, Any], at: float | None = None) -> dict[str, Any]:
    """A line: the fields that are in `FIELDS` and say something, behind the same three. `at` is in Unix seconds."""
    moment = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
    line = {"timestamp": moment, "level": level, "event": event}
    line.update([field for field in fields.items() if field[1] is not None and field[0] in FIELDS])
    return line


class Batches:
    """Writes lines to a file descriptor, those of a tenth of a second at a time.

    A reader that stalls costs lines (`MOST_WAITING` may wait, the rest is dropped and counted in `dropped`), not
    requests.
    """

    PAUSE = 0.1
    MOST_WAITING = 10_000
    one_piece: int | None = None

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._dropped = 0
        self.dropped = 0
        self._some = threading.Event()
        self._writing = threading.Lock()
        threading.Thread(target=self._run, name="g4f-log", daemon=True).start()
        atexit.register(self.flush)

    def take(self, line: bytes) -> None:
        """Take a line, to be written soon."""
        if len(self._lines) >= self.MOST_WAITING:
            self._dropped += 1
            self.dropped += 1
            return
        self._lines.append(line)
        if len(self._lines) == 1:
            self._some.set()

    def flush(self) -> None:
        """Write what waits."""
        with self._writing:
            lines = []
            while self._lines:  # one by one: taking the whole queue away could lose a line that is just being added
                lines.append(self._lines.popleft())
            dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(b'{"level":"error","event":"log.overflowed","attempts":%d}' % dropped)
            if lines:
                with contextlib.suppress(OSError):  # nobody reads: there is nowhere left to say so
                    for piece in _pieces(lines, self.one_piece):
                        _write_all(self._descriptor, piece)

    def _run(self) -> None:
        while True:
            self._some.wait()
            self._some.clear()
            time.sleep(self.PAUSE)
            self.flush()


#: Bytes that go into a pipe in one piece, whoever else writes to it (pipe(7): PIPE_BUF).
ONE_PIECE = 4096


def share() -> None:
    """Other processes write to the same place: let no line be torn by theirs."""
    Batches.one_piece = ONE_PIECE


_BATCHES: dict[int, Batches] = {}


def _batches(descriptor: int) -> Batches:
    """One writer for a descriptor, however often the log is configured."""
    if descriptor not in _BATCHES:
        _BATCHES[descriptor] = Batches(descriptor)
    return _BATCHES[descriptor]


def dropped() -> int:
    """How many lines were dropped because nobody read the log in time."""
    return sum(batches.dropped for batches in _BATCHES.values())


def _pieces(lines: list[bytes], limit: int | None) -> Iterator[bytes]:
    """The lines, all at once or as many at a time as `limit` bytes have room for."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        if limit is not None and held and size + len(line) >= limit:
            yield b"\n".join(held) + b"\n"
            held, size = [], 0
        held.append(line)
        size += len(line) + 1
    yield b"\n".join(held) + b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class Method(Protocol):
    """`log.info("noun.verb_past", field=value)`. `at` is when it happened (Unix seconds), if not just now."""

    def __call__(self, event: str, *, at: float | None = None, **fields: Any) -> None: ...


def _silence(event: str, *, at: float | None = None, **fields: Any) -> None:
    """Where lines go until `configure` was called: nowhere, so that the library is silent in its host."""


def _silence_shaped(line: dict[str, Any]) -> None:
    """The same for lines that have their shape."""


class Log:
    """One method for each level. `shaped` writes a line that `shape` made, if its level is wanted, and may change it.
    `flush` writes what still waits to be written."""

    __slots__ = ("debug", "error", "flush", "info", "shaped", "verbose", "warning")

    def __init__(self) -> None:
        #: Whether lines at the level `debug` are written: where there are many, ask before making one.
        self.verbose = False
        self.debug: Method = _silence
        self.info: Method = _silence
        self.warning: Method = _silence
        self.error: Method = _silence
        self.shaped: Callable[[dict[str, Any]], object] = _silence_shaped
        self.flush: Callable[[], None] = lambda: None


_LOG = Log()


def get() -> Log:
    """The log. An event is a constant `noun.verb_past`; values go into fields."""
    return _LOG


def configure(
    level: Level = "info",
    format: Format = "auto",  # noqa: A002
    *,
    out: TextIO | io.TextIOBase | None = None,
    stdlib: bool = True,
) -> None:
    """Write lines of `level` and above to `out` (stderr). `auto` is `console` on a terminal and `json` elsewhere.

    With `stdlib` what libraries log goes there too; a program of somebody else's keeps its own logging.
    """
    stream = out or sys.stderr
    _LOG.flush()
    if format == "console" or (format == "auto" and stream.isatty()):
        write, _LOG.flush = _console(stream), stream.flush
    elif out is None:
        batches = _batches(stream.fileno())
        write, _LOG.flush = (lambda line: batches.take(_json(line))), batches.flush
    else:
        write, _LOG.flush = (lambda line: print(_json(line).decode(), file=stream)), stream.flush
    threshold = _LEVELS[level]
    _LOG.verbose = threshold <= logging.DEBUG
    wanted = {name for name, number in _LEVELS.items() if number >= threshold}
    for name in _LEVELS:
        setattr(_LOG, name, _method(name, write) if name in wanted else _silence)
    _LOG.shaped = lambda line: write(line) if line["level"] in wanted else None
    if stdlib:
        _tame_stdlib(threshold)


def silence() -> None:
    """Write no more lines."""
    _LOG.flush()
    _LOG.debug = _LOG.info = _LOG.warning = _LOG.error = _silence
    _LOG.shaped = _silence_shaped
    _LOG.verbose = False


def _method(level: str, write: Callable[[dict[str, Any]], object]) -> Method:
    def method(event: str, *, at: float | None = None, **fields: Any) -> None:
        write(shape(level, event, fields, at))

    return method


def _console(stream: TextIO | io.TextIOBase) -> Callable[[dict[str, Any]], None]:
    import structlog  # lines for people are structlog's; those for programs need no more than JSON

    plain = structlog.dev.ConsoleRenderer(
        colors=_is_coloured(stream), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
    )

    def write(line: dict[str, Any]) -> None:
        line["timestamp"] = line["timestamp"].isoformat(timespec="milliseconds")
        print(plain(None, line["level"], line), file=stream)

    return write


def _is_coloured(stream: TextIO | io.TextIOBase) -> bool:
    """On a terminal that has colours, unless its user wants none (https://no-color.org)."""
    terminal = os.environ  # noqa: TID251 - of the terminal, not of the configuration
    return stream.isatty() and not terminal.get("NO_COLOR") and terminal.get("TERM") != "dumb"


def _json(line: Mapping[str, Any]) -> bytes:
    return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z)


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
