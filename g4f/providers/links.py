"""The addresses that a request may point at with: `https:` and `data:`, read strictly.

There is one reading of an address: what is parsed here is what is resolved, connected to and asked for, so that no
second parser can see another host in it.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

#: Characters of an address that is not `data:`; browsers and servers stop far earlier than our parser would.
LONGEST = 4096
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")
#: WHATWG URL, 3.5: a host whose last label is a number is an IPv4 address, however it is written. One way is taken.
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.|\Z)){4}")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_TARGET = re.compile(r"/[!-~]*")
_DATA = re.compile(r"data:[A-Za-z0-9.+/-]{1,64}(?:;[A-Za-z0-9=._-]{1,32}){0,2};base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a link leads. `host` is a name or a numeric address without brackets; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == 443 else f":{self.port}")


def read_link(url: str, *, schemes: tuple[str, ...] = ("https",)) -> Link | None:
    """The link that a URL is, or None for one that is not fetched: another scheme, a user, an odd host or port."""
    if len(url) > LONGEST or not all("!" <= character <= "~" for character in url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in schemes or "@" in parts.netloc or not _is_host(host, in_brackets="[" in parts.netloc):
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if port == 0 or _TARGET.fullmatch(target) is None:
        return None
    return Link(scheme=scheme, host=host, port=port or (443 if scheme == "https" else 80), target=target)


def _is_host(host: str, *, in_brackets: bool) -> bool:
    if in_brackets:
        return _IPV6.fullmatch(host) is not None
    if _NUMERIC.fullmatch(host.rstrip(".")):
        return _IPV4.fullmatch(host) is not None
    return _NAME.fullmatch(host) is not None


def read_data(url: str, *, limit: int) -> bytes | None:
    """The bytes of a `data:` URL (RFC 2397) in base64; None for one that is broken or holds more than `limit`."""
    head = _DATA.match(url[:128])
    if head is None or len(url) - head.end() > (limit + 2) // 3 * 4:
        return None
    try:
        content = base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if 0 < len(content) <= limit else None
