"""Responses that are kept, so that a request can go on from one (`previous_response_id`) and a client read one again.

A response belongs to the key that asked for it, and is kept with all that was said before it: any provider can go on
from it. One that was not to be stored, or was not whole, is not kept.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson

from g4f.config.schema import Conversations as Limits
from g4f.dialects.responses.input import as_items, to_go_on_from
from g4f.dialects.responses.request import going_on
from g4f.errors import RequestError
from g4f.exchange.answer import Frame
from g4f.exchange.request import Request
from g4f.gateway.answer import Heard
from g4f.gateway.shelf import Shelf
from g4f.state.types import Store

PREFIX: Final = "response."
_ENDS = (b"event: response.completed\n", b"event: response.incomplete\n")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """A response as it was given, and the items it answered."""

    response: Json
    input: list[Json]


class Responses:
    """All kept responses of a gateway. `wall` is the time in Unix seconds."""

    def __init__(self, store: Store, *, wall: Callable[[], float] = time.time) -> None:
        self._shelf = Shelf(store, PREFIX, wall=wall)

    async def begin(
        self, request: Request, caller: str, limits: Limits
    ) -> tuple[Request, Callable[..., "KeptResponse"]]:
        """The request with what it goes on from in front, and what makes of its answer one that is kept.

        Raises RequestError for a `previous_response_id` that is not known.
        """
        native = request.native or {}
        previous = native.get("previous_response_id")
        if previous is not None:
            request = await self._going_on(request, caller, previous)
        wanted = native.get("store") is not False
        asked = as_items((request.native or {}).get("input"))

        async def keep(response: Json) -> None:
            if wanted and isinstance(response.get("id"), str):
                await self._keep(caller, Stored(response, asked), limits)

        return request, partial(KeptResponse, keep=keep)

    async def get(self, caller: str, key: str) -> Stored:
        """A kept response of the caller's. Raises RequestError (404) where there is none."""
        stored = await self._find(caller, key)
        if stored is None:
            message = f"There is no response {key[:80]!r}: it was never kept for this key, or not any more."
            raise RequestError(message, status=404, code="response_not_found")
        return stored

    async def forget(self, caller: str, key: str) -> None:
        """Forget a kept response. Raises RequestError (404) where there is none."""
        await self.get(caller, key)
        await self._shelf.remove(self._shelf.name(caller, key))

    async def _going_on(self, request: Request, caller: str, previous: Any) -> Request:
        stored = await self._find(caller, previous) if isinstance(previous, str) else None
        if stored is None:
            raise RequestError(
                f"There is no response {str(previous)[:80]!r} to go on from: send the whole input instead.",
                code="previous_response_not_found",
                param="previous_response_id",
            )
        return going_on(request, [*stored.input, *to_go_on_from(stored.response.get("output") or [])])

    async def _find(self, caller: str, key: str) -> Stored | None:
        document = await self._shelf.load(self._shelf.name(caller, key))
        if not isinstance(document.get("response"), dict) or not isinstance(document.get("input"), list):
            return None
        return Stored(document["response"], document["input"])

    async def _keep(self, caller: str, stored: Stored, limits: Limits) -> None:
        asked = _within(stored, limits)
        name = self._shelf.name(caller, stored.response["id"])
        if asked is not None:
            await self._shelf.save(name, {"response": stored.response, "input": asked}, limits)


def _within(stored: Stored, limits: Limits) -> list[Json] | None:
    """The last items that are within the limits, beginning with a message of the user's; None if not even the
    response is."""
    room = limits.max_size - len(orjson.dumps(stored.response))
    asked = stored.input[-limits.max_messages :]
    sizes = [len(orjson.dumps(item)) for item in asked]
    total, first = sum(sizes), 0
    while first < len(asked) and (total > room or (first and asked[first].get("role") != "user")):
        total -= sizes[first]
        first += 1
    return asked[first:] if room >= 0 else None


class KeptResponse(Heard):
    """As `Answer`; `keep` gets the whole response before the end is told."""

    def __init__(self, *parts: Any, keep: Callable[[Json], Awaitable[None]]) -> None:
        super().__init__(*parts)
        self._keep = keep

    async def hear(self) -> None:
        """Keep a whole answer; one that streams is kept at its end."""
        if self.completion is not None:
            await self._keep(orjson.loads(self.completion.wire))

    async def __anext__(self) -> Frame:
        frame = await super().__anext__()
        whole = _whole_in(frame.wire)
        if whole is not None:
            await self._keep(whole)
        return frame


def _whole_in(wire: bytes) -> Json | None:
    """The response in the event that ends a stream, if it is among these."""
    start = next((at for end in _ENDS if (at := wire.find(end)) >= 0), -1)
    if start < 0:
        return None
    data = wire[wire.index(b"data: ", start) + 6 :].partition(b"\n")[0]
    response: Mapping[str, Any] | None = orjson.loads(data).get("response")
    return dict(response) if isinstance(response, dict) else None
