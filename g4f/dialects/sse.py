"""Server-sent events, read from bytes that arrive in any pieces (WHATWG HTML, 9.2.6).

However a stream is cut into chunks, the same events come out. Wider than the standard in two places,
because losing an answer is worse than reading one: a byte order mark may precede any event, and an event
that the end of the stream leaves without its blank line is still given out.
"""

from typing import Final, NamedTuple

#: Bytes of an event: of texts, and where a picture, a sound or a whole answer may be in one.
MAX_EVENT: Final = 1 << 20
MAX_LARGE_EVENT: Final = 32 << 20

_BOM = b"\xef\xbb\xbf"
_BLANK = b"\n\n"


class Event(NamedTuple):
    """One event: its `data` lines joined with LF, and its type if it names one."""

    data: bytes
    event: str | None = None


class EventTooLarge(Exception):  # noqa: N818 - it reads as what happened
    """An event, or a line, is longer than the limit."""


class Parser:
    """Turns chunks of bytes into events.

    `max_event` bounds the bytes of one event as it is on the wire, comments not counted, and of any one
    line. Beyond it `EventTooLarge` is raised, after the events before it were given out: by this call if
    there are none, else by the next one.
    """

    __slots__ = ("_after_cr", "_buffer", "_failure", "_max")

    def __init__(self, max_event: int = MAX_EVENT) -> None:
        self._max = max_event
        self._buffer = bytearray()
        self._after_cr = False
        self._failure: EventTooLarge | None = None

    @property
    def failed(self) -> bool:
        """The next call will raise."""
        return self._failure is not None

    @property
    def idle(self) -> bool:
        """Nothing of an event that is not complete is held, so the next chunk begins a new one."""
        return not self._buffer and not self._after_cr and self._failure is None

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that `chunk` completes."""
        if self._failure is not None:
            raise self._failure
        if not chunk:
            return []
        if self._after_cr or b"\r" in chunk:
            chunk = self._with_line_feeds(chunk)
        whole = self._take_whole(chunk)
        blocks = whole.split(_BLANK) if whole is not None else []
        return self._events(blocks)

    def close(self) -> list[Event]:
        """The event that the end of the stream left unterminated, if there is one."""
        if self._failure is not None:
            raise self._failure
        rest = bytes(self._buffer)
        self._buffer.clear()
        return self._events([rest])

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """The chunk with every line end as LF; the LF of a CRLF that was split over two chunks is dropped."""
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _take_whole(self, chunk: bytes) -> bytes | None:
        """Everything up to the last blank line; what follows it stays in the buffer."""
        buffer = self._buffer
        if not buffer:
            end = chunk.rfind(_BLANK)
            if end < 0:
                buffer += chunk
                return None
            buffer += chunk[end + 2 :]
            return chunk[:end]
        searched = len(buffer) - 1
        buffer += chunk
        end = buffer.rfind(_BLANK, searched)
        if end < 0:
            return None
        whole = bytes(buffer[:end])
        del buffer[: end + 2]
        return whole

    def _events(self, blocks: list[bytes]) -> list[Event]:
        events: list[Event] = []
        try:
            for block in blocks:
                if len(block) > self._max:
                    block = self._bounded(block)
                event = _event(block)
                if event is not None:
                    events.append(event)
            if len(self._buffer) > self._max:
                self._buffer[:] = self._bounded(bytes(self._buffer))
        except EventTooLarge as error:
            self._failure = error
            self._buffer.clear()
            if not events:
                raise
        return events

    def _bounded(self, block: bytes) -> bytes:
        """The block without its comments, which may go on for ever; raises if the rest, or a line, is too
        long.

        The last line may be incomplete, so a comment is dropped only once its end was seen.
        """
        *lines, last = block.split(b"\n")
        kept: list[bytes] = []
        size = 0
        for line in lines:
            self._check(size + len(line))
            if line and not line.startswith(b":"):
                kept.append(line)
                size += len(line) + 1
        self._check(size + len(last) if last else size - 1)  # the line end before nothing may be the event's own
        return b"\n".join([*kept, last])

    def _check(self, size: int) -> None:
        if size > self._max:
            raise EventTooLarge(f"an event of the stream is larger than {self._max} bytes")


def _event(block: bytes) -> Event | None:
    if b"\n" not in block and block.startswith(b"data:"):
        return Event(_value(block, 5))
    data: list[bytes] = []
    name: str | None = None
    for line in block.split(b"\n"):
        line = line.removeprefix(_BOM)
        if line.startswith(b"data:"):
            data.append(_value(line, 5))
        elif line == b"data":
            data.append(b"")
        elif line.startswith(b"event:"):
            name = _value(line, 6).decode("utf-8", "replace")
    return Event(b"\n".join(data), name or None) if data else None


def _value(line: bytes, start: int) -> bytes:
    """What follows the colon; one space after it belongs to the framing."""
    return line[start + 1 :] if line[start : start + 1] == b" " else line[start:]
