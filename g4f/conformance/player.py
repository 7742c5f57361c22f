"""A small server on loopback that plays one answer, in the pieces that it is told.

Each piece reaches the reader by itself: the server and who reads it share a loop, and the next piece is written when
the one before has been read.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

from g4f.conformance.socket import accepted, read_text

_OPENED: Final = 101
#: Turns of the loop until what was written on loopback has been read: one to see that it came, one to take it.
_TURNS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer. HTTP says how long it is: whether it is whole is for its own format to say. One of 101 is that of a
    WebSocket: its pieces follow the client's first message, and the connection ends with them."""

    status: int
    headers: Mapping[str, str]
    pieces: Sequence[bytes]


class Player:
    """`async with Player() as player:` and set `player.reply`, and what is answered before it, in `player.earlier`;
    `player.asked` is the latest request. The question on a WebSocket is its body."""

    def __init__(self) -> None:
        self.reply = Reply(status=503, headers={}, pieces=())
        self.earlier: deque[Reply] = deque()
        self.asked: Asked | None = None
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def origin(self) -> str:
        assert self._server is not None  # noqa: S101 - asked while it runs
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None  # noqa: S101 - it was entered
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the server makes one
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            while True:
                self.asked = asked = await _read(reader)
                reply = self.earlier.popleft() if self.earlier else self.reply
                if reply.status == _OPENED:
                    self.asked = await _converse(reader, writer, asked, reply)
                    return
                await _write(writer, reply)
        except (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the caller left, or the play is over
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head[:-4].split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method=method, path=path, headers=headers, body=body)


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    length = sum(map(len, reply.pieces))
    lines = [f"HTTP/1.1 {reply.status} Replayed", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    writer.write(_lines(lines))
    await _pieces(writer, reply)


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Asked, reply: Reply) -> Asked:
    """Open a WebSocket, hear the question and answer it; returns the request with the question as its body."""
    headers = [f"{name}: {value}" for name, value in accepted(asked.headers).items()]
    writer.write(_lines([f"HTTP/1.1 {reply.status} Switching Protocols", *headers]))
    asked = replace(asked, body=await read_text(reader))
    await _pieces(writer, reply)
    return asked


def _lines(lines: Sequence[str]) -> bytes:
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n"


async def _pieces(writer: asyncio.StreamWriter, reply: Reply) -> None:
    for piece in reply.pieces:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        writer.write(piece)
        await writer.drain()
