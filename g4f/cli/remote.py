"""Asking a running daemon: the commands' side of its HTTP interface."""

import json
import socket
from collections.abc import Collection, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from g4f.config.settings import from_environment
from g4f.errors import G4FError

#: Where a daemon listens whose file says nothing else.
DEFAULT_URL: Final = "http://127.0.0.1:1337"
#: Seconds that a daemon gets for an answer.
PATIENCE: Final = 10.0
_UNIX: Final = "unix:"
_NOBODY: Final = "No daemon answers at {}; is it running?"
_FOREIGN: Final = "What answers at {} is no g4fd, or one of a version that this command does not know."


def ask(
    url: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    key: str | None = None,
    method: str = "GET",
    body: Mapping[str, Any] | None = None,
    timeout: float = PATIENCE,
    take: Collection[int] = (),
    wanted: Collection[str] = (),
) -> Any:
    """The JSON that a daemon answers with. Of `url` only scheme (http unless said), host and port count, or it is
    `unix:` and a socket's path; `key` defaults to G4F_API_KEY. `take`: error statuses whose answer is wanted too.
    An answer without the keys `wanted` is none of a g4fd.

    Raises G4FError in words for the terminal; its `status` is the daemon's, or 0 where none answered.
    """
    target = f"{path}?{urlencode(query)}" if query else path
    headers, sent = {"Accept": "application/json"}, None
    if body is not None:
        sent, headers["Content-Type"] = json.dumps(body), "application/json"
    status, content = _exchange(url, method, target, sent, headers, key, timeout)
    if status < 300 or status in take:
        found = _read(content)
        if not isinstance(found, dict) or not ("error" in found or found.keys() >= {*wanted}):
            raise G4FError(_FOREIGN.format(url), status=0)
        if "error" not in found:
            return found
    raise _refused(url, status, content, key)


def ask_text(url: str, path: str, *, key: str | None = None, timeout: float = PATIENCE) -> str:
    """The text that a daemon answers with. Raises as `ask` does."""
    status, content = _exchange(url, "GET", path, None, {}, key, timeout)
    if status >= 300:
        raise _refused(url, status, content, key)
    return content.decode("utf-8", "replace")


def _exchange(
    url: str, method: str, target: str, sent: str | None, headers: dict[str, str], key: str | None, timeout: float
) -> tuple[int, bytes]:
    """The status and content of an answer. Directly, whatever proxy the environment names."""
    connection = _connection(url, timeout)
    shown = key or _key_from_environment()
    if shown:
        headers["Authorization"] = f"Bearer {shown}"
    try:
        connection.request(method, target, sent, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException, ValueError):
        raise G4FError(_NOBODY.format(url), status=0) from None
    finally:
        connection.close()


class _SocketConnection(HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(url: str, timeout: float) -> HTTPConnection:
    if url.startswith(f"{_UNIX}/"):
        return _SocketConnection(url.removeprefix(_UNIX), timeout)
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
            return make(parts.hostname, parts.port, timeout=timeout)
    except ValueError:
        pass  # a port that is no number
    raise G4FError(f"{url!r} is not a URL such as {DEFAULT_URL}.", status=0)


def _key_from_environment() -> str | None:
    configured = from_environment().api_key
    return configured.get_secret_value() if configured else None


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _refused(url: str, status: int, content: bytes, key: str | None) -> G4FError:
    if status == 401 and not (key or _key_from_environment()):  # the daemon speaks of headers
        told = "The daemon wants a key: --key KEY or G4F_API_KEY, or ask at its admin.listen."
        return G4FError(told, status=status)
    try:
        return G4FError(str(_read(content)["error"]["message"]), status=status)
    except (KeyError, TypeError):
        return G4FError(f"{_FOREIGN.format(url)} It answered {status}.", status=0)
