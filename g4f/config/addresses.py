"""Hosts, ports and URLs: one reading of them for the whole configuration.

The errors are shown to the user and never repeat a URL, which may hold a password.
"""

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

_HOST: Final = re.compile(r"(?=.{1,253}\Z)(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
PROXY_SCHEMES: Final = ("http", "https", "socks4", "socks5", "socks5h")


def base_url(url: str) -> str:
    """An upstream's base URL without a trailing slash. Raises ValueError with words for the user."""
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError("base_url begins with http:// or https://")
    parts = split(url)
    if "@" in parts.netloc:
        raise ValueError("no user or password in base_url: a key belongs into `keys`")
    if "?" in url or "#" in url:
        raise ValueError("base_url has no query and no fragment")
    return url.rstrip("/")


def proxy_url(url: str) -> str:
    """A proxy's URL; it may hold a user and a password. Raises ValueError with words for the user."""
    scheme = url.partition("://")[0].lower()
    if "://" not in url or scheme not in PROXY_SCHEMES:
        known = ", ".join(f"{known}://" for known in PROXY_SCHEMES)
        raise ValueError(f"a proxy's URL begins with one of {known}")
    parts = split(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("a proxy's URL ends with its host and port")
    return url


def split(url: str) -> SplitResult:
    """The parts of an http-like URL with a host. Raises ValueError with words that do not repeat the URL."""
    if not all("!" <= character <= "~" for character in url) or "\\" in url:
        raise ValueError("a URL has no spaces, backslashes or characters beyond ASCII")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("not a URL: its host or port cannot be read") from None
    if port == 0:
        raise ValueError("not a URL: port 0 cannot be called")
    if not parts.hostname:
        raise ValueError("the URL has no host; write it like http://host:port")
    if not (_HOST.fullmatch(parts.hostname) or is_address(parts.hostname)):
        raise ValueError("the URL's host is not a host name or an IP address")
    return parts


def address(listen: str) -> tuple[str, int]:
    """`host:port` or `[::1]:port` -> (host, port). Raises ValueError with words for the user."""
    if "://" in listen:
        raise ValueError("this is not a URL: write host:port without http://")
    host, colon, port = listen.rpartition(":")
    if not colon or not host:
        raise ValueError("write host:port, such as 127.0.0.1:1337 or [::1]:1337")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if ":" not in host or not is_address(host):
            raise ValueError("between [ and ] stands an IPv6 address, such as [::1]:1337")
    elif ":" in host:
        raise ValueError("an IPv6 address is written in brackets, such as [::1]:1337")
    elif not _HOST.fullmatch(host):
        raise ValueError("the host is not a host name or an IP address")
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError("the port is a number from 0 (any free one) to 65535")
    return host, int(port)


def is_address(host: str) -> bool:
    """Whether `host` is an IP address, without brackets."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a listener on `host`."""
    if host.lower().rstrip(".") == "localhost":
        return True
    if not is_address(host):
        return False
    found = ipaddress.ip_address(host)
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def is_everywhere(host: str) -> bool:
    """Whether a listener on `host` listens on every address of its machine: such a host cannot be asked."""
    return is_address(host) and ipaddress.ip_address(host).is_unspecified
