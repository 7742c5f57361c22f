"""What the tests of the dialects share: requests, relayed streams, and the streams to relay."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from g4f.dialects.openai.relay import Relay
from g4f.dialects.openai.request import decode_request
from g4f.exchange.answer import Frame
from g4f.exchange.request import Request

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.sse"))
RECORDED = next(
    (
        folder
        for parent in Path(__file__).resolve().parents
        if (folder := parent / "shared" / "cassettes" / "norm").is_dir()
    ),
    None,
)


@pytest.fixture(scope="session")
def ask() -> Callable[..., Request]:
    """Makes the request that a body with these fields is."""

    def make(**fields: Any) -> Request:
        body = {"model": "asked", "messages": [{"role": "user", "content": "hi"}], **fields}
        return decode_request(json.dumps(body).encode(), request_id="r1")

    return make


@pytest.fixture(scope="session")
def relayed(ask: Callable[..., Request]) -> Callable[..., list[Frame]]:
    """Relays whole streams: chunks of bytes in, all frames out; raises what the relay raises."""

    def run(chunks: Iterable[bytes], **fields: Any) -> list[Frame]:
        relay = Relay(request=ask(stream=True, **fields), provider="Lab", now=1700000001)
        frames = [frame for chunk in chunks for frame in relay.feed(chunk)]
        frames += relay.close()
        assert relay.finished
        return frames

    return run


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest) -> bytes:
    """The bytes of each stream written by hand after the providers' documentation."""
    return request.param.read_bytes()


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], dict[str, Any]]:
    """Loads one recorded interaction; skips where the recordings are not beside the checkout."""

    def load(name: str) -> dict[str, Any]:
        if RECORDED is None:
            pytest.skip("RECORDED TRAFFIC IS ABSENT: no shared/cassettes/norm beside the checkout")
        return json.loads((RECORDED / f"{name}.json").read_text())["response"]

    return load
