"""Heads of plain requests, read once: a client sends the same one again and again, but for the length of the body.

A head that llhttp has read and nobody found anything odd in means the same when it comes again byte for byte, so it is
not read again. What is remembered holds keys, as the requests did; it is bounded, and never shown.
"""

import re

from g4f.api.auth import Caller, Doorkeeper
from g4f.api.head import Fields, Head
from g4f.api.inbound import Handler

#: Heads that are remembered, and the most bytes of one that is.
MOST, LONGEST = 1024, 4096
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: ([0-9]{1,9})\r\n")


class Plain:
    """What is common to all plain requests with one head. `caller` is who `door` found it to be; `is_json` says that
    nothing speaks against reading the body as JSON."""

    __slots__ = ("caller", "door", "fields", "handler", "is_json", "is_particular", "keep_alive", "path", "ready_for")

    def __init__(self, head: Head, handler: Handler) -> None:
        self.fields: Fields = head.fields
        self.keep_alive = head.keep_alive
        self.path = head.target.decode("ascii")
        self.handler = handler
        self.is_json = False
        #: It says how to come to its answer.
        self.is_particular = head.fields.raw(b"cache-control") is not None
        self.caller: Caller | None = None
        self.door: Doorkeeper | None = None
        #: The doorkeeper under which no request with this head needs a task.
        self.ready_for: Doorkeeper | None = None


def is_plain(head: Head) -> bool:
    """Whether there is nothing about a request that only aiohttp's way knows."""
    fields = head.fields
    return (
        head.length is not None
        and fields.raw(b"expect") is None
        and fields.raw(b"upgrade") is None
        and fields.raw(b"origin") is None  # a browser's: CORS is on the other way
        and head.version == "1.1"
    )


class Familiar:
    """The heads that were read before."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[bytes, Plain] = {}

    def learn(self, wire: bytes, plain: Plain) -> None:
        """Remember a head that was read."""
        found = _LENGTH.search(wire)
        if found is None or len(wire) > LONGEST:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        first, last = found.span(1)
        self._known[wire[:first] + wire[last:-4]] = plain

    def recognise(self, data: bytes) -> tuple[Plain, int, bytes] | None:
        """What is known of the head of `data`, the length of its body, and what is there of that, if `data` holds
        nothing behind it."""
        found = _LENGTH.search(data, 0, LONGEST)
        if found is None:
            return None
        first, last = found.span(1)
        end = data.find(b"\r\n\r\n", last)
        plain = self._known.get(data[:first] + data[last:end])
        length = int(data[first:last])
        if plain is None or len(data) - end - 4 > length:
            return None
        return plain, length, data[end + 4 :]
