"""The daemon in this process, between a mock upstream and a client on blocking sockets in threads.

Everything is in lock-step: a chunk is sent only when the client has read the one before, and a request only when the
one before was answered. So the same work is done in the same steps each time, whatever else the machine does.
"""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, redirect_stderr
from importlib import import_module
from pathlib import Path
from typing import TextIO

from bench.candidates.candidate import Place, free_port
from bench.candidates.g4f import g4f_yaml
from bench.upstream import content_event, make_order, stream_end, stream_head
from bench.workload import CLIENT_KEY, TOKEN, Layout, Scenario, model_names, request_body
from g4f.api.server import serve
from g4f.config.settings import Settings

#: Loaded now; the daemon would load it half a second after its start, in the middle of what is counted.
import_module("watchfiles")

_BUSY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"
_READ = 1 << 20


class SteppingUpstream:
    """Answers connections in a thread each. `step` is released by the client for each chunk that it read."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.step = threading.Semaphore(0)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for head, body in _messages(connection):
                if b"/busy/" in head.split(b"\r\n", 1)[0]:
                    connection.sendall(_BUSY)
                    continue
                begin = body.index(b"bench:") + 6
                order = make_order(body[begin : body.index(b";", begin)])
                if order.chunks:
                    self._stream(connection, order.chunks)
                else:
                    connection.sendall(order.whole)
        except OSError:
            return

    def _stream(self, connection: socket.socket, chunks: int) -> None:
        connection.sendall(stream_head())
        for _ in range(chunks):
            connection.sendall(content_event())
            self.step.acquire()
        connection.sendall(stream_end())


def _messages(connection: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    """The requests on a connection: head and body."""
    buffer = b""
    while data := connection.recv(_READ):
        buffer += data
        end = buffer.find(b"\r\n\r\n") + 4
        if end < 4:
            continue
        size = _length(buffer[:end])
        if len(buffer) >= end + size:
            yield buffer[:end], buffer[end : end + size]
            buffer = b""


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


class SteppingClient:
    """One keep-alive connection to the daemon, used from a thread."""

    def __init__(self, port: int, upstream: SteppingUpstream, scenario: Scenario) -> None:
        self._upstream = upstream
        self._scenario = scenario
        body = request_body(scenario, model_names(Layout.ONE)[0])
        head = [
            "POST /v1/chat/completions HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {CLIENT_KEY}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        self._request = "\r\n".join([*head, "", ""]).encode() + body
        self._socket = socket.create_connection(("127.0.0.1", port))

    def ask(self, count: int) -> None:
        for _ in range(count):
            self._socket.sendall(self._request)
            self._read()

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> None:
        """An answer to its end. Raises RuntimeError for one that is not whole."""
        seen, told = b"", 0
        while not self._complete(seen):
            data = self._socket.recv(_READ)
            if not data or not (seen or data.startswith(b"HTTP/1.1 200")):
                raise RuntimeError(f"not a whole answer: {(seen + data)[:300]!r}")
            seen += data
            if self._scenario.streamed:
                for _ in range(seen.count(TOKEN) - told):
                    self._upstream.step.release()
                told = seen.count(TOKEN)

    def _complete(self, seen: bytes) -> bool:
        if self._scenario.streamed:
            return seen.endswith(b"0\r\n\r\n")
        end = seen.find(b"\r\n\r\n") + 4
        return end >= 4 and len(seen) >= end + _length(seen[:end])


@asynccontextmanager
async def daemon(directory: Path, layout: Layout) -> AsyncIterator[tuple[int, SteppingUpstream]]:
    """The daemon in this loop, as `g4fd` runs it; its port and its upstream. Its log is written, to nowhere."""
    upstream = SteppingUpstream()
    port = free_port()
    config = directory / f"{layout}.yaml"
    config.write_text(g4f_yaml(Place(directory=directory, port=port, upstream=upstream.port), layout))
    with _nowhere() as nowhere, redirect_stderr(nowhere):
        serving = asyncio.create_task(serve(config, environ={}, settings=Settings()))
        try:
            await _listening(port, serving)
            yield port, upstream
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # how a daemon is told to end; it handles the signal in this loop
            await serving
            upstream.close()


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w")


async def _listening(port: int, serving: "asyncio.Task[None]") -> None:
    while not serving.done():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        await asyncio.sleep(0.01)
    await serving  # raises what kept it from listening


async def in_thread(work: Callable[[], None]) -> None:
    """Run blocking work in a thread of its own."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - carried over to the loop's thread
            loop.call_soon_threadsafe(done.set_exception, error)
        else:
            loop.call_soon_threadsafe(done.set_result, None)

    threading.Thread(target=run, daemon=True).start()
    await done
