"""Traces, as far as the file asks for them: a context for each request, and its spans sent when it has ended.

Sending is a thread's work. A collector that does not take them costs spans (counted), never a request.
"""

import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from g4f import log
from g4f.config.schema import Traces
from g4f.exchange.trace import TraceContext, trace_context
from g4f.meter import families
from g4f.meter.batch import Batch
from g4f.meter.otlp import Send, sender
from g4f.meter.spans import Span, spans
from g4f.meter.tally import Tally

_log = log.get()

#: Seconds between two sendings, spans of one, and spans that may wait.
PAUSE = 1.0
AT_ONCE = 512
MOST_WAITING = 8192
#: Seconds that the last of them get when the process ends.
FAREWELL = 2.0


class Tracing:
    """A reader of the journal. `traces` says what the file asks for now: None is no traces."""

    def __init__(
        self, traces: Callable[[], Traces | None], tally: Tally, connect: Callable[[Traces], Send] = sender
    ) -> None:
        self._traces = traces
        self._tally = tally
        self._connect = connect
        self._connected: tuple[Traces, Send | None] | None = None
        self._waiting: deque[Span] = deque()
        self._some = threading.Event()
        self._closed = threading.Event()
        self._sending = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failing = False
        self._until = math.inf

    @property
    def on(self) -> bool:
        """Whether anybody wants traces now."""
        return self._traces() is not None

    def begin(self, headers: Mapping[str, str]) -> TraceContext | None:
        """The context of a request that came with these headers; None where nobody wants traces."""
        traces = self._traces()
        if traces is None:
            return None
        return trace_context(
            headers.get("traceparent"),
            headers.get("tracestate"),
            bits=random.getrandbits,
            sample=lambda: random.random() * 100 < traces.sample,  # noqa: S311 - chance, not a secret
        )

    def __call__(self, batch: Batch) -> None:
        for entry in [entry for entry in batch if entry.journey.trace is not None]:
            for span in spans(entry):
                if len(self._waiting) >= MOST_WAITING:
                    self._tally.add(families.SPANS, "dropped")
                else:
                    self._waiting.append(span)
        if self._waiting:
            self._some.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="g4f-traces", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Send what waits. Never fails."""
        with self._sending:
            while self._waiting and time.monotonic() < self._until:
                batch = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
                taken = self._send(batch)
                self._tally.add(families.SPANS, "sent" if taken else "dropped", by=len(batch))
                if not taken:
                    return

    def close(self) -> None:
        """Send for the last time; no new batch begins after `FAREWELL`, whatever the collector does."""
        self._until = time.monotonic() + FAREWELL
        self._closed.set()
        self._some.set()
        self.flush()

    def _send(self, batch: Sequence[Span]) -> bool:
        traces = self._traces()
        if traces is None:
            return False
        try:
            if self._connected is None or self._connected[0] is not traces:
                self._connected = None
                self._connected = traces, self._connect(traces)
            send = self._connected[1]
            taken = send is not None and send(batch)
        except ImportError:
            self._connected = traces, None
            _log.error("traces.unavailable", problem="OpenTelemetry is not installed", hint="pip install 'g4f[otel]'")
            return False
        except Exception as error:  # noqa: BLE001 - whatever a collector does is no reason to fail
            self._report(f"the collector of traces.endpoint cannot be told ({type(error).__name__})")
            return False
        if taken:
            self._failing = False
        elif send is not None:
            self._report("the collector of traces.endpoint does not take them")
        return taken

    def _report(self, problem: str) -> None:
        if not self._failing:
            _log.warning("traces.not_sent", problem=problem)
        self._failing = True

    def _run(self) -> None:
        while not self._closed.is_set():
            self._some.wait()
            self._closed.wait(PAUSE)
            self._some.clear()
            self.flush()
