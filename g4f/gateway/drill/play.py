"""Play every fault against every route of a configuration, through the gateway that serves it.

Routing, retries, time limits and cooldowns are those of the configuration, and each route is asked for what it is for.
In the place of each provider stands an upstream on loopback that speaks one dialect; proxies are left out. Built-in
adapters, which call nobody, stay as they are. Each play begins with fresh cooldowns.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from g4f.config.schema import Config, Provider
from g4f.errors import G4FError
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Operation
from g4f.gateway.answer import Answer
from g4f.gateway.drill.asked import EVENTS, STREAMED, asked
from g4f.gateway.drill.faults import Fault, Upstreams
from g4f.gateway.drill.skipping import SkippingLoop
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import Plan
from g4f.providers.registry import bind
from g4f.providers.types import Adapter
from g4f.router.resolution import Resolution, Skip

#: What the star of a pattern is replaced by to get a name that somebody could ask for.
SAMPLE: Final = "drill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a user saw while `fault` was the matter with `provider` (None: with all but the last of the chain).

    `status` is the HTTP status, `answered` the target whose answer it was, `seconds` the time to its first content or
    to the error. `broken`: the answer began and broke off with an error that the client can see. `silent`: the status
    had to be sent before anybody answered (`server.keepalive`), so that the error came within a stream.
    """

    fault: Fault
    provider: str | None
    status: int
    answered: str | None
    seconds: float
    code: str | None = None
    broken: bool = False
    silent: bool = False

    @property
    def kept_answering(self) -> bool:
        return self.answered is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """A route and what was played on it. Without `plays` its first target calls nobody, and cannot fail."""

    model: str
    asked: str
    operation: Operation
    targets: tuple[str, ...]
    skipped: tuple[Skip, ...]
    plays: tuple[Played, ...]

    @property
    def keeps_answering(self) -> bool:
        """Whether every fault of the first provider left its users with an answer. A broken answer is none that
        another target could take over, so it does not count."""
        return bool(self.targets) and all(play.kept_answering for play in self.plays)


def drill(plan: Plan, models: Iterable[str], *, told: Callable[[Drilled], None] = lambda _: None) -> list[Drilled]:
    """Drill the routes of these names, in a loop of its own. `told` hears of each as soon as it is done."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(_drill(plan, list(models), told))


async def _drill(plan: Plan, models: Sequence[str], told: Callable[[Drilled], None]) -> list[Drilled]:
    done = []
    async with Upstreams() as upstreams:
        for model in models:
            done.append(await _Route(plan, model, upstreams).drilled())
            told(done[-1])
    return done


class _Route:
    def __init__(self, plan: Plan, model: str, upstreams: Upstreams) -> None:
        self._plan = plan
        self._model = model
        self._upstreams = upstreams
        self._asked = f"{model[:-1]}{SAMPLE}" if model.endswith("*") else model
        route = plan.table.find(self._asked)
        self._operation = plan.table.purpose(route) if route else Operation.CHAT

    async def drilled(self) -> Drilled:
        resolution = self._gateway().resolve(self._asked, operation=self._operation)
        plays = [await self._play(faults) for faults in self._faults(resolution)]
        return Drilled(
            model=self._model,
            asked=self._asked,
            operation=self._operation,
            targets=tuple(dict.fromkeys(f"{t.provider}/{t.model}" for t in resolution.targets)),
            skipped=resolution.skipped,
            plays=tuple(plays),
        )

    def _faults(self, resolution: Resolution) -> Iterator[Mapping[str, Fault]]:
        """What to play: each fault of the first provider; at last all providers but one are down."""
        providers = list(dict.fromkeys(target.provider for target in resolution.targets))
        if not providers or not self._can_fail(providers[0]):
            return
        for fault in Fault:
            # Of a whole answer nothing goes out before its end.
            if fault is not Fault.CUT or self._operation in STREAMED:
                yield {providers[0]: fault}
        down = [provider for provider in providers[:-1] if self._can_fail(provider)]
        if len(down) > 1:
            yield dict.fromkeys(down, Fault.DOWN)

    def _can_fail(self, provider: str) -> bool:
        return self._plan.providers[provider].base_url is not None

    async def _play(self, faults: Mapping[str, Fault]) -> Played:
        self._upstreams.faults = dict(faults)
        gateway = self._gateway()
        now = asyncio.get_running_loop().time
        began = now()
        provider, fault = next(iter(faults.items()))
        about: dict[str, Any] = {"fault": fault, "provider": provider if len(faults) == 1 else None}
        try:
            answer = await gateway.answer(asked(self._operation, self._asked))
        except G4FError as error:
            seconds = now() - began
            keepalive = self._plan.config.server.keepalive
            silent = self._operation in EVENTS and keepalive is not None and seconds > keepalive
            return Played(**about, status=error.status, answered=None, seconds=seconds, code=error.code, silent=silent)
        else:
            seconds = now() - began
            who = f"{answer.target.provider}/{answer.target.model}"
            return Played(**about, status=200, answered=who, seconds=seconds, broken=await _breaks(answer))
        finally:
            await gateway.close()

    def _gateway(self) -> Gateway:
        loop = asyncio.get_running_loop()
        return Gateway(self._plan, clock=loop.time, dice=lambda: 0.0, bind=self._bind)

    def _bind(self, name: str, provider: Provider, config: Config, pools: Any) -> Adapter:
        """The adapter of a provider, led to the drill's upstream and without the secrets of the real one."""
        if provider.base_url is None:
            return bind(name, provider, config, pools)
        keys = tuple(key.model_copy(update={"key": SecretStr("drill")}) for key in provider.keys)
        led: dict[str, object] = {
            "dialect": "openai",
            "adapter": None,
            "base_url": self._upstreams.url(name),
            "proxy": "none",
            "headers": {},
            "keys": keys,
        }
        return bind(name, provider.model_copy(update=led), config, pools)


async def _breaks(answer: Answer) -> bool:
    """Read an answer to its end; whether it broke off."""
    try:
        async for _ in answer:
            pass
    except AttemptFailed:
        return True
    finally:
        await answer.aclose()
    return False
