"""Streams of Anthropic's Messages: read at every cut, relayed as they came, and whole only when they say so."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g4f.dialects.registry import upstream
from g4f.exchange.answer import Usage
from g4f.exchange.events import Citation, Finish, Reasoning, Text, Tokens, ToolCall
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Dialect
from tests.dialects.messages import asked, decoded, origin, relayed, splits, whole, written
from tests.grid.behind.anthropic import SIGNATURE, events_of
from tests.grid.exchange import Said

FACE = upstream(Dialect.ANTHROPIC)
OWN = asked(Dialect.ANTHROPIC, stream=True)
FOREIGN = asked(stream=True)
FULL = b"".join(
    events_of(
        Said(
            text="Grüße 🥶 to all.",
            thoughts="Six times seven.",
            calls=(("weather", {"city": "Kraków"}), ("none", {})),
            finish="tool_calls",
        )
    )
)
RECORDED = ("anthropic__stream-text.0", "anthropic__stream-thinking.0", "anthropic__stream-tool.0")


def test_no_cut_of_a_stream_changes_a_frame_or_an_event() -> None:
    frames, events = relayed(FACE, [FULL], OWN), decoded(FACE, [FULL], FOREIGN)
    for chunks in splits(FULL):
        assert relayed(FACE, chunks, OWN) == frames
        assert decoded(FACE, chunks, FOREIGN) == events


@settings(max_examples=50)
@given(st.text(max_size=40), st.text(max_size=40), st.lists(st.integers(1, 40), max_size=30))
def test_any_text_in_any_chunks_is_read_as_it_was_written(text: str, thoughts: str, sizes: list[int]) -> None:
    raw = b"".join(events_of(Said(text=text + ".", thoughts=thoughts)))
    chunks, start = [], 0
    for size in sizes:
        chunks.append(raw[start : start + size])
        start += size
    events = decoded(FACE, [*chunks, raw[start:]], FOREIGN)
    assert "".join(event.text for event in events if isinstance(event, Text)) == text + "."
    assert "".join(event.text for event in events if isinstance(event, Reasoning)) == thoughts


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_traffic_is_relayed_as_it_came_and_read_at_every_cut(
    name: str, recorded: Callable[[str], dict[str, Any]]
) -> None:
    raw = recorded(name)["body"].encode()
    frames = relayed(FACE, [raw], OWN)
    assert b"".join(frame.wire for frame in frames) == b"\n".join(line.rstrip() for line in raw.split(b"\n"))
    events = decoded(FACE, [raw], FOREIGN)
    for size in (1, 7, 100, 4096):
        chunks = [raw[i : i + size] for i in range(0, len(raw), size)]
        assert relayed(FACE, chunks, OWN) == frames
        assert decoded(FACE, chunks, FOREIGN) == events


def test_a_recorded_call_without_arguments_has_an_empty_object(recorded: Callable[[str], dict[str, Any]]) -> None:
    raw = recorded("anthropic__stream-tool.0")["body"].encode()
    calls = [event for event in decoded(FACE, [raw], FOREIGN) if isinstance(event, ToolCall)]
    assert calls[0].name == "pelican_name_generator"
    assert "".join(call.arguments for call in calls) == "{}"


def test_events_carry_thoughts_with_their_signature_calls_and_usage() -> None:
    events = decoded(FACE, [FULL], FOREIGN)
    assert Reasoning("", signature=SIGNATURE, format="anthropic-claude-v1") in events
    assert Finish("tool_calls") in events
    assert events[-1] == Tokens(Usage(11, 5, cached_tokens=2, cache_write_tokens=1))
    arguments = ["".join(c.arguments for c in events if isinstance(c, ToolCall) and c.index == i) for i in (0, 1)]
    assert [json.loads(text) for text in arguments] == [{"city": "Kraków"}, {}]


def test_what_the_openai_client_gets_to_send_back_is_the_whole_signed_thought() -> None:
    message = whole(Dialect.OPENAI, decoded(FACE, [FULL], FOREIGN))["choices"][0]["message"]
    assert message["reasoning_content"] == "Six times seven."
    detail = {"type": "reasoning.text", "text": "Six times seven.", "signature": SIGNATURE}
    assert message["reasoning_details"] == [{**detail, "format": "anthropic-claude-v1", "index": 0}]


@pytest.mark.parametrize(
    ("error", "kind"),
    [("overloaded_error", FailureKind.OVERLOADED), ("rate_limit_error", FailureKind.RATE_LIMITED),
     ("api_error", FailureKind.SERVER_ERROR), ("invalid_request_error", FailureKind.BAD_REQUEST)],
)  # fmt: skip
def test_an_error_within_a_stream_is_that_failure(error: str, kind: FailureKind) -> None:
    event = {"type": "error", "error": {"type": error, "message": "Overloaded s3cret"}}
    raw = FULL[: FULL.index(b"event: content_block_stop")] + f"event: error\ndata: {json.dumps(event)}\n\n".encode()
    for read in (relayed, decoded):
        with pytest.raises(AttemptFailed) as caught:
            read(FACE, [raw], OWN)
        assert caught.value.failure.kind is kind
        assert "s3cret" not in caught.value.failure.message


@pytest.mark.parametrize("raw", [FULL[: FULL.index(b"event: message_delta")], FULL[:200], b""])
def test_a_stream_that_ends_before_its_reason_broke_off(raw: bytes) -> None:
    for read in (relayed, decoded):
        with pytest.raises(AttemptFailed) as caught:
            read(FACE, [raw] if raw else [], OWN)
        assert caught.value.failure.kind is FailureKind.DISCONNECTED


def test_a_stream_without_its_last_event_is_whole() -> None:
    cut = FULL[: FULL.index(b"event: message_stop")]
    assert relayed(FACE, [cut], OWN)[-1].wire == b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    assert decoded(FACE, [cut], FOREIGN) == decoded(FACE, [FULL], FOREIGN)


def test_an_answer_that_says_nothing_is_a_failure_but_not_one_that_was_refused() -> None:
    empty = b"".join(events_of(Said(text="")))
    with pytest.raises(AttemptFailed) as caught:
        decoded(FACE, [empty], FOREIGN)
    assert caught.value.failure.kind is FailureKind.EMPTY
    refused = empty.replace(b'"end_turn"', b'"refusal"')
    assert relayed(FACE, [refused], OWN)[-2].finish == "content_filter"


@pytest.mark.parametrize("data", [b"[1]", b"{", b'{"type": 1}', b'"x"', b"{}"])
def test_an_event_that_is_none_is_a_bad_response_after_the_good_ones(data: bytes) -> None:
    good = FULL[: FULL.index(b"event: message_delta")]
    relay = FACE.relay(origin(OWN))
    assert relay.feed(good + b"event: message_delta\ndata: " + data + b"\n\n")
    with pytest.raises(AttemptFailed) as caught:
        relay.check()
    assert caught.value.failure.kind is FailureKind.BAD_RESPONSE


@pytest.mark.parametrize("index", [None, [], {}, "0", -1, 7])
def test_an_odd_index_is_survived(index: Any) -> None:
    event = {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": "x"}}
    raw = b"event: content_block_delta\ndata: " + json.dumps(event).encode() + b"\n\n"
    place = FULL.index(b"event: message_delta")
    assert Finish("tool_calls") in decoded(FACE, [FULL[:place] + raw + FULL[place:]], OWN)


def test_a_whole_answer_comes_to_the_same_as_the_stream_it_could_have_been() -> None:
    own = asked(Dialect.ANTHROPIC)
    folded = FACE.decode_completion(FULL, origin(own))  # a stream, to a call that asked for none
    message = json.loads(folded.wire)
    assert [block["type"] for block in message["content"]] == ["thinking", "text", "tool_use", "tool_use"]
    assert message["content"][0]["signature"] == SIGNATURE
    events = FACE.events_of_completion(folded.wire, origin(asked()))
    streamed = decoded(FACE, [FULL], FOREIGN)
    assert whole(Dialect.ANTHROPIC, events) == whole(Dialect.ANTHROPIC, streamed)
    frames = FACE.frames_of_completion(folded.wire, origin(OWN))
    again = FACE.decode_completion(b"".join(frame.wire for frame in frames), origin(own))
    assert json.loads(again.wire)["content"] == message["content"]
    assert again.usage == folded.usage == Usage(11, 5, cached_tokens=2, cache_write_tokens=1)


def test_a_foreign_answer_is_written_in_blocks_of_their_own_and_signed_for_us() -> None:
    events = [
        Reasoning("Hm."), Text("It is "), Text("so."), Citation("https://a.example", "A", quote="so"),
        ToolCall(0, '{"a":', id="c0", name="f"), ToolCall(1, "{}", id="c1", name="g"), ToolCall(0, "1}"),
        Finish("tool_calls"), Tokens(Usage(9, 4, cached_tokens=3)),
    ]  # fmt: skip
    message = whole(Dialect.ANTHROPIC, events)
    thought, text, first, second = message["content"]
    assert thought == {"type": "thinking", "thinking": "Hm.", "signature": "g4f::"}
    assert (text["text"], text["citations"][0]["url"]) == ("It is so.", "https://a.example")
    assert (first["id"], first["input"], second["input"]) == ("c0", {"a": 1}, {})
    assert message["stop_reason"] == "tool_use"
    assert message["usage"]["input_tokens"] == 6
    assert message["usage"]["cache_read_input_tokens"] == 3
    stream = written(Dialect.ANTHROPIC, events)
    assert decoded(FACE, [stream], FOREIGN)[-1] == Tokens(Usage(9, 4, cached_tokens=3))
    opened = stream.count(b'"type":"content_block_start"')
    assert opened == stream.count(b'"type":"content_block_stop"') == 4
