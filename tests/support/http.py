"""Just enough HTTP/1.1 to play an upstream or a proxy: a request is read whole, an answer is written by hand."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tests.support.wire import Wire


@dataclass(slots=True)
class Request:
    """A request that came in. `closed` says that the peer left before the answer was complete."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case; of repeated headers the last one."""
    body: bytes
    closed: bool = False
    complete: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Set when the answer is complete or the peer has left."""

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def key(self) -> str:
        """The bearer key that came with it, or nothing."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


async def read_request(wire: Wire) -> Request:
    """The next request of a connection. Raises PeerGoneError."""
    lines = (await wire.read_until(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    method, path, _ = lines[0].split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunked(wire)
    else:
        body = await wire.read_exactly(int(headers.get("content-length", "0")))
    return Request(method=method, path=path, headers=headers, body=body)


async def _chunked(wire: Wire) -> bytes:
    body = b""
    while size := int((await wire.read_until(b"\r\n")).partition(b";")[0], 16):
        body += await wire.read_exactly(size)
        await wire.read_exactly(2)
    await wire.read_until(b"\r\n")
    return body


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase if status in _KNOWN else 'Unknown'}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    """A whole answer with a length."""
    return head(status, {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}) + body


def chunk(piece: bytes) -> bytes:
    """One piece of a body that is sent in chunks; an empty one ends it."""
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


_KNOWN = {status.value for status in HTTPStatus}
