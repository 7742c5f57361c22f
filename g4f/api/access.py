"""The one line that the log gets for each request."""

import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from g4f import log
from g4f.api.auth import ANYBODY, Caller
from g4f.gateway.answer import Answer

_log = log.get()


#: What the log says in place of the status of an answer whose client did not wait for its end, as in nginx.
CLIENT_LEFT = 499


@dataclass(slots=True)
class Line:
    """What is known of a request so far; handlers add to it, and it is written when the request ends."""

    request_id: str
    started: float
    caller: Caller = ANYBODY
    fields: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    """Where it is not the status of the response."""

    def headers(self, generation: int) -> dict[str, str]:
        """What every answer says of itself; `generation` is that of the configuration which serves it."""
        return {"x-request-id": self.request_id, "x-g4f-generation": str(generation)}

    def answered_by(self, answer: Answer) -> None:
        """Note who answered, and how long that took: for a stream, until its first content."""
        self.fields.update(
            provider=answer.target.provider,
            upstream_model=answer.target.model,
            key=answer.target.key,
            attempts=len(answer.journey.attempts),
            skipped=len(answer.journey.skipped) or None,
            first_token_ms=self.elapsed_ms(),
        )

    def route(self, answer: Answer) -> dict[str, str]:
        """What the client is told of the way to its answer."""
        headers = {
            "x-g4f-provider": answer.target.provider,
            "x-g4f-attempts": str(len(answer.journey.attempts)),
        }
        trail = answer.journey.trail()
        if trail:
            headers["x-g4f-trail"] = trail
        return headers

    def ended(self, answer: Answer) -> None:
        """Note what the answer came to."""
        usage = answer.usage
        if usage is not None:
            self.fields.update(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
        self.fields["finish"] = answer.finish

    def elapsed_ms(self) -> int:
        return round((time.perf_counter() - self.started) * 1000)

    def write(self, request: web.Request, status: int) -> None:
        """Log the request."""
        method = _log.info if status < 500 else _log.warning
        method(
            "request.finished",
            request_id=self.request_id,
            method=request.method,
            path=request.match_info.route.resource.canonical if request.match_info.route.resource else None,
            status=status,
            caller=self.caller.name,
            ms=self.elapsed_ms(),
            **self.fields,
        )


LINE: web.RequestKey[Line] = web.RequestKey("line", Line)
