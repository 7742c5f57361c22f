"""POST /v1/upload_cookies: the user's own sessions, kept for the providers that work with one.

A file's name is nobody's business: what is kept gets a name of our own, readable by its owner only. What was in it is
never told again, and cookies of domains that no provider here belongs to are not kept.
"""

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from g4f.api.auth import ANYBODY
from g4f.api.keys import GATEWAY, LINE, STATE
from g4f.api.payload import read_body
from g4f.api.responses import json_response
from g4f.config.schema import Provider
from g4f.cookies import CookieFileError, store_cookie_file
from g4f.dialects.multipart import read_form
from g4f.errors import ForbiddenError, RequestError
from g4f.exchange.request import File

#: Files of one upload, and bytes of one.
MAX_FILES = 20
MAX_FILE = 1 << 20
_FIELD = "files"


async def upload_cookies(request: web.Request) -> web.Response:
    """Keep the files of a form; answers with their names and the domains that something was kept for."""
    _check_caller(request)
    server, snapshot = request.app[STATE].server, request.app[GATEWAY].snapshot
    limit = min(server.max_body, MAX_FILES * MAX_FILE)
    body = await read_body(request, limit=limit, within=server.body_timeout, forms=True)
    form = read_form(body, content_type=request.headers.get(hdrs.CONTENT_TYPE, ""))
    files = [file for file in form.files if file.field == _FIELD]
    _check_files(files)
    allowed = _domains(snapshot.providers.values()) | set(server.cookie_domains)
    kept = [{"filename": file.name, "domains": await _keep(file, allowed)} for file in files]
    return json_response(kept)


def _check_caller(request: web.Request) -> None:
    """Without keys only a program on this machine may; a browser could be anybody's page."""
    if request[LINE].caller is not ANYBODY:
        return
    if not _is_local(request.remote) or hdrs.ORIGIN in request.headers:
        message = "Without keys only programs on this machine may upload cookies; configure server.keys."
        raise ForbiddenError(message, code="cookie_upload_forbidden")


def _is_local(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return True  # a unix socket


def _check_files(files: list[File]) -> None:
    if not files:
        message = "files is required: send a form with the field `files`, such as curl -F files=@cookies.json"
        raise RequestError(message, status=422, code="missing_required_parameter", param=_FIELD)
    if len(files) > MAX_FILES or any(len(file.content) > MAX_FILE for file in files):
        message = f"An upload has at most {MAX_FILES} files of {MAX_FILE} bytes."
        raise RequestError(message, status=413, code="body_too_large", param=_FIELD)


async def _keep(file: File, allowed: set[str]) -> list[str]:
    try:
        return sorted(await asyncio.to_thread(store_cookie_file, bytes(file.content), allowed=allowed))
    except CookieFileError as error:
        raise RequestError(str(error), status=422, code="invalid_cookies", param=_FIELD) from None


def _domains(providers: Iterable[Provider]) -> set[str]:
    """The domains of the providers, and those that their cookies may be set for: example.com of chat.example.com."""
    found = set()
    for provider in providers:
        for url in (provider.url, provider.base_url):
            host = urlsplit(url or "").hostname or ""
            while "." in host and not host.replace(".", "").isdigit():
                found.add(host)
                host = host.partition(".")[2]
    return found
