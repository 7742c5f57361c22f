"""The shape that the chunks of one stream repeat, so that most of them need not be decoded.

The text chunks of a stream differ in nothing but their text. Once one of them was decoded and found regular, others
are known by their first and last bytes; what stands between must be the inside of one JSON string, and nothing else
is taken for granted. Whatever does not fit goes the long way.
"""

import re
from typing import Self

import orjson

from g4f.dialects.openai.wire import Json

#: The inside of a JSON string (RFC 8259, 7). Escapes of surrogates are left out: a lone one has to be mended.
_INSIDE = re.compile(rb'[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u(?![dD][89abABcdefCDEF])[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*')
_BLANK = b"\n\n"
_TEXT_ONLY = frozenset({"content", "role"})
_CONTENT = re.compile(rb'"content":\s*"(?!")(' + _INSIDE.pattern + rb')"')


class Template:
    """Recognises the chunks that are like one that was regular and said nothing but some text."""

    __slots__ = ("_after", "_before", "_end", "_least", "_shortest", "_start", "_tail")

    def __init__(self, before: bytes, after: bytes) -> None:
        self._before = b"data: " + before
        self._after = after
        self._start = len(self._before)
        self._end = after + _BLANK
        self._shortest = self._start + len(after)
        self._tail = len(self._end)
        self._least = self._start + self._tail

    @classmethod
    def of(cls, chunk: Json, source: bytes) -> Self | None:
        """The template of a regular chunk and the bytes it was decoded from; None if it says anything but text."""
        if len(chunk["choices"]) != 1 or chunk.get("usage") is not None:
            return None
        choice = chunk["choices"][0]
        delta = choice["delta"]
        if choice["finish_reason"] is not None or any(delta[key] is not None for key in delta.keys() - _TEXT_ONLY):
            return None
        found = _CONTENT.search(source)
        if found is None:
            return None
        before, after = source[: found.start(1)], source[found.end(1) :]
        # The text that was found must be the delta's: with another one, the chunk must be the same but for it.
        other = {**chunk, "choices": [{**choice, "delta": {**delta, "content": "."}}]}
        return cls(before, after) if orjson.loads(before + b"." + after) == other else None

    def fits(self, chunk: bytes) -> bool:
        """Whether `chunk` is whole events, framing included, that are all like the first one."""
        if not chunk.endswith(self._end) or not chunk.startswith(self._before):
            return False
        # One event is the rule; a text has no line ends in it, so that two of them are not taken for one.
        if len(chunk) <= self._least or _INSIDE.fullmatch(chunk, self._start, len(chunk) - self._tail) is None:
            return _BLANK in chunk[:-2] and all(self.is_like(event) for event in chunk[:-2].split(_BLANK))
        return chunk.isascii() or _is_utf8(chunk)

    def is_like(self, event: bytes) -> bool:
        """Whether `event`, without the blank line behind it, is like the first one."""
        if len(event) <= self._shortest or not event.startswith(self._before) or not event.endswith(self._after):
            return False
        text = event[self._start : len(event) - len(self._after)]
        return _INSIDE.fullmatch(text) is not None and (text.isascii() or _is_utf8(text))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
