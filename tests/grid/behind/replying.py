"""Replies made by hand for any dialect: whole or streamed, whichever is asked for."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.support.http import Request, answer, chunk, head
from tests.support.replies import Choose, Raw, Reply


def whole(body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer."""
    return Raw(answer(status, headers or {}, json.dumps(body).encode()), end="keep")


def streamed(pieces: Iterable[bytes], media_type: str) -> Reply:
    """A stream that ends well, with each piece in a chunk of its own."""
    start = head(200, {"Content-Type": media_type, "Transfer-Encoding": "chunked"})
    return Raw([start, *map(chunk, pieces), chunk(b"")], end="keep")


def either(of_one: Reply, of_stream: Reply) -> Reply:
    """The one or the other, by the `stream` of the request."""

    def choose(request: Request) -> Reply:
        return of_stream if request.json.get("stream") else of_one

    return Choose(choose)
