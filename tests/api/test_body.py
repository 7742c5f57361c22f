"""A request's body is bounded before it is read, and in time while it is."""

import json
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.api.body import check_crowd
from g4f.errors import RequestError
from tests.support.caller import chat
from tests.support.wire import Wire

KEY = "0123456789abcdef"
FILE = f"""
server: {{body_timeout: 200ms, max_body: 64KiB, keys: [{{name: k, key: {KEY!r}, rpm: 1000}}]}}
models: {{demo: {{chain: [Demo]}}}}
"""
BODY = json.dumps(chat("demo")).encode()


@asynccontextmanager
async def dial(client, headers, key=KEY):
    wire = await Wire.dial("127.0.0.1", client.port)
    lines = ["POST /v1/chat/completions HTTP/1.1", "Host: localhost", f"x-api-key: {key}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    try:
        await wire.write("\r\n".join([*lines, "", ""]).encode())
        yield wire
    finally:
        await wire.stop()


async def head(wire):
    return (await wire.read_until(b"\r\n\r\n")).decode()


async def test_a_body_that_is_announced_too_large_is_refused_unread(serve):
    client = await serve(FILE)
    async with dial(client, {"Content-Length": 10 << 30}) as wire:
        answer = await head(wire)
        assert answer.startswith("HTTP/1.1 413 ")
        assert "connection: close" in answer.lower()


async def test_a_body_that_turns_out_too_large_is_refused(serve):
    client = await serve(FILE)
    async with dial(client, {"Transfer-Encoding": "chunked"}) as wire:
        await wire.write(*[b"4000\r\n" + b" " * 0x4000 + b"\r\n"] * 5)
        assert (await head(wire)).startswith("HTTP/1.1 413 ")


@pytest.mark.parametrize("begun", [b"", BODY[:10]])
async def test_a_body_that_does_not_come_is_408_and_the_end_of_the_connection(serve, begun):
    client = await serve(FILE)
    async with dial(client, {"Content-Length": len(BODY)}) as wire:
        await wire.write(begun)
        answer = await head(wire)
        assert answer.startswith("HTTP/1.1 408 ")
        assert "connection: close" in answer.lower()
        await wire.gone.wait()


async def test_a_body_in_many_pieces_is_read(serve):
    client = await serve(FILE)
    async with dial(client, {"Content-Length": len(BODY)}) as wire:
        await wire.write(*[BODY[place : place + 1] for place in range(len(BODY))])
        assert (await head(wire)).startswith("HTTP/1.1 200 ")


async def test_a_body_that_is_held_back_is_asked_for_only_when_it_is_wanted(serve):
    client = await serve(FILE)
    expecting = {"Expect": "100-continue", "Content-Length": len(BODY)}
    async with dial(client, expecting, key="wrong") as refused:
        assert (await head(refused)).startswith("HTTP/1.1 401 ")
    async with dial(client, expecting) as wanted:
        assert (await head(wanted)).startswith("HTTP/1.1 100 ")
        await wanted.write(BODY)
        assert (await head(wanted)).startswith("HTTP/1.1 200 ")
    async with dial(client, {"Expect": "a miracle", "Content-Length": len(BODY)}) as other:
        assert (await head(other)).startswith("HTTP/1.1 417 ")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "gzip, identity", "nonsense"])
async def test_a_compressed_body_is_refused_unread(serve, coding):
    client = await serve(FILE)
    async with dial(client, {"Content-Encoding": coding, "Content-Length": 10_000}) as wire:
        answer = await head(wire)
        assert answer.startswith("HTTP/1.1 415 ")
        assert "connection: close" in answer.lower()


async def test_broken_chunks_are_400(serve):
    client = await serve(FILE)
    async with dial(client, {"Transfer-Encoding": "chunked"}) as wire:
        await wire.write(b"zz\r\n")
        assert (await head(wire)).split(" ")[1] == "400"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Content-Type": "application/json"}, 200),
        ({"Content-Type": "Application/JSON; charset=utf-8"}, 200),
        ({"Content-Type": "application/vnd.api+json"}, 200),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 200),
        ({"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost"}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "identity"}, 200),
    ],
)
async def test_json_is_what_a_body_must_be(serve, headers, status):
    client = await serve(FILE)
    async with dial(client, {"Content-Length": len(BODY), **headers}) as wire:
        await wire.write(BODY)
        assert (await head(wire)).startswith(f"HTTP/1.1 {status} ")


