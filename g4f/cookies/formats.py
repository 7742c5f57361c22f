"""The files that sessions come in: HAR, the JSON of cookie extensions and of Playwright, and the one written here.

Whatever is not understood is a CookieFileError that says what is wrong and never repeats a value.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

#: RFC 1035, 2.3.4: 253 characters, labels of at most 63.
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", re.ASCII)
#: RFC 6265, 4.1.1: the characters of a name; and what a value may not hold, because it would end the header.
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}", re.ASCII)
_NOT_IN_VALUE: Final = re.compile(r"[\x00-\x1f\x7f;\ud800-\udfff]")
MAX_VALUE: Final = 4096
MAX_COOKIES: Final = 3000
#: Unix time in seconds that no cookie lasts to, in whichever unit a file counts: what is beyond it is no time.
LATEST: Final = 1e15


class CookieFileError(ValueError):
    """The text says what is wrong with a file of cookies; it holds none of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """`domain` has no leading dot; with `host_only` its subdomains do not get the cookie. `expires` is Unix time."""

    domain: str
    name: str
    value: str = field(repr=False)
    host_only: bool = False
    expires: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a file holds: cookies, and by domain the headers that stand for a login."""

    cookies: tuple[Cookie, ...] = ()
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    @property
    def domains(self) -> frozenset[str]:
        return frozenset(cookie.domain for cookie in self.cookies) | frozenset(self.headers)


def normal_domain(written: str) -> str:
    """The domain in lower case and without its leading dot. Raises CookieFileError for what is none."""
    domain = written.strip().lower().removeprefix(".")
    if not _DOMAIN.fullmatch(domain):
        raise CookieFileError("a cookie's domain must be a host name, such as example.com")
    return domain


def decode(content: bytes) -> Session:
    """The session in a file. Raises CookieFileError."""
    try:
        written = json.loads(content)
    except (ValueError, RecursionError):
        raise CookieFileError("the file is not JSON; give a HAR file or a JSON export of cookies") from None
    if isinstance(written, dict) and isinstance(written.get("log"), dict):
        return _har(written["log"])
    if isinstance(written, list):
        return Session(cookies=_cookies(written))
    if isinstance(written, dict) and isinstance(written.get("cookies"), list):
        return Session(cookies=_cookies(written["cookies"]), headers=_headers(written))
    raise CookieFileError("the file holds neither a HAR log nor a list of cookies")


def encode(session: Session) -> bytes:
    """A file that `decode` understands."""
    cookies = [
        {
            "domain": cookie.domain,
            "name": cookie.name,
            "value": cookie.value,
            "hostOnly": cookie.host_only,
            **({} if cookie.expires is None else {"expirationDate": cookie.expires}),
        }
        for cookie in session.cookies
    ]
    headers = {domain: dict(held) for domain, held in session.headers.items()}
    return json.dumps({"cookies": cookies, "headers": headers}).encode()


def _cookies(written: Sequence[Any]) -> tuple[Cookie, ...]:
    _check_number(written)
    return tuple(map(_cookie, written))


def _check_number(cookies: Sized) -> None:
    if len(cookies) > MAX_COOKIES:
        raise CookieFileError(f"the file has more than {MAX_COOKIES} cookies")


def _cookie(written: Any) -> Cookie:
    if not isinstance(written, dict):
        raise CookieFileError("a cookie must be an object with domain, name and value")
    name, value, domain = written.get("name"), written.get("value"), written.get("domain")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise CookieFileError("a cookie has no name, or one that cannot be sent")
    if not isinstance(value, str) or len(value) > MAX_VALUE or _NOT_IN_VALUE.search(value):
        raise CookieFileError(f"the value of cookie {name!r} cannot be sent")
    host_only = written.get("hostOnly") is True
    return Cookie(
        domain=normal_domain(domain if isinstance(domain, str) else ""),
        name=name,
        value=value,
        host_only=host_only,
        expires=_expires(written),
    )


def _expires(written: Mapping[str, Any]) -> float | None:
    """Unix time in seconds; what extensions and Playwright write for a session cookie (nothing, -1) is None."""
    for key in ("expirationDate", "expires"):
        moment = written.get(key)
        if isinstance(moment, int | float) and not isinstance(moment, bool) and 0 < moment < LATEST:
            return float(moment)
    return None


def _har(log: Mapping[str, Any]) -> Session:
    """The cookies that a browser sent, each for the host it was sent to; of several the last stands."""
    cookies: dict[tuple[str, str], Cookie] = {}
    headers: dict[str, dict[str, str]] = {}
    for request in _requests(log):
        host = _host(request.get("url"))
        if host is None:
            continue
        for written in _objects(request.get("cookies")):
            try:
                cookie = _cookie({"domain": host, "name": written.get("name"), "value": written.get("value")})
            except CookieFileError:
                continue  # one of a browser's many that cannot be sent again is no reason to refuse the rest
            cookies[host, cookie.name] = cookie
        _check_number(cookies)
        for header in _objects(request.get("headers")):
            name = header.get("name")
            if isinstance(name, str) and name.lower() == "authorization" and _sendable(header.get("value")):
                headers[host] = {"authorization": header["value"]}
    return Session(cookies=tuple(cookies.values()), headers=headers)


def _host(url: Any) -> str | None:
    """The host of a URL; None for what is none."""
    try:
        return normal_domain(urlsplit(url).hostname or "") if isinstance(url, str) else None
    except ValueError:
        return None


def _requests(log: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in _objects(log.get("entries")):
        if isinstance(entry.get("request"), dict):
            yield entry["request"]


def _objects(written: Any) -> Iterable[Mapping[str, Any]]:
    return [item for item in written if isinstance(item, dict)] if isinstance(written, list) else ()


def _headers(written: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The headers of a file that was written here; other files have none."""
    found = written.get("headers")
    if not isinstance(found, dict):
        return {}
    return {
        normal_domain(domain): {"authorization": held["authorization"]}
        for domain, held in found.items()
        if isinstance(held, dict) and _sendable(held.get("authorization"))
    }


def _sendable(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_VALUE * 4 and not _NOT_IN_VALUE.search(value)
