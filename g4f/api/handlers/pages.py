"""GET /chat/: a page to chat on, where the file or `--gui` wants one. It asks this server and loads nothing else."""

import base64
import hashlib
import re
from functools import cache
from importlib import resources

from aiohttp import web

from g4f.api.keys import STATE
from g4f.api.responses import error_response
from g4f.errors import RequestError

_PART = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


async def chat_page(request: web.Request) -> web.Response:
    """The page. It holds no key: whoever uses it brings one along."""
    if not request.app[STATE].server.web:
        message = "The chat page is off: `server.web: true` in the file, or g4f api --gui, turns it on."
        return error_response(RequestError(message, status=404, code="unknown_url"), request)
    page, policy = _page()
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    return web.Response(body=page, content_type="text/html", charset="utf-8", headers=headers)


@cache
def _page() -> tuple[bytes, str]:
    """The page, and what it may do: run the script and show the style that are in it, and ask this server."""
    page = resources.files("g4f.web").joinpath("chat.html").read_bytes()
    parts = {kind.decode(): _digest(content) for kind, content in _PART.findall(page)}
    policy = (
        f"default-src 'none'; script-src {parts['script']}; style-src {parts['style']}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page, policy


def _digest(content: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"
