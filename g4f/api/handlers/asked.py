"""What an operator asks for, as it comes over the wire."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from aiohttp import web

from g4f.api.payload import read_body
from g4f.config.units import seconds
from g4f.errors import RequestError

#: Bytes of an order, and seconds that it may take to come.
LONGEST = 4096
PATIENCE = 10.0
#: How long a trial takes that does not say.
TRIAL = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How to reload. `share` is 0 to 1, for `seconds`; None is all at once."""

    dry_run: bool = False
    share: float | None = None
    seconds: float = TRIAL


async def order_of(request: web.Request) -> Order:
    """The order in a request's body. Raises RequestError."""
    return order_from(await read_body(request, limit=LONGEST, within=PATIENCE))


def order_from(body: bytes | bytearray) -> Order:
    """The order that JSON writes; nothing is the plain order. Raises RequestError."""
    try:
        written: Any = orjson.loads(body) if body.strip() else {}
    except orjson.JSONDecodeError:
        raise RequestError("The body is no JSON.", code="invalid_json") from None
    if not isinstance(written, dict) or set(written) - {"dry_run", "canary", "for"}:
        raise RequestError('Write {}, {"dry_run": true} or {"canary": "10%", "for": "60s"}.', code="invalid_value")
    dry_run, canary, time = written.get("dry_run", False), written.get("canary"), written.get("for")
    if not isinstance(dry_run, bool):
        raise RequestError("dry_run is true or false.", code="invalid_value", param="dry_run")
    if (dry_run and canary is not None) or (canary is None and time is not None):
        raise RequestError("A dry run tries nothing, and `for` goes with `canary`.", code="invalid_value")
    return Order(
        dry_run=dry_run,
        share=None if canary is None else share_of(canary),
        seconds=TRIAL if time is None else _seconds(time),
    )


def share_of(written: object) -> float:
    """`10%` or 10 -> 0.1. Raises RequestError."""
    match = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]{1,3})?)%?", str(written))
    if isinstance(written, bool) or match is None or float(match[1]) == 0:
        raise RequestError(
            "canary is a share of the requests, such as 10%: more than 0 and less than 100.",
            code="invalid_value",
            param="canary",
        )
    return float(match[1]) / 100


def _seconds(written: object) -> float:
    try:
        if isinstance(written, str):
            return seconds(written)
    except ValueError:
        pass
    raise RequestError("for is a duration with a unit, such as 60s.", code="invalid_value", param="for")


def day_of(text: str | None) -> str | None:
    """A day as the books write it. Raises ValueError with words for the user."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day: write 2026-11-01.") from None
