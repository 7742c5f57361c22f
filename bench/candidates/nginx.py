"""nginx as a plain reverse proxy: the price of forwarding, without any of a gateway's work."""

import shutil
import subprocess
from pathlib import Path

from bench.candidates.candidate import CACHE, Candidate, Command, Place
from bench.workload import CLIENT_KEY, UPSTREAM_KEY, Layout

_FILE = """\
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 8192; }}
http {{
  access_log {directory}/access.log;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  client_body_buffer_size 256k;
  keepalive_requests 1000000;
  upstream mock {{ server 127.0.0.1:{upstream}; keepalive 1024; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      if ($http_authorization != "Bearer {client_key}") {{ return 401; }}
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Authorization "Bearer {upstream_key}";
      proxy_buffering off;
    }}
  }}
}}
"""


class Nginx(Candidate):
    name = "nginx"
    title = "nginx"
    note = (
        "One worker, a key compared, proxy_buffering off, access log to a file. It forwards without reading: no "
        "routing, no fallback."
    )

    def set_up(self) -> str | None:
        if _program() is None and shutil.which("apt-get") and shutil.which("dpkg-deb"):
            _unpack()
        return None if _program() else "it is not installed, and apt-get could not bring it"

    def version(self) -> str:
        said = subprocess.run([_program() or "nginx", "-v"], capture_output=True, text=True, check=False)
        return said.stderr.strip().rpartition("/")[2]

    def command(self, place: Place, layout: Layout) -> Command | None:
        if layout is Layout.CHAIN:
            return None
        path = place.directory / "nginx.conf"
        keys = {"client_key": CLIENT_KEY, "upstream_key": UPSTREAM_KEY}
        path.write_text(
            _FILE.format(directory=place.directory, port=place.port, upstream=place.upstream, **keys)
        )  # fmt: skip
        return Command(words=[_program() or "nginx", "-e", str(place.directory / "error.log"), "-c", str(path)])


def _program() -> str | None:
    known = (shutil.which("nginx"), "/usr/sbin/nginx", str(CACHE / "nginx" / "usr" / "sbin" / "nginx"))
    return next((path for path in known if path and Path(path).exists()), None)


def _unpack() -> None:
    """Bring the package into the cache without installing it, which would start a server on port 80."""
    where = CACHE / "nginx"
    where.mkdir(parents=True, exist_ok=True)
    for package in ("nginx", "nginx-core", "nginx-light"):
        subprocess.run(["apt-get", "download", package], cwd=where, capture_output=True, check=False)
    for archive in where.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", str(archive), str(where)], capture_output=True, check=False)
