"""The gateway: the current snapshot, and everything a caller can ask of it.

The daemon and the library both enter here and nowhere else. The snapshot is replaced by one assignment; health
belongs to the gateway and lives on.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from g4f.config.load import load
from g4f.config.settings import environment, from_environment
from g4f.exchange.request import Dialect, Operation, Request
from g4f.gateway.answer import Answer, Heard
from g4f.gateway.cache import Cache, Cached, Replayed
from g4f.gateway.chain import Conditions, Walk
from g4f.gateway.conversations import Conversations
from g4f.gateway.detour import check_proxy
from g4f.gateway.lane import Flight, Lane, Lanes
from g4f.gateway.pictures import Pictures
from g4f.gateway.record import Journey
from g4f.gateway.responses import Responses
from g4f.gateway.snapshot import Plan, Snapshot, plan
from g4f.gateway.standing import standing
from g4f.providers.guard import Guard
from g4f.providers.registry import bind
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter
from g4f.router import naming
from g4f.router.budget import RETRIES_AT_LEAST, Budget
from g4f.router.health import Health
from g4f.router.resolution import Resolution
from g4f.router.resolve import Pin, Resolver
from g4f.state.media import MediaStore
from g4f.state.memory import MemoryStore
from g4f.state.types import Store

if TYPE_CHECKING:
    from g4f.gateway.explain import Explanation

A = TypeVar("A", bound=Answer)

#: What a proxy is called that a request brought along: its address is nobody's business.
_OWN_PROXY = "request"


@dataclass(frozen=True, slots=True)
class _Tried:
    """A configuration that serves a share of the requests, under conditions of its own."""

    snapshot: Snapshot
    conditions: Conditions
    resolver: Resolver
    share: float


class Gateway:
    """Serves requests by the configuration it was last given. Clocks, dice and sleep are injected for
    tests: `clock` is monotonic, `local` the wall time that the file's conditions see."""

    def __init__(
        self,
        first: Plan,
        *,
        clock: Callable[[], float] = time.monotonic,
        dice: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        local: Callable[[], time.struct_time] = time.localtime,
        bind: Callable[..., Adapter] = bind,
        store: Store | None = None,
        generation: int = 1,
    ) -> None:
        self._clock = clock
        store = store or MemoryStore()
        self._conversations = Conversations(store)
        self._cache = Cache(clock)
        self._lanes = Lanes()
        self.responses = Responses(store)
        self.health = Health(clock, dice)
        self._dice = dice
        self._local = local
        self._conditions = Conditions(
            health=self.health,
            retries=Budget(clock, at_least=RETRIES_AT_LEAST),
            hedges=Budget(clock, at_least=1),
            random=dice,
            sleep=sleep,
        )
        self.media = MediaStore(first.media)
        self._pictures = Pictures(self.media, Guard())
        self._pools = Pools()
        self._bind = bind
        self.snapshot = Snapshot(first, self._pools, generation, bind=bind)
        self._resolving = Resolver(self.snapshot.table, self.health, dice, local)
        self._generations = generation
        self._staged: Snapshot | None = None
        self._tried: _Tried | None = None

    @classmethod
    def from_file(cls, path: str | Path) -> "Gateway":
        """A gateway for a g4f.yaml and this process's environment. Raises ConfigError. Contacts nobody."""
        settings, environ = from_environment(), environment()
        return cls(plan(load(Path(path), environ=environ, settings=settings), environ, settings))

    def lane(self, request: Request) -> Lane | None:
        """The way of a chat of OpenAI's dialect without a task; None where the request, or how it is to be answered, is
        not plain, or was not worked out by an earlier request."""
        snapshot = self.snapshot
        if self._tried is not None or snapshot.table.caches or not request.is_plain:
            return None
        lane = self._lanes.find(request.model, snapshot)
        if lane is None:
            settled = self._resolver(snapshot).settled(request.model)
            lane = self._lanes.make(request.model, snapshot, self.health, settled)
        if lane is not None:
            self._conditions.requested()
        return lane

    def answer(
        self,
        request: Request,
        journey: Journey | None = None,
        *,
        caller: str = "",
        flight: Flight | None = None,
    ) -> Awaitable[Answer]:
        """Answer a request. The caller closes the answer. What is tried is noted in `journey` as it happens. `caller`
        is the name of the key that asks, to which its conversations belong. `flight` is what was begun already.

        Raises ModelNotFoundError and ProviderNotFoundError without contacting anybody, ProviderNotWorkingError when
        nothing can be tried, ForbiddenError for a proxy that the file does not allow, and ExhaustedError when all that
        was tried failed.
        """
        if flight is not None:
            return self._answer(request, journey or Journey(), Answer, flight)
        if request.links is not None:
            return self._answer_and_deliver(request, journey or Journey())
        if request.conversation is None and request.dialect is not Dialect.OPENAI_RESPONSES:
            if self.snapshot.table.caches:
                return self._answer_by_cache(request, journey or Journey(), caller)
            return self._answer(request, journey or Journey(), Answer)
        return self._answer_and_keep(request, journey or Journey(), caller)

    async def _answer_and_deliver(self, request: Request, journey: Journey) -> Answer:
        """Answer with images, in the form that was asked for."""
        answer = await self._answer(request, journey, Answer)
        try:
            if answer.completion is not None:
                row = self.snapshot.providers.get(answer.target.provider)
                trusted = row.base_url if row else None
                answer.completion = await self._pictures.deliver(answer.completion, request, trusted=trusted)
        except BaseException:
            await answer.aclose()
            raise
        return answer

    async def _answer_and_keep(self, request: Request, journey: Journey, caller: str) -> Answer:
        limits = self.snapshot.config.conversations
        make: Callable[..., Heard]
        if request.conversation is not None:
            request, make = await self._conversations.begin(request, caller, request.conversation, limits)
        else:
            request, make = await self.responses.begin(request, caller, limits)
        answer = await self._answer(request, journey, make)
        try:
            await answer.hear()
        except BaseException:
            await answer.aclose()
            raise
        return answer

    async def _answer_by_cache(self, request: Request, journey: Journey, caller: str) -> Answer:
        snapshot = self.snapshot
        route = snapshot.table.find(request.model)
        if route is None or route.cache is None or request.proxy is not None or request.files or request.extras:
            return await self._answer(request, journey, Answer)
        place = self._cache.place(request, caller, route.name, route.cache, snapshot.digest)
        kept = await place.found()
        if kept is not None:
            journey.route, journey.generation = route.name, snapshot.generation
            return Replayed(kept, journey, snapshot.generation, self.health)
        with place.coming():
            answer = await self._answer(request, journey, partial(Cached, place=place))
            await answer.hear()
        return answer

    async def _answer(
        self, request: Request, journey: Journey, make: Callable[..., A], flight: Flight | None = None
    ) -> A:
        snapshot, conditions = self.snapshot, self._conditions
        if request.proxy is not None:
            return await self._answer_through(check_proxy(request.proxy, snapshot.config), request, journey, make)
        if flight is None:
            resolver = self._resolver(snapshot)
            if self._tried is not None and self._dice() < self._tried.share:
                snapshot, conditions, resolver = self._tried.snapshot, self._tried.conditions, self._tried.resolver
            resolution = self._resolve(request, resolver)
            snapshot.lease()
        else:
            snapshot, resolution = flight.snapshot, flight.resolution
        try:
            walk = Walk(request, resolution, snapshot, conditions, journey, snapshot.adapters, flight)
            record, body = await walk.run()
        except BaseException:
            await _released(snapshot)
            raise
        return make(record, body, walk.journey, snapshot.generation, conditions.health, snapshot.release)

    async def _answer_through(self, proxy: str, request: Request, journey: Journey, make: Callable[..., A]) -> A:
        """Answer by the same chain through another proxy. What goes through one of a request's own says nothing of the
        providers, and is not booked."""
        snapshot = self.snapshot
        named = proxy in snapshot.config.proxies
        resolution = self._resolve(request, self._resolver(snapshot), proxy if named else _OWN_PROXY)
        conditions = self._conditions if named else replace(self._conditions, health=Health(self._clock, self._dice))
        detour = snapshot.through(proxy)
        snapshot.lease()

        async def release() -> None:
            try:
                if not named:
                    await detour.close()
            finally:
                await _released(snapshot)

        try:
            walk = Walk(request, resolution, snapshot, conditions, journey, detour)
            record, body = await walk.run()
        except BaseException:
            await release()
            raise
        return make(record, body, walk.journey, snapshot.generation, conditions.health, release)

    def _resolve(self, request: Request, resolver: Resolver, proxy: str | None = None) -> Resolution:
        return resolver.resolve(
            request.model,
            provider=request.provider,
            needs=request.needs,
            stream=request.stream,
            proxy=proxy,
            operation=request.operation,
        )

    def with_model(self, request: Request, sees: Callable[[str], bool] = lambda _: True) -> Request:
        """The request with the model that it means; `sees` says which models its caller may use. Raises RequestError
        where it names none and no model is for what it asks."""
        return naming.with_model(request, self.snapshot.table, sees)

    def explain(
        self,
        model: str,
        *,
        provider: Pin = None,
        operation: Operation | None = None,
        needs: frozenset[str] = frozenset(),
    ) -> "Explanation":
        """The chain a request for `model` would walk now, with the reason for everything that is left out. Without an
        `operation` it is a chat, or what the model is for; `needs` are capabilities.

        Raises as `answer` does before it contacts anybody.
        """
        from g4f.gateway.explain import explain

        resolution = self.resolve(model, provider=provider, operation=operation, needs=needs)
        return explain(resolution, self.snapshot, self.health)

    def _resolver(self, snapshot: Snapshot) -> Resolver:
        """The one for a snapshot: it remembers what it resolved."""
        if self._resolving.table is not snapshot.table:
            self._resolving = Resolver(snapshot.table, self.health, self._dice, self._local)
        return self._resolving

    def resolve(
        self,
        model: str,
        *,
        provider: Pin = None,
        operation: Operation | None = None,
        needs: frozenset[str] = frozenset(),
    ) -> Resolution:
        """The targets of a request for `model` now. Raises as `answer` does before it contacts anybody."""
        table = self.snapshot.table
        if operation is None:
            route = table.find(model)
            operation = table.purpose(route) if route else Operation.CHAT
        return self._resolver(self.snapshot).resolve(model, provider=provider, operation=operation, needs=needs)

    def standing(self) -> tuple[int, int]:
        """How many of the providers in use can be tried now, and how many there are."""
        return standing(self.snapshot.table, self.snapshot.adapters, self.health)

    async def provider_models(self, provider: str) -> list[str]:
        """The names of a provider's models, as it gives them itself, now or a moment ago. Raises AttemptFailed,
        TimeoutError or KeyError."""
        snapshot = self.snapshot
        return await snapshot.listings.get(provider, lambda: self._ask_for_models(snapshot, provider))

    @staticmethod
    async def _ask_for_models(snapshot: Snapshot, provider: str) -> list[str]:
        rules = snapshot.table.providers[provider]
        key = rules.keys[0].name if rules.keys else None
        snapshot.lease()
        try:
            async with asyncio.timeout(rules.timeouts.first_token):
                adapter = snapshot.adapters[provider]
                return list(await adapter.models(key=key, connect=rules.timeouts.connect))
        finally:
            await _released(snapshot)

    def connections(self) -> Iterator[tuple[str, int, int]]:
        """Each upstream's origin, and how many direct connections to it are busy and idle."""
        return self._pools.connections()

    def swap(self, new: Plan, *, together_with: Callable[[], None] = lambda: None) -> Snapshot:
        """Serve by a new plan from now on, and return the old snapshot for the caller to retire.

        Everything that can fail happens before the one assignment, `together_with` last: an exception leaves the old
        state as it was and gives back what was taken. No other task sees a state in between.
        """
        with self._pools.all_or_nothing():
            fresh = Snapshot(new, self._pools, self._generations + 1, bind=self._bind)
            together_with()
        self._generations += 1
        return self._replace(fresh)

    def stage(self, new: Plan, generation: int | None = None) -> int:
        """Build what a plan needs, beside what serves; returns its generation, the next unless one is given. Nothing
        else may be staged."""
        generation = generation or self._generations + 1
        self._staged = Snapshot(new, self._pools, generation, bind=self._bind)
        self._generations = generation
        return generation

    def try_out(self, share: float) -> int:
        """Let the staged plan serve this share (0 to 1) of the requests; returns its generation.

        What happens to its targets is not held against those of the plan that serves: it has a health of its own.
        """
        staged = self._ready()
        conditions = replace(self._conditions, health=Health(self._clock, self._dice))
        resolver = Resolver(staged.table, conditions.health, self._dice, self._local)
        self._tried = _Tried(staged, conditions, resolver, share)
        return staged.generation

    def adopt(self, *, together_with: Callable[[], None]) -> Snapshot:
        """Serve by the staged plan from now on, as `swap` does; returns the old snapshot."""
        staged = self._ready()
        together_with()
        self._staged = self._tried = None
        return self._replace(staged)

    async def discard(self) -> None:
        """Forget the staged plan, if there is one; requests that it serves end in peace."""
        staged, self._staged, self._tried = self._staged, None, None
        if staged is not None:
            await staged.retire()

    def _ready(self) -> Snapshot:
        if self._staged is None:
            raise RuntimeError("nothing is staged")
        return self._staged

    def _replace(self, fresh: Snapshot) -> Snapshot:
        old = self.snapshot
        changed = [about for about, identity in old.identities.items() if fresh.identities.get(about) != identity]
        proxies = [proxy for proxy, identity in old.proxies.items() if fresh.proxies.get(proxy) != identity]
        self.snapshot = fresh
        self.media.apply(fresh.media)
        for provider, key in changed:
            self.health.forget(provider, key)
        for proxy in proxies:
            self.health.forget_proxy(proxy)
        return old

    async def close(self) -> None:
        """Close the connections that no request uses any more, and forget the files that were kept for nobody else."""
        await self.discard()
        await self.snapshot.retire()
        await asyncio.to_thread(self.media.close)


async def _released(snapshot: Snapshot) -> None:
    closing = snapshot.release()
    if closing is not None:
        await closing
