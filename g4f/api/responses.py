"""Answers in one piece."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

JSON_TYPE = "application/json"


@dataclass(slots=True)
class Whole:
    """An answer in one piece, before anybody decided how it is written. `close`: nothing may follow it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    close: bool = False

    def response(self) -> web.Response:
        """The same for aiohttp."""
        response = web.Response(body=self.body, status=self.status, headers=self.headers)
        if self.close:
            response.force_close()
        return response


def json_whole(payload: Any, status: int = 200) -> Whole:
    """A JSON answer for `Inbound`. `payload` is anything that orjson takes."""
    return Whole(status, orjson.dumps(payload), {"Content-Type": JSON_TYPE})


def json_response(payload: Any, status: int = 200) -> web.Response:
    """A JSON answer. `payload` is anything that orjson takes."""
    return web.Response(body=orjson.dumps(payload), status=status, content_type=JSON_TYPE)
