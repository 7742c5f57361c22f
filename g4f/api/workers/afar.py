"""The operator's hands in a worker: whatever is asked of one is asked of the supervisor, and so of all."""

from collections.abc import Sequence
from typing import Any

from g4f.api.workers.channel import Channel, ChannelError
from g4f.errors import UnavailableError
from g4f.gateway.effective import Setting
from g4f.meter.tally import Series

Json = dict[str, Any]
#: Seconds for a reload of a large file by every worker.
RELOAD = 120.0


class AfarControl:
    """A control over the channel to the supervisor."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def state(self) -> Json:
        return dict(await self._ask("state"))

    async def series(self) -> Sequence[Series]:
        return [(name, labels, value) for name, labels, value in await self._ask("series")]

    async def rehearse(self) -> Json:
        return dict(await self._ask("rehearse"))

    async def reload(self) -> Json:
        return dict(await self._ask("reload", patience=RELOAD))

    async def try_out(self, share: float, seconds: float) -> Json:
        return dict(await self._ask("try_out", {"share": share, "seconds": seconds}, patience=RELOAD))

    async def drain(self) -> None:
        await self._ask("drain")

    async def settings(self) -> Sequence[Setting]:
        return [Setting(*setting) for setting in await self._ask("settings")]

    async def _ask(self, word: str, told: Json | None = None, **how: float) -> Any:
        try:
            return await self._channel.ask(word, told, **how)
        except ChannelError as error:
            raise UnavailableError(f"The supervisor cannot be asked: {error}.", code="no_supervisor") from None
