"""Whatever a body holds: a clear refusal or the upstream's judgement, never a crash, and soon."""

import gc
import io
import json
import time

import orjson
import pytest

from g4f import log
from g4f.api.keys import STATE
from g4f.dialects.fields import read_object
from g4f.errors import RequestError
from tests.support.replies import Completion, Status
from tests.support.upstream import Upstream
from tests.threats.bodies import BROKEN, CROWDED, IMPOSSIBLE, ODD

FILE = """
providers: {{P: {{base_url: "{url}"}}}}
models: {{m: {{chain: [P]}}}}
"""
JSON = {"Content-Type": "application/json"}
#: Seconds of this process's time in which the worst body of 1 MiB must be done with, the client's and the upstream's
#: work included: twice what the page promises, so that a busy machine fails nothing; and those that `yardstick` takes
#: on one that is none of the fastest: on a slower one both grow.
SOON, USUAL = 0.2, 0.02


def yardstick() -> float:
    """The processor time of reading 350,000 objects: what a bad body may take is told in that."""
    begun = time.process_time()
    orjson.loads(b"[" + b"{}," * 350_000 + b"{}]")
    return time.process_time() - begun


def soon() -> float:
    """The bound as this machine is at this moment."""
    return SOON * max(1.0, min(yardstick() for _ in range(2)) / USUAL)


async def post(client, body: bytes, path: str = "/v1/chat/completions") -> tuple[int, dict, float]:
    """The status, the answer, and the processor time that both sides needed."""
    begun = time.process_time()
    answer = await client.post(path, data=body, headers=JSON)
    content = await answer.read()
    return answer.status, json.loads(content), time.process_time() - begun


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_json_is_400_and_says_where(serve, name):
    async with Upstream() as upstream:
        client = await serve(FILE.format(url=upstream.url))
        status, answer, _ = await post(client, BROKEN[name])
        assert (status, answer["error"]["code"]) == (400, "invalid_json")
        assert 10 < len(answer["error"]["message"]) < 300
        assert upstream.requests == []


@pytest.mark.parametrize("name", IMPOSSIBLE)
async def test_what_no_request_can_be_is_refused_before_anybody_is_asked(serve, name):
    async with Upstream() as upstream:
        client = await serve(FILE.format(url=upstream.url))
        status, answer, _ = await post(client, IMPOSSIBLE[name])
        assert status in (400, 403, 404, 422)
        assert set(answer["error"]) >= {"message", "type", "param", "code"}
        assert len(answer["error"]["message"]) < 1000
        assert upstream.requests == []


async def test_no_bad_body_up_to_a_mebibyte_takes_a_tenth_of_a_second(serve):
    client = await serve(FILE.format(url="http://127.0.0.1:9/v1"))
    slow = {}
    for name, body in {**BROKEN, **IMPOSSIBLE}.items():
        assert len(body) <= 1 << 20
        if len(body) > 9999 and (seconds := await quickest(client, body)) > SOON and seconds > soon():
            slow[name] = seconds
    assert slow == {}


async def test_no_crowd_up_to_a_mebibyte_takes_a_tenth_of_a_second(serve):
    """Also where it is read, and written for an upstream of another dialect, which refuses it."""
    slow = {}
    gc.freeze()  # as the daemon does: what the other tests left is not gone through again
    async with Upstream(Status(400)) as upstream:
        client = await serve(FILE.format(url=upstream.url).replace("base_url", "dialect: gemini, base_url"))
        for name, (path, body) in CROWDED.items():
            assert len(body) <= 1 << 20
            if (seconds := await quickest(client, body, path)) > SOON and seconds > soon():
                slow[name] = seconds
    gc.unfreeze()
    assert slow == {}


async def quickest(client, body: bytes, path: str = "/v1/chat/completions") -> float:
    """The processor time of a body, at best: what is once slow for others' sake is tried again."""
    seconds = (await post(client, body, path))[2]
    for _ in range(2):
        if seconds > SOON:
            seconds = min(seconds, (await post(client, body, path))[2])
    return seconds


async def test_the_log_takes_no_more_of_a_name_than_a_line_holds(serve):
    out = io.StringIO()
    log.configure("info", "json", out=out)
    client = await serve(FILE.format(url="http://127.0.0.1:9/v1"))
    await post(client, IMPOSSIBLE["a model of 1 MiB"])
    client.app[STATE].journal.drain()
    log.silence()
    (line,) = [line for line in out.getvalue().splitlines() if "mmmm" in line]
    assert len(line) < 1000


@pytest.mark.parametrize("name", ODD)
async def test_what_is_odd_and_json_is_for_the_upstream_to_judge(serve, name):
    async with Upstream(Completion()) as upstream:
        client = await serve(FILE.format(url=upstream.url))
        assert (await post(client, ODD[name]))[0] == 200
        sent = (await upstream.received()).body
    assert orjson.loads(sent) == orjson.loads(ODD[name])


async def test_of_a_key_that_stands_twice_the_upstream_sees_the_one_that_was_checked(serve):
    async with Upstream(Completion()) as upstream:
        client = await serve(FILE.format(url=upstream.url))
        await post(client, ODD["a model twice"])
        sent = json.loads((await upstream.received()).body, object_pairs_hook=list)
    assert [value for key, value in sent if key == "model"] == ["m"]


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b"", "send the request as a JSON object"),
        (b'{"a":NaN}', "no NaN"),
        (b'{"a":-Infinity}', "no NaN"),
        (b'{"a":"\xe9"}', "JSON is UTF-8"),
        (b"{'a':1}", "double quotes"),
    ],
)
def test_the_usual_mistakes_get_a_hint(body, hint):
    with pytest.raises(RequestError, match=hint):
        read_object(body)
