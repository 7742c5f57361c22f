"""The event loops that tests of the network run on: what the daemon uses, and what the library may be used with."""

import asyncio
from collections.abc import Callable, Mapping

import uvloop

LOOPS: Mapping[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


async def turns(count: int = 8) -> None:
    """Let everybody else on the loop go on, this many times: long enough for bytes to come through loopback."""
    for _ in range(count):
        await asyncio.sleep(0)
