"""Ollama's native dialect: lines read at every cut, calls without ids, options, and errors within a good answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.dialects.ndjson import Lines
from g4f.dialects.registry import upstream
from g4f.dialects.sse import EventTooLarge
from g4f.exchange.answer import Usage
from g4f.exchange.events import Finish, LogProbs, Reasoning, Text, Tokens, ToolCall
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Dialect
from tests.dialects.messages import asked, decoded, dropped, origin, relayed, sent, splits, whole, written
from tests.grid.behind.ollama import lines_of
from tests.grid.exchange import PICTURE, Said

OLLAMA = Dialect.OLLAMA
FACE = upstream(OLLAMA)
OWN = asked(OLLAMA, stream=True)
FULL = b"".join(
    lines_of(Said(text="Grüße 🥶.", thoughts="So?", calls=(("f", {"a": "ü"}), ("g", {})), finish="tool_calls"))
)


def test_no_cut_of_a_stream_changes_a_frame_or_an_event() -> None:
    frames, events = relayed(FACE, [FULL], OWN), decoded(FACE, [FULL], asked())
    assert b"".join(frame.wire for frame in frames) == FULL
    for chunks in splits(FULL):
        assert relayed(FACE, chunks, OWN) == frames
        assert decoded(FACE, chunks, asked()) == events
    assert decoded(FACE, [FULL.replace(b"\n", b"\r\n\n")], asked()) == events


def test_recorded_traffic_is_relayed_as_it_came(recorded: Callable[[str], dict[str, Any]]) -> None:
    raw = recorded("ollama__native-chat-ndjson.0")["body"].encode()
    for size in (1, 7, 100, 1 << 20):
        chunks = [raw[i : i + size] for i in range(0, len(raw), size)]
        assert b"".join(frame.wire for frame in relayed(FACE, chunks, OWN)) == raw.rstrip() + b"\n"
    assert decoded(FACE, [raw], asked())[-1] == Tokens(Usage(17, 50))


@given(st.lists(st.binary(max_size=20), max_size=10), st.integers(1, 25))
def test_lines_are_the_same_in_any_pieces(lines: list[bytes], size: int) -> None:
    raw = b"\n".join(lines)
    cut, pieces = Lines(), []
    for i in range(0, len(raw), size):
        pieces += cut.feed(raw[i : i + size])
    assert [*pieces, *cut.close()] == [line.strip() for line in raw.split(b"\n") if line.strip()]


def test_a_line_that_is_too_long_is_refused_after_the_ones_before_it() -> None:
    lines = Lines(max_line=10)
    assert lines.feed(b"good\n" + b"x" * 11) == [b"good"]
    assert lines.failed
    with pytest.raises(EventTooLarge):
        lines.feed(b"")
    with pytest.raises(EventTooLarge):
        Lines(max_line=10).feed(b"x" * 11)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b'{"error":"model runner has unexpectedly stopped"}', FailureKind.SERVER_ERROR),
        (b"[]", FailureKind.BAD_RESPONSE),
        (b"{", FailureKind.BAD_RESPONSE),
    ],
)
def test_a_bad_line_within_a_good_answer_is_a_failure(line: bytes, kind: FailureKind) -> None:
    raw = b"".join(lines_of(Said(text="a b")))
    first = raw.index(b"\n") + 1
    relay = FACE.relay(origin(OWN))
    assert relay.feed(raw[:first] + line + b"\n")
    with pytest.raises(AttemptFailed) as caught:
        relay.check()
    assert caught.value.failure.kind is kind


def test_the_end_of_the_bytes_is_not_the_end_of_the_answer() -> None:
    with pytest.raises(AttemptFailed) as caught:
        decoded(FACE, [FULL[: FULL.rindex(b'{"model"')]], asked())
    assert caught.value.failure.kind is FailureKind.DISCONNECTED
    with pytest.raises(AttemptFailed) as caught:
        decoded(FACE, list(lines_of(Said(text=""))), asked())
    assert caught.value.failure.kind is FailureKind.EMPTY


def test_a_model_that_cannot_do_it_is_passed_over() -> None:
    body = b'{"error":"registry.ollama.ai/library/gemma:2b does not support tools"}'
    failure = FACE.decode_error(status=400, headers={}, body=body, now=0, secrets=())
    assert failure.kind is FailureKind.UNSUPPORTED
    assert FACE.decode_error(status=404, headers={}, body=b'{"error":"x"}', now=0, secrets=()).kind == "not_found"


def test_the_clients_own_body_goes_to_its_own_dialect_but_for_the_model() -> None:
    body = {"messages": [{"role": "user", "content": "x"}], "options": {"num_ctx": 9, "mirostat": 1}, "keep_alive": -1}
    assert sent(asked(OLLAMA, **body), OLLAMA) == {**body, "model": "theirs"}
    generate = asked(OLLAMA, call="generate", messages=None, prompt="p", suffix="s", raw=True)
    assert upstream(OLLAMA).encode_request(generate, model="m").path == "/api/generate"
    with pytest.raises(AttemptFailed):
        sent(generate, Dialect.OPENAI)  # what is to stand between two texts is no chat


def test_options_are_translated_and_those_of_ollama_alone_are_named() -> None:
    options = {"temperature": 0, "num_predict": 5, "top_k": 3, "stop": ["x"], "seed": 1, "num_ctx": 9, "num_gpu": 1}
    request = asked(OLLAMA, options=options, think="high", format="json", template="t")
    body = sent(request, Dialect.OPENAI, model="gpt-oss-20b")
    assert body["max_tokens"] == 5
    assert body["stop"] == ["x"]
    assert (body["temperature"], body["seed"], body["reasoning_effort"]) == (0, 1, "high")
    assert body["response_format"] == {"type": "json_object"}
    assert body["stream_options"] == {"include_usage": True}
    assert (request.lost, dropped(request, Dialect.OPENAI)) == (
        ("options.num_ctx", "options.num_gpu", "template"), ("top_k", "reasoning_effort"),
    )  # fmt: skip
    assert "max_tokens" not in asked(OLLAMA, options={"num_predict": -1}).payload


def test_results_find_the_calls_that_have_no_ids() -> None:
    calls = [{"function": {"name": "f", "arguments": {}}}, {"function": {"name": "g", "arguments": {}}}]
    tool = {"role": "tool"}
    messages = [
        {"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": calls},
        {**tool, "tool_name": "g", "content": "G"}, {**tool, "content": "F"},
        {"role": "assistant", "tool_calls": [{"id": "own", **calls[0]}]},
        {**tool, "tool_call_id": "own", "content": "O"},
    ]  # fmt: skip
    decoded_ = asked(OLLAMA, messages=messages).payload["messages"]
    named = {call["id"]: call["function"]["name"] for message in decoded_ for call in message.get("tool_calls") or ()}
    found = [(named[m["tool_call_id"]], m["content"]) for m in decoded_ if m["role"] == "tool"]
    assert found == [("g", "G"), ("f", "F"), ("f", "O")]
    assert len(named) == 3


def test_a_client_of_openai_gets_its_words_and_ollamas_own_through() -> None:
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}
    request = asked(
        messages=[{"role": "developer", "content": "d"}, {"role": "user", "content": ["a", part]}],
        max_completion_tokens=7, stop="x", options={"num_ctx": 9}, keep_alive="5m", reasoning_effort="none",
        tools=[{"type": "function", "function": {"name": "f"}}, {"type": "function", "function": {"name": "g"}}],
        tool_choice={"type": "function", "function": {"name": "g"}}, logit_bias={"1": 2}, parallel_tool_calls=False,
    )  # fmt: skip
    body = sent(request, OLLAMA)
    assert body["messages"] == [
        {"role": "system", "content": "d"}, {"role": "user", "content": "a", "images": [PICTURE]},
    ]  # fmt: skip
    assert body["options"] == {"num_ctx": 9, "num_predict": 7, "stop": ["x"]}
    assert (body["keep_alive"], body["think"], body["stream"]) == ("5m", False, False)
    assert [tool["function"]["name"] for tool in body["tools"]] == ["g"]
    assert dropped(request, OLLAMA) == ("logit_bias", "parallel_tool_calls", "tool_choice")
    with pytest.raises(AttemptFailed):
        sent(
            asked(
                messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.y/z"}}]}]
            ),
            OLLAMA,
        )


def test_events_are_written_as_lines_and_calls_when_they_are_whole() -> None:
    events = [
        Reasoning("Hm."), Text("a"), ToolCall(0, '{"a"', id="c0", name="f"), ToolCall(1, "{}", id="c1", name="g"),
        ToolCall(0, ":1}"), LogProbs(({"token": "a", "logprob": -0.1},)), Finish("tool_calls"), Tokens(Usage(3, 2)),
    ]  # fmt: skip
    answer = whole(OLLAMA, events)
    assert (answer["message"]["thinking"], answer["message"]["content"]) == ("Hm.", "a")
    functions = [call["function"] for call in answer["message"]["tool_calls"]]
    assert {f["name"]: f["arguments"] for f in functions} == {"f": {"a": 1}, "g": {}}
    assert (answer["done"], answer["done_reason"], answer["eval_count"]) == (True, "stop", 2)
    assert answer["logprobs"] == [{"token": "a", "logprob": -0.1}]
    back = decoded(FACE, [written(OLLAMA, events)], asked())
    assert Finish("tool_calls") in back
    assert back[-1] == Tokens(Usage(3, 2))
    generated = whole(OLLAMA, events[:2], call="generate", messages=None, prompt="p")
    assert (generated["response"], generated["thinking"]) == ("a", "Hm.")


def test_a_whole_answer_that_was_streamed_all_the_same_is_put_together() -> None:
    answer = json.loads(FACE.decode_completion(FULL, origin(asked(OLLAMA, stream=False))).wire)
    assert (answer["message"]["content"], answer["message"]["thinking"]) == ("Grüße 🥶.", "So?")
    assert [call["function"]["name"] for call in answer["message"]["tool_calls"]] == ["f", "g"]
    assert answer["done"] is True
