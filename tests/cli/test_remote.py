"""What commands say of something that answers where they look for a daemon, and is none."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from g4f.cli import daemon, exits


class _Stranger(BaseHTTPRequestHandler):
    status = 200
    content = b""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture
def stranger():
    """`stranger(status, content)` answers everything so; returns its address."""
    servers = []

    def start(status, content):
        answering = type("Answering", (_Stranger,), {"status": status, "content": content})
        server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("command", ["status", "explain m", "usage", "reload", "drain"])
@pytest.mark.parametrize(
    ("status", "content"),
    [(404, b"Not Found"), (500, b'{"error": "x"}'), (200, b"<html>"), (200, b"[]"), (200, b"null")],
)
def test_what_is_no_daemon_is_called_so(stranger, capsys, command, status, content):
    url = stranger(status, content)
    assert daemon.main([*command.split(), "--url", url]) == exits.USAGE
    assert f"What answers at {url} is no g4fd" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["status", "explain m", "usage"])
def test_a_daemon_of_another_version_is_not_misread(stranger, capsys, command):
    url = stranger(200, b'{"version": "0.0.1", "providers": []}')
    assert daemon.main([*command.split(), "--url", url]) == exits.USAGE
    assert "a version that this command does not know" in capsys.readouterr().err


def test_who_brings_no_key_is_told_how_to(stranger, capsys, monkeypatch):
    monkeypatch.delenv("G4F_API_KEY", raising=False)
    url = stranger(401, b'{"error": {"message": "No API key. Send it as a header."}}')
    assert daemon.main(["status", "--url", url]) == exits.USAGE
    assert "--key KEY or G4F_API_KEY" in capsys.readouterr().err
    assert daemon.main(["status", "--url", url, "--key", "x"]) == exits.USAGE
    assert "No API key. Send it" in capsys.readouterr().err
