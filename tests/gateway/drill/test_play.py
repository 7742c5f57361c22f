"""The drill says what the gateway would do with a real upstream that fails so, without waiting for it."""

import asyncio
import time

import pytest

from g4f.config.load import load_text
from g4f.exchange.request import Operation
from g4f.gateway.drill.asked import STREAMED
from g4f.gateway.drill.faults import Fault
from g4f.gateway.drill.play import drill
from g4f.gateway.drill.skipping import SkippingLoop
from g4f.gateway.snapshot import plan

#: Hosts that do not exist: a drill that called them would fail.
PROVIDERS = """\
providers:
  A: {base_url: "https://a.invalid/v1", keys: [{name: one, key: CANARY-1}, {name: two, key: CANARY-2}]}
  B: {base_url: "https://b.invalid/v1", proxy: "http://proxy.invalid:1", timeouts: {first_token: 10s}}
  C: {base_url: "https://c.invalid/v1"}
"""


def drilled(text: str, *models: str):
    made = plan(load_text(PROVIDERS + text), {})
    return drill(made, models or made.table.routes)


def test_each_fault_of_the_first_provider_is_answered_by_the_next():
    (found,) = drilled("models: {m: {chain: [A/x, B, C]}}")
    assert found.keeps_answering
    assert found.targets == ("A/x", "B/m", "C/m")
    by_fault = {(play.fault, play.provider): play for play in found.plays}
    assert set(by_fault) == {*((fault, "A") for fault in Fault), (Fault.DOWN, None)}
    assert by_fault[Fault.NONE, "A"].answered == "A/x"
    assert by_fault[Fault.DOWN, None].answered == "C/m"
    for fault in set(Fault) - {Fault.NONE, Fault.CUT}:
        assert (by_fault[fault, "A"].status, by_fault[fault, "A"].answered) == (200, "B/m")
    cut = by_fault[Fault.CUT, "A"]
    assert (cut.answered, cut.broken) == ("A/x", True)


def test_the_seconds_are_those_of_the_file_and_nobody_waits_for_them():
    began = time.monotonic()
    (found,) = drilled("defaults: {timeouts: {first_token: 45s}}\nmodels: {m: {chain: [C, B, A]}, }")
    slow = next(play for play in found.plays if play.fault is Fault.SLOW)
    assert 45 <= slow.seconds < 46
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.DOWN, 502, "upstream_connect_error"),
        (Fault.RATE_LIMITED, 429, "rate_limit_exceeded"),
        (Fault.SERVER_ERROR, 502, "upstream_error"),
        (Fault.BROKEN, 502, "upstream_disconnected"),
        (Fault.BAD_KEY, 502, "provider_auth_error"),
    ],
)
def test_without_a_fallback_the_error_is_the_one_users_get(fault, status, code):
    (found,) = drilled("models: {m: {chain: [C]}}")
    assert not found.keeps_answering
    play = next(play for play in found.plays if play.fault is fault)
    assert (play.status, play.code, play.answered) == (status, code, None)


def test_an_error_after_the_keepalive_comes_within_the_stream():
    for server, silent in (("", True), ("server: {keepalive: none}\n", False)):
        (found,) = drilled(f"{server}models: {{m: {{chain: [C]}}}}")
        slow = next(play for play in found.plays if play.fault is Fault.SLOW)
        assert (slow.silent, slow.status) == (silent, 504)


def test_a_chain_of_one_provider_has_no_fallback_however_many_targets_it_has():
    (found,) = drilled("models: {m: {chain: [A/x, A/y]}}")
    assert not found.keeps_answering
    assert next(play for play in found.plays if play.fault is Fault.DOWN).answered is None


def test_a_pattern_is_asked_for_by_a_name_that_it_matches():
    found = drilled('models: {"claude-*": {chain: [A, B]}, "*": {chain: [B, C]}}')
    assert [(route.model, route.asked) for route in found] == [("claude-*", "claude-drill"), ("*", "drill")]
    assert all(route.keeps_answering for route in found)


def test_a_route_that_nothing_can_answer_does_not_keep_answering():
    (found,) = drilled("models: {m: {chain: [OpenAI]}}")
    assert (found.keeps_answering, found.plays) == (False, ())
    assert found.skipped[0].provider == "OpenAI"


