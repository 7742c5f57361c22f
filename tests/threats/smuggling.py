"""Requests that two servers may cut in different places, each with a second request hidden where only one sees it.

The hidden one is a chat with a right key: if it is dispatched, a scripted upstream gets it. What is hidden is always
after something that is wrong by RFC 9112 (or 9110); plain pipelining is no smuggling.
"""

from collections.abc import Mapping

KEY = "0123456789abcdef"
_CHAT = b'{"model":"m","messages":[{"role":"user","content":"x"}]}'
INNER = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nx-api-key: %s\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (KEY.encode(), len(_CHAT), _CHAT)
)
#: Comes after each case: it ends the connection of a server that saw nothing wrong.
LAST = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def _post(
    *fields: bytes, body: bytes = b"", version: bytes = b"HTTP/1.1", host: bytes = b"Host: localhost\r\n"
) -> bytes:
    lines = b"".join(field + b"\r\n" for field in fields)
    return b"POST /v1/models %s\r\n%sx-api-key: %s\r\n%s\r\n%s" % (version, host, KEY.encode(), lines, body)


def _get(target: bytes = b"/v1/models", *fields: bytes, head: bytes = b"Host: localhost\r\n") -> bytes:
    lines = b"".join(field + b"\r\n" for field in fields)
    return b"GET %s HTTP/1.1\r\n%sx-api-key: %s\r\n%s\r\n" % (target, head, KEY.encode(), lines)


_EMPTY = b"0\r\n\r\n"
_CHUNKED = b"Transfer-Encoding: chunked"
_SHORT = b"Content-Length: 0"
_LONG = b"Content-Length: %d" % len(INNER)

