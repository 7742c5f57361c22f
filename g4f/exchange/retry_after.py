"""How long an upstream asks us to wait, read from its response headers.

Whatever is not a usable wait is None: garbage never becomes a delay of zero, and never an exception. The
result is as long as the upstream said; bounding it is the policy's business.
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

_LONGEST = 64
"""No form that is understood here is longer, so longer values are not even looked at."""

_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE]\+?\d{1,3})?", re.ASCII)
_DURATION = re.compile(
    r"(?=.)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?", re.ASCII
)
_SECONDS_OF_UNIT = (86400.0, 3600.0, 60.0, 1.0, 0.001)
_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e12
_RESETS = ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset")


def parse(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait: what `Retry-After` asks for, else the time until the rate limits are full again.

    `headers` must find lower-case names; `now` is the wall clock in seconds, used where the reply has no
    `Date`.
    """
    wait = asked(headers, now=now)
    return wait if wait is not None else until_reset(headers, now=now)


def asked(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds of `retry-after-ms` (milliseconds, used by OpenAI and Azure) or else of `Retry-After` (RFC
    9110, 10.2.3).

    A date is read against the reply's own `Date`, so that a clock that is wrong on either side does no
    harm. A date in the past is no answer.
    """
    for value in _values(headers, "retry-after-ms"):
        milliseconds = _number(value)
        if milliseconds is not None:
            return milliseconds / 1000
    for value in _values(headers, "retry-after"):
        seconds = _number(value)
        if seconds is None:
            seconds = _until_date(value, base=_sent_at(headers, now))
        if seconds is not None:
            return seconds
    return None


def until_reset(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds until the last of the `x-ratelimit-reset*` limits is full again.

    The forms seen: durations (`6ms`, `1s`, `6m0s`: OpenAI, Groq), plain seconds, and the Unix time in
    seconds (GitHub) or milliseconds (OpenRouter).
    """
    base = _sent_at(headers, now)
    waits = [_reset(value, base=base) for name in _RESETS for value in _values(headers, name)]
    return max((wait for wait in waits if wait is not None), default=None)


def duration(text: str) -> float | None:
    """Seconds of a duration as rate limits write it: `34.4s`, `6m0s`, `6ms`, `1h2m`; else None."""
    text = text.strip()
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    return _finite(sum(float(n) * unit for n, unit in zip(match.groups(), _SECONDS_OF_UNIT, strict=True) if n))


def _values(headers: Mapping[str, str], name: str) -> Iterator[str]:
    """Each value of a header: of all its lines where the mapping keeps them, whole first, then split at
    commas.
    """
    getall = getattr(headers, "getall", None)
    lines = getall(name, ()) if getall is not None else (headers.get(name, ""),)
    for line in lines:
        yield line.strip()
        if "," in line:
            yield from (part.strip() for part in line[: _LONGEST * 4].split(","))


def _number(text: str) -> float | None:
    if len(text) > _LONGEST or _NUMBER.fullmatch(text) is None:
        return None
    return _finite(float(text))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _reset(text: str, *, base: float) -> float | None:
    number = _number(text)
    if number is None:
        return duration(text)
    if number >= _EPOCH_MILLISECONDS:
        number = number / 1000 - base
    elif number >= _EPOCH_SECONDS:
        number -= base
    return number if number >= 0 else None


def _sent_at(headers: Mapping[str, str], now: float) -> float:
    stamp = _timestamp(headers.get("date", ""))
    return stamp if stamp is not None else now


def _until_date(text: str, *, base: float) -> float | None:
    stamp = _timestamp(text)
    return stamp - base if stamp is not None and stamp >= base else None


def _timestamp(text: str) -> float | None:
    """The Unix time of a date in any of HTTP's three forms (RFC 9110, 5.6.7); GMT if it names no zone."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
