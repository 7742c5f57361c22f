"""The operator's endpoints, on a daemon as it runs."""

import asyncio
import json

from g4f.cli import daemon as g4fd
from tests.support.caller import chat, get, post

KEYED = """
server:
  reload: manual
  keys:
    - {name: user, key: user-key-of-sixteen-chars}
    - {name: operator, key: operator-key-of-sixteen-ch, admin: true}
providers: {Lab: {base_url: "http://127.0.0.1:9/v1", key: sk-canary-0123456789}}
models: {m: {chain: [Lab, Demo]}}
"""
USER = {"x-api-key": "user-key-of-sixteen-chars"}
OPERATOR = {"x-api-key": "operator-key-of-sixteen-ch"}
ALL = [("GET", "state"), ("GET", "config"), ("GET", "usage"), ("POST", "reload"), ("POST", "drain")]


async def test_a_daemon_is_looked_at_reloaded_and_drained_by_its_operator_only(serve):
    daemon = await serve(KEYED)
    admin = f"{daemon.url}/admin"
    for method, path in ALL:
        ask = get(f"{admin}/{path}", USER) if method == "GET" else post(f"{admin}/{path}", {}, USER)
        answer = await ask
        assert (answer.status, answer.json["error"]["code"]) == (403, "admin_not_allowed")
    await post(f"{daemon.url}/v1/chat/completions", chat("m"), USER)
    state = (await get(f"{admin}/state", OPERATOR)).json
    assert (state["generation"], state["open_requests"], state["trial"]) == (1, 0, None)
    assert [row["failure"] for row in state["cooldowns"]] == ["connect"]
    config = await get(f"{admin}/config", OPERATOR)
    assert "canary" not in config.body.decode()
    assert {s["path"]: s["value"] for s in config.json["settings"]}["server.reload"] == "manual"
    await rehearse_and_reload(daemon, admin)
    drained = await post(f"{admin}/drain", {}, OPERATOR)
    assert drained.status == 202
    async with asyncio.timeout(10):
        while daemon.returncode is None:
            await asyncio.sleep(0.02)
    assert daemon.returncode == 0


async def rehearse_and_reload(daemon, admin):
    text = daemon.config.read_text()
    daemon.config.write_text(text.replace("models:", "modles:"))
    for order in ({"dry_run": True}, {}, {"canary": "10%"}):
        refused = await post(f"{admin}/reload", order, OPERATOR)
        assert refused.status == 409
        assert any("modles" in problem for problem in refused.json["problems"])
    daemon.config.write_text(text.replace("[Lab, Demo]", "[Demo]"))
    dry = await post(f"{admin}/reload", {"dry_run": True}, OPERATOR)
    assert dry.json["ok"]
    assert any("Lab" in change for change in dry.json["changes"])
    tried = await post(f"{admin}/reload", {"canary": 50, "for": "1h"}, OPERATOR)
    assert (tried.status, tried.json["verdict"], tried.json["generation"]) == (202, "going_on", 2)
    seen = {
        (await post(f"{daemon.url}/v1/chat/completions", chat("m"), USER)).headers["x-g4f-generation"]
        for _ in range(30)
    }
    assert seen == {"1", "2"}
    applied = await post(f"{admin}/reload", {}, OPERATOR)
    assert (applied.json["result"], applied.json["generation"]) == ("applied", 3)
    assert (await get(f"{admin}/state", OPERATOR)).json["trial"]["verdict"] == "superseded"


async def test_the_commands_reach_the_daemon_that_the_file_names(serve, tmp_path, capsys):
    socket = tmp_path / "admin.sock"
    daemon = await serve(f"{{admin: {{listen: 'unix:{socket}'}}, models: {{m: {{chain: [Demo]}}}}}}")

    async def run(*words):
        code = await asyncio.to_thread(g4fd.main, [*words, "--config", str(daemon.config)])
        return code, capsys.readouterr()

    assert (await run("reload", "--dry-run"))[1].out == "no difference in meaning\n"
    assert (await run("reload"))[1].out == "unchanged, generation 1\n"
    code, said = await run("reload", "--canary", "10%", "--for", "5s")
    assert (code, "server.reload: manual" in said.err) == (1, True)
    assert (await run("reload", "--for", "5s"))[0] == 2
    await post(f"{daemon.url}/v1/chat/completions", chat("m"))
    assert json.loads((await run("usage", "--json", "--by", "model"))[1].out)[0]["answered"] == 1
    assert (await run("drain"))[1].out == "draining\n"
    async with asyncio.timeout(10):
        while daemon.returncode is None:
            await asyncio.sleep(0.02)
    assert not socket.exists()
    assert (await run("drain"))[0] == 2
