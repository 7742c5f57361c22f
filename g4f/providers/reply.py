"""An upstream's reply: its status and headers, and its body whole or in pieces, decoded and bounded.

Two transports make replies (`direct.py` and `proxied.py`); what the adapters see is the same.
"""

import asyncio
import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

#: Bytes of a whole answer.
MAX_BODY = 32 << 20
#: Bytes that are unpacked at a time: a few of a bomb's become megabytes, and who wants few must not wait for all.
PIECE = 256 << 10
HTML = "text/html"


class Take(Protocol):
    """Takes a piece of a body, and says whether it wants more now. `framed` is the same piece as it came, where it came
    as a chunk (RFC 9112, 7.1) of its own."""

    def __call__(self, piece: bytes, framed: bytes | None = None, /) -> bool: ...


class Reply(ABC):
    """A reply whose headers are here. Close it in the end."""

    def __init__(self, status: int, content_type: bytes | None, encoding: str | None) -> None:
        self.status = status
        self.content_type = media_type(content_type or b"")
        self._decoder = None if encoding is None else _decoder(encoding)

    @property
    @abstractmethod
    def headers(self) -> Mapping[str, str]:
        """The header fields, by names of any case."""

    async def read(self, limit: int = MAX_BODY, *, cut: bool = False) -> bytes:
        """The body, up to `limit` bytes; more is a failure, or is left unread with `cut`."""
        first = await self.next_chunk()
        pieces, size = [first], len(first)
        while size <= limit and (piece := await self.next_chunk()):
            pieces.append(piece)
            size += len(piece)
        if size > limit:
            self.close()
        return self._within(first if len(pieces) == 1 else b"".join(pieces), limit, cut=cut)

    @staticmethod
    def _within(body: bytes, limit: int, *, cut: bool) -> bytes:
        if len(body) <= limit:
            return body
        if not cut:
            raise AttemptFailed(_too_large(limit))
        return body[:limit]

    async def next_chunk(self) -> bytes:
        """What came in since the last call, decoded if it was compressed; empty at the end of the body.

        Raises AttemptFailed when the body breaks off.
        """
        if self._decoder is None:
            return await self._next_raw()
        while True:
            if self._decoder.more:
                raw = b""
                await asyncio.sleep(0)  # others come first: a few bytes may be hundreds of pieces
            elif not (raw := await self._next_raw()):
                break
            if chunk := self._decoder.feed(raw):
                return chunk
        self._decoder.close()
        return b""

    async def pour(self, take: Take) -> bool:
        """Hand on each piece of the body as it comes, until `take` says no (then False) or the body has ended (True).

        Raises AttemptFailed, and what `take` raises.
        """
        while chunk := await self.next_chunk():
            if not take(chunk):
                return False
        return True

    @abstractmethod
    async def _next_raw(self) -> bytes:
        """The next piece of the body as it came over the wire; empty at its end. Raises AttemptFailed."""

    @abstractmethod
    async def settle(self) -> None:
        """After the last event: let the body end, so that the connection can be used again; else close it."""

    @abstractmethod
    def close(self) -> None:
        """Be done with the reply: the connection is closed unless the body was read to its end."""


@lru_cache(maxsize=64)
def media_type(written: bytes) -> str:
    """A media type without its parameters, in lower case."""
    return written.decode("latin-1").partition(";")[0].strip().lower()


class _Inflate:
    """gzip or deflate, a piece at a time and bounded. A stream that ends early is a failure: a truncated answer can
    look whole. So is what goes on behind its end."""

    def __init__(self, window: int) -> None:
        self._inflate = zlib.decompressobj(window)
        self._total = 0
        #: Whether there is something to be had without another byte from the upstream.
        self.more = False

    def feed(self, raw: bytes) -> bytes:
        """The next piece of what comes of `raw`, or of what was fed before while there is `more`."""
        try:
            out = self._inflate.decompress(self._inflate.unconsumed_tail + raw, PIECE)
        except zlib.error:
            raise AttemptFailed(_broken("The answer's compression is broken.")) from None
        if self._inflate.unused_data:
            raise AttemptFailed(_broken("The answer goes on behind the end of its compression."))
        self.more = len(out) == PIECE
        self._total += len(out)
        if self._total > MAX_BODY:
            raise AttemptFailed(_too_large(MAX_BODY))
        return out

    def close(self) -> None:
        """Raises AttemptFailed where the end is missing."""
        if not self._inflate.eof:
            message = "The compressed answer broke off."
            raise AttemptFailed(Failure(kind=FailureKind.DISCONNECTED, message=message))


class _Unknown:
    """A compression that was not asked for: its body cannot be read, but its status still can."""

    more = False

    def feed(self, _: bytes) -> bytes:
        raise AttemptFailed(_broken("The answer's compression was not asked for."))

    def close(self) -> None:
        return


def _decoder(encoding: str) -> _Inflate | _Unknown | None:
    """Identity was asked for; gzip and deflate are understood all the same, the rest is refused."""
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _Inflate(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Inflate(zlib.MAX_WBITS)
        case _:
            return _Unknown()


def _too_large(limit: int) -> Failure:
    return Failure(kind=FailureKind.TOO_LARGE, message=f"The answer is over {limit} bytes.")


def _broken(message: str) -> Failure:
    return Failure(kind=FailureKind.BAD_RESPONSE, message=message)
