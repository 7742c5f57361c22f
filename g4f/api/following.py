"""What serves, kept on its file: a reload takes effect when the file changes, or when somebody asks for it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from g4f import log
from g4f.api.control import LocalControl
from g4f.api.serving import Serving
from g4f.config.load import Loaded
from g4f.config.settings import Settings
from g4f.gateway.reload import Reloader
from g4f.gateway.rollout import Rollout
from g4f.gateway.snapshot import plan


class Following:
    """A `serving` over a file. `during` is entered for as long as a reload takes; `stop` begins to drain, where the
    operator may ask for that."""

    def __init__(
        self,
        loaded: Loaded,
        *,
        environ: Mapping[str, str],
        settings: Settings,
        during: Callable[[], AbstractContextManager[None]] = nullcontext,
        stop: Callable[[], None] | None = None,
    ) -> None:
        first = plan(loaded, environ, settings)
        self.serving = Serving(loaded, first, settings)
        self.reloader = Reloader(
            self.serving.seat,
            loaded,
            first,
            environ=environ,
            settings=settings,
            history=self.serving.meter.reloads,
            applied=lambda new: log.configure(new.config.log.level, new.config.log.format),
            during=during,
        )
        self._rollout = Rollout(self.reloader, self.serving.seat)
        self.control = LocalControl(
            self.serving.gateway,
            self.serving.state,
            self.serving.meter,
            self.reloader,
            self._rollout,
            settings=settings,
            stop=stop,
        )
        self._reloads: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Serve, and follow the file from now on."""
        self._reloads = asyncio.create_task(self.reloader.run())
        self.serving.begin()

    async def settle(self) -> None:
        """Reload no more."""
        if self._reloads is not None:
            self._reloads.cancel()
        await self._rollout.supersede()

    async def end(self) -> None:
        """Close what is open, and write down what is to be kept."""
        await self.settle()
        await self.serving.end()
