"""Keeps a gateway's cooldowns in a store, so that a restart does not walk into every dead provider again.

Nothing here is on a request's way: once a second a task looks whether anything changed, and a thread writes. A store
that fails is reported once, and the gateway serves on without it.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from g4f import log
from g4f.gateway.cooldowns import ForeignDocumentError, decode, encode
from g4f.gateway.gateway import Gateway
from g4f.router.health import OpenCircuit
from g4f.state.types import StateError, Store

DOCUMENT = "cooldowns.json"
#: Seconds between two looks, and so the most that a crash forgets.
EVERY = 1.0
#: Seconds that the last write gets when the process ends.
LAST_WRITE = 2.0

_log = log.get()


class Keeper:
    """Restores and saves the cooldowns of one gateway. `wall` is the time in Unix seconds."""

    def __init__(
        self,
        gateway: Gateway,
        store: Store,
        *,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gateway = gateway
        self._store = store
        self._wall = wall
        self._sleep = sleep
        self._saved: tuple[OpenCircuit, ...] = ()
        self._writing: asyncio.Future[None] | None = None
        self._failing = False

    def restore(self) -> None:
        """Take over what an earlier process knew. Never fails: what cannot be read is reported and left alone."""
        health, identities = self._gateway.health, self._gateway.snapshot.identities
        try:
            content = self._store.load(DOCUMENT)
            if content is None:
                return
            circuits = decode(content, identities, now=health.now(), wall=self._wall())
        except StateError as error:
            _log.warning("state.ignored", file=DOCUMENT, problem=str(error), hint="starting without cooldowns")
        except ForeignDocumentError:
            problem = "it is damaged, or of another version"
            _log.warning("state.ignored", file=DOCUMENT, problem=problem, hint="starting without cooldowns")
        else:
            _log.info("state.restored", file=DOCUMENT, cooldowns=health.restore(circuits))
            self._saved = health.export()

    async def run(self) -> None:
        """Save whenever something changed, until cancelled."""
        while self._store.lasting:
            await self._sleep(EVERY)
            await self.save()

    async def save(self) -> None:
        """Write the cooldowns as they are now, if they differ from what was written. Never fails."""
        await self._settled()
        circuits = self._gateway.health.export()
        if circuits == self._saved:
            return
        identities = self._gateway.snapshot.identities
        content = encode(circuits, identities, now=self._gateway.health.now(), wall=self._wall())
        writing = asyncio.get_running_loop().run_in_executor(None, self._store.save, DOCUMENT, content)
        writing.add_done_callback(_look_at)
        self._writing = writing
        try:
            # A write that was begun is not given up: a later one must not be overtaken by it.
            await asyncio.shield(writing)
        except StateError as error:
            self._report(str(error))
        else:
            self._saved = circuits
            self._failing = False

    async def close(self) -> None:
        """Save for the last time. A disk that hangs is not waited for."""
        if self._store.lasting:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WRITE):
                    await self.save()

    async def _settled(self) -> None:
        if self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    def _report(self, problem: str) -> None:
        if not self._failing:
            _log.warning("state.not_saved", file=DOCUMENT, problem=problem, hint="cooldowns are kept in memory")
        self._failing = True


def _look_at(writing: "asyncio.Future[None]") -> None:
    if not writing.cancelled():
        writing.exception()
