"""Asking a running daemon: the commands' side of its HTTP interface."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from g4f.config.settings import from_environment
from g4f.errors import G4FError

#: Where a daemon listens whose file says nothing else.
DEFAULT_URL: Final = "http://127.0.0.1:1337"
#: Seconds that a daemon gets for an answer.
PATIENCE: Final = 10.0


def ask(
    url: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    key: str | None = None,
    method: str = "GET",
    body: Mapping[str, Any] | None = None,
    timeout: float = PATIENCE,
) -> Any:
    """The JSON that a daemon answers with. Only scheme, host and port of `url` count; `key` defaults to G4F_API_KEY.

    Raises G4FError in words for the terminal; its `status` is the daemon's, or 0 where none answered.
    """
    origin = _origin(url)
    found = f"{origin}{path}" + (f"?{urlencode(query)}" if query else "")
    sent = None if body is None else json.dumps(body).encode()
    request = Request(found, data=sent, method=method)  # noqa: S310 - the scheme is checked by `_origin`
    if sent is not None:
        request.add_header("Content-Type", "application/json")
    shown = key or _key_from_environment()
    if shown:
        request.add_header("Authorization", f"Bearer {shown}")
    # No proxy from the environment: the daemon is asked directly or not at all.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise G4FError(_told(error), status=error.code) from None
    except (URLError, OSError, ValueError):
        raise G4FError(f"No daemon answers at {origin}; is it running?", status=0) from None


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        pass  # a port that is no number
    raise G4FError(f"{url!r} is not a URL such as {DEFAULT_URL}.", status=0)


def _key_from_environment() -> str | None:
    configured = from_environment().api_key
    return configured.get_secret_value() if configured else None


def _told(error: HTTPError) -> str:
    try:
        return str(json.load(error)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"The daemon answered {error.code}."
