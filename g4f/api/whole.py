"""Answers in one piece, before anybody decided how they are written."""

from dataclasses import dataclass, field
from typing import Any

import orjson

JSON_TYPE = "application/json"


@dataclass(slots=True)
class Whole:
    """An answer in one piece. `close`: nothing may follow it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    close: bool = False


def json_whole(payload: Any, status: int = 200) -> Whole:
    """A JSON answer for `Inbound`. `payload` is anything that orjson takes."""
    return Whole(status, orjson.dumps(payload), {"Content-Type": JSON_TYPE})
