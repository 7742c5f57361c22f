"""The server's side of a WebSocket (RFC 6455), as far as one question and one answer of texts need it."""

import asyncio
import struct
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha1
from typing import Final

_ACCEPTED: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT: Final = 0x81
#: Lengths that stand for themselves, and those that say that one of two bytes, or of eight, follows.
_SHORT, _TWO, _EIGHT = 125, 126, 127


def accepted(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of the answer to a request that opens a WebSocket."""
    key = headers.get("sec-websocket-key", "").encode("latin-1")
    proof = b64encode(sha1(key + _ACCEPTED, usedforsecurity=False).digest()).decode("ascii")
    return {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": proof}


def framed(texts: Iterable[bytes]) -> bytes:
    """Texts as one message each."""
    return b"".join(_head(len(text)) + text for text in texts)


async def read_text(reader: asyncio.StreamReader) -> bytes:
    """The next message of the client, which comes in one frame. Raises EOFError where there is none."""
    _, short = await reader.readexactly(2)
    length = short & 0x7F
    if length > _SHORT:
        form, size = (">H", 2) if length == _TWO else (">Q", 8)
        (length,) = struct.unpack(form, await reader.readexactly(size))
    mask = await reader.readexactly(4)
    content = await reader.readexactly(length)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(content))


def _head(length: int) -> bytes:
    if length <= _SHORT:
        return bytes((_TEXT, length))
    if length < 1 << 16:
        return struct.pack(">BBH", _TEXT, _TWO, length)
    return struct.pack(">BBQ", _TEXT, _EIGHT, length)
