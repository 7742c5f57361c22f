"""Call a provider written in Python, whichever of its methods it has, and give out what it yields one by one.

What may block runs in threads and never on the event loop. `docs/providers.md` is the contract for whoever writes one.
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from g4f.providers import base_provider

#: The methods a provider may have, the ones that stream without a thread first.
METHODS = (
    "create_async_generator",
    "async_create_function",
    "create_async",
    "create_completion",
    "create_function",
)

_END = object()


def method_of(provider: Any) -> Callable[..., Any] | None:
    """The method to call: the first of `METHODS` that is not merely inherited from our base classes."""
    for name in METHODS:
        method: Callable[..., Any] | None = getattr(provider, name, None)
        if callable(method) and getattr(method, "__module__", None) != base_provider.__name__:
            return method
    return None


def accepted(method: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that a method takes: all where it has `**kwargs`, else those it names."""
    try:
        parameters = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):  # written in C, or hiding it: it gets everything
        return dict(arguments)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return dict(arguments)
    named = {parameter.name for parameter in parameters if parameter.kind is not parameter.POSITIONAL_ONLY}
    return {name: value for name, value in arguments.items() if name in named}


async def pieces(method: Callable[..., Any], arguments: Mapping[str, Any]) -> AsyncGenerator[Any]:
    """What the provider gives, piece by piece; a provider that gives all at once gives one piece."""
    result = await _called(method, accepted(method, arguments))
    if inspect.isawaitable(result):
        result = await result
    if isinstance(result, AsyncIterator):
        try:
            async for piece in result:
                yield piece
        finally:
            close = getattr(result, "aclose", None)
            if close is not None:
                await close()
    elif isinstance(result, Iterator):
        async for piece in _from_thread(result):
            yield piece
    else:
        yield result


async def _called(method: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """The result of the call. A function that is neither a generator nor a coroutine may block: it runs in a thread."""
    function = inspect.unwrap(getattr(method, "__func__", method))
    lazy = (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isgeneratorfunction)
    if any(is_kind(function) for is_kind in lazy):
        return method(**arguments)
    return await asyncio.to_thread(method, **arguments)


async def _from_thread(iterator: Iterator[Any]) -> AsyncGenerator[Any]:
    """The items of an iterator that may block. Between two items it stands still, so it can be closed there."""
    step: asyncio.Future[Any] | None = None
    try:
        while True:
            step = asyncio.ensure_future(asyncio.to_thread(next, iterator, _END))
            piece = await asyncio.shield(step)
            if piece is _END:
                return
            yield piece
    finally:
        close = getattr(iterator, "close", None)
        if step is not None and not step.done():
            # It is in the middle of a step that nobody can interrupt: it is closed when that is over.
            step.add_done_callback(lambda done: done.cancelled() or done.exception() or close is None or close())
        elif close is not None:
            await asyncio.to_thread(close)