CASES: Mapping[str, bytes] = {
    # Two lengths.
    "length and chunked": _post(b"Content-Length: 5", _CHUNKED, body=_EMPTY + INNER),
    "chunked and length": _post(_CHUNKED, _LONG, body=_EMPTY + INNER),
    "chunked and no length": _post(_CHUNKED, _SHORT, body=_EMPTY + INNER),
    "two lengths": _post(_SHORT, _LONG, body=INNER),
    "two lengths, the long one first": _post(_LONG, _SHORT, body=INNER),
    "two equal lengths": _post(_SHORT, _SHORT, body=INNER),
    "a list of lengths": _post(b"Content-Length: 0, 0", body=INNER),
    "a list of different lengths": _post(b"Content-Length: 0, %d" % len(INNER), body=INNER),
    # Lengths that are no numbers.
    "plus": _post(b"Content-Length: +0", body=INNER),
    "minus": _post(b"Content-Length: -1", body=INNER),
    "hexadecimal": _post(b"Content-Length: 0x0", body=INNER),
    "underscore": _post(b"Content-Length: 0_0", body=INNER),
    "fraction": _post(b"Content-Length: 0.0", body=INNER),
    "inner space": _post(b"Content-Length: 0 0", body=INNER),
    "no length at all": _post(b"Content-Length:", body=INNER),
    "quoted": _post(b'Content-Length: "0"', body=INNER),
    "over 64 bits": _post(b"Content-Length: 18446744073709551616", body=INNER),
    "unicode digits": _post("Content-Length: \u0660".encode(), body=INNER),
    # Names that may or may not be Content-Length and Transfer-Encoding.
    "space before the colon": _post(b"Content-Length : 0", body=INNER),
    "tab before the colon": _post(b"Transfer-Encoding\t: chunked", body=_EMPTY + INNER),
    "space before the name": _post(b" Transfer-Encoding: chunked", body=_EMPTY + INNER),
    "folded": _post(b"Transfer-Encoding:\r\n chunked", body=_EMPTY + INNER),
    "folded after another": _post(b"X-A: b\r\n Transfer-Encoding: chunked", body=_EMPTY + INNER),
    "NUL in the name": _post(b"Content\0-Length: 0", body=INNER),
    "NUL in the value": _post(b"Transfer-Encoding: chunked\0", body=_EMPTY + INNER),
    "bare CR in the value": _post(b"X-A: b\rTransfer-Encoding: chunked", body=_EMPTY + INNER),
    "bare LF between fields": _post(b"X-A: b\nTransfer-Encoding: chunked", body=_EMPTY + INNER),
    "bare LF at the end": _get(head=b"Host: localhost\n").replace(b"\r\n\r\n", b"\n\n") + INNER,
    "no colon": _post(b"Transfer-Encoding chunked", body=_EMPTY + INNER),
    "no name": _post(b": chunked", body=INNER),
    # Codings.
    "xchunked": _post(b"Transfer-Encoding: xchunked", body=_EMPTY + INNER),
    "chunked twice": _post(_CHUNKED, _CHUNKED, body=_EMPTY + INNER),
    "chunked, chunked": _post(b"Transfer-Encoding: chunked, chunked", body=_EMPTY + INNER),
    "chunked not last": _post(b"Transfer-Encoding: chunked, gzip", body=_EMPTY + INNER),
    "gzip first": _post(b"Transfer-Encoding: gzip, chunked", body=_EMPTY + INNER),
    "identity": _post(b"Transfer-Encoding: identity", body=_EMPTY + INNER),
    "identity and a length": _post(b"Transfer-Encoding: identity", _LONG, body=INNER),
    "quoted coding": _post(b'Transfer-Encoding: "chunked"', body=_EMPTY + INNER),
    "coding with a parameter": _post(b"Transfer-Encoding: chunked;a=b", body=_EMPTY + INNER),
    "coding after a vertical tab": _post(b"Transfer-Encoding: \x0bchunked", body=_EMPTY + INNER),
    "an empty coding": _post(b"Transfer-Encoding:", body=_EMPTY + INNER),
    "chunked in 1.0": _post(_CHUNKED, body=_EMPTY + INNER, version=b"HTTP/1.0"),
    "chunked in 1.0, kept alive": _post(_CHUNKED, b"Connection: keep-alive", body=_EMPTY + INNER, version=b"HTTP/1.0"),
    # Chunks.
    "0x size": _post(_CHUNKED, body=b"0x0\r\n\r\n" + INNER),
    "plus size": _post(_CHUNKED, body=b"+0\r\n\r\n" + INNER),
    "minus size": _post(_CHUNKED, body=b"-0\r\n\r\n" + INNER),
    "space before the size": _post(_CHUNKED, body=b" 0\r\n\r\n" + INNER),
    "size over 64 bits": _post(_CHUNKED, body=b"10000000000000000\r\n\r\n" + INNER),
    "empty size": _post(_CHUNKED, body=b"\r\n\r\n" + INNER),
    "LF after the size": _post(_CHUNKED, body=b"0\n\r\n" + INNER),
    "CR after the size": _post(_CHUNKED, body=b"0\r\r\n" + INNER),
    "LF in an extension": _post(_CHUNKED, body=b"0;a\nb\r\n\r\n" + INNER),
    "chunk without its end": _post(_CHUNKED, body=b"1\r\nab\r\n0\r\n\r\n" + INNER),
    "chunk that ends in LF": _post(_CHUNKED, body=b"1\r\na\n0\r\n\r\n" + INNER),
    "length as a trailer": _post(_CHUNKED, body=b"0\r\nContent-Length: %d\r\n\r\n" % len(INNER) + INNER),
    "a broken trailer": _post(_CHUNKED, body=b"0\r\nX-A\r\n\r\n" + INNER),
    # Hosts, targets, versions.
    "no host": _get(head=b"") + INNER,
    "two hosts": _get(head=b"Host: localhost\r\nHost: evil.example\r\n") + INNER,
    "a host that is none": _get(head=b"Host: localhost/../x\r\n") + INNER,
    "a host with a user": _get(head=b"Host: x@localhost\r\n") + INNER,
    "another host in the target": _get(b"http://evil.example/v1/models") + INNER,
    "space in the target": _get(b"/v1/models x") + INNER,
    "tab in the request line": _get().replace(b" HTTP/1.1", b"\tHTTP/1.1", 1) + INNER,
    "no version": _get().replace(b" HTTP/1.1", b"", 1) + INNER,
    "version 0.9": _get().replace(b"HTTP/1.1", b"HTTP/0.9", 1) + INNER,
    "version 1.2": _get().replace(b"HTTP/1.1", b"HTTP/1.2", 1) + INNER,
    "version 2.0": _get().replace(b"HTTP/1.1", b"HTTP/2.0", 1) + INNER,
    "version 1.10": _get().replace(b"HTTP/1.1", b"HTTP/1.10", 1) + INNER,
    "lower case version": _get().replace(b"HTTP/1.1", b"http/1.1", 1) + INNER,
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + INNER,
    "a tunnel": _get().replace(b"GET /v1/models", b"CONNECT localhost:1", 1) + INNER,
    "an unknown expectation": _post(b"Expect: x", _LONG, body=INNER),
    "a held back body": _post(b"Expect: 100-continue", _LONG, body=INNER),
    # Sizes.
    "300 headers": _get(b"/v1/models", *(b"X-%d: 1" % n for n in range(300))) + INNER,
    "a header of 100 KB": _get(b"/v1/models", b"X: " + b"a" * 100_000) + INNER,
    "a target of 100 KB": _get(b"/v1/models?" + b"a" * 100_000) + INNER,
    "a header name of 100 KB": _get(b"/v1/models", b"X" * 100_000 + b": a") + INNER,
}
