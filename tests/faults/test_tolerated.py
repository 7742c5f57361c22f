"""What is odd but no fault: the client gets the same good answer as from an upstream without oddities."""

import gzip
import json
import zlib

import pytest

from tests.faults.catalogue import BOTH, SSE, UNTIL_EOF
from tests.support.caller import text_of
from tests.support.http import answer, chunk
from tests.support.replies import Choose, Completion, Gate, Raw, Stream, sse
from tests.support.upstream import Upstream

FILE = """
defaults: {{timeouts: {{first_token: 8s, idle: {idle}}}}}
providers:
  Odd: {{dialect: openai, base_url: "{url}", keyless: true}}
models: {{m: {{chain: [Odd/m]}}}}
"""
TEXT = "é 👩‍🚀\u2028"


def event(delta, finish=None):
    return {"id": "c", "created": 1, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def line(value):
    return json.dumps(value, ensure_ascii=False).encode()


SAY = [line(event({"role": "assistant", "content": ""})), *(line(event({"content": c})) for c in TEXT)]
END = line(event({}, "stop"))
PLAIN = b"".join(b"data: " + data + b"\n\n" for data in [*SAY, END]) + b"data: [DONE]\n\n"
UNFINISHED = PLAIN.replace(b"data: [DONE]\n\n", b"")


def spread(data):
    """A JSON value over several data lines, which WHATWG joins with LF."""
    return b"\n".join(b"data: " + part for part in json.dumps(json.loads(data), indent=1).encode().split(b"\n"))


ODD = {
    "18: plain": PLAIN,
    "18: CR": PLAIN.replace(b"\n", b"\r"),
    "18: CRLF": PLAIN.replace(b"\n", b"\r\n"),
    "18: line ends mixed": PLAIN.replace(b"\n\n", b"\r\n\n", 3).replace(b"\n\n", b"\r\r", 5),
    "18: no space": PLAIN.replace(b"data: ", b"data:"),
    "18: two spaces": PLAIN.replace(b"data: ", b"data:  "),
    "18: BOM": b"\xef\xbb\xbf" + PLAIN,
    "18: BOM before the second event": PLAIN.replace(b"\n\n", b"\n\n\xef\xbb\xbf", 1),
    "18: fields that say nothing": PLAIN.replace(b"data: ", b"id: a\0b\nretry: abc\nfoo\n:\ndata: "),
    "18: named events": PLAIN.replace(b"data: ", b"event: message\ndata: "),
    "18: comments": PLAIN.replace(b"data: ", b": c\n\n: d\ndata: "),
    "18: a field without colon": b"data\n\n" + PLAIN,
    "18: several data lines": b"".join(spread(data) + b"\n\n" for data in [*SAY, END]) + b"data: [DONE]\n\n",
    "18: a hundred thousand comments": b": wait\n\n" * 100_000 + PLAIN,
    "24: pings and empty choices": b"event: ping\ndata: {}\n\n" + b'data: {"id":"c","choices":[]}\n\n' + PLAIN,
    "12: no [DONE]": UNFINISHED,
    "12: [DONE] with spaces": UNFINISHED + b"data:  [DONE] \n\n",
    "12: [DONE] twice": PLAIN + b"data: [DONE]\n\n",
    "12: more after [DONE]": PLAIN + b"data: {nope\n\n" + PLAIN,
    "22: the last event without its blank line": PLAIN[:-2],
    "22: the finish without its blank line": UNFINISHED[:-2],
}


def chunked(content, size):
    pieces = (content[at : at + size] for at in range(0, len(content), size))
    return SSE + b"".join(map(chunk, pieces)) + chunk(b"")


WAYS = {
    "whole": lambda content: Raw(UNTIL_EOF + content),
    "chunks of 7": lambda content: Raw(chunked(content, 7), end="keep"),
    "byte by byte": lambda content: Raw(UNTIL_EOF + content, apart=True),
}


async def answer_of(reply, serve, mode, idle="8s"):
    async with Upstream(reply) as upstream:
        served = await serve(FILE.format(url=upstream.url, idle=idle))
        got = await served.chat("m", stream=mode == "stream")
        body = await got.read()
        assert got.status == 200, body
        assert served.cooling == []
        assert len(upstream.requests) == 1
        return body


def check(body, mode, *, text=TEXT, finish="stop"):
    if mode == "whole":
        [choice] = json.loads(body)["choices"]
        assert (choice["message"]["content"], choice["finish_reason"]) == (text, finish)
        return
    *events, last, rest = body.split(b"\n\n")
    assert (last, rest) == (b"data: [DONE]", b"")
    data = [e.removeprefix(b"data: ") for e in events if not e.startswith(b":")]
    assert b"\r" not in body
    assert not body.startswith(b"\xef\xbb\xbf")
    assert text_of([d.decode() for d in data]) == text
    assert [c["finish_reason"] for d in data for c in json.loads(d)["choices"]][-1] == finish


@pytest.mark.parametrize("mode", BOTH)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
async def test_an_odd_stream_is_a_good_answer(content, way, mode, serve):
    if len(content) > 100_000 and way != "whole":
        way = "whole"  # byte by byte it is the same test, a thousand times longer
    check(await answer_of(WAYS[way](content), serve, mode), mode)


@pytest.mark.parametrize("mode", BOTH)
async def test_chunks_of_one_byte_may_come_byte_by_byte(mode, serve):
    check(await answer_of(Raw(chunked(PLAIN, 1), apart=True, end="keep"), serve, mode), mode)


@pytest.mark.parametrize("end", ["close", "reset", "hang"])
async def test_after_the_finish_reason_only_done_is_missing(end, serve):
    """Catalogue row 12, however the connection ends: the answer is whole, and the client gets its terminator."""
    gate = Gate()
    gate.open()
    reply = Raw([SSE + chunk(UNFINISHED), gate], end=end)
    check(await answer_of(reply, serve, "stream", idle="100ms" if end == "hang" else "8s"), "stream")


async def test_of_two_choices_both_must_have_finished(serve):
    first = sse({"id": "c", "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}]})
    async with Upstream(Raw(SSE + chunk(first))) as upstream:
        served = await serve(FILE.format(url=upstream.url, idle="8s"))
        body = await (await served.chat("m", stream=True, n=2)).read()
        assert b"upstream_disconnected" in body
        assert b"[DONE]" not in body


@pytest.mark.parametrize("mode", BOTH)
async def test_invalid_utf8_is_replaced(mode, serve):
    """Catalogue row 19: U+FFFD, and never an exception."""
    bad = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"a\xff\xc3"},"finish_reason":"stop"}]}\n\n'
    check(await answer_of(Raw(UNTIL_EOF + bad), serve, mode), mode, text="a��")


