"""One finished request, as everything that logs, counts or bills it sees it.

An entry is filled while its request runs and is not touched after it went into the journal. It holds names, numbers
and times: no body, no key, no connection.
"""

from dataclasses import dataclass, field
from typing import Any

from g4f.exchange.answer import Usage
from g4f.gateway.record import AttemptRecord, Journey, Outcome

#: The status of an answer whose client did not wait for its end, as in nginx.
CLIENT_LEFT = 499


@dataclass
class Entry:
    """Its defaults are the class's, so that one costs only what is known of it.

    `started`, `first` (the first content is there) and `ended` are on `time.perf_counter`, `at` is the end in Unix
    seconds. `fields` is what handlers add to the log's line. `endpoint` is the path of the route, None where none was.
    `reserved` is the estimate of tokens by which the request was let in, `body_tokens` the part of it that its body is.
    """

    request_id: str
    started: float
    fields: dict[str, Any] = field(default_factory=dict)
    journey: Journey = field(default_factory=Journey)
    status: int | None = field(default=None, init=False)
    first: float | None = field(default=None, init=False)
    answered_by: AttemptRecord | None = field(default=None, init=False)
    usage: Usage | None = field(default=None, init=False)
    body_tokens: int = field(default=0, init=False)
    reserved: int = field(default=0, init=False)
    caller_name: str = field(default="", init=False)
    method: str = field(default="", init=False)
    endpoint: str | None = field(default=None, init=False)
    ended: float = field(default=0.0, init=False)
    at: float = field(default=0.0, init=False)

    @property
    def seconds(self) -> float:
        """From the request's arrival to the end of its answer."""
        return self.ended - self.started

    @property
    def to_first(self) -> float | None:
        """Seconds from the request's arrival to the first content of its answer; None where there was none."""
        return None if self.first is None else self.first - self.started

    @property
    def overhead(self) -> float | None:
        """Seconds until the first content in which no upstream was waited for: what this program itself took.

        None where nothing answered, and where two attempts ran side by side.
        """
        if self.first is None:
            return None
        waited = self.journey.paused
        for attempt in self.journey.attempts:
            if attempt.outcome is Outcome.HEDGED:
                return None
            waited += attempt.seconds
        return max(self.first - self.started - waited, 0.0)

    @property
    def expected(self) -> Usage:
        """The estimate by which the request was let in, for an answer that nobody counted."""
        body = min(self.body_tokens, self.reserved)
        return Usage(input_tokens=body, output_tokens=self.reserved - body)

    @property
    def whole(self) -> bool:
        """Whether its client got a whole answer of a model."""
        record = self.answered_by
        return record is not None and record.failure is None and self.status == 200 and "code" not in self.fields
