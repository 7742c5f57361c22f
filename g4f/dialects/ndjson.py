"""Newline-delimited JSON, cut into lines from bytes that arrive in any pieces (https://github.com/ndjson/ndjson-spec).

However a stream is cut into chunks, the same lines come out; blank ones are left out, and a last line without its end
is given out by `close`.
"""

from g4f.dialects.sse import EventTooLarge


class Lines:
    """Turns chunks of bytes into lines. One longer than `max_line` bytes raises `EventTooLarge`, after the lines before
    it were given out: by this call if there are none, else by the next one."""

    __slots__ = ("_buffer", "_failure", "_max")

    def __init__(self, max_line: int = 1 << 20) -> None:
        self._max = max_line
        self._buffer = bytearray()
        self._failure: EventTooLarge | None = None

    @property
    def failed(self) -> bool:
        """The next call will raise."""
        return self._failure is not None

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes."""
        if self._failure is not None:
            raise self._failure
        whole, newline, rest = chunk.rpartition(b"\n")
        if not newline:
            self._buffer += rest
            return self._bounded([])
        lines = (bytes(self._buffer) + whole).split(b"\n")
        self._buffer[:] = rest
        return self._bounded(lines)

    def close(self) -> list[bytes]:
        """The line that the end of the stream left unterminated, if there is one."""
        if self._failure is not None:
            raise self._failure
        rest = bytes(self._buffer)
        self._buffer.clear()
        return self._bounded([rest])

    def _bounded(self, lines: list[bytes]) -> list[bytes]:
        """The lines that are not blank, up to the first that is too long."""
        good: list[bytes] = []
        for line in lines:
            self._measure(line)
            if self._failure is not None:
                break
            if stripped := line.strip():
                good.append(stripped)
        self._measure(self._buffer)
        if self._failure is not None:
            self._buffer.clear()
            if not good:
                raise self._failure
        return good

    def _measure(self, line: bytes | bytearray) -> None:
        if len(line) > self._max:
            self._failure = EventTooLarge(f"a line of the stream is larger than {self._max} bytes")
