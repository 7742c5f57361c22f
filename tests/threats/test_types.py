"""Whatever stands in whichever place of a request: it is read, or refused, and nothing crashes over it.

Each place of a rich request of each dialect gets, in turn, what was not meant there. What is read is also written for
every kind of upstream, and what Demo makes of it is looked at, too.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from multidict import CIMultiDict

from g4f.dialects.bridge import Bridge
from g4f.dialects.registry import front, upstream
from g4f.errors import RequestError
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Dialect, Operation, Request
from g4f.providers.adapters.demo import Demo
from g4f.providers.types import Call
from tests.support.rich import REQUESTS, plain, swapped

#: A number, a list and what is nested nearly as deep as JSON is read at all; the words stand for the latter.
ODD = (7, [{"type": []}])
DEEPEST = ("LISTS",)
SCHEMAS = ("OBJECTS", "SCHEMAS")
DEEP = {
    b'"LISTS"': b"[" * 1000 + b"]" * 1000,
    b'"OBJECTS"': b'{"items":' * 990 + b"{}" + b"}" * 990,
    b'"SCHEMAS"': b'{"properties":{"items":' * 490 + b"{}" + b"}}" * 490,
}
_PATHS = {
    Dialect.GEMINI: {"model": "m", "call": "generateContent"},
    Dialect.OLLAMA: {"call": "chat"},
}
_CHATS = frozenset({Operation.CHAT})
BRIDGES = tuple(Bridge(upstream(dialect), _CHATS) for dialect in Dialect)
#: Where a schema stands, which is followed level by level.
_SCHEMA = re.compile(r"schema|format|parameters", re.IGNORECASE)


def wires(document: Any, odd: Sequence[Any]) -> Iterator[tuple[str, bytes]]:
    for what, body in swapped(document, odd):
        wire = json.dumps(body).encode()
        for word, nested in DEEP.items():
            wire = wire.replace(word, nested)
        yield what, wire


def decoded(dialect: Dialect, wire: bytes) -> Request | None:
    try:
        return front(dialect).decode_request(
            wire, request_id="r", path=_PATHS.get(dialect, {}), headers=CIMultiDict({"x-api-key": "k"})
        )
    except RequestError as refusal:
        assert 400 <= refusal.status < 500
    except RecursionError:
        pass  # a 400, too (`test_bodies.py`)
    return None


@pytest.mark.parametrize("odd", [ODD, DEEPEST, SCHEMAS], ids=["types", "depth", "schemas"])
@pytest.mark.parametrize("dialect", REQUESTS)
def test_what_stands_in_a_wrong_place_is_refused_or_written(dialect, odd) -> None:
    crashed = {}
    for what, wire in wires(plain(REQUESTS[dialect]), odd):
        if odd is SCHEMAS and not _SCHEMA.search(what):
            continue
        try:
            request = decoded(dialect, wire)
            for bridge in BRIDGES if request is not None else ():
                with suppress(RequestError, AttemptFailed):
                    bridge.encode(request, model="claude-opus-4-5")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            crashed[what] = repr(error)
    assert crashed == {}


@pytest.mark.parametrize("dialect", REQUESTS)
async def test_what_stands_in_a_wrong_place_is_no_riddle_to_demo(dialect) -> None:
    demo, crashed = Demo("Demo"), {}
    for what, body in swapped(REQUESTS[dialect], (7, 2.0, [], [None])):
        request = decoded(dialect, json.dumps(body).encode())
        try:
            if request is not None and not request.stream:
                await demo.complete(Call(request=request, model="m", key=None, connect=1.0))
        except AttemptFailed:
            pass
        except Exception as error:  # noqa: BLE001 - as above
            crashed[what] = repr(error)
    assert crashed == {}


@pytest.mark.parametrize("dialect", REQUESTS)
def test_the_rich_requests_are_read_and_written_for_all(dialect) -> None:
    """Otherwise the tests above would try nothing."""
    request = decoded(dialect, json.dumps(plain(REQUESTS[dialect])).encode())
    assert request is not None
    taken = replace(request, lost=())  # with what only its own provider keeps, nobody else is asked
    assert all(bridge.encode(taken, model="claude-opus-4-5").body for bridge in BRIDGES)
