"""Conversations: what was said under an id, kept here so that a client need not send it again.

A conversation belongs to the key that began it. It is put in front of each request that names it, and the answer is
added once it is whole: one that fails or is given up leaves the conversation as it was. Of two requests at once each
continues what was there when it began, and the last to end wins. Where the state lasts, an answer is written down
before its end is told, so that a crash takes nothing that a client has seen whole.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import orjson

from g4f.config.schema import Conversations as Limits
from g4f.exchange.capability import needs_of
from g4f.exchange.request import Request
from g4f.gateway.remembered import Remembered
from g4f.gateway.shelf import Shelf
from g4f.state.types import Store

PREFIX: Final = "conversation."
_SYSTEM: Final = frozenset({"system", "developer"})

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as it was when a request came: `system` stands before the `turns`."""

    name: str
    system: Sequence[Message] = ()
    turns: Sequence[Message] = ()

    def continued_by(self, messages: Sequence[Message]) -> "Talk":
        """With what a request says. A client that repeats the whole conversation is not given it twice; one that
        gives other instructions replaces those it gave before."""
        first = next((place for place, said in enumerate(messages) if said.get("role") not in _SYSTEM), len(messages))
        system, said = messages[:first], messages[first:]
        known = len(self.turns)
        repeated = known > 0 and len(said) > known and _words(said[:known]) == _words(self.turns)
        return replace(self, system=system or self.system, turns=said if repeated else [*self.turns, *said])

    def answered_by(self, message: Message) -> "Talk":
        return replace(self, turns=[*self.turns, message])

    @property
    def messages(self) -> list[Message]:
        return [*self.system, *self.turns]


class Conversations:
    """All conversations of a gateway. `wall` is the time in Unix seconds."""

    def __init__(self, store: Store, *, wall: Callable[[], float] = time.time) -> None:
        self._shelf = Shelf(store, PREFIX, wall=wall)

    async def recall(self, caller: str, conversation: str) -> Talk:
        """The conversation of this id that the caller has had; an empty one where there is none. Never fails."""
        name = self._shelf.name(caller, conversation)
        document = await self._shelf.load(name)
        try:
            return Talk(name, _messages(document["system"]), _messages(document["turns"]))
        except (KeyError, TypeError):
            return Talk(name)

    async def begin(
        self, request: Request, caller: str, conversation: str, limits: Limits
    ) -> tuple[Request, Callable[..., Remembered]]:
        """The request with its conversation in front, and what makes of its answer one that is remembered."""
        talk = await self.recall(caller, conversation)
        talk = talk.continued_by(request.payload["messages"])

        async def keep(message: Message) -> None:
            await self.keep(talk.answered_by(message), limits)

        return continued(request, talk), partial(Remembered, conversation=conversation, keep=keep)

    async def keep(self, talk: Talk, limits: Limits) -> None:
        """Write a conversation down, as far as it is within the limits. Never fails."""
        talk = _within(talk, limits)
        await self._shelf.save(talk.name, {"system": talk.system, "turns": talk.turns}, limits)


def continued(request: Request, talk: Talk) -> Request:
    """The request with the whole conversation as its messages."""
    payload = {**request.payload, "messages": talk.messages}
    return replace(request, payload=payload, needs=needs_of(payload))


def _within(talk: Talk, limits: Limits) -> Talk:
    """The last turns that are within the limits, beginning with one of the user's."""
    turns = talk.turns
    sizes = [len(orjson.dumps(turn)) for turn in turns]
    first = max(len(turns) - limits.max_messages, 0)
    total = sum(sizes[first:]) + len(orjson.dumps(talk.system))
    while first < len(turns) and (total > limits.max_size or (first and turns[first].get("role") != "user")):
        total -= sizes[first]
        first += 1
    return replace(talk, turns=turns[first:], system=talk.system if total <= limits.max_size else ())


def _words(messages: Sequence[Message]) -> list[tuple[Any, Any]]:
    """What makes two turns the same: who spoke, and what was said."""
    return [(said.get("role"), said.get("content")) for said in messages]


def _messages(written: Any) -> list[Message]:
    if not isinstance(written, list) or not all(isinstance(said, dict) for said in written):
        raise TypeError
    return written
