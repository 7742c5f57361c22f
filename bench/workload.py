"""What is measured: the scenarios, and the words by which a request tells the mock upstream how to answer.

The order stands in the text of the first message, because every proxy passes that on: `bench:CHUNKS:PACE:BYTES;`.
An answer's text is made of `TOKEN`, so that whoever reads it can count what arrived.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

#: What inbound and upstream credentials are during a run. Nothing leaves the machine.
CLIENT_KEY = "sk-bench-client"
UPSTREAM_KEY = "sk-bench-upstream"

#: The unit of an answer's text. No proxy's own words contain it.
TOKEN = b"tok~"

#: In the layout `CHAIN`: targets of the one model, and how many of them at its head answer 429 with a long Retry-After.
CHAIN_TARGETS = 20
CHAIN_BUSY = 3
#: In the layout `MODELS`.
MANY_MODELS = 1000

_MESSAGE = 2000


class Layout(StrEnum):
    """What a proxy is configured for."""

    ONE = "one"
    """One model at one upstream."""
    CHAIN = "chain"
    """One model with `CHAIN_TARGETS` targets, the first `CHAIN_BUSY` of them out of order."""
    MODELS = "models"
    """`MANY_MODELS` models at one upstream."""


class Kind(StrEnum):
    WHOLE = "whole"
    """Answers in one piece, in a closed loop: each connection asks again at once."""
    STREAM = "stream"
    """Streams without pauses, in a closed loop."""
    PACED = "paced"
    """Open streams with a pause before each chunk, as a model makes them."""
    CLIENT = "client"
    """Whole answers asked for by a library inside the measured process."""
    CLIENT_STREAM = "client-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`concurrency` is the number of connections; `chunks` and `pace_ms` are those of each stream."""

    name: str
    title: str
    kind: Kind
    concurrency: int
    request_bytes: int = 1000
    answer_bytes: int = 600
    chunks: int = 0
    pace_ms: int = 0
    layout: Layout = Layout.ONE
    quick: bool = False

    @property
    def streamed(self) -> bool:
        return self.chunks > 0

    @property
    def in_process(self) -> bool:
        return self.kind in (Kind.CLIENT, Kind.CLIENT_STREAM)


def _whole(size: int, concurrency: int, *, quick: bool) -> Scenario:
    title = f"{size // 1000} KB request, concurrency {concurrency}"
    name = f"{size // 1000}kb-{concurrency}"
    return Scenario(
        name=name, title=title, kind=Kind.WHOLE, concurrency=concurrency, request_bytes=size, quick=quick
    )  # fmt: skip


def _paced(count: int, *, quick: bool) -> Scenario:
    return Scenario(
        name=f"paced-{count}",
        title=f"{count} streams at 20 ms a chunk",
        kind=Kind.PACED,
        concurrency=count,
        chunks=100,
        pace_ms=20,
        quick=quick,
    )


SCENARIOS = (
    _whole(1000, 1, quick=True),
    _whole(1000, 10, quick=False),
    _whole(1000, 64, quick=True),
    _whole(100_000, 1, quick=False),
    _whole(100_000, 10, quick=True),
    _whole(100_000, 64, quick=False),
    Scenario(
        name="stream-10",
        title="streams of 100 chunks, unpaced, concurrency 10",
        kind=Kind.STREAM,
        concurrency=10,
        chunks=100,
        quick=True,
    ),
    _paced(50, quick=True),
    _paced(500, quick=True),
    _paced(1000, quick=False),
    Scenario(
        name="chain-10",
        title=f"{CHAIN_TARGETS} targets, the first {CHAIN_BUSY} cooling; 1 KB, concurrency 10",
        kind=Kind.WHOLE,
        concurrency=10,
        layout=Layout.CHAIN,
        quick=True,
    ),
    Scenario(
        name="models-64",
        title=f"{MANY_MODELS} models; 1 KB, concurrency 64",
        kind=Kind.WHOLE,
        concurrency=64,
        layout=Layout.MODELS,
        quick=True,
    ),
    Scenario(
        name="client-10",
        title="Python client in process, 1 KB, concurrency 10",
        kind=Kind.CLIENT,
        concurrency=10,
        quick=True,
    ),
    Scenario(
        name="client-stream-10",
        title="Python client in process, streams of 100 chunks, concurrency 10",
        kind=Kind.CLIENT_STREAM,
        concurrency=10,
        chunks=100,
        quick=True,
    ),
)


def model_names(layout: Layout) -> list[str]:
    """The public names of a layout's models."""
    return [f"bench-{number}" for number in range(MANY_MODELS if layout is Layout.MODELS else 1)]


def messages(scenario: Scenario) -> list[dict[str, str]]:
    """Messages of about `request_bytes` together; a large request is a long conversation, as in life."""
    order = f"bench:{scenario.chunks}:{scenario.pace_ms}:{scenario.answer_bytes}; "
    left = max(scenario.request_bytes - 100, len(order))
    said: list[dict[str, str]] = []
    while left > 0:
        size = min(left, _MESSAGE)
        text = (order if not said else "") + "word " * (size // 5)
        said.append({"role": "user" if len(said) % 2 == 0 else "assistant", "content": text[: max(size, len(order))]})
        left -= size + 40
    return said


def request_body(scenario: Scenario, model: str) -> bytes:
    """The JSON body that a client sends."""
    body: dict[str, object] = {"model": model, "messages": messages(scenario)}
    if scenario.streamed:
        body["stream"] = True
    return json.dumps(body).encode()


def tokens_of(scenario: Scenario) -> int:
    """How often `TOKEN` is in a whole answer to the scenario's request."""
    return scenario.chunks or scenario.answer_bytes // len(TOKEN)
