"""One recording played to a provider's own adapter over a real socket, and what its caller got of it."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from g4f.config.schema import Config, Provider, ProviderKey
from g4f.conformance.player import Player, Reply
from g4f.conformance.recording import Recording
from g4f.dialects.bridge import Bridge
from g4f.dialects.face import Origin
from g4f.dialects.registry import operations, upstream
from g4f.errors import RequestError
from g4f.exchange.answer import Frame
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Dialect, Request
from g4f.providers.registry import bind, habits_of
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter, Call

#: The credential of a replay: what is looked for where no credential belongs.
SECRET: Final = "replayed-credential-0123456789"  # noqa: S105 - of no worth
CONNECT: Final = 5.0
_JSON: Final = {"Content-Type": "application/json"}
#: What says when an answer was made, and ids that are made of it: they differ from replay to replay.
_MOMENTS: Final = re.compile(
    rb'"(created|created_at|completed_at|total_duration|id|call_id)":'
    rb'("(?:call_|toolu_)[0-9a-f]{24}"|"\d{4}-[^"]*"|[\d.]+)'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the caller got: `wire` with its moments taken out, and `failure` where it did not end well. `settled` says
    that every choice had its finish reason by then. `dropped` is what of the request was not passed on."""

    wire: bytes
    failure: Failure | None
    settled: bool = False
    dropped: tuple[str, ...] = ()


class Stage:
    """One provider's adapter, of which the upstream is the player."""

    def __init__(self, name: str, row: Provider, adapter: Adapter, player: Player) -> None:
        self.name = name
        self.row = row
        self._adapter = adapter
        self.player = player

    async def play(self, recording: Recording, request: Request, pieces: Sequence[bytes]) -> Outcome:
        """What `request` gets where the recording's answer comes in these pieces."""
        headers = {"Content-Type": recording.media_type, **recording.headers}
        self.player.reply = Reply(status=recording.status, headers=headers, pieces=pieces)
        self.player.earlier.clear()
        self.player.earlier += [
            Reply(status=status, headers=_JSON, pieces=(body,)) for status, body in recording.earlier
        ]
        call = Call(request=request, model=recording.model, key="replayed", connect=CONNECT)
        got: list[bytes] = []
        failure, settled = None, False
        try:
            if request.stream:
                async for frame in self._adapter.stream(call):
                    got.append(frame.wire)
                    settled = settled or frame.last
            else:
                got.append((await self._adapter.complete(call)).wire)
        except AttemptFailed as failed:
            failure = failed.failure
        except RequestError as error:
            failure = Failure(kind=FailureKind.BAD_REQUEST, message=error.message)
        return _outcome(got, failure, settled=settled, dropped=call.dropped)

    def read(self, recording: Recording, request: Request, pieces: Sequence[bytes]) -> Outcome:
        """The same for a stream without the socket, much quicker: the pieces go straight to what the adapter of a
        row that names a dialect reads them with."""
        dialect = Dialect(self.row.dialect or Dialect.OPENAI)
        bridge = Bridge(upstream(dialect), operations(dialect, self.row.operations), habits_of(self.row))
        reader = bridge.reader(Origin(request=request, provider=self.name, now=0))
        frames: list[Frame] = []
        failure = None
        try:
            if reader is not None:
                for piece in pieces:
                    if not reader.finished:
                        reader.check()
                        frames += reader.feed(piece)
                reader.check()
                frames += [] if reader.finished else reader.close()
        except AttemptFailed as failed:
            failure = failed.failure
        return _outcome([frame.wire for frame in frames], failure, settled=any(frame.last for frame in frames))


def _outcome(got: Sequence[bytes], failure: Failure | None, *, settled: bool, dropped: tuple[str, ...] = ()) -> Outcome:
    wire = _MOMENTS.sub(rb'"\1":0', b"".join(got))
    return Outcome(wire=wire, failure=failure, settled=settled, dropped=dropped)


@asynccontextmanager
async def stage(name: str, row: Provider) -> AsyncIterator[Stage]:
    """The adapter of a provider's row, as it is but for where it calls, and with a key of no worth."""
    pools = Pools()
    async with Player() as player:
        where = player.origin + urlsplit(row.base_url or "").path
        key = ProviderKey(name="replayed", key=SecretStr(SECRET))
        there = row.model_copy(update={"base_url": where, "keys": (key,), "proxy": None})
        adapter = bind(name, there, Config(), pools, pause=0)
        try:
            yield Stage(name, row, adapter, player)
        finally:
            await adapter.close()
