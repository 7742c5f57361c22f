"""Whatever stands in whichever place of an upstream's answer: a client gets an answer or the provider has failed."""

import json
import tracemalloc
from contextlib import suppress

import pytest

from g4f.dialects.bridge import Bridge
from g4f.dialects.registry import upstream
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Dialect, Operation
from tests.fuzz.targets import origins
from tests.support.caller import chat
from tests.support.replies import Raw
from tests.support.rich import swapped
from tests.support.rich_answers import ANSWERS
from tests.support.upstream import Upstream

_CHATS = frozenset({Operation.CHAT})
DEEP = b"[" * 1000 + b"]" * 1000


@pytest.mark.parametrize("dialect", ANSWERS)
def test_an_answer_of_wrong_types_is_the_providers_failure(dialect) -> None:
    bridge = Bridge(upstream(dialect), _CHATS)
    for _, body in swapped(ANSWERS[dialect], (7, [], {"a": 1}, 10**30, "DEEP")):
        wire = json.dumps(body).encode().replace(b'"DEEP"', DEEP)
        for origin in origins(dialect, stream=False):
            with suppress(AttemptFailed):
                assert bridge.completion(wire, origin, media_type="application/json").wire
        for origin in origins(dialect, stream=True):
            with suppress(AttemptFailed):
                bridge.frames_of_completion(wire, origin, media_type="application/json")


@pytest.mark.parametrize("caller", Dialect)
def test_a_stream_of_wrong_types_is_the_providers_failure(caller) -> None:
    """Ollama's lines: each is a whole answer, so each of its places can be wrong in a stream."""
    bridge = Bridge(upstream(Dialect.OLLAMA), _CHATS)
    found = [origin for origin in origins(Dialect.OLLAMA, stream=True) if origin.request.dialect is caller]
    for origin in found:
        for _, body in swapped(ANSWERS[Dialect.OLLAMA], (7, [], {"a": 1}, "DEEP")):
            reader = bridge.reader(origin)
            assert reader is not None
            with suppress(AttemptFailed):
                reader.feed(json.dumps(body).encode().replace(b'"DEEP"', DEEP) + b"\n")
                reader.close()


def test_a_client_hears_nothing_of_what_could_not_be_read() -> None:
    bridge = Bridge(upstream(Dialect.ANTHROPIC), _CHATS)
    answer = {**ANSWERS[Dialect.ANTHROPIC], "content": [{"type": "text", "text": "x", "citations": 4242}]}
    (origin,) = [o for o in origins(Dialect.ANTHROPIC, stream=False) if o.request.dialect is Dialect.OPENAI]
    with pytest.raises(AttemptFailed) as caught:
        bridge.completion(json.dumps(answer).encode(), origin, media_type="application/json")
    assert "4242" not in caught.value.failure.message


@pytest.mark.parametrize("piece", [b"[]", b"{}", b'{"a":[]}'])
@pytest.mark.parametrize("stream", [False, True])
async def test_json_of_nothing_but_lists_is_no_answer(serve, piece, stream):
    """Of 32 MiB of them a reader would make a gigabyte."""
    crowd = b'{"choices":[' + (piece + b",") * 250_000 + piece + b"]}"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(crowd)
    async with Upstream(Raw(head + crowd)) as upstream:
        client = await serve(f'providers: {{P: {{base_url: "{upstream.url}"}}}}\nmodels: {{m: {{chain: [P]}}}}')
        tracemalloc.start()
        answer = await client.post("/v1/chat/completions", json={**chat("m"), "stream": stream})
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert answer.status == 502
        assert most < 20 * len(crowd)
