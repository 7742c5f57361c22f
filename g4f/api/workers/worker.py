"""A worker: one of several processes that serve by what the supervisor tells them.

It reads no file and follows none. Without its supervisor it drains and leaves. SIGTERM drains it; a terminal's signals
do not reach it, for it has a process group of its own.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from g4f import log
from g4f.api.control import standing
from g4f.api.inherited import Inherited
from g4f.api.listening import Listening
from g4f.api.operator import OperatorSite
from g4f.api.serving import Serving
from g4f.api.workers.afar import AfarControl
from g4f.api.workers.channel import Channel
from g4f.api.workers.parcel import unpacked, unpacked_settings
from g4f.api.workers.scratch import held
from g4f.api.workers.shares import Shares
from g4f.config.aside import aside
from g4f.config.load import Loaded
from g4f.config.settings import environment
from g4f.errors import RequestError
from g4f.gateway.snapshot import Plan, plan

Json = dict[str, Any]


class Worker:
    """Answers the supervisor over the socket of this `descriptor`, and serves what it is told to."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._duty: Duty | None = None
        self._channel: Channel | None = None

    async def run(self) -> None:
        """Until told to leave, or the supervisor is gone."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        channel = self._channel = await Channel.over(socket.socket(fileno=self._descriptor), self._answer)
        hearing = loop.create_task(channel.run())
        hearing.add_done_callback(lambda _: self._stop.set())
        try:
            await self._stop.wait()
            if self._duty is not None:
                await self._duty.end(self._hurry)
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])

    async def _answer(self, word: str, told: Json) -> Any:
        if word == "hurry":
            self._hurry.set()
            return None
        if word == "start" and self._duty is None and self._channel is not None:
            duty = Duty(told, self._channel)
            await duty.begin()
            self._duty = duty
            return None
        answer = self._duty.answers.get(word) if self._duty is not None else None
        if answer is None:
            raise RequestError(f"nothing answers to {word}", status=409, code="no_answer")
        return await answer(told)


class Duty:
    """What a worker serves, and what it answers of it."""

    def __init__(self, told: Json, channel: Channel) -> None:
        self._environ = environment()
        self._settings = unpacked_settings(told["settings"])
        self._shares = Shares(told["limits"], told["index"])
        self._shares.assign(told["parts"])
        self._staged: Plan | None = None
        self._scratch = Path(told["scratch"])
        self._held = contextlib.ExitStack()
        self._held.enter_context(held(self._scratch))
        loaded, first = self._read(told)
        log.share()
        self._serving = Serving(
            loaded,
            first,
            self._settings,
            scratch=self._scratch,
            generation=told["generation"],
            places=self._shares.place,
        )
        sockets = [Inherited("listen", socket.socket(fileno=descriptor)) for descriptor in told["sockets"]]
        operator = None
        if told["operator"] is not None:
            listen = first.config.admin.listen or "unix:/"
            operator = OperatorSite(listen, socket.socket(fileno=told["operator"]))
        self._listening = Listening(self._serving, AfarControl(channel), sockets, operator)
        self.answers: Mapping[str, Callable[[Json], Awaitable[Any]]] = {
            "stage": self._stage,
            "try_out": self._try_out,
            "compared": self._compared,
            "commit": self._commit,
            "abort": self._abort,
            "series": self._series,
            "standing": self._standing,
        }

    async def begin(self) -> None:
        self._serving.begin()
        await self._listening.open()

    async def end(self, hurry: asyncio.Event) -> None:
        await self._listening.drain(hurry)
        await self._listening.close()
        await self._serving.end()
        self._held.close()

    def _read(self, told: Json) -> tuple[Loaded, Plan]:
        with aside():
            loaded = unpacked(told, self._environ, self._settings)
            new = plan(loaded, self._environ, self._settings)
        if new.media.directory is None:
            new = replace(new, media=replace(new.media, directory=self._scratch / "media"))
        return loaded, new

    async def _stage(self, told: Json) -> None:
        loaded, new = await asyncio.to_thread(self._read, told)
        self._shares.assign(told["parts"])
        await self._serving.seat.stage(loaded, new, told["generation"])
        self._staged = new

    async def _try_out(self, told: Json) -> None:
        await self._serving.seat.try_out(told["share"])

    async def _compared(self, _: Json) -> Any:
        before, now = await self._serving.seat.compared()
        return before.told(), now.told()

    async def _commit(self, _: Json) -> None:
        retire = await self._serving.seat.commit()
        new, self._staged = self._staged, None
        if new is not None:
            log.configure(new.config.log.level, new.config.log.format)
        await retire()

    async def _abort(self, _: Json) -> None:
        self._staged = None
        await self._serving.seat.abort()

    async def _series(self, _: Json) -> Any:
        return self._serving.meter.own_series(self._serving.state.load(asking=0))

    async def _standing(self, _: Json) -> Any:
        return standing(self._serving.gateway, self._serving.state, asking=0)


def main() -> None:
    """Serve as one of several, over the socket whose descriptor is on the command line."""
    from g4f.api.start import loop_factory

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(Worker(int(sys.argv[1])).run())


if __name__ == "__main__":
    main()
