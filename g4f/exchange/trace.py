"""The trace that a request belongs to: W3C Trace Context (https://www.w3.org/TR/trace-context/), level 1.

A request is one span, and each of its attempts another below it, so that a provider that is told the trace hangs its
own spans under the attempt that called it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

#: Section 3.2: version, trace-id, parent-id, flags; a later version may have more behind a dash.
_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
#: Section 3.3.1.5: characters of a tracestate that everybody passes on.
LONGEST_STATE = 512
_STATE = re.compile(r"[ -~\t]{1,512}")
_SAMPLED = 1
#: Ids of spans: all that 64 bits can hold but 0, which is none.
_SPANS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class TraceContext:
    """`parent` is the span of whoever sent the request, `span` the request's own. `state` is passed on as it came."""

    trace: int
    span: int
    sampled: bool
    parent: int | None = None
    state: str | None = None

    def attempt(self, number: int) -> int:
        """The span of an attempt, counted from 1."""
        return (self.span - 1 + number) % _SPANS + 1

    def headers(self, number: int) -> dict[str, str]:
        """What the upstream of an attempt is told."""
        parent = f"00-{self.trace:032x}-{self.attempt(number):016x}-{int(self.sampled):02x}"
        return {"traceparent": parent, **({"tracestate": self.state} if self.state else {})}


def trace_context(
    parent: str | None, state: str | None, *, bits: Callable[[int], int], sample: Callable[[], bool]
) -> TraceContext:
    """The context of a request that came with these headers, or with none that can be read: then a trace begins here.

    `bits` gives random bits; `sample` decides about a trace that begins here.
    """
    span = bits(64) or 1
    match = _PARENT.fullmatch(parent.strip()) if parent else None
    if match is None or not _is_valid(match):
        return TraceContext(bits(128) or 1, span, sample())
    kept = state.strip() if state and _STATE.fullmatch(state.strip()) else None
    return TraceContext(int(match[2], 16), span, bool(int(match[4], 16) & _SAMPLED), int(match[3], 16), kept)


def _is_valid(match: re.Match[str]) -> bool:
    """Section 3.2.2: version 255 and ids of nothing but zeros are not; version 0 has nothing behind its flags."""
    version, trace, parent, _, more = match.groups()
    return version != "ff" and not (version == "00" and more) and bool(int(trace, 16)) and bool(int(parent, 16))