async def test_a_client_that_leaves_within_its_body_is_no_crash(serve, capfd):
    client = await serve(FILE)
    async with dial(client, {"Content-Length": len(BODY)}) as wire:
        await wire.write(BODY[:10])
        wire.reset()
        answer = await client.post(
            "/v1/chat/completions", data=BODY, headers={"x-api-key": KEY, "Content-Type": "application/json"}
        )
        assert answer.status == 200
        assert "crashed" not in capfd.readouterr().err


async def test_requests_whose_small_body_is_still_to_come_keep_nobody_out(serve):
    client = await serve(FILE.replace("models:", "limits: {inflight: 1}\nmodels:").replace("200ms", "5s"))
    async with AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(dial(client, {"Content-Length": len(BODY)})) for _ in range(5)]
        large = await stack.enter_async_context(dial(client, {"Content-Length": len(BODY), "Connection": "close"}))
        await large.write(BODY)
        assert (await head(large)).startswith("HTTP/1.1 200 ")
        for wire in slow:
            await wire.write(BODY)
            assert (await head(wire)).startswith("HTTP/1.1 200 ")


async def test_a_large_body_holds_its_place_from_the_beginning(serve):
    client = await serve(FILE.replace("models:", "limits: {inflight: 1}\nmodels:").replace("max_body: 64KiB, ", ""))
    async with dial(client, {"Content-Length": 1 << 20}) as large:
        await large.write(b" ")
        async with dial(client, {"Content-Length": len(BODY)}) as refused:
            await refused.write(BODY)
            assert (await head(refused)).startswith("HTTP/1.1 503 ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[]", 1),
        ('{"a":{"b":[1,[]]}}', 4),
        ('"[[[["', 0),
        (r'["\"[[", "\\", {}]', 2),
        (r'["\\\"{", "\\\\", "[", [], "]"]', 2),
        ('{"{":"[","":"","[":{"":[""]}}', 3),
        ('["", "", [], "[" , "" , ["{"]]', 3),
    ],
)
def test_lists_and_objects_are_counted_and_what_stands_in_texts_is_not(text, found):
    json.loads(text)
    body = text.encode()
    check_crowd(body, found, tokens=True)
    if len(body) > found > 0:
        with pytest.raises(RequestError, match=r"server\.max_objects"):
            check_crowd(body, found - 1, tokens=True)


def test_a_larger_body_may_hold_more_of_them():
    body = b"[" + b"[]," * 150 + b" " * (2 << 20) + b"[]]"
    check_crowd(body, 80)
    with pytest.raises(RequestError, match="over 140 "):
        check_crowd(body, 70)


@pytest.mark.parametrize(("text", "values"), [("[1,2,3]", 3), ('{"a":1,"b":"c,,,","d":[[],""]}', 6), ("[1]", 1)])
def test_values_are_counted_too_but_where_they_may_be_tokens(text, values, monkeypatch):
    monkeypatch.setattr("g4f.api.body.VALUES_FOR_EACH", 1)
    body = text.encode() + b" " * 100
    check_crowd(body, values)
    check_crowd(body, max(values - 1, 3), tokens=True)
    if values > 3:
        with pytest.raises(RequestError, match=f"over {values - 1} values"):
            check_crowd(body, values - 1)


json_values = st.recursive(
    st.none() | st.integers() | st.text(alphabet='[{"\\\\]}a\n', max_size=8),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(alphabet='[{"\\\\', max_size=4), inside, max_size=4)
    ),
    max_leaves=30,
)


@given(json_values)
def test_they_are_counted_as_a_reader_of_json_counts_them(value):
    def count(part):
        inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        return isinstance(part, dict | list) + sum(map(count, inside))

    body, found = json.dumps(value).encode(), count(value)
    check_crowd(body, found, tokens=True)
    if found:
        with pytest.raises(RequestError):
            check_crowd(body, found - 1, tokens=True)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/embeddings", "/v1beta/models/demo:generateContent"])
async def test_a_body_of_nothing_but_objects_is_refused_with_the_limit(serve, path):
    client = await serve("server: {max_objects: 100}\nmodels: {demo: {chain: [Demo]}}")
    body = {**chat("demo"), "input": ["x"], "contents": "x", "more": [{}] * 101}
    answer = await client.post(path, json=body)
    error = (await answer.json())["error"]
    assert answer.status == 400
    assert "over 100 lists and objects" in error["message"]
    assert (await client.post(path, json={**body, "more": "[{" * 5000})).status != 400
