"""`g4fd keys new`: a key that nobody guesses, and a line that admits it."""

import json
import re

from g4f.cli import daemon, exits
from g4f.config.load import load_text
from tests.conftest import Serve
from tests.support.caller import get


def made(capsys, *words):
    assert daemon.main(["keys", "new", "--json", *words]) == exits.WELL
    return json.loads(capsys.readouterr().out)


def test_the_line_loads_and_does_not_hold_the_key(capsys):
    new = made(capsys, "--name", "yes")
    assert re.fullmatch(r"g4f-[A-Za-z0-9_-]{43}", new["key"])
    assert new["key"] not in new["line"]
    (key,) = load_text(f"server:\n  keys:\n    {new['line']}\n").config.server.keys
    assert key.name == "yes"


def test_no_two_keys_are_alike(capsys):
    assert len({made(capsys)["key"] for _ in range(20)}) == 20


async def test_a_daemon_admits_the_key_and_no_other(serve: Serve, capsys):
    new, other = made(capsys), made(capsys)
    daemon = await serve(f"server:\n  keys:\n    {new['line']}\nmodels: {{m: {{chain: [Demo]}}}}\n")
    for key, status in ((new["key"], 200), (other["key"], 401), (new["digest"], 401)):
        assert (await get(f"{daemon.url}/v1/models", {"Authorization": f"Bearer {key}"})).status == status


def test_text_for_people_shows_both(capsys):
    assert daemon.main(["keys", "new"]) == exits.WELL
    out = capsys.readouterr().out
    assert "g4f-" in out
    assert 'key: "sha256:' in out


def test_a_name_that_is_none_is_refused(capsys):
    assert daemon.main(["keys", "new", "--name", "two words"]) == exits.NO
    assert "--name" in capsys.readouterr().err
