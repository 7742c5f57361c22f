"""What a request must be before anybody asks who sends it: HTTP that every server on its way reads in the same way.

aiohttp's parser refuses the broken; this refuses the odd that it lets through, because what a proxy in front and this
server read differently could hide one request in another (RFC 9112, 11.2). The connection is closed after each refusal.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import HttpVersion10, HttpVersion11, hdrs, web

from g4f.errors import RequestError

#: What the parser is told: bytes of the request line and of one header (keys of 10 KiB are refused as keys, not as
#: broken HTTP), and to leave compressed bodies alone, which are refused.
PARSER: Mapping[str, Any] = MappingProxyType(
    {"max_line_size": 16 << 10, "max_field_size": 16 << 10, "auto_decompress": False}
)
#: RFC 9112, 3.2.1: origin-form, and nothing that has to be escaped.
_TARGET = re.compile(r"/[!-~]*")
#: RFC 9110, 7.2 and RFC 3986, 3.2.2: a name or an address, and a port.
_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{0,5})?")


class FramingError(RequestError):
    """The request cannot be read in one way only."""

    code = "invalid_http"


def check_framing(request: web.BaseRequest) -> None:
    """Raises FramingError: 505 for versions other than 1.0 and 1.1, 501 for codings other than chunked, else 400."""
    if request.version not in (HttpVersion11, HttpVersion10):
        raise FramingError("This server speaks HTTP/1.1 and 1.0.", status=505, code="http_version_not_supported")
    target = request.raw_path
    if _TARGET.fullmatch(target) is None and not (target == "*" and request.method == "OPTIONS"):
        raise FramingError("The request's target must be a path, such as /v1/models; this server is no proxy.")
    headers = request.headers
    coding = headers.get(hdrs.TRANSFER_ENCODING)
    if coding is not None:
        if request.version == HttpVersion10:
            raise FramingError("HTTP/1.0 has no Transfer-Encoding (RFC 9112, 6.1).")
        if coding.strip().lower() != "chunked":
            raise FramingError("The only transfer coding is chunked.", status=501, code="not_implemented")
    host = headers.get(hdrs.HOST)
    if host and _HOST.fullmatch(host) is None:
        raise FramingError("The Host header is not a host.")
