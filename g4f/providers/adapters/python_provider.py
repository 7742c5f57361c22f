"""The adapter for a provider written in Python: a class, or an object, of the user's own.

It is called as `docs/providers.md` says, and what it raises becomes a failure of a known kind with the exception as
its cause. Its text is shown only where it is one of `g4f.errors`: others may hold anything.
"""

import random
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from g4f import errors
from g4f.dialects.bridge import result, result_frames
from g4f.dialects.face import Origin
from g4f.dialects.openai.operation import is_raw
from g4f.dialects.registry import front
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event, Reasoning, Start, Text, ToolCall
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Operation
from g4f.providers.adapters import python_results
from g4f.providers.adapters.python_call import method_of, pieces
from g4f.providers.adapters.python_events import events
from g4f.providers.types import Call

#: Characters of a provider's own words that are shown.
LONGEST_MESSAGE = 512

#: What an exception says; the first that fits.
_KINDS: Sequence[tuple[type[BaseException], FailureKind]] = (
    (errors.RateLimitError, FailureKind.RATE_LIMITED),
    (errors.CloudflareError, FailureKind.CHALLENGE),
    (errors.PaymentRequiredError, FailureKind.QUOTA),
    (errors.MissingAuthError, FailureKind.AUTH),
    (errors.NoValidHarFileError, FailureKind.AUTH),
    (errors.AuthenticationError, FailureKind.AUTH),
    (errors.RequestError, FailureKind.BAD_REQUEST),
    (errors.ModelNotFoundError, FailureKind.NOT_FOUND),
    (errors.ModelNotAllowedError, FailureKind.NOT_FOUND),
    (errors.LimitExceededError, FailureKind.RATE_LIMITED),
    (errors.ResponseError, FailureKind.SERVER_ERROR),
    (TimeoutError, FailureKind.TIMEOUT),
    (ConnectionError, FailureKind.CONNECT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonOptions:
    """`keys` maps the names of keys to their values; `proxy` is a URL. Both are handed to the provider, as `api_key`
    and `proxy`, and are secrets."""

    name: str
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)


class PythonProvider:
    """One provider written in Python, ready to be called. Raises TypeError for what has no method to call."""

    def __init__(self, provider: Any, options: PythonOptions) -> None:
        self.name = options.name
        self._provider = provider
        self._options = options
        method = method_of(provider)
        if method is None:
            raise TypeError(f"{options.name} has no create_async_generator, create_async or create_completion")
        self._method = method

    async def complete(self, call: Call) -> Completion:
        if call.request.operation is not Operation.CHAT:
            return result(await self._made(call), self._origin(call))
        found = [event async for event in self._events(call)]
        return front(call.request.dialect).encode_completion(found, self._origin(call))

    async def stream(self, call: Call) -> AsyncGenerator[Frame]:
        if call.request.operation is not Operation.CHAT:
            whole = await self._made(call)
            call.media_type = whole.media_type if is_raw(call.request.operation, call.request.payload) else None
            for frame in result_frames(whole, self._origin(call)):
                yield frame
            return
        encoder = front(call.request.dialect).encoder(self._origin(call))
        async with aclosing(self._events(call)) as answer:
            async for event in answer:
                yield encoder.encode(event)
        yield encoder.close()

    def _origin(self, call: Call) -> Origin:
        return Origin(request=call.request, provider=self.name, now=int(time.time()))

    async def models(self, *, key: str | None, connect: float) -> Sequence[str]:
        listed = getattr(self._provider, "models", None) or [getattr(self._provider, "default_model", "")]
        return [str(name) for name in listed if name]

    async def close(self) -> None:
        return None

    async def _events(self, call: Call) -> AsyncGenerator[Event]:
        yield Start(model=call.model or None)
        answered = False
        try:
            async with (
                aclosing(pieces(self._method, self._arguments(call))) as said,
                aclosing(events(said, call.request.payload)) as found,
            ):
                async for event in found:
                    answered = answered or isinstance(event, Text | Reasoning | ToolCall)
                    yield event
        except Exception as error:
            raise AttemptFailed(_failure(error)) from error
        if not answered:
            raise AttemptFailed(Failure(kind=FailureKind.EMPTY, message="The provider gave nothing."))

    async def _made(self, call: Call) -> Completion:
        """The answer to anything but a chat."""
        try:
            async with aclosing(pieces(self._method, self._arguments(call))) as given:
                return await python_results.result(given, self._origin(call))
        except AttemptFailed:
            raise
        except Exception as error:
            raise AttemptFailed(_failure(error)) from error

    def _arguments(self, call: Call) -> dict[str, Any]:
        """What the provider is called with: the request's fields, and what only it may know."""
        request = call.request
        more = {} if request.operation is Operation.CHAT else python_results.arguments(request)
        given: dict[str, Any] = {**request.payload, **(request.extras or {}), **more}
        if self._options.proxy is not None:
            given.setdefault("proxy", self._options.proxy)
        if call.key is not None:
            given["api_key"] = self._options.keys[call.key]
        return {
            **given,
            "model": self._model(call.model),
            "messages": given["messages"],
            "stream": request.stream,
        }

    def _model(self, asked: str) -> str:
        aliases = getattr(self._provider, "model_aliases", None)
        own = aliases.get(asked) if isinstance(aliases, Mapping) else None
        if isinstance(own, list | tuple) and own:
            own = random.choice(own)  # noqa: S311 - the provider says that any of them will do
        return str(own or asked or getattr(self._provider, "default_model", "") or "")


def _failure(error: Exception) -> Failure:
    kind = next((kind for known, kind in _KINDS if isinstance(error, known)), FailureKind.SERVER_ERROR)
    if isinstance(error, errors.G4FError):
        words = f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
        return Failure(kind=kind, message=words, retry_after=error.retry_after, cause=error)
    return Failure(kind=kind, message=f"The provider failed with {type(error).__name__}.", cause=error)
