"""Replicate: models by predictions, which are created, waited for, read and cancelled.

https://replicate.com/docs/reference/http. A prediction that is not done when its request is answered is asked after
until it is; one that nobody waits for any more is cancelled, because it costs. Everything is asked of the one origin of
`base_url`: a streamed answer is read from the prediction as it grows.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import orjson

from g4f.dialects.bridge import result_frames
from g4f.dialects.face import Outgoing
from g4f.dialects.openai.operation import IMAGES
from g4f.dialects.openai.wire import bad_response
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event, Finish, Start, Text, Tokens
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.providers.adapters.by_events import ByEvents
from g4f.providers.adapters.replicate_words import Prediction, ReplicateFace
from g4f.providers.endpoint import EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter, Call, Frames

#: Seconds that a request is held open for its answer (at most 60 there), and between two looks at a prediction.
HELD = 60
PAUSE = 0.5
#: Looks in a row that may fail: the prediction goes on meanwhile, and another would be paid for again.
PATIENCE = 3
_PASSING = frozenset(
    {FailureKind.DISCONNECTED, FailureKind.OVERLOADED, FailureKind.RATE_LIMITED, FailureKind.SERVER_ERROR}
)


class Replicate(ByEvents):
    """The adapter of Replicate. `pause` is for tests."""

    well = frozenset({200, 201, 202})

    def __init__(self, options: EndpointOptions, pools: Pools, *, pause: float = PAUSE) -> None:
        self._words = ReplicateFace()
        super().__init__(options, pools, self._words)
        self._pause = pause
        self._cancelling: set[asyncio.Task[None]] = set()

    async def complete(self, call: Call) -> Completion:
        if call.request.operation not in IMAGES:
            return await super().complete(call)
        async with aclosing(self._run(call, held=HELD)) as looks:
            prediction = [look async for look in looks][-1]
        return self._words.pictures(prediction, self._origin(call))

    def stream(self, call: Call) -> Frames:
        return self._whole(call) if call.request.operation in IMAGES else super().stream(call)

    async def events(self, call: Call) -> AsyncGenerator[Event]:
        said = ""
        async with aclosing(self._run(call, held=0 if call.request.stream else HELD)) as looks:
            async for look in looks:
                if len(look.text) > len(said):
                    if not said:
                        yield Start()
                    yield Text(look.text[len(said) :])
                    said = look.text
                if look.done:
                    yield Finish("stop")
                    if look.usage is not None:
                        yield Tokens(look.usage)

    async def close(self) -> None:
        if self._cancelling:
            await asyncio.wait(self._cancelling)
        await super().close()

    async def _whole(self, call: Call) -> AsyncGenerator[Frame]:
        whole = await self.complete(call)
        for frame in result_frames(whole, self._origin(call)):
            yield frame

    async def _run(self, call: Call, *, held: int) -> AsyncGenerator[Prediction]:
        """The prediction as it is each time it is looked at, until it is done. Raises AttemptFailed."""
        outgoing = self._words.encode_request(call.request, model=call.model)
        outgoing.headers = {"Prefer": f"wait={held}"} if held else None
        outgoing.dropped = (*call.dropped, *outgoing.dropped)
        prediction = await self._ask(call, outgoing)
        done = False
        try:
            failed = 0
            while True:
                prediction.check(self._origin(call))
                done = prediction.done
                yield prediction
                if done:
                    return
                await asyncio.sleep(self._pause)
                try:
                    prediction = await self._ask(call, Outgoing(method="GET", path=prediction.path))
                    failed = 0
                except AttemptFailed as error:
                    failed += 1
                    if failed == PATIENCE or error.failure.kind not in _PASSING:
                        raise
        finally:
            if not done and not prediction.ended:
                self._cancel(call, prediction)

    async def _ask(self, call: Call, outgoing: Outgoing) -> Prediction:
        reply = await self.send(call, outgoing, whole=True)
        try:
            value: Any = orjson.loads(await reply.read())
        except orjson.JSONDecodeError:
            raise bad_response(f"{self.name} answered with something that is not JSON") from None
        finally:
            reply.close()
        return Prediction.read(value, self.name)

    def _cancel(self, call: Call, prediction: Prediction) -> None:
        """In a task of its own: whoever waited is being cancelled, too."""
        task = asyncio.get_running_loop().create_task(self._cancelled(call, prediction))
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)

    async def _cancelled(self, call: Call, prediction: Prediction) -> None:
        try:
            async with asyncio.timeout(call.connect):
                await self._ask(call, Outgoing(path=f"{prediction.path}/cancel", body=b""))
        except (AttemptFailed, TimeoutError):
            return  # it ends by itself, in time


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return Replicate(options.rooted(), pools, pause=PAUSE if options.pause is None else options.pause)
