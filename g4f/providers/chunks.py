"""Chunks of a chunked body (RFC 9112, 7.1) that can be told without a parser.

A server that streams writes each event as one chunk, and it mostly comes as it was written. Such a read holds one chunk
and nothing else, which its first and last bytes prove. Only the plainest spelling counts: whatever is written otherwise
is for the parser.
"""

from functools import lru_cache

CRLF = b"\r\n"
#: Bytes of a stream that are looked at in one step. An upstream that sends more would keep the loop from everybody
#: else: what comes at once is cut, and nothing more is read of it before the others had their turn.
FLOOD = 16 << 10
#: What ends an event, and with it most chunks.
_BLANK = b"\n\n"
_CHUNK_END = _BLANK + CRLF


@lru_cache(maxsize=2048)
def size_lines(length: int) -> tuple[tuple[bytes, ...], int]:
    """How a chunk of `length` bytes in all begins, in small and in capital hex digits, and how long that is. No
    spelling at all where no chunk is that long, or it is too long to be looked at in one step; the last chunk, which is
    empty, is none."""
    if length > FLOOD:
        return (), 0
    for digits in range(1, 9):
        size = length - digits - 2 * len(CRLF)
        if size > 0 and len(f"{size:x}") == digits:
            return (b"%x\r\n" % size, b"%X\r\n" % size), digits + len(CRLF)
    return (), 0


def ends_chunk(data: bytes, piece: bytes) -> bool:
    """Whether a read that gave `piece` of the body last ended with the end of a chunk, the parser's word for the rest.

    A read that ended inside the piece would end as it does. One that ended in the next size line, or after it, would
    end otherwise than an event and a line end, because there is no line feed in such a line.
    """
    return piece.endswith(_BLANK) and data.endswith(_CHUNK_END)
