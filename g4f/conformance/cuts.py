"""Where an answer is cut: as the network may cut it, and where it breaks off.

All is bounded: an answer of a few KiB is cut at its every byte, of a longer one the places that matter and as many of
the others as are asked for, always the same.
"""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

#: Where framing, a JSON string or a character of several bytes could be read wrongly when it comes in two.
_DELICATE: Final = re.compile(rb"\r?\n|[\x80-\xff]|\\u[0-9a-f]{4}|data:|event:")
#: Bytes from one cut to the next where an answer is cut many times; a prime, so that no framing is in step with it.
APART: Final = 61


def in_two(body: bytes, most: int) -> Iterator[tuple[bytes, bytes]]:
    """The answer in two pieces, cut at every byte, or at `most` of them."""
    for at in _places(body, most):
        yield body[:at], body[at:]


def in_many(body: bytes, times: int, seed: str) -> Iterator[Sequence[bytes]]:
    """The answer cut several times at random; the same `seed` cuts it the same way."""
    dice = random.Random(seed)  # noqa: S311 - nobody is kept out by it
    for _ in range(times):
        count = dice.randint(2, max(2, min(40, len(body) // 8)))
        yield pieces(body, sorted(dice.randrange(1, len(body)) for _ in range(count)) if len(body) > 1 else [])


def at_every_byte(body: bytes) -> Iterator[Sequence[bytes]]:
    """Ways of cutting the answer many times, which together cut it at its every byte."""
    for first in range(1, min(APART, len(body) - 1) + 1):
        yield pieces(body, range(first, len(body), APART))


def evenly(body: bytes, most: int) -> Sequence[bytes]:
    """The answer in as many pieces, or every byte by itself."""
    size = -(-len(body) // most) or 1
    return [body[at : at + size] for at in range(0, len(body), size)]


def pieces(body: bytes, places: Sequence[int]) -> Sequence[bytes]:
    """The answer cut at these places, in order."""
    return [body[start:end] for start, end in pairwise((0, *places, len(body))) if start < end]


def broken_off(body: bytes, most: int) -> Iterator[bytes]:
    """A stream that ends early, after each of its lines but the last that says something, or after `most` of them.

    HTTP is content with each: only the format of the stream can tell that something is missing."""
    ends = [end for match in re.finditer(rb"\r?\n", body) if body[(end := match.end()) :].strip()]
    yield from (body[:end] for end in ends[:: -(-len(ends) // most) or 1])


def with_crlf(body: bytes) -> bytes:
    """The stream with the other line ends that its format allows."""
    return body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def with_comments(body: bytes) -> bytes:
    """A stream of server-sent events with a comment between each two, as proxies and routers send to keep it alive."""
    return b": waiting\n\n" + re.sub(rb"(\r?\n\r?\n)", rb"\1: waiting\n\n", body)


def _places(body: bytes, most: int) -> Sequence[int]:
    every = range(1, len(body))
    if len(every) <= most:
        return every
    delicate = {at for match in _DELICATE.finditer(body) for at in (match.start() + 1, match.end()) if at < len(body)}
    kept = sorted(delicate)[:: -(-len(delicate) // max(most // 2, 1)) or 1] if delicate else []
    step = -(-len(every) // max(most - len(kept), 1))
    return sorted({*kept, *every[::step]})
