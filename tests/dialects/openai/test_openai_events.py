"""OpenAI's answers as events: what comes out is what another dialect must be able to say."""

import json
from collections.abc import Callable

import orjson
import pytest

from g4f.dialects.face import Origin
from g4f.dialects.openai.encode import ChunkEncoder, encode_completion
from g4f.dialects.openai.events import ChunkDecoder
from g4f.dialects.openai.face import UPSTREAM
from g4f.dialects.openai.fold import fold
from g4f.dialects.openai.wire import chunks_of
from g4f.exchange.answer import Usage
from g4f.exchange.events import (
    Citation,
    Event,
    Finish,
    Image,
    LogProbs,
    Reasoning,
    Refusal,
    Start,
    Text,
    Tokens,
    ToolCall,
)
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Request

Ask = Callable[..., Request]

ANSWER: list[Event] = [
    Start("chatcmpl-r1", "lab-1"),
    Reasoning("Hm."),
    Text("Hello"),
    Refusal("No."),
    Citation("https://example.com", "Example", 0, 5),
    Image("data:image/png;base64,AA=="),
    ToolCall(0, '{"x":1}', "call_1", "f"),
    ToolCall(1, "{}", "call_2", "g"),
    LogProbs(({"token": "Hello", "logprob": -0.1, "bytes": None, "top_logprobs": []},)),
    Finish("tool_calls"),
    Tokens(Usage(3, 4, cached_tokens=2, reasoning_tokens=1)),
]


def origin(ask: Ask, **fields: object) -> Origin:
    return Origin(request=ask(**fields), provider="Lab", now=9)


def test_a_completion_of_events_is_read_back_as_those_events(ask: Ask) -> None:
    whole = encode_completion(ANSWER, request=ask(), provider="Lab", now=9)
    assert UPSTREAM.events_of_completion(whole.wire, origin(ask)) == ANSWER


def test_a_stream_of_events_is_read_back_as_those_events_however_it_is_cut(ask: Ask) -> None:
    encoder = ChunkEncoder(request=ask(stream=True, stream_options={"include_usage": True}), provider="Lab", now=9)
    wire = b"".join([*(encoder.encode(event).wire for event in ANSWER), encoder.close().wire, b"data: [DONE]\n\n"])
    for size in (1, 7, len(wire)):
        decoder = ChunkDecoder(origin(ask, stream=True))
        read = [event for at in range(0, len(wire), size) for event in decoder.feed(wire[at : at + size])]
        assert (decoder.finished, read) == (True, ANSWER)


def test_the_events_of_a_golden_stream_say_what_its_chunks_say(golden: bytes, ask: Ask) -> None:
    decoder = ChunkDecoder(origin(ask, stream=True))
    events = [*decoder.feed(golden), *decoder.close()]
    again = json.loads(encode_completion(events, request=ask(), provider="Lab", now=9).wire)
    relay = UPSTREAM.relay(origin(ask, stream=True))
    frames = [*relay.feed(golden), *relay.close()]
    plain = fold(chunk for frame in frames for chunk in chunks_of(frame.wire))
    assert len(again["choices"]) == len(plain["choices"])
    for mine, theirs in zip(again["choices"], plain["choices"], strict=True):
        assert mine["finish_reason"] == theirs["finish_reason"]
        assert (mine["message"]["content"] or "") == (theirs["message"]["content"] or "")
        assert mine["message"].get("tool_calls") == theirs["message"].get("tool_calls")


def test_a_stream_that_breaks_off_raises_and_is_not_finished(ask: Ask) -> None:
    decoder = ChunkDecoder(origin(ask, stream=True))
    chunk = {"id": "c", "choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": None}]}
    decoder.feed(b"data: " + orjson.dumps(chunk) + b"\n\n")
    with pytest.raises(AttemptFailed):
        decoder.close()
    assert not decoder.finished
