"""Services that make one picture at a time, asked as often as pictures are wanted."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import orjson

from g4f.dialects.bridge import result_frames
from g4f.dialects.openai.operation import IMAGES
from g4f.exchange.answer import Completion, Frame
from g4f.providers.endpoint import Endpoint
from g4f.providers.types import Call, Frames


class OnePicture(Endpoint):
    """As `Endpoint`, where `n` pictures are `n` calls, one after the other: these services count what runs at once."""

    async def complete(self, call: Call) -> Completion:
        count = self._count(call)
        if count == 1:
            return await super().complete(call)
        seed = call.request.payload.get("seed")
        answers: list[Any] = []
        for number in range(count):
            # The same seed would make the same picture again.
            more = {"seed": seed + number} if type(seed) is int else {}
            request = call.request.saying({**call.request.payload, **more, "n": 1})
            one = replace(call, request=request)
            answers.append(orjson.loads((await super().complete(one)).wire))
            call.dropped = one.dropped
        pictures = [picture for answer in answers for picture in answer["data"]]
        return Completion(orjson.dumps({**answers[0], "data": pictures}))

    def stream(self, call: Call) -> Frames:
        return super().stream(call) if self._count(call) == 1 else self._whole(call)

    def _count(self, call: Call) -> int:
        return int(call.request.payload.get("n", 1)) if call.request.operation in IMAGES else 1

    async def _whole(self, call: Call) -> AsyncGenerator[Frame]:
        """A stream of pictures, each of which comes whole."""
        whole = await self.complete(call)
        for frame in result_frames(whole, self._origin(call)):
            yield frame
