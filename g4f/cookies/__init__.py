"""The cookies of the user's own sessions: kept in files of one directory, and found by the domain they belong to.

A cookie goes to no domain but its own (RFC 6265, 5.1.3). Files and their directory are readable by their owner only,
a file is replaced as a whole, and no value of a cookie is ever in an error or a repr. No browser's store is read.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from g4f.cookies.formats import Cookie, CookieFileError, normal_domain
from g4f.cookies.jar import Jar
from g4f.errors import MissingRequirementsError

__all__ = [
    "BROWSERS",
    "Cookie",
    "CookieFileError",
    "get_cookies",
    "get_cookies_dir",
    "get_headers",
    "load_cookies_from_browsers",
    "read_cookie_files",
    "set_cookies",
    "set_cookies_dir",
    "store_cookie_file",
]

#: The browsers whose stores are read.
BROWSERS: Sequence[Callable[[str], object]] = ()

_JAR = Jar(Path.home() / ".g4f" / "cookies")


def get_cookies(
    domain: str,
    raise_requirements_error: bool = True,
    single_browser: str | None = None,
    cache_result: bool = True,
) -> dict[str, str]:
    """The cookies for a domain, by name; `.example.com` and `example.com` mean the same.

    Only `domain` matters. The rest is there for programs written for versions that read the stores of browsers.
    """
    return _JAR.cookies(normal_domain(domain))


def load_cookies_from_browsers(
    domain: str, raise_requirements_error: bool = True, single_browser: str | bool = False
) -> dict[str, str]:
    """None: no browser's store is read. Raises MissingRequirementsError, unless `raise_requirements_error` is off."""
    if raise_requirements_error:
        raise MissingRequirementsError(
            f"g4f reads no browser's cookies; give those of {domain!r} to set_cookies, or put an exported file (JSON "
            f"or HAR) into {get_cookies_dir()}"
        )
    return {}


def get_headers(domain: str) -> dict[str, str]:
    """The headers of the session for a domain: `authorization`, where a HAR file had it."""
    return _JAR.headers(normal_domain(domain))


def set_cookies(domain: str, cookies: Mapping[str, str] | None = None) -> None:
    """Keep these cookies for a domain, in place of all that were known for it. None forgets them.

    Raises CookieFileError for what is no domain, and OSError.
    """
    _JAR.set(normal_domain(domain), cookies or {})


def store_cookie_file(content: bytes, *, allowed: Collection[str] | None = None) -> frozenset[str]:
    """Keep the cookies of an uploaded file (JSON or HAR) under a name of our own; returns their domains.

    It replaces an earlier one for the same domains. Cookies of other domains than the `allowed` ones (and what is
    below these) are left out. Raises CookieFileError for what is no such file or has nothing to keep, and OSError.
    """
    return _JAR.store(content, None if allowed is None else {normal_domain(domain) for domain in allowed})


def read_cookie_files(
    dir_path: str | Path | None = None, domains_filter: Collection[str] | None = None
) -> dict[str, dict[str, str]]:
    """All cookies by domain: those of the directory, or of `dir_path`, which is the directory from now on.

    Files that cannot be understood are passed over. It need not be called: what changes on disk is seen.
    """
    if dir_path is not None:
        set_cookies_dir(dir_path)
    wanted = None if domains_filter is None else {normal_domain(domain) for domain in domains_filter}
    return {domain: found for domain, found in _JAR.everything().items() if wanted is None or domain in wanted}


def set_cookies_dir(dir_path: str | Path) -> None:
    """Keep cookies in this directory from now on. It is made when something is first written."""
    _JAR.move(Path(dir_path))


def get_cookies_dir() -> str:
    """The directory that cookies are kept in."""
    return str(_JAR.directory)
