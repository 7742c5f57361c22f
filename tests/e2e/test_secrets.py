"""No secret comes out: one session at debug level through every endpoint and every way to fail, and then a search."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.support.daemon import Daemon
from tests.support.files import write_config
from tests.support.http import Request
from tests.support.proxies import HttpProxy
from tests.support.replies import Choose, Close, Completion, Html, Raw, Redirect, Reply, Status, Stream, error
from tests.support.upstream import Upstream
from tests.support.wire import Wire, refused_url
from tests.threats.canaries import CANARIES, PLACES, forms, found_in
from tests.threats.surface import routes

pytestmark = pytest.mark.e2e

#: What a client sends comes back to that client alone, in an answer or in its upstream's words.
_OWN = ("prompt", "query", "user_agent", "cookie", "wrong_key")
_SECRETS = tuple(place for place in PLACES if place not in _OWN)


def test_every_canary_is_found_in_each_of_its_forms() -> None:
    for place, secret in CANARIES.items():
        assert all(place in found_in(f"x {form} y") for form in forms(secret))
    assert found_in("a quiet line of a log, provider=P key=main status=401") == {}


def _tells_all(request: Request) -> Reply:
    """An upstream that repeats all that it was sent."""
    head = " ".join(f"{name}={value}" for name, value in request.headers.items())
    said = f"You sent {head} {request.body.decode('utf-8', 'replace')} {request.key[:12]}***{request.key[-4:]}"
    status = 400 if b"bad" in request.body else 401
    return Status(status, error(said, code=said, type=said, param=said), {"x-echo": head, "set-cookie": head})


def _redirects(request: Request) -> Reply:
    return Redirect(f"http://127.0.0.1:1/?key={request.key}&{request.headers.get('x-secret')}")


UPSTREAMS: dict[str, Reply] = {
    "tells": Choose(_tells_all),
    "redirects": Choose(_redirects),
    "fails": Status(500),
    "page": Html(),
    "cuts": Stream(["some "], end="cut"),
    "nonsense": Raw(b"nonsense\r\n\r\n"),
    "closes": Close(),
    "answers": Completion(),
}
CONFIG = """
log: {{level: debug, format: json}}
state: file:state
server:
  keys:
    - {{name: caller, key: "${{INBOUND}}", admin: true}}
    - {{name: other, file: inbound.txt, rpm: 1}}
defaults: {{retries: 0, timeouts: {{first_token: 2s}}}}
proxies: {{p: "http://${{PROXY_USER}}:${{PROXY_PASSWORD}}@127.0.0.1:{proxy}"}}
providers:
{providers}
  refused: {{base_url: "{refused}", keys: [{{name: main, key: "${{PROVIDER}}"}}]}}
  behind: {{base_url: "{behind}", keys: [{{name: main, key: "${{PROVIDER}}"}}], proxy: p}}
models:
{models}
  refused: {{chain: [refused]}}
  behind: {{chain: [behind]}}
  all: {{chain: [{chain}]}}
