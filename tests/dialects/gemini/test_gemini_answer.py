"""Gemini's answers, read: recorded ones, and those that are none."""

import json
from typing import Any

import pytest

from g4f.dialects.face import Origin
from g4f.dialects.gemini.face import UPSTREAM
from g4f.dialects.gemini.wire import SIGNED_BY_GEMINI, event_of
from g4f.exchange.answer import Usage
from g4f.exchange.events import Finish, Reasoning, Start, Text, Tokens, ToolCall
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Dialect, Request


def origin(dialect: Dialect = Dialect.OPENAI, **payload: Any) -> Origin:
    return Origin(request=Request(id="req_1", model="m", payload=payload, dialect=dialect), provider="Lab", now=9)


def read(wire: bytes, size: int) -> list[Any]:
    decoder = UPSTREAM.decoder(origin())
    events = [event for at in range(0, len(wire), size) for event in decoder.feed(wire[at : at + size])]
    events += decoder.close()
    assert decoder.finished
    return events


def test_a_recorded_stream_of_text_is_read_and_relayed_however_it_is_cut(recorded: Any) -> None:
    wire = recorded("gemini__stream-text.0")["body"].encode()
    for size in (1, 10, len(wire)):
        assert read(wire, size) == [
            Start("XJfyaN6ILOi6qtsP96qgqQY", "gemini-2.5-flash"), Text("4200 + 42 = **4242**"), Finish("stop"),
            Tokens(Usage(13, 55, reasoning_tokens=40)),
        ]  # fmt: skip
        relay = UPSTREAM.relay(origin(Dialect.GEMINI))
        frames = [frame for at in range(0, len(wire), size) for frame in relay.feed(wire[at : at + size])]
        frames += relay.close()
        assert json.loads(b"".join(frame.wire for frame in frames).strip()[6:]) == json.loads(wire.strip()[6:])
        assert (relay.finished, frames[-1].last, frames[-1].finish) == (True, True, "stop")


def test_a_recorded_call_keeps_its_signature_in_front(recorded: Any) -> None:
    wire = recorded("gemini__stream-gemini3-tool.0")["body"].encode()
    for size in (1, 1000, len(wire)):
        events = read(wire, size)
        call = next(event for event in events if isinstance(event, ToolCall))
        thought = next(event for event in events if isinstance(event, Reasoning))
        assert (call.name, json.loads(call.arguments)) == ("weather", {"location": "San Francisco"})
        assert (thought.redacted, thought.format) == (True, SIGNED_BY_GEMINI)
        assert events.index(thought) < events.index(call)
        assert Finish("tool_calls") in events


def candidate(reason: str | None = None, *parts: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}}
    if reason is not None:
        told["finishReason"] = reason
    return {"candidates": [told]}


@pytest.mark.parametrize(
    ("piece", "kind"),
    [
        (candidate("STOP"), FailureKind.EMPTY),
        (candidate("MALFORMED_FUNCTION_CALL"), FailureKind.SERVER_ERROR),
        ({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}, FailureKind.OVERLOADED),
        ({"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}, FailureKind.RATE_LIMITED),
    ],
)
def test_an_answer_that_is_none_fails_the_attempt(piece: dict[str, Any], kind: FailureKind) -> None:
    for reader in (UPSTREAM.decoder(origin()), UPSTREAM.relay(origin(Dialect.GEMINI))):
        with pytest.raises(AttemptFailed) as caught:
            reader.feed(event_of(piece))
        assert caught.value.failure.kind is kind
    for decode in (UPSTREAM.events_of_completion, UPSTREAM.decode_completion):
        with pytest.raises(AttemptFailed) as caught:
            decode(json.dumps(piece).encode(), origin())
        assert caught.value.failure.kind is kind


@pytest.mark.parametrize("body", [b"nonsense", b"[]", b"5", b"{}"])
def test_what_is_no_answer_at_all_is_a_bad_response(body: bytes) -> None:
    with pytest.raises(AttemptFailed) as caught:
        UPSTREAM.decode_completion(body, origin())
    assert caught.value.failure.kind is FailureKind.BAD_RESPONSE


def test_a_prompt_that_is_blocked_is_a_filtered_answer() -> None:
    body = json.dumps({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}}).encode()
    assert UPSTREAM.decode_completion(body, origin(Dialect.GEMINI)).filtered
    assert Finish("content_filter") in UPSTREAM.events_of_completion(body, origin())


def test_the_end_of_the_bytes_is_not_the_end_of_the_answer() -> None:
    for reader in (UPSTREAM.decoder(origin()), UPSTREAM.relay(origin(Dialect.GEMINI))):
        reader.feed(event_of(candidate(None, {"text": "Hel"})))
        with pytest.raises(AttemptFailed) as caught:
            reader.close()
        assert caught.value.failure.kind is FailureKind.DISCONNECTED


def test_of_several_answers_each_has_to_finish() -> None:
    decoder = UPSTREAM.decoder(origin(n=2))
    for index in (0, 1):
        piece = candidate("STOP", {"text": "x"})
        piece["candidates"][0]["index"] = index
        decoder.feed(event_of(piece))
        if index == 0:
            assert not decoder.finished
    assert [event.choice for event in decoder.close() if isinstance(event, Finish)] == [0, 1]
