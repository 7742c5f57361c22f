"""Services of which chats come as something else than a dialect's stream: what they say is made events first."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from g4f.dialects.openai import legacy
from g4f.dialects.registry import front
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.request import Operation
from g4f.providers.endpoint import Endpoint
from g4f.providers.types import Call, Frames


class ByEvents(Endpoint, ABC):
    """As `Endpoint`, but for chats, and completions of the old kind, which are asked as chats."""

    @abstractmethod
    def events(self, call: Call) -> AsyncGenerator[Event]:
        """The answer to a chat. It ends normally only if it is complete. Raises AttemptFailed."""

    async def complete(self, call: Call) -> Completion:
        if call.request.operation is Operation.COMPLETION:
            return legacy.text_of(await self.complete(_as_chat(call)))
        if call.request.operation is not Operation.CHAT:
            return await super().complete(call)
        async with aclosing(self.events(call)) as answer:
            events = [event async for event in answer]
        return front(call.request.dialect).encode_completion(events, self._origin(call))

    def stream(self, call: Call) -> Frames:
        if call.request.operation in (Operation.CHAT, Operation.COMPLETION):
            return self._spoken(call)
        return super().stream(call)

    async def _spoken(self, call: Call) -> AsyncGenerator[Frame]:
        old = call.request.operation is Operation.COMPLETION
        chat = _as_chat(call) if old else call
        encoder = front(chat.request.dialect).encoder(self._origin(chat))
        async with aclosing(self.events(chat)) as answer:
            async for event in answer:
                frame = encoder.encode(event)
                yield legacy.text_frames([frame])[0] if old else frame
        frame = encoder.close()
        yield legacy.text_frames([frame])[0] if old else frame


def _as_chat(call: Call) -> Call:
    request, dropped = legacy.as_chat(call.request)
    call.dropped = dropped
    return replace(call, request=request)
