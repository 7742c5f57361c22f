"""Each cell of the grid: a client's SDK, the server over real sockets, and a scripted upstream."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import ModuleType

import pytest

from g4f.api.app import build_app
from g4f.api.auth import Doorkeeper
from g4f.api.state import ServerState
from g4f.config.load import load_text
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan
from tests.support.replies import Reply
from tests.support.server import EdgeServer
from tests.support.upstream import Upstream


@dataclass(slots=True)
class Cell:
    """`root` is where the clients point, `upstream` what was asked."""

    root: str
    upstream: Upstream


#: `await cell(behind, reply, ...)`: the upstream plays the replies.
Start = Callable[..., Awaitable[Cell]]


@pytest.fixture
async def cell() -> AsyncIterator[Start]:
    """Starts a server whose model `m` is answered by one upstream, of the dialect of a module in `behind`."""
    async with AsyncExitStack() as stack:

        async def start(behind: ModuleType, *replies: Reply) -> Cell:
            upstream = await stack.enter_async_context(Upstream(*replies))
            settings = behind.SETTINGS.format(root=f"http://127.0.0.1:{upstream.port}")
            text = f"""
                defaults: {{retries: 0}}
                providers: {{Lab: {{{settings}}}}}
                models: {{m: {{chain: [Lab/{behind.MODEL}]}}}}
            """
            return Cell(await serve(stack, text), upstream)

        yield start


async def serve(stack: AsyncExitStack, text: str) -> str:
    """The root of a server over a file."""
    first = plan(load_text(text), {})
    gateway = Gateway(first)
    stack.push_async_callback(gateway.close)
    doorkeeper = Doorkeeper((), extra=None, hosts=["127.0.0.1"], clock=time.monotonic)
    state = ServerState(doorkeeper=doorkeeper, server=first.config.server, limits=first.config.limits)
    server = EdgeServer(build_app(gateway, state))
    await server.start_server(lingering_time=0.1)
    stack.push_async_callback(server.close)
    return str(server.make_url("")).rstrip("/")
