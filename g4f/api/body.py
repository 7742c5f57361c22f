"""What a request's body may be: of a type that is read, not too large, and not too slow."""

from collections.abc import Mapping

from g4f.dialects.crowded import VALUES, has_more
from g4f.dialects.multipart import is_form
from g4f.errors import RequestError

_FORM = "application/x-www-form-urlencoded"
#: Values for each list or object: in conversations it is three.
VALUES_FOR_EACH = 4
_UNSUPPORTED = "unsupported_media_type"


def check_crowd(body: bytes | bytearray, most: int, *, tokens: bool = False) -> None:
    """Raises RequestError for JSON with more than `most` lists and objects (in a larger body: for each MiB), or with
    more than `VALUES_FOR_EACH` values for each: all are looked at, so that a body of nothing else would hold up
    everybody. What stands in texts does not count. With `tokens` it may be full of numbers, as a text to embed is."""
    if len(body) <= most:
        return
    most *= max(len(body) >> 20, 1)
    if has_more(body, most):
        raise _crowded(f"{most} lists and objects")
    if not tokens and has_more(body, VALUES_FOR_EACH * most, VALUES):
        raise _crowded(f"{VALUES_FOR_EACH * most} values")


def _crowded(what: str) -> RequestError:
    message = f"The body has over {what}: too many to be looked at (server.max_objects, for each MiB)."
    return RequestError(message, code="too_many_objects")


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
