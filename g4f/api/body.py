"""What a request's body may be: of a type that is read, not too large, and not too slow."""

from collections.abc import Mapping

from g4f.dialects.multipart import is_form
from g4f.errors import RequestError

#: All but what says where the texts, lists and objects of a JSON text begin.
_BESIDE_THEM = bytes(set(range(256)) - set(b'[{"'))

_FORM = "application/x-www-form-urlencoded"
_UNSUPPORTED = "unsupported_media_type"


def may_hold(body: bytes | bytearray, most: int) -> bool:
    """Whether a JSON text may hold more than `most` lists and objects, as far as can be told without reading it."""
    size = len(body)
    # Each takes two bytes. Taking a byte out of a text is several times as quick as counting it.
    return size > 2 * most and 2 * size - len(body.replace(b"{", b"")) - len(body.replace(b"[", b"")) > most


def check_objects(body: bytes | bytearray, most: int) -> None:
    """Raises RequestError for JSON with more than `most` lists and objects: each of them is looked at, so that a body
    that is made of nothing else would hold up everybody. What stands in texts does not count."""
    if may_hold(body, most) and _outside_texts(body) > most:
        message = f"The body has over {most} lists and objects (server.max_objects)."
        raise RequestError(message, code="too_many_objects")


def _outside_texts(body: bytes | bytearray) -> int:
    """How many lists and objects begin in a JSON text."""
    bare = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _BESIDE_THEM)
    # Two quotes side by side change nothing about what is between quotes.
    return sum(map(len, bare.replace(b'""', b"").split(b'"')[::2]))


def check_headers(headers: Mapping[str, str], *, forms: bool = False) -> None:
    """JSON is what is read, whoever sends it; a type that a web page may send to any server is refused (CSRF).

    Raises RequestError, also for a body that is compressed.
    `curl -d` calls everything a form: that is taken from programs, which send no `Origin`. A form with files may come
    from a page of any origin, too, but such a page has no key, and where there are no keys its `Origin` is refused.
    """
    written = headers.get("Content-Type")
    if written is not None and written != "application/json":
        kind = written.partition(";")[0].strip().lower()
        by_curl = kind == _FORM and "Origin" not in headers
        if not (kind == "application/json" or kind.endswith("+json") or by_curl or (forms and is_form(kind))):
            wanted = "`Content-Type: application/json`" + (" or `multipart/form-data`" if forms else "")
            raise RequestError(f"Send the body as {wanted}.", status=415, code=_UNSUPPORTED)
    coding = headers.get("Content-Encoding")
    if coding is not None and coding.strip().lower() not in ("", "identity"):
        raise RequestError("Send the body uncompressed, without Content-Encoding.", status=415, code=_UNSUPPORTED)


def too_slow(within: float) -> RequestError:
    """For a body that took more than `within` seconds."""
    message = f"The body did not come within {within:g} s (server.body_timeout)."
    return RequestError(message, status=408, code="body_timeout")


def too_large(limit: int) -> RequestError:
    """For a body of more than `limit` bytes."""
    return RequestError(f"The body is over {limit} bytes (server.max_body).", status=413, code="body_too_large")