@pytest.mark.parametrize("mode", BOTH)
async def test_an_answer_of_the_other_form_is_taken(mode, serve):
    """Catalogue row 17: an event stream for a call that wanted none, JSON for one that wanted a stream."""
    other = Choose(
        lambda request: (
            Raw(answer(200, {}, json.dumps(Completion("hi there").body(request)).encode()), end="keep")
            if request.json.get("stream")
            else Stream(["hi", " there"])
        )
    )
    check(await answer_of(other, serve, mode), mode, text="hi there")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("mode", BOTH)
async def test_compression_that_nobody_asked_for_is_undone(coding, mode, serve):
    """Catalogue row 37."""
    packed = gzip.compress(PLAIN) if coding == "gzip" else zlib.compress(PLAIN)
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": coding}
    check(await answer_of(Raw(answer(200, headers, packed), apart=True), serve, mode), mode)


@pytest.mark.parametrize("reason", ["length", "content_filter"])
@pytest.mark.parametrize("mode", BOTH)
async def test_an_answer_without_words_for_a_reason_is_passed_on(reason, mode, serve):
    """Catalogue rows 35 and 36."""
    said = sse(event({"role": "assistant", "content": ""})) + sse(event({}, reason))
    check(await answer_of(Raw(UNTIL_EOF + said), serve, mode), mode, text="", finish=reason)


@pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20])
async def test_an_event_of_a_mebibyte_is_relayed(size, serve):
    """Catalogue row 20: the limit is 1 MiB, and what is not over it passes."""
    frame = sse(event({"content": ""}, "stop"))
    text = "x" * (size - len(frame) + 2)
    await answer_of(Raw(UNTIL_EOF + sse(event({"content": text}, "stop"))), serve, "stream")
