"""An answer that becomes part of its conversation: heard while it passes, and kept when it was whole."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson

from g4f.dialects.openai.fold import Folding
from g4f.dialects.openai.wire import Json, chunks_of, event_of
from g4f.exchange.answer import Completion, Frame
from g4f.gateway.answer import Heard

#: Of a message, what another provider may be told on the next turn.
_KEPT = ("role", "content", "tool_calls", "refusal")


class Remembered(Heard):
    """As `Answer`, with `conversation_id` in it; `keep` gets the assistant's message before the end is told."""

    def __init__(self, *parts: Any, conversation: str, keep: Callable[[Json], Awaitable[None]]) -> None:
        super().__init__(*parts)
        self._conversation = conversation
        self._keep = keep
        self._folding = Folding()

    async def hear(self) -> None:
        """Keep a whole answer; one that streams is kept at its end."""
        whole = self.completion
        if whole is not None:
            body = orjson.loads(whole.wire)
            await self._keep_message(body)
            self.completion = _labelled(whole, body, self._conversation)

    async def __anext__(self) -> Frame:
        try:
            frame = await super().__anext__()
        except StopAsyncIteration:
            await self._keep_message(self._folding.completion())
            raise
        chunks = chunks_of(frame.wire)
        for chunk in chunks:
            self._folding.add(chunk)
        wires = [event_of({**chunk, "conversation_id": self._conversation}) for chunk in chunks]
        return replace(frame, wire=b"".join(wires))

    async def _keep_message(self, body: Json) -> None:
        """Of several alternatives the first goes on."""
        if body["choices"]:
            said = body["choices"][0]["message"]
            await self._keep({key: said[key] for key in _KEPT if said.get(key) is not None or key == "role"})


def _labelled(whole: Completion, body: Json, conversation: str) -> Completion:
    return replace(whole, wire=orjson.dumps({**body, "conversation_id": conversation}))
