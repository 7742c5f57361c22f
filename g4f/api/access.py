"""What is known of a request while it runs: who asks, how far it is, and what its answer says of itself."""

import random
import time
from dataclasses import dataclass, field

from g4f.api.auth import ANYBODY, Caller
from g4f.exchange.answer import Usage
from g4f.gateway.record import AttemptRecord
from g4f.meter.entry import CLIENT_LEFT, Entry

__all__ = ["CLIENT_LEFT", "Line", "new_line"]


@dataclass
class Line(Entry):
    """The entry of a request in the journal, in the making: handlers add to it, and `close` completes it.

    `status` is set by who knows better than the response. `caller` is let go in the end.
    """

    caller: Caller = field(default=ANYBODY, init=False)

    def headers(self, generation: int) -> dict[str, str]:
        """What every answer says of itself; `generation` is that of the configuration which serves it."""
        return {"x-request-id": self.request_id, "x-g4f-generation": str(generation)}

    def committed(self, record: AttemptRecord) -> None:
        """Note that an answer begins now: for a stream, with its first content."""
        self.first = time.perf_counter()
        self.answered_by = record

    def route(self, record: AttemptRecord, cache: str | None = None) -> dict[str, str]:
        """What the client is told of the way to its answer."""
        headers = {
            "x-g4f-provider": record.target.provider,
            "x-g4f-attempts": str(len(self.journey.attempts)),
        }
        if cache is not None:
            headers["x-g4f-cache"] = cache
        if record.dropped:
            headers["x-g4f-dropped"] = ", ".join(record.dropped)
        trail = self.journey.trail()
        if trail:
            headers["x-g4f-trail"] = trail
        return headers

    def finished(self, usage: Usage | None, finish: str | None) -> None:
        """Note what the answer came to."""
        self.usage = usage
        self.fields["finish"] = finish

    def close(self, method: str, endpoint: str | None, status: int) -> None:
        """The request has ended; `endpoint` is the route's path as it is written in the list of routes."""
        self.ended = time.perf_counter()
        self.at = time.time()
        self.method, self.endpoint, self.caller_name = method, endpoint, self.caller.name
        if self.status is None:
            self.status = status


def new_line() -> Line:
    """The line of a request that begins now, with an id of its own."""
    return Line(request_id=f"req_{random.getrandbits(128):032x}", started=time.perf_counter())
