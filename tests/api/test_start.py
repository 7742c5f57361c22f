"""What a process takes for itself before it serves."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource
from g4f.api.start import allow_files
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))
allow_files()
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, most)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="WINDOWS HAS NO SUCH LIMIT: raising it is not checked")
def test_a_server_opens_as_many_files_as_it_may():
    assert subprocess.run([sys.executable, "-c", SCRIPT], check=False).returncode == 0


#: What a plain chat does without; all of it together would be a third of the start.
LATER = {
    *("aiohttp", "watchfiles", "anyio", "jsonschema"),
    *("g4f.api.app", "g4f.api.general", "g4f.api.openapi", "g4f.api.handlers.admin", "g4f.providers.proxied"),
}
FIRST_CHAT = """
import asyncio, os, signal, socket, sys
from pathlib import Path
opened = socket.create_server(("127.0.0.1", 0))
os.dup2(opened.fileno(), 3)
from g4f.api.server import serve
from g4f.config.settings import from_environment
BODY = b'{"model": "demo", "messages": [{"role": "user", "content": "hi"}]}'

async def main():
    environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
    serving = asyncio.create_task(serve(Path(sys.argv[1]), environ=environ, settings=from_environment()))
    reader, writer = await asyncio.open_connection(*opened.getsockname())
    writer.write(b"POST /v1/chat/completions HTTP/1.1\\r\\nHost: localhost\\r\\n")
    writer.write(b"Content-Length: %d\\r\\n\\r\\n" % len(BODY) + BODY)
    assert b" 200 " in await reader.readuntil(b"\\r\\n\\r\\n")
    print(*sorted(set(sys.argv[2:]) & set(sys.modules)))
    os.kill(os.getpid(), signal.SIGTERM)
    await serving

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="WINDOWS HANDS NO SOCKETS OVER: what is loaded is not checked")
def test_the_first_chat_does_not_wait_for_what_it_does_not_need(tmp_path):
    file = tmp_path / "g4f.yaml"
    file.write_text("models: {demo: {chain: [Demo]}}")
    words = [sys.executable, "-c", FIRST_CHAT, str(file), *LATER]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
