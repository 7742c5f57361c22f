"""What the tests of Anthropic's and Ollama's dialects share: requests of any front, and answers put together."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from g4f.dialects.face import Origin, Upstream
from g4f.dialects.registry import front, upstream
from g4f.exchange.answer import Frame
from g4f.exchange.events import Event
from g4f.exchange.request import Dialect, Request


def asked(dialect: Dialect = Dialect.OPENAI, *, call: str = "chat", headers: Any = None, **fields: Any) -> Request:
    """The request that a body with these fields is, in a dialect."""
    body = {"model": "asked", "messages": [{"role": "user", "content": "hi"}], **fields}
    if dialect is Dialect.ANTHROPIC:
        body.setdefault("max_tokens", 64)
    return front(dialect).decode_request(
        json.dumps(body).encode(), request_id="req_1", path={"call": call}, headers=headers or {}
    )


def origin(request: Request) -> Origin:
    return Origin(request=request, provider="Lab", now=1_700_000_000, secrets=("s3cret",))


def sent(request: Request, to: Dialect, *, model: str = "theirs") -> dict[str, Any]:
    """The body that an upstream gets."""
    parsed: dict[str, Any] = orjson.loads(upstream(to).encode_request(request, model=model).body)
    return parsed


def dropped(request: Request, to: Dialect, *, model: str = "theirs") -> tuple[str, ...]:
    return upstream(to).encode_request(request, model=model).dropped


def relayed(face: Upstream, chunks: Iterable[bytes], request: Request) -> list[Frame]:
    """The frames that a caller of the same dialect gets; raises what the relay raises."""
    relay = face.relay(origin(request))
    frames = [frame for chunk in chunks for frame in relay.feed(chunk)]
    relay.check()
    frames += relay.close()
    assert relay.finished
    return frames


def decoded(face: Upstream, chunks: Iterable[bytes], request: Request) -> list[Event]:
    """The events that a caller of another dialect gets."""
    decoder = face.decoder(origin(request))
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    decoder.check()
    events += decoder.close()
    assert decoder.finished
    return events


def written(dialect: Dialect, events: Sequence[Event], **fields: Any) -> bytes:
    """A stream of a dialect made of events."""
    face = front(dialect)
    encoder = face.encoder(origin(asked(dialect, stream=True, **fields)))
    frames = [*map(encoder.encode, events), encoder.close()]
    return b"".join(frame.wire for frame in frames) + face.terminator


def whole(dialect: Dialect, events: Sequence[Event], **fields: Any) -> dict[str, Any]:
    """A whole answer of a dialect made of events."""
    completion = front(dialect).encode_completion(events, origin(asked(dialect, **fields)))
    parsed: dict[str, Any] = orjson.loads(completion.wire)
    return parsed


def splits(raw: bytes) -> Iterable[list[bytes]]:
    """A stream cut in two at every byte, and into single bytes."""
    yield [raw[i : i + 1] for i in range(len(raw))]
    for place in range(1, len(raw)):
        yield [raw[:place], raw[place:]]