"""


@dataclass(slots=True)
class Session:
    """What a daemon said, and where."""

    daemon: Daemon
    answers: list[str] = field(default_factory=list)

    async def ask(self, method: str, path: str, *, key: str = "inbound_key", body: object = None) -> None:
        headers = {
            "Authorization": f"Bearer {CANARIES[key]}",
            "Cookie": f"session={CANARIES['cookie']}",
            "User-Agent": CANARIES["user_agent"],
            "x-secret": CANARIES["query"],
        }
        url = f"{self.daemon.url}{path}"
        params = {"token": CANARIES["query"]}
        async with aiohttp.request(method, url, headers=headers, json=body, params=params) as told:
            lines = [f"{name}: {value}" for name, value in told.headers.items()]
            with suppress(aiohttp.ClientError):
                lines.append((await told.read()).decode("utf-8", "replace"))
            self.answers.append("\n".join([f"{method} {path} {told.status}", *lines]))


@asynccontextmanager
async def session(place: Path) -> AsyncIterator[Session]:
    async with AsyncExitStack() as stack:
        urls = {name: (await stack.enter_async_context(Upstream(reply))).url for name, reply in UPSTREAMS.items()}
        proxy = await stack.enter_async_context(HttpProxy("somebody", "else"))
        keys = '[{name: main, key: "${PROVIDER}"}, {name: spare, key: "${SPARE}"}, {name: filed, file: key.txt}]'
        rows = [
            f'  {n}: {{base_url: "{url}", keys: {keys}, headers: {{x-secret: "${{HEADER}}"}}}}'
            for n, url in urls.items()
        ]
        text = CONFIG.format(
            proxy=proxy.port,
            providers="\n".join(rows),
            refused=refused_url(),
            behind=urls["answers"],
            models="\n".join(f"  {name}: {{chain: [{name}]}}" for name in urls),
            chain=", ".join([*urls, "refused", "behind"]),
        )
        (place / "key.txt").write_text(CANARIES["file_key"])
        (place / "inbound.txt").write_text(CANARIES["inbound_file_key"])
        environ = {
            "INBOUND": CANARIES["inbound_key"],
            "PROVIDER": CANARIES["provider_key"],
            "SPARE": CANARIES["spare_key"],
            "HEADER": CANARIES["header"],
            "PROXY_USER": CANARIES["proxy_user"],
            "PROXY_PASSWORD": CANARIES["proxy_password"],
            "G4F_API_KEY": CANARIES["environment_key"],
        }
        config = write_config(place / "g4f.yaml", text)
        yield Session(await stack.enter_async_context(Daemon(config, environ=environ)))


async def _play(told: Session) -> None:
    for model in (*UPSTREAMS, "refused", "behind", "all", "nobody"):
        for stream in (False, True):
            message = {"role": "user", "content": f"bad {CANARIES['prompt']}"}
            body = {"model": model, "messages": [message], "stream": stream, "api_key": CANARIES["query"]}
            await told.ask("POST", "/v1/chat/completions", body=body)
    for method, path in routes():
        if path == "/admin/drain":
            continue  # nobody would be there to be asked any more
        for key in ("inbound_key", "wrong_key", "environment_key"):
            await told.ask(method, path, key=key, body={"model": "tells", CANARIES["prompt"]: 1})
    await told.ask("GET", "/admin/explain?model=all")
    await told.ask("GET", f"/nowhere/{CANARIES['prompt'].rstrip('/+=')}")
    for body in ([], {"model": 1}, {"model": "tells", "messages": CANARIES["prompt"]}, {"model": "all", "proxy": "x"}):
        await told.ask("POST", "/v1/chat/completions", body=body)
    for _ in range(3):
        await told.ask("GET", "/v1/models", key="inbound_file_key")
        await told.ask("POST", "/v1/chat/completions", key="inbound_file_key", body={"model": "answers"})
    await told.ask("GET", "/metrics")


async def _break_http(daemon: Daemon) -> None:
    wire = await Wire.dial("127.0.0.1", int(daemon.url.rpartition(":")[2]))
    await wire.write(f"GET /{CANARIES['inbound_key']} NONSENSE\r\nx-api-key {CANARIES['inbound_key']}\r\n\r\n".encode())
    await wire.gone.wait()
    await wire.stop()


async def _reload_badly(daemon: Daemon) -> None:
    good = daemon.config.read_text()
    bad = f'{good}\nservr: "{CANARIES["provider_key"]}"\ndefaults2: {{key: "${{PROVIDER}}"}}\n'
    write_config(daemon.config, bad.replace("rpm: 1", f"rpm: {CANARIES['inbound_key']}"))
    daemon.reload()
    await daemon.logged("config.refused")
    write_config(daemon.config, good)


async def _commands(daemon: Daemon) -> list[str]:
    """What the commands print of the same file and of the running daemon, and what a failing start prints."""
    config = str(daemon.config)
    told = []
    for words in (
        ("check", config),
        ("explain", "all", "--config", config),
        ("explain", "all", "--url", daemon.url, "--key", CANARIES["wrong_key"]),
        ("config", "show", "--origin", "--config", config),
        ("--config", config, "--listen", "256.0.0.1:x"),
        ("--config", config, "--listen", daemon.url.removeprefix("http://")),
    ):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "g4f.cli.daemon", *words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=daemon._environ,
        )
        out, _ = await process.communicate()
        told.append(out.decode())
    return told


async def test_no_secret_is_told_anywhere(tmp_path: Path) -> None:
    async with session(tmp_path) as told:
        daemon = told.daemon
        await _play(told)
        await _break_http(daemon)
        await _reload_badly(daemon)
        arguments = Path(f"/proc/{daemon.pid}/cmdline").read_text()
        printed = await _commands(daemon)
        assert await daemon.stop() == 0
        log = daemon.output()
        kept = {path: path.read_text("utf-8", "replace") for path in (tmp_path / "state").rglob("*") if path.is_file()}
    assert {text.partition("\n")[0]: found for text in told.answers if (found := found_in(text, _SECRETS))} == {}
    assert {line: found for line in log.splitlines() if (found := found_in(line))} == {}
    assert {path: found for path, text in kept.items() if (found := found_in(text))} == {}
    assert [found for text in printed if (found := found_in(text))] == []
    assert found_in(arguments) == {}
    assert "Traceback" not in log + "".join(printed)
    statuses = {int(text.split("\n")[0].split(" ")[2]) for text in told.answers}
    assert {200, 400, 401, 404, 422, 502} <= statuses, "the session did not see enough"
    metrics = next(text for text in told.answers if text.startswith("GET /metrics 200"))
    assert found_in(metrics) == {}
    assert len(json.dumps(log)) > 10_000
