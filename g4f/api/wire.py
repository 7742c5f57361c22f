"""An answer's bytes, where aiohttp does not write them."""

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from g4f.api.responses import Whole

SERVER = "g4fd"


def head_of(status: int, headers: Mapping[str, str], *, close: bool) -> bytes:
    """The head of an answer; `headers` hold its length or its encoding. Raises ValueError for a header of two lines."""
    lines = [_status_line(status), f"Date: {_date(int(time.time()))}", f"Server: {SERVER}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if close:
        lines.append("Connection: close")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a header has a line end in it")
    return text.encode("utf-8", "surrogateescape") + b"\r\n\r\n"


def wire_of(answer: Whole, *, close: bool) -> bytes:
    """The bytes of an answer in one piece."""
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    return head_of(answer.status, headers, close=close or answer.close) + answer.body


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
