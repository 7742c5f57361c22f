"""The head of a request, read strictly by llhttp before anything else looks at it.

Sans-IO. What two readers could take for two different requests is refused here, with the reason: bad lines, both or
repeated lengths, unknown encodings, more than one Host. What passes has one meaning and a known end.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httptools

from g4f.errors import RequestError

#: Bytes of the request line's target, of one header field, and of a whole head; and how many fields there may be.
MAX_TARGET = 16 << 10
MAX_FIELD = 16 << 10
MAX_HEAD = 64 << 10
MAX_FIELDS = 128
#: Chunks of one body, and bytes of their sizes, extensions and trailers: each chunk costs a step, whatever is in it.
#: A client that writes 32 MiB in pieces of 2 KiB stays below.
MAX_CHUNKS = 16 << 10
MAX_FRAMING = 256 << 10

#: RFC 9110, 7.2 and RFC 3986, 3.2.2: a name or an address, and a port. An empty one is some clients' way to say none.
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]{0,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{0,5})?")
#: RFC 9112, 3.2.1: origin-form, and nothing that has to be escaped.
_TARGET = re.compile(rb"/[!-~]*")
_BEFORE_CHUNKS = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
_UPGRADE = re.compile(rb"\r\nUpgrade:[^\r\n]*", re.IGNORECASE)
_VERSIONS = ("1.1", "1.0")
#: How TLS begins (RFC 8446, 5.1): somebody wrote https:// for a port that speaks plain HTTP.
_TLS = b"\x16\x03"


class Fields(Mapping[str, str]):
    """Header fields by name, whatever its case. A value is text as aiohttp decodes it: UTF-8, odd bytes escaped.

    It has what is used of aiohttp's kind of mapping, so that readers of headers need not know where they come from.
    """

    __slots__ = ("_first", "_more")

    def __init__(self) -> None:
        self._first: dict[bytes, bytes] = {}
        self._more: dict[bytes, list[bytes]] = {}

    def add(self, name: bytes, value: bytes) -> None:
        """One field. White space around a value is not of it (RFC 9110, 5.5); llhttp leaves what is behind."""
        name, value = name.lower(), value.rstrip(b" \t")
        if name in self._first:
            self._more.setdefault(name, []).append(value)
        else:
            self._first[name] = value

    def raw(self, name: bytes) -> bytes | None:
        """The first value of a field whose name is given in lower case."""
        return self._first.get(name)

    def repeats(self, name: bytes) -> bool:
        return name in self._more

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower().encode() in self._first

    def __iter__(self) -> Iterator[str]:
        return map(_text, self._first)

    def __len__(self) -> int:
        return len(self._first)

    def __getitem__(self, name: str) -> str:
        return _text(self._first[name.lower().encode()])

    def get(self, key: str, default: Any = None) -> Any:
        value = self._first.get(key.lower().encode())
        return default if value is None else _text(value)

    def getall(self, key: str, default: Sequence[str] = ()) -> Sequence[str]:
        name = key.lower().encode()
        first = self._first.get(name)
        if first is None:
            return default
        return [_text(first), *map(_text, self._more.get(name, ()))]


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


class Head:
    """A request's head, fed piece by piece until `complete`, and then the measure of where its body ends.

    `length` is the size of the body in bytes, None where it comes in chunks. `ended` says that all of it was seen.
    """

    __slots__ = (
        "_body",
        "_left",
        "_parser",
        "_size",
        "_tail",
        "complete",
        "count",
        "ended",
        "fields",
        "keep_alive",
        "length",
        "method",
        "target",
        "version",
    )

    def __init__(self) -> None:
        self.fields = Fields()
        self.complete = False
        self.ended = False
        self.length: int | None = 0
        self.count = 0
        self._left = 0
        self._size = 0
        self._tail = b""
        self.target = b""
        self.method = b""
        self.version = ""
        self.keep_alive = False
        self._parser: Any = None

    def read_before(self, target: bytes, left: int) -> None:
        """Be a head that is known already, with so many bytes of its body to come."""
        self.complete, self.target, self.length, self._left = True, target, left, left

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the head, and nothing of its body. Raises RequestError, after which all is over."""
        begins = self._size == 0
        if begins:
            self._parser = httptools.HttpRequestParser(self)
        self._size += len(data)
        if self._size > MAX_HEAD:
            raise _too_large(f"The request's head is over {MAX_HEAD} bytes.")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nothing is upgraded to here: such a request is one like others
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, RequestError):
                raise error.__context__ from None
            raise
        except httptools.HttpParserError as error:
            if begins and data.startswith(_TLS):
                raise _invalid("This port speaks plain HTTP; use http:// and not https://.") from None
            # llhttp's reasons are constants: nothing of what was sent is in them.
            raise _invalid(f"The request is not valid HTTP: {error}.") from None
        if self.complete:
            self._check()
        elif data.endswith(b"\r\n\r\n"):
            raise _invalid("The request is not valid HTTP.")  # HTTP/2 begins like that

    def _check(self) -> None:
        parser, fields = self._parser, self.fields
        version = self.version = parser.get_http_version()
        self.method = parser.get_method()
        if version not in _VERSIONS:
            message = "This server speaks HTTP/1.1 and 1.0."
            raise RequestError(message, status=505, code="http_version_not_supported")
        if _TARGET.fullmatch(self.target) is None and not (self.target == b"*" and self.method == b"OPTIONS"):
            raise _invalid("The request's target must be a path, such as /v1/models; this server is no proxy.")
        host = fields.raw(b"host")
        if host is None:
            if version == "1.1":
                raise _invalid("The request has no Host header.")
        elif fields.repeats(b"host") or not _HOST.fullmatch(host):
            raise _invalid("The Host header is repeated or is no host.")
        length = fields.raw(b"content-length")
        coding = fields.raw(b"transfer-encoding")
        if coding is not None:
            if version == "1.0":
                raise _invalid("HTTP/1.0 has no Transfer-Encoding (RFC 9112, 6.1).")
            if coding.lower() != b"chunked":
                raise RequestError("The only transfer coding is chunked.", status=501, code="not_implemented")
            self.length = None
            self._body = _Chunks()
            # A parser of its own: one that saw the wish to upgrade would take the body for another protocol.
            self._parser = httptools.HttpRequestParser(self._body)
            self._parser.feed_data(_BEFORE_CHUNKS)
        else:
            self.length = self._left = int(length or 0)
            self.ended = not self._left
            self._parser = None  # it refers to this object, and its work is done

    def cut(self, data: bytes) -> int:
        """How many of the next bytes are of this request's body. Raises RequestError where its chunks are none."""
        if self.length is not None:
            size = min(len(data), self._left)
            self._left -= size
            self.ended = not self._left
            return size
        return self._cut_chunks(data)

    def _cut_chunks(self, data: bytes) -> int:
        """A body of chunks ends with a blank line, so the parser is fed from one blank line to the next."""
        body = self._body
        seen = len(self._tail)
        joined = self._tail + data
        begin = seen
        while begin < len(joined) and not body.ended:
            blank = joined.find(b"\r\n\r\n", max(begin - 3, 0))
            end = len(joined) if blank < 0 else blank + 4
            try:
                self._parser.feed_data(joined[begin:end])
            except httptools.HttpParserError as error:
                raise _invalid(f"The request's body is not valid HTTP: {error}.") from None
            begin = end
        body.framing += begin - seen
        if body.chunks > MAX_CHUNKS or body.framing > MAX_FRAMING:
            raise _invalid(f"The body has more than {MAX_CHUNKS} chunks, or {MAX_FRAMING} bytes around them.")
        self._tail = joined[-3:]
        self.ended = body.ended
        if self.ended:
            self._parser = None
        return begin - seen

    # What httptools calls.

    def on_url(self, piece: bytes) -> None:
        self.target += piece
        if len(self.target) > MAX_TARGET:
            message = f"The request's target is over {MAX_TARGET} bytes."
            raise RequestError(message, status=414, code="target_too_long")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.count += 1
        if self.count > MAX_FIELDS or len(name) + len(value) > MAX_FIELD:
            raise _too_large(f"More than {MAX_FIELDS} header fields, or one of over {MAX_FIELD} bytes.")
        self.fields.add(name, value)

    def on_headers_complete(self) -> None:
        self.complete = True
        # Now: after a request without a body the parser is ready for the next one, and has forgotten this one's wish.
        self.keep_alive = self._parser.should_keep_alive()


class _Chunks:
    """A body in chunks, counted: `framing` are the bytes that are not of the body itself."""

    __slots__ = ("chunks", "ended", "framing")

    def __init__(self) -> None:
        self.chunks = 0
        self.framing = 0
        self.ended = False

    # What httptools calls.

    def on_chunk_header(self) -> None:
        self.chunks += 1

    def on_body(self, piece: bytes) -> None:
        self.framing -= len(piece)

    def on_message_complete(self) -> None:
        self.ended = True


def without_upgrade(wire: bytes) -> bytes:
    """A head that was read, without the wish to go on in another protocol, which a server may pass over (RFC 9110,
    7.8): whoever reads it next must not take the body for that protocol."""
    return _UPGRADE.sub(b"", wire)


def _invalid(message: str) -> RequestError:
    return RequestError(message, code="invalid_http")


def _too_large(message: str) -> RequestError:
    return RequestError(message, status=431, code="headers_too_large")
