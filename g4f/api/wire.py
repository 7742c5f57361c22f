"""An answer's bytes, where aiohttp does not write them."""

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from g4f.api.whole import Whole

SERVER = "g4fd"
#: Headers that are another in each answer.
_OWN = frozenset({"Content-Length", "x-request-id", "request-id"})


def head_of(status: int, headers: dict[str, str], *, close: bool) -> bytes:
    """The head of an answer; `headers` hold its length or its encoding. Raises ValueError for a header of two lines.

    Most of a head is the same in many answers, and made once: all but the date, the length and the id, which are taken
    out of `headers`.
    """
    own = ""
    for name in _OWN & headers.keys():
        own += f"{name}: {headers.pop(name)}\r\n"
    return (_shared(status, tuple(headers.items()), close) + own + _date(int(time.time()))).encode(
        "utf-8", "surrogateescape"
    )


def shared_head(headers: Mapping[str, str], *, close: bool) -> bytes:
    """The head of a 200 but for its date, its length and its id, for `finished_head`."""
    return _shared(200, tuple(headers.items()), close).encode("utf-8", "surrogateescape")


def finished_head(shared: bytes, request_id: str, length: int) -> bytes:
    """All of a head, up to its blank line."""
    date = _date(int(time.time())).encode()
    return b"%bx-request-id: %b\r\nContent-Length: %d\r\n%b" % (shared, request_id.encode(), length, date)


def wire_of(answer: Whole, *, close: bool) -> bytes:
    """The bytes of an answer in one piece."""
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    return head_of(answer.status, headers, close=close or answer.close) + answer.body


@lru_cache(maxsize=512)
def _shared(status: int, headers: tuple[tuple[str, str], ...], close: bool) -> str:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Server: {SERVER}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if close:
        lines.append("Connection: close")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a header has a line end in it")
    return text + "\r\n"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    """The last line of a head, and the blank one after it."""
    return f"Date: {formatdate(second, usegmt=True)}\r\n\r\n"