ROWS = """\
providers:
  ElevenLabs: {keys: [{name: one, key: CANARY-1}]}
  OpenAI: {keys: [{name: one, key: CANARY-1}]}
  Jina: {keys: [{name: one, key: CANARY-1}]}
  Replicate: {keys: [{name: one, key: CANARY-1}]}
  Deepgram: {keys: [{name: one, key: CANARY-1}]}
models:
"""


@pytest.mark.parametrize(
    ("route", "operation"),
    [
        ("m: {chain: [ElevenLabs/eleven_multilingual_v2, OpenAI/tts-1]}", Operation.SPEECH),
        ("m: {operations: [speech], chain: [ElevenLabs/mine, OpenAI/tts-1]}", Operation.SPEECH),
        ("m: {chain: [Jina/jina-embeddings-v3, OpenAI/text-embedding-3-small]}", Operation.EMBEDDINGS),
        ("m: {chain: [Replicate/black-forest-labs/flux-schnell, OpenAI/gpt-image-1]}", Operation.IMAGE_GENERATION),
        ("m: {operations: [image-edit], chain: [Replicate/x, OpenAI/gpt-image-1]}", Operation.IMAGE_EDIT),
        ("m: {operations: [image-variation], chain: [OpenAI/dall-e-2, ElevenLabs/x]}", Operation.IMAGE_VARIATION),
        ("m: {chain: [Deepgram/nova-3, OpenAI/whisper-1]}", Operation.TRANSCRIPTION),
        ("m: {operations: [translation], chain: [OpenAI/whisper-1]}", Operation.TRANSLATION),
        ("m: {chain: [Jina/jina-reranker-v2-base-multilingual]}", Operation.RERANK),
        ("m: {operations: [moderation], chain: [OpenAI/omni-moderation-latest]}", Operation.MODERATION),
        ("m: {operations: [completion], chain: [OpenAI/gpt-3.5-turbo-instruct]}", Operation.COMPLETION),
        ("m: {chain: [Replicate/meta/meta-llama-3-8b-instruct, OpenAI/gpt-4o]}", Operation.CHAT),
        ("m: {chain: [Deepgram/unheard-of]}", Operation.TRANSCRIPTION),
    ],
)
def test_a_route_is_asked_for_what_it_is_for(route, operation):
    made = plan(load_text(f"{ROWS}  {route}"), {})
    (found,) = drill(made, ["m"])
    assert found.operation is operation
    first, *others = [target for target in found.targets if not target.startswith("ElevenLabs/x")]
    by_fault = {play.fault: play for play in found.plays if play.provider is not None}
    assert by_fault[Fault.NONE].answered == first
    assert not by_fault[Fault.NONE].broken
    for fault in set(Fault) - {Fault.NONE, Fault.CUT}:
        assert by_fault[fault].answered == (others[0] if others else None), fault
    assert found.keeps_answering == bool(others)
    assert (Fault.CUT in by_fault) == (operation in STREAMED)


def test_a_speech_that_is_cut_in_its_middle_is_seen_to_be():
    (found,) = drill(plan(load_text(f"{ROWS}  m: {{chain: [OpenAI/tts-1, ElevenLabs/eleven_v3]}}"), {}), ["m"])
    assert next(play for play in found.plays if play.fault is Fault.CUT).broken


def test_what_is_built_in_cannot_fail():
    (found,) = drilled("models: {m: {chain: [Demo]}}")
    assert (found.keeps_answering, found.plays) == (True, ())


def test_the_loop_skips_what_nobody_does_and_nothing_else():
    async def script() -> list[str]:
        seen = []
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        loop = asyncio.get_running_loop()
        loop.call_later(3600, seen.append, "hour")
        loop.call_later(60, seen.append, "minute")
        began = loop.time()
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await reader.read()
        writer.close()
        seen.append("read")
        assert loop.time() - began < 1
        await asyncio.sleep(3601)
        assert 3601 <= loop.time() - began < 3602
        server.close()
        return seen

    began = time.monotonic()
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        assert runner.run(script()) == ["read", "minute", "hour"]
    assert time.monotonic() - began < 5
