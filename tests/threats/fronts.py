"""nginx and HAProxy in front of the server, as their users put them there: a short file, and kept connections."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.wire import free_port

_NGINX = """
daemon off; pid {place}/nginx.pid; error_log /dev/null crit; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log {place}/access.log combined;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
  client_body_timeout 1s; client_header_timeout 1s; keepalive_timeout 1s; lingering_timeout 100ms;
  upstream g4fd {{ server 127.0.0.1:{port}; keepalive 4; }}
  server {{
    listen 127.0.0.1:{own};
    location / {{
      proxy_pass http://g4fd; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
      proxy_request_buffering off; proxy_read_timeout 2s;
    }}
  }}
}}
"""
_HAPROXY = """
global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option http-keep-alive
  http-reuse always
  timeout connect 1s
  timeout client 1s
  timeout server 2s
  timeout http-request 1s
  timeout http-keep-alive 1s
frontend f
  bind 127.0.0.1:{own}
  default_backend b
backend b
  server g4fd 127.0.0.1:{port}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A proxy that runs: its port, and how many requests it says it has passed on whose line holds a text."""

    port: int
    seen: Callable[[str], int]


@contextlib.asynccontextmanager
async def nginx(port: int, place: Path) -> AsyncIterator[Front]:
    """nginx before `port`; its files are in `place`."""
    own = free_port()
    (place / "nginx.conf").write_text(_NGINX.format(place=place, port=port, own=own))
    command = ("nginx", "-p", str(place), "-e", "/dev/null", "-c", str(place / "nginx.conf"))
    async with _running(command, own, place / "output"):
        yield Front(port=own, seen=lambda text: _lines(place / "access.log", text))


@contextlib.asynccontextmanager
async def haproxy(port: int, place: Path) -> AsyncIterator[Front]:
    """HAProxy before `port`."""
    own = free_port()
    (place / "haproxy.cfg").write_text(_HAPROXY.format(port=port, own=own))
    async with _running(("haproxy", "-db", "-f", str(place / "haproxy.cfg")), own, place / "access.log"):
        yield Front(port=own, seen=lambda text: _lines(place / "access.log", text))


FRONTS = {"nginx": nginx, "haproxy": haproxy}


def missing(name: str) -> bool:
    """Whether the program is not installed here (`make test` installs it where it may)."""
    return shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/bin:/sbin") is None


def _lines(path: Path, text: str) -> int:
    return sum(text in line for line in path.read_text("latin-1").splitlines())


@contextlib.asynccontextmanager
async def _running(command: tuple[str, ...], port: int, output: Path) -> AsyncIterator[None]:
    environ = {"PATH": "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/bin:/sbin"}
    program = shutil.which(command[0], path=environ["PATH"]) or command[0]
    with output.open("wb") as out:
        process = await asyncio.create_subprocess_exec(program, *command[1:], stdout=out, stderr=out, env=environ)
    try:
        async with asyncio.timeout(10):
            while not await _listens(port):
                assert process.returncode is None, output.read_text()
                await asyncio.sleep(0.02)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
